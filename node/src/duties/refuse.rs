//! Refuses a quarter instead of approving it: *not yet*, or *void*. There is no third word.

use tenfold_common::{calendar::Quarter, protocol::RefusalReason};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, Node, prepare::is_next, require};
use crate::store::{
    self,
    refusals::{Refusal, RefusalKind},
};

/// The longest comment, in characters.
pub const LONGEST_COMMENT: usize = 500;

/// Says *not yet* to a prepared quarter, with what is to be put right. It is prepared again; later quarters wait.
///
/// # Privacy
/// The refusal stays in the node: the region sees only that the quarter has not come.
///
/// # Errors
/// Where nothing is prepared, the quarter is approved or void, or the role is another.
pub fn not_yet(
    node: &Node,
    quarter: Quarter,
    reason: RefusalReason,
    comment: &str,
    by: &Account,
) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let policy = node.policy()?;
    let refusal = refusal(node, quarter, RefusalKind::NotYet, reason, comment, &by)?;
    node.store.write(|connection| {
        is_next(connection, &policy, quarter)?;
        is_not_void(connection, quarter)?;
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Err(DutyError::AlreadyCharged { quarter });
        }
        if store::releases::preparation_of(connection, quarter)?.is_none() {
            return Err(DutyError::NotPrepared { quarter });
        }
        store::refusals::record(connection, &refusal)?;
        let now = refusal.refused_at;
        Ok(acts::record(connection, now, &by.name, "release-not-yet", &quarter.to_string())?)
    })
}

/// Declares the next quarter void: nothing is ever drawn for it, its tables count as zero in every later release,
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
    by: &Account,
) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let policy = node.policy()?;
    let refusal = refusal(node, quarter, RefusalKind::Void, reason, comment, &by)?;
    let (now, ends) = (refusal.refused_at, policy.recording_ends(quarter));
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
            return Err(DutyError::AlreadyCharged { quarter });
        }
        store::refusals::record(connection, &refusal)?;
        store::releases::forget_frozen(connection, quarter)?;
        Ok(acts::record(connection, now, &by.name, "release-void", &quarter.to_string())?)
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

fn refusal(
    node: &Node,
    quarter: Quarter,
    kind: RefusalKind,
    reason: RefusalReason,
    comment: &str,
    by: &Account,
) -> Result<Refusal, DutyError> {
    let comment = comment.trim();
    if comment.chars().count() > LONGEST_COMMENT {
        return Err(DutyError::LongComment { most: LONGEST_COMMENT });
    }
    let (refused_at, refused_by) = (node.now(), by.name.clone());
    Ok(Refusal { quarter, kind, reason, comment: comment.to_owned(), refused_at, refused_by })
}
