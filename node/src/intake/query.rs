//! Questions that a good row raises: it is taken, and somebody explains it.
//!
//! # Privacy
//! A question may quote what stands in the file; `Debug` shows place and rule and nothing else.

use std::fmt;

use crate::intake::fault::Place;

/// One question about one row; the row is taken all the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    /// Where.
    pub place: Place,
    /// The rule that asks: one stable word.
    pub rule: &'static str,
    /// What looks odd and what would explain it.
    pub question: String,
    /// The record's own key, hashed: an explanation given to it survives a resend of the same row and rule.
    pub own_key: String,
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.question)
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.rule, self.place)
    }
}
