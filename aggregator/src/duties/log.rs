//! The log: everything accepted is appended to it, and whoever asks gets its entries, checkpoints and proofs.

use std::{
    fs,
    path::PathBuf,
    process,
    sync::{Mutex, PoisonError},
};

use tenfold_common::{
    clock::Moment,
    log::{Checkpoint, Entry, Event, LogFault, LogFile},
    protocol::{
        LogView, ProblemKind,
        witness::{LogPage, PAGE, PAGE_FORMAT},
    },
};
use tenfold_store::AnyConnection;

use super::{
    Aggregator, DutyError,
    receive::{self, Peer},
    recover,
};
use crate::{
    ingest::Refusal,
    store::{self, log::Turn},
};

/// One writer of a size at a time.
static WRITING: Mutex<()> = Mutex::new(());

impl Aggregator {
    /// One transaction that may append to the log. Its head is locked first, which orders all receiving; and nothing
    /// is appended while the log is known to be incomplete, or it would become another one than was signed.
    ///
    /// # Errors
    /// `Refused` during a recovery; as `work` says.
    pub(super) fn append<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, DutyError>,
    ) -> Result<T, DutyError> {
        recover::notice(self)?;
        let (done, size) = self.store.write(|connection| {
            store::log::lock(connection)?;
            recover::refuse_during(connection)?;
            Ok::<_, DutyError>((work(connection)?, store::log::size(connection)?))
        })?;
        self.remember_size(size);
        Ok(done)
    }

    /// Writes the log's size beside the database, so that a database put back from a backup is noticed. It only grows:
    /// of two that were appended at once, the larger stays.
    pub(super) fn remember_size(&self, size: u64) {
        let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        if size > self.remembered_size() {
            self.write_size(size);
        }
    }

    /// Writes a smaller size: a person said that what is missing is not waited for.
    pub(super) fn forget_size_beyond(&self, size: u64) {
        let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        self.write_size(size);
    }

    /// A reader finds the size before or after, never half of one and half of another.
    fn write_size(&self, size: u64) {
        let (file, new) = (self.size_file(), self.folder.join(format!("log.size.{}", process::id())));
        let written = fs::write(&new, size.to_string()).and_then(|()| fs::rename(&new, &file));
        // The log's own order does not hang on it: what cannot be written is only not noticed later.
        if let Err(error) = written {
            tracing::warn!("{} cannot be written: {error}", file.display());
        }
    }

    /// The log's size as it was last written beside the database; 0 where it never was.
    pub(super) fn remembered_size(&self) -> u64 {
        fs::read_to_string(self.size_file()).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    fn size_file(&self) -> PathBuf {
        self.folder.join("log.size")
    }
}

/// Appends an event, unless the log has it.
///
/// # Errors
/// Where the log has another of this kind and subject.
pub(super) fn once(connection: &mut AnyConnection, now: Moment, event: Event) -> Result<Entry, DutyError> {
    let mut turn = Turn::here(connection)?;
    let entry = once_in(&mut turn, connection, now, event)?;
    turn.keep(connection)?;
    Ok(entry)
}

/// As [`once`], to be written with the rest of a turn.
///
/// # Errors
/// As [`once`].
pub(super) fn once_in(
    turn: &mut Turn,
    connection: &mut AnyConnection,
    now: Moment,
    event: Event,
) -> Result<Entry, DutyError> {
    match turn.find(connection, event.kind(), &event.subject())? {
        Some(entry) if entry.event == event => Ok(entry),
        Some(entry) => Err(DutyError::Unsound {
            what: format!("entry {} of the log", entry.index),
            reason: format!("it says something else of the same {}", event.kind()),
        }),
        None => Ok(turn.append(connection, now, event)?),
    }
}

/// The log as it stands now, and that it goes on from the checkpoint that a borough showed, if it showed one.
///
/// # Errors
/// Where the checkpoint is not one of this log.
pub(super) fn view(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    shown: Option<&Checkpoint>,
) -> Result<LogView, DutyError> {
    let size = store::log::size(connection)?;
    let earlier = shown.map_or(0, |checkpoint| checkpoint.size);
    if earlier > size {
        // Carried here as a file, it was heard by nobody before.
        let detail = format!("the log has {size} entries and had {earlier} or more");
        return Err(Refusal::new(ProblemKind::Behind, detail).into());
    }
    let (now, key) = (aggregator.now(), &aggregator.receipt_key);
    Ok(LogView {
        checkpoint: store::log::checkpoint(connection, size, now, key)?,
        earlier,
        consistency: store::log::consistency(connection, size, earlier)?,
    })
}

/// A checkpoint that was signed here, as somebody shows it; nothing where they show none.
///
/// # Errors
/// `Refused` where it was not signed here.
pub(super) fn shown(aggregator: &Aggregator, signed: &str) -> Result<Option<Checkpoint>, DutyError> {
    if signed.is_empty() {
        return Ok(None);
    }
    let opened = Checkpoint::open(signed, &aggregator.receipt_key.public());
    Ok(Some(
        opened.map_err(|error| Refusal::new(ProblemKind::Malformed, format!("the checkpoint: {error}")))?,
    ))
}

/// A page of entries from a place on, empty where there are none, with the signed checkpoint of the log that ends with
/// its last. During a recovery too: it is how a node finds out what to give back.
///
/// # Errors
/// `Refused` where the certificate is not in force.
pub fn page(aggregator: &Aggregator, peer: &Peer, from: u64) -> Result<LogPage, DutyError> {
    aggregator.store.read(|connection| {
        let size = store::log::size(connection)?;
        // Where it was put back to a day before a node was enrolled, that node may know what is missing: it is told
        // how much is here, and nothing of it.
        if from < size || store::recovery::find(connection)?.is_none() {
            receive::enrolled(aggregator, connection, peer)?;
        }
        let from = from.min(size);
        let mut entries = store::log::entries(connection, from, PAGE)?;
        // One that was appended meanwhile is not yet spoken of.
        entries.retain(|entry| entry.index < size);
        let ends = from + entries.len() as u64;
        let checkpoint = store::log::checkpoint(connection, ends, aggregator.now(), &aggregator.receipt_key)?;
        Ok(LogPage { format: PAGE_FORMAT.to_owned(), entries, checkpoint, size })
    })
}

/// Every entry, and the signed checkpoint of them all.
///
/// # Errors
/// Where one cannot be read back.
pub fn whole(aggregator: &Aggregator) -> Result<(Vec<Entry>, String), DutyError> {
    aggregator.store.read(|connection| {
        let entries = store::log::all(connection)?;
        let (size, now) = (entries.len() as u64, aggregator.now());
        let checkpoint = store::log::checkpoint(connection, size, now, &aggregator.receipt_key)?;
        Ok((entries, checkpoint))
    })
}

/// An answer as it is carried to a borough that is cut off: with the whole log, which its checkpoint speaks of.
///
/// # Errors
/// Where an entry cannot be read back.
pub fn carried(aggregator: &Aggregator, answer: &str) -> Result<String, DutyError> {
    let (entries, checkpoint) = whole(aggregator)?;
    let receipt_key = aggregator.receipt_key.public();
    let log = LogFile { receipt_key, entries, checkpoints: vec![checkpoint] };
    Ok(log.carried_with(answer).map_err(LogFault::from)?)
}
