//! A release: one borough, one quarter, all streams; drawn values and nothing else that depends on a family.

use serde::{Deserialize, Serialize};

use crate::{calendar::Quarter, geography::BoroughCode, privacy::Table};

/// The media type of a signed release.
pub const RELEASE_TYPE: &str = "tenfold-release+jws";

/// Which release: countable exactly once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Hash of the ledger line under which it was drawn.
    pub ledger_head: String,
    /// The streams, in the policy's order.
    pub streams: Vec<StreamRelease>,
}

/// The drawn values of one stream: y_t of every cell, in the order of the stream's groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamRelease {
    /// The stream's name.
    pub stream: String,
    /// Strategy values with noise, group by group, signed and unclipped.
    pub values: Table,
}

/// The format of a release.
pub const RELEASE_FORMAT: &str = "tenfold-release/1";
