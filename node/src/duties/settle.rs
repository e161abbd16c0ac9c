//! Puts the register together again after what decides it has changed: a load, an undoing, a decision.

use std::collections::{HashMap, HashSet};

use tenfold_common::clock::Moment;
use tenfold_store::AnyConnection;

use super::DutyError;
use crate::{
    register::{
        clusters::Clusters,
        matching::Identity,
        settle::{self, Known, MentionNumber, Settled},
    },
    store::{self, rows::Mentions},
};

/// The register as it was put together, with what it was put together from.
pub(super) struct Standing {
    /// From what.
    pub(super) known: Known,
    /// To what.
    pub(super) settled: Settled,
}

/// Reads the mentions, ready for more.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn open(connection: &mut AnyConnection) -> Result<Mentions, DutyError> {
    let heads = store::mentions::heads(connection)?;
    Ok(Mentions::new(store::mentions::mentions(connection)?, heads.mention))
}

/// Puts the register together and writes what differs; `load` is what brought the mentions, if a load did.
///
/// # Errors
/// Where the database refuses.
pub(super) fn settle(
    connection: &mut AnyConnection,
    mentions: Mentions,
    load: Option<i64>,
    now: Moment,
) -> Result<Standing, DutyError> {
    let (all, new_from, last) = mentions.into_all();
    let mut heads = store::mentions::heads(connection)?;
    heads.mention = last;
    let known = store::mentions::known(connection, all, heads)?;
    let settled = settle::settle(&known);
    store::mentions::write(connection, &known, &settled, new_from, load, now)?;
    store::history::hold_places(connection)?;
    Ok(Standing { known, settled })
}

/// The register as it would be put together now; changes nothing.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn look(connection: &mut AnyConnection) -> Result<Standing, DutyError> {
    let heads = store::mentions::heads(connection)?;
    let mentions = store::mentions::mentions(connection)?;
    let known = store::mentions::known(connection, mentions, heads)?;
    let settled = settle::settle(&known);
    Ok(Standing { known, settled })
}

impl Standing {
    /// Each mention's person, by index.
    pub(super) fn person_of(&self) -> Vec<usize> {
        let mut of = vec![0; self.known.mentions.len()];
        for (at, person) in self.settled.persons.iter().enumerate() {
            for &mention in &person.mentions {
                of[mention] = at;
            }
        }
        of
    }

    /// Each mention's place by its fingerprint.
    pub(super) fn place_of(&self) -> HashMap<Identity, usize> {
        self.known.mentions.iter().enumerate().map(|(at, known)| (known.mention.identity, at)).collect()
    }

    /// How many people and families there were if these people were one.
    pub(super) fn if_joined(&self, pairs: &[(usize, usize)]) -> (usize, usize) {
        let persons = &self.settled.persons;
        let mut people = Clusters::of(persons.len());
        let mut families = Clusters::of(persons.len());
        let mut oldest = HashMap::new();
        for (at, person) in persons.iter().enumerate() {
            if let Some(family) = person.membership.family {
                families.join(*oldest.entry(family).or_insert(at), at);
            }
        }
        for &(one, other) in pairs {
            people.join(one, other);
            families.join(one, other);
        }
        let in_one = |group: &Vec<usize>| group.iter().any(|&at| persons[at].membership.family.is_some());
        (people.groups().len(), families.groups().iter().filter(|group| in_one(group)).count())
    }

    /// Of rows by mention, how many are about nobody of a family here.
    pub(super) fn unmatched(&self, spoken_of: &HashMap<MentionNumber, u64>) -> u64 {
        let families = self.settled.persons.iter().filter(|person| person.membership.family.is_some());
        let matched: HashSet<MentionNumber> =
            families.flat_map(|person| &person.mentions).map(|&at| self.known.mentions[at].number).collect();
        spoken_of.iter().filter(|(mention, _)| !matched.contains(mention)).map(|(_, rows)| rows).sum()
    }
}
