//! Receives a release: identified by its certificate, checked, stored and receipted in one transaction.

mod accept;
mod books;
mod together;

use std::slice;

use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    log::Checkpoint,
    privacy::Succession,
    protocol::{
        DrawRight, ProblemKind, ReleaseBody, RuledQuarter, SealedQuarter, Statement,
        release::ReleaseId,
        signature,
        statement::{STATEMENT_FORMAT, STATEMENT_TYPE},
    },
};
use tenfold_store::{AnyConnection, acts};

use self::accept::{Came, Receiving};
pub(super) use self::together::Together;
use super::{Aggregator, DutyError, log, recover};
use crate::{
    ingest::Refusal,
    store::{self, enrolments::Enrolment, log::Turn},
};

/// Who is at the other end, from the verified certificate alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The borough its one URI name says.
    pub borough: BoroughCode,
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    /// Where the borough's own authority vouches for it: when it ends.
    pub own_until: Option<Moment>,
}

/// Stores a release and returns its receipt; the same bytes again get the same receipt. `shown` is the checkpoint of
/// the log that the node shows with it, empty for none.
///
/// # Errors
/// `Refused` with the kind the borough is told; nothing is then stored but the count of refusals.
pub fn receive(aggregator: &Aggregator, peer: &Peer, shown: &str, text: &str) -> Result<String, DutyError> {
    let result = match aggregator.together.receive(aggregator, peer, shown, text)? {
        Some(answer) => answer.map_err(DutyError::from),
        None => {
            recover::hear(aggregator, peer, shown)?;
            alone(aggregator, peer, text, |_, _| Ok(()))
        }
    };
    counting_refusals(aggregator, peer, result)
}

/// Takes a release that was carried here as a file, for a borough that is cut off: its own key speaks for it, and every
/// check is that of the wire. The same file again gets the same receipt.
///
/// # Errors
/// As [`receive`]; and where no node of the borough it names is enrolled.
pub fn receive_carried(aggregator: &Aggregator, text: &str, by: &str) -> Result<String, DutyError> {
    let claimed: ReleaseBody = signature::peek(text)?;
    let borough = claimed.id.borough;
    let enrolment = aggregator.store.read(|connection| in_force(aggregator, connection, &borough))?;
    let peer = Peer { borough, fingerprint: enrolment.fingerprint, own_until: None };
    let result = alone(aggregator, &peer, text, |connection, is_new| {
        if is_new {
            let object = format!("{} {}", peer.borough, claimed.id.quarter);
            acts::record(connection, aggregator.now(), by, "release-carried", &object)?;
        }
        Ok(())
    });
    counting_refusals(aggregator, &peer, result)
}

/// One release in a transaction of its own, with what is to be written beside it.
fn alone(
    aggregator: &Aggregator,
    peer: &Peer,
    text: &str,
    beside: impl FnOnce(&mut AnyConnection, bool) -> Result<(), DutyError>,
) -> Result<String, DutyError> {
    // Read before the transaction: one that asked for a second connection while others wait for its lock
    // could exhaust the pool and stand still.
    let policies = aggregator.succession()?;
    aggregator.append(|connection| {
        let (turn, came) = (Turn::here(connection)?, Came::new(peer, text, accept::claimed(text), None));
        let mut receiving =
            Receiving::begin(aggregator, connection, &policies, turn, slice::from_ref(&came))?;
        let receipt = receiving.accept(connection, came)?.receipt;
        let (new, _) = receiving.keep(connection)?;
        beside(connection, new > 0)?;
        Ok(receipt)
    })
}

fn counting_refusals(
    aggregator: &Aggregator,
    peer: &Peer,
    result: Result<String, DutyError>,
) -> Result<String, DutyError> {
    if let Err(DutyError::Refused(refusal)) = &result {
        let now = aggregator.now();
        tracing::warn!(borough = %peer.borough, problem = refusal.kind.label(), "release refused: {refusal}");
        aggregator.store.write(|connection| {
            let (borough, kind) = (peer.borough.as_str(), refusal.kind.label());
            Ok::<_, DutyError>(store::releases::count_rejection(connection, borough, kind, now)?)
        })?;
    }
    result
}

