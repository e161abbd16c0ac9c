//! What the aggregator does, one verb a file.

pub mod allow;
pub mod apply;
pub mod come_back;
pub mod draw;
pub mod enrol;
pub mod found;
mod held;
pub mod issuing;
pub mod log;
pub mod notice;
pub mod own_ca;
pub mod prove;
pub mod question;
pub mod read;
pub mod receive;
pub mod recover;
pub mod release_keys;
pub mod renew;
pub mod renew_server;
pub mod why;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tenfold_common::{
    calendar::Quarter,
    clock::{Clock, ClockError, Moment, RehearsalClock, SystemClock},
    geography::BoroughCode,
    privacy::{PolicyError, QuestionError, Succession, VerifiedPolicy},
    protocol::{SignatureError, SigningKey},
};
use tenfold_store::{AccountError, AnyConnection, DatabaseUrl, Store, StoreError};

use self::receive::Together;
use crate::{
    enrolment::{EnrolmentError, Issued},
    ingest::Refusal,
    store::{self, region::Region},
};

/// An aggregator that was founded: what every duty works with. Clones share it.
#[derive(Clone, Debug)]
pub struct Aggregator {
    /// Its database.
    pub store: Store,
    /// The time it obeys.
    pub clock: Arc<dyn Clock>,
    /// Its folder.
    pub folder: PathBuf,
    /// The region.
    pub region: Region,
    /// Where its pages are reached from outside, for nodes that are refused; empty where that is not offered.
    pub public_url: String,
    /// Signs policies.
    pub policy_key: Arc<SigningKey>,
    /// Signs receipts and statements.
    pub receipt_key: Arc<SigningKey>,
    opened: Arc<Mutex<Option<Opened>>>,
    together: Arc<Together>,
}

/// The policies that were last found in the database by their hashes, once their signatures were verified.
#[derive(Debug)]
struct Opened {
    hashes: Vec<String>,
    succession: Arc<Succession>,
}

