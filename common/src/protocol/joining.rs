//! What a node asks before it belongs, or when it does not know any more whether it does: an invitation, and why it is
//! refused.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{
    enrolment::Bundle,
    signature::{self, PublicKey, SignatureError},
};
use crate::{clock::Moment, geography::BoroughCode};

/// An invitation as it is told to a borough: whom it is for, a secret used once, and the root to be trusted.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The borough it is for.
    pub borough: BoroughCode,
    /// 32 random bytes, base64url.
    secret: String,
    /// SHA-256 of the region's root certificate, in hexadecimal.
    pub root: String,
}

/// Why a text is no invitation.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the text is no invitation, expected a borough's code, a secret and a fingerprint joined by dots, as \
     `tenfold-aggregator invite` printed them"
)]
pub struct NoInvitation;

impl Invitation {
    /// An invitation over a fresh secret.
    pub fn new(borough: BoroughCode, secret: &[u8; 32], root: String) -> Self {
        Self { borough, secret: URL_SAFE_NO_PAD.encode(secret), root }
    }

    /// The secret, to be sent once and kept nowhere.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

/// What the region keeps of an invitation's secret.
pub fn secret_sha256(secret: &str) -> String {
    signature::sha256_hex(secret.as_bytes())
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invitation of {}", self.borough)
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.borough, self.secret, self.root)
    }
}

impl FromStr for Invitation {
    type Err = NoInvitation;

    fn from_str(text: &str) -> Result<Self, NoInvitation> {
        let [borough, secret, root] = text.trim().split('.').collect::<Vec<_>>()[..] else {
            return Err(NoInvitation);
        };
        let bytes = URL_SAFE_NO_PAD.decode(secret).map_err(|_| NoInvitation)?;
        let fits = bytes.len() == 32 && root.len() == 64 && root.bytes().all(|byte| byte.is_ascii_hexdigit());
        let borough = borough.parse().map_err(|_| NoInvitation)?;
        if fits {
            Ok(Self { borough, secret: secret.to_owned(), root: root.to_lowercase() })
        } else {
            Err(NoInvitation)
        }
    }
}

/// What a node sends to be enrolled without a file.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The signed enrolment request.
    pub request: String,
    /// The secret of an invitation; empty without one, and the request then waits for a person.
    pub secret: String,
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("application")
    }
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Applied {
    /// The node is enrolled.
    Enrolled {
        /// With this bundle.
        bundle: Box<Bundle>,
    },
    /// The request waits for a person at the centre.
    Waiting,
}

/// The media type of a signed question why.
pub const WHY_TYPE: &str = "tenfold-why+jws";

/// The format of such a question.
pub const WHY_FORMAT: &str = "tenfold-why/1";

/// A node's question how it stands; signed by the release key it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhyRequest {
    /// Always `tenfold-why/1`.
    pub format: String,
    /// The borough that asks.
    pub borough: BoroughCode,
    /// The key that signs its releases.
    pub release_key: PublicKey,
    /// SHA-256 of its node certificate, in hexadecimal; empty where it has none.
    pub certificate: String,
    /// When it was asked.
    pub asked_at: Moment,
}

impl WhyRequest {
    /// Opens a question, which must be signed by the very key it names.
    ///
    /// # Errors
    /// Where it is not.
    pub fn open(text: &str) -> Result<Self, SignatureError> {
        let claimed: Self = signature::peek(text)?;
        signature::open(text, WHY_TYPE, &claimed.release_key)
    }
}

/// How a node stands with the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The region does not know its key.
    NotEnrolled,
    /// Its request waits for a person.
    Waiting,
    /// Its certificate was withdrawn.
    Withdrawn,
    /// Its certificate has ended.
    Expired,
    /// It is enrolled.
    Enrolled,
}

/// The answer, in words that the node shows as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// Since when, or until when where it is enrolled.
    pub at: Option<Moment>,
    /// What that means and what to do.
    pub words: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_read_as_it_is_told() {
        let invitation = Invitation::new("E08000001".parse().unwrap(), &[7; 32], "ab".repeat(32));
        let text = invitation.to_string();
        assert_eq!(text.parse(), Ok(invitation.clone()));
        assert_eq!(format!("\n {} ", text.replace("ab", "AB")).parse(), Ok(invitation.clone()));
        assert!(!format!("{invitation:?}").contains(invitation.secret()));
        for wrong in
            ["", "E08000001", "E08000001.a.b", &text[1..], &text[..text.len() - 1], &format!("{text}.x")]
        {
            assert_eq!(wrong.parse::<Invitation>(), Err(NoInvitation), "{wrong}");
        }
    }
}
