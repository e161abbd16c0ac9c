//! How far a release has come: prepared, approved, sealed and on its way.

use serde::Serialize;
use tenfold_common::{calendar::Quarter, clock::Moment, protocol::RefusalReason};

/// A quarter's frozen tables, waiting for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// The quarter.
    pub quarter: Quarter,
    /// Hash of the policy.
    pub policy: String,
    /// When.
    pub prepared_at: Moment,
    /// By whom.
    pub prepared_by: String,
    /// Salted hash of the frozen tables.
    pub salted_hash: String,
    /// The salt of that hash, sealed as the tables are.
    pub sealed_salt: Vec<u8>,
}

/// A line that a quarter's charge writes into the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenLine {
    /// The stream.
    pub stream: String,
    /// The journal's name of the line.
    pub line_hmac: String,
    /// Whether the quarter counts it; else it was before Tenfold and is never counted.
    pub counted: bool,
}

/// A return of a prepared quarter by its approver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// Salted hash of the tables returned.
    pub salted_hash: String,
    /// When.
    pub returned_at: Moment,
    /// By whom.
    pub returned_by: String,
    /// Why, in words.
    pub comment: String,
    /// The approver's signed word.
    #[serde(skip)]
    pub signed: String,
}

/// An approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// When.
    pub approved_at: Moment,
    /// By whom.
    pub approved_by: String,
    /// Salted hash of the tables approved.
    pub salted_hash: String,
    /// What it rests on.
    pub authority: Authority,
}

impl Approval {
    /// Who approved, and under which standing approval, in words.
    pub fn decider(&self) -> String {
        match &self.authority {
            Authority::Signed(_) => self.approved_by.clone(),
            Authority::Standing { number, used_by } => {
                format!("{}, standing approval {number} used by {used_by}", self.approved_by)
            }
        }
    }
}

/// What an approval rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The approver's signed word about these very tables.
    Signed(String),
    /// A standing approval that the approver signed before.
    Standing {
        /// Its number.
        number: i64,
        /// The account that put it to use.
        used_by: String,
    },
}

/// That a quarter was declared void: nothing is ever drawn for it, and its families are counted in the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The quarter.
    pub quarter: Quarter,
    /// One of four fixed words.
    pub reason: RefusalReason,
    /// For the borough's own people; never leaves the node.
    pub comment: String,
    /// When.
    pub refused_at: Moment,
    /// By whom.
    pub refused_by: String,
    /// Salted hash of the tables it was prepared with, if it was.
    pub salted_hash: Option<String>,
    /// The approver's signed word.
    pub signed: String,
}

/// A sealed release and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its number.
    pub number: u32,
    /// The quarter.
    pub quarter: Quarter,
    /// When it was sealed.
    pub sealed_at: Moment,
    /// The signed release.
    pub bytes: String,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// When it may leave.
    pub deliver_at: Moment,
    /// Tries so far.
    pub attempts: u32,
    /// The last try.
    pub last_attempt_at: Option<Moment>,
    /// Until when the aggregator asked not to be tried again.
    pub not_before: Option<Moment>,
    /// Why the last try failed.
    pub last_problem: Option<String>,
    /// The receipt.
    pub receipt: Option<String>,
    /// When the receipt came.
    pub receipted_at: Option<Moment>,
}
