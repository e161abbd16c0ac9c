//! A whole log in memory: every entry put into the tree again, and every checkpoint held against it.

use super::{
    entry::Entry,
    tree::{self, Hash, LogError, ReadHashes},
};
use crate::protocol::canonical::CanonicalError;

/// Why a log is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// An entry is not where it says.
    #[error("entry {found} stands where entry {expected} should")]
    Place {
        /// What is there.
        found: u64,
        /// What should be.
        expected: u64,
    },
    /// An entry has no canonical bytes.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] LogError),
    /// A checkpoint speaks of another history.
    #[error(
        "a signed checkpoint of {size} entries has the root {theirs}, these entries have {ours}: the history was changed"
    )]
    Rewritten {
        /// Its size.
        size: u64,
        /// Its root.
        theirs: Hash,
        /// The root of the entries at hand.
        ours: Hash,
    },
    /// A checkpoint speaks of more than there is.
    #[error("a signed checkpoint speaks of {size} entries, only {held} are here")]
    Short {
        /// Its size.
        size: u64,
        /// How many are here.
        held: u64,
    },
}

/// A log in memory: the hashes of its tree.
#[derive(Clone, Debug, Default)]
pub struct HeldLog {
    size: u64,
    hashes: Vec<Hash>,
}

impl ReadHashes for HeldLog {
    fn read(&self, places: &[u64]) -> Result<Vec<Hash>, LogError> {
        let at = |place: &u64| usize::try_from(*place).ok().and_then(|place| self.hashes.get(place).copied());
        let all: Option<Vec<Hash>> = places.iter().map(at).collect();
        all.ok_or_else(|| LogError::Missing { reason: format!("the log has {} entries", self.size) })
    }
}

impl HeldLog {
    /// The tree over these entries.
    ///
    /// # Errors
    /// Where one is not where it says.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<Self, LogFault> {
        let mut held = Self::default();
        for entry in entries {
            held.push(entry)?;
        }
        Ok(held)
    }

    /// Appends an entry.
    ///
    /// # Errors
    /// Where it is not the next.
    pub fn push(&mut self, entry: &Entry) -> Result<(), LogFault> {
        if entry.index != self.size {
            return Err(LogFault::Place { found: entry.index, expected: self.size });
        }
        let new = tree::appended(self.size, entry.leaf()?, self)?;
        self.hashes.extend(new);
        self.size += 1;
        Ok(())
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root at a size.
    ///
    /// # Errors
    /// Where it is not so large.
    pub fn root_at(&self, size: u64) -> Result<Hash, LogFault> {
        if size > self.size {
            return Err(LogFault::Short { size, held: self.size });
        }
        Ok(tree::root(size, self)?)
    }

    /// Holds a checkpoint against the entries.
    ///
    /// # Errors
    /// Where it speaks of more, or of another history.
    pub fn holds(&self, (size, theirs): (u64, Hash)) -> Result<(), LogFault> {
        let ours = self.root_at(size)?;
        if ours == theirs { Ok(()) } else { Err(LogFault::Rewritten { size, theirs, ours }) }
    }
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::log::{Event, check_consistency, check_inclusion, consistency, inclusion};

    fn entry(index: u64, word: u64) -> Entry {
        Entry {
            index,
            at: "2016-04-01T00:00:00Z".parse().unwrap(),
            event: Event::Policy { hash: format!("{word:064x}") },
        }
    }

    /// The root of the empty tree is the SHA-256 of nothing (RFC 9162 section 2.1.1).
    #[test]
    fn the_empty_log_has_the_root_of_the_standard() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(HeldLog::default().root_at(0).unwrap().to_string(), empty);
    }

    proptest! {
            /// Roots as another library has them; every proof holds, and none for another entry, place, size or history.
            #[test]
            fn roots_are_the_oracles_and_proofs_hold_for_nothing_else(
                words in prop::collection::vec(any::<u64>(), 1..70),
                at in any::<prop::sample::Index>(),
                cut in any::<prop::sample::Index>(),
            ) {
                let entries: Vec<Entry> = (0..).zip(&words).map(|(index, word)| entry(index, *word)).collect();
                let held = HeldLog::of(&entries).unwrap();
                let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
                for (size, entry) in (1..).zip(&entries) {
                    oracle.push(entry.bytes().unwrap());
                    let theirs = hex::encode(oracle.root().as_bytes());
                    prop_assert_eq!(held.root_at(size).unwrap().to_string(), theirs);
                }
                let size = held.size();
                let tree = (size, held.root_at(size).unwrap());
                let index = at.index(entries.len()) as u64;
                let proof = inclusion(size, index, &held).unwrap();
                let leaf = entries[index as usize].leaf().unwrap();
                prop_assert!(check_inclusion(&proof, tree, (index, leaf)).is_ok());
                let other = entry(index, words[index as usize] ^ 1).leaf().unwrap();
                prop_assert!(check_inclusion(&proof, tree, (index, other)).is_err());
                prop_assert!(check_inclusion(&proof, tree, (index + 1, leaf)).is_err());
    // The size itself is held by the checkpoint's signature, not by the hashes.

                let earlier = cut.index(entries.len() + 1) as u64;
                let before = (earlier, held.root_at(earlier).unwrap());
                let proof = consistency(size, earlier, &held).unwrap();
                prop_assert!(check_consistency(&proof, tree, before).is_ok());
                if earlier > 0 {
                    let mut other = entries[..earlier as usize].to_vec();
                    other[0] = entry(0, words[0] ^ 1);
                    let rewritten = (earlier, HeldLog::of(&other).unwrap().root_at(earlier).unwrap());
                    prop_assert!(check_consistency(&proof, tree, rewritten).is_err());
                    prop_assert!(held.holds(rewritten).is_err());
                }
                prop_assert!(held.holds(before).is_ok());
                prop_assert!(held.holds((size + 1, tree.1)).is_err());
            }
        }

    #[test]
    fn an_entry_out_of_place_is_no_log() {
        assert!(HeldLog::of(&[entry(1, 0)]).is_err());
        assert!(HeldLog::of(&[entry(0, 0), entry(0, 0)]).is_err());
    }
}
