//! A receipt: the aggregator's signed word that it keeps a release, the same for every repetition.

use serde::{Deserialize, Serialize};

use super::{
    release::ReleaseId,
    signature::{self, PublicKey, SignatureError},
};
use crate::clock::Moment;

/// The media type of a signed receipt.
pub const RECEIPT_TYPE: &str = "tenfold-receipt+jws";

/// What the aggregator signs once it has stored a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Always `tenfold-receipt/1`.
    pub format: String,
    /// Which release.
    pub id: ReleaseId,
    /// SHA-256 of the signed release as received, in hexadecimal.
    pub release_sha256: String,
    /// Hash of the borough's ledger line, countersigned by this receipt.
    pub ledger_head: String,
    /// Position in the aggregator's log, from 0.
    pub log_index: u32,
    /// When it was stored.
    pub received_at: Moment,
}

/// The format of a receipt.
pub const RECEIPT_FORMAT: &str = "tenfold-receipt/1";

/// Verifies offline that a receipt is for these release bytes.
///
/// # Errors
/// Where signature or content do not fit; `Content` where it is for other bytes.
pub fn verify(receipt: &str, release: &str, aggregator: &PublicKey) -> Result<Receipt, SignatureError> {
    let receipt: Receipt = signature::open(receipt, RECEIPT_TYPE, aggregator)?;
    if receipt.release_sha256 == signature::sha256_hex(release.as_bytes()) {
        Ok(receipt)
    } else {
        Err(SignatureError::Content)
    }
}
