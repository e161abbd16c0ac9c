//! Random registers: family lines with what was recorded of them, and the lines that were merged.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection, option, prelude::*};
use tenfold_common::{
    clock::Moment,
    geography::{self, WardCode},
    privacy::{
        GroupKind, LabelKind, StreamPolicy, Table, VerifiedPolicy,
        policy::{ATTACHED, CLOSED, PROBLEM, PROGRESS, REASON, REASONS, RESULT, RESULT_TYPE, WITHDRAWN},
    },
};
use tenfold_node::{
    register::{FamilyId, LineId},
    release::{
        selection::RecordedEvent,
        tally::{Event, Labels},
    },
};

use crate::borough::first_quarter;

/// The borough of the random registers: Bury, of 17 wards.
pub(crate) const BOROUGH: &str = "E08000002";
/// The streams, in the policy's order.
pub(crate) const STREAMS: [&str; 4] = [ATTACHED, RESULT, CLOSED, WITHDRAWN];

/// What was recorded of a line in one stream.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) quarter: usize,
    /// A ward of the borough by its index; the next is a ward of another borough, the one after not known.
    pub(crate) ward: usize,
    /// Which of the six problems are present, as bits.
    pub(crate) problems: u8,
    pub(crate) by_progress: bool,
}

/// A line of a random register.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// One entry a stream.
    pub(crate) entries: [Option<Entry>; 4],
    /// Whether it came from another borough: its place in every stream is used there.
    pub(crate) used_elsewhere: bool,
    /// The earlier line it was merged into, and before which quarter's end that was known.
    pub(crate) merged: Option<(usize, usize)>,
}

/// A register over some quarters; lines are named by their index.
#[derive(Clone, Debug)]
pub(crate) struct Register {
    pub(crate) lines: BTreeMap<usize, Line>,
    pub(crate) quarters: usize,
}

fn wards() -> &'static [geography::Ward] {
    &geography::borough(&BOROUGH.parse().unwrap()).unwrap().wards
}

/// How many values `Entry::ward` has.
pub(crate) fn ward_choices() -> usize {
    wards().len() + 2
}

fn entry(quarters: usize) -> impl Strategy<Value = Entry> {
    (0..quarters, 0..ward_choices(), 0_u8..64, any::<bool>())
        .prop_map(|(quarter, ward, problems, by_progress)| Entry { quarter, ward, problems, by_progress })
}

/// Any register of up to `most` lines.
pub(crate) fn registers(quarters: usize, most: usize) -> impl Strategy<Value = Register> {
    let line = (
        option::weighted(0.9, entry(quarters)),
        option::weighted(0.6, entry(quarters)),
        option::weighted(0.4, entry(quarters)),
        option::weighted(0.2, entry(quarters)),
        proptest::bool::weighted(0.1),
        option::weighted(0.3, (any::<prop::sample::Index>(), 0..quarters)),
    );
    collection::vec(line, 1..=most).prop_map(move |lines| {
        let lines = lines.into_iter().enumerate().map(
            |(at, (attached, result, closed, withdrawn, used_elsewhere, merged))| {
                let merged = merged.filter(|_| at > 0).map(|(into, when)| (into.index(at), when));
                (at, Line { entries: [attached, result, closed, withdrawn], used_elsewhere, merged })
            },
        );
        Register { lines: lines.collect(), quarters }
    })
}

impl Entry {
    fn ward_code(&self) -> Option<WardCode> {
        let elsewhere = geography::boroughs().iter().find(|other| other.code.as_str() != BOROUGH);
        match wards().get(self.ward) {
            Some(ward) => Some(ward.code.clone()),
            None if self.ward == wards().len() => elsewhere.map(|other| other.wards[0].code.clone()),
            None => None,
        }
    }

    /// The place's cell.
    fn place(&self) -> usize {
        self.ward.min(wards().len())
    }

    /// Why it was closed, by its index.
    fn reason(&self) -> usize {
        usize::from(self.problems) % REASONS.len()
    }

    fn labels(&self, policy: &VerifiedPolicy, stream: &str) -> Labels {
        match stream {
            CLOSED => return Labels([(REASON.to_owned(), vec![REASONS[self.reason()].to_owned()])].into()),
            WITHDRAWN => return Labels::default(),
            _ => {}
        }
        let problems = &policy.stream(ATTACHED).unwrap().label_sets[0].labels;
        let present = (0..6).filter(|at| self.problems >> at & 1 == 1).map(|at| problems[at].clone());
        let mut labels = BTreeMap::from([(PROBLEM.to_owned(), present.collect())]);
        if stream == RESULT {
            let kind = self.by_progress.then(|| PROGRESS.to_owned());
            labels.insert(RESULT_TYPE.to_owned(), kind.into_iter().collect());
        }
        Labels(labels)
    }

