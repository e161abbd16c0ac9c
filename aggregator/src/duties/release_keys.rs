//! Which key of a borough signs what: rotated with overlap, known for ever.

use serde::{Serialize, de::DeserializeOwned};
use tenfold_common::{
    geography::BoroughCode,
    log::Event,
    protocol::{
        ProblemKind, PublicKey, SignatureError,
        rotation::{
            self, KeyLink, KeyRotated, ROTATED_FORMAT, ROTATED_TYPE, ROTATION_FORMAT, SignedRotation,
        },
        signature,
    },
};
use tenfold_store::{AnyConnection, acts};

use super::{
    Aggregator, DutyError, log,
    receive::{self, Peer},
    renew,
};
use crate::{
    ingest::Refusal,
    store::{self, enrolments::Enrolment, release_keys::Kept},
};

/// Keeps a new release key beside the old one. The same rotation again gets the same answer.
///
/// # Errors
/// `Refused` with the kind the borough is told.
pub fn rotate(aggregator: &Aggregator, peer: &Peer, text: &str) -> Result<String, DutyError> {
    let rotated = aggregator.append(|connection| {
        let enrolment = receive::enrolled(aggregator, connection, peer)?;
        let kept = keep(aggregator, connection, &enrolment, text)?;
        let answer = KeyRotated {
            format: ROTATED_FORMAT.to_owned(),
            borough: kept.borough,
            new_key: kept.link.new_key,
            from_release: kept.link.from_release,
            kept_at: kept.at,
        };
        Ok(signature::sign(&answer, ROTATED_TYPE, &aggregator.receipt_key)?)
    });
    renew::counted(aggregator, peer.borough.as_str(), "new release key", rotated)
}

fn keep(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    enrolment: &Enrolment,
    text: &str,
) -> Result<Kept, DutyError> {
    let refuse = |kind, detail: String| Err(DutyError::from(Refusal::new(kind, detail)));
    let signed: SignedRotation = serde_json::from_str(text).map_err(|_| {
        Refusal::new(ProblemKind::Malformed, "expected a rotation signed by both keys, as JSON")
    })?;
    let rotation =
        signed.open().map_err(|error| Refusal::new(ProblemKind::BadSignature, error.to_string()))?;
    let borough = &enrolment.borough;
    if rotation.format != ROTATION_FORMAT {
        return refuse(ProblemKind::Malformed, format!("expected the format {ROTATION_FORMAT}"));
    }
    if rotation.borough != *borough {
        return refuse(ProblemKind::WrongBorough, format!("{borough} rotates a key of {}", rotation.borough));
    }
    let link =
        KeyLink { old_key: rotation.old_key, new_key: rotation.new_key, from_release: rotation.from_release };
    if store::release_keys::lost(connection)?.contains(&link.new_key) {
        let detail =
            format!("key {} signs nothing, and key {} goes on", link.new_key.id(), link.old_key.id());
        return refuse(ProblemKind::KeyLost, detail);
    }
    let known = store::release_keys::all(connection)?;
    if let Some(kept) = known.iter().find(|kept| kept.link == link && kept.borough == *borough) {
        return Ok(kept.clone());
    }
    let mut keys = keys(connection, enrolment)?;
    if keys.pop().as_ref() != Some(&link.old_key) {
        let detail = "the old key is not the one that this borough signs its releases with".to_owned();
        return refuse(ProblemKind::BadSignature, detail);
    }
    let used = store::enrolments::all(connection)?.iter().any(|known| known.release_key == link.new_key)
        || known.iter().any(|kept| [&kept.link.old_key, &kept.link.new_key].contains(&&link.new_key));
    if used {
        return refuse(ProblemKind::Malformed, "the new key was used before; make a fresh one".to_owned());
    }
    let newest = store::releases::newest(connection, borough)?.map_or(0, |release| release.number);
    if link.from_release <= newest || link.from_release > newest + MOST_AHEAD {
        return refuse(
            ProblemKind::OutOfOrder,
            format!(
                "release {newest} is here: the new key signs from {} on at the earliest, {} came",
                newest + 1,
                link.from_release
            ),
        );
    }
    let kept = Kept { borough: borough.clone(), link, at: aggregator.now() };
    store::release_keys::add(connection, &kept)?;
    log::once(connection, kept.at, event(&kept))?;
    let object = format!("{borough} {} from release {}", kept.link.new_key.id(), kept.link.from_release);
    acts::record(connection, kept.at, "the node itself", "release-key-rotated", &object)?;
    Ok(kept)
}

