//! Puts the register together again after what decides it has changed: a load, an undoing, a decision.

use std::collections::{HashMap, HashSet};

use tenfold_common::clock::Moment;
use tenfold_store::AnyConnection;

use super::DutyError;
use crate::{
    register::settle::{self, Known, MentionNumber, Settled},
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
    Ok(Standing { known, settled })
}

impl Standing {
    /// Of rows by mention, how many are about nobody of a family here.
    pub(super) fn unmatched(&self, spoken_of: &HashMap<MentionNumber, u64>) -> u64 {
        let families = self.settled.persons.iter().filter(|person| person.membership.family.is_some());
        let matched: HashSet<MentionNumber> =
            families.flat_map(|person| &person.mentions).map(|&at| self.known.mentions[at].number).collect();
        spoken_of.iter().filter(|(mention, _)| !matched.contains(mention)).map(|(_, rows)| rows).sum()
    }
}
