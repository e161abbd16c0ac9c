//! After a backup was put back: nothing is accepted until the boroughs have given back what the backup had forgotten.
//!
//! A backup cannot say by itself what came after it. But every borough keeps the entries of the log and the newest
//! checkpoint that this aggregator signed, and shows it with every call. So a shorter log is noticed at the first
//! call; what is missing is taken back from whoever has it, entry by entry, and believed only because it gives the
//! very root that was signed here.

use std::collections::BTreeSet;

use tenfold_common::{
    log::{Checkpoint, Entry, Event, Kind},
    privacy::{Succession, VerifiedPolicy, VerifiedQuestion},
    protocol::{ProblemKind, rotation::KeyLink, witness::Remembered},
};
use tenfold_store::{AnyConnection, acts};

use super::{
    Aggregator, DutyError, log,
    receive::{self, Peer},
};
use crate::{
    ingest::Refusal,
    store::{self, draw_rights::Given, enrolments::Enrolment, log::Turn, recovery::Recovery},
};

/// What stands where a person's name would, for what came back from a borough.
const GIVEN_BACK: &str = "given back";
/// The act of a person who lets the aggregator go on without the text of a policy or question.
const GIVEN_UP: &str = "signed-text-given-up";

/// Refuses while the log is known to be incomplete.
///
/// # Errors
/// `behind` or `forked`.
pub(super) fn refuse_during(connection: &mut AnyConnection) -> Result<(), DutyError> {
    let Some(recovery) = store::recovery::find(connection)? else { return Ok(()) };
    let size = store::log::size(connection)?;
    Err(if recovery.forked {
        let detail =
            format!("{} showed at {} a checkpoint of another history", recovery.told_by, recovery.since);
        Refusal::new(ProblemKind::Forked, detail)
    } else {
        let detail = format!(
            "since {}: the log has {size} entries, {} are known of; boroughs are asked what they keep",
            recovery.since,
            recovery.known_size.max(recovery.had_size)
        );
        Refusal::new(ProblemKind::Behind, detail)
    }
    .into())
}

/// Notices a database whose log is shorter than it was once: it is one from a backup.
///
/// # Errors
/// Where the store fails.
pub(super) fn notice(aggregator: &Aggregator) -> Result<(), DutyError> {
    let remembered = aggregator.remembered_size();
    let (size, recovering) = aggregator.store.read(|connection| {
        let recovering = store::recovery::find(connection)?.is_some();
        Ok::<_, DutyError>((store::log::size(connection)?, recovering))
    })?;
    if recovering || size >= remembered {
        return Ok(());
    }
    tracing::error!(
        "the log has {size} entries and had {remembered}: the database was put back from a backup"
    );
    restored(aggregator, "noticed")
}

/// Hears what a borough knows of the log. A checkpoint of more than is here, or of another history, begins a recovery;
/// the last borough that was waited for ends it.
///
/// # Errors
/// `Refused` where the checkpoint was not signed here; `behind` or `forked`.
pub fn hear(aggregator: &Aggregator, peer: &Peer, signed: &str) -> Result<Option<Checkpoint>, DutyError> {
    let shown = log::shown(aggregator, signed)?;
    notice(aggregator)?;
    // Whoever shows more than is here is heard though its certificate is not known: its enrolment may be among what is
    // missing, and the checkpoint was signed here. For its borough it speaks only if it is enrolled.
    let (enrolled, heeded) = aggregator.store.read(|connection| {
        let enrolled = match receive::enrolled(aggregator, connection, peer) {
            Err(DutyError::Refused(_)) => false,
            other => other.map(|_| true)?,
        };
        let recovering = store::recovery::find(connection)?.is_some();
        let log = Turn::here(connection)?;
        let whole = is_here(connection, &log, shown.as_ref())?;
        Ok::<_, DutyError>((enrolled, !whole || (recovering && enrolled)))
    })?;
    // Almost always: nothing is written.
    if !heeded {
        return Ok(shown);
    }
    let size = aggregator.store.write(|connection| {
        let log = Turn::of_size(store::log::lock(connection)?);
        let (now, size) = (aggregator.now(), shown.as_ref().map_or(0, |checkpoint| checkpoint.size));
        let stands = self::stands(connection, &log, shown.as_ref())?;
        if enrolled {
            store::recovery::seen(connection, &peer.borough, size, now)?;
        }
        let known = store::recovery::find(connection)?;
        if stands != Stands::Here {
            let begun = Recovery {
                since: known.as_ref().map_or(now, |known| known.since),
                had_size: known.as_ref().map_or(0, |known| known.had_size),
                known_size: size.max(known.as_ref().map_or(0, |known| known.known_size)),
                forked: stands == Stands::Elsewhere || known.as_ref().is_some_and(|known| known.forked),
                told_by: peer.borough.to_string(),
            };
            if known.is_none() {
                tracing::error!(borough = %peer.borough, "the log is not whole: {begun:?}");
                acts::record(connection, now, peer.borough.as_str(), "log-not-whole", &size.to_string())?;
            }
            store::recovery::begin(connection, &begun)?;
        }
        end_when_whole(aggregator, connection)?;
        Ok::<_, DutyError>(store::log::size(connection)?)
    })?;
    aggregator.remember_size(size);
    aggregator.store.read(refuse_during)?;
    Ok(shown)
}