    /// What a family adds to a table, written down from the definition and not by the program's own sums.
    pub(crate) fn adds(&self, policy: &StreamPolicy, places: usize) -> Table {
        let one_at =
            |cells: usize, at: usize| (0..cells).map(|cell| i64::from(cell == at)).collect::<Vec<_>>();
        let signs = |set: usize| -> Vec<i64> {
            let set = &policy.label_sets[set];
            if set.kind == LabelKind::One {
                return one_at(set.labels.len(), self.reason());
            }
            let present = |at: usize| match set.name.as_str() {
                PROBLEM => self.problems >> at & 1 == 1,
                _ => self.by_progress,
            };
            (0..set.labels.len()).map(|at| if present(at) { 1 } else { -1 }).collect()
        };
        let group = |kind| match kind {
            GroupKind::Total => vec![1],
            GroupKind::Place => one_at(places, self.place()),
            GroupKind::Label(set) => signs(set),
            GroupKind::LabelByPlace(set) => one_at(places, self.place())
                .into_iter()
                .flat_map(|here| signs(set).into_iter().map(move |sign| here * sign))
                .collect(),
        };
        policy.shape(places).groups().iter().map(|shape| group(shape.kind)).collect()
    }
}

impl Register {
    /// What was recorded in a stream, in the order it was recorded.
    pub(crate) fn events(&self, policy: &VerifiedPolicy, stream: usize) -> Vec<RecordedEvent> {
        let mut events: Vec<RecordedEvent> = Vec::new();
        for (&at, line) in &self.lines {
            let Some(entry) = &line.entries[stream] else { continue };
            let day = first_quarter().plus(entry.quarter as i32).last_day();
            events.push(RecordedEvent {
                line: line_id(at),
                family: FamilyId(format!("F{at}")),
                stream: STREAMS[stream].to_owned(),
                recorded_at: Moment::at_start_of(day).plus_seconds(at as i64),
                event: Event { ward: entry.ward_code(), labels: entry.labels(policy, STREAMS[stream]) },
            });
        }
        events.sort_by_key(|event| event.recorded_at);
        events
    }

    /// The merges known at a quarter's end, from line to line.
    pub(crate) fn merges(&self, quarter: usize) -> BTreeMap<usize, usize> {
        let known = |line: &Line| line.merged.filter(|&(_, when)| when <= quarter).map(|(into, _)| into);
        self.lines.iter().filter_map(|(&at, line)| Some((at, known(line)?))).collect()
    }

    fn root(&self, at: usize, quarter: usize) -> usize {
        let merges = self.merges(quarter);
        let mut at = at;
        while let Some(&into) = merges.get(&at) {
            at = into;
        }
        at
    }

    /// Every family line with everything ever merged with it.
    pub(crate) fn family_lines(&self) -> Vec<BTreeSet<usize>> {
        let mut families: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for &at in self.lines.keys() {
            families.entry(self.root(at, self.quarters)).or_default().insert(at);
        }
        families.into_values().collect()
    }

    /// Whether matching had put all parts of a family line together by each cut-off at which two of them
    /// could have been counted. Only of such is anything promised: a duplicate that is found later was two.
    pub(crate) fn was_always_one(&self, parts: &BTreeSet<usize>) -> bool {
        (0..STREAMS.len()).all(|stream| {
            (0..self.quarters).all(|quarter| {
                let countable = parts.iter().filter(|at| {
                    let line = &self.lines[at];
                    let recorded =
                        line.entries[stream].as_ref().is_some_and(|entry| entry.quarter <= quarter);
                    recorded || line.used_elsewhere
                });
                countable.map(|&at| self.root(at, quarter)).collect::<BTreeSet<_>>().len() <= 1
            })
        })
    }

    /// The one entry of a family line that a stream counts, if any.
    pub(crate) fn counted(&self, parts: &BTreeSet<usize>, stream: usize) -> Option<&Entry> {
        let used = parts.iter().any(|at| self.lines[at].used_elsewhere);
        let entries = parts.iter().filter_map(|at| Some((at, self.lines[at].entries[stream].as_ref()?)));
        entries.filter(|_| !used).min_by_key(|(at, entry)| (entry.quarter, **at)).map(|(_, entry)| entry)
    }

    /// The neighbouring register: the same without this family line.
    pub(crate) fn without(&self, parts: &BTreeSet<usize>) -> Self {
        let mut other = self.clone();
        other.lines.retain(|at, _| !parts.contains(at));
        other
    }
}

/// The name of a line in the register's database.
pub(crate) fn line_id(at: usize) -> LineId {
    LineId(format!("L{}", at + 1))
}
