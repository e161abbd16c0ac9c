//! What the node does, one verb a file.

pub mod adopt;
pub mod approve;
pub mod ask;
pub mod audit;
pub mod certify;
pub mod claim;
pub mod create;
pub mod decide;
pub mod declare;
pub mod deliver;
pub mod disclose;
pub mod forget;
pub mod load;
pub mod look;
pub mod matching;
pub mod places;
pub mod prepare;
pub mod quality;
pub mod quarantine;
pub mod queries;
mod record;
pub mod refuse;
pub mod review;
pub mod right;
pub mod rights;
pub mod seal;
pub mod send_back;
mod settle;
pub mod share;
mod sign;
pub mod standing;
pub mod status;
mod succession;
pub mod undo;

pub mod verdicts;
pub mod verify;
pub mod weigh;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tenfold_common::{
    calendar::Quarter,
    clock::{Clock, ClockError, Moment, RehearsalClock, SystemClock},
    framework::Framework,
    geography::BoroughCode,
    privacy::{PolicyError, Rho},
    protocol::{Bundle, SignatureError},
};
use tenfold_store::{Account, AccountError, DatabaseUrl, Role, Signer, Store, StoreError, accounts, signing};

use crate::{
    claims::ClaimError,
    intake::Mapping,
    keys::{Keys, KeysError},
    ledger::LedgerFault,
    region::Region,
    release::{
        ReleaseError, freeze::FreezeError, review::SmallestChange, standing::StandingFault, tally::TallyError,
    },
    store::{self, identity::Identity},
};

