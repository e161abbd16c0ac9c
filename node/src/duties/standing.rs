//! Standing approvals: an approver gives one, another person puts it to use for a routine quarter, any approver ends it.

use std::collections::BTreeMap;

use tenfold_common::{calendar::Quarter, clock::Moment};
use tenfold_store::{Account, AnyConnection, Role, Signer, accounts, acts};

use super::{
    ApprovalFault, DutyError, Node,
    approve::is_not_returned,
    prepare::{is_next, next_quarter},
    refuse::is_not_void,
    require, review,
    sign::Books,
};
use crate::{
    release::{
        review::Outcome,
        standing::{STANDING_FORMAT, StandingApproval, StandingFault, Use},
    },
    store::{
        self,
        releases::{Approval, Authority},
    },
};

pub use crate::release::standing::Granted;

/// A standing approval and the quarters that were approved under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingState {
    /// What was given.
    pub granted: Granted,
    /// Whether it may still be put to use, as far as time and revocation go.
    pub stands: bool,
    /// Quarters approved under it, each with who put it to use and when.
    pub uses: Vec<(Quarter, String, Moment)>,
}

/// Gives a standing approval from now on, under the policy that rules the next quarter to be released: for quarters
/// that the named account prepares, or any analyst. Signed with the approver's own key.
///
/// # Errors
/// Where the end is not within a year, the preparer is no analyst or the approver, or the role is another.
pub fn give(node: &Node, preparer: Option<&str>, until: Moment, by: &Signer) -> Result<Granted, DutyError> {
    let account = require(by.account().clone(), Role::Approver)?;
    let policies = node.succession()?;
    let (next, _) = node.store.read(|connection| next_quarter(connection, policies.newest()))?;
    let policy = policies.nearest(next);
    let now = node.now();
    let terms = StandingApproval {
        format: STANDING_FORMAT.to_owned(),
        borough: node.borough.clone(),
        policy: policy.hash().to_owned(),
        preparer: preparer.map(str::to_owned),
        by: account.name,
        from: now,
        until,
    };
    terms.may_be_given()?;
    if let Some(name) = preparer {
        let found = accounts::find(&node.store, name)?.ok_or_else(|| unknown(name))?;
        require(found, Role::Analyst)?;
    }
    let signed = terms.sign(by.key())?;
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let number = store::standing::keep(connection, &terms, &signed)?;
        acts::record(connection, now, &terms.by, "standing-approval-given", &object(number))?;
        Ok(Granted { number, terms, signed, revoked: None })
    })
}

/// Ends a standing approval at once. One that is revoked already is an answer, not an accident.
///
/// # Errors
/// Where there is no such standing approval, or the role is another.
pub fn revoke(node: &Node, number: i64, by: &Account) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let granted = store::standing::all(connection)?.into_iter().find(|granted| granted.number == number);
        let none = || DutyError::Decision { reason: format!("there is no standing approval {number}") };
        if granted.ok_or_else(none)?.revoked.is_some() {
            return Ok(());
        }
        store::standing::revoke(connection, number, &by.name, now)?;
        Ok(acts::record(connection, now, &by.name, "standing-approval-revoked", &object(number))?)
    })
}

/// Every standing approval there ever was, by number.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(node: &Node) -> Result<Vec<StandingState>, DutyError> {
    let now = node.now();
    node.store.read(|connection| {
        let mut uses: BTreeMap<i64, Vec<(Quarter, String, Moment)>> = BTreeMap::new();
        for (quarter, approval) in store::releases::approvals(connection)? {
            if let Authority::Standing { number, used_by } = approval.authority {
                uses.entry(number).or_default().push((quarter, used_by, approval.approved_at));
            }
        }
        let state = |granted: Granted| StandingState {
            stands: granted.stands(now),
            uses: uses.remove(&granted.number).unwrap_or_default(),
            granted,
        };
        Ok(store::standing::all(connection)?.into_iter().map(state).collect())
    })
}

