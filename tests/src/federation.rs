//! A whole federation in one process: real servers on free ports, real mutual TLS, real stores; one clock.
//!
//! Nothing is mocked but time: every program and every certificate obeys the one stepped clock.

mod backup;
mod door;
mod log;
mod member;
mod program;

use std::{net::TcpListener, path::Path, sync::Arc};

use anyhow::Context;
use chrono::NaiveDate;
use tempfile::TempDir;
use tenfold_aggregator::{
    duties::{
        Aggregator, enrol,
        found::{self, Founding},
    },
    ingest::limits::Limits,
};
use tenfold_common::{
    calendar::Quarter,
    clock::{Moment, SteppedClock},
    framework::Framework,
    geography::{self, BoroughCode},
    privacy::{Policy, Rho, TimeMatrix, VerifiedPolicy, policy::Plan},
    protocol::Bundle,
};
use tenfold_node::{
    duties::{
        adopt,
        create::{self, Making},
        load,
    },
    register::SourceKind,
    synth,
};
use tenfold_store::DatabaseUrl;
use tenfold_web::tls;

pub use backup::{Restored, copy_database};
pub use door::Door;
pub use log::logged;
pub use member::{Member, PASSWORD, copy_refused};

use crate::postgres;

/// The lifetime cap of every borough here, and what the region's policies may ask in all.
pub const CAP: Rho = Rho::from_nano(250_000_000);
/// Who signs and enrols at the centre.
pub const CENTRE: &str = "region";
/// Who answers for information governance in every borough.
pub const OFFICER: &str = "ig-officer";

/// Which database every program uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file in each program's folder.
    Sqlite,
    /// A database each on one server.
    Postgres,
}

impl Database {
    /// The address of a database that nobody uses yet.
    ///
    /// # Errors
    /// Where PostgreSQL cannot be had.
    pub fn fresh(self, folder: &Path, name: &str) -> anyhow::Result<DatabaseUrl> {
        match self {
            Self::Sqlite => Ok(DatabaseUrl::Sqlite(folder.join(format!("{name}.sqlite")))),
            Self::Postgres => postgres::fresh_database(),
        }
    }
}

/// A federation to be started.
#[derive(Clone, Copy, Debug)]
pub struct Federation {
    nodes: usize,
    database: Database,
    name: &'static str,
    opening: bool,
    adapted: fn(Policy) -> Policy,
    horizon: Option<usize>,
    limits: Limits,
}

impl Default for Federation {
    fn default() -> Self {
        Self {
            nodes: 1,
            database: Database::Sqlite,
            name: geography::REGION_NAME,
            opening: true,
            adapted: |policy| policy,
            horizon: None,
            limits: Limits::default(),
        }
    }
}

/// A federation that runs; it ends when this goes.
#[derive(Debug)]
pub struct Running {
    door: Door,
    /// The region's aggregator.
    pub aggregator: Aggregator,
    /// The nodes, in the order of their boroughs' codes.
    pub members: Vec<Member>,
    /// The clock everyone obeys.
    pub clock: SteppedClock,
    database: Database,
    folder: TempDir,
}

impl Federation {
    /// One node, on SQLite.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first so many of the ten boroughs.
    pub fn with_nodes(self, nodes: usize) -> Self {
        Self { nodes, ..self }
    }

    /// Every program on this kind of database.
    pub fn on(self, database: Database) -> Self {
        Self { database, ..self }
    }

    /// A region of another name.
    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// A region whose first period is a quarter like any other and no opening position.
    pub fn without_opening(self) -> Self {
        Self { opening: false, ..self }
    }

    /// A region whose policy is the default one with something changed.
    pub fn adapted(self, adapted: fn(Policy) -> Policy) -> Self {
        Self { adapted, ..self }
    }

    /// A region whose first policy ends after so many quarters.
    pub fn for_quarters(self, quarters: usize) -> Self {
        Self { horizon: Some(quarters), ..self }
    }

