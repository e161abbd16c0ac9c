//! Why something was not done with claims, in the words of who has the problem.

use chrono::NaiveDate;

use crate::{
    claims::{ClaimError, earlier::EarlierClaim, ladder::State},
    register::FamilyId,
};

impl ClaimFault {
    /// A family that was claimed before Tenfold.
    pub(in crate::duties) fn before(family: &FamilyId, claim: &EarlierClaim) -> Self {
        Self::ClaimedBefore {
            family: family.clone(),
            reference: claim.claim.reference.clone(),
            programme: claim.programme.clone(),
            state: claim.claim.state,
            file: claim.place.file.clone(),
            line: claim.place.line,
            load: claim.place.load,
        }
    }
}

/// Why something was not done with claims.
#[derive(Debug, thiserror::Error)]
pub enum ClaimFault {
    /// Somebody of the family objects, or asked for restriction.
    #[error(
        "{family} is neither counted nor claimed: an objection or restriction of one of its people stands; `tenfold-node person said` lists them"
    )]
    Objected {
        /// The family.
        family: FamilyId,
    },
    /// A window's days are in the wrong order.
    #[error("the window has no day: it begins on {first_day} and ends on {last_day}")]
    Days {
        /// First.
        first_day: NaiveDate,
        /// Last.
        last_day: NaiveDate,
    },
    /// The window's name is taken.
    #[error("there is a window {name:?} already; give this one another name")]
    WindowTaken {
        /// The name.
        name: String,
    },
    /// There is no such window.
    #[error(
        "there is no claim window {name:?}: `tenfold-node claim window list` names them, `claim window open` opens one"
    )]
    NoWindow {
        /// What was asked.
        name: String,
    },
    /// The window is not open today.
    #[error("claims are drafted in {name:?} from {first_day} to {last_day}; it is {today}")]
    WindowShut {
        /// The window.
        name: String,
        /// First day.
        first_day: NaiveDate,
        /// Last day.
        last_day: NaiveDate,
        /// Today.
        today: NaiveDate,
    },
    /// The window's framework is not one of this program's.
    #[error("window {name:?} is decided by {framework:?}, which this version of the program does not hold")]
    NoFramework {
        /// The window.
        name: String,
        /// The framework.
        framework: String,
    },
    /// There is no such family.
    #[error("there is no family {family} in the register, or it went up in another")]
    NoFamily {
        /// What was asked.
        family: FamilyId,
    },
    /// The rules give it no result.
    #[error("family {family} is {status}, not claimable; missing: {missing}")]
    NotClaimable {
        /// The family.
        family: FamilyId,
        /// Where it stands.
        status: &'static str,
        /// What is missing.
        missing: String,
    },
    /// Discretion where none is needed.
    #[error("family {family} is claimable by the rules; draft it without discretion")]
    NoDiscretionNeeded {
        /// The family.
        family: FamilyId,
    },
    /// The framework has no criteria for one of the family's problems.
    #[error(
        "family {family} has a problem for which the framework holds no criteria of progress: an empty slot never yields a result"
    )]
    EmptySlot {
        /// The family.
        family: FamilyId,
    },
    /// It has a live claim.
    #[error("family {family} has claim {claim}, which is {state}: one result a family a programme")]
    HasClaim {
        /// The family.
        family: FamilyId,
        /// The claim.
        claim: i64,
        /// Where that stands.
        state: State,
    },
    /// A claim made before Tenfold has its place.
    #[error(
        "family {family} was claimed before Tenfold: claim {reference} of {programme} is {state} ({file}, line {line}, load {load}); one result a family a programme"
    )]
    ClaimedBefore {
        /// The family.
        family: FamilyId,
        /// The borough's own number of the earlier claim.
        reference: String,
        /// The programme.
        programme: String,
        /// What became of it.
        state: State,
        /// The file that says so.
        file: String,
        /// The line in it.
        line: i64,
        /// The load.
        load: i64,
    },
    /// There is no such claim.
    #[error("there is no claim {id}: `tenfold-node claim list` names them")]
    NoClaim {
        /// What was asked.
        id: i64,
    },
    /// Not a whole window at once.
    #[error("claims become {to} one by one: name them by their numbers")]
    OneByOne {
        /// What they were to become.
        to: State,
    },
    /// A reason is needed.
    #[error("{what} needs its reason in words")]
    NoReason {
        /// What.
        what: &'static str,
    },
    /// There is nothing on the list.
    #[error("window {name:?} has no drafted claim to audit")]
    NothingToAudit {
        /// The window.
        name: String,
    },
    /// The window has no audit.
    #[error("window {name:?} has no audit: an analyst freezes its list with `tenfold-node audit freeze`")]
    NoAudit {
        /// The window.
        name: String,
    },
    /// A list was frozen before.
    #[error(
        "a list of {name:?} was frozen at {at} and its audit is open; freezing another leaves a trace and needs --because"
    )]
    FrozenBefore {
        /// The window.
        name: String,
        /// When.
        at: tenfold_common::clock::Moment,
    },
    /// The seed was given.
    #[error("audit {audit} has its seed; a seed is given once")]
    Seeded {
        /// The audit.
        audit: i64,
    },
    /// There is no seed yet.
    #[error("audit {audit} has no seed yet: the auditor gives it with `tenfold-node audit seed`")]
    NoSeed {
        /// The audit.
        audit: i64,
    },
    /// It is concluded.
    #[error("audit {audit} is concluded")]
    Concluded {
        /// The audit.
        audit: i64,
    },
    /// The claim was not drawn.
    #[error(
        "claim {claim} is not drawn in audit {audit}, or was found before; its worksheet names what is to be checked"
    )]
    NotDrawn {
        /// The claim.
        claim: i64,
        /// The audit.
        audit: i64,
    },
    /// Drawn lines are not checked.
    #[error("{count} drawn claims of audit {audit} are not checked yet")]
    Unchecked {
        /// How many.
        count: usize,
        /// The audit.
        audit: i64,
    },
    /// The auditor drafted or froze.
    #[error("{name} drafted or froze claims of this audit; its seed and findings come from another person")]
    NotIndependent {
        /// Who.
        name: String,
    },
    /// Drafts are left.
    #[error("{count} claims of {name:?} are drafted and not audited: audit or withdraw them first")]
    DraftsLeft {
        /// How many.
        count: usize,
        /// The window.
        name: String,
    },
    /// The officer drafted one of them.
    #[error("{name} drafted a claim of this window; another person certifies it")]
    OwnClaim {
        /// Who.
        name: String,
    },
    /// A correction needs its reason.
    #[error("{name:?} was certified before, as issue {issue}; another issue corrects it and needs --because")]
    IssuedBefore {
        /// The window.
        name: String,
        /// The issue.
        issue: i64,
    },
    /// There is no such partner.
    #[error("there is no partner {name:?}: `tenfold-node partner list` names them")]
    NoPartner {
        /// What was asked.
        name: String,
    },
    /// The certificate cannot be made or opened.
    #[error("the certificate cannot be made: {reason}")]
    Certificate {
        /// Why.
        reason: String,
    },
    /// What is asked of the claims themselves.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}
