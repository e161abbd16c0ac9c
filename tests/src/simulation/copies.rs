//! A borough's node and the copies that there are of it, each with what it must have counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use diesel::RunQueryDsl as _;
use tenfold_common::{
    calendar::Quarter,
    clock::{Clock, Moment, SteppedClock},
    protocol::Bundle,
};
use tenfold_node::{duties::Node, store};
use tenfold_store::{DatabaseUrl, Signer, StoreError};

use super::{payload::Origin, relay::Relay};
use crate::federation::Member;

/// A copy's database in its folder.
const DATABASE: &str = "node.sqlite";

/// A clock that goes wrong by so many seconds.
#[derive(Debug)]
pub(super) struct Skewed {
    right: SteppedClock,
    wrong_by: Arc<AtomicI64>,
}

impl Clock for Skewed {
    fn now(&self) -> Moment {
        self.right.now().plus_seconds(self.wrong_by.load(Ordering::SeqCst))
    }

    fn is_rehearsal(&self) -> bool {
        true
    }
}

/// What a copy must have counted, by what was done to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    /// When the families of each quarter were recorded.
    pub(super) loaded: BTreeMap<Origin, Moment>,
    /// What was chosen when a quarter was prepared last.
    pub(super) prepared: BTreeMap<Quarter, BTreeSet<Origin>>,
    /// What each sealed quarter counts.
    pub(super) counted: BTreeMap<Quarter, BTreeSet<Origin>>,
}

impl Expected {
    /// What a quarter prepared now counts, whose period ends at a moment.
    pub(super) fn prepare(&mut self, quarter: Quarter, until: Moment) {
        let counted: BTreeSet<Origin> = self.counted.values().flatten().copied().collect();
        let recorded = self.loaded.iter().filter(|(_, at)| **at < until).map(|(origin, _)| *origin);
        let chosen = recorded.filter(|origin| !counted.contains(origin)).collect();
        self.prepared.insert(quarter, chosen);
    }
}

/// One copy of a node.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    /// Its number among its borough's.
    pub(super) number: usize,
    pub(super) member: Member,
    pub(super) expected: Expected,
    /// Whether its program runs; else it lies on a disk.
    pub(super) runs: bool,
}

/// A copy on a disk that nobody has started.
#[derive(Clone, Debug)]
pub(super) struct Backup {
    folder: PathBuf,
    expected: Expected,
}

/// A borough with the copies of its node.
#[derive(Debug)]
pub(super) struct Borough {
    pub(super) relay: Relay,
    pub(super) wrong_by: Arc<AtomicI64>,
    pub(super) copies: Vec<Copy>,
    pub(super) backups: Vec<Backup>,
    /// The approver's own key, open.
    pub(super) signer: Signer,
    /// A receipt that came as a file.
    pub(super) receipt: Option<String>,
    /// Nobody works there.
    pub(super) away: bool,
    clock: Arc<dyn Clock>,
    made: usize,
    folder: PathBuf,
}

impl Borough {
    /// A borough whose node is new, in a folder for its copies.
    pub(super) fn of(
        member: &Member,
        relay: Relay,
        clock: &SteppedClock,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let wrong_by = Arc::new(AtomicI64::new(0));
        let skewed: Arc<dyn Clock> =
            Arc::new(Skewed { right: clock.clone(), wrong_by: Arc::clone(&wrong_by) });
        let mut member = member.clone();
        member.node.clock = Arc::clone(&skewed);
        let signer = member.signer()?;
        let copy = Copy { number: 0, member, expected: Expected::default(), runs: true };
        let borough = Self {
            relay,
            wrong_by,
            copies: vec![copy],
            backups: Vec::new(),
            signer,
            receipt: None,
            away: false,
            clock: skewed,
            made: 0,
            folder: folder.to_owned(),
        };
        borough.through_the_relay(&borough.copies[0])?;
        Ok(borough)
    }

    /// Lets a copy call the region over this borough's wire.
    pub(super) fn through_the_relay(&self, copy: &Copy) -> anyhow::Result<()> {
        let node = &copy.member.node;
        let bundle = Bundle { ingest_url: self.relay.url(), ..node.bundle()? };
        Ok(node.store.write(|connection| store::identity::keep_bundle(connection, &bundle))?)
    }

    /// The numbers of the copies that run.
    pub(super) fn running(&self) -> Vec<usize> {
        self.copies.iter().enumerate().filter(|(_, copy)| copy.runs).map(|(at, _)| at).collect()
    }

    /// Starts a copy's program again.
    pub(super) fn restart(&mut self, at: usize) -> anyhow::Result<()> {
        let member = self.copies[at].member.restarted()?;
        self.copies[at].member = member;
        Ok(())
    }

    /// Puts a copy as it is now on a disk.
    pub(super) fn back_up(&mut self, at: usize) -> anyhow::Result<Backup> {
        self.made += 1;
        let folder = self.folder.join(format!("copy-{}", self.made));
        let Copy { member, expected, .. } = &self.copies[at];
        copy_files(&member.node.folder, &folder)?;
        // The database is read whole by its own server; where a copy's files hold one, that is not it.
        let database = folder.join(DATABASE);
        if database.exists() {
            fs::remove_file(&database)?;
        }
        let copy = format!("VACUUM INTO '{}'", database.display());
        member.node.store.read(|connection| {
            diesel::sql_query(copy).execute(connection)?;
            Ok::<_, StoreError>(())
        })?;
        Ok(Backup { folder, expected: expected.clone() })
    }

    /// Starts a copy that lay on a disk; what lies there is kept for another time.
    pub(super) fn start(&mut self, backup: &Backup) -> anyhow::Result<usize> {
        self.made += 1;
        let folder = self.folder.join(format!("started-{}", self.made));
        copy_files(&backup.folder, &folder)?;
        let database = DatabaseUrl::Sqlite(folder.join(DATABASE));
        let mut node = Node::open(&folder, &database)?;
        node.clock = Arc::clone(&self.clock);
        let member = Member { node, ..self.copies[0].member.clone() };
        let copy = Copy { number: self.made, member, expected: backup.expected.clone(), runs: true };
        self.copies.push(copy);
        Ok(self.copies.len() - 1)
    }
}

fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with("-wal") || name.ends_with("-shm") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
