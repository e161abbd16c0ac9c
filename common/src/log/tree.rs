//! The tree: where hashes stand, what is appended, what is proved. All hashing is the library's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tlog_tiles::tlog;

/// The hash of a leaf, a subtree or a root: 32 bytes, written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(extend("pattern" = r"^[0-9a-f]{64}$"))]
pub struct Hash([u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for Hash {
    type Error = LogError;

    fn try_from(text: String) -> Result<Self, LogError> {
        text.parse()
    }
}

impl FromStr for Hash {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        let bytes = hex::decode(text).map_err(|_| LogError::Hash)?;
        Ok(Self(bytes.try_into().map_err(|_| LogError::Hash)?))
    }
}

/// Why something of a log cannot be had or does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Not a hash.
    #[error("a hash of the log is not 64 hexadecimal digits")]
    Hash,
    /// A hash that should be kept is not.
    #[error("a hash of the log is missing where it is kept: {reason}")]
    Missing {
        /// What the store said.
        reason: String,
    },
    /// The proof does not hold.
    #[error("the proof does not hold: {claim}")]
    Proof {
        /// What it was to prove.
        claim: String,
    },
}

/// Where the hashes of complete subtrees are kept, each at its place in one row.
pub trait ReadHashes {
    /// The hashes at these places, in their order.
    ///
    /// # Errors
    /// Where one is missing.
    fn read(&self, places: &[u64]) -> Result<Vec<Hash>, LogError>;
}

struct Reader<'a, R>(&'a R);

impl<R: ReadHashes> tlog::HashReader for Reader<'_, R> {
    fn read_hashes(&self, places: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let hashes = self.0.read(places).map_err(|error| tlog::Error::InvalidInput(error.to_string()))?;
        // The library would panic otherwise.
        if hashes.len() != places.len() {
            return Err(tlog::Error::InvalidInput("fewer hashes than asked for".to_owned()));
        }
        Ok(hashes.into_iter().map(|hash| tlog::Hash(hash.0)).collect())
    }
}

fn missing(error: &tlog::Error) -> LogError {
    LogError::Missing { reason: error.to_string() }
}

fn ours(hashes: Vec<tlog::Hash>) -> Vec<Hash> {
    hashes.into_iter().map(|hash| Hash(hash.0)).collect()
}

fn theirs(hashes: &[Hash]) -> Vec<tlog::Hash> {
    hashes.iter().map(|hash| tlog::Hash(hash.0)).collect()
}

/// The hash of a leaf with these bytes.
pub fn leaf(bytes: &[u8]) -> Hash {
    Hash(tlog::record_hash(bytes).0)
}

/// The place of the leaf of an entry; what [`appended`] gives stands from there on.
pub fn stored_at(index: u64) -> u64 {
    tlog::stored_hash_index(0, index)
}

/// What has to be kept when a leaf is appended to a tree of `size` entries: its hash, and those of the subtrees that
/// it completes.
///
/// # Errors
/// Where an earlier hash is missing.
pub fn appended(size: u64, leaf: Hash, kept: &impl ReadHashes) -> Result<Vec<Hash>, LogError> {
    let hashes = tlog::stored_hashes_for_record_hash(size, tlog::Hash(leaf.0), &Reader(kept));
    Ok(ours(hashes.map_err(|error| missing(&error))?))
}

/// The root of the tree of the first `size` entries.
///
/// # Errors
/// Where a hash is missing.
pub fn root(size: u64, kept: &impl ReadHashes) -> Result<Hash, LogError> {
    Ok(Hash(tlog::tree_hash(size, &Reader(kept)).map_err(|error| missing(&error))?.0))
}

/// The proof that an entry stands in the tree of `size` entries.
///
/// # Errors
/// Where it does not, or a hash is missing.
pub fn inclusion(size: u64, index: u64, kept: &impl ReadHashes) -> Result<Vec<Hash>, LogError> {
    Ok(ours(tlog::prove_record(size, index, &Reader(kept)).map_err(|error| missing(&error))?))
}

/// The proof that the tree of `size` entries begins with the one of `earlier` entries; empty where that was empty.
///
/// # Errors
/// Where `earlier` is larger, or a hash is missing.
pub fn consistency(size: u64, earlier: u64, kept: &impl ReadHashes) -> Result<Vec<Hash>, LogError> {
    if earlier == 0 {
        return Ok(Vec::new());
    }
    Ok(ours(tlog::prove_tree(size, earlier, &Reader(kept)).map_err(|error| missing(&error))?))
}

/// Holds an inclusion proof against a root.
///
/// # Errors
/// Where it does not hold.
pub fn check_inclusion(
    proof: &[Hash],
    (size, root): (u64, Hash),
    (index, leaf): (u64, Hash),
) -> Result<(), LogError> {
    let held = tlog::check_record(&theirs(proof), size, tlog::Hash(root.0), index, tlog::Hash(leaf.0));
    held.map_err(|_| LogError::Proof { claim: format!("entry {index} stands in the log of {size} entries") })
}

/// Holds a consistency proof against two roots; every tree begins with the empty one.
///
/// # Errors
/// Where it does not hold.
pub fn check_consistency(
    proof: &[Hash],
    (size, root): (u64, Hash),
    (earlier, earlier_root): (u64, Hash),
) -> Result<(), LogError> {
    if earlier == 0 && proof.is_empty() {
        return Ok(());
    }
    let (root, earlier_root) = (tlog::Hash(root.0), tlog::Hash(earlier_root.0));
    tlog::check_tree(&theirs(proof), size, root, earlier, earlier_root).map_err(|_| LogError::Proof {
        claim: format!("the log of {size} entries begins with the one of {earlier}"),
    })
}
