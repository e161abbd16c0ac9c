//! A receipt: the aggregator's signed word that it keeps a release, the same for every repetition.

use serde::{Deserialize, Serialize};

use super::{
    release::ReleaseId,
    signature::{self, PublicKey, SignatureError},
};
use crate::{
    clock::Moment,
    log::{self, Checkpoint, Entry, Event, Hash, LogError},
};

/// The media type of a signed receipt.
pub const RECEIPT_TYPE: &str = "tenfold-receipt+jws";

/// What the aggregator signs once it has stored a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// The release's place in the region's log, from 0.
    pub log_index: u64,
    /// When it was stored; the moment of its entry in the log.
    pub received_at: Moment,
    /// That it stands in the log.
    pub proof: LogProof,
}

/// That a release stands in the region's log, and that this log goes on from the one this borough saw before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogProof {
    /// The signed checkpoint of the log that ends with the release.
    pub checkpoint: String,
    /// The inclusion proof (RFC 9162 section 2.1.3).
    pub inclusion: Vec<Hash>,
    /// The size of the log in the checkpoint of this borough's receipt before; 0 where this is the first.
    pub earlier: u64,
    /// The consistency proof from there (RFC 9162 section 2.1.4); empty where this is the first.
    pub consistency: Vec<Hash>,
}

/// The format of a receipt.
pub const RECEIPT_FORMAT: &str = "tenfold-receipt/1";

impl Receipt {
    /// The entry of the log that it speaks of.
    pub fn entry(&self) -> Entry {
        let ReleaseId { borough, quarter, number } = self.id.clone();
        let event = Event::Release { borough, quarter, number, sha256: self.release_sha256.clone() };
        Entry { index: self.log_index, at: self.received_at, event }
    }

    /// The checkpoint, once the proof holds against it.
    ///
    /// # Errors
    /// Where the aggregator did not sign it, or the release does not stand in its log.
    fn proved(&self, aggregator: &PublicKey) -> Result<Checkpoint, ReceiptError> {
        let checkpoint = Checkpoint::open(&self.proof.checkpoint, aggregator)?;
        let leaf = self.entry().leaf().map_err(SignatureError::from)?;
        log::check_inclusion(&self.proof.inclusion, checkpoint.tree(), (self.log_index, leaf))?;
        Ok(checkpoint)
    }
}

/// Why a receipt proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// It or its checkpoint is not signed as expected.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// It is for other bytes.
    #[error("the receipt is for other bytes than these")]
    OtherBytes,
    /// The release does not stand in the log.
    #[error("the receipt does not stand in the region's log: {0}")]
    Log(#[from] LogError),
}

/// A receipt that was verified, with the checkpoint it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// What it says.
    pub receipt: Receipt,
    /// The log that ends with the release.
    pub checkpoint: Checkpoint,
}

impl VerifiedReceipt {
    /// Holds it against the borough's receipt before it: the log only grew between them.
    ///
    /// # Errors
    /// Where the proof does not hold.
    pub fn follows(&self, before: &Checkpoint) -> Result<(), LogError> {
        let proof = &self.receipt.proof;
        if proof.earlier != before.size {
            let claim = format!(
                "the log goes on from {} entries, the receipt before had {}",
                proof.earlier, before.size
            );
            return Err(LogError::Proof { claim });
        }
        log::check_consistency(&proof.consistency, self.checkpoint.tree(), before.tree())
    }
}

/// Verifies offline that a receipt is for these release bytes and that they stand in the region's log.
///
/// # Errors
/// Where signature, content or proof do not fit.
pub fn verify(receipt: &str, release: &str, aggregator: &PublicKey) -> Result<VerifiedReceipt, ReceiptError> {
    let receipt: Receipt = signature::open(receipt, RECEIPT_TYPE, aggregator)?;
    if receipt.release_sha256 != signature::sha256_hex(release.as_bytes()) {
        return Err(ReceiptError::OtherBytes);
    }
    let checkpoint = receipt.proved(aggregator)?;
    Ok(VerifiedReceipt { receipt, checkpoint })
}
