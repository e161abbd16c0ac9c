//! A node that dies at any instant: a process that releases quarter after quarter, killed by SIGKILL again and
//! again, and what must hold of its books after each death.
//!
//! The worker is a process of its own that calls the node's duties with the shipped noise source; the harness
//! kills it, opens the same database and looks. Nothing is mocked but the region's word and the clock file.

mod books;
mod worker;

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::Context;
use rand::RngExt as _;
use tempfile::TempDir;
use tenfold_common::{
    geography::BoroughCode,
    privacy::{Policy, policy::POLICY_TYPE},
    protocol::{Bundle, SigningKey, enrolment::BUNDLE_FORMAT, signature},
};
use tenfold_node::{
    duties::{Node, adopt, create},
    store,
};
use tenfold_store::{Account, DatabaseUrl, Role, accounts};

use crate::federation::{self, CAP, Database, OFFICER};

pub use books::Books;
pub use worker::work;

/// Families that join in every quarter, and as many that have a result.
const FAMILIES: usize = 60;

/// What many deaths came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Killed {
    /// Processes killed while they worked.
    pub killed: usize,
    /// Quarters sealed in all.
    pub sealed: usize,
    /// Charges found without their sealed release: deaths between the two.
    pub charged_only: usize,
    /// Approvals found without their charge.
    pub approved_only: usize,
    /// Whole horizons, at whose end the figures were held against the truth.
    pub horizons: usize,
}

/// A node in a folder, with the region's keys beside it.
#[derive(Debug)]
pub struct Subject {
    folder: TempDir,
    url: DatabaseUrl,
    policy_key: SigningKey,
}

impl Subject {
    /// A node that is enrolled and under the default policy.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn new(database: Database) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("tenfold-kill-").tempdir()?;
        let url = database.fresh(folder.path(), "node")?;
        let first_quarter = "2015-Q2".parse()?;
        let policy = federation::plan("kill", first_quarter, CAP);
        let now = federation::morning(first_quarter.first_day());
        let clock = folder.path().join("clock.txt");
        std::fs::write(&clock, now.to_string())?;
        let (policy_key, receipt_key) = (SigningKey::generate()?, receipt_key(folder.path())?);
        let borough: BoroughCode = "E08000002".parse()?;
        let making = create::Making {
            borough: borough.clone(),
            rehearsal_clock: Some(clock),
            cap: CAP,
            officer: OFFICER.into(),
        };
        let node = create::create(&folder.path().join("node"), &url, &making, now)?;
        let bundle = Bundle {
            format: BUNDLE_FORMAT.into(),
            borough,
            certificate_chain_pem: String::new(),
            root_pem: String::new(),
            ingest_url: "https://localhost".into(),
            pages_url: String::new(),
            policy_key: policy_key.public(),
            receipt_key: receipt_key.public(),
            policy: signature::sign(&policy, POLICY_TYPE, &policy_key)?,
            first_quarter,
        };
        node.store.write(|connection| store::identity::keep_bundle(connection, &bundle))?;
        adopt::adopt_policy(&node, &bundle.policy, OFFICER)?;
        let approver =
            Account { name: "approver".into(), display_name: "approver".into(), role: Role::Approver };
        accounts::add(&node.store, &approver, federation::PASSWORD, now)?;
        Ok(Self { folder, url, policy_key })
    }

    /// Opens the node as a process does that starts.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(&self) -> anyhow::Result<Node> {
        Ok(Node::open(&self.folder.path().join("node"), &self.url)?)
    }

    /// Signs a policy as the region does.
    ///
    /// # Errors
    /// Where it cannot be signed.
    pub fn sign(&self, policy: &Policy) -> anyhow::Result<String> {
        Ok(signature::sign(policy, POLICY_TYPE, &self.policy_key)?)
    }

    /// Brings the first quarter to the point where it can be charged and drawn.
    ///
    /// # Errors
    /// Where a duty refuses.
    pub fn make_ready(&self) -> anyhow::Result<Node> {
        let node = self.open()?;
        let policy = node.policy()?;
        let quarter = policy.policy().first_quarter;
        worker::set_clock(self.folder.path(), policy.recording_ends(quarter))?;
        worker::make_ready(&node, &policy, quarter, self.folder.path(), &mut None)?;
        Ok(node)
    }

    fn start(&self, program: &Path) -> anyhow::Result<Child> {
        let mut command = Command::new(program);
        let url = match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        command.arg(self.folder.path()).arg(url).stdin(Stdio::null());
        command.spawn().with_context(|| format!("{} cannot be started", program.display()))
    }
}

fn receipt_key(folder: &Path) -> anyhow::Result<SigningKey> {
    Ok(SigningKey::open_or_create(&folder.join("receipt.pem"))?)
}

/// The worker's program beside the one that runs.
///
/// # Errors
/// Where the running program has no folder.
pub fn worker_beside(program: &Path) -> anyhow::Result<PathBuf> {
    Ok(program.parent().context("a program stands in a folder")?.join("kill_worker"))
}

/// Kills so many workers at random instants, each within so long after its start, and looks at the books after
/// each death. A node whose horizon is over is held against the truth and followed by a fresh one.
///
/// # Errors
/// With what does not hold.
pub fn kill(
    program: &Path,
    database: Database,
    deaths: usize,
    within: Duration,
    mut died: impl FnMut(&Killed),
) -> anyhow::Result<Killed> {
    let mut sum = Killed::default();
    let mut random = rand::rng();
    let mut subject = Subject::new(database)?;
    let mut books = Books::default();
    while sum.killed < deaths {
        let mut child = subject.start(program)?;
        thread::sleep(Duration::from_secs_f64(random.random_range(0.0..within.as_secs_f64())));
        let ended = child.try_wait()?;
        // SIGKILL, which no handler sees.
        child.kill()?;
        child.wait()?;
        if let Some(status) = ended {
            anyhow::ensure!(status.success(), "the worker failed by itself: {status}");
        } else {
            sum.killed += 1;
        }
        let node = subject.open()?;
        let state = books.look(&node, subject.folder.path())?;
        sum.charged_only += usize::from(state.charged_only);
        sum.approved_only += usize::from(state.approved_only);
        if state.finished {
            books.hold_against_the_truth(&node)?;
            // The comparison would have found a lost quarter.
            let (first, middle) = (books.chance_if_lost(&node, 0)?, books.chance_if_lost(&node, 11)?);
            anyhow::ensure!(first.max(middle) < 1e-7, "a lost quarter would not be found: {first}, {middle}");
            sum.sealed += state.sealed;
            sum.horizons += 1;
            (subject, books) = (Subject::new(database)?, Books::default());
        } else if sum.killed >= deaths {
            sum.sealed += state.sealed;
        }
        died(&sum);
    }
    Ok(sum)
}
