//! What is logged: one entry for each thing that was accepted, with enough in it to put it back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::tree::{self, Hash};
use crate::{
    calendar::Quarter,
    clock::Moment,
    geography::BoroughCode,
    protocol::{
        PublicKey,
        canonical::{CanonicalError, canonical},
    },
};

/// One entry; its canonical bytes are the leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its place, from 0.
    pub index: u64,
    /// When it was accepted.
    pub at: Moment,
    /// What was accepted.
    pub event: Event,
}

/// What was accepted. Nobody is named: who did it stands in the aggregator's own chain of acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A policy was signed.
    Policy {
        /// Its hash.
        hash: String,
    },
    /// A one-off question was signed.
    Question {
        /// Its hash.
        hash: String,
    },
    /// A node certificate was enrolled.
    Enrolment {
        /// SHA-256 of the certificate.
        fingerprint: String,
        /// Of which borough.
        borough: BoroughCode,
        /// The key that signs its releases.
        release_key: PublicKey,
        /// When the certificate ends.
        not_after: Moment,
        /// The quarter of the borough's first release.
        first_quarter: Quarter,
    },
    /// A node certificate was withdrawn for ever.
    Denial {
        /// SHA-256 of the certificate.
        fingerprint: String,
    },
    /// A borough's releases are signed by another key from a number on.
    ReleaseKey {
        /// The borough.
        borough: BoroughCode,
        /// The key before.
        old_key: PublicKey,
        /// The key after.
        new_key: PublicKey,
        /// The number of the first release that the key after signs.
        from_release: u32,
    },
    /// A key that was to sign a borough's releases is lost and signs none: the one before it goes on.
    ReleaseKeyLost {
        /// The borough.
        borough: BoroughCode,
        /// The lost key.
        key: PublicKey,
    },
    /// The right to draw a quarter was given.
    Right {
        /// To which borough.
        borough: BoroughCode,
        /// The quarter; nothing where a person let a copy that was refused be the borough's node.
        quarter: Option<Quarter>,
        /// Hash of the policy, empty where a person renewed.
        policy: String,
        /// SHA-256 of the request's nonce; the nonce itself is known to nobody but the copy that asked.
        nonce_sha256: String,
        /// Hash of the node's ledger as it stood, empty where a person renewed.
        ledger_head: String,
    },
    /// A release was accepted.
    Release {
        /// From which borough.
        borough: BoroughCode,
        /// The quarter.
        quarter: Quarter,
        /// Its number.
        number: u32,
        /// SHA-256 of its signed bytes.
        sha256: String,
    },
    /// A receipt was given.
    Receipt {
        /// To which borough.
        borough: BoroughCode,
        /// The quarter.
        quarter: Quarter,
        /// SHA-256 of its signed bytes.
        sha256: String,
    },
}

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A policy.
    Policy,
    /// A question.
    Question,
    /// An enrolment.
    Enrolment,
    /// A withdrawal.
    Denial,
    /// A release key that follows another.
    ReleaseKey,
    /// A release key that is lost.
    ReleaseKeyLost,
    /// A right to draw.
    Right,
    /// A release.
    Release,
    /// A receipt.
    Receipt,
}

impl Kind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Question => "question",
            Self::Enrolment => "enrolment",
            Self::Denial => "denial",
            Self::ReleaseKey => "release-key",
            Self::ReleaseKeyLost => "release-key-lost",
            Self::Right => "right",
            Self::Release => "release",
            Self::Receipt => "receipt",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Event {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Policy { .. } => Kind::Policy,
            Self::Question { .. } => Kind::Question,
            Self::Enrolment { .. } => Kind::Enrolment,
            Self::Denial { .. } => Kind::Denial,
            Self::ReleaseKey { .. } => Kind::ReleaseKey,
            Self::ReleaseKeyLost { .. } => Kind::ReleaseKeyLost,
            Self::Right { .. } => Kind::Right,
            Self::Release { .. } => Kind::Release,
            Self::Receipt { .. } => Kind::Receipt,
        }
    }

    /// What it speaks of; a log has one entry for each kind and subject.
    pub fn subject(&self) -> String {
        match self {
            Self::Policy { hash } | Self::Question { hash } => hash.clone(),
            Self::Enrolment { fingerprint, .. } | Self::Denial { fingerprint } => fingerprint.clone(),
            Self::ReleaseKey { new_key, .. } => new_key.to_string(),
            Self::Right { quarter: None, nonce_sha256, .. } => format!("renewed {nonce_sha256}"),
            Self::ReleaseKeyLost { key, .. } => key.to_string(),
            Self::Right { nonce_sha256, .. } => nonce_sha256.clone(),
            Self::Release { borough, quarter, .. } | Self::Receipt { borough, quarter, .. } => {
                Self::subject_of_quarter(borough, *quarter)
            }
        }
    }

    /// The subject of a release and of its receipt.
    pub fn subject_of_quarter(borough: &BoroughCode, quarter: Quarter) -> String {
        format!("{borough} {quarter}")
    }

    /// The borough it concerns, where it concerns one.
    pub fn borough(&self) -> Option<&BoroughCode> {
        match self {
            Self::Enrolment { borough, .. }
            | Self::ReleaseKey { borough, .. }
            | Self::ReleaseKeyLost { borough, .. }
            | Self::Right { borough, .. }
            | Self::Release { borough, .. }
            | Self::Receipt { borough, .. } => Some(borough),
            Self::Policy { .. } | Self::Question { .. } | Self::Denial { .. } => None,
        }
    }
}

impl Entry {
    /// Its canonical bytes.
    ///
    /// # Errors
    /// Where its index is beyond what canonical JSON can hold.
    pub fn bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self)
    }

    /// The hash of its leaf.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn leaf(&self) -> Result<Hash, CanonicalError> {
        Ok(tree::leaf(&self.bytes()?))
    }
}
