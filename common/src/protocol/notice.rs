//! A borough says of itself that it pauses, leaves, or goes on: by one act, and why in one of a few words.

use serde::{Deserialize, Serialize};

use crate::{clock::Moment, geography::BoroughCode};

/// The media type of a signed notice.
pub const NOTICE_TYPE: &str = "tenfold-notice+jws";

/// The format of a notice.
pub const NOTICE_FORMAT: &str = "tenfold-notice/1";

/// What a borough says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// It releases nothing for a while.
    Paused,
    /// It releases nothing any more.
    Left,
    /// It goes on.
    Resumed,
}

impl NoticeKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Left => "left",
            Self::Resumed => "resumed",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Paused, Self::Left, Self::Resumed].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Why; fixed words, for no free text crosses the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeReason {
    /// The people who do it are not there.
    Staff,
    /// Case system or machine is being replaced or is out of order.
    Systems,
    /// Information governance is deciding.
    Governance,
    /// The council or the programme is being reorganised.
    Reorganisation,
    /// Something else.
    Other,
}

impl NoticeReason {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Staff, Self::Systems, Self::Governance, Self::Reorganisation, Self::Other];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Systems => "systems",
            Self::Governance => "governance",
            Self::Reorganisation => "reorganisation",
            Self::Other => "other",
        }
    }

    /// What readers are told.
    pub fn words(self) -> &'static str {
        match self {
            Self::Staff => "the people who do it are not there",
            Self::Systems => "a case system or machine is being replaced or out of order",
            Self::Governance => "information governance is deciding",
            Self::Reorganisation => "the council or the programme is being reorganised",
            Self::Other => "for another reason",
        }
    }

    /// The reason of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// A notice; signed by the borough's release key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Always `tenfold-notice/1`.
    pub format: String,
    /// The borough.
    pub borough: BoroughCode,
    /// What it says.
    pub kind: NoticeKind,
    /// Why; nothing where it goes on.
    pub reason: Option<NoticeReason>,
    /// When it was made.
    pub made_at: Moment,
}

/// A borough that releases nothing, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    /// For a while, or for good.
    pub kind: NoticeKind,
    /// Why.
    pub reason: NoticeReason,
    /// Since when the region knows.
    pub since: Moment,
}

/// The media type of the answer.
pub const NOTED_TYPE: &str = "tenfold-noted+jws";

/// The format of the answer.
pub const NOTED_FORMAT: &str = "tenfold-noted/1";

/// The region's word that it has a notice; signed by its receipt key, the same for every repetition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Noted {
    /// Always `tenfold-noted/1`.
    pub format: String,
    /// The borough.
    pub borough: BoroughCode,
    /// SHA-256 of the signed notice, in hexadecimal.
    pub notice_sha256: String,
    /// Since when it is kept.
    pub at: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for reason in NoticeReason::ALL {
            assert_eq!(NoticeReason::from_word(reason.as_str()), Some(reason));
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(json, format!("\"{}\"", reason.as_str()));
        }
        for kind in [NoticeKind::Paused, NoticeKind::Left, NoticeKind::Resumed] {
            assert_eq!(NoticeKind::from_word(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(NoticeReason::from_word("holiday"), None);
    }
}