/// How a checkpoint stands to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// It speaks of this log.
    Here,
    /// It speaks of more.
    Beyond,
    /// It speaks of another history.
    Elsewhere,
}

/// Whether a checkpoint speaks of this log, or none is shown.
pub(super) fn is_here(
    connection: &mut AnyConnection,
    log: &Turn,
    shown: Option<&Checkpoint>,
) -> Result<bool, DutyError> {
    Ok(stands(connection, log, shown)? == Stands::Here)
}

fn stands(
    connection: &mut AnyConnection,
    log: &Turn,
    shown: Option<&Checkpoint>,
) -> Result<Stands, DutyError> {
    let Some(shown) = shown else { return Ok(Stands::Here) };
    Ok(if shown.size > log.size() {
        Stands::Beyond
    } else if log.root(connection, shown.size)? == shown.root {
        Stands::Here
    } else {
        Stands::Elsewhere
    })
}

/// Ends a recovery once the log is as large as any that was shown, and as it is remembered here, and every borough
/// that is enrolled has shown one.
fn end_when_whole(aggregator: &Aggregator, connection: &mut AnyConnection) -> Result<(), DutyError> {
    let Some(recovery) = store::recovery::find(connection)? else { return Ok(()) };
    let size = store::log::size(connection)?;
    let whole = size >= recovery.known_size.max(recovery.had_size) && !recovery.forked;
    if whole && unheard(aggregator, connection, &recovery)?.is_empty() && lacking(connection)?.is_empty() {
        end(aggregator, connection)?;
        acts::record(connection, aggregator.now(), GIVEN_BACK, "log-whole", &size.to_string())?;
    }
    Ok(())
}

/// Ends it. What was signed here, came back from a borough and stands in no entry that anybody kept is entered now.
fn end(aggregator: &Aggregator, connection: &mut AnyConnection) -> Result<(), DutyError> {
    store::recovery::end(connection)?;
    let now = aggregator.now();
    for hash in store::region::policy_hashes(connection)? {
        log::once(connection, now, Event::Policy { hash })?;
    }
    for hash in store::questions::hashes(connection)? {
        log::once(connection, now, Event::Question { hash })?;
    }
    Ok(())
}

/// Policies and questions that the log names and that are not here: whoever adopted them gives them back. Not those
/// that a person gave up.
fn lacking(connection: &mut AnyConnection) -> Result<Vec<String>, DutyError> {
    let mut here = store::region::policy_hashes(connection)?;
    here.extend(store::questions::hashes(connection)?);
    let entries = store::log::all(connection)?.into_iter();
    let named = entries.filter_map(|entry| match entry.event {
        Event::Policy { hash } => Some(("policy", hash)),
        Event::Question { hash } => Some(("question", hash)),
        _ => None,
    });
    let missing = named.filter(|(_, hash)| !here.contains(hash));
    let mut missing: Vec<String> = missing.map(|(kind, hash)| format!("{kind} {hash}")).collect();
    if !missing.is_empty() {
        let given_up = acts::all(connection)?.into_iter().filter(|act| act.verb == GIVEN_UP);
        let given_up: BTreeSet<String> = given_up.map(|act| act.object).collect();
        missing.retain(|text| !given_up.contains(text));
    }
    Ok(missing)
}

/// The enrolled boroughs that have not shown what they know since a recovery began.
fn unheard(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    recovery: &Recovery,
) -> Result<Vec<String>, DutyError> {
    let heard = store::recovery::witnesses(connection)?;
    let heard: Vec<_> = heard.iter().filter(|(_, _, at)| *at >= recovery.since).collect();
    let mut unheard = Vec::new();
    for borough in store::enrolments::joined(connection)?.into_keys() {
        let waited_for = receive::in_force(aggregator, connection, &borough).is_ok();
        if waited_for && !heard.iter().any(|(known, _, _)| *known == borough) {
            unheard.push(borough.to_string());
        }
    }
    Ok(unheard)
}

/// How a recovery goes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Why nothing is accepted.
    #[serde(flatten)]
    pub recovery: Recovery,
    /// How many entries the log has.
    pub size: u64,
    /// Boroughs that have not yet shown what they know.
    pub unheard: Vec<String>,
    /// Policies and questions that the log names and that no borough has given back yet.
    pub lacking: Vec<String>,
}

