//! Moves claims on after they were certified, takes them back, and ties evidence to them.

use std::{fs, path::Path};

use tenfold_common::{
    privacy::policy::{RESULT, WITHDRAWN},
    protocol::signature::sha256_hex,
};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{ClaimFault, window_named};
use crate::{
    claims::{Claim, evidence::Kind, ladder::State},
    duties::{DutyError, Node, record::recorded, require},
    release::{
        selection::{RecordedEvent, surviving},
        tally::{Event, Labels},
    },
    store::{self, claims::NewEvidence},
};

/// Which claims to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These.
    Claims(Vec<i64>),
    /// All of a window that wait for the state asked for; claims are withdrawn by number only.
    Window(String),
}

/// Moves claims to submitted, paid, refused or withdrawn, and says how many.
///
/// `reason` is the reference they were handed in or paid under, or why they were refused or withdrawn.
///
/// # Errors
/// Where the role is another, a reason is missing, or a claim is not where the ladder needs it; then none moves.
pub fn settle(node: &Node, which: &Which, to: State, reason: &str, by: &Account) -> Result<usize, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    if !to.is_live() && reason.trim().is_empty() {
        return Err(ClaimFault::NoReason { what: "a refused or withdrawn claim" }.into());
    }
    let now = node.now();
    node.store.write(|connection| {
        acts::record(connection, now, &by.name, "claims-settled", to.as_str())?;
        let claims = chosen(connection, which, to)?;
        for claim in &claims {
            let step = claim.state.to(to)?;
            store::claims::advance(connection, claim.id, step, &by.name, reason, now)?;
        }
        if !to.is_live() {
            count_as_withdrawn(node, connection, &claims, &by.name)?;
        }
        Ok(claims.len())
    })
}

/// Records once a line, ever, that its result was taken back; only where the result was recorded.
///
/// # Privacy
/// What a line adds depends on its own claim and events. A later claim of the family counts no second result, so
/// results less withdrawals understate such a family by one: said in the figures' notes.
fn count_as_withdrawn(
    node: &Node,
    connection: &mut AnyConnection,
    claims: &[Claim],
    by: &str,
) -> Result<(), DutyError> {
    let merges = store::register::line_merges(connection)?;
    let results = recorded(connection, RESULT, &merges)?;
    let mut withdrawn = recorded(connection, WITHDRAWN, &merges)?;
    for claim in claims {
        let line = surviving(&claim.line, &merges);
        if !results.contains(line) || !withdrawn.insert(line.clone()) {
            continue;
        }
        let event = RecordedEvent {
            line: line.clone(),
            family: claim.family.clone(),
            stream: WITHDRAWN.to_owned(),
            recorded_at: node.now(),
            event: Event { ward: None, labels: Labels::default() },
        };
        store::events::record(connection, &event, by, &claim.framework)?;
    }
    Ok(())
}

fn chosen(connection: &mut AnyConnection, which: &Which, to: State) -> Result<Vec<Claim>, DutyError> {
    let all = store::claims::all(connection)?;
    match which {
        Which::Claims(ids) => {
            let find = |id: &i64| {
                let found = all.iter().find(|claim| claim.id == *id).cloned();
                found.ok_or_else(|| ClaimFault::NoClaim { id: *id }.into())
            };
            ids.iter().map(find).collect()
        }
        Which::Window(name) => {
            let before = match to {
                State::Submitted => State::Certified,
                State::Paid | State::Refused => State::Submitted,
                _ => return Err(ClaimFault::OneByOne { to }.into()),
            };
            let window = window_named(connection, name)?;
            let in_window = all.into_iter().filter(|claim| claim.window == window.id);
            Ok(in_window.filter(|claim| claim.state == before).collect())
        }
    }
}

/// Ties evidence to a claim that is not certified yet, and gives it its number.
///
/// # Errors
/// Where the role is another, the words are missing, or the database refuses.
pub fn add_evidence(node: &Node, id: i64, new: &NewEvidence, by: &Account) -> Result<i64, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    if new.kind != Kind::Document && new.words.trim().is_empty() && new.reference.trim().is_empty() {
        return Err(ClaimFault::NoReason { what: "evidence that is no document" }.into());
    }
    if new.kind == Kind::Discretion && new.words.trim().is_empty() {
        return Err(ClaimFault::NoReason { what: "an officer's discretion" }.into());
    }
    let now = node.now();
    node.store.write(|connection| {
        let object = format!("claim {id}: {}", new.kind.as_str());
        acts::record(connection, now, &by.name, "claim-evidence-added", &object)?;
        if !store::claims::all(connection)?.iter().any(|claim| claim.id == id) {
            return Err(ClaimFault::NoClaim { id }.into());
        }
        Ok(store::claims::add_evidence(connection, id, new, &by.name, now)?)
    })
}

/// Ties a document to a claim: its file's name and SHA-256, computed here; the file itself stays where it is.
///
/// # Errors
/// Where the file cannot be read, or as [`add_evidence`].
pub fn add_document(node: &Node, id: i64, path: &Path, words: &str, by: &Account) -> Result<i64, DutyError> {
    let bytes = fs::read(path).map_err(|source| DutyError::File { path: path.to_owned(), source })?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let document = NewEvidence {
        kind: Kind::Document,
        reference: name,
        sha256: Some(sha256_hex(&bytes)),
        relied: None,
        words: words.to_owned(),
    };
    add_evidence(node, id, &document, by)
}
