//! Why nothing was done with a load.

use tenfold_common::{calendar::Quarter, clock::Moment};

/// Why nothing was done with a load: it is not there, was undone, or a release may depend on it.
#[derive(Debug, thiserror::Error)]
pub enum LoadFault {
    /// There is no such load.
    #[error("there is no load {load}; `tenfold-node load list` names them")]
    NoLoad {
        /// The number asked for.
        load: i64,
    },
    /// The load was undone.
    #[error("load {load} was undone at {at}; its rows are gone")]
    LoadUndone {
        /// The load.
        load: i64,
        /// When.
        at: Moment,
    },
    /// A release may depend on the load.
    #[error(
        "load {load} stays: {quarter} was approved after it, and what was counted cannot be taken back; load a corrected file, its rows stand above the old ones"
    )]
    ReleasedSince {
        /// The load.
        load: i64,
        /// The quarter.
        quarter: Quarter,
    },
    /// There is no such question.
    #[error("load {load} has no question {number}; `tenfold-node load queries` lists them")]
    NoQuery {
        /// The load.
        load: i64,
        /// The number asked for.
        number: i64,
    },
}
