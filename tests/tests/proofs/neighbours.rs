//! Sensitivity and locality: one family line moves each group of each table by exactly the length that is paid
//! for, once, and moves nothing that any other line adds.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tenfold_common::{
    clock::Moment,
    privacy::{
        Table,
        policy::{CLOSED, WITHDRAWN},
    },
    protocol::release::ReleaseBody,
};
use tenfold_node::{
    ledger::JournalKey,
    release::{
        noise::{DiscreteGaussian, NoiseSource},
        selection::{self, Merges, RecordedEvent},
        tally,
    },
    store,
};

use crate::{
    borough::{BoroughNode, Region, first_quarter},
    families::{BOROUGH, Register, STREAMS, line_id, registers, ward_choices},
};

/// What was released of a register: true tables by quarter and stream, and the journal after the last.
pub(crate) struct Played {
    pub(crate) tables: Vec<Vec<Table>>,
    journal: BTreeSet<(usize, String)>,
    /// What was sealed, quarter by quarter; without a node nothing is.
    pub(crate) released: Vec<ReleaseBody>,
}

/// How a selection is made; the program's own, or a wrong one planted here.
type Select = for<'a> fn(
    &'a [RecordedEvent],
    &Merges,
    &BTreeSet<String>,
    &JournalKey,
    Moment,
) -> Vec<&'a RecordedEvent>;

/// Plays a register through the program's selection and tally, without a database.
fn in_memory(region: &Region, register: &Register, select: Select) -> Played {
    let key = JournalKey::from_bytes([5; 32]);
    let borough = BOROUGH.parse().unwrap();
    let used = register.lines.iter().filter(|(_, line)| line.used_elsewhere);
    let mut journal: BTreeSet<(usize, String)> = used
        .flat_map(|(&at, _)| (0..STREAMS.len()).map(move |stream| (stream, at)))
        .map(|(stream, at)| (stream, key.name(&line_id(at))))
        .collect();
    let mut tables = Vec::new();
    for quarter in 0..register.quarters {
        let until = region.policy.recording_ends(first_quarter().plus(quarter as i32));
        let merges =
            register.merges(quarter).into_iter().map(|(from, into)| (line_id(from), line_id(into))).collect();
        let mut of_quarter = Vec::new();
        for (stream, name) in STREAMS.iter().enumerate() {
            let events = register.events(&region.policy, stream);
            let journalled = journal.iter().filter(|row| row.0 == stream).map(|row| row.1.clone()).collect();
            let chosen = select(&events, &merges, &journalled, &key, until);
            journal.extend(chosen.iter().map(|event| (stream, key.name(&event.line))));
            let policy = region.policy.stream(name).unwrap();
            let chosen = chosen.iter().map(|event| &event.event);
            let table = tally::tally(&region.policy, &borough, policy, chosen).unwrap();
            of_quarter.push(table.show_locally().clone());
        }
        tables.push(of_quarter);
    }
    Played { tables, journal, released: Vec::new() }
}

/// Plays a register through a real node: database, preparation, approval, charge, draw and seal.
pub(crate) fn in_a_node(
    region: &Region,
    register: &Register,
    borough: &BoroughNode,
    noise: &impl NoiseSource,
) -> Played {
    let number = |at: usize| at as i64 + 1;
    let node = &borough.node;
    node.store
        .write(|connection| {
            for (&at, line) in &register.lines {
                if line.used_elsewhere {
                    let name = node.keys.journal().unwrap().name(&line_id(at));
                    for stream in STREAMS {
                        store::ledger::journal_used_elsewhere(connection, &name, stream)?;
                    }
                }
            }
            for stream in 0..STREAMS.len() {
                for event in register.events(&region.policy, stream) {
                    store::events::record(connection, &event, "analyst", "expanded-2015")?;
                }
            }
            Ok::<_, tenfold_store::StoreError>(())
        })
        .unwrap();
    let (mut tables, mut released, mut known) = (Vec::new(), Vec::new(), BTreeMap::new());
    for quarter in 0..register.quarters {
        let merges = register.merges(quarter);
        let united: Vec<(i64, i64)> = merges
            .iter()
            .filter(|(from, _)| !known.contains_key(*from))
            .map(|(&from, &into)| (number(from), number(into)))
            .collect();
        let unite = |connection: &mut _| store::mentions::unite(connection, &united, None, node.now());
        node.store.write(unite).unwrap();
        known = merges;
        let (body, truth) = borough.release(region, first_quarter().plus(quarter as i32), noise);
        released.push(body);
        tables.push(truth);
    }
    let mut journal = BTreeSet::new();
    for (stream, name) in STREAMS.iter().enumerate() {
        let names = node.store.read(|connection| store::ledger::journalled(connection, name)).unwrap();
        journal.extend(names.into_iter().map(|name| (stream, name)));
    }
    Played { tables, journal, released }
}

