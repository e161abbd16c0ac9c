//! Returns a prepared quarter to its preparer with a comment; it is prepared again before it can be approved.

use tenfold_common::calendar::Quarter;
use tenfold_store::{Role, Signer, acts};

use super::{
    ApprovalFault, DutyError, Node,
    approve::{is_as_shown, is_not_returned, prepared_by_another},
    require, sign,
};
use crate::{
    release::{decision::Answer, stages::Returned},
    store,
};

/// The longest comment, in characters.
pub const LONGEST: usize = 2_000;

/// Signs the return of the tables as they are frozen now, or of those that were shown.
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
    by: &Signer,
    shown: Option<&str>,
) -> Result<(), DutyError> {
    let account = require(by.account().clone(), Role::Approver)?;
    let comment = comment.trim();
    if comment.is_empty() || comment.chars().count() > LONGEST {
        let reason = format!("a return needs a comment of 1 to {LONGEST} characters");
        return Err(DutyError::Decision { reason });
    }
    let policy = node.policy_of(quarter)?;
    let now = node.now();
    node.store.write(|connection| {
        let prepared = prepared_by_another(connection, &policy, quarter, &account.name)?;
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Err(DutyError::Approval(ApprovalFault::AlreadyCharged { quarter }));
        }
        shown.map_or(Ok(()), |shown| is_as_shown(&prepared, shown))?;
        is_not_returned(connection, &prepared)?;
        let (of, answer) = ((quarter, Some(&*prepared.salted_hash)), Answer::returned(comment));
        let signed = sign::decide(node, &policy, of, answer, by, now)?;
        let returned = Returned {
            salted_hash: prepared.salted_hash,
            returned_at: now,
            returned_by: account.name.clone(),
            comment: comment.to_owned(),
            signed,
        };
        let number = store::returns::keep(connection, quarter, &returned)?;
        let object = format!("{quarter} return {number}");
        Ok(acts::record(connection, now, &account.name, "release-returned", &object)?)
    })
}
