//! Tells how far everything has come: what is loaded, what was released, what waits and why.

use std::fmt;

use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography,
    protocol::{RefusalReason, rejections::Rejection},
};

use super::{DutyError, Node, seal};
use crate::{
    ledger,
    store::{self, loads::SourceState},
};

/// How far a quarter's release has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its recording period goes on.
    Recording,
    /// The period has ended; nothing is frozen yet.
    ToPrepare,
    /// Frozen; another person has to approve it.
    ToApprove,
    /// Approved; it is drawn once the aggregator can be asked.
    Approved,
    /// Declared void; the region is told once it can be asked.
    Void,
    /// Sealed; it leaves at its instant.
    Sealed,
    /// The aggregator's receipt is kept.
    Receipted,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recording => "recording",
            Self::ToPrepare => "to prepare",
            Self::ToApprove => "to approve",
            Self::Approved => "approved",
            Self::Void => "void",
            Self::Sealed => "sealed",
            Self::Receipted => "receipted",
        })
    }
}

/// One quarter, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarterState {
    /// The quarter.
    pub quarter: Quarter,
    /// Whether it is the opening position and no quarter's activity.
    pub opening: bool,
    /// Why it is void, if it is.
    pub void: Option<RefusalReason>,
    /// How far it has come.
    pub state: State,
    /// When and by whom it was prepared.
    pub prepared: Option<String>,
    /// When and by whom it was approved.
    pub approved: Option<String>,
    /// When it was sealed, and its number.
    pub sealed: Option<String>,
    /// When it was receipted.
    pub receipted: Option<String>,
    /// What it waits for.
    pub waits_for: Option<String>,
}

/// The whole node, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The borough's name.
    pub borough: String,
    /// The node's time.
    pub now: Moment,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// What is loaded, by source.
    pub sources: Vec<SourceState>,
    /// Quarters, first to last.
    pub quarters: Vec<QuarterState>,
    /// What the region refused of this borough, as `check` was told last.
    pub rejections: Vec<Rejection>,
    /// What a line may have lost at most, as a decimal.
    pub charged: String,
    /// The borough's cap, as a decimal.
    pub cap: String,
}

/// The state of the whole node.
///
/// # Errors
/// Where the store fails.
pub fn status(node: &Node) -> Result<Status, DutyError> {
    let (sources, lines, rejections) = node.store.read(|connection| -> Result<_, DutyError> {
        let rejections = store::rejections::all(connection)?;
        Ok((store::loads::sources(connection)?, store::ledger::lines(connection)?, rejections))
    })?;
    let name = geography::borough(&node.borough).map_or(node.borough.as_str(), |borough| &borough.name);
    Ok(Status {
        borough: name.to_owned(),
        now: node.now(),
        rehearsal: node.clock.is_rehearsal(),
        sources,
        quarters: quarters(node)?,
        rejections,
        charged: ledger::lifetime(&lines).to_string(),
        cap: ledger::cap(&lines).to_string(),
    })
}

/// Every quarter up to the one whose recording period goes on; none before a policy is adopted.
///
/// # Errors
/// Where the store fails.
pub fn quarters(node: &Node) -> Result<Vec<QuarterState>, DutyError> {
    let policies = match node.succession() {
        Err(DutyError::NoPolicy | DutyError::NotEnrolled) => return Ok(Vec::new()),
        other => other?,
    };
    let now = node.now();
    let first = policies.newest().first_release();
    let quarters = policies.newest().last_quarter().quarters_since(first) + 1;
    let mut states = node.store.read(|connection| {
        let sealed = store::releases::sealed(connection)?;
        let void = store::refusals::void(connection)?;
        let mut states = Vec::new();
        for quarter in (0..quarters).map(|index| first.plus(index)) {
            let policy = policies.nearest(quarter);
            let prepared = store::releases::preparation_of(connection, quarter)?;
            let approved = store::releases::approval_of(connection, quarter)?;
            let release = sealed.iter().find(|release| release.quarter == quarter);
            let ends = policy.recording_ends(quarter);
            let state = match (&prepared, &approved, release) {
                (_, _, Some(release)) if release.receipt.is_some() => State::Receipted,
                (_, _, Some(_)) => State::Sealed,
                _ if void.contains_key(&quarter) => State::Void,
                (_, Some(_), None) => State::Approved,
                (Some(_), None, None) => State::ToApprove,
                (None, None, None) if now >= ends => State::ToPrepare,
                (None, None, None) => State::Recording,
            };
            let returned = match &prepared {
                Some(prepared) => store::returns::of_quarter(connection, quarter)?
                    .into_iter()
                    .find(|returned| returned.salted_hash == prepared.salted_hash),
                None => None,
            };
            let waits_for = match (state, release) {
                (State::ToApprove, _) if let Some(returned) = &returned => {
                    Some(format!("an analyst to prepare it again: {} returned it", returned.returned_by))
                }
                (State::Recording, _) => Some(format!("the recording period, until {ends}")),
                (State::ToPrepare, _) => Some("an analyst to prepare it".to_owned()),
                (State::ToApprove, _) => Some("another person to approve it".to_owned()),
                (State::Sealed, Some(release)) if release.deliver_at > now => {
                    Some(format!("its instant, {}", release.deliver_at))
                }
                (State::Sealed, Some(release)) => {
                    Some(release.last_problem.clone().unwrap_or_else(|| "delivery".to_owned()))
                }
                (State::Approved | State::Void | State::Sealed | State::Receipted, _) => None,
            };
            states.push(QuarterState {
                quarter,
                opening: policy.is_opening(quarter),
                void: void.get(&quarter).copied(),
                state,
                prepared: prepared.map(|p| format!("{} by {}", p.prepared_at, p.prepared_by)),
                approved: approved.map(|a| format!("{} by {}", a.approved_at, a.decider())),
                sealed: release.map(|r| format!("{} as {}", r.sealed_at, r.number)),
                receipted: release.and_then(|r| r.receipted_at).map(|at| at.to_string()),
                waits_for,
            });
            if state == State::Recording {
                break;
            }
        }
        Ok::<_, DutyError>(states)
    })?;
    let seals = states.iter_mut().find(|quarter| matches!(quarter.state, State::Approved | State::Void));
    if let Some(quarter) = seals {
        quarter.waits_for = Some(before_the_seal(node, now)?);
    }
    Ok(states)
}

/// What a quarter that is approved or void still needs of the region, or why it cannot be sealed.
fn before_the_seal(node: &Node, now: Moment) -> Result<String, DutyError> {
    let stated = seal::waiting(node).and_then(|waiting| match waiting {
        Some(waiting) => seal::check_statement(node, &waiting, now),
        None => Ok(()),
    });
    match stated {
        Ok(()) => Ok("the region's right to draw".to_owned()),
        Err(DutyError::NoStatement { .. }) => Ok("the region's statement and its right to draw".to_owned()),
        Err(error @ DutyError::Store(_)) => Err(error),
        Err(other) => Ok(other.to_string()),
    }
}
