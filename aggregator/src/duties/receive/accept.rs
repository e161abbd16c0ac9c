//! Checks a release, gives its entry a place in the log and makes its receipt: all before anything is written.

use std::sync::Arc;

use serde::Deserialize;
use tenfold_common::{
    calendar::Quarter,
    log::{Entry, Event, Kind},
    privacy::{Succession, VerifiedQuestion},
    protocol::{
        LogProof, ProblemKind, PublicKey, Receipt, ReleaseBody,
        receipt::{RECEIPT_FORMAT, RECEIPT_TYPE},
        release::ReleaseId,
        signature,
    },
};
use tenfold_store::AnyConnection;

use super::{
    super::{Aggregator, DutyError, log, question, release_keys},
    Peer, enrolled,
};
use crate::{
    ingest::{self, Refusal, Speaker},
    store::{
        self,
        enrolments::Enrolment,
        log::{Kept, Turn},
        releases::Received,
    },
};

/// A transaction that holds the log's lock and receives releases, at most one of each borough.
pub(super) struct Receiving<'a> {
    aggregator: &'a Aggregator,
    policies: &'a Arc<Succession>,
    questions: Vec<VerifiedQuestion>,
    turn: Turn,
    new: Vec<Received>,
}

/// What is read of a release before it is known whose key verifies it.
#[derive(Deserialize)]
struct Claimed {
    id: ReleaseId,
}

fn key_of(connection: &mut AnyConnection, enrolment: &Enrolment, text: &str) -> Result<PublicKey, DutyError> {
    let number = signature::peek::<Claimed>(text).ok().map(|claimed| claimed.id.number);
    release_keys::of_release(connection, enrolment, number)
}

/// A release that was read and verified before its turn, while others had theirs: by whom and under which policies it
/// was sound then.
#[derive(Debug)]
pub(super) struct Read {
    release_key: PublicKey,
    first: Quarter,
    policies: Arc<Succession>,
    body: ReleaseBody,
}

impl Read {
    /// Nothing where it is not sound as it looks now: it is read again in its turn, and what is wrong is told then.
    pub(super) fn before_its_turn(aggregator: &Aggregator, peer: &Peer, text: &str) -> Option<Self> {
        let policies = aggregator.succession().ok()?;
        let known = aggregator.store.read(|connection| {
            let enrolment = enrolled(aggregator, connection, peer)?;
            let release_key = key_of(connection, &enrolment, text)?;
            Ok::<_, DutyError>((release_key, enrolment.first_quarter))
        });
        let (release_key, first) = known.ok()?;
        let speaker = Speaker { borough: &peer.borough, release_key: &release_key, newest: None, first };
        let body = ingest::read(text, speaker, &policies).ok()?;
        Some(Self { release_key, first, policies, body })
    }

    /// Whether nothing that its reading hung on has changed since.
    fn is_by(&self, speaker: Speaker<'_>, policies: &Arc<Succession>) -> bool {
        self.release_key == *speaker.release_key
            && self.first == speaker.first
            && self.body.id.borough == *speaker.borough
            && Arc::ptr_eq(&self.policies, policies)
    }
}

impl<'a> Receiving<'a> {
    pub(super) fn begin(
        aggregator: &'a Aggregator,
        connection: &mut AnyConnection,
        policies: &'a Arc<Succession>,
        turn: Turn,
    ) -> Result<Self, DutyError> {
        let questions = question::asked(aggregator, connection)?;
        Ok(Self { aggregator, policies, questions, turn, new: Vec::new() })
    }

