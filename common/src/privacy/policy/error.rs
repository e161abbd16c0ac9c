//! Why a policy is refused.

use super::super::{Rho, RhoError, time_matrix::TimeMatrixError};
use crate::{protocol::signature::SignatureError, statistics::Comparisons};

/// Why a policy is refused.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The signature or the bytes are wrong.
    #[error("the policy is not signed by the region: {0}")]
    Signature(#[from] SignatureError),
    /// The format is not ours.
    #[error("the policy's format is {found:?}, expected \"tenfold-policy/1\"")]
    Format {
        /// What stood there.
        found: String,
    },
    /// The time matrix cannot serve.
    #[error("the policy's time matrix cannot serve: {0}")]
    TimeMatrix(#[from] TimeMatrixError),
    /// The yearly matrix has fewer rows than there are years.
    #[error(
        "the policy's yearly matrix has {rows} rows, expected at least {years}: a year ends with each March, with \
         the opening position and with the horizon"
    )]
    Years {
        /// Rows of the matrix.
        rows: usize,
        /// Years of the horizon.
        years: usize,
    },
    /// A loss cannot be computed.
    #[error("stream {stream:?}: {source}")]
    Rho {
        /// The stream.
        stream: String,
        /// Why.
        source: RhoError,
    },
    /// The exact charge passes the share.
    #[error(
        "stream {stream:?} would charge ρ = {charge} in a borough of {places} places, its share is {share}"
    )]
    OverShare {
        /// The stream.
        stream: String,
        /// Places of the borough.
        places: usize,
        /// The exact charge.
        charge: Rho,
        /// The share.
        share: Rho,
    },
    /// Figures cannot be compared so.
    #[error(
        "{} comparisons at a level of {} in a thousand: expected one or more at 1 to 200 in a thousand",
        comparisons.of,
        comparisons.level_per_mille
    )]
    Comparisons {
        /// How they were to be compared.
        comparisons: Comparisons,
    },
    /// The shares and the reserve pass the total.
    #[error("streams and reserve add up to ρ = {sum}, the policy's total is {total}")]
    OverTotal {
        /// Shares and reserve.
        sum: Rho,
        /// The total.
        total: Rho,
    },
    /// Two streams, labels or boroughs have one name.
    #[error("{what} {name:?} stands twice in the policy")]
    Twice {
        /// `stream`, `label`, `ward` or `borough`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A stream's name could be taken for a one-off table's.
    #[error("{name:?} cannot name a stream, expected a name without a slash")]
    StreamName {
        /// The name.
        name: String,
    },
    /// A label set is none.
    #[error(
        "label set {set:?} of stream {stream:?} cannot be counted: expected labels, by place only where the stream is; or a score with one name, a range and no places"
    )]
    LabelSet {
        /// The stream.
        stream: String,
        /// The set.
        set: String,
    },
    /// A stream has no scales for a borough's places, or not one a group.
    #[error("stream {stream:?} has no noise scale for each group of a borough of {places} places")]
    NoScales {
        /// The stream.
        stream: String,
        /// Places of the borough.
        places: usize,
    },
    /// Something named is not in the policy.
    #[error("the policy has no {what} {name:?}")]
    Absent {
        /// `stream`, `borough` or `quarter`.
        what: &'static str,
        /// What was asked.
        name: String,
    },
    /// There is nothing after the opening position.
    #[error("the policy's horizon is its opening position alone, expected at least one quarter after it")]
    OpeningOnly,
    /// A policy cannot follow another.
    #[error("{name:?} cannot take over from {from:?}: {reason}")]
    NotSuccessor {
        /// What people call it.
        name: String,
        /// What people call the one before.
        from: String,
        /// What does not fit, and what was expected.
        reason: String,
    },
    /// The instants are out of order.
    #[error("the policy's dates are out of order: a period ends, then is delivered, then is due")]
    Dates,
}
