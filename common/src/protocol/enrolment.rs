//! Joining the federation: a request file made in the borough, a bundle made at the centre.

use serde::{Deserialize, Serialize};

use super::signature::{self, PublicKey, SignatureError};
use crate::{calendar::Quarter, clock::Moment, geography::BoroughCode};

/// The media type of a signed enrolment request.
pub const REQUEST_TYPE: &str = "tenfold-enrolment-request+jws";

/// What a node asks to be enrolled with; signed by the release key it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// Always `tenfold-enrolment-request/1`.
    pub format: String,
    /// The borough that asks.
    pub borough: BoroughCode,
    /// PKCS #10 certificate request in PEM; only its public key is used.
    pub csr_pem: String,
    /// The key that will sign releases.
    pub release_key: PublicKey,
    /// When it was made.
    pub made_at: Moment,
}

/// The format of a request.
pub const REQUEST_FORMAT: &str = "tenfold-enrolment-request/1";

impl EnrolmentRequest {
    /// Opens a request, which must be signed by the very key it names.
    ///
    /// # Errors
    /// Where it is not.
    pub fn open(text: &str) -> Result<Self, SignatureError> {
        let claimed: Self = signature::peek(text)?;
        signature::open(text, REQUEST_TYPE, &claimed.release_key)
    }
}

/// What an enrolled node is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Always `tenfold-bundle/1`.
    pub format: String,
    /// The borough enrolled.
    pub borough: BoroughCode,
    /// The node certificate and the issuing certificate, in PEM.
    pub certificate_chain_pem: String,
    /// The region's root certificate, in PEM; its fingerprint is told another way.
    pub root_pem: String,
    /// Where releases are delivered, `https://…`.
    pub ingest_url: String,
    /// Where the region's pages are reached, and asked when this node is refused; empty where that is not offered.
    #[serde(default)]
    pub pages_url: String,
    /// The key that signs policies.
    pub policy_key: PublicKey,
    /// The key that signs receipts and statements.
    pub receipt_key: PublicKey,
    /// The signed policy that rules its first quarter.
    pub policy: String,
    /// The quarter of its first release: a borough that joins late releases nothing for those before it.
    pub first_quarter: Quarter,
}

/// The format of a bundle.
pub const BUNDLE_FORMAT: &str = "tenfold-bundle/1";

/// The one URI that a borough's node certificate carries, matched whole.
pub fn borough_uri(borough: &BoroughCode) -> String {
    format!("urn:tenfold:borough:{borough}")
}

/// The borough that a URI names, by exact match of the whole name.
pub fn borough_of_uri(uri: &str) -> Option<BoroughCode> {
    uri.strip_prefix("urn:tenfold:borough:")?.parse().ok()
}
