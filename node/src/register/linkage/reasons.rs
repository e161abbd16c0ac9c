//! Why a pair weighs what it weighs: each field with its level and its bits, kept with the link.

use serde::{Deserialize, Serialize};

use super::{Parameters, Profile, Scored, compare};

/// The odds beforehand that two people of the register are one; always less than even.
const BEFOREHAND: &str = "beforehand";

/// One part of a pair's weight.
///
/// # Privacy
/// It names a field and how well it agrees, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The field, or `beforehand`.
    pub field: String,
    /// How well it agrees; empty of the odds beforehand.
    pub level: String,
    /// What it weighs, in thousandths of a bit: for *one person* where positive.
    pub millibits: i64,
}

impl Reason {
    /// As one line: `surname exact +9.4 bits`.
    pub fn in_words(&self) -> String {
        let bits = self.millibits as f64 / 1_000.0;
        let what = format!("{} {}", self.field, self.level);
        format!("{} {bits:+.1} bits", what.trim_end())
    }
}

/// The parts of a pair's weight, the odds beforehand first. They add up to its bits but for rounding.
pub fn reasons(profiles: &[Profile], parameters: &Parameters, pair: &Scored) -> Vec<Reason> {
    let part = |field: &str, level: &str, bits: f64| Reason {
        field: field.to_owned(),
        level: level.to_owned(),
        millibits: (bits * 1_000.0).round() as i64,
    };
    let compared = compare(&profiles[pair.one], &profiles[pair.other]);
    let fields = parameters.weights(&compared).map(|(field, level, bits)| part(field.as_str(), level, bits));
    [part(BEFOREHAND, "", parameters.prior_bits(profiles.len()))].into_iter().chain(fields).collect()
}
