//! What must hold of a node's books after any death.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, ensure};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};
use tenfold_common::{
    calendar::Quarter,
    privacy::{Contribution, GroupKind, LabelKind, LabelValue, Table},
    protocol::{ReleaseBody, signature},
};
use tenfold_node::{
    duties::{Node, prepare, verify},
    ledger::{self, LedgerLine, LineKind},
    store,
};

use super::{FAMILIES, worker::events};
use crate::definition;

/// Probability with which a correct node's figures are found wrong, at each of three comparisons a horizon.
const FALSE_ALARM: f64 = 1e-7;

/// What was seen of a node so far; nothing of it may ever go or change.
#[derive(Clone, Debug, Default)]
pub struct Books {
    lines: Vec<LedgerLine>,
    sealed: BTreeMap<Quarter, String>,
}

/// How far a node has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) sealed: usize,
    pub(super) charged_only: bool,
    pub(super) approved_only: bool,
    pub(super) finished: bool,
}

impl Books {
    /// Looks at the books after a death, and remembers them.
    pub(super) fn look(&mut self, node: &Node, folder: &Path) -> anyhow::Result<State> {
        let policy = node.policy()?;
        verify::verify(node).context("the books do not verify")?;
        let (lines, sealed) = node.store.read(|connection| {
            Ok::<_, tenfold_store::StoreError>((
                store::ledger::lines(connection)?,
                store::releases::sealed(connection)?,
            ))
        })?;
        ensure!(lines.starts_with(&self.lines), "ledger lines that were seen are gone or changed");
        ensure!(ledger::lifetime(&lines) <= ledger::cap(&lines), "more was charged than the cap allows");
        for (at, release) in sealed.iter().enumerate() {
            let due = policy.policy().first_quarter.plus(at as i32);
            ensure!(release.quarter == due, "{} was sealed where {due} was due", release.quarter);
            let first = self.sealed.entry(due).or_insert_with(|| release.bytes.clone());
            ensure!(*first == release.bytes, "{due} was sealed a second time, with other bytes");
            let stick = fs::read_to_string(folder.join(format!("stick-{due}.jws"))).unwrap_or_default();
            // A death while the stick was written leaves it short; what is on it is of these bytes.
            ensure!(release.bytes.starts_with(&stick), "the stick for {due} holds other bytes");
        }
        ensure!(sealed.len() >= self.sealed.len(), "a sealed release that was seen is gone");
        let streams = policy.policy().streams.len();
        let mut charged: BTreeMap<&str, usize> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.kind == LineKind::Release.as_str()) {
            *charged.entry(&line.quarter).or_default() += 1;
        }
        for (quarter, lines) in &charged {
            ensure!(
                *lines == streams,
                "{quarter} has {lines} lines of charge, expected one of {streams} streams"
            );
        }
        for release in &sealed {
            ensure!(
                charged.contains_key(release.quarter.to_string().as_str()),
                "{} is not charged",
                release.quarter
            );
        }
        ensure!(charged.len() <= sealed.len() + 1, "two quarters are charged and not sealed");
        for stream in &policy.policy().streams {
            let counted =
                node.store.read(|connection| store::ledger::journalled(connection, &stream.name))?;
            let expected = FAMILIES * charged.len();
            ensure!(counted.len() == expected, "{} lines are journalled, expected {expected}", counted.len());
        }
        let (next, _) = node.store.read(|connection| prepare::next_quarter(connection, &policy))?;
        let approved =
            node.store.read(|connection| store::releases::approval_of(connection, next))?.is_some();
        let charged_only = charged.len() > sealed.len();
        self.lines = lines.clone();
        Ok(State {
            sealed: sealed.len(),
            charged_only,
            approved_only: approved && !charged_only,
            finished: policy.quarter_index(next).is_err(),
        })
    }

    /// Holds every figure of a whole horizon against the truth: what was published less C·x is noise of mean 0 and
    /// of the scale that was paid, so that no quarter was lost and none drawn under another scale.
    ///
    /// # Errors
    /// Where they are not, or the releases cannot be read.
    pub fn hold_against_the_truth(&self, node: &Node) -> anyhow::Result<()> {
        let residuals = self.residuals(node, |_| false)?;
        let chance = least_chance(&residuals);
        ensure!(chance > FALSE_ALARM, "what was published is not the truth with fresh noise: {chance}");
        Ok(())
    }

    /// The chance of what was published if one quarter's families had been lost: what a test must find.
    ///
    /// # Errors
    /// Where the releases cannot be read.
    pub fn chance_if_lost(&self, node: &Node, quarter: usize) -> anyhow::Result<f64> {
        Ok(least_chance(&self.residuals(node, |at| at == quarter)?))
    }

    /// (y − C·x)/σ of every number of every quarter; x is nothing in a quarter taken for lost.
    fn residuals(&self, node: &Node, lost: impl Fn(usize) -> bool) -> anyhow::Result<Residuals> {
        let policy = node.policy()?;
        let places = policy.places(&node.borough)?;
        let mut residuals = Residuals::default();
        for (at, stream) in policy.policy().streams.iter().enumerate() {
            let shape = stream.shape(places);
            let mut truth: Vec<Table> = Vec::new();
            for (index, quarter) in self.sealed.keys().enumerate() {
                let mut table = shape.empty_table();
                for event in events(&policy, *quarter, &stream.name).iter().filter(|_| !lost(index)) {
                    let present = |set: &str, label: &String| {
                        event.event.labels.0.get(set).is_some_and(|labels| labels.contains(label))
                    };
                    let labels = stream.label_sets.iter().map(|set| {
                        let labels = set.labels.iter().enumerate();
                        let present: Vec<usize> =
                            labels.filter(|(_, label)| present(&set.name, label)).map(|(at, _)| at).collect();
                        match (set.kind, present.as_slice()) {
                            (LabelKind::One, &[one]) => LabelValue::One(one),
                            _ => LabelValue::Many(present),
                        }
                    });
                    let place = policy.place(&node.borough, event.event.ward.as_ref())?;
                    shape.add(&mut table, &Contribution { place, labels: labels.collect() })?;
                }
                truth.push(table);
            }
            let (sigma, groups) = (stream.scales(places)?, shape.groups());
            for (index, bytes) in self.sealed.values().enumerate() {
                let body: ReleaseBody = signature::peek(bytes)?;
                for (group, cells) in body.streams[at].values.iter().enumerate() {
                    let weights = definition::weights(policy.policy(), groups[group].every, index, &[]);
                    let due = if weights.is_some() { groups[group].cells } else { 0 };
                    ensure!(cells.len() == due, "a group has {} cells, expected {due}", cells.len());
                    let row = weights.unwrap_or_default();
                    for (cell, &published) in cells.iter().enumerate() {
                        let exact: i64 = row.iter().zip(&truth).map(|(&c, x)| c * x[group][cell]).sum();
                        let residual = (published - exact) as f64 / sigma[group] as f64;
                        residuals.all.push(residual);
                        if matches!(groups[group].kind, GroupKind::Total | GroupKind::Label(_)) {
                            residuals.borough.push(residual);
                        }
                    }
                }
            }
        }
        Ok(residuals)
    }
}

/// What is left when the truth is taken off, in units of its σ.
#[derive(Default)]
struct Residuals {
    all: Vec<f64>,
    /// Those of the borough as a whole, few and large, where a lost quarter shows.
    borough: Vec<f64>,
}

/// The least chance, under fresh noise of the right scale, of the mean and of the two sums of squares.
fn least_chance(residuals: &Residuals) -> f64 {
    let mean = residuals.all.iter().sum::<f64>() / (residuals.all.len() as f64).sqrt();
    let off = 2.0 * Normal::standard().cdf(-mean.abs());
    off.min(spread(&residuals.all)).min(spread(&residuals.borough))
}

fn spread(residuals: &[f64]) -> f64 {
    let squares = residuals.iter().map(|z| z * z).sum();
    ChiSquared::new(residuals.len() as f64).map_or(0.0, |law| 2.0 * law.cdf(squares).min(law.sf(squares)))
}
