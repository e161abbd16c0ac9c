//! What one more table costs, and what a correction costs now against waiting a quarter.

use std::ops::Range;

use serde::Serialize;

use super::{Area, ExpectedError, PlanError, expected_errors, replanned};
use crate::privacy::{
    ByCadence, Every, LabelKind, LabelSet, Policy, PolicyError, Rho, RhoError, StreamPolicy,
};

/// What one more table would cost.
#[derive(Clone, Debug, Serialize)]
pub struct TableCost {
    /// The stream.
    pub stream: String,
    /// Its share now.
    pub share: Rho,
    /// The share at which no figure that is published now gets worse.
    pub share_to_keep: Rho,
    /// Every figure's error at the same share: without the table (nothing where it is new), and with it.
    pub errors: Vec<(Option<ExpectedError>, ExpectedError)>,
}

/// What one more table of a stream costs: `attached:referral:5:one:by-place` adds a set of 5 labels of which
/// each family has exactly one, by place too; `many` and no `by-place` are what is meant where nothing is said.
///
/// # Errors
/// Where the text describes no table, or the stream is not there.
pub fn cost_of_table(policy: &Policy, area: Area, text: &str) -> Result<TableCost, PlanError> {
    let (name, set) = described(text)?;
    let timing = policy.timing();
    let mut more = policy.clone();
    let stream = more
        .streams
        .iter_mut()
        .find(|stream| stream.name == name)
        .ok_or_else(|| PolicyError::Absent { what: "stream", name: name.clone() })?;
    if stream.label_sets.iter().any(|known| known.name == set.name) {
        return Err(PolicyError::Twice { what: "label set", name: set.name }.into());
    }
    let share = stream.share;
    stream.label_sets.push(set);
    *stream = replanned(stream, share, &timing);
    let of_stream = |policy: &Policy| -> Result<Vec<ExpectedError>, PlanError> {
        let errors = expected_errors(policy, area)?.into_iter();
        Ok(errors.filter(|error| error.figure.stream == name).collect())
    };
    let before = of_stream(policy)?;
    let mut worst = 1.0_f64;
    let errors = of_stream(&more)?
        .into_iter()
        .map(|with| {
            let without = before.iter().find(|known| known.figure == with.figure).cloned();
            if let Some(without) = &without {
                worst = worst.max(with.standard_error / without.standard_error);
            }
            (without, with)
        })
        .collect();
    let share_to_keep = Rho::from_nano((share.nano() as f64 * worst * worst).ceil() as u64);
    Ok(TableCost { stream: name, share, share_to_keep, errors })
}

fn described(text: &str) -> Result<(String, LabelSet), PlanError> {
    let refuse = || PlanError::NotATable { text: text.to_owned() };
    let mut parts = text.split(':');
    let (Some(stream), Some(name), Some(labels)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(refuse());
    };
    let labels: usize = labels.parse().map_err(|_| refuse())?;
    let (mut kind, mut by_place) = (LabelKind::Many, false);
    for part in parts {
        match part {
            "many" => kind = LabelKind::Many,
            "one" => kind = LabelKind::One,
            "by-place" => by_place = true,
            _ => return Err(refuse()),
        }
    }
    let least = if kind == LabelKind::One { 2 } else { 1 };
    if name.is_empty() || !(least..=100).contains(&labels) {
        return Err(refuse());
    }
    let labels = (1..=labels).map(|label| format!("label {label}")).collect();
    Ok((stream.to_owned(), LabelSet { name: name.to_owned(), kind, labels, by_place }))
}

/// One way to correct what was released, and what it costs every family line on top of the policy's charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// What is done.
    pub way: &'static str,
    /// What it costs on top, exactly rounded up; the sum over streams.
    pub extra: Rho,
    /// Whether Tenfold does it. What it does not do is here so that its price is known.
    pub offered: bool,
}