/// What the aggregator last received from a borough, signed: asked for by a node before every draw.
///
/// # Errors
/// `Refused` where the certificate is not enrolled.
pub fn state(aggregator: &Aggregator, peer: &Peer, shown: Option<&Checkpoint>) -> Result<String, DutyError> {
    let policies = aggregator.succession()?;
    aggregator.store.read(|connection| {
        let enrolment = enrolled(aggregator, connection, peer)?;
        statement(aggregator, connection, &policies, &enrolment, shown, None)
    })
}

/// A signed statement about an enrolled borough, with the right to draw if it was given.
pub(super) fn statement(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    policies: &Succession,
    enrolment: &Enrolment,
    shown: Option<&Checkpoint>,
    right: Option<DrawRight>,
) -> Result<String, DutyError> {
    let newest = store::releases::newest(connection, &enrolment.borough)?;
    let quarter = newest.as_ref().map_or(enrolment.first_quarter, |release| release.quarter.next());
    let next = policies.of(quarter).ok().map(|policy| RuledQuarter {
        quarter,
        policy: policy.hash().to_owned(),
        name: policy.policy().name.clone(),
    });
    let last = newest
        .map(|release| {
            let body: tenfold_common::protocol::ReleaseBody = signature::peek(&release.bytes)?;
            Ok::<_, DutyError>(SealedQuarter {
                id: ReleaseId { borough: release.borough, quarter: release.quarter, number: release.number },
                release_sha256: release.sha256,
                ledger_head: body.ledger_head,
            })
        })
        .transpose()?;
    let statement = Statement {
        format: STATEMENT_FORMAT.to_owned(),
        borough: enrolment.borough.clone(),
        last,
        next,
        right,
        log: log::view(aggregator, connection, shown)?,
        issued_at: aggregator.now(),
    };
    Ok(signature::sign(&statement, STATEMENT_TYPE, &aggregator.receipt_key)?)
}

/// The newest enrolment of a borough that was not withdrawn and has not expired.
///
/// # Errors
/// `Refused` where there is none.
pub(super) fn in_force(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    borough: &BoroughCode,
) -> Result<Enrolment, DutyError> {
    let own =
        store::enrolments::all(connection)?.into_iter().filter(|enrolment| enrolment.borough == *borough);
    for enrolment in own.rev() {
        let standing = store::enrolments::in_force(connection, &enrolment.fingerprint)?;
        if let Some(standing) = standing.filter(|standing| standing.not_after > aggregator.now()) {
            return Ok(standing);
        }
    }
    Err(Refusal::new(ProblemKind::NotEnrolled, format!("no node of {borough} is enrolled")).into())
}

/// The enrolment of a peer, in force now.
///
/// # Errors
/// `Refused` where its certificate is not enrolled, was withdrawn or has expired.
pub(super) fn enrolled(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    peer: &Peer,
) -> Result<Enrolment, DutyError> {
    let found = store::enrolments::in_force(connection, &peer.fingerprint)?;
    Ok(speaks(found, peer, aggregator.now())?)
}

/// The enrolment that was found in force for a peer's certificate, if it is one for it to speak by now.
fn speaks(found: Option<Enrolment>, peer: &Peer, now: Moment) -> Result<Enrolment, Refusal> {
    let refuse = |detail: &str| Refusal::new(ProblemKind::NotEnrolled, detail);
    let enrolment = found.ok_or_else(|| refuse("this node certificate is not enrolled, or was withdrawn"))?;
    if enrolment.borough != peer.borough {
        return Err(refuse("this node certificate was enrolled for another borough"));
    }
    if enrolment.not_after <= now {
        return Err(refuse("this node certificate has expired"));
    }
    Ok(enrolment)
}
