//! What must hold of a return before anybody signs it, and what asks for an explanation.

use tenfold_common::statistics::Estimate;

use super::{Amounts, Return, ReturnRow};
use crate::dashboard::Standing;

/// One check of a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, which stays the same.
    pub name: &'static str,
    /// What is checked, in a sentence.
    pub what: &'static str,
    /// How it came out.
    pub outcome: Outcome,
}

/// How a check came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It holds only with an explanation, which is still to be given for what is named.
    Query(Vec<String>),
    /// It does not hold for what is named.
    Fails(Vec<String>),
}

impl Outcome {
    /// The outcome in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Query(_) => "explain",
            Self::Fails(_) => "fails",
        }
    }

    /// What it is about, where it does not simply hold.
    pub fn about(&self) -> &[String] {
        match self {
            Self::Holds => &[],
            Self::Query(about) | Self::Fails(about) => about,
        }
    }
}

/// How many standard errors an amount may lie on the wrong side before noise no longer explains it. An amount
/// that is exactly on the edge is called wrong once in 741 times.
const BEYOND_NOISE: f64 = 3.0;

pub(super) fn checks(of: &Return) -> Vec<Check> {
    vec![
        Check {
            name: "boroughs-accounted-for",
            what: "Every borough has a release for the quarter, or the reason why not is written down.",
            outcome: query(of.boroughs.iter().filter(|row| unexplained(row)).map(named)),
        },
        Check {
            name: "results-add-up",
            what: "Results are progress and employment together, in every row, to date and in the quarter.",
            outcome: fails(
                amounts(of)
                    .filter(|(_, _, amounts)| !adds_up(amounts))
                    .map(placed),
            ),
        },
        Check {
            name: "shown-inside-intervals",
            what: "Every whole number that is written lies inside its 95 % interval.",
            outcome: query(amounts(of).filter(|(_, _, amounts)| !inside(amounts)).map(placed)),
        },
        Check {
            name: "attached-cover-results",
            what: "To date there are at least as many families attached as results, within the noise.",
            outcome: fails(
                of.rows()
                    .filter(|row| row.to_date.is_some_and(|to_date| !covers(&to_date)))
                    .map(named),
            ),
        },
        Check {
            name: "totals-do-not-fall",
            what: "No total to date is lower than a quarter earlier, within the noise.",
            outcome: fails(
                amounts(of)
                    .filter(|(_, when, amounts)| *when == IN_QUARTER && falls(amounts))
                    .map(placed),
            ),
        },
        Check {
            name: "region-is-the-sum",
            what: "The region's figures are the sum of the boroughs' unrounded figures.",
            outcome: if sums(of) {
                Outcome::Holds
            } else {
                Outcome::Fails(vec![named(&of.region)])
            },
        },
    ]
}

const IN_QUARTER: &str = "in the quarter";

type Placed<'a> = (&'a ReturnRow, &'static str, Amounts);

fn amounts(of: &Return) -> impl Iterator<Item = Placed<'_>> {
    of.rows().flat_map(|row| {
        let placed = |amounts: Option<Amounts>, when| amounts.map(|amounts| (row, when, amounts));
        [placed(row.to_date, "to date"), placed(row.in_quarter, IN_QUARTER)]
            .into_iter()
            .flatten()
    })
}

fn named(row: &ReturnRow) -> String {
    row.area.name().to_owned()
}

fn placed((row, when, _): Placed<'_>) -> String {
    format!("{}, {when}", row.area.name())
}

fn query(about: impl Iterator<Item = String>) -> Outcome {
    let about: Vec<String> = about.collect();
    if about.is_empty() {
        Outcome::Holds
    } else {
        Outcome::Query(about)
    }
}

fn fails(about: impl Iterator<Item = String>) -> Outcome {
    let about: Vec<String> = about.collect();
    if about.is_empty() {
        Outcome::Holds
    } else {
        Outcome::Fails(about)
    }
}

fn unexplained(row: &ReturnRow) -> bool {
    let absent = matches!(row.standing, Some(Standing::Missing | Standing::Awaited));
    absent && row.explanation.as_ref().is_none_or(|text| text.trim().is_empty())
}

fn adds_up(amounts: &Amounts) -> bool {
    let Amounts {
        results,
        progress,
        employment,
        ..
    } = amounts;
    let shown = amounts.shown();
    let exact =
        (results.value - progress.value - employment.value).abs() < 1e-6 * (1.0 + results.value.abs());
    exact && shown.results == shown.progress + shown.employment
}

fn inside(amounts: &Amounts) -> bool {
    let shown = amounts.shown();
    let parts = [
        (shown.attached, &amounts.attached),
        (shown.results, &amounts.results),
        (shown.progress, &amounts.progress),
        (shown.employment, &amounts.employment),
    ];
    parts.into_iter().all(|(value, estimate)| {
        // Adding up may move a whole number by one; the interval's ends are whole numbers themselves.
        let shown = estimate.display();
        shown.low - 1.0 <= value && value <= shown.high + 1.0
    })
}

fn covers(amounts: &Amounts) -> bool {
    let difference = Estimate {
        value: amounts.attached.value - amounts.results.value,
        // The streams draw their noise independently.
        variance: amounts.attached.variance + amounts.results.variance,
    };
    difference.value >= -BEYOND_NOISE * difference.standard_error()
}

fn falls(amounts: &Amounts) -> bool {
    [
        amounts.attached,
        amounts.results,
        amounts.progress,
        amounts.employment,
    ]
    .iter()
    .any(|amount| amount.value < -BEYOND_NOISE * amount.standard_error())
}

fn sums(of: &Return) -> bool {
    let all = |pick: fn(&ReturnRow) -> Option<Amounts>| {
        let parts: Vec<Amounts> = of.boroughs.iter().filter_map(pick).collect();
        let sum = |one: fn(&Amounts) -> Estimate| Estimate::sum(parts.iter().map(one)).value;
        let whole = pick(&of.region);
        let same = |one: fn(&Amounts) -> Estimate| {
            let region = whole.as_ref().map_or(0.0, |whole| one(whole).value);
            (region - sum(one)).abs() < 1e-6 * (1.0 + region.abs())
        };
        same(|a| a.attached) && same(|a| a.results) && same(|a| a.progress) && same(|a| a.employment)
    };
    all(|row| row.to_date) && all(|row| row.in_quarter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(attached: f64, results: f64, progress: f64) -> Amounts {
        let of = |value| Estimate {
            value,
            variance: 25.0,
        };
        Amounts {
            attached: of(attached),
            results: of(results),
            progress: of(progress),
            employment: of(results - progress),
        }
    }

    #[test]
    fn whole_numbers_add_up_also_where_noise_goes_below_zero() {
        let shown = amounts(200.0, 100.4, 108.6).shown();
        // Employment is −8.2 ± 9.8: shown as 0, with an interval from 0 to 2.
        assert_eq!(
            (shown.results, shown.progress, shown.employment),
            (100.0, 100.0, 0.0)
        );
        assert!(adds_up(&amounts(200.0, 100.4, 90.3)));
        let mut off = amounts(200.0, 100.0, 90.0);
        off.employment.value += 1.0;
        assert!(!adds_up(&off));
    }

    #[test]
    fn results_may_pass_attachments_by_no_more_than_noise() {
        assert!(covers(&amounts(100.0, 121.0, 90.0)));
        assert!(!covers(&amounts(100.0, 121.4, 90.0)));
        assert!(!falls(&amounts(-14.0, 5.0, 4.0)));
        assert!(falls(&amounts(-15.1, 5.0, 4.0)));
    }
}
