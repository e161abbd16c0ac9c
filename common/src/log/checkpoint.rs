//! The aggregator's signed word of how its log stands.

use serde::{Deserialize, Serialize};

use super::tree::Hash;
use crate::{
    clock::Moment,
    protocol::signature::{self, PublicKey, SignatureError, SigningKey},
};

/// The media type of a signed checkpoint.
pub const CHECKPOINT_TYPE: &str = "tenfold-checkpoint+jws";

/// The format of a checkpoint.
pub const CHECKPOINT_FORMAT: &str = "tenfold-checkpoint/1";

/// The log at one size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Always `tenfold-checkpoint/1`.
    pub format: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// When this was said.
    pub issued_at: Moment,
}

impl Checkpoint {
    /// Signs the word.
    ///
    /// # Errors
    /// Where the size is beyond what canonical JSON can hold.
    pub fn sign(size: u64, root: Hash, now: Moment, key: &SigningKey) -> Result<String, SignatureError> {
        let said = Self { format: CHECKPOINT_FORMAT.to_owned(), size, root, issued_at: now };
        signature::sign(&said, CHECKPOINT_TYPE, key)
    }

    /// Opens a signed word.
    ///
    /// # Errors
    /// Where it is not signed by this key.
    pub fn open(signed: &str, key: &PublicKey) -> Result<Self, SignatureError> {
        let said: Self = signature::open(signed, CHECKPOINT_TYPE, key)?;
        if said.format == CHECKPOINT_FORMAT { Ok(said) } else { Err(SignatureError::Content) }
    }

    /// Size and root, as proofs take them.
    pub fn tree(&self) -> (u64, Hash) {
        (self.size, self.root)
    }
}