/// A node that was made: what every duty works with. Clones share it.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its database.
    pub store: Store,
    /// Its keys.
    pub keys: Arc<Keys>,
    /// The time it obeys.
    pub clock: Arc<dyn Clock>,
    /// Its folder.
    pub folder: PathBuf,
    /// Its borough, for ever.
    pub borough: BoroughCode,
    /// The borough's outcomes plan, laid over the framework of the day.
    pub plan: Option<PathBuf>,
    /// The smallest changes that matter here, where settings say so.
    pub smallest_change: Option<SmallestChange>,
    /// What this process asked the region for.
    pub asked: right::Asked,
}

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
    /// A policy would spend more than is left.
    #[error(
        "adopting {name:?} would charge {asked}, this borough's lifetime cap is ρ = {cap} and ρ = {spent} is charged already: nothing was adopted. ρ = {left} is left; {used}"
    )]
    OverCap {
        /// The policy's name.
        name: String,
        /// What it asks, stream by stream.
        asked: String,
        /// The cap.
        cap: Rho,
        /// What is charged.
        spent: Rho,
        /// What is left.
        left: Rho,
        /// Which policy charged which stream.
        used: String,
    },
    /// A policy does not take over from the one in force here.
    #[error("{name:?} is not adopted: {reason}")]
    NotAdopted {
        /// What people call the policy.
        name: String,
        /// Why, and what was expected.
        reason: String,
    },
    /// A rehearsal met something real, or the other way round.
    #[error("a rehearsal and the real programme do not mix: this node {node}, the policy {policy}")]
    Rehearsal {
        /// What the node is.
        node: &'static str,
        /// What the policy is.
        policy: &'static str,
    },
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
    /// The quarter was approved and charged.
    #[error("{quarter} is approved and charged; its frozen tables are not replaced any more")]
    AlreadyCharged {
        /// The quarter.
        quarter: Quarter,
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
        "{quarter} is the opening position and cannot be void: the next quarter would show all before it as its own activity; say *not yet* and prepare it again"
    )]
    OpeningVoid {
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
    /// A standing approval cannot be given or does not cover a quarter.
    #[error(transparent)]
    Standing(#[from] StandingFault),
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
    /// Something was not done with claims.
    #[error(transparent)]
    Claims(#[from] claim::ClaimFault),
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

impl Node {
    /// Opens the node in a folder, with the clock it was made with.
    ///
    /// # Errors
    /// Where there is none, or a part of it cannot be opened.
    pub fn open(folder: &Path, database: &DatabaseUrl) -> Result<Self, DutyError> {
        let no_node = || DutyError::NoNode { folder: folder.to_owned() };
        if !folder.join(KEYS).is_dir() {
            return Err(no_node());
        }
        let store = Store::open(database, store::MIGRATIONS)?;
        let identity = store.read(store::identity::find)?.ok_or_else(no_node)?;
        let clock: Arc<dyn Clock> = match &identity.rehearsal_clock {
            Some(path) => Arc::new(RehearsalClock::open(Path::new(path))?),
            None => Arc::new(SystemClock),
        };
        let keys = Arc::new(Keys::open(&folder.join(KEYS))?);
        Ok(Self {
            store,
            keys,
            clock,
            folder: folder.to_owned(),
            borough: identity.borough,
            plan: None,
            smallest_change: None,
            asked: right::Asked::default(),
        })
    }

    /// The same node under a borough's outcomes plan.
    pub fn under_plan(self, plan: Option<&Path>) -> Self {
        Self { plan: plan.map(Path::to_owned), ..self }
    }

    /// The same node, its figures read beside the smallest changes that matter.
    pub fn minding(self, smallest_change: SmallestChange) -> Self {
        Self { smallest_change: Some(smallest_change), ..self }
    }

    /// What sources' columns mean here: the shipped mappings, and the borough's own in the folder `mappings` of
    /// the node's, one of which takes the place of a shipped one of its name.
    ///
    /// # Errors
    /// Where one of its files is no mapping; every fault is named.
    pub fn mappings(&self) -> Result<Vec<Mapping>, DutyError> {
        let folder = self.folder.join("mappings");
        if !folder.is_dir() {
            return Ok(Mapping::shipped().to_vec());
        }
        Mapping::with_folder(&folder).map_err(|fault| DutyError::Rules { reason: fault.to_string() })
    }

    /// The rules of a day: the borough's plan over the framework in force. On a day when none is, the framework
    /// by whose problems policies count: a programme that has ended is still answered for.
    ///
    /// # Errors
    /// Where the plan is refused or nothing holds on the day.
    pub fn rules(&self, on: chrono::NaiveDate) -> Result<Framework, DutyError> {
        verdicts::of_the_day(self.plan.as_deref(), on).or_else(|error| match error {
            verdicts::VerdictError::Duty(error) => Err(error),
            verdicts::VerdictError::NoFramework { .. } => Ok(Framework::shipped().clone()),
            other => Err(DutyError::Rules { reason: other.to_string() }),
        })
    }

    /// What the centre gave this node, as it stands now.
    ///
    /// # Errors
    /// Where the row cannot be read back.
    pub fn identity(&self) -> Result<Identity, DutyError> {
        let found = self.store.read(store::identity::find)?;
        found.ok_or_else(|| DutyError::NoNode { folder: self.folder.clone() })
    }

    /// The bundle the node was enrolled with.
    ///
    /// # Errors
    /// Where it is not enrolled.
    pub fn bundle(&self) -> Result<Bundle, DutyError> {
        self.identity()?.bundle.ok_or(DutyError::NotEnrolled)
    }

    /// A way to the aggregator of the bundle this node was enrolled with; `proxy` is empty for none.
    ///
    /// # Errors
    /// Where the node is not enrolled, or its certificate or the proxy cannot be used.
    pub fn region(&self, proxy: &str) -> Result<Region, DutyError> {
        let key = self.keys.tls_key_pem()?;
        Region::open(&self.bundle()?, &key, self.clock.clone(), proxy)
            .map_err(|error| DutyError::Bundle { reason: error.to_string() })
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The person whose name and password these are, if they have the role.
    ///
    /// # Errors
    /// Where they are wrong, or the role is another.
    pub fn sign_in(&self, name: &str, password: &str, needed: Role) -> Result<Account, DutyError> {
        let found = accounts::verify(&self.store, name, password, self.now())?;
        require(found.ok_or(DutyError::SignIn)?, needed)
    }

    /// The person whose name and password these are, with the own signing key opened for one act.
    ///
    /// # Errors
    /// Where they are wrong, the account has no key, or its role signs nothing.
    pub fn signer(&self, name: &str, password: &str) -> Result<Signer, DutyError> {
        match signing::open(&self.store, name, password, self.now()) {
            Err(AccountError::Signs { role }) => {
                Err(DutyError::Role { name: name.to_owned(), role, needed: Role::Approver })
            }
            other => other?.ok_or(DutyError::SignIn),
        }
    }
}

/// The account, if it has the role.
///
/// # Errors
/// Where it has another.
pub fn require(account: Account, needed: Role) -> Result<Account, DutyError> {
    if account.role == needed {
        Ok(account)
    } else {
        Err(DutyError::Role { name: account.name, role: account.role, needed })
    }
}

/// The key folder within a node's folder.
pub const KEYS: &str = "keys";
