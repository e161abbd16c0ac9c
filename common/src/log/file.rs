//! A whole log as a file: a line a thing, so that anybody can check it with no program of ours.

use serde::{Deserialize, Serialize};

use super::{
    checkpoint::Checkpoint,
    entry::{Entry, Event},
    held::{HeldLog, LogFault},
};
use crate::protocol::{
    PublicKey, SignatureError,
    canonical::{CanonicalError, canonical},
};

/// The format of a log as a file.
pub const LOG_FORMAT: &str = "tenfold-log/1";

/// A log as a file has it: first the key, then entry by entry, then signed checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// The key that signed the checkpoints.
    pub receipt_key: PublicKey,
    /// The entries, first to last.
    pub entries: Vec<Entry>,
    /// Checkpoints as the region signed them.
    pub checkpoints: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    receipt_key: PublicKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    checkpoint: String,
}

/// Why a file is no sound log.
#[derive(Debug, thiserror::Error)]
pub enum LogFileError {
    /// A line is not what it should be.
    #[error("line {line} is {found}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong, and what was expected.
        found: &'static str,
    },
    /// The tree is not what was signed.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// A checkpoint is not signed by the key.
    #[error("a checkpoint is not signed by the key of the log: {0}")]
    Signature(#[from] SignatureError),
    /// What stands in the log cannot have happened so.
    #[error("entry {index}: {reason}")]
    Story {
        /// Which entry.
        index: u64,
        /// Why.
        reason: String,
    },
}

impl LogFile {
    /// The file.
    ///
    /// # Errors
    /// Where an entry has no canonical bytes.
    pub fn write(&self) -> Result<String, CanonicalError> {
        let head = Head { format: LOG_FORMAT.to_owned(), receipt_key: self.receipt_key.clone() };
        let mut text = line(&head)?;
        for entry in &self.entries {
            text.push_str(&line(entry)?);
        }
        for checkpoint in &self.checkpoints {
            text.push_str(&line(&Said { checkpoint: checkpoint.clone() })?);
        }
        Ok(text)
    }

    /// The region's answer to a borough that is cut off, in the first line, and the log after it: a checkpoint is kept
    /// with its entries, or nobody could give them back.
    ///
    /// # Errors
    /// Where an entry has no canonical bytes.
    pub fn carried_with(&self, answer: &str) -> Result<String, CanonicalError> {
        Ok(format!("{answer}\n{}", self.write()?))
    }

    /// Reads a file; nothing of it is believed yet.
    ///
    /// # Errors
    /// Naming the line that is none.
    pub fn read(text: &str) -> Result<Self, LogFileError> {
        let mut lines = (1..).zip(text.lines());
        let no_head =
            LogFileError::Line { line: 1, found: "not the head of a log, expected format and receipt_key" };
        let head: Option<Head> = lines.next().and_then(|(_, head)| serde_json::from_str(head).ok());
        let head = head.filter(|head| head.format == LOG_FORMAT).ok_or(no_head)?;
        let mut log = Self { receipt_key: head.receipt_key, entries: Vec::new(), checkpoints: Vec::new() };
        for (line, text) in lines {
            if let Ok(entry) = serde_json::from_str::<Entry>(text) {
                if !log.checkpoints.is_empty() {
                    return Err(LogFileError::Line { line, found: "an entry after a checkpoint" });
                }
                if canonical(&entry).map_err(LogFault::from)? != text.as_bytes() {
                    return Err(LogFileError::Line { line, found: "an entry that is not in canonical form" });
                }
                log.entries.push(entry);
            } else if let Ok(said) = serde_json::from_str::<Said>(text) {
                log.checkpoints.push(said.checkpoint);
            } else {
                return Err(LogFileError::Line { line, found: "neither an entry nor a checkpoint" });
            }
        }
        Ok(log)
    }

    /// Every checkpoint, opened.
    ///
    /// # Errors
    /// Where the key did not sign one.
    pub fn opened(&self) -> Result<Vec<Checkpoint>, SignatureError> {
        self.checkpoints.iter().map(|signed| Checkpoint::open(signed, &self.receipt_key)).collect()
    }

    /// Holds every checkpoint against the entries, and the entries against each other.
    ///
    /// # Errors
    /// The first fault.
    pub fn verify(&self) -> Result<(), LogFileError> {
        let held = HeldLog::of(&self.entries)?;
        for checkpoint in self.opened()? {
            held.holds(checkpoint.tree())?;
        }
        story(&self.entries)
    }
}

