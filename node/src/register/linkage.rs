//! Weighing names: which people that no number joins are one person all the same, and how sure that is.
//!
//! People as deterministic matching leaves them are compared in pairs, field by field; how well a field agrees
//! is its *level*. Each level has two probabilities: m among pairs that are one person, u among pairs that are
//! two. The weight of a pair is the sum of log₂(m/u) over its fields and the log₂ odds that two people of the
//! register are one at all: its bits. Pairs above one threshold are joined, pairs between two thresholds wait
//! for a person, the rest are left alone.
//!
//! # Source
//! I. P. Fellegi and A. B. Sunter, A theory for record linkage, JASA 64(328), 1969: the theorem on the optimal
//! linkage rule, which is this rule where fields agree independently. W. E. Winkler, String comparator metrics
//! and enhanced decision rules in the Fellegi–Sunter model of record linkage, 1990: the comparison of names;
//! also his adjustment of u to the frequency of the value on which two records agree.

mod block;
mod choose;
mod compare;
mod estimate;
mod parameters;
mod people;
mod profile;
mod reasons;
#[cfg(test)]
mod tests;

pub use block::{BlockingKey, Candidates, candidates};
pub use choose::{Apart, Weighing, choose};
pub use compare::{Field, Levels, compare};
pub use estimate::{Estimate, estimate, expect};
pub use parameters::{FieldWeights, Frequencies, LevelWeight, Parameters, ParametersFault};
pub use people::{People, single};
pub use profile::{Place, Profile};
pub use reasons::{Reason, reasons};

/// A pair of people with its weight; people by index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// One of them.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// The weight for *one person*, the odds beforehand included.
    pub bits: f64,
    /// How well each field agrees.
    pub levels: Levels,
}

/// Compares all pairs that share a blocking key and weighs them; those that reach `ask_bits`, the weightiest
/// first.
///
/// The result does not depend on the order of the profiles but for the indices, nor on `threads`.
pub fn weigh(profiles: &[Profile], parameters: &Parameters, threads: usize) -> (Vec<Scored>, Candidates) {
    let candidates = candidates(profiles, &parameters.blocking, parameters.largest_block);
    let prior = parameters.prior_bits(profiles.len());
    let each = candidates.pairs.len().div_ceil(threads.max(1)).max(1);
    let part = |pairs: &[(u32, u32)]| -> Vec<Scored> {
        let pairs = pairs.iter().map(|&(one, other)| (one as usize, other as usize));
        pairs.filter_map(|(one, other)| score(profiles, parameters, prior, one, other)).collect()
    };
    let mut found: Vec<Scored> = std::thread::scope(|scope| {
        let parts: Vec<_> =
            candidates.pairs.chunks(each).map(|pairs| scope.spawn(move || part(pairs))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("weighing a pair does not panic")).collect()
    });
    let millibits = |pair: &Scored| (pair.bits * 1_000.0).round() as i64;
    found.sort_by_key(|pair| {
        (std::cmp::Reverse(millibits(pair)), profiles[pair.one].identity, profiles[pair.other].identity)
    });
    (found, candidates)
}

fn score(
    profiles: &[Profile],
    parameters: &Parameters,
    prior: f64,
    one: usize,
    other: usize,
) -> Option<Scored> {
    // The pair is the same whichever of the two comes first.
    let (one, other) =
        if profiles[one].identity <= profiles[other].identity { (one, other) } else { (other, one) };
    let (first, second) = (&profiles[one], &profiles[other]);
    if first.has_other_number(second) {
        return None;
    }
    let compared = compare(first, second);
    let bits = prior + parameters.bits(&compared);
    (bits >= parameters.ask_bits).then_some(Scored { one, other, bits, levels: compared.levels })
}
