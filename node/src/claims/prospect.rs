//! When a family could be claimed, what is missing until then, and what that makes of the windows ahead.

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::framework::Framework;

use super::Window;
use crate::outcomes::Verdict;

/// When a family could be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "when", content = "from")]
pub enum Prospect {
    /// On the verdict's day.
    Now,
    /// From this day on, if nothing happens in between.
    From(NaiveDate),
    /// Something is missing that no day brings by itself.
    NotForeseen,
}

impl Prospect {
    /// The prospect of a family by its verdict.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict.claimable_from() {
            Some(_) if verdict.result.is_some() => Self::Now,
            Some(day) => Self::From(day),
            None => Self::NotForeseen,
        }
    }

    /// Whether the family could be claimed by a day, seen from `today`.
    pub fn by_day(self, today: NaiveDate, day: NaiveDate) -> bool {
        match self {
            Self::Now => today <= day,
            Self::From(from) => from <= day,
            Self::NotForeseen => false,
        }
    }

    /// In words.
    pub fn in_words(self) -> String {
        match self {
            Self::Now => "now".to_owned(),
            Self::From(day) => format!("from {day}"),
            Self::NotForeseen => "not foreseen".to_owned(),
        }
    }
}

/// What is missing, in words.
pub fn missing(verdict: &Verdict, framework: &Framework) -> Vec<String> {
    verdict.missing.iter().map(|missing| missing.words(framework)).collect()
}

/// What a window can be expected to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The window's name.
    pub window: String,
    /// Its last day.
    pub last_day: NaiveDate,
    /// Live claims it has already.
    pub claimed: u32,
    /// Attached families without a claim that could be claimed by its last day and by no earlier window's.
    pub foreseen: u32,
    /// The borough's target, where there is one.
    pub target: Option<u32>,
    /// What is short of the target.
    pub short: Option<u32>,
}

/// The forecast of every window: each family is foreseen once, in the first window that can take it.
///
/// `claimed` has the live claims of each window in the same order; windows over before `today` foresee nothing.
pub fn forecast(
    windows: &[Window],
    claimed: &[u32],
    prospects: &[Prospect],
    today: NaiveDate,
) -> Vec<Forecast> {
    let mut order: Vec<usize> = (0..windows.len()).collect();
    order.sort_by_key(|&at| (windows[at].last_day, windows[at].id));
    let mut left: Vec<Prospect> = prospects.to_vec();
    let mut forecasts = Vec::new();
    for at in order {
        let window = &windows[at];
        let before = left.len();
        left.retain(|prospect| !prospect.by_day(today, window.last_day) || window.last_day < today);
        let foreseen = u32::try_from(before - left.len()).unwrap_or(u32::MAX);
        let claimed = claimed.get(at).copied().unwrap_or(0);
        forecasts.push(Forecast {
            window: window.name.clone(),
            last_day: window.last_day,
            claimed,
            foreseen,
            target: window.target,
            short: window.target.map(|target| target.saturating_sub(claimed + foreseen)),
        });
    }
    forecasts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_family_is_foreseen_in_one_window() {
        let window = |id, last: &str, target| Window {
            id,
            name: format!("W{id}"),
            first_day: day("2015-01-01"),
            last_day: day(last),
            programme: "p".into(),
            framework: "f".into(),
            target,
        };
        let windows = [
            window(1, "2016-06-30", Some(3)),
            window(2, "2016-03-31", None),
            window(3, "2015-12-31", Some(9)),
        ];
        let prospects = [
            Prospect::Now,
            Prospect::From(day("2016-03-31")),
            Prospect::From(day("2016-04-01")),
            Prospect::From(day("2017-01-01")),
            Prospect::NotForeseen,
        ];
        let made = forecast(&windows, &[1, 0, 4], &prospects, day("2016-01-10"));
        let told: Vec<_> = made.iter().map(|f| (f.window.as_str(), f.claimed, f.foreseen, f.short)).collect();
        assert_eq!(told, [("W3", 4, 0, Some(5)), ("W2", 0, 2, None), ("W1", 1, 1, Some(1))]);
    }
}
