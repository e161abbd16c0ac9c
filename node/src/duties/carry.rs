//! Carries a sealed release to the region as a file, and brings its receipt home, for a node that is cut off.

use tenfold_common::{
    calendar::Quarter,
    log::{Checkpoint, LogFile},
    protocol::{receipt, signature},
};
use tenfold_store::acts;

use super::{DutyError, Node, witness};
use crate::{
    outbox,
    store::{self, releases::Sealed},
};

/// The oldest sealed release without a receipt that may have left by now: the very bytes that `deliver` would send.
///
/// # Privacy
/// Nothing leaves before the policy's instant, in a bag no more than on the wire.
///
/// # Errors
/// `NotYet` where the oldest one waits for its instant; the database's.
pub fn next(node: &Node) -> Result<Option<Sealed>, DutyError> {
    let now = node.now();
    let sealed = node.store.read(store::releases::sealed)?;
    if let Some(release) = outbox::waiting_at(&sealed, now).first() {
        return Ok(Some((*release).clone()));
    }
    match sealed.into_iter().find(|release| release.receipt.is_none()) {
        Some(release) => Err(DutyError::NotYet { quarter: release.quarter, leaves: release.deliver_at }),
        None => Ok(None),
    }
}

/// Keeps a receipt that came as a file; one that is kept already is an answer, not an accident.
///
/// # Errors
/// Where the region did not sign it, or it is for none of this node's releases.
pub fn receipt(node: &Node, signed: &str, by: &str) -> Result<Quarter, DutyError> {
    let (key, now) = (node.bundle()?.receipt_key, node.now());
    let claimed: receipt::Receipt = signature::peek(signed)?;
    node.store.write(|connection| {
        let sealed = store::releases::sealed(connection)?;
        let release = sealed.into_iter().find(|release| release.number == claimed.id.number);
        let release = release.ok_or_else(|| DutyError::Delivery {
            reason: format!("the receipt is for release {}, which is not sealed here", claimed.id.number),
        })?;
        receipt::verify(signed, &release.bytes, &key)?;
        if release.receipt.is_none() {
            witness::keep_receipt(node, connection, &release, signed)?;
            acts::record(connection, now, by, "receipt-carried", &release.quarter.to_string())?;
        }
        Ok(release.quarter)
    })
}

/// Takes in the region's log from a file that was carried here, and returns the answer that stands before it.
///
/// # Errors
/// Where the file is the answer alone: its checkpoint would be kept without the entries, and a region that is put back
/// from a backup could be told of entries that nobody can give back to it. `RegionForked` where the log is not the one
/// the region signed before.
pub fn with_log(node: &Node, text: &str) -> Result<String, DutyError> {
    let (answer, log) = text.trim().split_once('\n').ok_or_else(|| DutyError::Delivery {
        reason:
            "the file has no log of the region after its first line: carry it whole, as it was written there"
                .to_owned(),
    })?;
    let log = LogFile::read(log)
        .map_err(|error| DutyError::Delivery { reason: format!("the region's log in the file: {error}") })?;
    witness::take_file(node, log)?;
    let (spoken_of, here) = (spoken_of(answer.trim()), node.store.read(store::witness::size)?);
    if spoken_of.is_some_and(|size| size > here) {
        return Err(DutyError::Delivery {
            reason: format!(
                "the answer in the file speaks of more entries of the region's log than the {here} that came with it: carry \
                 the file as it was written"
            ),
        });
    }
    Ok(answer.trim().to_owned())
}

/// How many entries of the log an answer's checkpoint speaks of; whoever keeps the answer verifies it.
fn spoken_of(answer: &str) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Answer {
        #[serde(alias = "proof")]
        log: Spoken,
    }
    #[derive(serde::Deserialize)]
    struct Spoken {
        checkpoint: String,
    }
    let answer: Answer = signature::peek(answer).ok()?;
    signature::peek::<Checkpoint>(&answer.log.checkpoint).ok().map(|checkpoint| checkpoint.size)
}
