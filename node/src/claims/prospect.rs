//! When a family could be claimed, what is missing until then, and what that makes of the windows ahead.

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::framework::Framework;

use super::{Window, evidence};
use crate::outcomes::{Answer, Missing, Verdict};

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
    ///
    /// All of the progress missing, or the employment missing, must come true, and the rest in any case.
    pub fn of(verdict: &Verdict) -> Self {
        if verdict.result.is_some() {
            return Self::Now;
        }
        let (mut rest, mut progress, mut employment) = (Self::Now, None, None);
        for missing in &verdict.missing {
            match missing {
                Missing::Progress { answer, .. } => {
                    progress = Some(progress.unwrap_or(Self::Now).max(Self::by(*answer)));
                }
                Missing::Employment(answer) => employment = Some(Self::by(*answer)),
                Missing::AttendanceFloor(answer) => rest = rest.max(Self::by(*answer)),
                _ => rest = Self::NotForeseen,
            }
        }
        let result = match (progress, employment) {
            (Some(progress), Some(employment)) => progress.min(employment),
            (Some(one), None) | (None, Some(one)) => one,
            // Nothing of the result is missing: only the rest holds it up.
            (None, None) => Self::Now,
        };
        match rest.max(result) {
            // No result, and nothing named that is missing: a framework's empty slot.
            Self::Now => Self::NotForeseen,
            later => later,
        }
    }

    fn by(answer: Answer) -> Self {
        match answer {
            Answer::Met(_) => Self::Now,
            Answer::NotYet { from } => Self::From(from),
            Answer::NotMet { .. } | Answer::NotKnown(_) | Answer::NoLongerApplies => Self::NotForeseen,
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
    verdict.missing.iter().map(|missing| in_words(missing, framework)).collect()
}

fn in_words(missing: &Missing, framework: &Framework) -> String {
    match missing {
        Missing::Problems { present, needed } => format!("{present} of {needed} problems"),
        Missing::DependentChild => "a dependent child".to_owned(),
        Missing::WholeFamilyAssessment => "a completed assessment of the whole family".to_owned(),
        Missing::Plan => "a dated plan".to_owned(),
        Missing::KeyWorker => "a named key worker".to_owned(),
        Missing::ReceivedFrom(borough) => format!("nothing: it is claimed by {borough}, where it came from"),
        Missing::Ended { on } => format!("work ended on {on} for a reason after which there is no result"),
        Missing::AttendanceFloor(answer) => {
            format!("attendance of every child: {}", evidence::in_words(*answer))
        }
        Missing::Progress { problem, indicator, answer } => {
            let label = framework.problem(*problem).map_or("a problem", |problem| problem.label.as_str());
            format!("{label}, {}: {}", indicator.as_str(), evidence::in_words(*answer))
        }
        Missing::Employment(answer) => format!("or continuous employment: {}", evidence::in_words(*answer)),
    }
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
    use tenfold_common::framework::Indicator;

    use super::*;
    use crate::{
        outcomes::{self, Unknown},
        register::{Coverage, FamilyFile, FamilyId, LineId},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn verdict(missing: Vec<Missing>) -> Verdict {
        let file = FamilyFile {
            family: FamilyId("F1".into()),
            line: LineId("L1".into()),
            members: Vec::new(),
            ward: None,
            assessments: Vec::new(),
            sessions: Vec::new(),
            incidents: Vec::new(),
            benefits: Vec::new(),
            jobs: Vec::new(),
            care: Vec::new(),
            episodes: Vec::new(),
            housing: Vec::new(),
            circumstances: Vec::new(),
        };
        let framework = Framework::shipped();
        let mut verdict = outcomes::decide(&file, &Coverage::default(), framework, day("2016-01-10"));
        verdict.missing = missing;
        verdict
    }

    fn progress(answer: Answer) -> Missing {
        Missing::Progress { problem: 1, indicator: Indicator::Offences, answer }
    }

    #[test]
    fn the_prospect_is_the_latest_day_of_the_shorter_way() {
        let from = |text: &str| Answer::NotYet { from: day(text) };
        let unknown = Answer::NotKnown(Unknown::NoReview);
        let table = [
            (
                vec![progress(from("2016-03-01")), progress(from("2016-05-01"))],
                Prospect::From(day("2016-05-01")),
            ),
            (
                vec![progress(from("2016-03-01")), Missing::Employment(Answer::NoLongerApplies)],
                Prospect::From(day("2016-03-01")),
            ),
            (
                vec![progress(unknown), Missing::Employment(from("2016-04-01"))],
                Prospect::From(day("2016-04-01")),
            ),
            (
                vec![Missing::AttendanceFloor(from("2016-07-01")), progress(from("2016-03-01"))],
                Prospect::From(day("2016-07-01")),
            ),
            (vec![progress(unknown), progress(from("2016-03-01"))], Prospect::NotForeseen),
            (vec![Missing::KeyWorker], Prospect::NotForeseen),
            (vec![Missing::Ended { on: day("2016-01-01") }], Prospect::NotForeseen),
            (Vec::new(), Prospect::NotForeseen),
        ];
        for (missing, expected) in table {
            assert_eq!(Prospect::of(&verdict(missing.clone())), expected, "{missing:?}");
        }
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
