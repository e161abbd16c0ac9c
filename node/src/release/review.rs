//! What an approver sees of a prepared quarter before saying yes. Pure: computed from values, decides nothing.
//!
//! # Privacy
//! A review holds exact figures: it is for the borough's own people and is never logged, kept or sent. Its checks
//! on figures are advice; what can stop a release is enforced elsewhere and depends on no family.

pub mod checks;
pub mod coverage;
pub mod figures;
pub mod leaving;
pub mod loss;
pub mod precision;
pub mod year;

use std::fmt;

use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    privacy::{Rho, VerifiedQuestion, discrete},
};

use super::stages::Returned;

pub use checks::{Check, Facts, Fixed, Outcome};
pub use coverage::SourceCoverage;
pub use figures::{Changed, LabelCount, StreamCounts, StreamReview};
pub use loss::Loss;
pub use precision::{Precision, SmallestChange};
pub use year::{YearReview, YearStream};

/// How good the data are that a quarter was counted from; its numbers are not printed by `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Quality {
    /// Rows that wait in quarantine, all sources together.
    pub quarantined: i64,
    /// Questions that rows raise and nobody explained.
    pub open_questions: usize,
    /// Coverage of the quarter, source by source.
    pub coverage: Vec<SourceCoverage>,
}

impl fmt::Debug for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quality({:?}, …)", self.coverage)
    }
}

/// What changed since the last return: all that a second review needs to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SinceReturn {
    /// Exact figures that are others now.
    pub figures: Vec<Changed>,
    /// Files loaded since.
    pub files: usize,
}

/// A one-off question that a quarter answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// Its name.
    pub name: String,
    /// The words readers see.
    pub title: String,
    /// What every family line paid for it.
    #[serde(serialize_with = "loss::decimal")]
    pub cost: Rho,
    /// Half of the 95 % interval of each cell, in families.
    pub half_width: u64,
}

impl From<&VerifiedQuestion> for Answered {
    fn from(question: &VerifiedQuestion) -> Self {
        let says = question.question();
        Self {
            name: says.name.clone(),
            title: says.title.clone(),
            cost: question.cost(),
            half_width: discrete::half_width(says.sigma, 1),
        }
    }
}

impl Answered {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        format!(
            "The answer to the question {}, for which every family paid ρ = {}: each figure of it is off by {} or less \
             95 times in 100.",
            self.name, self.cost, self.half_width
        )
    }
}

/// A prepared quarter as its approver sees it; no figure of it is printed by `Debug`.
#[derive(Clone, PartialEq, Serialize)]
pub struct Review {
    /// The quarter.
    pub quarter: Quarter,
    /// Whether it is the opening position and no quarter's activity.
    pub opening: bool,
    /// When it was prepared.
    pub prepared_at: Moment,
    /// By whom.
    pub prepared_by: String,
    /// Salted hash of the frozen tables: what an approval names.
    pub salted_hash: String,
    /// Which tables leave with this release, in words.
    pub leaving: String,
    /// The one-off questions that it answers.
    pub questions: Vec<Answered>,
    /// What each family pays over its lifetime.
    pub loss: Loss,
    /// Exact figures, and the quarter before.
    pub streams: Vec<StreamReview>,
    /// A year's exact figures by place, where they leave with this quarter.
    pub year: Option<YearReview>,
    /// How far the released figures may be off.
    pub precision: Precision,
    /// What the figures were counted from.
    pub quality: Quality,
    /// What was checked.
    pub checks: Vec<Check>,
    /// Its returns with their comments, oldest first.
    pub returns: Vec<Returned>,
    /// What changed since the last return; nothing where it was not returned, or not prepared again since.
    pub since_return: Option<SinceReturn>,
}

impl fmt::Debug for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Review({}, prepared {} by {}, …)", self.quarter, self.prepared_at, self.prepared_by)
    }
}
