//! The right to draw a quarter: asked for by a node after its charge, given once by the region.
//!
//! Copies of a node, restored or cloned, would each draw noise of their own. Every request carries a fresh nonce that
//! the node wrote down before it asked, and the nonces it had before. The region gives a right only to who knows the
//! last nonce it gave one for, so of two copies that part, one is refused from then on.

use serde::{Deserialize, Serialize};

use super::signature;
use crate::{calendar::Quarter, clock::Moment, geography::BoroughCode};

/// The media type of a signed request.
pub const DRAW_REQUEST_TYPE: &str = "tenfold-draw-request+jws";

/// What a node asks before it draws or seals a void; signed by its release key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawRequest {
    /// Always `tenfold-draw-request/1`.
    pub format: String,
    /// The borough that asks.
    pub borough: BoroughCode,
    /// The quarter to be drawn.
    pub quarter: Quarter,
    /// Hash of the policy that rules it.
    pub policy: String,
    /// Hash of the last line of the ledger, after the charge.
    pub ledger_head: String,
    /// Random, used once, written down before it is sent.
    pub nonce: String,
    /// The nonces this node asked with since it last drew, oldest first; any answer may have been lost.
    pub previous: Vec<String>,
    /// The newest signed checkpoint of the region's log that this node keeps; empty where it keeps none.
    pub checkpoint: String,
    /// When it was asked.
    pub asked_at: Moment,
}

/// The format of a request.
pub const DRAW_REQUEST_FORMAT: &str = "tenfold-draw-request/1";

impl DrawRequest {
    /// What its nonce is called by everybody but the process that asks.
    pub fn nonce_sha256(&self) -> String {
        signature::sha256_hex(self.nonce.as_bytes())
    }
}

/// The right to draw one quarter once; part of a signed statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawRight {
    /// The quarter.
    pub quarter: Quarter,
    /// Hash of the policy.
    pub policy: String,
    /// As it was asked.
    pub ledger_head: String,
    /// SHA-256 of the nonce of the request it answers: whoever reads the right learns nothing to ask again with.
    pub nonce_sha256: String,
}
