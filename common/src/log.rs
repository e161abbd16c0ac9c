//! The region's log: a Merkle tree over everything that was accepted, so that nobody can quietly change what was.
//!
//! Each [`Entry`] is a leaf. A [`Checkpoint`] is the aggregator's signed word of the tree at one size; an inclusion
//! proof ties an entry to it, a consistency proof ties two of them together. Whoever keeps a checkpoint can tell for
//! ever whether the history it speaks of still stands.
//!
//! # Source
//! RFC 9162 section 2.1 (hashing, proofs), through the crate `tlog_tiles`.

mod checkpoint;
mod entry;
mod file;
mod held;
mod tree;

pub use checkpoint::{CHECKPOINT_FORMAT, CHECKPOINT_TYPE, Checkpoint};
pub use entry::{Entry, Event, Kind};
pub use file::{LOG_FORMAT, LogFile, LogFileError};
pub use held::{HeldLog, LogFault};
pub use tree::{
    Hash, LogError, ReadHashes, appended, check_consistency, check_inclusion, consistency, inclusion, leaf,
    root, stored_at,
};
