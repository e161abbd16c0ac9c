//! Why a prepared quarter was not approved, returned or prepared again.

use tenfold_common::calendar::Quarter;

/// Why a prepared quarter was not approved, returned or prepared again.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalFault {
    /// The quarter was approved and charged.
    #[error("{quarter} is approved and charged; its frozen tables are not replaced any more")]
    AlreadyCharged {
        /// The quarter.
        quarter: Quarter,
    },
    /// A comment is too long.
    #[error("the comment is too long, expected at most {most} characters")]
    LongComment {
        /// The longest allowed.
        most: usize,
    },
    /// Nothing is prepared.
    #[error(
        "{quarter} is not prepared: an analyst prepares it with `tenfold-node release prepare {quarter}`"
    )]
    NotPrepared {
        /// The quarter.
        quarter: Quarter,
    },
    /// Other tables were shown than are frozen now.
    #[error("{quarter} is prepared otherwise than it was shown; look at its tables anew")]
    PreparedAgain {
        /// The quarter.
        quarter: Quarter,
    },
    /// Nobody says which tables were looked at.
    #[error(
        "an approval is of the tables that were seen: look at them with `tenfold-node release show {quarter}`, then give what it prints, `tenfold-node release approve {quarter} --shown HASH …`"
    )]
    NotShown {
        /// The quarter.
        quarter: Quarter,
    },
    /// An approval or a void quarter does not hold.
    #[error(
        "the approval of {quarter} does not hold: {reason}; nothing was charged or drawn. `tenfold-node ledger verify` looks at the rest; an approver may declare the quarter void"
    )]
    NotApproved {
        /// The quarter.
        quarter: Quarter,
        /// What does not hold.
        reason: String,
    },
    /// A check of a routine quarter asks for a person.
    #[error(
        "{quarter} is not routine: {reason} An approver looks at it: `tenfold-node release show {quarter}`"
    )]
    NotRoutine {
        /// The quarter.
        quarter: Quarter,
        /// What was found.
        reason: String,
    },
    /// The tables were returned.
    #[error(
        "{by} returned {quarter} with a comment; an analyst prepares it again before it is approved or returned"
    )]
    Returned {
        /// The quarter.
        quarter: Quarter,
        /// Who returned it.
        by: String,
    },
    /// Two people are needed.
    #[error(
        "{name} prepared {quarter}; a release is approved by another person than the one who prepared it"
    )]
    SamePerson {
        /// Who.
        name: String,
        /// The quarter.
        quarter: Quarter,
    },
}
