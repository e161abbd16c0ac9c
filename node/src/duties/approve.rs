//! Approves a prepared quarter: another person than the preparer says yes to the tables as they were frozen.

use tenfold_common::{calendar::Quarter, privacy::VerifiedPolicy};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, Node, prepare::is_next, refuse::is_not_void, require};
use crate::store::{self, releases::Preparation};

/// Records the approval of the tables as they are frozen now. The charge and the draw follow in [`super::seal`].
///
/// # Errors
/// Where nothing is prepared, it was returned, the approver prepared it, or the role is another. An approval that stands
/// already is an answer, not an accident.
pub fn approve(node: &Node, quarter: Quarter, by: &Account) -> Result<(), DutyError> {
    record(node, quarter, by, None)
}

/// Records the approval of the tables an approver looked at, named by their salted hash.
///
/// # Errors
/// As [`approve`], and where the tables were frozen again since they were shown.
pub fn approve_shown(node: &Node, quarter: Quarter, by: &Account, shown: &str) -> Result<(), DutyError> {
    record(node, quarter, by, Some(shown))
}

fn record(node: &Node, quarter: Quarter, by: &Account, shown: Option<&str>) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let policy = node.policy_of(quarter)?;
    let now = node.now();
    node.store.write(|connection| {
        let prepared = prepared_by_another(connection, &policy, quarter, &by)?;
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Ok(());
        }
        is_as_shown(connection, quarter, &prepared, shown)?;
        store::returns::forget_tables(connection, quarter)?;
        store::releases::approve(connection, quarter, &by.name, &prepared.salted_hash, now)?;
        Ok(acts::record(connection, now, &by.name, "release-approved", &quarter.to_string())?)
    })
}

/// The preparation of the next quarter, for an approver to answer who did not prepare it.
///
/// # Errors
/// Where the quarter is not the next or is void, nothing is prepared under the policy in force, or this person prepared it.
pub(super) fn prepared_by_another(
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
    by: &Account,
) -> Result<Preparation, DutyError> {
    is_next(connection, policy, quarter)?;
    is_not_void(connection, quarter)?;
    let prepared = store::releases::preparation_of(connection, quarter)?
        .filter(|prepared| prepared.policy == policy.hash())
        .ok_or(DutyError::NotPrepared { quarter })?;
    if prepared.prepared_by == by.name {
        return Err(DutyError::SamePerson { name: by.name.clone(), quarter });
    }
    Ok(prepared)
}

/// Refuses tables that were frozen again since they were shown, or returned.
///
/// # Errors
/// `PreparedAgain` or `Returned`.
pub(super) fn is_as_shown(
    connection: &mut AnyConnection,
    quarter: Quarter,
    prepared: &Preparation,
    shown: Option<&str>,
) -> Result<(), DutyError> {
    if shown.is_some_and(|shown| shown != prepared.salted_hash) {
        return Err(DutyError::PreparedAgain { quarter });
    }
    let returns = store::returns::of_quarter(connection, quarter)?;
    match returns.into_iter().find(|returned| returned.salted_hash == prepared.salted_hash) {
        Some(returned) => Err(DutyError::Returned { quarter, by: returned.returned_by }),
        None => Ok(()),
    }
}
