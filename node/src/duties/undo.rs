//! Undoes a load as a whole, as long as nothing that left the borough may depend on it.

use serde::Serialize;
use tenfold_common::{
    clock::Moment,
    privacy::policy::{ATTACHED, CLOSED},
};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, LoadFault, Node, require, settle};
use crate::{
    claims::evidence::Item,
    store::{self, loads::Load},
};

/// What was undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The load.
    pub load: i64,
    /// Its file's name.
    pub file: String,
    /// Rows that are gone.
    pub rows: i64,
    /// Families it speaks of that were recorded as attached since, and no longer are; the next decision records
    /// again who still is. A result stays recorded: its claim says so, and that is withdrawn by itself.
    pub events: usize,
    /// Whether a quarter's preparation was thrown away because it may have counted them.
    pub preparation: bool,
}

/// Undoes a load: its rows, and what only they said of who belongs together. The trail keeps both acts.
///
/// # Privacy
/// Refused once a quarter was approved after the load: what was counted cannot be taken back, so the records
/// it was counted from stay. The family lines that the load brought together part again, since nothing was
/// counted under them.
///
/// # Errors
/// Where there is no such load, it was undone before, or a release may depend on it.
pub fn undo(node: &Node, load: i64, by: &Account) -> Result<Undone, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let found = undoable(connection, load)?;
        let loaded_at = Moment::from_naive(found.loaded_at);
        let events = take_back_events(connection, load, loaded_at)?;
        let preparation = store::releases::forget_prepared_since(connection, loaded_at)?;
        store::rows::remove(connection, load)?;
        store::loads::undo(connection, load, &by.name, now)?;
        store::mentions::part_again(connection, load)?;
        let mentions = settle::open(connection)?;
        settle::settle(connection, mentions, None, now)?;
        acts::record(connection, now, &by.name, "load-undone", &format!("load {load}"))?;
        Ok(Undone { load, file: found.file_name, rows: found.rows_taken, events, preparation })
    })
}

/// Why a load cannot be undone, if it cannot.
///
/// # Errors
/// Where the database cannot be read.
pub fn obstacle(node: &Node, load: i64) -> Result<Option<String>, DutyError> {
    match node.store.read(|connection| undoable(connection, load)) {
        Ok(_) => Ok(None),
        Err(error @ (DutyError::Store(_) | DutyError::Load(LoadFault::NoLoad { .. }))) => Err(error),
        Err(error) => Ok(Some(error.to_string())),
    }
}

/// The load, where it can be undone.
fn undoable(connection: &mut AnyConnection, load: i64) -> Result<Load, DutyError> {
    let found = store::loads::find(connection, load)?.ok_or(DutyError::Load(LoadFault::NoLoad { load }))?;
    if let Some(at) = found.undone_at {
        return Err(DutyError::Load(LoadFault::LoadUndone { load, at: Moment::from_naive(at) }));
    }
    let loaded_at = Moment::from_naive(found.loaded_at);
    if let Some(quarter) = store::releases::approved_since(connection, loaded_at)? {
        return Err(DutyError::Load(LoadFault::ReleasedSince { load, quarter }));
    }
    match claim_on(connection, load)? {
        Some(claim) => {
            let reason = format!("load {load} stays: claim {claim} relies on it; withdraw the claim first");
            Err(DutyError::Decision { reason })
        }
        None => Ok(found),
    }
}

/// A live claim whose evidence rests on a load.
fn claim_on(connection: &mut AnyConnection, load: i64) -> Result<Option<i64>, DutyError> {
    for claim in store::claims::all(connection)?.into_iter().filter(|claim| claim.state.is_live()) {
        let evidence = store::claims::evidence(connection, claim.id)?;
        let relied = evidence.iter().filter_map(|kept| kept.relied.as_deref());
        let items = relied.filter_map(|relied| serde_json::from_str::<Item>(relied).ok());
        if items.into_iter().any(|item| item.loads.contains(&load)) {
            return Ok(Some(claim.id));
        }
    }
    Ok(None)
}

/// Takes back that families it speaks of were recorded as attached or closed since: none of them was counted yet.
fn take_back_events(
    connection: &mut AnyConnection,
    load: i64,
    loaded_at: Moment,
) -> Result<usize, DutyError> {
    let families = store::mentions::families_of(connection, load)?;
    let families: Vec<String> = families.into_iter().map(|family| format!("F{family}")).collect();
    store::events::take_back(connection, CLOSED, &families, loaded_at)?;
    Ok(store::events::take_back(connection, ATTACHED, &families, loaded_at)?)
}
