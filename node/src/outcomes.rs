//! Eligibility, attachment, progress and results: verdicts with reasons, from a family file and a framework.
//!
//! A verdict is a pure function of one family's records, what each source covers, the framework and the day.
//! Silence is progress only where a source covers the whole window; missing is not zero.

mod attendance;
mod progress;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::{
    calendar::minus_months,
    framework::{Framework, IncidentWord, Problem, Progress},
};

use crate::register::{Assessment, AssessmentKind, Coverage, Days, FamilyFile, IncidentKind, ProblemNumber};

/// How a question about a family was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "answer")]
pub enum Answer {
    /// Yes, as the records show.
    Met {
        /// What shows it.
        because: String,
    },
    /// No, as the records show.
    NotMet {
        /// What shows it.
        because: String,
    },
    /// Not before a day.
    NotYet {
        /// The first day on which it could be.
        from: NaiveDate,
    },
    /// The records do not tell.
    NotKnown {
        /// What is missing.
        missing: String,
    },
}

impl Answer {
    /// Whether the answer is yes.
    pub fn is_met(&self) -> bool {
        matches!(self, Self::Met { .. })
    }

    fn met(because: impl Into<String>) -> Self {
        Self::Met { because: because.into() }
    }

    fn not_met(because: impl Into<String>) -> Self {
        Self::NotMet { because: because.into() }
    }

    fn not_known(missing: impl Into<String>) -> Self {
        Self::NotKnown { missing: missing.into() }
    }
}

/// A headline problem of the family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProblemVerdict {
    /// Its number.
    pub number: ProblemNumber,
    /// What shows that it is present.
    pub evidence: String,
    /// Whether the family made progress on it.
    pub progress: Answer,
}

/// Where a family stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Fewer problems than the framework asks, or no dependent child.
    BelowThreshold,
    /// Received from another borough, where it was attached: not attached here again.
    Received,
    /// Eligible; something is missing before it is attached.
    Eligible,
    /// Attached.
    Attached,
    /// A result, not yet recorded by an officer.
    Result,
}

/// By which route a family reached its one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResultKind {
    /// Significant and sustained progress on all its problems.
    Progress,
    /// Continuous employment.
    Employment,
}

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Where the family stands.
    pub standing: Standing,
    /// Its problems, by number.
    pub problems: Vec<ProblemVerdict>,
    /// Whether every school-age child attends as the framework asks.
    pub attendance: Answer,
    /// Whether an adult went into continuous employment.
    pub employment: Answer,
    /// Its result, if it has one.
    pub result: Option<ResultKind>,
    /// What is missing before it is attached.
    pub missing: Vec<String>,
}

impl Verdict {
    /// Whether the family is attached, with or without a result.
    pub fn is_attached(&self) -> bool {
        self.standing >= Standing::Attached
    }

    /// The numbers of its problems, ascending.
    pub fn problem_numbers(&self) -> Vec<ProblemNumber> {
        self.problems.iter().map(|problem| problem.number).collect()
    }

    /// The numbers of the problems on which progress was made, ascending.
    pub fn progressed(&self) -> Vec<ProblemNumber> {
        let met = self.problems.iter().filter(|problem| problem.progress.is_met());
        met.map(|problem| problem.number).collect()
    }
}

/// Decides where a family stands on a day.
///
/// # Privacy
/// Depends on this family's own records, the borough's coverage dates and the framework; on no other family.
pub fn decide(file: &FamilyFile, coverage: &Coverage, framework: &Framework, on: NaiveDate) -> Verdict {
    let case = Case { file, coverage, framework, on, assessed: assessed_on(file) };
    let problems: Vec<ProblemVerdict> = framework
        .problems()
        .iter()
        .filter_map(|problem| {
            let evidence = case.present(problem)?;
            Some(ProblemVerdict { number: problem.number, evidence, progress: case.progress(problem) })
        })
        .collect();
    let (standing, missing) = case.standing(problems.len());
    let attendance = case.attendance();
    let employment = case.employment();
    let mut verdict = Verdict { standing, problems, attendance, employment, result: None, missing };
    if verdict.standing == Standing::Attached && verdict.attendance.is_met() {
        let all = verdict.problems.iter().all(|problem| problem.progress.is_met());
        verdict.result = if all {
            Some(ResultKind::Progress)
        } else if verdict.employment.is_met() {
            Some(ResultKind::Employment)
        } else {
            None
        };
        if verdict.result.is_some() {
            verdict.standing = Standing::Result;
        }
    }
    verdict
}

