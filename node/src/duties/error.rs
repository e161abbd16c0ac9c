//! Why a duty was not done.

use std::path::PathBuf;

use tenfold_common::{
    calendar::Quarter,
    clock::{ClockError, Moment},
    geography::BoroughCode,
    privacy::{PolicyError, QuestionError},
    protocol::SignatureError,
};
use tenfold_store::{AccountError, Role, StoreError};

use super::{AdoptionFault, ApprovalFault, LoadFault, claim::ClaimFault};
use crate::{
    claims::ClaimError,
    keys::KeysError,
    ledger::LedgerFault,
    release::{ReleaseError, freeze::FreezeError, standing::StandingFault, tally::TallyError},
};

/// Why a duty was not done. Each sentence says what was expected and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DutyError {
    /// There is no node here.
    #[error(
        "there is no node in {folder}: make one with `tenfold-node --data {folder} init --borough CODE …`"
    )]
    NoNode {
        /// The folder.
        folder: PathBuf,
    },
    /// There is a node here already.
    #[error("{folder} already holds the node of {borough}; a node never changes its borough")]
    NodeExists {
        /// The folder.
        folder: PathBuf,
        /// Its borough.
        borough: BoroughCode,
    },
    /// Not enrolled yet.
    #[error(
        "this node is not enrolled: send its enrolment request to the region, then `tenfold-node join BUNDLE`"
    )]
    NotEnrolled,
    /// A new release key waits for the region.
    #[error(
        "nothing is sealed while the new release key {key} waits for the region's answer: `deliver` again, or `keys rotate`"
    )]
    KeyPending {
        /// The new key's short name.
        key: String,
    },
    /// A new release key was said to be lost while it waited for the region.
    #[error(
        "the region was told that the new release key {key} is lost: it signs nothing, and {goes_on} goes on; `deliver` \
         again, and `keys rotate` for a fresh one"
    )]
    KeyGivenUp {
        /// The new key's short name.
        key: String,
        /// The key before.
        goes_on: String,
    },
    /// The node certificate has ended.
    #[error("the certificate of this node expired on {ended}: {how}")]
    Expired {
        /// When.
        ended: Moment,
        /// What to do.
        how: String,
    },
    /// The bundle is for somebody else or has another root.
    #[error("the bundle cannot be accepted: {reason}")]
    Bundle {
        /// Why.
        reason: String,
    },
    /// No policy was adopted.
    #[error(
        "no policy is adopted: the borough's officer adopts the region's with `tenfold-node policy adopt`"
    )]
    NoPolicy,
    /// The recording period has not ended.
    #[error("the recording period of {quarter} ends at {ends}; it is {now}: prepare it after that")]
    PeriodOpen {
        /// The quarter.
        quarter: Quarter,
        /// When it ends.
        ends: Moment,
        /// Now.
        now: Moment,
    },
    /// Quarters go in order.
    #[error("quarters are released in order and without gaps: the next is {expected}, {asked} was asked")]
    OutOfOrder {
        /// Asked.
        asked: Quarter,
        /// Expected.
        expected: Quarter,
    },
    /// A question is refused.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The quarter was released.
    #[error(
        "{quarter} was released before, as number {number}, sealed at {sealed_at}: its budget is spent and the same bytes stand for ever; nothing was drawn"
    )]
    AlreadyReleased {
        /// The quarter.
        quarter: Quarter,
        /// The release that used it.
        number: u32,
        /// When.
        sealed_at: Moment,
    },
    /// The last quarter of the horizon is not over.
    #[error(
        "the journal's key is kept until {quarter}, the last quarter of the policy adopted last, is sealed, receipted and due: {reason}; nothing was destroyed"
    )]
    NotOver {
        /// The quarter.
        quarter: Quarter,
        /// What is missing.
        reason: String,
    },
    /// The quarter was declared void.
    #[error(
        "{quarter} was declared void: nothing is drawn for it, its families are counted in the next quarter"
    )]
    Void {
        /// The quarter.
        quarter: Quarter,
    },
    /// The opening position is no quarter whose families the next can count.
    #[error(
        "{quarter} is the opening position and cannot be void: the next quarter would show all before it as its own activity; return it, and prepare it again"
    )]
    OpeningVoid {
        /// The quarter.
        quarter: Quarter,
    },
    /// Sealed bytes wait for their instant.
    #[error("{quarter} is sealed and leaves at {leaves}, by whatever way: carry it then")]
    NotYet {
        /// The quarter.
        quarter: Quarter,
        /// When it may leave.
        leaves: Moment,
    },
    /// A standing approval cannot be given or does not cover a quarter.
    #[error(transparent)]
    Standing(#[from] StandingFault),
    /// The role does not allow it.
    #[error("{name} is signed in as {role}; this needs {needed}")]
    Role {
        /// Who.
        name: String,
        /// As what.
        role: Role,
        /// What is needed.
        needed: Role,
    },
    /// Name or password are wrong.
    #[error("name or password are wrong")]
    SignIn,
    /// There is no fresh statement of the aggregator.
    #[error(
        "{quarter} is approved and waits: before a draw the node needs the aggregator's statement of at most 24 hours ago; it is fetched by `tenfold-node deliver` when the aggregator can be reached"
    )]
    NoStatement {
        /// The quarter.
        quarter: Quarter,
    },
    /// There is no unused right to draw.
    #[error(
        "{quarter} waits for the region's right to draw it, which is given once and used once: ask again with `tenfold-node deliver`, or carry `release ask` to the region and its answer back"
    )]
    NoRight {
        /// The quarter.
        quarter: Quarter,
    },
    /// The region signed another policy for the quarter.
    #[error(
        "the region releases {quarter} under {name:?} (hash {hash}), which this node has not adopted: nothing was charged. Adopt it first: `tenfold-node policy adopt --policy FILE`; if the quarter is approved already, declare it void, and its families are counted in the next"
    )]
    OtherPolicy {
        /// The quarter.
        quarter: Quarter,
        /// What people call the region's.
        name: String,
        /// Its hash.
        hash: String,
    },
    /// The region's log is shorter than one it signed.
    #[error(
        "the region's log has {theirs} entries and this node keeps a checkpoint of {ours} that the region signed: its aggregator was put back from an older backup. Nothing was drawn; this node gives back what it keeps as soon as the aggregator asks"
    )]
    RegionBehind {
        /// How many entries it has.
        theirs: u64,
        /// How many it had.
        ours: u64,
    },
    /// The region's log is not the one it signed before.
    #[error(
        "the region's log is not the one it signed before: {reason}. Nothing is drawn. Tell the region's security officer by telephone, and keep `tenfold-node log export`: it proves this"
    )]
    RegionForked {
        /// What does not hold.
        reason: String,
    },
    /// A receipt proves nothing.
    #[error(transparent)]
    Receipt(#[from] tenfold_common::protocol::receipt::ReceiptError),
    /// The aggregator knows more than this node.
    #[error(
        "the aggregator holds release {theirs} of this borough, this node knows {ours}: it was restored from a backup or copied; nothing was drawn. Restore the newest backup, or ask the region"
    )]
    Behind {
        /// What the aggregator holds.
        theirs: String,
        /// What this node knows.
        ours: String,
    },
    /// The aggregator cannot be reached or refused.
    #[error("{reason}")]
    Delivery {
        /// In the node's words.
        reason: String,
    },
    /// Nothing of that number is in the register.
    #[error("{what} is not in the register, expected a number such as P12 for a person or F7 for a family")]
    NotInRegister {
        /// What was asked for.
        what: String,
    },
    /// A decision changes nothing, or cannot hold beside the others.
    #[error("{reason}")]
    Decision {
        /// Why.
        reason: String,
    },
    /// A prepared quarter was not approved, returned or prepared again.
    #[error(transparent)]
    Approval(#[from] ApprovalFault),
    /// A policy or a question was not adopted.
    #[error(transparent)]
    Adoption(#[from] AdoptionFault),
    /// Nothing was done with a load.
    #[error(transparent)]
    Load(#[from] LoadFault),
    /// Something was not done with claims.
    #[error(transparent)]
    Claims(#[from] ClaimFault),
    /// The rules cannot be had.
    #[error("{reason}")]
    Rules {
        /// Why.
        reason: String,
    },
    /// Too little to estimate on.
    #[error(
        "the register has {mentions} mentions of people, expected {least} at least to estimate on: weigh with the shipped parameters until then"
    )]
    TooFew {
        /// How many there are.
        mentions: usize,
        /// How many are needed.
        least: usize,
    },
    /// The policy's errors cannot be computed.
    #[error("the expected errors cannot be computed: {reason}")]
    Planned {
        /// Why.
        reason: String,
    },
    /// The ledger is not sound.
    #[error("the ledger is not sound: {0}")]
    Ledger(#[from] LedgerFault),
    /// The policy is not sound.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A message is not what it claims to be.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Events cannot be tallied.
    #[error(transparent)]
    Tally(#[from] TallyError),
    /// Tables cannot be frozen or thawed.
    #[error(transparent)]
    Freeze(#[from] FreezeError),
    /// A release cannot be drawn.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The clock cannot be read.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// An account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl From<diesel::result::Error> for DutyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<ClaimError> for DutyError {
    fn from(error: ClaimError) -> Self {
        Self::Claims(error.into())
    }
}
