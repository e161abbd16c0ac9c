//! Gives a borough's node the right to draw a quarter, once, and to one of its copies.

use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    privacy::Succession,
    protocol::{
        DrawRequest, DrawRight, ProblemKind, PublicKey,
        draw::{DRAW_REQUEST_FORMAT, DRAW_REQUEST_TYPE},
        signature::{self, SignatureError},
        versions,
    },
};
use tenfold_store::{AnyConnection, acts};

use super::{
    Aggregator, DutyError, log,
    receive::{self, Peer},
    release_keys,
};
use crate::{
    ingest::Refusal,
    store::{self, draw_rights::Given, enrolments::Enrolment},
};

/// Answers a node's request: a signed statement with the right to draw.
///
/// # Errors
/// `Refused` with the kind the borough is told: another copy of it asked since, another policy rules the quarter, or
/// the quarter is not its next.
pub fn give(aggregator: &Aggregator, peer: &Peer, request: &str) -> Result<String, DutyError> {
    let policies = aggregator.succession()?;
    let given = aggregator.append(|connection| {
        let enrolment = receive::enrolled(aggregator, connection, peer)?;
        answer(aggregator, connection, &policies, &enrolment, request, "")
    });
    if let Err(DutyError::Refused(refusal)) = &given {
        let now = aggregator.now();
        tracing::warn!(borough = %peer.borough, problem = refusal.kind.label(), "right to draw refused: {refusal}");
        aggregator.store.write(|connection| {
            let (borough, kind) = (peer.borough.as_str(), refusal.kind.label());
            remember_refusal(connection, &peer.borough, refusal, request, now)?;
            Ok::<_, DutyError>(store::releases::count_rejection(connection, borough, kind, now)?)
        })?;
    }
    given
}

/// Another copy has the right: which one asked is remembered, so that a person can say that it is the borough's node.
/// The request was verified before it was refused so.
fn remember_refusal(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    refusal: &Refusal,
    request: &str,
    now: Moment,
) -> Result<(), DutyError> {
    if refusal.kind != ProblemKind::OtherCopy {
        return Ok(());
    }
    let request: DrawRequest = signature::peek(request.trim())?;
    let nonce_sha256 = request.nonce_sha256();
    Ok(store::draw_rights::refuse(connection, borough, &nonce_sha256, now)?)
}

/// Answers a request that was carried here as a file, for a borough that is cut off.
///
/// # Errors
/// As [`give`]; and where no node of the borough it names is enrolled.
pub fn give_carried(aggregator: &Aggregator, request: &str, by: &str) -> Result<String, DutyError> {
    let policies = aggregator.succession()?;
    let claimed: DrawRequest = signature::peek(request)?;
    let given = aggregator.append(|connection| {
        let enrolment = receive::in_force(aggregator, connection, &claimed.borough)?;
        let signed = answer(aggregator, connection, &policies, &enrolment, request, by)?;
        let object = format!("{} {}", claimed.borough, claimed.quarter);
        acts::record(connection, aggregator.now(), by, "draw-right-carried", &object)?;
        Ok(signed)
    });
    if let Err(DutyError::Refused(refusal)) = &given {
        let now = aggregator.now();
        aggregator
            .store
            .write(|connection| remember_refusal(connection, &claimed.borough, refusal, request, now))?;
    }
    given
}

/// A person's word that the copy of a borough's node whose refusal named this code is the borough's node, and that no
/// other will draw. It serves no other copy: one that is put back later to a day before it asked knows nothing of it.
///
/// # Errors
/// Where no node of the borough is enrolled, none was refused since the last right, or another was refused last.
pub fn renew(aggregator: &Aggregator, borough: &BoroughCode, copy: &str, by: &str) -> Result<(), DutyError> {
    let now = aggregator.now();
    aggregator.append(|connection| {
        receive::in_force(aggregator, connection, borough)?;
        let refused = store::draw_rights::refused(connection, borough)?;
        let (nonce_sha256, _) =
            refused.ok_or_else(|| DutyError::NothingToRenew { borough: borough.clone() })?;
        if code(&nonce_sha256) != copy.trim().to_lowercase() {
            let (borough, copy) = (borough.clone(), copy.trim().to_owned());
            return Err(DutyError::OtherCopyRefused { borough, copy, last: code(&nonce_sha256).to_owned() });
        }
        let renewed = Given {
            number: 0,
            borough: borough.clone(),
            quarter: None,
            policy: String::new(),
            nonce_sha256,
            ledger_head: String::new(),
            at: now,
            by: by.to_owned(),
        };
        give_down(connection, &renewed)?;
        Ok(acts::record(connection, now, by, "draw-right-renewed", borough.as_str())?)
    })
}

