//! A new certificate over an identity that is there: asked for by the node, in time and by itself.

use serde::{Deserialize, Serialize};

use super::signature;
use crate::{clock::Moment, geography::BoroughCode};

/// The media type of a signed renewal request.
pub const RENEWAL_TYPE: &str = "tenfold-renewal+jws";

/// What a node asks a new certificate with; signed by its release key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalRequest {
    /// Always `tenfold-renewal/1`.
    pub format: String,
    /// The borough that asks.
    pub borough: BoroughCode,
    /// SHA-256 of the certificate that the new one takes over from, in hexadecimal.
    pub certificate: String,
    /// PKCS #10 certificate request over a new key, in PEM; only its public key is used.
    pub csr_pem: String,
    /// When it was made.
    pub made_at: Moment,
}

/// The format of a renewal request.
pub const RENEWAL_FORMAT: &str = "tenfold-renewal/1";

/// The media type of the signed answer.
pub const CERTIFICATE_TYPE: &str = "tenfold-certificate+jws";

/// A new node certificate; signed by the region's receipt key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewedCertificate {
    /// Always `tenfold-certificate/1`.
    pub format: String,
    /// The borough it is for.
    pub borough: BoroughCode,
    /// SHA-256 of the signed request it answers, in hexadecimal.
    pub request_sha256: String,
    /// The node certificate and the issuing certificate, in PEM.
    pub certificate_chain_pem: String,
    /// Where the region's pages are reached; empty where that is not offered.
    pub pages_url: String,
    /// When it ends.
    pub not_after: Moment,
}

/// The format of the answer.
pub const CERTIFICATE_FORMAT: &str = "tenfold-certificate/1";

/// The largest part of a certificate's life by which its renewal is put off, so that not all call on one day.
const SPREAD: i64 = 16;

/// When a certificate is renewed: at half of its life, put off by up to a sixteenth of it as the holder's name says.
pub fn renewal_due(begins: Moment, ends: Moment, holder: &str) -> Moment {
    let life = ends.unix() - begins.unix();
    let seed = signature::sha256_hex(holder.as_bytes());
    let seed = i64::from_str_radix(&seed[..4], 16).unwrap_or(0);
    begins.plus_seconds(life / 2 + life / SPREAD * seed / 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_due_at_half_life_and_not_for_all_at_once() {
        let begins: Moment = "2015-04-01T00:00:00Z".parse().unwrap();
        let ends = begins.plus_days(320);
        let due = |holder: &str| renewal_due(begins, ends, holder);
        for number in 1..=10 {
            let holder = format!("E080000{number:02}");
            assert!(due(&holder) >= begins.plus_days(160), "{holder}");
            assert!(due(&holder) <= begins.plus_days(180), "{holder}");
            assert_eq!(due(&holder), due(&holder));
        }
        let days: std::collections::BTreeSet<_> =
            (1..=10).map(|number| due(&format!("E080000{number:02}")).day()).collect();
        assert!(days.len() >= 5, "{days:?}");
    }

    #[test]
    fn a_short_life_has_whole_seconds_too() {
        let begins: Moment = "2015-04-01T00:00:00Z".parse().unwrap();
        let due = renewal_due(begins, begins.plus_seconds(3), "E08000001");
        assert_eq!(due, begins.plus_seconds(1));
    }
}
