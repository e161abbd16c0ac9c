//! Declares a quarter void: the answer beside an approval and a return.

use tenfold_common::{calendar::Quarter, protocol::RefusalReason};
use tenfold_store::{AnyConnection, Role, Signer, acts};

use super::{ApprovalFault, DutyError, Node, prepare::is_next, require, sign};
use crate::{
    release::decision::Answer,
    store::{self, refusals::Refusal},
};

/// The longest comment, in characters.
pub const LONGEST_COMMENT: usize = 500;

/// Signs that the next quarter is void: nothing is ever drawn for it, its tables count as zero in every later release,
/// and its families are counted in the quarter after it. It is told to the region in place of a release.
///
/// # Privacy
/// A person's act, held fixed by claim 0; the region learns the quarter and one of four fixed words. What was frozen
/// for it is destroyed. No line is journalled by it, so none has spent anything.
///
/// # Errors
/// Where the recording period is open, the quarter is the opening position, charged or void, or the role is another.
pub fn void(
    node: &Node,
    quarter: Quarter,
    reason: RefusalReason,
    comment: &str,
    by: &Signer,
) -> Result<(), DutyError> {
    let account = require(by.account().clone(), Role::Approver)?;
    let policy = node.policy_of(quarter)?;
    let comment = comment.trim();
    if comment.chars().count() > LONGEST_COMMENT {
        return Err(DutyError::Approval(ApprovalFault::LongComment { most: LONGEST_COMMENT }));
    }
    let (now, ends) = (node.now(), policy.recording_ends(quarter));
    node.store.write(|connection| {
        is_next(connection, &policy, quarter)?;
        is_not_void(connection, quarter)?;
        if policy.is_opening(quarter) {
            return Err(DutyError::OpeningVoid { quarter });
        }
        if now < ends {
            return Err(DutyError::PeriodOpen { quarter, ends, now });
        }
        if store::ledger::granted(connection, policy.hash(), quarter)?.is_some() {
            return Err(DutyError::Approval(ApprovalFault::AlreadyCharged { quarter }));
        }
        let prepared = store::releases::preparation_of(connection, quarter)?;
        let salted_hash = prepared.map(|prepared| prepared.salted_hash);
        let (of, answer) = ((quarter, salted_hash.as_deref()), Answer::void(reason, comment));
        let signed = sign::decide(node, &policy, of, answer, by, now)?;
        let (comment, refused_by) = (comment.to_owned(), account.name.clone());
        let refusal = Refusal { quarter, reason, comment, refused_at: now, refused_by, salted_hash, signed };
        store::refusals::record(connection, &refusal)?;
        store::releases::forget_frozen(connection, quarter)?;
        Ok(acts::record(connection, now, &account.name, "release-void", &quarter.to_string())?)
    })
}

/// Refuses a quarter that was declared void.
///
/// # Errors
/// `Void`.
pub fn is_not_void(connection: &mut AnyConnection, quarter: Quarter) -> Result<(), DutyError> {
    if store::refusals::void(connection)?.contains_key(&quarter) {
        return Err(DutyError::Void { quarter });
    }
    Ok(())
}
