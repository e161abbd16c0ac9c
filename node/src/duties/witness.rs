//! Bears witness: keeps the region's log and every checkpoint it signed, so that no history is changed unnoticed.
//!
//! What the region says is held against what it said before: a shorter log, another root at a size, a proof that does
//! not hold. A shorter log is a restored backup, and gets back what this node keeps; the others are told and nothing
//! more is drawn.

use tenfold_common::{
    log::{self, Checkpoint, Entry, HeldLog, LogFile},
    protocol::{
        LogView, Statement, receipt, signature,
        witness::{LogPage, PAGE_FORMAT, REMEMBERED_FORMAT, Remembered},
    },
};
use tenfold_store::{AnyConnection, acts};

use super::{DutyError, Node, seal};
use crate::{
    region::{CallError, Region},
    store::{self, releases::Sealed, witness::Kept},
};

/// How often a node that serves shows itself to the region though nothing is due, in seconds.
const SHOWS_ITSELF_EVERY_S: i64 = 24 * 3600;

/// The newest checkpoint kept here, as the region signed it; empty where there is none.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn newest(connection: &mut AnyConnection) -> Result<String, DutyError> {
    Ok(store::witness::newest(connection)?.map_or_else(String::new, |kept| kept.signed))
}

/// Holds the region's view of its log against what is kept, and keeps it.
///
/// # Errors
/// `RegionBehind` or `RegionForked`.
pub(super) fn keep_view(
    node: &Node,
    connection: &mut AnyConnection,
    view: &LogView,
) -> Result<(), DutyError> {
    let checkpoint = Checkpoint::open(&view.checkpoint, &node.bundle()?.receipt_key)?;
    if let Some(newest) = store::witness::newest(connection)?
        && not_behind(&newest, &checkpoint)?
        && checkpoint.size > newest.size
    {
        // What it answers may have been asked before the newest one came here: then it is asked again.
        let shown = store::witness::of_size(connection, view.earlier)?;
        let shown = shown.ok_or_else(|| DutyError::Delivery {
            reason: format!(
                "the region's statement does not prove that its log goes on from the one of {} entries it signed; \
                 it is asked again",
                newest.size
            ),
        })?;
        log::check_consistency(&view.consistency, checkpoint.tree(), (shown.size, shown.root))
            .map_err(|error| DutyError::RegionForked { reason: error.to_string() })?;
    }
    keep(node, connection, &checkpoint, &view.checkpoint)
}

/// Whether a checkpoint speaks of at least as much as the newest one kept; one that was only on its way for longer
/// speaks of less and means nothing.
fn not_behind(newest: &Kept, checkpoint: &Checkpoint) -> Result<bool, DutyError> {
    if checkpoint.size >= newest.size {
        return Ok(true);
    }
    let before: Checkpoint = signature::peek(&newest.signed)?;
    if checkpoint.issued_at > before.issued_at {
        return Err(DutyError::RegionBehind { theirs: checkpoint.size, ours: newest.size });
    }
    Ok(false)
}

/// Keeps a checkpoint, held against the one of its size and against the entries kept here.
fn keep(
    node: &Node,
    connection: &mut AnyConnection,
    checkpoint: &Checkpoint,
    signed: &str,
) -> Result<(), DutyError> {
    match store::witness::of_size(connection, checkpoint.size)? {
        Some(kept) if kept.root == checkpoint.root => Ok(()),
        Some(kept) => Err(DutyError::RegionForked {
            reason: format!(
                "it signed two logs of {} entries, with roots {} and {}",
                kept.size, kept.root, checkpoint.root
            ),
        }),
        None => Ok(store::witness::keep(connection, checkpoint.tree(), signed, node.now())?),
    }
}

