//! What the node does, one verb a file.

pub mod adopt;
pub mod apply;
pub mod approve;
pub mod ask;
pub mod audit;
pub mod carry;
pub mod certify;
pub mod claim;
pub mod create;
pub mod decide;
pub mod declare;
pub mod deliver;
pub mod disclose;
mod error;
pub mod forget;
pub mod load;
pub mod look;
pub mod matching;
pub mod notice;
pub mod places;
pub mod preflight;
pub mod prepare;
pub mod quality;
pub mod quarantine;
pub mod queries;
pub mod question;
mod record;
pub mod refuse;
pub mod rejected;
pub mod renew;
pub mod review;
pub mod right;
pub mod rights;
pub mod rotate;
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
pub mod witness;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tenfold_common::{
    clock::{Clock, Moment, RehearsalClock, SystemClock},
    framework::Framework,
    geography::BoroughCode,
    protocol::Bundle,
};
use tenfold_store::{Account, AccountError, DatabaseUrl, Role, Signer, Store, accounts, signing};

use crate::{
    intake::Mapping,
    keys::{Keys, Places},
    region::{Region, Way},
    release::review::SmallestChange,
    store::{self, identity::Identity},
};

pub use adopt::fault::AdoptionFault;
pub use approve::fault::ApprovalFault;
pub use error::DutyError;
pub use load::fault::LoadFault;

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
        let mut keys = Keys::open(Places::of(&folder.join(KEYS)), identity.journal_destroyed.is_some())?;
        if let Some(link) = store.read(store::release_keys::in_force)?.pop() {
            keys.release = Arc::new(keys.release_key(&link.new_key)?);
        }
        let keys = Arc::new(keys);
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

    /// A way to the aggregator of the bundle this node was enrolled with.
    ///
    /// # Errors
    /// Where the node is not enrolled, or its certificate or the proxy cannot be used.
    pub fn region(&self, way: &Way) -> Result<Region, DutyError> {
        let bundle = self.bundle()?;
        let key = self.keys.tls_key_of(&bundle.certificate_chain_pem)?;
        let shown = self.store.read(witness::newest)?;
        let region = Region::open(&bundle, &key, self.clock.clone(), way)
            .map_err(|error| DutyError::Bundle { reason: error.to_string() })?;
        Ok(region.showing(shown))
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