/// A person's word that the keys which followed the one of this short name are lost with the copies of the borough's
/// node that made them: they sign nothing, and it goes on. Says which are lost.
///
/// # Errors
/// Where no node of the borough is enrolled, the key is none of its own, or a release is here that a later one signed:
/// the copy that goes on must know that release, and with it the key.
pub fn lose_after(
    aggregator: &Aggregator,
    borough: &BoroughCode,
    id: &str,
    by: &str,
) -> Result<Vec<PublicKey>, DutyError> {
    let (now, id) = (aggregator.now(), id.trim().to_lowercase());
    aggregator.append(|connection| {
        let enrolment = receive::in_force(aggregator, connection, borough)?;
        let links = store::release_keys::of_borough(connection, borough)?;
        let lost = store::release_keys::lost(connection)?;
        let keys = rotation::keys_without(&enrolment.release_key, &links, &lost);
        let Some(at) = keys.iter().position(|(key, _)| key.id() == id) else {
            let known: Vec<String> = keys.iter().map(|(key, _)| key.id()).collect();
            let detail = format!("{borough} has no release key {id}; its keys are {}", known.join(", "));
            return Err(Refusal::new(ProblemKind::BadSignature, detail).into());
        };
        // By the log, which also has the releases that a region put back still waits for.
        let numbers = store::log::all(connection)?.into_iter().filter_map(|entry| match entry.event {
            Event::Release { borough: of, number, .. } if of == *borough => Some(number),
            _ => None,
        });
        let newest = numbers.max().unwrap_or(0);
        if let Some((key, from)) = keys[at + 1..].iter().find(|(_, from)| *from <= newest) {
            let detail = format!(
                "release {newest} is in the log and key {} signs from {from} on: the copy that goes on must know that \
                 release and have that key",
                key.id()
            );
            return Err(Refusal::new(ProblemKind::OutOfOrder, detail).into());
        }
        for (key, _) in &keys[at + 1..] {
            store::release_keys::lose(connection, borough, key, by, now)?;
            log::once(connection, now, lost_event(borough, key))?;
            acts::record(connection, now, by, "release-key-lost", &format!("{borough} {}", key.id()))?;
        }
        Ok(keys[at + 1..].iter().map(|(key, _)| (*key).clone()).collect())
    })
}

/// The keys of a borough's node, oldest first: the last one signs now.
///
/// # Errors
/// As [`lose_after`], where no node of the borough is enrolled.
pub fn of_borough(aggregator: &Aggregator, borough: &BoroughCode) -> Result<Vec<PublicKey>, DutyError> {
    aggregator.store.read(|connection| {
        let enrolment = receive::in_force(aggregator, connection, borough)?;
        keys(connection, &enrolment)
    })
}

/// What the log says of a key that is lost.
fn lost_event(borough: &BoroughCode, key: &PublicKey) -> Event {
    Event::ReleaseKeyLost { borough: borough.clone(), key: key.clone() }
}

/// How many releases may be sealed at most that are not here yet, when a key is rotated.
const MOST_AHEAD: u32 = 100;

/// What the log says of it.
pub(super) fn event(kept: &Kept) -> Event {
    Event::ReleaseKey {
        borough: kept.borough.clone(),
        old_key: kept.link.old_key.clone(),
        new_key: kept.link.new_key.clone(),
        from_release: kept.link.from_release,
    }
}

/// The keys of an enrolment's node, oldest first, without those that were lost.
///
/// # Errors
/// Where the store fails.
pub(super) fn keys(
    connection: &mut AnyConnection,
    enrolment: &Enrolment,
) -> Result<Vec<PublicKey>, DutyError> {
    let links = store::release_keys::of_borough(connection, &enrolment.borough)?;
    let lost = store::release_keys::lost(connection)?;
    let keys = rotation::keys_without(&enrolment.release_key, &links, &lost);
    Ok(keys.into_iter().map(|(key, _)| key.clone()).collect())
}

/// Every key that the enrolment's node ever had: what was enrolled with a lost one is a certificate of this node too.
///
/// # Errors
/// Where the store fails.
pub(super) fn ever(
    connection: &mut AnyConnection,
    enrolment: &Enrolment,
) -> Result<Vec<PublicKey>, DutyError> {
    let mut keys = keys(connection, enrolment)?;
    // What followed a key of this node is one too.
    for link in store::release_keys::of_borough(connection, &enrolment.borough)? {
        if keys.contains(&link.old_key) && !keys.contains(&link.new_key) {
            keys.push(link.new_key);
        }
    }
    Ok(keys)
}

/// The key that signs a release of an enrolment's node; the newest where the text names no number.
///
/// # Errors
/// Where the store fails.
pub(super) fn of_release(
    connection: &mut AnyConnection,
    enrolment: &Enrolment,
    number: Option<u32>,
) -> Result<PublicKey, DutyError> {
    let links = store::release_keys::of_borough(connection, &enrolment.borough)?;
    let (lost, number) = (store::release_keys::lost(connection)?, number.unwrap_or(u32::MAX));
    Ok(rotation::key_of_release(&enrolment.release_key, &links, &lost, number).clone())
}

/// Opens what an enrolment's node signed with any of its keys: a node that does not know yet that its new key is kept
/// signs with the old one.
///
/// # Errors
/// `Refused` where none of them signed it; as the newest says.
pub(super) fn open<T: DeserializeOwned + Serialize>(
    connection: &mut AnyConnection,
    enrolment: &Enrolment,
    text: &str,
    typ: &str,
) -> Result<T, DutyError> {
    let mut refused: Option<SignatureError> = None;
    for key in keys(connection, enrolment)?.iter().rev() {
        match signature::open(text, typ, key) {
            Ok(opened) => return Ok(opened),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    let detail = refused.map_or_else(|| "no key is known".to_owned(), |error| error.to_string());
    Err(Refusal::new(ProblemKind::BadSignature, detail).into())
}
