//! A council's own authority: it speaks for its one borough, whose node was enrolled here before.

use tenfold_common::geography::{self, BoroughCode};
use tenfold_store::acts;
use tenfold_web::tls;

use super::{Aggregator, DutyError, come_back, log, receive::Peer};
use crate::store::{self, enrolments::Enrolment, own_cas::OwnCa};

/// Trusts a council's authority for one borough; returns its fingerprint.
///
/// # Errors
/// Where the file holds no certificate of an authority, or the region's own.
pub fn trust(
    aggregator: &Aggregator,
    pem: &str,
    borough: &BoroughCode,
    by: &str,
) -> Result<String, DutyError> {
    let refuse = |reason: &str| DutyError::Unsound {
        what: "the authority's certificate".to_owned(),
        reason: reason.to_owned(),
    };
    if geography::borough(borough).is_none() {
        return Err(refuse("it is to speak for a borough that is none of this region"));
    }
    if !tls::is_authority(pem)? {
        return Err(refuse("it is none of an authority, expected one certificate with CA:TRUE"));
    }
    let fingerprint = tls::fingerprint_of_pem(pem)?;
    for own in ["root", "issuing"] {
        if tls::fingerprint_of_pem(&aggregator.certificate_of(own)?)? == fingerprint {
            return Err(refuse("it is the region's own"));
        }
    }
    let ca =
        OwnCa { fingerprint: fingerprint.clone(), borough: borough.clone(), certificate_pem: pem.to_owned() };
    let now = aggregator.now();
    aggregator.store.write(|connection| {
        store::own_cas::add(connection, &ca, by, now)?;
        acts::record(connection, now, by, "own-ca-trusted", &format!("{borough} {fingerprint}"))
    })?;
    Ok(fingerprint)
}

/// Trusts an authority no more. What it issued and was seen stays enrolled until it is withdrawn, and is not let in.
///
/// # Errors
/// Where it is not trusted.
pub fn distrust(aggregator: &Aggregator, fingerprint: &str, by: &str) -> Result<(), DutyError> {
    let now = aggregator.now();
    aggregator.store.write(|connection| {
        if !store::own_cas::remove(connection, fingerprint)? {
            return Err(DutyError::Unsound {
                what: "the authority".to_owned(),
                reason: format!("none with the fingerprint {fingerprint} is trusted"),
            });
        }
        Ok(acts::record(connection, now, by, "own-ca-distrusted", fingerprint)?)
    })
}

/// Every authority that is trusted.
///
/// # Errors
/// Where the store fails.
pub fn all(aggregator: &Aggregator) -> Result<Vec<OwnCa>, DutyError> {
    aggregator.store.read(|connection| Ok(store::own_cas::all(connection)?))
}

/// Enrols a certificate of a council's authority when it is first seen, over what the borough's node was enrolled with.
///
/// # Errors
/// Where the store fails. Who may not be enrolled is left for the duty that follows to refuse.
pub fn seen(aggregator: &Aggregator, peer: &Peer) -> Result<(), DutyError> {
    let Some(not_after) = peer.own_until else { return Ok(()) };
    let known = aggregator.store.read(|connection| {
        let known = store::enrolments::of_borough(connection, &peer.borough)?;
        let denied = store::enrolments::denied_at(connection, &peer.fingerprint)?.is_some();
        Ok::<_, DutyError>(denied || known.iter().any(|known| known.fingerprint == peer.fingerprint))
    })?;
    if known {
        return Ok(());
    }
    let now = aggregator.now();
    aggregator.append(|connection| {
        let known = store::enrolments::of_borough(connection, &peer.borough)?;
        let seen_meanwhile = known.iter().any(|known| known.fingerprint == peer.fingerprint);
        let Some(newest) = known.into_iter().next_back().filter(|_| !seen_meanwhile) else { return Ok(()) };
        if come_back::withdrawn(connection, &newest)?.is_some() {
            return Ok(());
        }
        let enrolment = Enrolment {
            fingerprint: peer.fingerprint.clone(),
            enrolled_at: now,
            enrolled_by: "the borough's own authority".to_owned(),
            not_after,
            ..newest
        };
        store::enrolments::add(connection, &enrolment)?;
        log::once(connection, now, enrolment.event())?;
        let object = format!("{} {}", peer.borough, peer.fingerprint);
        Ok(acts::record(connection, now, "the borough's own authority", "enrolled", &object)?)
    })
}