/// Verifies a release's receipt, holds it against the one before, and keeps both it and its checkpoint.
///
/// # Errors
/// Where it proves nothing, or its log is not the one of the receipt before.
pub(super) fn keep_receipt(
    node: &Node,
    connection: &mut AnyConnection,
    release: &Sealed,
    signed: &str,
) -> Result<(), DutyError> {
    let key = node.bundle()?.receipt_key;
    let verified = receipt::verify(signed, &release.bytes, &key)?;
    let sealed = store::releases::sealed(connection)?;
    let before = sealed.iter().rev().find(|other| other.number < release.number);
    if let Some((before, receipt)) = before.and_then(|before| Some((before, before.receipt.as_ref()?))) {
        let before = receipt::verify(receipt, &before.bytes, &key)?.checkpoint;
        verified.follows(&before).map_err(|error| DutyError::RegionForked { reason: error.to_string() })?;
    }
    keep(node, connection, &verified.checkpoint, &verified.receipt.proof.checkpoint)?;
    // Where nothing came between, the entry is known without asking.
    if store::witness::size(connection)? == verified.receipt.log_index {
        store::witness::push(connection, &verified.receipt.entry())?;
    }
    Ok(store::releases::receipted(connection, release.number, signed, node.now())?)
}

/// Whether this node has shown itself to the region lately.
///
/// # Errors
/// Where the kept statement does not verify.
pub(super) fn is_due(node: &Node) -> Result<bool, DutyError> {
    let now = node.now();
    Ok(seal::statement(node)?
        .is_none_or(|statement| now.unix() - statement.issued_at.unix() >= SHOWS_ITSELF_EVERY_S))
}

/// Shows itself to the region: asks for its statement, takes what the log has gained, gives back what the region lost.
///
/// # Errors
/// Where it cannot be reached or refuses; `RegionForked` where its log is not the one it signed before.
pub async fn call_in(node: &Node, region: &Region) -> Result<Statement, DutyError> {
    let answer = match region.statement().await {
        Err(error) if error.is_behind() => {
            give_back(node, region).await?;
            region.statement().await
        }
        other => other,
    };
    let signed = answer.map_err(in_words)?;
    follow(node, region).await?;
    let statement = {
        let node = node.clone();
        node.store.clone().run(move |_| seal::keep_statement(&node, &signed)).await?
    };
    send_again(node, region, &statement).await?;
    Ok(statement)
}

/// Takes the entries that the region's log has gained, and holds every checkpoint kept here against them. Done whenever
/// a checkpoint came: what only the region has, nobody could give back to it.
///
/// Done before an answer is kept: a checkpoint is kept only with its entries. Else a region that is put back from a
/// backup could be told of entries that nobody can give back to it, and would never go on.
///
/// # Errors
/// Where it cannot be reached; `RegionForked` where the entries do not give the roots that were signed.
pub(super) async fn follow(node: &Node, region: &Region) -> Result<(), DutyError> {
    loop {
        let from = node.store.run(|store| store.read(store::witness::size)).await?;
        let text = region.log(from).await.map_err(in_words)?;
        let page: LogPage = page(&text)?;
        let more = page.size > from + page.entries.len() as u64 && !page.entries.is_empty();
        let node = node.clone();
        node.store.clone().run(move |_| take(&node, from, &page)).await?;
        if !more {
            return Ok(());
        }
    }
}

fn page(text: &str) -> Result<LogPage, DutyError> {
    let page: Option<LogPage> = serde_json::from_str(text).ok();
    page.filter(|page| page.format == PAGE_FORMAT).ok_or_else(|| DutyError::Delivery {
        reason: format!("the region's log came in another form than {PAGE_FORMAT}"),
    })
}

