//! Receives a release: identified by its certificate, checked, stored and receipted in one transaction.

use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    log::{Checkpoint, Entry, Event, Kind},
    privacy::Succession,
    protocol::{
        DrawRight, LogProof, ProblemKind, Receipt, ReleaseBody, RuledQuarter, SealedQuarter, Statement,
        receipt::{RECEIPT_FORMAT, RECEIPT_TYPE},
        release::ReleaseId,
        signature,
        statement::{STATEMENT_FORMAT, STATEMENT_TYPE},
    },
};
use tenfold_store::{AnyConnection, acts};

use super::{Aggregator, DutyError, log, question, release_keys};
use crate::{
    ingest::{self, Refusal, Speaker},
    store::{self, enrolments::Enrolment, releases::Received},
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

/// Stores a release and returns its receipt; the same bytes again get the same receipt.
///
/// # Errors
/// `Refused` with the kind the borough is told; nothing is then stored but the count of refusals.
pub fn receive(aggregator: &Aggregator, peer: &Peer, text: &str) -> Result<String, DutyError> {
    // Read before the transaction: one that asked for a second connection while others wait for its lock
    // could exhaust the pool and stand still.
    let policies = aggregator.succession()?;
    let result = aggregator.append(|connection| accept(aggregator, connection, &policies, peer, text));
    counting_refusals(aggregator, peer, result)
}

/// Takes a release that was carried here as a file, for a borough that is cut off: its own key speaks for it, and every
/// check is that of the wire. The same file again gets the same receipt.
///
/// # Errors
/// As [`receive`]; and where no node of the borough it names is enrolled.
pub fn receive_carried(aggregator: &Aggregator, text: &str, by: &str) -> Result<String, DutyError> {
    let policies = aggregator.succession()?;
    let claimed: ReleaseBody = signature::peek(text)?;
    let borough = claimed.id.borough;
    let enrolment = aggregator.store.read(|connection| in_force(aggregator, connection, &borough))?;
    let peer = Peer { borough, fingerprint: enrolment.fingerprint, own_until: None };
    let result = aggregator.append(|connection| {
        let before = store::log::size(connection)?;
        let receipt = accept(aggregator, connection, &policies, &peer, text)?;
        if store::log::size(connection)? > before {
            let object = format!("{} {}", peer.borough, claimed.id.quarter);
            acts::record(connection, aggregator.now(), by, "release-carried", &object)?;
        }
        Ok(receipt)
    });
    counting_refusals(aggregator, &peer, result)
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

fn accept(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    policies: &Succession,
    peer: &Peer,
    text: &str,
) -> Result<String, DutyError> {
    let now = aggregator.now();
    let enrolment = enrolled(aggregator, connection, peer)?;
    let sha256 = signature::sha256_hex(text.as_bytes());
    // A repetition is answered first: whatever has come into force since, the same bytes get the same receipt.
    if let Some(kept) = store::releases::of_bytes(connection, &peer.borough, &sha256)? {
        return Ok(kept.receipt);
    }
    let number = signature::peek::<ReleaseBody>(text).ok().map(|claimed| claimed.id.number);
    let release_key = release_keys::of_release(connection, &enrolment, number)?;
    let newest = store::releases::newest(connection, &peer.borough)?;
    let speaker = Speaker {
        borough: &peer.borough,
        release_key: &release_key,
        newest: newest.map(|release| (release.number, release.quarter)),
        first: enrolment.first_quarter,
    };
    let body = ingest::read(text, speaker, policies)?;
    ingest::answers_fit(&body, policies, &question::asked(aggregator, connection)?)?;
    if let Some(kept) = store::releases::of_quarter(connection, &peer.borough, body.id.quarter)? {
        let detail =
            format!("release {} for {} is kept since {}", kept.number, kept.quarter, kept.received_at);
        return Err(Refusal::new(ProblemKind::OtherBytes, detail).into());
    }
    ingest::is_next(&body, speaker)?;
    // The log may know it from before a backup was put back: then it takes its old place again.
    let (borough, quarter) = (peer.borough.clone(), body.id.quarter);
    let event = Event::Release { borough, quarter, number: body.id.number, sha256: sha256.clone() };
    let entry = match store::log::find(connection, Kind::Release, &event.subject())? {
        Some(entry) if entry.event == event => entry,
        Some(entry) => {
            let detail = format!("the log has other bytes for {quarter} since {}", entry.at);
            return Err(Refusal::new(ProblemKind::OtherBytes, detail).into());
        }
        None => store::log::append(connection, now, event)?,
    };
    let receipt = receipt(aggregator, connection, &body, &entry, &sha256)?;
    let given = Event::Receipt {
        borough: peer.borough.clone(),
        quarter,
        sha256: signature::sha256_hex(receipt.as_bytes()),
    };
    log::once(connection, now, given)?;
    let received = Received {
        log_index: entry.index,
        borough: peer.borough.clone(),
        quarter,
        number: body.id.number,
        policy: body.policy,
        sha256,
        bytes: text.to_owned(),
        receipt: receipt.clone(),
        received_at: entry.at,
    };
    store::releases::keep(connection, &received)?;
    tracing::info!(borough = %peer.borough, %quarter, log_index = entry.index, "release received");
    Ok(receipt)
}

/// The receipt of a release: made of what stands in the log alone, so that it comes out the same whenever it is made.
fn receipt(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    body: &ReleaseBody,
    entry: &Entry,
    sha256: &str,
) -> Result<String, DutyError> {
    let (size, key) = (entry.index + 1, &aggregator.receipt_key);
    let before = store::releases::newest(connection, &body.id.borough)?;
    let earlier = before.map_or(0, |release| release.log_index + 1);
    let proof = LogProof {
        checkpoint: store::log::checkpoint(connection, size, entry.at, key)?,
        inclusion: store::log::inclusion(connection, size, entry.index)?,
        earlier,
        consistency: store::log::consistency(connection, size, earlier)?,
    };
    let receipt = Receipt {
        format: RECEIPT_FORMAT.to_owned(),
        id: body.id.clone(),
        release_sha256: sha256.to_owned(),
        ledger_head: body.ledger_head.clone(),
        log_index: entry.index,
        received_at: entry.at,
        proof,
    };
    Ok(signature::sign(&receipt, RECEIPT_TYPE, key)?)
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
    let refuse = |detail: &str| DutyError::from(Refusal::new(ProblemKind::NotEnrolled, detail));
    let enrolment = store::enrolments::in_force(connection, &peer.fingerprint)?
        .ok_or_else(|| refuse("this node certificate is not enrolled, or was withdrawn"))?;
    if enrolment.borough != peer.borough {
        return Err(refuse("this node certificate was enrolled for another borough"));
    }
    if enrolment.not_after <= aggregator.now() {
        return Err(refuse("this node certificate has expired"));
    }
    Ok(enrolment)
}
