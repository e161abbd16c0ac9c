//! Record and replay: of two neighbours under identical noise, the one draws the same numbers at the same scales in the
//! same order as the other, and what they seal differs by the exact strategy values of the one family line.

use std::{cell::RefCell, collections::BTreeSet, vec::IntoIter};

use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tenfold_common::protocol::release::ReleaseBody;
use tenfold_node::release::noise::{DiscreteGaussian, NoiseError, NoiseSource};

use tenfold_tests::definition;

use crate::{
    borough::{BoroughNode, Region},
    families::{BOROUGH, Register, STREAMS, registers},
    neighbours::{Played, in_a_node},
};

/// To the end of the first year after the opening position, so that groups by place are drawn twice.
const QUARTERS: usize = 4;

/// One call of the noise source.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    cells: usize,
    sigma: u64,
    shift: u64,
}

/// The program's noise, written down; or what was written down, given again in the same order.
#[derive(Default)]
struct Tape {
    calls: RefCell<Vec<Call>>,
    drawn: RefCell<Vec<Vec<i64>>>,
    replayed: Option<RefCell<IntoIter<Vec<i64>>>>,
}

impl Tape {
    fn replaying(recorded: &Self) -> Self {
        let drawn = recorded.drawn.borrow().clone();
        Self { replayed: Some(RefCell::new(drawn.into_iter())), ..Self::default() }
    }

    /// The noise of the next call. A replayed tape that is at its end, or had fewer cells here, gives fresh noise: the
    /// calls differ then anyway.
    fn next(&self, cells: usize, sigma: u64, shift: u64) -> Result<Vec<i64>, NoiseError> {
        self.calls.borrow_mut().push(Call { cells, sigma, shift });
        let known = self.replayed.as_ref().and_then(|tape| tape.borrow_mut().next());
        let noise = match known.filter(|noise| noise.len() == cells) {
            Some(noise) => noise,
            None => DiscreteGaussian.add(&vec![0; cells], sigma, shift)?,
        };
        self.drawn.borrow_mut().push(noise.clone());
        Ok(noise)
    }
}

/// What is planted between the program and its noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Nothing.
    None,
    /// Values and noise are brought to units of σ, added as floating-point numbers, and cut off.
    FloatRounding,
    /// A table without anything in it is sent without noise.
    EmptySpared,
    /// A table with something in it gets twice the noise.
    ScaleOfData,
}

struct Source<'a> {
    tape: &'a Tape,
    fault: Fault,
}

impl NoiseSource for Source<'_> {
    fn add(&self, values: &[i64], sigma: u64, shift: u64) -> Result<Vec<i64>, NoiseError> {
        let empty = values.iter().all(|&value| value == 0);
        if self.fault == Fault::EmptySpared && empty {
            return Ok(values.to_vec());
        }
        let sigma = if self.fault == Fault::ScaleOfData && !empty { 2 * sigma } else { sigma };
        let noise = self.tape.next(values.len(), sigma, shift)?;
        let sum = |(&value, &noise): (&i64, &i64)| match self.fault {
            Fault::FloatRounding => {
                let unit = sigma as f64;
                ((value as f64 / unit + noise as f64 / unit) * unit) as i64
            }
            _ => value + noise,
        };
        Ok(values.iter().zip(&noise).map(sum).collect())
    }
}

/// One released body without its values: what is left may not depend on a family.
fn shape(body: &ReleaseBody) -> ReleaseBody {
    let mut shape = body.clone();
    for values in shape.streams.iter_mut().flat_map(|stream| &mut stream.values) {
        values.iter_mut().for_each(|value| *value = 0);
    }
    shape
}

