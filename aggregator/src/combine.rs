//! Pure sums of noised answers with their uncertainty, and who is missing.
//!
//! A borough's published values are decoded over time, reconciled within and between quarters and years by
//! generalised least squares, and read off as figures: weighted sums over quarters of one cell, each with its
//! exact variance.
//! Boroughs draw their noise independently, so the region's figures are plain sums.
//!
//! Everything here uses + − × ÷ √ on `f64` in a written order, so that a figure is the same on any machine.

pub mod answers;
mod decoded;
pub mod funnel;
mod listing;
mod ratio;
mod reconcile;
mod region;
mod span;
mod term;

#[cfg(test)]
mod coverage;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod oracle;

use tenfold_common::{
    calendar::Quarter,
    geography::BoroughCode,
    privacy::{PolicyError, TimeMatrixError},
};

pub use decoded::Decoded;
pub use listing::{ListedFigure, list};
pub use ratio::{Counted, RatioReading};
pub use reconcile::{Cell, Parts, Reconciled, ReconciledSet, Reconciliation};
pub use region::{Accepted, AcceptedReleases, Area, Combined, Reading, borough_name};
pub use span::Span;

/// Why releases cannot be combined or a figure cannot be read.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum CombineError {
    /// The policy does not know what was asked for.
    #[error("the policy does not serve: {reason}")]
    Policy {
        /// Why.
        reason: String,
    },
    /// There are more quarters than the horizon.
    #[error(transparent)]
    Time(#[from] TimeMatrixError),
    /// A quarter is missing in the middle, or comes twice.
    #[error("borough {borough}: the release for {found} came where {expected} was expected")]
    OutOfOrder {
        /// The borough.
        borough: BoroughCode,
        /// The quarter that was due.
        expected: Quarter,
        /// The quarter that came.
        found: Quarter,
    },
    /// A release lacks a stream of the policy.
    #[error(
        "borough {borough}, {quarter}: the release has no stream {stream:?}, expected one of each in the policy"
    )]
    NoStream {
        /// The borough.
        borough: BoroughCode,
        /// The quarter.
        quarter: Quarter,
        /// The stream.
        stream: String,
    },
    /// A release's table has other groups or cells than the policy's.
    #[error(
        "borough {borough}, {quarter}: stream {stream:?} does not have the cells that the policy expects"
    )]
    Misfit {
        /// The borough.
        borough: BoroughCode,
        /// The quarter.
        quarter: Quarter,
        /// The stream.
        stream: String,
    },
    /// A stream has no such cell.
    #[error("the stream has no cell {cell:?}, expected a place, label set and label of its shape")]
    NoCell {
        /// What was asked for.
        cell: Cell,
    },
    /// A share is asked for of cells of which neither holds the other.
    #[error(
        "{part:?} is no part of {whole:?}: expected a label or place and its total, or a label by place and its place"
    )]
    NoPart {
        /// What was to be divided.
        part: Cell,
        /// By what.
        whole: Cell,
    },
    /// A figure by place asks for a part of a year, or for a year that is not released.
    #[error(
        "figures by place are released once a year: expected whole years within the first {quarters} quarters \
         of the horizon"
    )]
    NotWholeYears {
        /// The quarters of the years that are released by place.
        quarters: usize,
    },
    /// A figure asks for more quarters than were released.
    #[error("a figure over {asked} quarters was asked for, {released} are released")]
    NotReleased {
        /// Quarters asked for.
        asked: usize,
        /// Quarters released.
        released: usize,
    },
}

impl From<PolicyError> for CombineError {
    fn from(error: PolicyError) -> Self {
        Self::Policy { reason: error.to_string() }
    }
}
