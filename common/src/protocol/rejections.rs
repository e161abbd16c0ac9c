//! What the region refused of one borough, told to that borough alone.

use serde::{Deserialize, Serialize};

use super::ProblemKind;
use crate::{clock::Moment, geography::BoroughCode};

/// The format of the answer.
pub const REJECTIONS_FORMAT: &str = "tenfold-rejections/1";

/// Every kind of refusal of a borough so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejections {
    /// Always `tenfold-rejections/1`.
    pub format: String,
    /// Whom it is about.
    pub borough: BoroughCode,
    /// By kind.
    pub rejections: Vec<Rejection>,
    /// When this was said.
    pub told_at: Moment,
}

/// One kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// The kind's word.
    pub kind: String,
    /// How often.
    pub count: u32,
    /// The last time.
    pub last_at: Moment,
}

impl Rejection {
    /// What it means, in the region's words.
    pub fn words(&self) -> &str {
        let kind = ProblemKind::ALL.iter().find(|kind| kind.label() == self.kind);
        kind.map_or("a kind that this version does not know; upgrade the node", |kind| kind.title())
    }
}