/// What the generators reached by the lines that were removed.
#[derive(Default)]
struct Reached {
    labels: BTreeSet<u32>,
    wards: BTreeSet<usize>,
    quarters: BTreeSet<(usize, usize)>,
    merged: usize,
    /// Worst squared length over the claimed one, by stream and group, in hundredths.
    lengths: BTreeMap<(usize, usize), BTreeSet<u64>>,
    /// Worst squared length of everything released over the horizon, over L2²·S as it is charged.
    charged: BTreeMap<(usize, usize), f64>,
}

/// Compares two neighbours: the tables differ by what the removed line adds, in the one quarter in which it
/// counts, and by nothing in any other; so does the journal, by that line's own rows.
fn compare(
    region: &Region,
    register: &Register,
    parts: &BTreeSet<usize>,
    with: &Played,
    without: &Played,
    reached: &mut Reached,
) -> Result<(), String> {
    let places = region.policy.places(&BOROUGH.parse().unwrap()).unwrap();
    for (stream, name) in STREAMS.iter().enumerate() {
        let policy = region.policy.stream(name).unwrap();
        let groups = policy.shape(places).groups();
        let counted = register.counted(parts, stream);
        for quarter in 0..register.quarters {
            let (with, without) = (&with.tables[quarter][stream], &without.tables[quarter][stream]);
            let here = counted.filter(|entry| entry.quarter == quarter);
            let adds = here.map(|entry| entry.adds(policy, places));
            for (at, group) in groups.iter().enumerate() {
                let change: Vec<i64> = with[at].iter().zip(&without[at]).map(|(a, b)| a - b).collect();
                let length = change.iter().map(|by| by * by).sum::<i64>() as u64;
                let expected = adds.as_ref().map_or_else(|| vec![0; group.cells], |table| table[at].clone());
                if change != expected {
                    return Err(format!(
                        "{name}, quarter {quarter}, group {at}: {change:?}, not {expected:?}"
                    ));
                }
                if here.is_some() {
                    let ratios = reached.lengths.entry((stream, at)).or_default();
                    ratios.insert(100 * length / group.l2_squared);
                }
            }
        }
        over_the_horizon(region, (stream, name), counted.is_some(), with, without, reached)?;
        if let Some(entry) = counted {
            reached.labels.insert(entry.problems.count_ones());
            reached.wards.insert(entry.ward);
            reached.quarters.insert((stream, entry.quarter));
            reached.merged += usize::from(parts.len() > 1);
        }
    }
    let lost = with.journal.difference(&without.journal).count();
    let counted = (0..STREAMS.len()).filter(|&stream| register.counted(parts, stream).is_some()).count();
    let used = STREAMS.len() * parts.iter().filter(|at| register.lines[at].used_elsewhere).count();
    if !without.journal.is_subset(&with.journal) || lost != counted + used {
        return Err(format!("the journals differ by {lost} rows, expected {}", counted + used));
    }
    Ok(())
}

/// By how much all that is released of a stream differs over the whole horizon, before noise, group by group: at
/// most L2²·S, S being that of the group's own cadence; by nothing where the line does not count.
fn over_the_horizon(
    region: &Region,
    (stream, name): (usize, &str),
    counted: bool,
    with: &Played,
    without: &Played,
    reached: &mut Reached,
) -> Result<(), String> {
    let policy = region.policy.policy();
    let shape =
        region.policy.stream(name).unwrap().shape(region.policy.places(&BOROUGH.parse().unwrap()).unwrap());
    let (size, nothing) = (policy.time_matrix.size(), shape.empty_table());
    let released = |played: &Played| -> Vec<Table> {
        let tables: Vec<&Table> = (0..size)
            .map(|quarter| played.tables.get(quarter).map_or(&nothing, |tables| &tables[stream]))
            .collect();
        (0..size).map(|quarter| policy.strategy(&shape, &tables[..=quarter], &[]).unwrap()).collect()
    };
    let (with, without) = (released(with), released(without));
    for (at, group) in shape.groups().iter().enumerate() {
        let quarters = with.iter().zip(&without);
        let changes = quarters.flat_map(|(with, without)| with[at].iter().zip(&without[at]));
        let length: u128 = changes.map(|(a, b)| u128::from(a.abs_diff(*b)).pow(2)).sum();
        let claimed = u128::from(group.l2_squared) * u128::from(policy.column_sums().of(group.every));
        if length > claimed || (length > 0) != counted {
            return Err(format!("{name}, group {at}: {length} over the horizon, {claimed} are charged"));
        }
        let worst = reached.charged.entry((stream, at)).or_default();
        *worst = worst.max(length as f64 / claimed as f64);
    }
    Ok(())
}

fn every_total_is_the_sum_of_its_places(played: &Played) {
    for of_quarter in &played.tables {
        for (table, name) in of_quarter.iter().zip(STREAMS) {
            match name {
                WITHDRAWN => assert_eq!(table.len(), 1),
                _ => assert_eq!(table[0][0], table[1].iter().sum::<i64>()),
            }
            if name == CLOSED {
                assert_eq!(table[0][0], table[2].iter().sum::<i64>());
            }
        }
    }
}

