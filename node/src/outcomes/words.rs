//! Verdicts in plain sentences, for people who know the programme and not this program.

use tenfold_common::{
    framework::{Counted, Criterion, Framework, Indicator, ResultKind},
    geography,
};

use super::{Absence, Answer, Finding, Missing, Status, Unknown};
use crate::register::CircumstanceKind;

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

impl Answer {
    /// How it stands, as the rest of a sentence: `holds from … to …`.
    pub fn words(self) -> String {
        match self {
            Self::Met(days) if days.from == days.to => format!("holds on {}", days.to),
            Self::Met(days) => format!("holds from {} to {}", days.from, days.to),
            Self::NotMet { on } => format!("does not hold, a record of {on} stands against it"),
            Self::NotYet { from } => format!("cannot hold before {from}"),
            Self::NotKnown(why) => format!("is not known, {}", why.words()),
            Self::NothingToReduce => "asks nothing: there was none before and there is none now".to_owned(),
            Self::NoLongerApplies => "no longer applies to anybody, which is never progress".to_owned(),
        }
    }
}

impl Unknown {
    /// Why the records do not say.
    pub fn words(self) -> String {
        match self {
            Self::NotCovered => "the source does not cover every day of the window".to_owned(),
            Self::Stopped { on } => format!("the source's last day is {on}; a newer extract is needed"),
            Self::NotSupplied => {
                "no source supplies such records; the outcomes plan has to name another measure".to_owned()
            }
            Self::NoRule => "the framework does not say what is asked; the outcomes plan has to".to_owned(),
            Self::NoReview => "no completed review records the need as gone".to_owned(),
            Self::NoSessions => "a child of school age lacks sessions for the consecutive terms".to_owned(),
            Self::NoBirthDate => "a date of birth is missing".to_owned(),
            Self::Away { why, until: None } => why.words().to_owned(),
            Self::Away { why, until: Some(day) } => format!("{} until {day}", why.words()),
        }
    }
}

impl Absence {
    /// What it is, of somebody.
    pub fn words(self) -> &'static str {
        match self {
            Self::Circumstance(CircumstanceKind::MovedAway) => "somebody concerned lived outside the borough",
            Self::Circumstance(CircumstanceKind::Custody) => "somebody concerned was in custody",
            Self::Circumstance(CircumstanceKind::LeftSchool) => {
                "a child of school age was on no school's roll"
            }
            Self::Circumstance(CircumstanceKind::Adopted) => "somebody concerned was adopted",
            Self::Circumstance(CircumstanceKind::Died) => "somebody concerned died",
            Self::Circumstance(CircumstanceKind::NotTraced) => {
                "the source did not trace somebody of the family"
            }
            Self::Circumstance(CircumstanceKind::Traced) => "the source traced somebody of the family",
            Self::Circumstance(CircumstanceKind::Expecting) => "somebody of the family expects a child",
            Self::InCare => "a child concerned was looked after",
        }
    }
}

impl Finding {
    /// What shows the problem, in words.
    pub fn shown_by(&self) -> String {
        let shown =
            self.evidence.iter().map(|e| format!("{} from {} ({})", e.indicator.words(), e.on, e.person));
        shown.collect::<Vec<_>>().join("; ")
    }
}

impl Missing {
    /// What is missing, as one sentence.
    pub fn words(&self, framework: &Framework) -> String {
        let label = |number: &u8| {
            framework.problem(*number).map_or_else(|| format!("problem {number}"), |p| p.label.clone())
        };
        match self {
            Self::Problems { present, needed } => {
                let what = match framework.eligibility.counted {
                    Counted::Problems => "headline problems",
                    Counted::Needs => "needs",
                };
                format!("{needed} {what} are needed, {present} shown.")
            }
            Self::DependentChild => "No dependent child is known.".to_owned(),
            Self::WholeFamilyAssessment => {
                "No completed assessment takes account of the whole family.".to_owned()
            }
            Self::Plan => "No plan with a date is recorded.".to_owned(),
            Self::KeyWorker => "No key worker is named.".to_owned(),
            Self::Work => "No episode of work with the family is opened.".to_owned(),
            Self::ReceivedFrom(code) => {
                let name = geography::borough(code).map_or_else(|| code.to_string(), |b| b.name.to_string());
                format!("The family came from {name} and counts as attached there.")
            }
            Self::Ended { on } => format!("Work ended on {on} for a reason after which there is no result."),
            Self::AttendanceFloor(answer) => {
                format!("The attendance that a claim needs {}.", answer.words())
            }
            Self::EmptySlot { problem } => format!(
                "{}: the framework does not say what counts as progress; the outcomes plan has to.",
                label(problem)
            ),
            Self::NothingAsked => {
                "None of the problems that a progress result asks about is shown.".to_owned()
            }
            Self::NothingReduced { problem } => {
                format!("{}: a reduction is asked for, and there was nothing to reduce.", label(problem))
            }
            Self::Progress { problem, indicator, answer } => {
                format!(
                    "{}, {}: {}.",
                    label(problem),
                    criterion(framework, *problem, *indicator),
                    answer.words()
                )
            }
            Self::Employment(Answer::NoLongerApplies) => {
                "Nobody who was on an out-of-work benefit at the start has a job.".to_owned()
            }
            Self::Employment(answer) => format!("Continuous employment {}.", answer.words()),
        }
    }
}

/// A criterion as the beginning of a sentence.
fn criterion(framework: &Framework, problem: u8, indicator: Indicator) -> String {
    let criteria = framework.problem(problem).map_or(&[][..], |problem| &problem.progress);
    let found = criteria.iter().find(|criterion| criterion.indicator == indicator);
    found.map_or_else(|| indicator.words().to_owned(), Criterion::words)
}

/// The kind of a result in words.
pub(super) fn kind(kind: ResultKind) -> &'static str {
    match kind {
        ResultKind::Progress => "significant and sustained progress",
        ResultKind::Employment => "continuous employment",
    }
}
