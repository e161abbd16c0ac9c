//! Verdicts with reasons: who is eligible, who is attached, who has a result, and what is missing.
//!
//! A framework's rules are data; this is the engine that holds a family's records against them on a
//! given day. Records dated later are not seen, so any past verdict can be had again. Silence is
//! progress only where its source covers the window: what is missing is not zero.

mod attendance;
mod employment;
mod joining;
mod progress;
mod signs;

use chrono::NaiveDate;
use tenfold_common::{
    framework::{Framework, Indicator, ResultKind},
    geography::BoroughCode,
};

use crate::register::{Coverage, Days, FamilyFile, ProblemNumber};

/// How far a family has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Too few problems, or no dependent child.
    BelowThreshold,
    /// Enough problems and a dependent child.
    Eligible,
    /// Eligible, assessed as a whole, with a plan and a key worker.
    Attached,
    /// Attached, and progress made on at least one problem.
    InProgress,
    /// Attached, with a result that nothing stands against.
    Claimable,
}

impl Status {
    /// The words pages use.
    pub fn words(self) -> &'static str {
        match self {
            Self::BelowThreshold => "below threshold",
            Self::Eligible => "eligible",
            Self::Attached => "attached",
            Self::InProgress => "in progress",
            Self::Claimable => "claimable",
        }
    }
}

/// What a framework says of a family on a day, with reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The day.
    pub on: NaiveDate,
    /// How far the family has come.
    pub status: Status,
    /// The problems present, by rising number.
    pub problems: Vec<ProblemNumber>,
    /// What shows each of them, and how each criterion stands.
    pub findings: Vec<Finding>,
    /// From when the family is attached.
    pub attached_on: Option<NaiveDate>,
    /// The days that *attached* rests on.
    pub joining: Joining,
    /// How the attendance floor stands, where the family is attached.
    pub attendance: Option<Answer>,
    /// How continuous employment stands, where the family is attached.
    pub employment: Option<Answer>,
    /// The one result, if there is one.
    pub result: Option<FamilyResult>,
    /// What is missing for the next steps; empty where there is a result.
    pub missing: Vec<Missing>,
}

impl Verdict {
    /// Whether the family is attached, with or without a result.
    pub fn is_attached(&self) -> bool {
        self.attached_on.is_some()
    }
}

/// A family's one result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyResult {
    /// Progress or employment.
    pub kind: ResultKind,
    /// The problems on which progress was made, by rising number.
    pub problems: Vec<ProblemNumber>,
}

/// One problem that is present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its number.
    pub problem: ProblemNumber,
    /// What shows it: one entry a kind of record, with the first day.
    pub evidence: Vec<Evidence>,
    /// How each criterion of progress stands, where the family is attached.
    pub criteria: Vec<Judged>,
}

impl Finding {
    /// Whether progress was made: every criterion is met, and there is one.
    pub fn progressed(&self) -> bool {
        !self.criteria.is_empty() && self.criteria.iter().all(|judged| judged.answer.is_met())
    }
}

/// A kind of record and the first day on which it shows a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The day.
    pub on: NaiveDate,
    /// The kind of record.
    pub indicator: Indicator,
}

/// How one criterion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The kind of record.
    pub indicator: Indicator,
    /// How it stands.
    pub answer: Answer,
}

/// How one thing stands that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It holds over these days.
    Met(Days),
    /// A record of this day stands against it.
    NotMet {
        /// The latest such day.
        on: NaiveDate,
    },
    /// Nothing stands against it, but it cannot hold before this day.
    NotYet {
        /// The first day on which it could.
        from: NaiveDate,
    },
    /// The records do not say.
    NotKnown(Unknown),
    /// Nobody is left to whom it applies; never progress.
    NoLongerApplies,
}

impl Answer {
    /// Whether it holds.
    pub fn is_met(self) -> bool {
        matches!(self, Self::Met(_))
    }
}

/// Why records do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The source does not cover every day of the window.
    NotCovered,
    /// The source's last covered day is too long ago.
    Stopped {
        /// That day.
        on: NaiveDate,
    },
    /// No review records the need as absent.
    NoReview,
    /// A child of school age lacks sessions for the terms.
    NoSessions,
    /// A child's date of birth is not known.
    NoBirthDate,
}

