//! Approves a prepared quarter: another person than the preparer says yes to the tables as they were frozen.

use tenfold_common::calendar::Quarter;
use tenfold_store::{Account, Role, acts};

use super::{DutyError, Node, prepare::is_next, require};
use crate::store;

/// Records the approval. The charge and the draw follow in [`super::seal`].
///
/// # Errors
/// Where nothing is prepared, the approver prepared it, or the role is another. An approval that stands
/// already is an answer, not an accident.
pub fn approve(node: &Node, quarter: Quarter, by: &Account) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let policy = node.policy()?;
    let now = node.now();
    node.store.write(|connection| {
        is_next(connection, &policy, quarter)?;
        let prepared = store::releases::preparation_of(connection, quarter)?
            .filter(|prepared| prepared.policy == policy.hash())
            .ok_or(DutyError::NotPrepared { quarter })?;
        if prepared.prepared_by == by.name {
            return Err(DutyError::SamePerson { name: by.name.clone(), quarter });
        }
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Ok(());
        }
        store::releases::approve(connection, quarter, &by.name, &prepared.salted_hash, now)?;
        Ok(acts::record(connection, now, &by.name, "release-approved", &quarter.to_string())?)
    })
}
