//! The aggregator's statement of what it last received from a borough: asked for before every draw.

use serde::{Deserialize, Serialize};

use super::{draw::DrawRight, release::ReleaseId};
use crate::{calendar::Quarter, clock::Moment, geography::BoroughCode, log::Hash};

/// The media type of a signed statement.
pub const STATEMENT_TYPE: &str = "tenfold-statement+jws";

/// What the aggregator knows of a borough, at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Always `tenfold-statement/1`.
    pub format: String,
    /// The borough spoken of.
    pub borough: BoroughCode,
    /// Its last sealed quarter, if there is one.
    pub last: Option<SealedQuarter>,
    /// The quarter it releases next and the policy that rules it; none after the last.
    pub next: Option<RuledQuarter>,
    /// The right to draw, where this answers a request for it.
    pub right: Option<DrawRight>,
    /// How the region's log stands.
    pub log: LogView,
    /// When this was said; good for 24 hours.
    pub issued_at: Moment,
}

/// The region's log as it stands, and that it goes on from the one the borough knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogView {
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The size of the log the borough showed that it knows; 0 where it showed none.
    pub earlier: u64,
    /// The consistency proof from there (RFC 9162 section 2.1.4).
    pub consistency: Vec<Hash>,
}

/// A quarter and the policy that rules it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuledQuarter {
    /// The quarter.
    pub quarter: Quarter,
    /// Hash of the policy.
    pub policy: String,
    /// What people call it.
    pub name: String,
}

/// A release as the aggregator remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedQuarter {
    /// Which release.
    pub id: ReleaseId,
    /// SHA-256 of its signed bytes, in hexadecimal.
    pub release_sha256: String,
    /// Hash of the ledger line it was drawn under.
    pub ledger_head: String,
}

/// The format of a statement.
pub const STATEMENT_FORMAT: &str = "tenfold-statement/1";

/// How long a statement may be relied on, in seconds.
pub const STATEMENT_LIFE_S: i64 = 24 * 3600;
