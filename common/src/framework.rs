//! Outcomes frameworks read whole, or refused with every fault named: problems, criteria, windows, money.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;
use serde::Deserialize;

/// A value with its source, and whether that source states it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Whether the source states it; otherwise it is a local setting that the borough confirms.
    pub confirmed: bool,
    /// The source.
    pub source: String,
}

/// An outcomes framework: a phase's rules as dated data.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    name: String,
    title: String,
    #[serde(deserialize_with = "day")]
    valid_from: NaiveDate,
    #[serde(deserialize_with = "day")]
    valid_to: NaiveDate,
    /// Who is eligible.
    pub eligibility: Eligibility,
    /// What makes a family attached.
    pub attachment: Attachment,
    /// What every claim needs of school attendance.
    pub attendance_floor: AttendanceFloor,
    /// The employment route.
    pub employment: Employment,
    /// What is paid.
    pub money: Money,
    problems: Vec<Problem>,
}

/// Who is eligible.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    /// The least number of headline problems.
    pub least_problems: Sourced<usize>,
    /// A dependent child is below this age.
    pub dependent_child_below_age: Sourced<u32>,
}

/// What makes an eligible family attached.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// A completed assessment of the whole family.
    pub whole_family_assessment: Sourced<bool>,
    /// A plan.
    pub plan: Sourced<bool>,
    /// A named key worker.
    pub key_worker: Sourced<bool>,
}

/// What every claim needs of school attendance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceFloor {
    /// The least attendance in percent.
    pub least_percent: Sourced<u32>,
    /// Over this many consecutive terms.
    pub terms: Sourced<usize>,
    /// Children from this age.
    pub school_age_from: Sourced<u32>,
    /// Children below this age.
    pub school_age_below: Sourced<u32>,
}

/// The employment route.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Employment {
    /// Weeks of continuous employment.
    pub weeks: Sourced<u32>,
}

/// What is paid, in pence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// For each family attached.
    pub attachment_pence: Sourced<u64>,
    /// For each result.
    pub result_pence: Sourced<u64>,
}

/// A headline problem and what counts as progress on it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Its number, from 1.
    pub number: u8,
    /// Its short name in policies and tables.
    pub label: String,
    /// Its name for readers.
    pub title: String,
    /// Where the programme names it.
    pub source: String,
    /// How far back an indicator makes it present, in months before the assessment.
    pub presence_months: Sourced<u32>,
    /// What counts as progress.
    pub progress: Progress,
    /// For how many months it must hold.
    pub progress_months: Sourced<u32>,
}

/// What counts as progress on a problem.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Progress {
    /// None of these incidents by anyone of the family.
    NoIncidents {
        /// `offence`, `anti-social-behaviour` or `domestic-abuse`.
        incidents: BTreeSet<IncidentWord>,
    },
    /// The attendance floor, by every school-age child.
    Attendance,
    /// No child in need, on a protection plan or looked after.
    NoSocialCare,
    /// No adult on an out-of-work benefit.
    NoOutOfWorkBenefit,
    /// A review, at least as long after the assessment, that finds the need met.
    NeedMetAtReview,
}

/// An incident's kind as frameworks name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentWord {
    /// A proven offence.
    Offence,
    /// Anti-social behaviour.
    AntiSocialBehaviour,
    /// A domestic-abuse incident.
    DomesticAbuse,
}

/// Every fault of a framework file.
#[derive(Debug, PartialEq, Eq)]
pub struct FrameworkFaults(pub Vec<String>);

impl fmt::Display for FrameworkFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the framework cannot be used: {}", self.0.join("; "))
    }
}

impl std::error::Error for FrameworkFaults {}

impl Framework {
    /// Reads a framework and refuses it with every fault named.
    ///
    /// # Errors
    /// All faults at once.
    pub fn from_toml(text: &str) -> Result<Self, FrameworkFaults> {
        let framework: Self =
            toml::from_str(text).map_err(|error| FrameworkFaults(vec![error.message().to_owned()]))?;
        let faults = framework.faults();
        if faults.is_empty() { Ok(framework) } else { Err(FrameworkFaults(faults)) }
    }

    /// The expanded programme's framework of 2015, as shipped.
    pub fn shipped() -> Self {
        Self::from_toml(include_str!("../../config/frameworks/expanded-2015.toml"))
            .expect("the shipped framework is read by a test")
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.valid_from > self.valid_to {
            faults.push(format!("it ends on {} before it begins on {}", self.valid_to, self.valid_from));
        }
        for (at, problem) in self.problems.iter().enumerate() {
            if usize::from(problem.number) != at + 1 {
                faults.push(format!("problem {} stands where number {} was expected", problem.number, at + 1));
            }
            if self.problems[..at].iter().any(|other| other.label == problem.label) {
                faults.push(format!("the label {:?} stands twice", problem.label));
            }
            let lasting = !matches!(problem.progress, Progress::Attendance);
            if lasting && problem.progress_months.value == 0 {
                faults.push(format!("problem {} has a window of 0 months, expected at least 1", problem.number));
            }
            if let Progress::NoIncidents { incidents } = &problem.progress
                && incidents.is_empty()
            {
                faults.push(format!("problem {} names no incidents", problem.number));
            }
        }
        let least = self.eligibility.least_problems.value;
        if !(1..=self.problems.len()).contains(&least) {
            faults.push(format!("{least} problems make a family eligible, expected 1 to {}", self.problems.len()));
        }
        if !(1..=100).contains(&self.attendance_floor.least_percent.value) {
            faults.push("the attendance floor is not between 1 and 100 %".to_owned());
        }
        if self.attendance_floor.terms.value == 0 {
            faults.push("the attendance floor spans 0 terms, expected at least 1".to_owned());
        }
        if self.attendance_floor.school_age_from.value >= self.attendance_floor.school_age_below.value {
            faults.push("school age ends before it begins".to_owned());
        }
        if self.employment.weeks.value == 0 {
            faults.push("the employment route asks 0 weeks, expected at least 1".to_owned());
        }
        faults
    }

    /// Its name, such as `expanded-2015`: stands in policies and releases.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name for readers.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The headline problems, in order.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problem with a number.
    pub fn problem(&self, number: u8) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.number == number)
    }

    /// The problems' short names, in order: the label set of policies.
    pub fn problem_labels(&self) -> Vec<String> {
        self.problems.iter().map(|problem| problem.label.clone()).collect()
    }
}

fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?;
    date.to_string().parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../config/frameworks/expanded-2015.toml");

    #[test]
    fn the_shipped_framework_is_the_programmes() {
        let framework = Framework::shipped();
        assert_eq!(framework.problem_labels().len(), 6);
        assert_eq!(framework.eligibility.least_problems.value, 2);
        assert_eq!(framework.money.attachment_pence.value, 100_000);
        assert!(!framework.employment.weeks.confirmed);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let broken = SHIPPED
            .replace("number = 3", "number = 9")
            .replace("label = \"health\"", "label = \"school\"")
            .replace("least_problems = { value = 2", "least_problems = { value = 7")
            .replace("least_percent = { value = 90", "least_percent = { value = 900");
        let FrameworkFaults(faults) = Framework::from_toml(&broken).unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
        let unknown = SHIPPED.replace("rule = \"attendance\"", "rule = \"astrology\"");
        assert!(Framework::from_toml(&unknown).is_err());
    }
}