/// What one decision looks at.
struct Case<'a> {
    file: &'a FamilyFile,
    coverage: &'a Coverage,
    framework: &'a Framework,
    on: NaiveDate,
    /// The day the first whole-family assessment was completed.
    assessed: Option<NaiveDate>,
}

fn initial(file: &FamilyFile) -> impl Iterator<Item = &Assessment> {
    file.assessments.iter().filter(|assessment| assessment.kind == AssessmentKind::Initial)
}

fn assessed_on(file: &FamilyFile) -> Option<NaiveDate> {
    initial(file).filter_map(|assessment| assessment.completed).min()
}

impl Case<'_> {
    /// What shows that a problem is present, at the outset or found later.
    fn present(&self, problem: &Problem) -> Option<String> {
        let need = |a: &&Assessment| a.needs.get(&problem.number) == Some(&true) && a.started <= self.on;
        if let Some(assessment) = self.file.assessments.iter().filter(need).min_by_key(|a| a.started) {
            return Some(format!("assessed {}", assessment.started));
        }
        let until = self.assessed?;
        let span = Days { from: minus_months(until, problem.presence_months.value), to: until };
        let during = |day: NaiveDate| span.from <= day && day <= span.to;
        let overlaps =
            |from: NaiveDate, to: Option<NaiveDate>| from <= span.to && to.is_none_or(|to| to >= span.from);
        match &problem.progress {
            Progress::NoIncidents { incidents } => {
                let counted = self.file.incidents.iter();
                let days = counted.filter(|i| incidents.contains(&word(i.kind))).map(|i| i.on);
                days.filter(|&day| during(day)).min().map(|day| format!("incident {day}"))
            }
            Progress::NoSocialCare => {
                let spells = self.file.care.iter().filter(|spell| overlaps(spell.from, spell.to));
                spells.map(|spell| spell.from).min().map(|day| format!("social care from {day}"))
            }
            Progress::NoOutOfWorkBenefit => {
                let spells = self.file.benefits.iter().filter(|spell| overlaps(spell.from, spell.to));
                spells.map(|spell| spell.from).min().map(|day| format!("benefit from {day}"))
            }
            Progress::Attendance | Progress::NeedMetAtReview => None,
        }
    }

    fn standing(&self, problems: usize) -> (Standing, Vec<String>) {
        let below = self.framework.eligibility.dependent_child_below_age.value;
        let dependent = self.file.members.iter().filter_map(|person| person.birth_date);
        let has_child = dependent.map(|born| age(born, self.on)).any(|age| age < below);
        if problems < self.framework.eligibility.least_problems.value || !has_child {
            return (Standing::BelowThreshold, Vec::new());
        }
        if self.file.episodes.iter().any(|episode| episode.received_from.is_some()) {
            return (Standing::Received, Vec::new());
        }
        let rule = &self.framework.attachment;
        let by_now = |day: Option<NaiveDate>| day.is_some_and(|day| day <= self.on);
        let whole =
            initial(self.file).any(|assessment| assessment.whole_family == Some(true) && by_now(assessment.completed));
        let plan = self.file.assessments.iter().any(|assessment| by_now(assessment.plan_made));
        let worker = self.file.assessments.iter().any(|assessment| by_now(assessment.key_worker_from));
        let missing: Vec<String> = [
            (rule.whole_family_assessment.value, whole, "a completed whole-family assessment"),
            (rule.plan.value, plan, "a plan"),
            (rule.key_worker.value, worker, "a named key worker"),
        ]
        .into_iter()
        .filter(|(asked, there, _)| *asked && !there)
        .map(|(_, _, what)| what.to_owned())
        .collect();
        if missing.is_empty() { (Standing::Attached, missing) } else { (Standing::Eligible, missing) }
    }
}

fn word(kind: IncidentKind) -> IncidentWord {
    match kind {
        IncidentKind::Offence => IncidentWord::Offence,
        IncidentKind::AntiSocialBehaviour => IncidentWord::AntiSocialBehaviour,
        IncidentKind::DomesticAbuse => IncidentWord::DomesticAbuse,
    }
}

/// Full years on a day; somebody not yet born is 0.
fn age(born: NaiveDate, on: NaiveDate) -> u32 {
    on.years_since(born).unwrap_or(0)
}
