//! Prepares a quarter: chooses what it counts, tallies and freezes it. Costs nothing and may be done again.

mod before;

use tenfold_common::{
    calendar::Quarter,
    privacy::{VerifiedPolicy, VerifiedQuestion},
};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{ApprovalFault, DutyError, Node, question, refuse::is_not_void, require};
use crate::{
    release::{
        Tables, True,
        freeze::{Place, random},
        selection::{self, RecordedEvent},
        stages::{FrozenLine, Sealed},
        tally,
    },
    store::{self, releases::Preparation},
};

/// The quarter that is released next, and how many were sealed before it under any policy.
///
/// # Errors
/// Where the database cannot be read.
pub fn next_quarter(
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
) -> Result<(Quarter, u32), DutyError> {
    Ok(next_after(&store::releases::sealed(connection)?, policy))
}

fn next_after(sealed: &[Sealed], policy: &VerifiedPolicy) -> (Quarter, u32) {
    let last = sealed.last();
    let next = last.map_or(policy.first_release(), |release| release.quarter.next());
    (next, last.map_or(0, |release| release.number))
}

/// Refuses a quarter that was released or is not the next.
///
/// # Errors
/// `AlreadyReleased` or `OutOfOrder`.
pub fn is_next(
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
) -> Result<u32, DutyError> {
    // Read once: between two readings another writer may seal, and the answers would contradict each other.
    let sealed = store::releases::sealed(connection)?;
    if let Some(release) = sealed.iter().find(|release| release.quarter == quarter) {
        return Err(DutyError::AlreadyReleased {
            quarter,
            number: release.number,
            sealed_at: release.sealed_at,
        });
    }
    let (expected, last) = next_after(&sealed, policy);
    if quarter != expected {
        return Err(DutyError::OutOfOrder { asked: quarter, expected });
    }
    policy.quarter_index(quarter)?;
    Ok(last + 1)
}

/// Freezes a quarter's true tables, replacing an earlier preparation of it.
///
/// # Privacy
/// Which lines are counted, and what each adds, depends on each line's own records and the policy. Nothing
/// leaves the node; what is returned carries only a salted hash.
///
/// # Errors
/// Where the period is still open, the quarter is not the next, or it was charged.
pub fn prepare(node: &Node, quarter: Quarter, by: &Account) -> Result<Preparation, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let policy = node.policy_of(quarter)?;
    let (now, ends) = (node.now(), policy.recording_ends(quarter));
    node.store.write(|connection| {
        is_next(connection, &policy, quarter)?;
        if now < ends {
            return Err(DutyError::PeriodOpen { quarter, ends, now });
        }
        is_not_void(connection, quarter)?;
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Err(DutyError::Approval(ApprovalFault::AlreadyCharged { quarter }));
        }
        let (tables, lines) = select(node, connection, &policy, quarter)?;
        let asked = question::of_quarter(node, connection, &policy, quarter)?;
        let merges = store::register::line_merges(connection)?;
        let answers = question::tables(node, connection, &policy, &asked, &merges)?;
        let salt = random()?;
        let preparation = Preparation {
            quarter,
            policy: policy.hash().to_owned(),
            prepared_at: now,
            prepared_by: by.name.clone(),
            salted_hash: tables.salted_hash(&answers, &salt),
            sealed_salt: node.keys.freeze.seal_salt(&salt, policy.hash(), quarter)?,
        };
        let mut frozen = Vec::new();
        for (at, stream) in policy.policy().streams.iter().enumerate() {
            let place = Place { policy: policy.hash(), stream: &stream.name, quarter };
            frozen.push((place, tables.freeze(at, &node.keys.freeze, place)?));
        }
        let names: Vec<String> = asked.iter().map(VerifiedQuestion::ledger_name).collect();
        for (at, (question, name)) in asked.iter().zip(&names).enumerate() {
            let place = Place { policy: question.hash(), stream: name, quarter };
            frozen.push((place, answers.freeze(at, &node.keys.freeze, place)?));
        }
        store::releases::prepare(connection, &preparation, &frozen, &lines)?;
        acts::record(connection, now, &by.name, "release-prepared", &quarter.to_string())?;
        Ok(preparation)
    })
}

/// What the quarter counts, and the journal names of the lines that its charge is to write, stream by stream.
///
/// What was before Tenfold is counted in the opening position, whenever it was loaded, as long as that is not
/// charged; in every other quarter its lines are written as never to be counted.
fn select(
    node: &Node,
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
) -> Result<(True<Tables>, Vec<FrozenLine>), DutyError> {
    let merges = store::register::line_merges(connection)?;
    let until = policy.recording_ends(quarter);
    let (mut tables, mut lines) = (Vec::new(), Vec::new());
    let key = node.keys.journal()?;
    let silent = store::rights::silent_lines(connection)?;
    let returned = store::remembered::returned(connection, &merges, key)?;
    let opening = before::Opening::of(node, connection, &merges, until)?;
    for stream in &policy.policy().streams {
        let mut events = store::events::of_stream(connection, &stream.name)?;
        // Who objected before the freeze is not counted; what was counted before stays counted.
        events.retain(|event| !silent.contains(selection::surviving(&event.line, &merges)));
        let mut earlier = opening.events(&stream.name)?;
        earlier.retain(|event| !silent.contains(&event.line));
        let was = earlier.iter().map(|event| event.line.clone()).collect();
        selection::without(&mut events, &was, &merges);
        let journalled = store::ledger::journalled(connection, &stream.name)?;
        let journalled = selection::with_returned(journalled, &returned, key);
        let countable = |events| selection::countable(events, &merges, &journalled, key, until);
        let mut chosen = countable(&events);
        let earlier = countable(&earlier);
        let frozen = |event: &&RecordedEvent, counted| FrozenLine {
            stream: stream.name.clone(),
            line_hmac: key.name(&event.line),
            counted,
        };
        if policy.is_opening(quarter) {
            chosen.extend(earlier);
        } else {
            lines.extend(earlier.iter().map(|event| frozen(event, false)));
        }
        lines.extend(chosen.iter().map(|event| frozen(event, true)));
        let events = chosen.iter().map(|event| &event.event);
        tables.push(tally::tally(policy, &node.borough, stream, events)?);
    }
    Ok((tally::together(tables), lines))
}

/// The frozen tables of a quarter, for the approver's eyes and for the draw.
///
/// # Errors
/// Where they are not there or were frozen under another key.
pub fn thaw(
    node: &Node,
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
) -> Result<True<Tables>, DutyError> {
    let streams = &policy.policy().streams;
    let mut sealed = Vec::with_capacity(streams.len());
    for stream in streams {
        let place = Place { policy: policy.hash(), stream: &stream.name, quarter };
        sealed.push((place, store::releases::frozen(connection, policy.hash(), &stream.name, quarter)?));
    }
    Ok(True::thaw(&sealed, &node.keys.freeze)?)
}