fn answer(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    policies: &Succession,
    enrolment: &Enrolment,
    text: &str,
    by: &str,
) -> Result<String, DutyError> {
    let refuse = |kind, detail: String| Err(DutyError::from(Refusal::new(kind, detail)));
    // By the newest key alone: a backup from before a rotation would seal under a key that is no longer taken.
    let keys = release_keys::keys(connection, enrolment)?;
    let key = release_keys::of_release(connection, enrolment, None)?;
    let request: DrawRequest =
        signature::open(text.trim(), DRAW_REQUEST_TYPE, &key).map_err(|error| {
            match (&error, versions::DRAW_REQUEST.refusal(text.trim())) {
                (SignatureError::Content, Some(told)) => Refusal::new(ProblemKind::UnsupportedVersion, told),
                _ => Refusal::new(ProblemKind::BadSignature, by_another(&keys, text, &error)),
            }
        })?;
    let borough = &enrolment.borough;
    if request.format != DRAW_REQUEST_FORMAT || request.nonce.len() != 64 {
        return refuse(ProblemKind::Malformed, format!("expected the format {DRAW_REQUEST_FORMAT}"));
    }
    if request.borough != *borough {
        return refuse(ProblemKind::WrongBorough, format!("{borough} asks for {}", request.borough));
    }
    let newest = store::releases::newest(connection, borough)?;
    let next = newest.map_or(enrolment.first_quarter, |release| release.quarter.next());
    // A node may have sealed quarters that wait for their instant; what is here already is never drawn again.
    if request.quarter < next {
        return refuse(
            ProblemKind::OutOfOrder,
            format!("{} is here already; the next is {next}", request.quarter),
        );
    }
    let policy = policies.nearest(request.quarter);
    if request.policy != policy.hash() {
        let detail = format!("{} is released under {:?}: adopt it", request.quarter, policy.policy().name);
        return refuse(ProblemKind::WrongPolicy, detail);
    }
    let nonce_sha256 = request.nonce_sha256();
    let right = DrawRight {
        quarter: request.quarter,
        policy: request.policy.clone(),
        ledger_head: request.ledger_head.clone(),
        nonce_sha256: nonce_sha256.clone(),
    };
    let knows = |given: &Given| {
        request.previous.iter().any(|nonce| signature::sha256_hex(nonce.as_bytes()) == given.nonce_sha256)
    };
    match store::draw_rights::newest(connection, borough)? {
        // The very same request again, its answer having been lost.
        Some(given) if given.quarter.is_some() && given.nonce_sha256 == nonce_sha256 => {}
        Some(given) if given.nonce_sha256 != nonce_sha256 && !knows(&given) => {
            return refuse(
                ProblemKind::OtherCopy,
                format!(
                    "the right was given at {} for {}, to a copy of this node that this one does not know of; nothing \
                     was drawn here. If that other copy drew, use it and end this one. If it is lost and will never \
                     run again, say so to the region by telephone, and that this is copy {}: it then renews the right",
                    given.at,
                    given.quarter.map_or_else(String::new, |quarter| quarter.to_string()),
                    code(&nonce_sha256),
                ),
            );
        }
        _ => {
            let given = Given {
                number: 0,
                borough: borough.clone(),
                quarter: Some(request.quarter),
                policy: request.policy,
                nonce_sha256,
                ledger_head: request.ledger_head,
                at: aggregator.now(),
                by: by.to_owned(),
            };
            give_down(connection, &given)?;
        }
    }
    let shown = log::shown(aggregator, &request.checkpoint)?;
    receive::statement(aggregator, connection, policies, enrolment, shown.as_ref(), Some(right))
}

/// What a copy of a node is called by telephone: the beginning of the hash of the nonce that it asked with.
pub fn code(nonce_sha256: &str) -> &str {
    nonce_sha256.get(..8).unwrap_or(nonce_sha256)
}

/// Why a request is not one of the newest key; an earlier key's tells which copy may go on.
fn by_another(keys: &[PublicKey], text: &str, error: &SignatureError) -> String {
    let earlier = keys.iter().rev().skip(1);
    let mut signed =
        earlier.filter(|key| signature::open::<DrawRequest>(text.trim(), DRAW_REQUEST_TYPE, key).is_ok());
    match (signed.next(), keys.last()) {
        (Some(earlier), Some(newest)) => format!(
            "{error}; it is signed by key {}, which key {} followed: use the copy of this node that has that key and \
             end this one. If that copy and every backup of the key are lost for ever, say so to the region by telephone: \
             there `tenfold-aggregator draw renew --release-key` is given the key of this one",
            earlier.id(),
            newest.id()
        ),
        _ => error.to_string(),
    }
}

/// Writes a right down, in its table and in the log: what a restored backup forgot would let a copy draw again.
fn give_down(connection: &mut AnyConnection, given: &Given) -> Result<(), DutyError> {
    store::draw_rights::add(connection, given)?;
    store::draw_rights::forget_refused(connection, &given.borough)?;
    log::once(connection, given.at, given.event())?;
    Ok(())
}
