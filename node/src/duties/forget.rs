//! Forgets, once no quarter can be released any more: what was kept of erased families, and whom the journal names.

use tenfold_store::{Account, Role, acts};

use super::{DutyError, Node, prepare::next_quarter, require};
use crate::store;

/// Destroys the keyed hashes of erased families' identifiers when the last quarter of the newest policy is sealed and
/// due; how many. They serve no purpose then: nobody is counted any more.
///
/// # Errors
/// Where the store fails.
pub fn when_over(node: &Node) -> Result<usize, DutyError> {
    let policy = match node.policy() {
        Err(DutyError::NoPolicy | DutyError::NotEnrolled) => return Ok(0),
        other => other?,
    };
    let (last, now) = (policy.last_quarter(), node.now());
    if now < policy.due_at(last) {
        return Ok(0);
    }
    let destroyed = node.store.write(|connection| {
        if next_quarter(connection, &policy)?.0 <= last {
            return Ok(0);
        }
        let destroyed = store::remembered::destroy(connection)?;
        if destroyed > 0 {
            acts::record(connection, now, "retention", "erased-identifiers-destroyed", &last.to_string())?;
        }
        Ok::<_, DutyError>(destroyed)
    })?;
    if destroyed > 0 {
        node.store.empty_log()?;
    }
    Ok(destroyed)
}

/// Destroys the key under which the journal names family lines: from then on nobody can tell which lines were counted,
/// and nothing is counted again, under whatever policy. Whether a credential of it is left for its owner to remove.
/// Done again, it is an answer.
///
/// # Errors
/// `NotOver` unless the last quarter of the policy adopted last is sealed, receipted and due; or the role is another.
pub fn destroy_journal(node: &Node, by: &Account) -> Result<bool, DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let policy = node.policy()?;
    let (last, now) = (policy.last_quarter(), node.now());
    let not_over = |reason: String| DutyError::NotOver { quarter: last, reason };
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        if store::identity::find(connection)?.is_some_and(|identity| identity.journal_destroyed.is_some()) {
            return Ok(());
        }
        let sealed = store::releases::sealed(connection)?;
        if sealed.last().is_none_or(|release| release.quarter < last) {
            return Err(not_over("it is not sealed".to_owned()));
        }
        if let Some(waits) = sealed.iter().find(|release| release.receipt.is_none()) {
            return Err(not_over(format!("the release for {} has no receipt", waits.quarter)));
        }
        if now < policy.due_at(last) {
            return Err(not_over(format!("it is due at {}", policy.due_at(last))));
        }
        store::remembered::destroy(connection)?;
        store::identity::journal_destroyed(connection, now)?;
        Ok(acts::record(connection, now, &by.name, "journal-key-destroyed", &last.to_string())?)
    })?;
    // After a crash here the key is not used any more, and the same command removes it.
    let left = node.keys.destroy_journal()?;
    node.store.empty_log()?;
    Ok(left)
}