/// Plays both neighbours, the second with the noise of the first: how often each called the noise source, or the first
/// difference that must not be.
fn compare(
    region: &Region,
    register: &Register,
    parts: &BTreeSet<usize>,
    fault: Fault,
) -> Result<usize, String> {
    let (recorded, borough) = (Tape::default(), BoroughNode::new(region, BOROUGH, None));
    let with = in_a_node(region, register, &borough, &Source { tape: &recorded, fault });
    let (replayed, like) = (Tape::replaying(&recorded), BoroughNode::new(region, BOROUGH, Some(&borough)));
    let without = in_a_node(region, &register.without(parts), &like, &Source { tape: &replayed, fault });
    if recorded.calls != replayed.calls {
        return Err("the calls of the noise source differ".into());
    }
    for (quarter, (with, without)) in with.released.iter().zip(&without.released).enumerate() {
        if shape(with) != shape(without) {
            return Err(format!("quarter {quarter}: more than values differs"));
        }
    }
    moves_by_strategy_values(region, register, parts, [&with, &without])?;
    let calls = recorded.calls.borrow().len();
    Ok(calls)
}

/// Whether every value sealed moves by Σ C[t][s]·Δ_s, with Δ from the definition of what the family line adds.
fn moves_by_strategy_values(
    region: &Region,
    register: &Register,
    parts: &BTreeSet<usize>,
    [with, without]: [&Played; 2],
) -> Result<(), String> {
    let places = region.policy.places(&BOROUGH.parse().unwrap()).unwrap();
    for (stream, name) in STREAMS.iter().enumerate() {
        let policy = region.policy.stream(name).unwrap();
        let counted = register.counted(parts, stream);
        let adds = counted.map(|entry| (entry.quarter, entry.adds(policy, places)));
        let groups = policy.shape(places).groups();
        for quarter in 0..register.quarters {
            let values = |played: &Played| played.released[quarter].streams[stream].values.clone();
            for (group, (with, without)) in values(with).iter().zip(values(without)).enumerate() {
                let weights = definition::weights(region.policy.policy(), groups[group].every, quarter, &[]);
                for (cell, (with, without)) in with.iter().zip(without).enumerate() {
                    let expected = adds
                        .as_ref()
                        .filter(|(entry, _)| *entry <= quarter)
                        .zip(weights.as_ref())
                        .map_or(0, |((entry, adds), weights)| weights[*entry] * adds[group][cell]);
                    if with - without != expected {
                        let moved = with - without;
                        return Err(format!(
                            "{name}, quarter {quarter}, group {group}, cell {cell} moves by {moved}, not {expected}"
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}

/// Random registers of up to `most` lines, each with its largest family line that was one at each cut-off.
fn neighbours(cases: usize, most: usize) -> Vec<(Register, BTreeSet<usize>)> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let registers =
        std::iter::repeat_with(|| registers(QUARTERS, most).new_tree(&mut runner).unwrap().current());
    let with_target = registers.filter_map(|register| {
        let families = register.family_lines();
        let countable = |parts: &BTreeSet<usize>| {
            register.was_always_one(parts)
                && (0..STREAMS.len()).any(|at| register.counted(parts, at).is_some())
        };
        let target = families.into_iter().filter(countable).max_by_key(BTreeSet::len)?;
        Some((register, target))
    });
    with_target.take(cases).collect()
}

/// Eight pairs of nodes with four quarters of four streams: 42 calls of the noise source each, 13 in a quarter that
/// ends a year and 8 in another.
#[test]
fn neighbours_under_identical_noise_take_the_same_path() {
    let region = Region::new();
    for (register, parts) in neighbours(8, 10) {
        assert_eq!(compare(&region, &register, &parts, Fault::None), Ok(42));
    }
}

/// No false alarms: nothing here is random but the noise, and that is the same twice. In a small register one family is
/// all there is in some table.
#[test]
fn float_rounding_and_noise_that_looks_at_data_are_found() {
    let region = Region::new();
    let pairs = neighbours(4, 2);
    let found = |fault| {
        let fault = pairs.iter().find_map(|(register, parts)| compare(&region, register, parts, fault).err());
        fault.unwrap()
    };
    assert!(found(Fault::FloatRounding).contains("moves by"));
    assert!(found(Fault::EmptySpared).contains("calls"));
    assert!(found(Fault::ScaleOfData).contains("calls"));
}