/// How the recovery goes, where there is one.
///
/// # Errors
/// Where the store fails.
pub fn progress(aggregator: &Aggregator) -> Result<Option<Progress>, DutyError> {
    notice(aggregator)?;
    aggregator.store.read(|connection| {
        let Some(recovery) = store::recovery::find(connection)? else { return Ok(None) };
        let (unheard, lacking) = (unheard(aggregator, connection, &recovery)?, lacking(connection)?);
        Ok(Some(Progress { size: store::log::size(connection)?, unheard, lacking, recovery }))
    })
}

/// Releases that the log speaks of and that are not here: their boroughs send them again by themselves.
///
/// # Errors
/// Where the store fails.
pub fn awaited(aggregator: &Aggregator) -> Result<Vec<String>, DutyError> {
    aggregator.store.read(|connection| {
        let kept: Vec<u64> =
            store::releases::all(connection)?.into_iter().map(|release| release.log_index).collect();
        let entries = store::log::all(connection)?.into_iter();
        let missing = entries
            .filter(|entry| matches!(entry.event, Event::Release { .. }) && !kept.contains(&entry.index));
        Ok(missing.map(|entry| entry.event.subject()).collect())
    })
}

/// A person put back a backup: nothing is accepted until every enrolled borough has shown what it knows.
///
/// # Errors
/// Where the store fails.
pub fn restored(aggregator: &Aggregator, by: &str) -> Result<(), DutyError> {
    let now = aggregator.now();
    aggregator.store.write(|connection| {
        let size = store::log::lock(connection)?;
        let had_size = size.max(aggregator.remembered_size());
        let told_by = by.to_owned();
        let begun = Recovery { since: now, had_size, known_size: size, forked: false, told_by };
        store::recovery::begin(connection, &begun)?;
        Ok(acts::record(connection, now, by, "backup-restored", &size.to_string())?)
    })
}

/// What a person says who lets the aggregator go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Nobody else knows more of the log than is here.
    Whole,
    /// Whoever showed more is gone for ever, and with them what they knew.
    Lost,
}

/// A person's word that boroughs which cannot be heard need not be waited for.
///
/// # Errors
/// Where a checkpoint speaks of another history, or of more than is here and the word is not that this is lost.
pub fn resume(aggregator: &Aggregator, word: Word, by: &str) -> Result<(), DutyError> {
    let now = aggregator.now();
    let size = aggregator.store.write(|connection| {
        let size = store::log::lock(connection)?;
        if let Some(recovery) = store::recovery::find(connection)? {
            if recovery.forked || (recovery.known_size > size && word == Word::Whole) {
                refuse_during(connection)?;
            }
            for given_up in lacking(connection)? {
                acts::record(connection, now, by, GIVEN_UP, &given_up)?;
            }
            end(aggregator, connection)?;
            let verb = if recovery.known_size > size { "log-resumed-with-loss" } else { "log-resumed" };
            acts::record(connection, now, by, verb, &size.to_string())?;
        }
        Ok::<_, DutyError>(store::log::size(connection)?)
    })?;
    aggregator.forget_size_beyond(size);
    Ok(())
}

/// Takes back what a borough remembers of the log and this aggregator does not.
///
/// # Errors
/// `Refused` where it does not give the root that was signed here; nothing is then changed.
pub fn take_back(aggregator: &Aggregator, peer: &Peer, remembered: &Remembered) -> Result<(), DutyError> {
    let refuse = |detail: String| DutyError::from(Refusal::new(ProblemKind::Malformed, detail));
    let shown = log::shown(aggregator, &remembered.checkpoint)?
        .ok_or_else(|| refuse("expected a signed checkpoint with the entries".to_owned()))?;
    let size = aggregator.store.write(|connection| {
        let size = store::log::lock(connection)?;
        if store::recovery::find(connection)?.is_none() {
            return Ok(size);
        }
        // Whose certificate it is does not matter: entries must give the root that was signed here, and policies and
        // questions were signed here, whether or not an entry speaks of them.
        if shown.size > size {
            give(aggregator, connection, (peer, &shown, size), remembered)?;
        }
        put_back_signed(aggregator, connection, remembered)?;
        end_when_whole(aggregator, connection)?;
        Ok::<_, DutyError>(store::log::size(connection)?)
    })?;
    aggregator.remember_size(size);
    Ok(())
}

