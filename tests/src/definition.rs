//! What a release says before noise, written down from the definition and not by the program's own sums.

use chrono::Datelike;
use tenfold_common::privacy::{Every, Policy};

/// The weight of each quarter's table, from the horizon's first to this one, in what groups of a cadence say in a
/// quarter; nothing where they say nothing in it. Void quarters have weight zero.
///
/// A year ends with March, with the opening position and with the horizon; what was recorded in a year whose last
/// quarter is void is counted with the next.
pub fn weights(policy: &Policy, every: Every, quarter: usize, void: &[usize]) -> Option<Vec<i64>> {
    let size = policy.time_matrix.size();
    let ends = |at: usize| {
        let march = policy.first_quarter.plus(at as i32).last_day().month() == 3;
        march || at + 1 == size || (at == 0 && policy.opening)
    };
    let row = |at: usize| match every {
        Every::Quarter => at,
        Every::Year => (0..at).filter(|&earlier| ends(earlier)).count(),
    };
    let entered = |at: usize| match every {
        Every::Quarter => Some(at),
        Every::Year => (at..=quarter).find(|&end| ends(end) && !void.contains(&end)),
    };
    if every == Every::Year && !ends(quarter) {
        return None;
    }
    let entries = &policy.matrix(every).rows()[row(quarter)];
    let weight = |at: usize| match entered(at) {
        Some(end) if !void.contains(&at) => i64::from(entries[row(end)]),
        _ => 0,
    };
    Some((0..=quarter).map(weight).collect())
}
