//! A borough's node with its people, and what they do in a quarter.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use anyhow::{Context, ensure};
use diesel::RunQueryDsl as _;
use tenfold_common::{calendar::Quarter, geography::BoroughCode, protocol::ReleaseBody};
use tenfold_node::{
    duties::{
        DutyError, Node, approve, claim,
        decide::{self, Decided},
        deliver::{self, Delivery, Trying},
        load::{self, GivenFile, LoadReport, LoadRequest},
        prepare,
    },
    region::{Region, Way},
    register::{FamilyFile, LineId},
    store::{self, releases::Sealed},
    synth::{self, SynthPlan},
};
use tenfold_store::{Account, Role, Signer, StoreError, accounts};

/// A borough's node with its people.
#[derive(Clone, Debug)]
pub struct Member {
    /// The node.
    pub node: Node,
    /// Who loads, decides and prepares.
    pub analyst: Account,
    /// Who approves.
    pub approver: Account,
}

/// The password of everybody in a borough.
pub const PASSWORD: &str = "a long password";

/// What a quarter's extracts brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Families recorded as attached.
    pub attached: usize,
    /// Families whose result was recorded by drafting their claim.
    pub results: usize,
}

impl Member {
    /// A made node with an analyst and an approver.
    ///
    /// # Errors
    /// Where an account cannot be made.
    pub fn of(node: Node) -> anyhow::Result<Self> {
        let person = |name: &str, role| Account { name: name.into(), display_name: name.into(), role };
        let member = Self {
            node,
            analyst: person("analyst", Role::Analyst),
            approver: person("approver", Role::Approver),
        };
        for account in [&member.analyst, &member.approver] {
            accounts::add(&member.node.store, account, PASSWORD, member.node.now())?;
        }
        Ok(member)
    }

    /// Its borough.
    pub fn borough(&self) -> &BoroughCode {
        &self.node.borough
    }

    /// Loads CSV files as the analyst, good rows taken.
    ///
    /// # Errors
    /// Where the duty fails; what is wrong with a file stands in its report.
    pub fn load(&self, files: &[GivenFile], quarter: Quarter) -> anyhow::Result<Vec<LoadReport>> {
        let covers = synth::coverage(quarter);
        let request = LoadRequest { take_good_rows: true, ..LoadRequest::new(covers.to, covers) };
        Ok(load::load(&self.node, files, &request, &self.analyst, |_, _, _| {})?)
    }

    /// Loads one CSV text.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_text(&self, name: &str, text: &str, quarter: Quarter) -> anyhow::Result<LoadReport> {
        self.load(&[GivenFile::of(name, text.as_bytes())], quarter)?.pop().context("one file has one report")
    }

    /// Loads a quarter's synthetic extracts from a folder that [`synth::write`] filled, decides by them and drafts
    /// every claim.
    ///
    /// # Errors
    /// Where a duty fails or a file is not taken.
    pub fn record(&self, extracts: &Path, quarter: Quarter) -> anyhow::Result<Recorded> {
        let attached = self.load_extracts(extracts, quarter)?.attached;
        let results = claim::draft_quarter(&self.node, &self.analyst)?.results;
        Ok(Recorded { attached, results })
    }

    /// Loads a quarter's synthetic extracts and decides by them; claims nothing.
    ///
    /// # Errors
    /// Where a duty fails or a file is not taken.
    pub fn load_extracts(&self, extracts: &Path, quarter: Quarter) -> anyhow::Result<Decided> {
        let mut files = Vec::new();
        for entry in fs::read_dir(extracts.join(quarter.to_string()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "csv") {
                files.push(GivenFile::at(&path));
            }
        }
        for report in self.load(&files, quarter)? {
            ensure!(report.outcome == load::Outcome::Loaded, "{}: {:?}", report.file, report.file_faults);
        }
        Ok(decide::decide(&self.node, &self.analyst)?)
    }

    /// A plan of synthetic extracts of this borough.
    pub fn synthetic(&self, first_quarter: Quarter, quarters: usize, scale: f64) -> SynthPlan {
        let plan = SynthPlan::new(self.borough().clone(), 2015);
        SynthPlan { first_quarter, quarters, scale, moving: None, ..plan }
    }

    /// Prepares a quarter as the analyst and approves it as the approver.
    ///
    /// # Errors
    /// As the duties.
    pub fn release(&self, quarter: Quarter) -> Result<(), DutyError> {
        let prepared = prepare::prepare(&self.node, quarter, &self.analyst)?;
        approve::approve(&self.node, quarter, &self.signer()?, &prepared.salted_hash)
    }

    /// The approver with the own signing key open, as a page or command opens it.
    ///
    /// # Errors
    /// Where the account or its key cannot be opened.
    pub fn signer(&self) -> Result<Signer, DutyError> {
        self.node.signer(&self.approver.name, PASSWORD)
    }

    /// The way to the aggregator.
    ///
    /// # Errors
    /// Where the node is not enrolled.
    pub fn region(&self) -> Result<Region, DutyError> {
        self.node.region(&Way::straight())
    }

    /// Seals what is approved and sends what may leave, as if a person asked.
    ///
    /// # Errors
    /// As the duty.
    pub async fn deliver(&self) -> Result<Delivery, DutyError> {
        deliver::deliver(&self.node, &self.region()?, Trying::Now).await
    }

    /// Charges what waits and brings the region's right to draw it; nothing where nothing waits.
    ///
    /// # Errors
    /// Where the node or the region refuses.
    pub async fn ask(&self) -> Result<(), DutyError> {
        deliver::ask_right(&self.node, &self.region()?).await.map(|_| ())
    }

    /// Every release that was sealed.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn sealed(&self) -> Result<Vec<Sealed>, StoreError> {
        self.node.store.read(store::releases::sealed)
    }

    /// What the newest sealed release says.
    ///
    /// # Errors
    /// Where there is none.
    pub fn newest(&self) -> anyhow::Result<ReleaseBody> {
        let sealed = self.sealed()?;
        let newest = sealed.last().context("nothing is sealed")?;
        Ok(tenfold_common::protocol::signature::peek(&newest.bytes)?)
    }

    /// The same node after its program ended and was started again.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn restarted(&self) -> anyhow::Result<Self> {
        let mut node = Node::open(&self.node.folder, self.node.store.url())?;
        node.clock = Arc::clone(&self.node.clock);
        Ok(Self { node, ..self.clone() })
    }

    /// The families of the register.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn families(&self) -> Result<Vec<FamilyFile>, StoreError> {
        let mut files = Vec::new();
        self.node.store.read(|connection| store::register::families(connection, |file| files.push(file)))?;
        Ok(files)
    }

    /// The lines recorded in a stream by this node itself.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn recorded_lines(&self, stream: &str) -> Result<BTreeSet<LineId>, StoreError> {
        let events = self.node.store.read(|connection| store::events::of_stream(connection, stream))?;
        Ok(events.into_iter().map(|event| event.line).collect())
    }

    /// Runs SQL behind the program's back and returns how many rows it changed.
    ///
    /// # Errors
    /// What the database says.
    pub fn sql(&self, sql: &str) -> Result<usize, StoreError> {
        self.node.store.write(|connection| Ok(diesel::sql_query(sql).execute(connection)?))
    }
}

/// The code of the copy that was refused a right which another copy has, as the refusal tells it.
pub fn copy_refused(told: &str) -> Option<&str> {
    told.split_once("this is copy ")?.1.get(..8)
}
