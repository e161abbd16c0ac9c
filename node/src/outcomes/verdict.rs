//! What a verdict says, as plain values.

use chrono::NaiveDate;
use tenfold_common::{
    framework::{Indicator, ResultKind},
    geography::BoroughCode,
};

use super::Joining;
use crate::register::{CircumstanceKind, Days, Origin, PersonId, ProblemNumber};

/// How far a family has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Too few problems, or no dependent child.
    BelowThreshold,
    /// Enough problems and a dependent child.
    Eligible,
    /// Eligible, and all that *attached* asks for.
    Attached,
    /// Attached, and progress made on at least one problem.
    InProgress,
    /// Attached, with a result that nothing stands against.
    Claimable,
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
    /// How the attendance floor stands, where the family is attached and the framework has one.
    pub attendance: Option<Answer>,
    /// How continuous employment stands, where the family is attached and it is a result.
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

    /// The first day on which the family could be claimable if nothing more speaks against it; the
    /// verdict's own day where it is. `None` where the records do not let anyone say.
    pub fn claimable_from(&self) -> Option<NaiveDate> {
        if self.result.is_some() {
            return Some(self.on);
        }
        let mut progress: Option<NaiveDate> = Some(self.on);
        let mut employment: Option<NaiveDate> = None;
        for missing in &self.missing {
            match missing {
                Missing::Progress { problem, indicator, .. } => {
                    progress = progress.zip(self.earliest(*problem, *indicator)).map(|(a, b)| a.max(b));
                }
                Missing::Employment(Answer::NotYet { from }) => employment = Some(*from),
                Missing::Employment(_) => {}
                Missing::NothingAsked | Missing::EmptySlot { .. } | Missing::NothingReduced { .. } => {
                    progress = None;
                }
                _ => return None,
            }
        }
        [progress, employment].into_iter().flatten().min().map(|day| day.max(self.on))
    }

    fn earliest(&self, problem: ProblemNumber, indicator: Indicator) -> Option<NaiveDate> {
        let finding = self.findings.iter().find(|finding| finding.problem == problem)?;
        finding.criteria.iter().find(|judged| judged.indicator == indicator)?.earliest
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
    /// Whether progress was made: at least one criterion is met, and nothing stands against it.
    pub fn progressed(&self) -> bool {
        self.criteria.iter().any(|judged| judged.answer.is_met())
            && self.criteria.iter().all(|judged| judged.answer.lets_pass())
    }
}

/// A record that something rests on: its kind, its day, its person, its rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The day: of an event, of an assessment's completion, of a term's end; of a spell the first.
    pub on: NaiveDate,
    /// The kind of record.
    pub indicator: Indicator,
    /// Whose record it is.
    pub person: PersonId,
    /// The rows that say it; several where sessions of terms are added up.
    pub origins: Vec<Origin>,
}

/// How one criterion stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The kind of record.
    pub indicator: Indicator,
    /// How it stands.
    pub answer: Answer,
    /// The records it rests on, by day: those against it, or the reviews and terms that meet it; none for silence.
    pub rests_on: Vec<Evidence>,
    /// The first day on which it could hold if nothing more speaks against it, where the records let one say.
    pub earliest: Option<NaiveDate>,
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
    /// There was nothing before that could be less, and there is nothing now: no obstacle and no progress.
    NothingToReduce,
    /// Nobody is left to whom it applies; never progress.
    NoLongerApplies,
}

impl Answer {
    /// Whether it holds.
    pub fn is_met(self) -> bool {
        matches!(self, Self::Met(_))
    }

    /// Whether it does not stand in the way of progress that another criterion shows.
    pub(super) fn lets_pass(self) -> bool {
        matches!(self, Self::Met(_) | Self::NothingToReduce)
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
    /// No source supplies such records.
    NotSupplied,
    /// The framework does not say what is asked.
    NoRule,
    /// No review records the need as absent.
    NoReview,
    /// A child of school age lacks sessions for the terms.
    NoSessions,
    /// A date of birth is not known that the rule needs.
    NoBirthDate,
    /// Somebody concerned was not there to be seen.
    Away {
        /// Why.
        why: Absence,
        /// The last such day; `None` while it goes on.
        until: Option<NaiveDate>,
    },
}

/// Why silence about a person means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absence {
    /// A circumstance of the register.
    Circumstance(CircumstanceKind),
    /// A child looked after.
    InCare,
}

/// What a verdict lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Too few problems, or needs where the framework counts those.
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
    /// No episode of work is opened.
    Work,
    /// The family came as a transfer and is attached where it came from.
    ReceivedFrom(BoroughCode),
    /// Work ended for a reason after which there is no result.
    Ended {
        /// When.
        on: NaiveDate,
    },
    /// The attendance floor that the claim needs.
    AttendanceFloor(Answer),
    /// The framework says nothing of what counts as progress on a problem that is present.
    EmptySlot {
        /// The problem.
        problem: ProblemNumber,
    },
    /// None of the problems that a progress result asks about is present.
    NothingAsked,
    /// Only reductions are asked for on a problem, and there was nothing to reduce.
    NothingReduced {
        /// The problem.
        problem: ProblemNumber,
    },
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