fn take(node: &Node, from: u64, page: &LogPage) -> Result<(), DutyError> {
    let checkpoint = Checkpoint::open(&page.checkpoint, &node.bundle()?.receipt_key)?;
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let newest = store::witness::newest(connection)?;
        if let Some(newest) = newest.as_ref().filter(|newest| page.size < newest.size) {
            return Err(DutyError::RegionBehind { theirs: page.size, ours: newest.size });
        }
        let mut entries = store::witness::entries(connection, 0)?;
        if entries.len() as u64 != from {
            // Another process of this node was faster.
            return Ok(());
        }
        // Entries that no checkpoint speaks of could be anybody's, and what is kept is kept for ever.
        let ends = from + page.entries.len() as u64;
        if checkpoint.size != ends {
            let reason = format!(
                "the region's log came with {ends} entries and a checkpoint of {}: it was changed on its way, or cut off",
                checkpoint.size
            );
            return Err(DutyError::Delivery { reason });
        }
        for entry in &page.entries {
            store::witness::push(connection, entry)?;
        }
        entries.extend(page.entries.iter().cloned());
        keep(node, connection, &checkpoint, &page.checkpoint)?;
        holds(connection, &entries)
    })
}

/// Takes the entries of the region's log from a file that was carried here. One that has fewer than are kept here was
/// only on its way for longer.
///
/// # Errors
/// Where its checkpoints are not the region's, or not of these entries: it was changed on its way. `RegionForked` where
/// it is the region's and another than the one kept here.
pub(super) fn take_file(node: &Node, log: LogFile) -> Result<(), DutyError> {
    let changed =
        |reason: String| DutyError::Delivery { reason: format!("the region's log in the file: {reason}") };
    if log.receipt_key != node.bundle()?.receipt_key {
        return Err(changed("it is signed by another key than the region's".to_owned()));
    }
    log.verify().map_err(|error| changed(error.to_string()))?;
    let (from, size) = (node.store.read(store::witness::size)?, log.entries.len() as u64);
    let Some(checkpoint) = log.checkpoints.into_iter().next_back().filter(|_| size >= from) else {
        return Ok(());
    };
    let entries = log.entries.into_iter().filter(|entry| entry.index >= from).collect();
    take(node, from, &LogPage { format: PAGE_FORMAT.to_owned(), entries, checkpoint, size })
}

/// Holds every checkpoint kept here against the entries kept here; those of more entries wait.
fn holds(connection: &mut AnyConnection, entries: &[Entry]) -> Result<(), DutyError> {
    let forked = |error: log::LogFault| DutyError::RegionForked { reason: error.to_string() };
    let held = HeldLog::of(entries).map_err(forked)?;
    for kept in store::witness::checkpoints(connection)? {
        if kept.size <= held.size() {
            held.holds((kept.size, kept.root)).map_err(forked)?;
        }
    }
    Ok(())
}

/// The log as it is kept here, to be written as a file.
///
/// # Errors
/// Where the node is not enrolled or the database cannot be read.
pub fn file(node: &Node) -> Result<LogFile, DutyError> {
    let receipt_key = node.bundle()?.receipt_key;
    node.store.read(|connection| {
        let entries = store::witness::entries(connection, 0)?;
        let kept = store::witness::checkpoints(connection)?;
        // A checkpoint of more entries than are here yet proves nothing about these.
        let held = kept.into_iter().filter(|kept| kept.size <= entries.len() as u64);
        let checkpoints = held.map(|kept| kept.signed).collect();
        Ok(LogFile { receipt_key, entries, checkpoints })
    })
}

/// What was verified of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Witnessed {
    /// Entries kept here.
    pub entries: u64,
    /// Checkpoints that hold against them.
    pub checkpoints: usize,
}

