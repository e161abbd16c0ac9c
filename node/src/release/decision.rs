//! What an approver signs with a key of the own: an answer to one preparation, bound to everything it is about. Pure.

use serde::{Deserialize, Serialize};
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::BoroughCode,
    protocol::{PublicKey, RefusalReason, SignatureError, SigningKey, signature},
};

/// The media type of a signed decision.
pub const DECISION_TYPE: &str = "tenfold-decision+jws";
/// The format of a decision.
pub const DECISION_FORMAT: &str = "tenfold-decision/1";

/// An approver's answer to a preparation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// [`DECISION_FORMAT`].
    pub format: String,
    /// The borough.
    pub borough: BoroughCode,
    /// Hash of the policy in force.
    pub policy: String,
    /// The quarter.
    pub quarter: Quarter,
    /// Salted hash of the tables as they were frozen; none where a quarter is void that nobody prepared.
    pub salted_hash: Option<String>,
    /// The answer.
    pub answer: Answer,
    /// Account of the approver.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// What an approver may answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// These tables may be released.
    Approved,
    /// They are to be prepared again.
    Returned {
        /// SHA-256 of the comment, hexadecimal.
        comment_sha256: String,
    },
    /// The quarter is void.
    Void {
        /// One of four fixed words.
        reason: RefusalReason,
        /// SHA-256 of the comment, hexadecimal.
        comment_sha256: String,
    },
}

impl Answer {
    /// A return with this comment.
    pub fn returned(comment: &str) -> Self {
        Self::Returned { comment_sha256: signature::sha256_hex(comment.as_bytes()) }
    }

    /// A void quarter for this reason, with this comment.
    pub fn void(reason: RefusalReason, comment: &str) -> Self {
        Self::Void { reason, comment_sha256: signature::sha256_hex(comment.as_bytes()) }
    }
}

/// Why a decision that is kept does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecisionFault {
    /// No key of the person made the signature.
    #[error("it is not signed by a key that {by} held at {at}")]
    Key {
        /// Who is said to have signed.
        by: String,
        /// When.
        at: Moment,
    },
    /// The signature is good, and over something else.
    #[error("what {by} signed is about another {field}")]
    Other {
        /// Who signed.
        by: String,
        /// What differs.
        field: &'static str,
    },
    /// Preparer and approver are one person.
    #[error("{by} prepared what {by} approved")]
    OwnWork {
        /// Who.
        by: String,
    },
    /// The frozen tables are not those that were approved.
    #[error("the frozen tables are others than those that were approved")]
    Tables,
    /// It rests on a standing approval that does not cover it.
    #[error("{reason}")]
    Standing {
        /// Why not.
        reason: String,
    },
}

impl Decision {
    /// The decision, signed.
    ///
    /// # Errors
    /// Where the key cannot sign.
    pub fn sign(&self, key: &SigningKey) -> Result<String, SignatureError> {
        signature::sign(self, DECISION_TYPE, key)
    }

    /// Refuses unless one of these keys signed exactly this; the key that did.
    ///
    /// # Errors
    /// The first thing that differs.
    pub fn check<'k>(
        &self,
        signed: &str,
        keys: impl IntoIterator<Item = &'k PublicKey>,
    ) -> Result<&'k PublicKey, DecisionFault> {
        let (found, key) = open::<Self>(signed, DECISION_TYPE, keys)
            .ok_or_else(|| DecisionFault::Key { by: self.by.clone(), at: self.at })?;
        let differs = [
            ("format", found.format != self.format),
            ("borough", found.borough != self.borough),
            ("policy", found.policy != self.policy),
            ("quarter", found.quarter != self.quarter),
            ("preparation", found.salted_hash != self.salted_hash),
            ("answer", found.answer != self.answer),
            ("person", found.by != self.by),
            ("time", found.at != self.at),
        ];
        match differs.into_iter().find(|(_, differs)| *differs) {
            Some((field, _)) => Err(DecisionFault::Other { by: self.by.clone(), field }),
            None => Ok(key),
        }
    }
}

/// What was signed, and the key of these that signed it.
pub(super) fn open<'k, T: serde::de::DeserializeOwned + Serialize>(
    signed: &str,
    typ: &str,
    keys: impl IntoIterator<Item = &'k PublicKey>,
) -> Option<(T, &'k PublicKey)> {
    keys.into_iter().find_map(|key| Some((signature::open(signed, typ, key).ok()?, key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision() -> Decision {
        Decision {
            format: DECISION_FORMAT.into(),
            borough: "E08000001".parse().unwrap(),
            policy: "ab".into(),
            quarter: "2015-Q2".parse().unwrap(),
            salted_hash: Some("cd".into()),
            answer: Answer::Approved,
            by: "ben".into(),
            at: "2015-08-01T09:00:00Z".parse().unwrap(),
        }
    }

    /// One signature, held against every other decision it might be passed off as.
    #[test]
    fn a_signature_holds_for_its_own_decision_alone() {
        let (ben, cara) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let (own, other) = (ben.public(), cara.public());
        let signed = decision().sign(&ben).unwrap();
        assert_eq!(decision().check(&signed, [&other, &own]), Ok(&own));
        let fault = |expected: Decision| expected.check(&signed, [&own]).unwrap_err();
        for (expected, field) in [
            (Decision { format: "x".into(), ..decision() }, "format"),
            (Decision { borough: "E08000002".parse().unwrap(), ..decision() }, "borough"),
            (Decision { policy: "ef".into(), ..decision() }, "policy"),
            (Decision { quarter: "2015-Q3".parse().unwrap(), ..decision() }, "quarter"),
            (Decision { salted_hash: Some("ce".into()), ..decision() }, "preparation"),
            (Decision { salted_hash: None, ..decision() }, "preparation"),
            (Decision { answer: Answer::returned("no"), ..decision() }, "answer"),
            (Decision { at: "2015-08-01T09:00:01Z".parse().unwrap(), ..decision() }, "time"),
        ] {
            assert_eq!(fault(expected), DecisionFault::Other { by: "ben".into(), field });
        }
        assert!(matches!(fault(Decision { by: "cara".into(), ..decision() }), DecisionFault::Other { .. }));
        assert_eq!(
            decision().check(&signed, [&other]),
            Err(DecisionFault::Key { by: "ben".into(), at: decision().at })
        );
        assert!(decision().check(&decision().sign(&cara).unwrap(), [&own]).is_err());
        assert!(decision().check("", [&own]).is_err());
        // A comment or reason cannot be exchanged.
        let void =
            |comment| Decision { answer: Answer::void(RefusalReason::Matching, comment), ..decision() };
        let signed = void("two schools").sign(&ben).unwrap();
        assert!(void("two schools").check(&signed, [&own]).is_ok());
        assert!(void("one school").check(&signed, [&own]).is_err());
        let other = Decision { answer: Answer::void(RefusalReason::Records, "two schools"), ..decision() };
        assert!(other.check(&signed, [&own]).is_err());
    }
}