    /// A region whose door for nodes bears no more than this.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Starts everything at nine in the morning of a day, in whose quarter the policy's horizon begins.
    ///
    /// # Errors
    /// Where a part cannot be started.
    pub fn at(self, day: &str) -> anyhow::Result<Running> {
        log::listen();
        let clock = SteppedClock::at(morning(day.parse().context("a day, such as 2015-04-01")?));
        let folder = tempfile::Builder::new().prefix("tenfold-federation-").tempdir()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let aggregator = self.found_region(&listener, folder.path(), &clock)?;
        let plan = planned("Rehearsal policy", Quarter::of(clock.now_day()), CAP);
        let mut plan = (self.adapted)(Policy::plan(Plan { opening: self.opening, ..plan }));
        if let Some(quarters) = self.horizon {
            // Fewer rows of the same matrices: every column is shorter, so the scales pay for it.
            plan.time_matrix = TimeMatrix::from_rows(plan.time_matrix.rows()[..quarters].to_vec())?;
            let years = plan.years().count();
            plan.yearly_matrix = TimeMatrix::from_rows(plan.yearly_matrix.rows()[..years].to_vec())?;
        }
        found::sign_policy(&aggregator, &plan, CENTRE)?;
        let door = Door::within(self.limits, aggregator.clone(), listener)?;
        let database = self.database;
        let mut running = Running { door, aggregator, members: Vec::new(), clock, database, folder };
        for borough in &geography::boroughs()[..self.nodes] {
            let member = running.newcomer(&borough.code, borough.code.as_str())?;
            let bundle = running.enrol(&member)?;
            running.welcome(&member, &bundle)?;
            running.members.push(member);
        }
        Ok(running)
    }

    fn found_region(
        &self,
        listener: &TcpListener,
        folder: &Path,
        clock: &SteppedClock,
    ) -> anyhow::Result<Aggregator> {
        let founding = Founding {
            region: self.name.to_owned(),
            ingest_url: format!("https://{}", listener.local_addr()?),
            server_names: vec!["127.0.0.1".to_owned()],
            leaf_days: 1500,
            // For the region's program, where one is started beside; here the clock itself takes its place.
            rehearsal_clock: Some(program::clock_file(folder, clock)?),
            offline_root: None,
        };
        let url = self.database.fresh(folder, "aggregator")?;
        let mut aggregator = found::found(&folder.join("aggregator"), &url, &founding, clock.moment())?;
        aggregator.clock = Arc::new(clock.clone());
        Ok(aggregator)
    }
}