    /// The log with what was accepted so far.
    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    /// The receipt of a release, which [`Self::keep`] writes; the kept one where its bytes are here already.
    ///
    /// # Errors
    /// `Refused` where it is not accepted; this transaction then is as it was before.
    pub(super) fn accept(
        &mut self,
        connection: &mut AnyConnection,
        peer: &Peer,
        text: &str,
        read: Option<Read>,
    ) -> Result<String, DutyError> {
        let now = self.aggregator.now();
        let enrolment = enrolled(self.aggregator, connection, peer)?;
        let sha256 = signature::sha256_hex(text.as_bytes());
        let kept = store::releases::of_borough(connection, &peer.borough)?;
        // A repetition is answered first: whatever has come into force since, the same bytes get the same receipt.
        if let Some(same) = kept.iter().find(|release| release.sha256 == sha256) {
            return Ok(store::releases::receipt(connection, same.log_index)?);
        }
        let release_key = key_of(connection, &enrolment, text)?;
        let newest = kept.first();
        let speaker = Speaker {
            borough: &peer.borough,
            release_key: &release_key,
            newest: newest.map(|release| (release.number, release.quarter)),
            first: enrolment.first_quarter,
        };
        let body = match read.filter(|read| read.is_by(speaker, self.policies)) {
            Some(read) => read.body,
            None => ingest::read(text, speaker, self.policies)?,
        };
        ingest::answers_fit(&body, self.policies, &self.questions)?;
        let quarter = body.id.quarter;
        if let Some(other) = kept.iter().find(|release| release.quarter == quarter) {
            let since = store::releases::received_at(connection, other.log_index)?;
            let detail = format!("release {} for {quarter} is kept since {since}", other.number);
            return Err(Refusal::new(ProblemKind::OtherBytes, detail).into());
        }
        ingest::is_next(&body, speaker)?;
        // The log may know it from before a backup was put back: then it takes its old place again.
        let borough = peer.borough.clone();
        let event = Event::Release {
            borough: borough.clone(),
            quarter,
            number: body.id.number,
            sha256: sha256.clone(),
        };
        let entry = match self.turn.find(connection, Kind::Release, &event.subject())? {
            Some(entry) if entry.event == event => entry,
            Some(entry) => {
                let detail = format!("the log has other bytes for {quarter} since {}", entry.at);
                return Err(Refusal::new(ProblemKind::OtherBytes, detail).into());
            }
            None => self.turn.append(connection, now, event)?,
        };
        // From here on nothing is refused: the log has grown.
        let earlier = newest.map_or(0, |release| release.log_index + 1);
        let receipt = self.receipt(connection, &body, &entry, earlier, &sha256)?;
        let given = Event::Receipt {
            borough: borough.clone(),
            quarter,
            sha256: signature::sha256_hex(receipt.as_bytes()),
        };
        log::once_in(&mut self.turn, connection, now, given)?;
        tracing::info!(%borough, %quarter, log_index = entry.index, "release received");
        self.new.push(Received {
            log_index: entry.index,
            borough,
            quarter,
            number: body.id.number,
            policy: body.policy,
            sha256,
            bytes: text.to_owned(),
            receipt: receipt.clone(),
            received_at: entry.at,
        });
        Ok(receipt)
    }

    /// Writes what was accepted, and says how many releases are new.
    ///
    /// # Errors
    /// Where the database refuses.
    pub(super) fn keep(self, connection: &mut AnyConnection) -> Result<(usize, Kept), DutyError> {
        let kept = self.turn.keep(connection)?;
        store::releases::keep(connection, &self.new)?;
        Ok((self.new.len(), kept))
    }

    /// The receipt of a release: made of what stands in the log alone, so that it comes out the same whenever it is
    /// made.
    fn receipt(
        &self,
        connection: &mut AnyConnection,
        body: &ReleaseBody,
        entry: &Entry,
        earlier: u64,
        sha256: &str,
    ) -> Result<String, DutyError> {
        let (size, key, turn) = (entry.index + 1, &self.aggregator.receipt_key, &self.turn);
        let proof = LogProof {
            checkpoint: turn.checkpoint(connection, size, entry.at, key)?,
            inclusion: turn.inclusion(connection, size, entry.index)?,
            earlier,
            consistency: turn.consistency(connection, size, earlier)?,
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
}
