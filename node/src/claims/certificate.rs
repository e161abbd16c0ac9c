//! The claim certificate of a window: exact counts and money, signed; outside the borough only a commitment.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    protocol::canonical::{CanonicalError, canonical},
};

use super::{Totals, validity::Found};

/// The media type of a signed claim certificate; it keeps it apart from everything else the key signs.
pub const TYPE: &str = "tenfold-claim-certificate+jws";

/// What a claim certificate says. It stays in the borough until the borough opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateBody {
    /// The borough.
    pub borough: BoroughCode,
    /// Whether this is a rehearsal.
    pub rehearsal: bool,
    /// The window's name.
    pub window: String,
    /// The window's first day.
    pub first_day: NaiveDate,
    /// The window's last day.
    pub last_day: NaiveDate,
    /// The programme.
    pub programme: String,
    /// The framework that decided.
    pub framework: String,
    /// The issue of this window's certificate, from 1; a later one corrects all earlier ones.
    pub issue: u32,
    /// Why it was issued again; empty for the first.
    pub reason: String,
    /// Counts and money by result type.
    pub totals: Totals,
    /// SHA-256 over the numbers of the claims it counts, in order, hexadecimal.
    pub claims_hash: String,
    /// How it was audited, in the order of the lists; empty where there was nothing to audit.
    pub audits: Vec<AuditPart>,
    /// The certifying officer's account.
    pub certified_by: String,
    /// When, by the node's clock.
    pub certified_at: Moment,
    /// The version of the program.
    pub software: String,
}

/// What a certificate says of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditPart {
    /// The salted hash of the frozen list.
    pub list_hash: String,
    /// The seed.
    pub seed: String,
    /// The share at the end, in hundredths of a per cent.
    pub share_basis_points: u32,
    /// What was found.
    pub found: Found,
}

/// The commitment to a certificate: SHA-256 over its canonical bytes and the salt, hexadecimal.
///
/// # Privacy
/// Hides the figures from who does not hold the salt; every issue has a fresh one of 32 random bytes.
///
/// # Errors
/// Where the body has no canonical bytes.
pub fn commitment(body: &CertificateBody, salt: &[u8; 32]) -> Result<String, CanonicalError> {
    let mut hasher = Sha256::new();
    hasher.update(canonical(body)?);
    hasher.update(salt);
    Ok(hex::encode(hasher.finalize()))
}

/// The hash that binds a certificate to its claims.
pub fn claims_hash(ids: &[i64]) -> String {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let mut hasher = Sha256::new();
    for id in sorted {
        hasher.update(id.to_be_bytes());
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> CertificateBody {
        CertificateBody {
            borough: "E08000001".parse().unwrap(),
            rehearsal: true,
            window: "2016 January".to_owned(),
            first_day: "2016-01-01".parse().unwrap(),
            last_day: "2016-01-31".parse().unwrap(),
            programme: "expanded-2015".to_owned(),
            framework: "expanded-2015".to_owned(),
            issue: 1,
            reason: String::new(),
            totals: Totals::default(),
            claims_hash: claims_hash(&[]),
            audits: Vec::new(),
            certified_by: "ben".to_owned(),
            certified_at: "2016-02-01T09:00:00Z".parse().unwrap(),
            software: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn a_commitment_binds_every_field_and_the_salt() {
        let first = commitment(&body(), &[1; 32]).unwrap();
        assert_eq!(first, commitment(&body(), &[1; 32]).unwrap());
        assert_ne!(first, commitment(&body(), &[2; 32]).unwrap(), "another salt");
        let mut other = body();
        other.totals.employment_pence = 1;
        assert_ne!(first, commitment(&other, &[1; 32]).unwrap(), "another figure");
    }

    #[test]
    fn the_claims_hash_does_not_depend_on_their_order() {
        assert_eq!(claims_hash(&[3, 1]), claims_hash(&[1, 3]));
        assert_ne!(claims_hash(&[1, 3]), claims_hash(&[1]));
    }
}