impl Running {
    /// A node that was made and knows its sources, but belongs to nobody yet.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn newcomer(&self, borough: &BoroughCode, name: &str) -> anyhow::Result<Member> {
        let (folder, url) = (self.folder.path().join(name), self.database.fresh(self.folder.path(), name)?);
        let making =
            Making { borough: borough.clone(), rehearsal_clock: None, cap: CAP, officer: OFFICER.into() };
        let mut node = create::create(&folder, &url, &making, self.clock.moment())?;
        node.clock = Arc::new(self.clock.clone());
        for &source in SourceKind::ALL {
            load::record_agreement(&node, source, &format!("ISA-{}-2015", source.as_str()), OFFICER)?;
        }
        Member::of(node)
    }

    /// The bundle with which the centre answers a node's request.
    ///
    /// # Errors
    /// Where it is refused.
    pub fn enrol(&self, member: &Member) -> anyhow::Result<Bundle> {
        Ok(enrol::enrol(&self.aggregator, &create::enrolment_request(&member.node)?, CENTRE)?)
    }

    /// Lets a node join with a bundle and adopt the policy in it.
    ///
    /// # Errors
    /// Where the node refuses either.
    pub fn welcome(&self, member: &Member, bundle: &Bundle) -> anyhow::Result<()> {
        let root = tls::fingerprint_of_pem(&self.aggregator.issued("root")?.certificate_pem)?;
        adopt::join(&member.node, bundle, &root, OFFICER)?;
        adopt::adopt_policy(&member.node, &bundle.policy, OFFICER)?;
        Ok(())
    }

    /// Signs a policy that takes over from the newest at a quarter.
    ///
    /// # Errors
    /// Where the region refuses it.
    pub fn succeed(&self, name: &str, first: Quarter, total: Rho) -> anyhow::Result<VerifiedPolicy> {
        let mut policy = plan(name, first, total);
        let before = self.policy()?;
        (policy.opening, policy.succeeds) = (before.policy().opening, Some(before.hash().to_owned()));
        Ok(found::sign_policy(&self.aggregator, &policy, CENTRE)?)
    }

    /// The policy signed last.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn policy(&self) -> anyhow::Result<VerifiedPolicy> {
        Ok(self.aggregator.policy()?)
    }

    /// The quarters of the horizon, the first being 0.
    ///
    /// # Errors
    /// Where there is no policy.
    pub fn quarter(&self, index: i32) -> anyhow::Result<Quarter> {
        Ok(self.policy()?.policy().first_quarter.plus(index))
    }

    /// Sets the clock to the day on which a quarter's extracts are loaded.
    pub fn when_loaded(&self, quarter: Quarter) {
        self.clock.set(morning(synth::load_day(quarter)));
    }

    /// Sets the clock to just after the end of a quarter's recording period.
    ///
    /// # Errors
    /// Where there is no policy.
    pub fn when_recorded(&self, quarter: Quarter) -> anyhow::Result<()> {
        self.clock.set(self.policy()?.recording_ends(quarter).plus_seconds(9 * 3600));
        Ok(())
    }

    /// Sets the clock to just after the instant at which a quarter's releases leave.
    ///
    /// # Errors
    /// Where there is no policy.
    pub fn when_delivered(&self, quarter: Quarter) -> anyhow::Result<()> {
        self.clock.set(self.policy()?.delivers_at(quarter).plus_seconds(9 * 3600));
        Ok(())
    }

    /// A quarter of some nodes from the end of its recording period to its receipts: prepared, approved, drawn, sealed
    /// and sent at the policy's instants.
    ///
    /// # Errors
    /// Where a node does not come to its receipt.
    pub async fn release(&self, members: &[&Member], quarter: Quarter) -> anyhow::Result<()> {
        self.when_recorded(quarter)?;
        for member in members {
            member.release(quarter)?;
            member.deliver().await?;
        }
        self.when_delivered(quarter)?;
        for member in members {
            let receipted = member.deliver().await?.receipted;
            anyhow::ensure!(receipted == [quarter], "{} has receipts for {receipted:?}", member.borough());
        }
        Ok(())
    }

    /// An outage: nobody answers at the aggregator's port until [`Self::mend`].
    ///
    /// # Errors
    /// Where the door does not close.
    pub async fn break_off(&mut self) -> anyhow::Result<()> {
        self.door.close().await
    }

    /// Ends an outage: the aggregator answers at the same port again.
    ///
    /// # Errors
    /// Where the port cannot be had.
    pub async fn mend(&mut self) -> anyhow::Result<()> {
        self.door.reopen(self.aggregator.clone()).await
    }

    /// Serves the region's pages too, where nodes ask without a certificate; bundles made from then on name them. They
    /// are served until what is returned goes.
    ///
    /// # Errors
    /// Where the server does not start.
    pub fn open_pages(&mut self) -> anyhow::Result<Door> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        self.aggregator.public_url = format!("http://{}", listener.local_addr()?);
        Door::of_pages(self.aggregator.clone(), listener)
    }

    /// Where nodes call.
    pub fn address(&self) -> std::net::SocketAddr {
        self.door.address()
    }

    /// A folder that goes with the federation.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A policy such as the region plans by default.
pub fn plan(name: &str, first_quarter: Quarter, total: Rho) -> Policy {
    Policy::plan(planned(name, first_quarter, total))
}

fn planned(name: &str, first_quarter: Quarter, total: Rho) -> Plan {
    let framework = Framework::shipped();
    Plan {
        name: name.to_owned(),
        rehearsal: true,
        first_quarter,
        opening: true,
        total,
        framework: framework.name.clone(),
        problems: framework.problem_labels(),
    }
}

/// Nine in the morning.
pub fn morning(day: NaiveDate) -> Moment {
    Moment::at_start_of(day).plus_seconds(9 * 3600)
}

trait Tells {
    fn moment(&self) -> Moment;
    fn now_day(&self) -> NaiveDate;
}

impl Tells for SteppedClock {
    fn moment(&self) -> Moment {
        tenfold_common::clock::Clock::now(self)
    }

    fn now_day(&self) -> NaiveDate {
        self.moment().day()
    }
}
