//! Verifies everything kept here, offline: the log's tree, what its entries speak of, every release and receipt.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tenfold_common::{
    log::{Entry, Event, HeldLog, Kind},
    protocol::{PublicKey, ReleaseBody, receipt, release::RELEASE_TYPE, rotation, signature},
};
use tenfold_store::{AnyConnection, acts};

use super::{Aggregator, DutyError, question, release_keys};
use crate::{
    ingest,
    store::{self, enrolments::Enrolment, release_keys::Kept, releases::Received},
};

/// What was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Entries of the log.
    pub entries: usize,
    /// Releases whose signature, place and receipt verify.
    pub releases: usize,
    /// Acts in the chain.
    pub acts: usize,
}

/// Everything that is verified, as one reading of the database has it.
struct Books {
    entries: Vec<Entry>,
    releases: Vec<Received>,
    enrolments: Vec<Enrolment>,
    denials: BTreeSet<String>,
    rotations: Vec<Kept>,
    lost: Vec<PublicKey>,
    acts: Vec<acts::Act>,
}

impl Books {
    fn read(connection: &mut AnyConnection) -> Result<Self, DutyError> {
        Ok(Self {
            entries: store::log::all(connection)?,
            releases: store::releases::all(connection)?,
            enrolments: store::enrolments::all(connection)?,
            denials: store::enrolments::denied(connection)?,
            rotations: store::release_keys::all(connection)?,
            lost: store::release_keys::lost(connection)?,
            acts: acts::all(connection)?,
        })
    }
}

fn unsound(what: impl Into<String>, reason: &str) -> DutyError {
    DutyError::Unsound { what: what.into(), reason: reason.to_owned() }
}

/// Verifies the log, every kept release and receipt with nothing but what is kept here, and names the first fault.
///
/// # Errors
/// The first fault.
pub fn verify(aggregator: &Aggregator) -> Result<Verified, DutyError> {
    let (books, root) = aggregator.store.read(|connection| {
        let books = Books::read(connection)?;
        let root = store::log::root(connection, books.entries.len() as u64)?;
        Ok::<_, DutyError>((books, root))
    })?;
    let log = HeldLog::of(&books.entries)?;
    log.holds((log.size(), root))?;
    logged(&books)?;
    releases(&books, &log, &aggregator.receipt_key.public())?;
    answers(aggregator, &books.releases)?;
    if let Some(seq) = acts::first_fault(&books.acts) {
        return Err(unsound(
            format!("act {seq}"),
            "it does not carry the hash of what stands in it and before it",
        ));
    }
    Ok(Verified { entries: books.entries.len(), releases: books.releases.len(), acts: books.acts.len() })
}

/// Holds enrolments and withdrawals against the log, both ways: a row nobody logged, and an entry nothing came of.
fn logged(books: &Books) -> Result<(), DutyError> {
    let of =
        |kind: Kind| books.entries.iter().map(|entry| &entry.event).filter(move |event| event.kind() == kind);
    let events: Vec<Event> = books.enrolments.iter().map(Enrolment::event).collect();
    if let Some(event) = events.iter().find(|event| !of(Kind::Enrolment).any(|known| known == *event)) {
        return Err(unsound(
            format!("enrolment {}", event.subject()),
            "the log does not have it as it stands",
        ));
    }
    if let Some(event) = of(Kind::Enrolment).find(|event| !events.contains(event)) {
        return Err(unsound(format!("enrolment {}", event.subject()), "the log has it and it is gone"));
    }
    let rotated: Vec<Event> = books.rotations.iter().map(release_keys::event).collect();
    if !of(Kind::ReleaseKey).eq(rotated.iter()) {
        return Err(unsound("the release keys", "the log does not have them as they stand"));
    }
    let lost = books.lost.iter().map(ToString::to_string);
    if !of(Kind::ReleaseKeyLost).map(Event::subject).eq(lost) {
        return Err(unsound("the lost release keys", "the log does not have them as they stand"));
    }
    let denied: BTreeSet<String> = of(Kind::Denial).map(Event::subject).collect();
    if let Some(fingerprint) = denied.symmetric_difference(&books.denials).next() {
        return Err(unsound(format!("the withdrawal of {fingerprint}"), "log and deny list differ"));
    }
    Ok(())
}

fn releases(books: &Books, log: &HeldLog, key: &PublicKey) -> Result<(), DutyError> {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut before = BTreeMap::new();
    for release in &books.releases {
        let what = || format!("release {} of {}", release.number, release.borough);
        let own = books.enrolments.iter().filter(|enrolment| enrolment.borough == release.borough);
        let links = books.rotations.iter().filter(|kept| kept.borough == release.borough);
        let links: Vec<_> = links.map(|kept| kept.link.clone()).collect();
        let body = own
            .map(|enrolment| {
                let key =
                    rotation::key_of_release(&enrolment.release_key, &links, &books.lost, release.number);
                signature::open::<ReleaseBody>(&release.bytes, RELEASE_TYPE, key)
            })
            .find_map(Result::ok)
            .ok_or_else(|| unsound(what(), "it is not signed by a key its borough enrolled"))?;
        let verified = receipt::verify(&release.receipt, &release.bytes, key)?;
        let entry = usize::try_from(release.log_index).ok().and_then(|index| books.entries.get(index));
        if entry != Some(&verified.receipt.entry()) {
            return Err(unsound(what(), "it does not stand in the log where its receipt says"));
        }
        log.holds(verified.checkpoint.tree())?;
        let borough = release.borough.to_string();
        if let Some(before) = before.insert(borough.clone(), verified.checkpoint.clone()) {
            let follows = verified.follows(&before);
            follows.map_err(|error| unsound(what(), &format!("its receipt: {error}")))?;
        }
        let number = numbers.entry(borough).or_default();
        *number += 1;
        if body.id != verified.receipt.id || body.id.number != *number || body.id.quarter != release.quarter {
            return Err(unsound(what(), "its number or quarter is not the next of its borough"));
        }
        let given = Event::Receipt {
            borough: release.borough.clone(),
            quarter: release.quarter,
            sha256: signature::sha256_hex(release.receipt.as_bytes()),
        };
        if !books.entries.iter().any(|entry| entry.event == given) {
            return Err(unsound(what(), "its receipt does not stand in the log"));
        }
    }
    Ok(())
}

/// Holds every kept answer against the question it answers, as it was signed.
fn answers(aggregator: &Aggregator, kept: &[Received]) -> Result<(), DutyError> {
    let questions = question::all(aggregator)?;
    if kept.is_empty() {
        return Ok(());
    }
    let policies = aggregator.succession()?;
    for release in kept {
        let body: ReleaseBody = signature::peek(&release.bytes)?;
        ingest::answers_fit(&body, &policies, &questions).map_err(|refusal| DutyError::Unsound {
            what: format!("release {} of {}", release.number, release.borough),
            reason: refusal.detail,
        })?;
    }
    Ok(())
}
