//! Returns a prepared quarter to its preparer with a comment; it is prepared again before it can be approved.

use tenfold_common::calendar::Quarter;
use tenfold_store::{Account, Role, acts};

use super::{
    DutyError, Node,
    approve::{is_as_shown, prepared_by_another},
    require,
};
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
    let policy = node.policy_of(quarter)?;
    let now = node.now();
    node.store.write(|connection| {
        let prepared = prepared_by_another(connection, &policy, quarter, &by)?;
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Err(DutyError::AlreadyCharged { quarter });
        }
        is_as_shown(connection, quarter, &prepared, shown)?;
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
