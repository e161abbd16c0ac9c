//! What was seen so far and may never be otherwise again, looked at after every act.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use tenfold_aggregator::{duties::prove, store::releases::Received};
use tenfold_common::{
    calendar::Quarter,
    protocol::{ReleaseBody, signature},
};
use tenfold_node::{
    duties::{DutyError, verify},
    ledger::{self, LineKind},
    store,
};

use super::{copies::Copy, payload::Origin, world::World};

/// Bytes that were sealed for a quarter of a borough.
#[derive(Debug)]
struct Sealed {
    bytes: String,
    /// Under which right it was drawn: noise is zero, so that a second draw has the same bytes.
    drawn_under: Option<String>,
    /// The copies that have them, by number.
    held_by: BTreeSet<usize>,
    /// Whether the region has them.
    left: bool,
    /// Which families they must count.
    counts: BTreeSet<Origin>,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sealed: BTreeMap<(usize, Quarter), Sealed>,
    kept: Vec<String>,
}

impl Seen {
    /// What only copies held that a person said are destroyed was never seen by anybody: all but `kept`.
    pub(super) fn forget_lost(&mut self, of: usize, kept: usize) {
        self.sealed
            .retain(|(borough, _), sealed| *borough != of || sealed.left || sealed.held_by.contains(&kept));
    }

    /// The region was put back to a backup.
    pub(super) fn goes_back(&mut self, kept: &[Received]) {
        self.kept = kept.iter().map(|release| release.bytes.clone()).collect();
    }

    /// Which families the bytes of a quarter must count.
    pub(super) fn counts(&self, of: usize, quarter: Quarter) -> anyhow::Result<&BTreeSet<Origin>> {
        Ok(&self.sealed.get(&(of, quarter)).context("a release that no copy sealed")?.counts)
    }
}

impl World {
    /// Holds everything that is there against what was there, and what must always be true.
    pub(super) fn look(&mut self) -> anyhow::Result<()> {
        let kept = self.kept()?.releases;
        for of in 0..self.boroughs.len() {
            for at in 0..self.boroughs[of].copies.len() {
                let behind = self.is_behind(of, at, &kept)?;
                let copy = &mut self.boroughs[of].copies[at];
                let what = format!("borough {of}, copy {}", copy.number);
                look_at(copy, of, behind, &mut self.seen).with_context(|| what)?;
            }
        }
        let verified = prove::verify(self.aggregator()).context("the region's books")?;
        ensure!(verified.releases == kept.len(), "the region verifies other releases than it keeps");
        let bytes: Vec<String> = kept.iter().map(|release| release.bytes.clone()).collect();
        // What a restored region is sent again takes its old place, before what came meanwhile.
        let still = self.seen.kept.iter().all(|release| bytes.contains(release));
        ensure!(still, "a release that the region kept is gone or changed");
        for release in kept.iter().filter(|release| !self.seen.kept.contains(&release.bytes)) {
            let of = (0..self.boroughs.len()).find(|&of| self.is_of(release, of));
            let of = of.context("a release of a borough that is not there")?;
            let sealed = self.seen.sealed.get_mut(&(of, release.quarter));
            let sealed = sealed.context("the region keeps what no copy sealed")?;
            ensure!(sealed.bytes == release.bytes, "the region keeps other bytes than were sealed");
            sealed.left = true;
        }
        self.seen.kept = bytes;
        Ok(())
    }
}

impl World {
    /// Whether another copy released what this one does not know.
    fn is_behind(&self, of: usize, at: usize, kept: &[Received]) -> anyhow::Result<bool> {
        let own = self.boroughs[of].copies[at].member.sealed()?;
        let known = |quarter: &Quarter| own.iter().any(|release| release.quarter == *quarter);
        let left = self.seen.sealed.iter().filter(|((borough, _), sealed)| *borough == of && sealed.left);
        let mut left = left.map(|((_, quarter), _)| quarter);
        let mut kept = kept.iter().filter(|release| self.is_of(release, of)).map(|release| &release.quarter);
        Ok(left.any(|quarter| !known(quarter)) || kept.any(|quarter| !known(quarter)))
    }
}

fn look_at(copy: &mut Copy, of: usize, behind: bool, seen: &mut Seen) -> anyhow::Result<()> {
    let node = &copy.member.node;
    match verify::verify(node) {
        // It has read in the region's log what another copy released.
        Err(DutyError::Behind { .. }) if behind => {}
        other => drop(other.context("the node's books")?),
    }
    let (lines, policy) = (node.store.read(store::ledger::lines)?, node.policy()?);
    ensure!(ledger::lifetime(&lines) <= ledger::cap(&lines), "more was charged than the cap allows");
    let mut charged: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let quarterly = [LineKind::Release.as_str(), LineKind::Void.as_str()];
    for line in lines.iter().filter(|line| quarterly.contains(&line.kind.as_str())) {
        let policies = charged.entry((&line.quarter, &line.stream)).or_default();
        ensure!(policies.is_empty(), "{} of {} is in the ledger twice", line.stream, line.quarter);
        policies.insert(&line.policy);
    }
    let sealed = copy.member.sealed()?;
    let streams = policy.policy().streams.len();
    let whole = |quarter: &str| charged.keys().filter(|(of, _)| *of == quarter).count() == streams;
    ensure!(charged.keys().all(|(quarter, _)| whole(quarter)), "a quarter is charged in part");
    for (index, release) in (0..).zip(&sealed) {
        let due = node.bundle()?.first_quarter.plus(index);
        ensure!(release.quarter == due, "{} was sealed where {due} was due", release.quarter);
        ensure!(whole(&due.to_string()), "{due} is sealed and not charged");
        if !copy.expected.counted.contains_key(&due) {
            let body: ReleaseBody = signature::peek(&release.bytes)?;
            let prepared = copy.expected.prepared.get(&due).filter(|_| body.void.is_none());
            copy.expected.counted.insert(due, prepared.cloned().unwrap_or_default());
        }
        let counts = copy.expected.counted[&due].clone();
        let drawn_under = node.store.read(|connection| store::attempts::drawn_under(connection, due))?;
        let known = seen.sealed.entry((of, due)).or_insert_with(|| Sealed {
            bytes: release.bytes.clone(),
            drawn_under: drawn_under.clone(),
            held_by: BTreeSet::new(),
            left: false,
            counts,
        });
        ensure!(known.bytes == release.bytes, "{due} was sealed a second time, with other bytes");
        ensure!(known.drawn_under == drawn_under, "{due} was drawn a second time, under another right");
        known.held_by.insert(copy.number);
    }
    let waiting = charged.keys().map(|(quarter, _)| quarter).collect::<BTreeSet<_>>().len();
    ensure!(waiting <= sealed.len() + 1, "two quarters are charged and not sealed");
    Ok(())
}