/// Takes the entries from a size on, which must give the root of the checkpoint.
fn give(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    (peer, shown, size): (&Peer, &Checkpoint, u64),
    remembered: &Remembered,
) -> Result<(), DutyError> {
    let refuse = |detail: String| DutyError::from(Refusal::new(ProblemKind::Malformed, detail));
    for entry in remembered.entries.iter().filter(|entry| entry.index >= size) {
        store::log::keep(connection, entry)
            .map_err(|error| refuse(format!("entry {}: {error}", entry.index)))?;
    }
    if store::log::size(connection)? != shown.size || store::log::root(connection, shown.size)? != shown.root
    {
        return Err(refuse("the entries do not give the root of the checkpoint".to_owned()));
    }
    for entry in remembered.entries.iter().filter(|entry| entry.index >= size) {
        put_back(connection, entry)?;
    }
    let now = aggregator.now();
    // For its borough it is heard only if it belongs, as far as the log says now.
    if receive::enrolled(aggregator, connection, peer).is_ok() {
        store::recovery::seen(connection, &peer.borough, shown.size, now)?;
    }
    acts::record(connection, now, peer.borough.as_str(), "log-given-back", &shown.size.to_string())?;
    Ok(())
}

/// Puts back the policies and questions that were signed here and are not here any more. A policy whose predecessor
/// is not here yet waits: whoever adopted both gives both.
fn put_back_signed(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    remembered: &Remembered,
) -> Result<(), DutyError> {
    let key = aggregator.policy_key.public();
    let signed_at = |connection: &mut AnyConnection, kind, hash: &str| {
        let entry = store::log::find(connection, kind, hash)?;
        Ok::<_, DutyError>(entry.map(|entry| entry.at))
    };
    let mut known = aggregator.signed(connection)?;
    // Each once, however often it came: all others wait for this one's lock.
    let mut policies = BTreeSet::new();
    let in_order = remembered.policies.iter().filter(|signed| policies.insert(*signed));
    for policy in in_order.filter_map(|signed| VerifiedPolicy::open(signed, &key).ok()) {
        if known.iter().any(|known| known.hash() == policy.hash()) {
            continue;
        }
        let at = signed_at(connection, Kind::Policy, policy.hash())?;
        let follows = match (known.split_last(), &policy.policy().succeeds) {
            (Some((before, earlier)), Some(_)) => {
                Succession::up_to(before.clone(), earlier)?.followed_by(policy.clone()).is_ok()
            }
            // The first, or one that was signed in its place before anybody had it.
            (_, None) => known.is_empty() || at.is_some(),
            (None, Some(_)) => false,
        };
        if follows {
            let at = at.unwrap_or_else(|| aggregator.now());
            store::region::keep_policy(connection, policy.hash(), policy.signed(), at)?;
            known.push(policy);
        }
    }
    let mut questions = BTreeSet::new();
    for signed in remembered.questions.iter().filter(|signed| questions.insert(*signed)) {
        let Ok(question) = VerifiedQuestion::open(signed, &key, &known) else { continue };
        if store::questions::hash_of(connection, &question.question().name)?.is_none() {
            let at = signed_at(connection, Kind::Question, question.hash())?;
            store::questions::keep(
                connection,
                &question,
                GIVEN_BACK,
                at.unwrap_or_else(|| aggregator.now()),
            )?;
        }
    }
    Ok(())
}

/// Puts back what an entry says, as far as it says it; a release waits until its borough sends it again.
fn put_back(connection: &mut AnyConnection, entry: &Entry) -> Result<(), DutyError> {
    let at = entry.at;
    match entry.event.clone() {
        Event::Enrolment { fingerprint, borough, release_key, not_after, first_quarter } => {
            let enrolled_by = GIVEN_BACK.to_owned();
            let enrolment = Enrolment {
                fingerprint,
                borough,
                release_key,
                enrolled_at: at,
                enrolled_by,
                not_after,
                first_quarter,
            };
            store::enrolments::add(connection, &enrolment)?;
        }
        Event::Denial { fingerprint } => store::enrolments::deny(connection, &fingerprint, GIVEN_BACK, at)?,
        Event::ReleaseKey { borough, old_key, new_key, from_release } => {
            let link = KeyLink { old_key, new_key, from_release };
            store::release_keys::add(connection, &store::release_keys::Kept { borough, link, at })?;
        }
        Event::ReleaseKeyLost { borough, key } => {
            store::release_keys::lose(connection, &borough, &key, GIVEN_BACK, at)?;
        }
        Event::Right { borough, quarter, policy, nonce_sha256, ledger_head } => {
            let by = GIVEN_BACK.to_owned();
            let given = Given { number: 0, borough, quarter, policy, nonce_sha256, ledger_head, at, by };
            store::draw_rights::add(connection, &given)?;
        }
        // These stand beside the entries that are given back.
        Event::Policy { .. } | Event::Question { .. } | Event::Release { .. } | Event::Receipt { .. } => {}
    }
    Ok(())
}