/// What it costs to correct a quarter (from 0) that was released in a borough of so many places.
///
/// # Privacy
/// A second draw of y_t costs each line C[t][s]²·L2²/2σ² again, whatever changed: the first draw has been seen.
/// A line that is counted in quarter s and taken back in s + 1 moves y_u by (C[u][s] − C[u][s+1])·L2. In groups that
/// are released once a year the same holds of years: two quarters of one year cancel there.
///
/// # Errors
/// Where no quarter follows, or the policy has no scales for the number of places.
pub fn cost_of_correction(
    policy: &Policy,
    places: usize,
    quarter: usize,
) -> Result<Vec<Correction>, PlanError> {
    let size = policy.time_matrix.size();
    if quarter + 1 >= size {
        return Err(PlanError::NoLaterQuarter { index: quarter + 1, size });
    }
    let years = policy.years();
    let year_of = |quarter: usize| years.counted(&[]).iter().position(|year| year.contains(&quarter));
    let square = |every, t: usize, s: usize| u64::from(policy.matrix(every).rows()[t][s]).pow(2);
    // What drawing these rows again costs a line of column s.
    let again = |every, rows: Range<usize>, s: usize| -> u64 {
        rows.filter(|&t| t >= s).map(|t| square(every, t, s)).sum()
    };
    let redrawn = |first: usize| {
        let ended = (first..=quarter).filter_map(|quarter| years.ended_by(quarter));
        let of_years = ended.clone().min().unwrap_or(0)..ended.max().map_or(0, |last| last + 1);
        dearest(
            policy,
            places,
            (0..=quarter).map(|s| {
                let year = year_of(s).filter(|_| policy.releases_by_year());
                let yearly = year.map_or(0, |year| again(Every::Year, of_years.clone(), year));
                ByCadence { quarter: again(Every::Quarter, first..quarter + 1, s), year: yearly }
            }),
        )
    };
    // A line that is counted in column s and taken back in the next.
    let both = |every, s: usize| -> u64 {
        let matrix = policy.matrix(every);
        let rows = matrix.rows();
        let later = (s + 1..matrix.size()).map(|t| u64::from(rows[t][s].abs_diff(rows[t][s + 1])).pow(2));
        square(every, s, s) + later.sum::<u64>()
    };
    let taken_back = dearest(
        policy,
        places,
        (0..size - 1).map(|s| {
            let next = year_of(s).filter(|_| policy.releases_by_year() && year_of(s) != year_of(s + 1));
            ByCadence {
                quarter: both(Every::Quarter, s),
                year: next.map_or(0, |year| both(Every::Year, year)),
            }
        }),
    )?;
    let charged = sum(policy, places, policy.column_sums())?;
    let extra = taken_back.checked_sub(charged).unwrap_or(Rho::ZERO);
    Ok(vec![
        Correction {
            way: "wait: what was recorded late is counted in the next quarter",
            extra: Rho::ZERO,
            offered: true,
        },
        Correction { way: "release this quarter again", extra: redrawn(quarter)?, offered: false },
        Correction {
            way: "release the last four quarters again",
            extra: redrawn(quarter.saturating_sub(3))?,
            offered: false,
        },
        Correction {
            way: "wait: take events back in the next quarter, in the same stream",
            extra,
            offered: false,
        },
    ])
}

/// The dearest of several columns: what it costs all streams together.
fn dearest(
    policy: &Policy,
    places: usize,
    columns: impl Iterator<Item = ByCadence<u64>>,
) -> Result<Rho, PlanError> {
    columns.map(|steps| sum(policy, places, steps)).try_fold(Rho::ZERO, |most, cost| Ok(most.max(cost?)))
}

/// Σ over streams and groups of ⌈10⁹·L2²·steps/2σ²⌉, with the steps of each group's cadence.
fn sum(policy: &Policy, places: usize, steps: ByCadence<u64>) -> Result<Rho, PlanError> {
    let mut sum = Rho::ZERO;
    for stream in &policy.streams {
        for (group, &sigma) in stream.shape(places).groups().iter().zip(stream.scales(places)?) {
            let of_group = Rho::of_group(group.l2_squared, steps.of(group.every), sigma)
                .map_err(|source| PolicyError::Rho { stream: stream.name.clone(), source })?;
            sum = sum.checked_add(of_group).ok_or_else(|| out_of_range(stream))?;
        }
    }
    Ok(sum)
}

fn out_of_range(stream: &StreamPolicy) -> PolicyError {
    PolicyError::Rho { stream: stream.name.clone(), source: RhoError::OutOfRange }
}