/// Verifies offline the kept log against every checkpoint the region signed, and that it has no release of this
/// borough that was not sealed here.
///
/// # Errors
/// The first fault.
pub(super) fn verify(node: &Node, connection: &mut AnyConnection) -> Result<Witnessed, DutyError> {
    let entries = store::witness::entries(connection, 0)?;
    holds(connection, &entries)?;
    let key = node.identity()?.bundle.map(|bundle| bundle.receipt_key);
    let kept = store::witness::checkpoints(connection)?;
    for checkpoint in &kept {
        let Some(key) = &key else { continue };
        let opened = Checkpoint::open(&checkpoint.signed, key)?;
        if opened.tree() != (checkpoint.size, checkpoint.root) {
            let reason =
                format!("the checkpoint of {} entries is not kept as it was signed", checkpoint.size);
            return Err(DutyError::RegionForked { reason });
        }
    }
    let sealed = store::releases::sealed(connection)?;
    for entry in entries.iter().filter(|entry| entry.event.borough() == Some(&node.borough)) {
        let log::Event::Release { number, sha256, .. } = &entry.event else { continue };
        if sealed.iter().any(|release| release.number == *number && release.sha256 == *sha256) {
            continue;
        }
        return Err(match sealed.last() {
            Some(last) if *number <= last.number => DutyError::RegionForked {
                reason: format!("its log has a release {number} of this borough that was not sealed here"),
            },
            // More than was ever sealed here: this is an older copy, and the region says the truth.
            last => DutyError::Behind {
                theirs: number.to_string(),
                ours: last.map_or_else(|| "none".to_owned(), |last| last.number.to_string()),
            },
        });
    }
    Ok(Witnessed { entries: entries.len() as u64, checkpoints: kept.len() })
}

/// Gives back to the region what its log has lost.
///
/// # Errors
/// Where it cannot be reached or refuses what it is given.
pub(super) async fn give_back(node: &Node, region: &Region) -> Result<(), DutyError> {
    let text = region.log(u64::from(u32::MAX)).await.map_err(in_words)?;
    let theirs = page(&text)?.size;
    let remembered = {
        let node = node.clone();
        node.store.clone().run(move |_| remembered(&node, theirs)).await?
    };
    let Some(remembered) = remembered else { return Ok(()) };
    let body = serde_json::to_string(&remembered)
        .map_err(|_| DutyError::Delivery { reason: "the log cannot be written".to_owned() })?;
    tracing::warn!(
        entries = remembered.entries.len(),
        "the region was put back from a backup; what is kept of it here goes back to it"
    );
    region.give_back(body).await.map_err(in_words)
}

fn remembered(node: &Node, theirs: u64) -> Result<Option<Remembered>, DutyError> {
    let bundle = node.bundle()?;
    node.store.read(|connection| {
        // What is given back must end where a checkpoint was signed.
        let size = store::witness::size(connection)?;
        let ends = store::witness::checkpoints(connection)?.into_iter().rev().find(|kept| kept.size <= size);
        let Some(ends) = ends else { return Ok(None) };
        // Where its entries came back already, policies and questions may be missing still: each borough has those that
        // it adopted.
        let mut entries = match ends.size > theirs {
            true => store::witness::entries(connection, theirs)?,
            false => Vec::new(),
        };
        entries.retain(|entry| entry.index < ends.size);
        let mut policies = store::ledger::policies(connection)?;
        policies.push(bundle.policy);
        Ok(Some(Remembered {
            format: REMEMBERED_FORMAT.to_owned(),
            entries,
            checkpoint: ends.signed,
            policies,
            questions: store::questions::all(connection)?,
        }))
    })
}

/// Sends again what the region receipted and does not have any more; the answers must be the receipts kept here.
async fn send_again(node: &Node, region: &Region, statement: &Statement) -> Result<(), DutyError> {
    let last = statement.last.as_ref().map_or(0, |last| last.id.number);
    let sealed = node.store.run(|store| store.read(store::releases::sealed)).await?;
    for release in sealed.into_iter().filter(|release| release.number > last) {
        let Some(receipt) = release.receipt else { break };
        let again = region.deliver(release.bytes).await.map_err(in_words)?;
        if again != receipt {
            let reason = format!("it gave another receipt for {} than before", release.quarter);
            return Err(DutyError::RegionForked { reason });
        }
    }
    Ok(())
}

fn in_words(error: CallError) -> DutyError {
    DutyError::Delivery { reason: error.to_string() }
}
