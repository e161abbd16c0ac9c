//! Outcomes frameworks: a phase's rules as dated data, read whole or refused with every fault named.
//!
//! Each rule says where it comes from and whether it was read there. What a framework does not
//! say can never yield a result: an empty list of criteria is no criterion met. A borough's plan
//! fills such slots and sets what the programme left to it.

mod check;
mod document;
mod edition;
mod fault;
mod listing;
mod mapping;
mod plan;
mod reading;
mod rules;
mod shipped;
mod words;

use std::cell::RefCell;

pub use edition::Edition;
pub use fault::{FrameworkFault, FrameworkFaults};
pub use listing::Rule;
pub use mapping::Mapping;
pub use rules::{
    Addition, Attachment, Attendance, Audit, ClaimWindows, Confirmation, Criterion, DependentChild,
    Eligibility, Employment, Floor, Freshness, Money, PaidShare, Problem, Provenance, ResultTypes, SchoolAge,
    Sign, TermCalendar, Validity, Window,
};
pub use words::{Comparison, Counted, Indicator, ResultKind};

use reading::Table;

/// The rules of one phase of the programme; made by reading only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Framework {
    /// Its name, such as `expanded-2015`; with a borough's plan `expanded-2015+PLAN`.
    pub name: String,
    /// What readers call it.
    pub title: String,
    /// When it holds.
    pub valid: Validity,
    /// The headline problems in the order of their numbers.
    pub problems: Vec<Problem>,
    /// Who is eligible.
    pub eligibility: Eligibility,
    /// What *attached* needs besides.
    pub attachment: Attachment,
    /// Which results there are.
    pub results: ResultTypes,
    /// The attendance a claim needs.
    pub attendance: Attendance,
    /// What continuous employment is; `None` where it is no result.
    pub employment: Option<Employment>,
    /// How fresh a source's coverage must be.
    pub freshness: Freshness,
    /// What is paid, by rising date.
    pub money: Vec<Money>,
    /// What is paid beside a result.
    pub additions: Vec<Addition>,
    /// When claims are taken, where that is known.
    pub claim_windows: Option<ClaimWindows>,
    /// How claims are audited before they are submitted.
    pub audit: Audit,
}

impl Framework {
    /// Reads a framework.
    ///
    /// # Errors
    /// Every fault at once: keys, words, ranges, repetitions, contradictions.
    pub fn from_toml(text: &str) -> Result<Self, FrameworkFaults> {
        Self::from_table(&parse(text)?)
    }

    fn from_table(values: &toml::Table) -> Result<Self, FrameworkFaults> {
        let faults = RefCell::default();
        let framework = document::read(Table::top(values, &faults));
        let mut faults = faults.into_inner();
        check::check(&framework, &mut faults);
        if faults.is_empty() { Ok(framework) } else { Err(FrameworkFaults { faults }) }
    }

    /// The short labels of the headline problems, in the order of their numbers.
    pub fn problem_labels(&self) -> Vec<String> {
        self.problems.iter().map(|problem| problem.label.clone()).collect()
    }

    /// The problem with a number.
    pub fn problem(&self, number: u8) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.number == number)
    }

    /// The name without a borough's plan.
    pub fn base_name(&self) -> &str {
        self.name.split('+').next().unwrap_or(&self.name)
    }

    /// The problems that show no sign or yield no progress until a borough's plan fills them.
    pub fn empty_slots(&self) -> Vec<&Problem> {
        let asked = |problem: &&Problem| self.results.asks_about(problem.number);
        let empty =
            |problem: &&Problem| problem.signs.is_empty() || asked(problem) && problem.progress.is_empty();
        self.problems.iter().filter(empty).collect()
    }
}

fn parse(text: &str) -> Result<toml::Table, FrameworkFaults> {
    text.parse().map_err(|error: toml::de::Error| FrameworkFaults {
        faults: vec![FrameworkFault::NotToml { reason: error.to_string().trim_end().to_owned() }],
    })
}

#[cfg(test)]
mod tests;