/// Approves a routine quarter under the first standing approval that covers it, by another person than the preparer; its
/// number. No password of the approver is needed: that was given beforehand.
///
/// # Privacy
/// Covered or not depends on policy, people, dates, agreements and the ledger, never on a figure.
///
/// # Errors
/// Where none covers the quarter, a check does not pass, the quarter was returned, or this person prepared it.
pub fn put_to_use(node: &Node, quarter: Quarter, by: &Account) -> Result<i64, DutyError> {
    let now = node.now();
    node.store.write(|connection| {
        let (number, approval) = routine(node, connection, quarter, by, now)?;
        store::returns::forget_tables(connection, quarter)?;
        store::releases::approve(connection, quarter, &approval)?;
        let object = format!("{quarter} {}", object(number));
        acts::record(connection, now, &by.name, "standing-approval-used", &object)?;
        Ok(number)
    })
}

/// The standing approval that this person could put to use for a quarter now, and who gave it.
///
/// # Errors
/// Where the database cannot be read.
pub fn offered(node: &Node, quarter: Quarter, by: &Account) -> Result<Option<(i64, String)>, DutyError> {
    let now = node.now();
    match node.store.read(|connection| routine(node, connection, quarter, by, now)) {
        Ok((number, approval)) => Ok(Some((number, approval.approved_by))),
        Err(error @ DutyError::Store(_)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The approval of a routine quarter, and the number of the standing approval that covers it.
fn routine(
    node: &Node,
    connection: &mut AnyConnection,
    quarter: Quarter,
    by: &Account,
    now: Moment,
) -> Result<(i64, Approval), DutyError> {
    if by.role != Role::Approver {
        require(by.clone(), Role::Analyst)?;
    }
    let policy = node.policy_of(quarter)?;
    is_next(connection, &policy, quarter)?;
    is_not_void(connection, quarter)?;
    let prepared = store::releases::preparation_of(connection, quarter)?
        .filter(|prepared| prepared.policy == policy.hash())
        .ok_or(DutyError::Approval(ApprovalFault::NotPrepared { quarter }))?;
    if store::releases::approval_of(connection, quarter)?.is_some() {
        return Err(DutyError::Approval(ApprovalFault::AlreadyCharged { quarter }));
    }
    is_not_returned(connection, &prepared)?;
    let books = Books::read(node, connection)?;
    let first = policy.is_opening(quarter) || books.is_first(quarter);
    let use_now = Use {
        policy: &prepared.policy,
        quarter,
        is_first: first,
        answers: books.answers(quarter, &prepared.policy),
        prepared_by: &prepared.prepared_by,
        used_by: &by.name,
        at: now,
    };
    let granted = covering(store::standing::all(connection)?, &use_now)?;
    let fixed = review::fixed(connection, &policy, quarter)?;
    if let Some(check) = fixed.checks().into_iter().find(|check| check.outcome == Outcome::LookAt) {
        return Err(DutyError::Approval(ApprovalFault::NotRoutine { quarter, reason: check.found }));
    }
    let number = granted.number;
    let approval = Approval {
        approved_at: now,
        approved_by: granted.terms.by,
        salted_hash: prepared.salted_hash.clone(),
        authority: Authority::Standing { number, used_by: by.name.clone() },
    };
    let holds = books.approval(&prepared, &approval);
    holds.map_err(|fault| {
        DutyError::Approval(ApprovalFault::NotApproved { quarter, reason: fault.to_string() })
    })?;
    Ok((number, approval))
}

/// The first that covers what is asked; else why the newest does not.
fn covering(all: Vec<Granted>, asked: &Use<'_>) -> Result<Granted, DutyError> {
    let mut fault = None;
    for granted in all {
        match granted.may_be_used(asked) {
            Ok(()) => return Ok(granted),
            Err(error) => fault = Some(error),
        }
    }
    Err(fault.unwrap_or(StandingFault::None { quarter: asked.quarter }).into())
}

fn object(number: i64) -> String {
    format!("standing approval {number}")
}

fn unknown(name: &str) -> DutyError {
    DutyError::Decision { reason: format!("there is no account named {name:?}") }
}
