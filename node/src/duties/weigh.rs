//! Weighs who may be one person where no number says so, and estimates what weighing goes by.

use std::num::NonZero;

use serde::Serialize;
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, Node, require, settle};
use crate::{
    register::{
        linkage::{self, Parameters, People, Place, Scored},
        persons::Tie,
        settle::{Known, MentionNumber, Settled},
    },
    store::{self, decisions::Link},
};

/// Fewer mentions than this say too little of how often names and dates differ.
const LEAST_MENTIONS: usize = 2_000;

/// What weighing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// The name of the parameters.
    pub parameters: String,
    /// Whether the borough stands by them.
    pub confirmed: bool,
    /// How many pairs were compared.
    pub compared: usize,
    /// Blocks too large to be compared.
    pub blocks_left_out: usize,
    /// Pairs that were joined.
    pub joined: usize,
    /// Pairs that wait for a person.
    pub asked: usize,
    /// People before any link, and now.
    pub people: (usize, usize),
    /// Families before any link, and now.
    pub families: (usize, usize),
}

/// Estimates parameters on the register, keeping thresholds and blocking keys of `before`; changes nothing but
/// the trail.
///
/// # Errors
/// Where the register is too small, or the person is no analyst.
pub fn estimate(node: &Node, before: &Parameters, by: &Account) -> Result<Parameters, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    let bare = node.store.read(Bare::read)?;
    let (known, settled) = (&bare.known, &bare.settled);
    let mentions = linkage::single(known, &settled.communal, &bare.places);
    if mentions.len() < LEAST_MENTIONS {
        return Err(DutyError::TooFew { mentions: mentions.len(), least: LEAST_MENTIONS });
    }
    let people = People::of(known, settled, &bare.places).profiles;
    let today = now.naive().date();
    let name = format!("register-{today}");
    let parameters = linkage::estimate(&mentions, &people, before, &name, today);
    node.store.write(|connection| -> Result<(), DutyError> {
        acts::take_turn(connection)?;
        Ok(acts::record(connection, now, &by.name, "match-estimated", &format!("parameters {name}"))?)
    })?;
    Ok(parameters)
}

/// Weighs all people whom no number joins, replaces all earlier links and puts the register together.
///
/// # Errors
/// Where the person is no analyst, or the database refuses.
pub fn weigh(node: &Node, parameters: &Parameters, by: &Account) -> Result<Weighed, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    // Weighed before the database is taken: nobody waits for it. What is decided meanwhile stands above links.
    let bare = node.store.read(Bare::read)?;
    let people = People::of(&bare.known, &bare.settled, &bare.places);
    let (scored, candidates) = linkage::weigh(&people.profiles, parameters, threads);
    let found = linkage::choose(&people.profiles, scored, &people.apart, parameters);
    let link = |pair: &Scored, accepted| Link {
        one: people.profiles[pair.one].identity,
        other: people.profiles[pair.other].identity,
        millibits: (pair.bits * 1_000.0).round() as i64,
        accepted,
        because: linkage::reasons(&people.profiles, parameters, pair),
    };
    let mut links: Vec<Link> = found.joined.iter().map(|pair| link(pair, true)).collect();
    links.extend(found.asked.iter().map(|pair| link(pair, false)));
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        store::decisions::replace_links(connection, &links, &parameters.name)?;
        let arrived = store::mentions::heads(connection)?.mention != bare.known.heads.mention;
        let mentions = settle::open(connection)?;
        let after = settle::settle(connection, mentions, None, now)?.settled;
        // Who was loaded meanwhile was not weighed.
        let heads = if arrived { bare.known.heads } else { store::mentions::heads(connection)? };
        store::decisions::record_weighing(connection, &parameters.name, heads.person, &by.name, now)?;
        let object = format!("parameters {}", parameters.name);
        acts::record(connection, now, &by.name, "match-weighed", &object)?;
        Ok(Weighed {
            parameters: parameters.name.clone(),
            confirmed: parameters.confirmed,
            compared: candidates.pairs.len(),
            blocks_left_out: candidates.blocks_left_out,
            joined: found.joined.len(),
            asked: found.asked.len(),
            people: (bare.settled.persons.len(), after.persons.len()),
            families: (bare.settled.families.len(), after.families.len()),
        })
    })
}

/// How many people arrived since everybody was last weighed; all where nobody was.
///
/// # Errors
/// Where the database cannot be read.
pub fn not_weighed(node: &Node) -> Result<usize, DutyError> {
    Ok(node.store.read(store::decisions::not_weighed)?)
}

/// How many people arrived since everybody was last weighed; none where a borough has not begun to weigh.
///
/// # Errors
/// Where the database cannot be read.
pub fn arrived_since(node: &Node) -> Result<usize, DutyError> {
    Ok(node.store.read(|connection| match store::decisions::last_weighed(connection)? {
        Some(_) => store::decisions::not_weighed(connection),
        None => Ok(0),
    })?)
}

/// The register without links, and where people live.
struct Bare {
    known: Known,
    settled: Settled,
    places: Vec<(MentionNumber, Place)>,
}

impl Bare {
    fn read(connection: &mut AnyConnection) -> Result<Self, DutyError> {
        let heads = store::mentions::heads(connection)?;
        let mentions = store::mentions::mentions(connection)?;
        let mut known = store::mentions::known(connection, mentions, heads)?;
        known.ties.retain(|(.., tie)| *tie != Tie::Linked);
        let settled = crate::register::settle::settle(&known);
        Ok(Self { known, settled, places: store::stays::places(connection)? })
    }
}

#[cfg(test)]
mod tests;
