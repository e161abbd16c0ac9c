//! Problems as the wire tells them (RFC 9457): one table of kinds.

use serde::{Deserialize, Serialize};

macro_rules! problems {
    ($($(#[doc = $doc:literal])* $name:ident = $slug:literal, $status:literal, $title:literal;)*) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The type's URI.
            pub fn uri(self) -> &'static str {
                match self { $(Self::$name => concat!("urn:tenfold:problem:", $slug),)* }
            }

            /// A short word for metrics and logs.
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it means, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The kind with a URI.
            pub fn from_uri(uri: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.uri() == uri)
            }
        }
    };
}

problems! {
    /// Not a message of the expected form.
    Malformed = "malformed", 400, "The message is not of the expected form.";
    /// A format or path of a version that is not accepted.
    UnsupportedVersion = "unsupported-version", 400, "The message is of a version that is not accepted here.";
    /// The signature does not fit.
    BadSignature = "bad-signature", 400, "The release is not signed by the borough's release key.";
    /// Nobody is signed in, or no node certificate was shown.
    NotIdentified = "not-identified", 401, "Nobody is identified here.";
    /// The certificate names another borough than the message.
    WrongBorough = "wrong-borough", 403, "The node certificate names another borough than the message.";
    /// The borough is not enrolled with this certificate.
    NotEnrolled = "not-enrolled", 403, "This node certificate is not enrolled, was withdrawn, or has expired.";
    /// The role does not allow it.
    NotAllowed = "not-allowed", 403, "The role signed in does not allow this.";
    /// The invitation does not let in.
    Invitation = "invitation", 403, "The invitation cannot be used.";
    /// Nothing here.
    NotFound = "not-found", 404, "There is nothing here.";
    /// The body came too slowly.
    TooSlow = "too-slow", 408, "The message came too slowly.";
    /// The id is known with other bytes.
    OtherBytes = "other-bytes", 409, "A release of this borough and quarter with other bytes is already kept.";
    /// Another copy of the node has the right.
    OtherCopy = "other-copy", 409, "The right to draw was given to another copy of this node.";
    /// The new key is lost.
    KeyLost = "key-lost", 409, "The borough said that this release key is lost: it signs nothing.";
    /// A quarter before it is missing.
    OutOfOrder = "out-of-order", 409, "Quarters are received in order, and one before this is missing.";
    /// The message is too large.
    TooLarge = "too-large", 413, "The message is larger than any release can be.";
    /// Not a media type or content coding that is read.
    UnsupportedMediaType = "unsupported-media-type", 415, "The message is of a media type or content coding that is not read here.";
    /// The policy is not the one in force.
    WrongPolicy = "wrong-policy", 422, "The release obeys another policy than the one in force.";
    /// The cells are not those of the policy.
    WrongShape = "wrong-shape", 422, "The release does not have the streams and cells of its policy.";
    /// Too many tries, or connections at once.
    TooMany = "too-many", 429, "Too many attempts; try again later.";
    /// The request's head is too large.
    HeadTooLarge = "head-too-large", 431, "The request's head is larger than any of a node's.";
    /// Anything unmapped.
    Internal = "internal", 500, "Something failed here; the request's number is in the log.";
    /// The aggregator was restored and waits until its log is whole.
    Behind = "behind", 503, "The aggregator was put back from a backup and accepts nothing until its log is whole again.";
    /// Two histories were signed.
    Forked = "forked", 503, "The aggregator's log is another one than it signed before; nothing is accepted until people have looked.";
    /// Something needed is out of reach for now.
    Unavailable = "unavailable", 503, "Something needed is out of reach for now; try again later.";
}

/// A problem document (RFC 9457 section 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    /// The kind's URI.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind's sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was expected, what came and what to do; never a value from a record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Problem {
    /// A problem of a kind, with what the reader should know.
    pub fn new(kind: ProblemKind, detail: impl Into<Option<String>>) -> Self {
        Self {
            kind: kind.uri().to_owned(),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_is_found_by_its_uri() {
        for &kind in ProblemKind::ALL {
            assert_eq!(ProblemKind::from_uri(kind.uri()), Some(kind));
            assert!((400..600).contains(&kind.status()));
        }
        let uris: HashSet<_> = ProblemKind::ALL.iter().map(|kind| kind.uri()).collect();
        assert_eq!(uris.len(), ProblemKind::ALL.len());
    }
}
