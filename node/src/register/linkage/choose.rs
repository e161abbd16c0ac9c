//! From weights to joins and questions: two thresholds, and what is never joined without a person's look.

use std::collections::{HashMap, HashSet};

use super::{Field, Levels, Parameters, Profile, Scored};
use crate::register::clusters::Clusters;

/// What weighing came to.
#[derive(Debug, Default, PartialEq)]
pub struct Weighing {
    /// Pairs to join, the weightiest first.
    pub joined: Vec<Scored>,
    /// Pairs for a person to decide, the weightiest first.
    pub asked: Vec<Scored>,
}

/// Why a pair is not joined whatever it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Another forename: twins share birth date, surname and address.
    Forename,
    /// Another birth date, more than a slip away: a parent may share all names and the address.
    BirthDate,
    /// Another forename and another birth date: a brother or sister, a parent. Nobody need be asked.
    Both,
}

impl Apart {
    /// What speaks against one person so much that only a person may decide for it.
    pub fn of(levels: &Levels) -> Option<Self> {
        match (levels.word(Field::Forename), levels.word(Field::BirthDate)) {
            (Some("other"), Some("other" | "near")) | (Some("alike"), Some("other")) => Some(Self::Both),
            (Some("other"), _) => Some(Self::Forename),
            (_, Some("other" | "near")) => Some(Self::BirthDate),
            _ => None,
        }
    }
}

/// Joins what weighs enough, the weightiest first, where nothing stands against it; asks about the rest.
///
/// A pair is asked about and not joined where it stands apart by itself, or where the groups it would bring
/// together hold two who do, or who have different numbers. So is a pair with a rival: somebody who cannot be the
/// same person and weighs nearly as much, by less than `accept_bits`. `apart` are pairs that were decided to be two
/// people: they are neither joined nor asked about.
pub fn choose(
    profiles: &[Profile],
    scored: Vec<Scored>,
    apart: &[(usize, usize)],
    parameters: &Parameters,
) -> Weighing {
    let mut groups = Clusters::of(profiles.len());
    for &(one, other) in apart {
        groups.tell_apart(one, other);
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    let rivals = rivals(profiles, &scored, parameters);
    let mut found = Weighing::default();
    for pair in scored {
        if !groups.may_join(pair.one, pair.other) || Apart::of(&pair.levels) == Some(Apart::Both) {
            continue;
        }
        let in_question = rivals.contains(&(pair.one, pair.other)) || Apart::of(&pair.levels).is_some();
        if in_question || pair.bits < parameters.accept_bits {
            found.asked.push(pair);
            continue;
        }
        let (one, other) = (groups.root(pair.one), groups.root(pair.other));
        if one == other {
            continue;
        }
        let of = |root: usize| members.get(&root).cloned().unwrap_or_else(|| vec![root]);
        let (these, those) = (of(one), of(other));
        let stands = these.iter().all(|&a| those.iter().all(|&b| agree(&profiles[a], &profiles[b])));
        if stands {
            groups.join(one, other);
            members.remove(&one);
            members.remove(&other);
            members.insert(groups.root(one), [these, those].concat());
            found.joined.push(pair);
        } else {
            found.asked.push(pair);
        }
    }
    found
        .asked
        .retain(|pair| !groups.together(pair.one, pair.other) && groups.may_join(pair.one, pair.other));
    found
}

/// Pairs of which one has another partner that weighs nearly as much and stands apart from this one.
fn rivals(profiles: &[Profile], scored: &[Scored], parameters: &Parameters) -> HashSet<(usize, usize)> {
    let mut partners: HashMap<usize, Vec<(usize, f64)>> = HashMap::new();
    for pair in scored.iter().filter(|pair| Apart::of(&pair.levels).is_none()) {
        partners.entry(pair.one).or_default().push((pair.other, pair.bits));
        partners.entry(pair.other).or_default().push((pair.one, pair.bits));
    }
    let has_rival = |of: usize, partner: usize, bits: f64| {
        partners.get(&of).into_iter().flatten().any(|&(rival, weight)| {
            weight > bits - parameters.accept_bits
                && rival != partner
                && !agree(&profiles[rival], &profiles[partner])
        })
    };
    let in_question = scored.iter().filter(|pair| {
        has_rival(pair.one, pair.other, pair.bits) || has_rival(pair.other, pair.one, pair.bits)
    });
    in_question.map(|pair| (pair.one, pair.other)).collect()
}

fn agree(one: &Profile, other: &Profile) -> bool {
    !one.has_other_number(other) && Apart::of(&super::compare(one, other).levels).is_none()
}
