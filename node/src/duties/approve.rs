//! Approves a prepared quarter: another person than the preparer signs the tables as they were frozen and shown.

pub(super) mod fault;

use tenfold_common::{calendar::Quarter, privacy::VerifiedPolicy};
use tenfold_store::{AnyConnection, Role, Signer, acts};

use super::{ApprovalFault, DutyError, Node, prepare::is_next, refuse::is_not_void, require, sign};
use crate::{
    release::decision::Answer,
    store::{
        self,
        releases::{Approval, Authority, Preparation},
    },
};

/// How many digits of a salted hash name the tables that were shown, at least.
pub const SHOWN_DIGITS: usize = 12;

/// Signs and records the approval of the tables that were shown, named by their salted hash or enough of its first
/// digits. The charge and the draw follow in [`super::seal`].
///
/// # Errors
/// Where nothing is prepared, it was frozen again since it was shown, it was returned, the approver prepared it, or the
/// role is another. An approval that stands already is an answer, not an accident.
pub fn approve(node: &Node, quarter: Quarter, by: &Signer, shown: &str) -> Result<(), DutyError> {
    let account = require(by.account().clone(), Role::Approver)?;
    let policy = node.policy_of(quarter)?;
    let now = node.now();
    node.store.write(|connection| {
        let prepared = prepared_by_another(connection, &policy, quarter, &account.name)?;
        if store::releases::approval_of(connection, quarter)?.is_some() {
            return Ok(());
        }
        is_as_shown(&prepared, shown)?;
        is_not_returned(connection, &prepared)?;
        let hash = prepared.salted_hash;
        let signed = sign::decide(node, &policy, (quarter, Some(&hash)), Answer::Approved, by, now)?;
        let approval = Approval {
            approved_at: now,
            approved_by: account.name.clone(),
            salted_hash: hash,
            authority: Authority::Signed(signed),
        };
        store::returns::forget_tables(connection, quarter)?;
        store::releases::approve(connection, quarter, &approval)?;
        Ok(acts::record(connection, now, &account.name, "release-approved", &quarter.to_string())?)
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
    by: &str,
) -> Result<Preparation, DutyError> {
    is_next(connection, policy, quarter)?;
    is_not_void(connection, quarter)?;
    let prepared = store::releases::preparation_of(connection, quarter)?
        .filter(|prepared| prepared.policy == policy.hash())
        .ok_or(DutyError::Approval(ApprovalFault::NotPrepared { quarter }))?;
    if prepared.prepared_by == by {
        return Err(DutyError::Approval(ApprovalFault::SamePerson { name: by.to_owned(), quarter }));
    }
    Ok(prepared)
}

/// Refuses tables that were frozen again since they were shown.
///
/// # Errors
/// `PreparedAgain`.
pub(super) fn is_as_shown(prepared: &Preparation, shown: &str) -> Result<(), DutyError> {
    let names = shown.len() >= SHOWN_DIGITS && prepared.salted_hash.starts_with(shown);
    if names {
        Ok(())
    } else {
        Err(DutyError::Approval(ApprovalFault::PreparedAgain { quarter: prepared.quarter }))
    }
}

/// Refuses tables that were returned.
///
/// # Errors
/// `Returned`.
pub(super) fn is_not_returned(
    connection: &mut AnyConnection,
    prepared: &Preparation,
) -> Result<(), DutyError> {
    let quarter = prepared.quarter;
    let returns = store::returns::of_quarter(connection, quarter)?;
    match returns.into_iter().find(|returned| returned.salted_hash == prepared.salted_hash) {
        Some(returned) => {
            Err(DutyError::Approval(ApprovalFault::Returned { quarter, by: returned.returned_by }))
        }
        None => Ok(()),
    }
}