/// Whether the entries can have happened in this order: a release only from a borough that was enrolled, numbered
/// without gaps; a receipt only for a release; nothing twice.
///
/// # Errors
/// The first entry that cannot.
fn story(entries: &[Entry]) -> Result<(), LogFileError> {
    use std::collections::{HashMap, HashSet};
    let mut seen = HashSet::new();
    let mut numbers = HashMap::new();
    for entry in entries {
        let fault = |reason: String| Err(LogFileError::Story { index: entry.index, reason });
        let (kind, subject) = (entry.event.kind(), entry.event.subject());
        match &entry.event {
            Event::Enrolment { borough, .. } => _ = numbers.entry(borough.clone()).or_insert(0),
            Event::Release { borough, number, .. } => match numbers.get_mut(borough) {
                None => return fault(format!("a release of {borough}, which was not enrolled")),
                Some(last) if *last + 1 != *number => {
                    return fault(format!("release {number} of {borough} after release {last}"));
                }
                Some(last) => *last = *number,
            },
            Event::Receipt { .. } if !seen.contains(&(super::Kind::Release, subject.clone())) => {
                return fault(format!("a receipt for {subject}, of which there is no release"));
            }
            _ => {}
        }
        if !seen.insert((kind, subject.clone())) {
            return fault(format!("a second {kind} of {subject}"));
        }
    }
    Ok(())
}

fn line<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    let bytes = canonical(value)?;
    Ok(String::from_utf8(bytes).map_err(|_| CanonicalError::Unwritable)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SigningKey;

    fn sound() -> (LogFile, SigningKey) {
        let key = SigningKey::generate().unwrap();
        let at = "2016-04-01T00:00:00Z".parse().unwrap();
        let borough = || "E08000001".parse().unwrap();
        let events = [
            Event::Policy { hash: "aa".into() },
            Event::Enrolment {
                fingerprint: "bb".into(),
                borough: borough(),
                release_key: key.public(),
                not_after: at,
                first_quarter: "2015-Q2".parse().unwrap(),
            },
            Event::Release {
                borough: borough(),
                quarter: "2015-Q2".parse().unwrap(),
                number: 1,
                sha256: "cc".into(),
            },
            Event::Receipt { borough: borough(), quarter: "2015-Q2".parse().unwrap(), sha256: "dd".into() },
        ];
        let entries: Vec<Entry> =
            (0..).zip(events).map(|(index, event)| Entry { index, at, event }).collect();
        let held = HeldLog::of(&entries).unwrap();
        let checkpoints = [2, 4]
            .map(|size| Checkpoint::sign(size, held.root_at(size).unwrap(), at, &key).unwrap())
            .to_vec();
        (LogFile { receipt_key: key.public(), entries, checkpoints }, key)
    }

    #[test]
    fn what_is_written_is_read_and_holds() {
        let (log, _) = sound();
        let text = log.write().unwrap();
        assert_eq!(LogFile::read(&text).unwrap(), log);
        log.verify().unwrap();
    }

    /// Each byte of the file changed by one bit: no change goes unnoticed.
    #[test]
    fn no_bit_is_changed_unnoticed() {
        let (log, _) = sound();
        let text = log.write().unwrap().into_bytes();
        for at in 0..text.len() {
            let mut changed = text.clone();
            changed[at] ^= 1;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let sound = LogFile::read(&changed).is_ok_and(|read| read.verify().is_ok());
            assert!(!sound, "byte {at}: {changed}");
        }
    }

    #[test]
    fn an_entry_taken_away_is_missed_and_an_impossible_story_told() {
        let (log, key) = sound();
        let mut shorter = log.clone();
        shorter.entries.pop();
        assert!(matches!(shorter.verify(), Err(LogFileError::Log(LogFault::Short { .. }))));
        for (drop, words) in [(1, "was not enrolled"), (2, "of which there is no release")] {
            let mut entries = log.entries.clone();
            entries.remove(drop);
            for (index, entry) in (0..).zip(&mut entries) {
                entry.index = index;
            }
            let checkpoints = Vec::new();
            let told = LogFile { receipt_key: key.public(), entries, checkpoints }.verify().unwrap_err();
            assert!(told.to_string().contains(words), "{told}");
        }
    }
}
