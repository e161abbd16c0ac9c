//! A release: one borough, one quarter, all streams; drawn values and nothing else that depends on a family.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{calendar::Quarter, geography::BoroughCode, privacy::Table};

/// The media type of a signed release.
pub const RELEASE_TYPE: &str = "tenfold-release+jws";

/// Which release: countable exactly once.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct ReleaseId {
    /// The borough that speaks; must be the one the node certificate names.
    pub borough: BoroughCode,
    /// The quarter it speaks of.
    pub quarter: Quarter,
    /// Counts releases of this borough from 1, without gaps.
    pub number: u32,
}

/// What a borough signs.
///
/// # Privacy
/// No field, number or count depends on the register except the drawn values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseBody {
    /// Always `tenfold-release/1`.
    pub format: String,
    /// Which release.
    pub id: ReleaseId,
    /// Hash of the policy it obeys.
    pub policy: String,
    /// The framework by which verdicts were reached.
    pub framework: String,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// The version of the program that made it.
    pub software: String,
    /// Hash of the ledger line under which it was drawn or declared void.
    pub ledger_head: String,
    /// Why the quarter is void, if it is: then nothing was drawn for it, its tables count as zero in every later
    /// release, and its families are counted in the next quarter.
    pub void: Option<RefusalReason>,
    /// The streams, in the policy's order; none for a void quarter.
    pub streams: Vec<StreamRelease>,
    /// Answers to the one-off questions of this quarter that the borough adopted, by name; none for a void quarter.
    pub questions: Vec<QuestionRelease>,
}

/// Why a person refused a release: one of four fixed words, and all that the region ever learns about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// Records are incomplete or wrong.
    Records,
    /// Families were not put together as they should be.
    Matching,
    /// An agreement or an instruction forbids it.
    Agreement,
    /// Anything else.
    Other,
}

impl RefusalReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Records, Self::Matching, Self::Agreement, Self::Other];

    /// The fixed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Matching => "matching",
            Self::Agreement => "agreement",
            Self::Other => "other",
        }
    }

    /// What readers see.
    pub fn words(self) -> &'static str {
        match self {
            Self::Records => "records incomplete or wrong",
            Self::Matching => "families not put together as they should be",
            Self::Agreement => "an agreement or an instruction forbids it",
            Self::Other => "another reason",
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word is not one of the four.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no reason for a refusal, expected records, matching, agreement or other")]
pub struct UnknownReason {
    /// What was given.
    found: String,
}

impl FromStr for RefusalReason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|reason| reason.as_str() == text);
        found.ok_or_else(|| UnknownReason { found: text.to_owned() })
    }
}

/// The drawn values of one stream: y_t of every cell that is due, in the order of the stream's groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamRelease {
    /// The stream's name.
    pub stream: String,
    /// Strategy values with noise, group by group, signed and unclipped; an empty list for a group that is released
    /// once a year, in a quarter that ends none.
    pub values: Table,
}

/// The drawn values of one question: a count with noise for every cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionRelease {
    /// The question's name.
    pub name: String,
    /// Hash of the question it answers.
    pub question: String,
    /// Counts with noise, place by place and label by label, signed and unclipped.
    pub values: Vec<i64>,
}

/// The format of a release.
pub const RELEASE_FORMAT: &str = "tenfold-release/1";