/// What a verdict lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Too few problems.
    Problems {
        /// Present.
        present: usize,
        /// Needed.
        needed: usize,
    },
    /// No dependent child.
    DependentChild,
    /// No completed assessment of the whole family.
    WholeFamilyAssessment,
    /// No dated plan.
    Plan,
    /// No key worker named.
    KeyWorker,
    /// The family came as a transfer and is attached where it came from.
    ReceivedFrom(BoroughCode),
    /// Work ended for a reason after which there is no result.
    Ended {
        /// When.
        on: NaiveDate,
    },
    /// The attendance floor that every claim needs.
    AttendanceFloor(Answer),
    /// A criterion of progress.
    Progress {
        /// The problem.
        problem: ProblemNumber,
        /// The kind of record.
        indicator: Indicator,
        /// How it stands.
        answer: Answer,
    },
    /// Continuous employment.
    Employment(Answer),
}

pub use joining::Joining;

/// Holds a family's records against a framework on a day.
///
/// The order of records does not matter.
pub fn decide(file: &FamilyFile, coverage: &Coverage, framework: &Framework, on: NaiveDate) -> Verdict {
    let joining = Joining::of(file, framework, on);
    let mut findings = signs::findings(file, framework, joining.day().unwrap_or(on), on);
    let problems: Vec<ProblemNumber> = findings.iter().map(|finding| finding.problem).collect();
    let needed = framework.eligibility.problems_at_least as usize;

    let mut missing = Vec::new();
    if problems.len() < needed {
        missing.push(Missing::Problems { present: problems.len(), needed });
    }
    if !joining.dependent_child {
        missing.push(Missing::DependentChild);
    }
    let eligible = missing.is_empty();
    missing.extend(joining.missing(framework));
    let received = file.episodes.iter().filter(|episode| episode.opened <= on);
    let received = received.filter_map(|episode| episode.received_from.as_ref()).min();
    missing.extend(received.cloned().map(Missing::ReceivedFrom));

    let attached_on = match joining.day() {
        Some(day) if missing.is_empty() => Some(day.max(reached(&findings, needed))),
        _ => None,
    };
    let mut verdict = Verdict {
        on,
        status: if eligible { Status::Eligible } else { Status::BelowThreshold },
        problems,
        findings: Vec::new(),
        attached_on,
        joining,
        attendance: None,
        employment: None,
        result: None,
        missing,
    };
    if let Some(attached_on) = attached_on {
        let case = Case { file, coverage, framework, attached_on, on };
        for finding in &mut findings {
            finding.criteria = progress::judge(&case, finding.problem);
        }
        look_for_a_result(&case, &findings, &mut verdict);
    }
    verdict.findings = findings;
    verdict
}

/// A family that is attached, and everything needed to judge it.
struct Case<'a> {
    file: &'a FamilyFile,
    coverage: &'a Coverage,
    framework: &'a Framework,
    attached_on: NaiveDate,
    on: NaiveDate,
}

/// The day on which as many problems were shown as are needed.
fn reached(findings: &[Finding], needed: usize) -> NaiveDate {
    let first = findings.iter().filter_map(|finding| finding.evidence.iter().map(|e| e.on).min());
    let mut first: Vec<NaiveDate> = first.collect();
    first.sort_unstable();
    first.get(needed.saturating_sub(1)).copied().unwrap_or(NaiveDate::MIN)
}

fn look_for_a_result(case: &Case<'_>, findings: &[Finding], verdict: &mut Verdict) {
    let progressed: Vec<ProblemNumber> =
        findings.iter().filter(|finding| finding.progressed()).map(|finding| finding.problem).collect();
    let floor = attendance::above_floor(case, case.framework.attendance.terms);
    let employment = employment::continuous(case);
    let ended = joining::ended(case);
    let general = floor.is_met() || floor == Answer::NoLongerApplies;

    let holds = |kind: &ResultKind| match kind {
        ResultKind::Progress => progressed.len() == findings.len(),
        ResultKind::Employment => employment.is_met(),
    };
    let kind = case.framework.results.kinds.iter().find(|kind| holds(kind)).copied();
    verdict.attendance = Some(floor);
    verdict.employment = Some(employment);
    match kind {
        Some(kind) if general && ended.is_none() => {
            verdict.status = Status::Claimable;
            verdict.result = Some(FamilyResult { kind, problems: progressed });
        }
        _ => {
            verdict.status = if progressed.is_empty() { Status::Attached } else { Status::InProgress };
            verdict.missing.extend(ended.map(|on| Missing::Ended { on }));
            if !general {
                verdict.missing.push(Missing::AttendanceFloor(floor));
            }
            if kind.is_none() {
                let open = findings.iter().flat_map(|finding| {
                    let open = finding.criteria.iter().filter(|judged| !judged.answer.is_met());
                    open.map(|judged| Missing::Progress {
                        problem: finding.problem,
                        indicator: judged.indicator,
                        answer: judged.answer,
                    })
                });
                verdict.missing.extend(open);
                if case.framework.results.kinds.contains(&ResultKind::Employment) {
                    verdict.missing.push(Missing::Employment(employment));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
