//! What is audited: a policy, a register, and the family that is in it or not.

use std::collections::BTreeMap;

use anyhow::Context;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
    privacy::{
        ByCadence, Every, GroupKind, GroupScale, LabelKind, Policy, Rho, StreamPolicy, TimeMatrix,
        VerifiedPolicy,
        policy::{ATTACHED, CLOSED, POLICY_TYPE, PROBLEM, PROGRESS, REASON, REASONS, RESULT, RESULT_TYPE},
        sigma::{self, Weights},
    },
    protocol::{SigningKey, signature},
};
use tenfold_node::{
    register::{FamilyId, LineId},
    release::{
        selection::RecordedEvent,
        tally::{Event, Labels},
    },
};

use super::pipeline::World;
use crate::{definition, federation};

/// What of the target differs between the two worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A whole family, in every stream.
    EveryStream,
    /// A whole family, in the first stream only.
    FirstStream,
    /// One problem of a family that is there in both.
    OneLabel,
}

/// A policy, a borough and a register with the target's quarter.
#[derive(Debug)]
pub struct Setting {
    /// The policy.
    pub policy: VerifiedPolicy,
    /// The borough.
    pub borough: BoroughCode,
    /// Families besides the target.
    pub families: usize,
    /// What differs.
    pub target: Target,
    /// The quarter in which the target enters: the first in which it costs all but the most.
    pub entry: usize,
}

/// The best time matrix for four quarters: `docs/time_matrix.py 4 0.5 0.06 0.12 12`.
const FOUR_QUARTERS: &str = "3681\n1304 3843\n1008 1158 3969\n714 814 1010 4096";
/// The same for their two years, the opening position and the rest: `docs/time_matrix.py 2 0.5 0 0.12 12`.
const TWO_YEARS: &str = "3977\n980 4096";

impl Setting {
    /// Four quarters, three wards and six problems at ρ = 2: few numbers and a large μ, so that few programmes
    /// show much. What is audited is the same code at any ρ.
    ///
    /// # Errors
    /// Where the policy cannot be made.
    pub fn small(target: Target) -> anyhow::Result<Self> {
        let borough = &geography::boroughs()[0].code;
        let mut policy = federation::plan("audit", first_quarter()?, Rho::from_nano(2_000_000_000));
        policy.time_matrix = TimeMatrix::from_text(FOUR_QUARTERS)?;
        policy.yearly_matrix = TimeMatrix::from_text(TWO_YEARS)?;
        policy.boroughs.retain(|places| &places.borough == borough);
        policy.boroughs[0].wards.truncate(3);
        let timing = policy.timing();
        for stream in &mut policy.streams {
            let shape = stream.shape(4);
            let weights = Weights::headline_totals(&shape);
            let sigma = sigma::scales(&shape, &weights, stream.share, &timing);
            stream.scales = vec![GroupScale { places: 4, sigma }];
        }
        Self::of(&policy, borough, 40, target)
    }

    /// The policy that is shipped: its whole horizon, a borough of its own wards, six problems.
    ///
    /// # Errors
    /// Where the policy cannot be made.
    pub fn shipped(total: Rho, target: Target) -> anyhow::Result<Self> {
        let policy = federation::plan("audit", first_quarter()?, total);
        Self::of(&policy, &geography::boroughs()[0].code, 400, target)
    }

    fn of(policy: &Policy, borough: &BoroughCode, families: usize, target: Target) -> anyhow::Result<Self> {
        let key = SigningKey::generate()?;
        let signed = signature::sign(policy, POLICY_TYPE, &key)?;
        let policy = VerifiedPolicy::open(&signed, &key.public())?;
        let rows = policy.policy().time_matrix.rows();
        let column = |s: usize| rows[s..].iter().map(|row| u64::from(row[s]).pow(2)).sum::<u64>();
        let most = (0..rows.len()).map(column).max().context("the time matrix has no quarters")?;
        // The columns of a good matrix are all but equal. The first leaves the most to happen afterwards.
        let entry = (0..rows.len()).find(|&s| column(s) as f64 > 0.9995 * most as f64).unwrap_or(0);
        Ok(Self { policy, borough: borough.clone(), families, target, entry })
    }

    /// Quarters of the whole horizon.
    pub fn quarters(&self) -> usize {
        self.policy.policy().time_matrix.size()
    }

    pub(super) fn quarter(&self, index: usize) -> Quarter {
        self.policy.policy().first_quarter.plus(index as i32)
    }

    /// What was recorded in one stream, in order.
    pub(super) fn events(&self, stream: &str, world: World) -> Vec<RecordedEvent> {
        let quarters = self.quarters();
        let mut events: Vec<RecordedEvent> = (0..self.families)
            .map(|at| self.event(at, stream, at % quarters, at % 5, (at * 11 % 64) as u8))
            .collect();
        if let Some(problems) = self.target_problems(stream, world) {
            events.push(self.event(self.families, stream, self.entry, 0, problems));
        }
        events.sort_by_key(|event| event.recorded_at);
        events
    }

    /// The problems of the target as bits, or nothing where this world or stream does not have it.
    fn target_problems(&self, stream: &str, world: World) -> Option<u8> {
        match (self.target, world) {
            (Target::FirstStream | Target::OneLabel, _) if stream != ATTACHED => None,
            (Target::OneLabel, World::Without) => Some(0b10),
            (_, World::With) => Some(0b11),
            (_, World::Without) => None,
        }
    }

