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
    super::{Aggregator, DutyError, log, question},
    Peer,
    books::Books,
};
use crate::{
    ingest::{self, Refusal, Speaker},
    store::{
        self,
        log::{Kept, Turn},
        releases::Received,
    },
};

/// A transaction that holds the log's lock and receives releases, at most one of each borough.
pub(super) struct Receiving<'a> {
    aggregator: &'a Aggregator,
    policies: &'a Arc<Succession>,
    questions: Vec<VerifiedQuestion>,
    books: Books,
    turn: Turn,
    new: Vec<Received>,
}

/// A release as it came.
#[derive(Debug)]
pub(super) struct Came<'a> {
    peer: &'a Peer,
    text: &'a str,
    /// What it says it is, before it is known whose key verifies it; nothing where it says none.
    claimed: Option<ReleaseId>,
    read: Option<&'a Read>,
}

#[derive(Deserialize)]
struct Claimed {
    id: ReleaseId,
}

impl<'a> Came<'a> {
    /// As it came.
    pub(super) fn new(
        peer: &'a Peer,
        text: &'a str,
        claimed: Option<ReleaseId>,
        read: Option<&'a Read>,
    ) -> Self {
        Self { peer, text, claimed, read }
    }
}

/// What a text says it is, before it is known whose key verifies it.
pub(super) fn claimed(text: &str) -> Option<ReleaseId> {
    signature::peek::<Claimed>(text).ok().map(|claimed| claimed.id)
}

/// A receipt, and by whom and under which policies its release was read: the borough's next will likely be the same.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) receipt: String,
    pub(super) under: Option<Under>,
}

/// By whom a release was signed and under which policies it was read.
#[derive(Clone, Debug)]
pub(super) struct Under {
    release_key: PublicKey,
    first: Quarter,
    policies: Arc<Succession>,
}

impl Under {
    /// As the database has it now; nothing of one who does not belong.
    pub(super) fn now(aggregator: &Aggregator, peer: &Peer, claimed: Option<&ReleaseId>) -> Option<Self> {
        let policies = aggregator.succession().ok()?;
        let books = aggregator.store.read(|connection| Books::about(connection, &[peer])).ok()?;
        let enrolment = books.enrolled(peer, aggregator.now()).ok()?;
        let release_key = books.release_key(&enrolment, claimed.map(|id| id.number));
        Some(Self { release_key, first: enrolment.first_quarter, policies })
    }
}

/// A release that was read and verified before its turn, while others had theirs.
#[derive(Debug)]
pub(super) struct Read {
    under: Under,
    body: ReleaseBody,
}

impl Read {
    /// Nothing where it is not sound so: it is read again in its turn, and what is wrong is told then.
    pub(super) fn before_its_turn(under: Under, peer: &Peer, text: &str) -> Option<Self> {
        let (release_key, first) = (&under.release_key, under.first);
        let speaker = Speaker { borough: &peer.borough, release_key, newest: None, first };
        let body = ingest::read(text, speaker, &under.policies).ok()?;
        Some(Self { under, body })
    }

    /// Whether all that its reading hung on is as it was.
    fn is_by(&self, speaker: Speaker<'_>, policies: &Arc<Succession>) -> bool {
        self.under.release_key == *speaker.release_key
            && self.under.first == speaker.first
            && self.body.id.borough == *speaker.borough
            && Arc::ptr_eq(&self.under.policies, policies)
    }
}

impl<'a> Receiving<'a> {
    /// With all that is known of those from whom something came.
    pub(super) fn begin(
        aggregator: &'a Aggregator,
        connection: &mut AnyConnection,
        policies: &'a Arc<Succession>,
        mut turn: Turn,
        came: &[Came<'_>],
    ) -> Result<Self, DutyError> {
        let questions = question::asked(aggregator, connection)?;
        let peers: Vec<&Peer> = came.iter().map(|came| came.peer).collect();
        let books = Books::about(connection, &peers)?;
        let subject = |came: &Came<'_>| {
            came.claimed.as_ref().map(|id| Event::subject_of_quarter(&came.peer.borough, id.quarter))
        };
        let subjects = came.iter().filter_map(subject).collect();
        turn.read_ahead(connection, &[Kind::Release, Kind::Receipt], subjects)?;
        Ok(Self { aggregator, policies, questions, books, turn, new: Vec::new() })
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
        came: Came<'_>,
    ) -> Result<Accepted, DutyError> {
        let Came { peer, text, claimed, read } = came;
        let now = self.aggregator.now();
        let enrolment = self.books.enrolled(peer, now)?;
        let sha256 = signature::sha256_hex(text.as_bytes());
        let newest = self.books.newest(&peer.borough);
        let claims = claimed.as_ref().map(|id| id.quarter);
        let kept = match claims.filter(|claims| newest.is_some_and(|newest| *claims <= newest.quarter)) {
            Some(quarter) => store::releases::for_quarter(connection, &peer.borough, quarter)?,
            None => None,
        };
        // A repetition is answered first: whatever has come into force since, the same bytes get the same receipt.
        if let Some(same) = kept.as_ref().filter(|kept| kept.sha256 == sha256) {
            let receipt = store::releases::receipt(connection, same.log_index)?;
            return Ok(Accepted { receipt, under: None });
        }
        let release_key = self.books.release_key(&enrolment, claimed.map(|id| id.number));
        let speaker = Speaker {
            borough: &peer.borough,
            release_key: &release_key,
            newest: newest.map(|release| (release.number, release.quarter)),
            first: enrolment.first_quarter,
        };
        let body = match read.filter(|read| read.is_by(speaker, self.policies)) {
            Some(read) => read.body.clone(),
            None => ingest::read(text, speaker, self.policies)?,
        };
        ingest::answers_fit(&body, self.policies, &self.questions)?;
        let quarter = body.id.quarter;
        if let Some(other) = kept {
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
        let under = Under { release_key, first: enrolment.first_quarter, policies: self.policies.clone() };
        Ok(Accepted { receipt, under: Some(under) })
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
