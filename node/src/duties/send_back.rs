//! Returns a prepared quarter to its preparer with a comment; it is prepared again before it can be approved.

use tenfold_common::calendar::Quarter;
use tenfold_store::{Account, Role, acts};

use super::{DutyError, Node, prepare::is_next, refuse::is_not_void, require};
use crate::{release::stages::Returned, store};

/// The longest comment, in characters.
pub const LONGEST: usize = 2_000;

/// Returns the tables as they are frozen now, or those that were shown.
///
/// # Privacy
/// The comment stays in the node: no message has a field for it, and the trail of acts holds its number only.
///
/// # Errors
/// Where nothing is prepared, the approver prepared it, it is approved or returned already, the tables were frozen
/// again since they were shown, or the comment has no words or too many.
pub fn send_back(
    node: &Node,
    quarter: Quarter,
    comment: &str,
    by: &Account,
    shown: Option<&str>,
) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let comment = comment.trim();
    if comment.is_empty() || comment.chars().count() > LONGEST {
        let reason = format!("a return needs a comment of 1 to {LONGEST} characters");
        return Err(DutyError::Decision { reason });
    }
    let policy = node.policy()?;
    let now = node.now();
    node.store.write(|connection| {
        is_next(connection, &policy, quarter)?;
        is_not_void(connection, quarter)?;
        let prepared = store::releases::preparation_of(connection, quarter)?
            .filter(|prepared| prepared.policy == policy.hash())
            .ok_or(DutyError::NotPrepared { quarter })?;
        if prepared.prepared_by == by.name {
            return Err(DutyError::SamePerson { name: by.name.clone(), quarter });
        }
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Err(DutyError::AlreadyCharged { quarter });
        }
        if shown.is_some_and(|shown| shown != prepared.salted_hash) {
            return Err(DutyError::PreparedAgain { quarter });
        }
        let earlier = store::returns::of_quarter(connection, quarter)?;
        if let Some(returned) = earlier.iter().find(|returned| returned.salted_hash == prepared.salted_hash) {
            return Err(DutyError::Returned { quarter, by: returned.returned_by.clone() });
        }
        let returned = Returned {
            salted_hash: prepared.salted_hash,
            returned_at: now,
            returned_by: by.name.clone(),
            comment: comment.to_owned(),
        };
        let number = store::returns::keep(connection, quarter, &returned)?;
        let object = format!("{quarter} return {number}");
        Ok(acts::record(connection, now, &by.name, "release-returned", &object)?)
    })
}
