//! Which days of a quarter each source's loads cover: silence on the others means nothing.

use serde::Serialize;
use tenfold_common::calendar::Quarter;

use crate::register::Days;

/// How much of a quarter a source covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceCoverage {
    /// The kind of source.
    pub source: String,
    /// Days of the quarter.
    pub days: i64,
    /// Of these, days that a load covers.
    pub covered: i64,
    /// The days that none covers.
    pub missing: Vec<Days>,
}

impl SourceCoverage {
    /// Coverage of a quarter by a source's days, which are in order and do not touch.
    pub fn of(source: &str, quarter: Quarter, covered: &[Days]) -> Self {
        let (first, last) = (quarter.first_day(), quarter.last_day());
        let (mut missing, mut open) = (Vec::new(), Some(first));
        for span in covered.iter().filter(|span| span.to >= first && span.from <= last) {
            let Some(from) = open else { break };
            if let Some(to) = span.from.pred_opt().filter(|to| *to >= from) {
                missing.push(Days { from, to });
            }
            open = span.to.succ_opt().filter(|next| *next <= last);
        }
        if let Some(from) = open {
            missing.push(Days { from, to: last });
        }
        let length = |days: &Days| (days.to - days.from).num_days() + 1;
        let days = length(&Days { from: first, to: last });
        let uncovered: i64 = missing.iter().map(length).sum();
        Self { source: source.to_owned(), days, covered: days - uncovered, missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn what_no_load_covers_is_named_to_the_day() {
        let quarter: Quarter = "2015-Q2".parse().unwrap();
        let of = |covered: &[Days]| {
            let coverage = SourceCoverage::of("police", quarter, covered);
            (coverage.covered, coverage.missing)
        };
        let (first, last) = (quarter.first_day(), quarter.last_day());
        let whole = Days { from: first, to: last };
        assert_eq!(of(&[]), (0, vec![whole]));
        assert_eq!(of(&[whole]), (91, vec![]));
        assert_eq!(of(&[days("2014-01-01", "2016-01-01")]), (91, vec![]));
        assert_eq!(of(&[days("2014-01-01", "2014-12-31")]), (0, vec![whole]));
        let gaps = of(&[days("2015-01-01", "2015-04-30"), days("2015-06-01", "2015-06-29")]);
        assert_eq!(gaps, (59, vec![days("2015-05-01", "2015-05-31"), days("2015-06-30", "2015-06-30")]));
        assert_eq!(of(&[days("2015-04-02", "2015-07-09")]), (90, vec![days("2015-04-01", "2015-04-01")]));
    }
}