    /// Family `at`: its place by number (those beyond the wards are not known), its problems as bits.
    fn event(&self, at: usize, stream: &str, quarter: usize, ward: usize, problems: u8) -> RecordedEvent {
        let wards = self.policy.wards(&self.borough).unwrap_or_default();
        let named = |stream: &StreamPolicy, set: &str| {
            let set = stream.label_sets.iter().find(|known| known.name == set);
            let labels = set.map(|set| set.labels.as_slice()).unwrap_or_default().iter().enumerate();
            labels.filter(|(at, _)| problems >> at & 1 == 1).map(|(_, label)| label.clone()).collect()
        };
        let mut labels = BTreeMap::new();
        if let Ok(policy) = self.policy.stream(stream) {
            labels.insert(PROBLEM.to_owned(), named(policy, PROBLEM));
            if stream == CLOSED {
                labels.insert(REASON.to_owned(), vec![REASONS[reason(problems)].to_owned()]);
            }
            if stream == RESULT {
                let kind = (problems & 1 == 1).then(|| PROGRESS.to_owned());
                labels.insert(RESULT_TYPE.to_owned(), kind.into_iter().collect());
            }
        }
        RecordedEvent {
            line: LineId(format!("L{at}")),
            family: FamilyId(format!("F{at}")),
            stream: stream.to_owned(),
            recorded_at: Moment::at_start_of(self.quarter(quarter).last_day()).plus_seconds(at as i64),
            event: Event { ward: wards.get(ward).cloned(), labels: Labels(labels) },
        }
    }

    /// √(2ρ) of what the ledger charges the target: the sum of whole streams, or by definition for one label.
    pub(super) fn promised(&self) -> f64 {
        let streams = self.policy.policy().streams.iter();
        let charged =
            |stream: &StreamPolicy| self.policy.charge(&stream.name, &self.borough).unwrap_or_default();
        match self.target {
            Target::EveryStream => (2.0 * streams.map(charged).sum::<Rho>().as_f64()).sqrt(),
            Target::FirstStream => (2.0 * streams.take(1).map(charged).sum::<Rho>().as_f64()).sqrt(),
            Target::OneLabel => self.defined(),
        }
    }

    /// ‖Δ/σ‖ of this target over everything sent, from the definition.
    pub(super) fn defined(&self) -> f64 {
        self.shifts().map(|(shift, sigma)| (shift / sigma).powi(2)).sum::<f64>().sqrt()
    }

    /// Δ/σ² of every number sent, in order.
    pub(super) fn direction(&self) -> Vec<f64> {
        self.shifts().map(|(shift, sigma)| shift / (sigma * sigma)).collect()
    }

    /// σ² of every number sent, in order.
    pub(super) fn variances(&self) -> Vec<f64> {
        self.shifts().map(|(_, sigma)| sigma * sigma).collect()
    }

    /// By how much the target moves every number that is sent, and that number's σ, written down from the
    /// definition and not by the program's own sums.
    fn shifts(&self) -> impl Iterator<Item = (f64, f64)> {
        let (policy, places) = (self.policy.policy(), self.policy.places(&self.borough).unwrap_or_default());
        (0..self.quarters()).flat_map(move |quarter| {
            let weight = |every| {
                let weights = definition::weights(policy, every, quarter, &[])?;
                Some(weights.get(self.entry).map_or(0.0, |&weight| weight as f64))
            };
            let weights = ByCadence { quarter: weight(Every::Quarter), year: weight(Every::Year) };
            policy.streams.iter().flat_map(move |stream| {
                let sigmas = stream.scales(places).unwrap_or_default();
                stream.shape(places).groups().into_iter().zip(sigmas).flat_map(move |(group, &sigma)| {
                    let weight = weights.of(group.every);
                    let cells = if weight.is_some() { group.cells } else { 0 };
                    let adds = self.adds(stream, group.kind, group.cells, places).into_iter().take(cells);
                    adds.map(move |by| (weight.unwrap_or_default() * by, sigma as f64))
                })
            })
        })
    }

    /// What the world with the target has more than the other in one group.
    fn adds(&self, stream: &StreamPolicy, kind: GroupKind, cells: usize, places: usize) -> Vec<f64> {
        let of = |world| -> Vec<f64> {
            let Some(problems) = self.target_problems(&stream.name, world) else { return vec![0.0; cells] };
            // The target lives in the first ward.
            let here = |cell: usize, width: usize| f64::from(u8::from(cell / width == 0));
            let sign = |set: usize, label: usize| match stream.label_sets[set].kind {
                LabelKind::One => f64::from(u8::from(label == reason(problems))),
                _ if problems >> label & 1 == 1 => 1.0,
                _ => -1.0,
            };
            match kind {
                GroupKind::Total => vec![1.0],
                GroupKind::Place => (0..places).map(|cell| here(cell, 1)).collect(),
                GroupKind::Label(set) => (0..cells).map(|label| sign(set, label)).collect(),
                GroupKind::LabelByPlace(set) => {
                    let width = stream.label_sets[set].labels.len();
                    (0..cells).map(|cell| here(cell, width) * sign(set, cell % width)).collect()
                }
            }
        };
        of(World::With).into_iter().zip(of(World::Without)).map(|(with, without)| with - without).collect()
    }
}

/// Why a family was closed, by its index.
fn reason(problems: u8) -> usize {
    usize::from(problems) % REASONS.len()
}

fn first_quarter() -> anyhow::Result<Quarter> {
    Ok("2015-Q2".parse()?)
}