/// Why a duty was not done.
#[derive(Debug, thiserror::Error)]
pub enum DutyError {
    /// There is no aggregator here.
    #[error(
        "there is no aggregator in {folder}: found one with `tenfold-aggregator --data {folder} ca init …`"
    )]
    NoAggregator {
        /// The folder.
        folder: PathBuf,
    },
    /// No right is to be renewed.
    #[error(
        "no node of {borough} was refused a right to draw since its last: let the node ask first (`tenfold-node \
         deliver`), so that the right is renewed for that very copy"
    )]
    NothingToRenew {
        /// Of which borough.
        borough: BoroughCode,
    },
    /// The right is to be renewed for another copy than the one refused last.
    #[error(
        "copy {last} of {borough}'s node was refused last, not {copy}: ask the borough which of the two is lost. If {copy} \
         goes on, end {last}, let {copy} ask again (`tenfold-node deliver`) and renew the right for the code it is then told"
    )]
    OtherCopyRefused {
        /// Of which borough.
        borough: BoroughCode,
        /// The copy that was named.
        copy: String,
        /// The copy that was refused last.
        last: String,
    },
    /// A key of the region is not where it was made.
    #[error(
        "{path} is not there: put it back from the backup of the keys; no borough would believe a new one"
    )]
    KeyLost {
        /// The key's file.
        path: PathBuf,
    },
    /// No policy is in force.
    #[error("no policy is in force: make one with `tenfold-aggregator policy make`")]
    NoPolicy,
    /// The request is not acceptable.
    #[error("the enrolment request is not accepted: {reason}")]
    Request {
        /// Why.
        reason: String,
    },
    /// A borough's node is not readmitted.
    #[error("{borough} is not readmitted: {reason}")]
    NotReadmitted {
        /// The borough.
        borough: BoroughCode,
        /// Why, and what to do.
        reason: String,
    },
    /// The same thing was asked with other content.
    #[error("{what} is there already and says something else; it is never replaced")]
    Exists {
        /// What.
        what: String,
    },
    /// A policy is not signed.
    #[error("{name:?} is not signed: {reason}")]
    NotSigned {
        /// What people call it.
        name: String,
        /// Why, and what was expected.
        reason: String,
    },
    /// A question of that name was signed with other words.
    #[error("a question {name:?} was signed before and says something else; a question's name is for ever")]
    QuestionKnown {
        /// Its name.
        name: String,
    },
    /// A question comes too late.
    #[error(
        "question {name:?} is to be answered with {quarter}, whose recording period ended at {ended}: ask about a later quarter, before anybody has looked"
    )]
    QuestionLate {
        /// Its name.
        name: String,
        /// The quarter of its answer.
        quarter: Quarter,
        /// When its recording period ended.
        ended: Moment,
    },
    /// A question is refused.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// Something kept does not verify.
    #[error("{what} does not verify: {reason}")]
    Unsound {
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
    /// Figures cannot be made.
    #[error(transparent)]
    Combine(#[from] crate::combine::CombineError),
    /// A release was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A certificate could not be made.
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    /// A receipt proves nothing.
    #[error(transparent)]
    Receipt(#[from] tenfold_common::protocol::receipt::ReceiptError),
    /// The log is not what it should be.
    #[error(transparent)]
    Log(#[from] tenfold_common::log::LogFault),
    /// A message is not what it claims to be.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The policy is not sound.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// TLS material cannot be used.
    #[error(transparent)]
    Tls(#[from] tenfold_web::tls::TlsError),
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

impl Aggregator {
    /// Opens the aggregator in a folder, with the clock it was founded with.
    ///
    /// # Errors
    /// Where there is none, or a part of it cannot be opened.
    pub fn open(folder: &Path, database: &DatabaseUrl) -> Result<Self, DutyError> {
        let none = || DutyError::NoAggregator { folder: folder.to_owned() };
        if !folder.join(KEYS).is_dir() {
            return Err(none());
        }
        let store = Store::open(database, store::MIGRATIONS)?;
        let region = store.read(store::region::find)?.ok_or_else(none)?;
        let clock: Arc<dyn Clock> = match &region.rehearsal_clock {
            Some(path) => Arc::new(RehearsalClock::open(Path::new(path))?),
            None => Arc::new(SystemClock),
        };
        let key = |name: &str| {
            let path = folder.join(KEYS).join(name);
            match SigningKey::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(DutyError::KeyLost { path }),
                key => key.map(Arc::new).map_err(|source| DutyError::File { path, source }),
            }
        };
        let (policy_key, receipt_key) = (key(POLICY_KEY)?, key(RECEIPT_KEY)?);
        let (folder, public_url) = (folder.to_owned(), String::new());
        let opened = Arc::default();
        Ok(Self {
            store,
            clock,
            folder,
            region,
            public_url,
            policy_key,
            receipt_key,
            opened,
            together: Arc::default(),
        })
    }

    /// The same aggregator, its pages reached under an address; empty for none.
    pub fn reached_at(self, public_url: &str) -> Self {
        Self { public_url: public_url.trim_end_matches('/').to_owned(), ..self }
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The policies up to the one signed last, each with the quarters it rules.
    ///
    /// # Errors
    /// Where there is none, or one no longer verifies.
    pub fn succession(&self) -> Result<Arc<Succession>, DutyError> {
        let hashes = self.store.read(store::region::policy_hashes)?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        // Another replica may have signed one meanwhile; those of the same hashes were verified already.
        if let Some(opened) = opened.as_ref().filter(|opened| opened.hashes == hashes) {
            return Ok(opened.succession.clone());
        }
        let mut verified = self.store.read(|connection| self.signed(connection))?;
        let hashes = verified.iter().map(|policy| policy.hash().to_owned()).collect();
        let newest = verified.pop().ok_or(DutyError::NoPolicy)?;
        let succession = Arc::new(Succession::up_to(newest, &verified)?);
        *opened = Some(Opened { hashes, succession: succession.clone() });
        Ok(succession)
    }

    /// The policy signed last; it may not rule yet.
    ///
    /// # Errors
    /// As [`Self::succession`].
    pub fn policy(&self) -> Result<VerifiedPolicy, DutyError> {
        Ok(self.succession()?.newest().clone())
    }

    /// Every policy that was signed, in that order.
    fn signed(&self, connection: &mut AnyConnection) -> Result<Vec<VerifiedPolicy>, DutyError> {
        let signed = store::region::policies(connection)?;
        let key = self.policy_key.public();
        Ok(signed.iter().map(|signed| VerifiedPolicy::open(signed, &key)).collect::<Result<_, _>>()?)
    }

    /// A certificate and key of the region's authority, by its name: `root`, `issuing` or `server`.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn issued(&self, name: &str) -> Result<Issued, DutyError> {
        held::read(&self.folder.join(KEYS), name)
    }

    /// A certificate of the region's authority alone, by its name.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn certificate_of(&self, name: &str) -> Result<String, DutyError> {
        held::certificate(&self.folder.join(KEYS), name)
    }

    /// The root's certificate alone; its key may be elsewhere.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn root_pem(&self) -> Result<String, DutyError> {
        held::certificate(&self.folder.join(KEYS), "root")
    }
}

/// The key folder within an aggregator's folder.
pub const KEYS: &str = "keys";
/// The file of the key that signs policies, in the key folder.
const POLICY_KEY: &str = "policy.pem";
/// The file of the key that signs receipts and statements, in the key folder.
const RECEIPT_KEY: &str = "receipt.pem";