/// Tries every family line of many registers that was one at each cut-off; the first fault found, if any.
fn try_all(cases: u32, quarters: usize, select: Select, reached: &mut Reached) -> Result<(), String> {
    let region = Region::new();
    let mut runner = runner(7);
    for _ in 0..cases {
        let register = registers(quarters, 12).new_tree(&mut runner).unwrap().current();
        let with = in_memory(&region, &register, select);
        every_total_is_the_sum_of_its_places(&with);
        for parts in register.family_lines().iter().filter(|parts| register.was_always_one(parts)) {
            let without = in_memory(&region, &register.without(parts), select);
            compare(&region, &register, parts, &with, &without, reached)?;
        }
    }
    Ok(())
}

/// The same registers every time, so that a failure stays one.
fn runner(seed: u8) -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

/// No false alarms: nothing here is random but the choice of registers.
#[test]
fn a_line_moves_each_group_by_what_is_paid_and_nothing_else() {
    let mut reached = Reached::default();
    try_all(250, 4, selection::countable, &mut reached).unwrap();
    assert_eq!(reached.labels, (0..=6).collect());
    assert_eq!(reached.wards, (0..ward_choices()).collect());
    let everywhere = (0..STREAMS.len()).flat_map(|stream| (0..4).map(move |quarter| (stream, quarter)));
    assert_eq!(reached.quarters, everywhere.collect());
    assert!(reached.merged > 50, "{}", reached.merged);
    // Never above the claim, and tight: worst over claimed is 1 in each of 4, 5, 3 and 1 groups.
    assert_eq!(reached.lengths.len(), 4 + 5 + 3 + 1);
    assert!(reached.lengths.values().all(|ratios| ratios == &BTreeSet::from([100])));
    // Over the horizon, too: in groups of quarters and in groups of years, to the third place.
    assert_eq!(reached.charged.len(), 4 + 5 + 3 + 1);
    for (group, worst) in &reached.charged {
        assert!((0.9995..=1.0).contains(worst), "{group:?}: {worst}");
    }
}

/// The same through the database and all duties of a node, line by line.
#[test]
fn neighbours_in_real_nodes_differ_by_one_contribution() {
    let region = Region::new();
    let mut runner = runner(8);
    let mut reached = Reached::default();
    for _ in 0..15 {
        let register = registers(3, 12).new_tree(&mut runner).unwrap().current();
        let borough = BoroughNode::new(&region, BOROUGH, None);
        let with = in_a_node(&region, &register, &borough, &DiscreteGaussian);
        every_total_is_the_sum_of_its_places(&with);
        assert_eq!(with.tables, in_memory(&region, &register, selection::countable).tables);
        let families = register.family_lines();
        let mut families: Vec<_> = families.iter().filter(|parts| register.was_always_one(parts)).collect();
        families.sort_by_key(|parts| std::cmp::Reverse(parts.len()));
        for parts in families.into_iter().take(3) {
            let like = BoroughNode::new(&region, BOROUGH, Some(&borough));
            let without = in_a_node(&region, &register.without(parts), &like, &DiscreteGaussian);
            compare(&region, &register, parts, &with, &without, &mut reached).unwrap();
        }
    }
    assert!(reached.merged > 0 && reached.quarters.len() >= 5, "{:?}", reached.quarters);
    assert!(reached.lengths.values().all(|ratios| ratios == &BTreeSet::from([100])));
}

/// What must be found: a gate that counts only the first few, and a journal that forgets merged parts.
#[test]
fn gates_and_forgotten_merges_are_found() {
    fn first_three<'a>(
        events: &'a [RecordedEvent],
        merges: &Merges,
        journalled: &BTreeSet<String>,
        key: &JournalKey,
        until: Moment,
    ) -> Vec<&'a RecordedEvent> {
        selection::countable(events, merges, journalled, key, until).into_iter().take(3).collect()
    }
    fn forgets_merges<'a>(
        events: &'a [RecordedEvent],
        _: &Merges,
        journalled: &BTreeSet<String>,
        key: &JournalKey,
        until: Moment,
    ) -> Vec<&'a RecordedEvent> {
        selection::countable(events, &Merges::new(), journalled, key, until)
    }
    fn forgets_the_journal<'a>(
        events: &'a [RecordedEvent],
        merges: &Merges,
        _: &BTreeSet<String>,
        key: &JournalKey,
        until: Moment,
    ) -> Vec<&'a RecordedEvent> {
        selection::countable(events, merges, &BTreeSet::new(), key, until)
    }
    for wrong in [first_three, forgets_merges, forgets_the_journal] as [Select; 3] {
        try_all(60, 4, wrong, &mut Reached::default()).unwrap_err();
    }
}
