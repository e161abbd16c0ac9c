//! That what a borough releases is its strategy values plus fresh noise of exactly the scale it paid for.

use std::{
    cell::RefCell,
    collections::{BTreeMap, btree_map::Entry},
    fs,
};

use tenfold_common::{
    clock::Moment,
    geography,
    privacy::{Table, VerifiedPolicy},
    protocol::release::ReleaseBody,
};
use tenfold_node::{
    duties::{claim, decide, load},
    register::SourceKind,
    release::noise::{DiscreteGaussian, NoiseError, NoiseSource},
    synth,
};
use tenfold_store::Role;
use tenfold_tests::definition;

use crate::{
    borough::{BoroughNode, Region, first_quarter, person},
    chi_squared,
};

const QUARTERS: usize = 6;
/// Probability with which one comparison rejects a correct program.
const FALSE_ALARM: f64 = 1e-6;

/// One release with the true tables of its quarter.
struct Released {
    borough: usize,
    quarter: usize,
    body: ReleaseBody,
    truth: Vec<Table>,
}

/// Two boroughs of equally many wards, so that noise used twice would fit both.
fn twins() -> [&'static geography::Borough; 2] {
    let all = geography::boroughs();
    let pairs = all.iter().flat_map(|one| all.iter().map(move |other| [one, other]));
    let mut equal =
        pairs.filter(|[one, other]| one.code < other.code && one.wards.len() == other.wards.len());
    equal.next().expect("ten boroughs have six numbers of wards")
}

/// Plays two boroughs over the quarters, each release with the noise that `noise` gives it.
fn play<N: NoiseSource>(region: &Region, extracts: bool, noise: impl Fn(usize, usize) -> N) -> Vec<Released> {
    let mut released = Vec::new();
    for (at, borough) in twins().into_iter().enumerate() {
        let node = BoroughNode::new(region, borough.code.as_str(), None);
        let folder = tempfile::tempdir().unwrap();
        if extracts {
            let plan = synth::SynthPlan {
                first_quarter: first_quarter(),
                quarters: QUARTERS,
                scale: 0.3,
                ..synth::SynthPlan::new(borough.code.clone(), 2015)
            };
            synth::write(&plan, folder.path()).unwrap();
            for &source in SourceKind::ALL {
                load::record_agreement(&node.node, source, "ISA-2015", "officer").unwrap();
            }
        }
        for index in 0..QUARTERS {
            let quarter = first_quarter().plus(index as i32);
            if extracts {
                node.at(Moment::at_start_of(synth::load_day(quarter)));
                take_in(&node, &folder.path().join(quarter.to_string()), synth::coverage(quarter));
            }
            let (body, truth) = node.release(region, quarter, &noise(at, index));
            released.push(Released { borough: at, quarter: index, body, truth });
        }
    }
    released
}

fn take_in(node: &BoroughNode, folder: &std::path::Path, covers: tenfold_node::register::Days) {
    let mut files = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            files.push(load::GivenFile::at(&path));
        }
    }
    let request = load::LoadRequest { take_good_rows: true, ..load::LoadRequest::new(covers.to, covers) };
    let analyst = person(Role::Analyst);
    let reports = load::load(&node.node, &files, &request, &analyst, |_, _, _| {}).unwrap();
    assert!(reports.iter().all(|report| report.outcome == load::Outcome::Loaded), "{reports:?}");
    decide::decide(&node.node, &analyst).unwrap();
    claim::draft_quarter(&node.node, &analyst).unwrap();
}

/// z = (y − C·x)/σ of every cell of every release, stream by stream and group by group.
fn residuals(policy: &VerifiedPolicy, released: &[Released]) -> Vec<Vec<f64>> {
    let one = |release: &Released| {
        let history: Vec<&Released> = released
            .iter()
            .filter(|other| other.borough == release.borough && other.quarter <= release.quarter)
            .collect();
        assert_eq!(history.len(), release.quarter + 1);
        let mut residuals = Vec::new();
        for (stream, values) in release.body.streams.iter().enumerate() {
            let places = policy.places(&release.body.id.borough).unwrap();
            let sigma = policy.policy().streams[stream].scales(places).unwrap();
            let groups = policy.policy().streams[stream].shape(places).groups();
            for (group, cells) in values.values.iter().enumerate() {
                let weights = definition::weights(policy.policy(), groups[group].every, release.quarter, &[]);
                assert_eq!(cells.len(), if weights.is_some() { groups[group].cells } else { 0 });
                let weights = weights.unwrap_or_default();
                for (cell, &published) in cells.iter().enumerate() {
                    // C·x written out, not by the program's own sum.
                    let exact: i64 = history
                        .iter()
                        .map(|past| weights[past.quarter] * past.truth[stream][group][cell])
                        .sum();
                    residuals.push((published - exact) as f64 / sigma[group] as f64);
                }
            }
        }
        residuals
    };
    released.iter().map(one).collect()
}

/// The least probability, under fresh noise of the right scale, of what is seen: the mean; the variance, from
/// either side; twenty bins of equal probability; every pair of releases, cell by cell; and each cell of a
/// release with the next. For twelve releases these are 4 + 66 + 12 comparisons.
fn least_chance(residuals: &[Vec<f64>]) -> f64 {
    let all: Vec<f64> = residuals.iter().flatten().copied().collect();
    let n = all.len() as f64;
    let squares = chi_squared::tail(all.iter().map(|z| z * z).sum(), all.len());
    let mut bins = [0_u64; 20];
    for &z in &all {
        let above =
            if z > 0.0 { chi_squared::two_sided(z) / 2.0 } else { 1.0 - chi_squared::two_sided(z) / 2.0 };
        bins[((above * 20.0) as usize).min(19)] += 1;
    }
    let mut chances = vec![
        chi_squared::two_sided(all.iter().sum::<f64>() / n.sqrt()),
        squares,
        1.0 - squares,
        chi_squared::of_counts(&bins, &[n / 20.0; 20]),
    ];
    let mut together = |one: &[f64], other: &[f64]| {
        // Given the one release, Σ z·z' of an independent other is exactly normal with variance Σ z².
        let products: f64 = one.iter().zip(other).map(|(a, b)| a * b).sum();
        let norm = one.iter().zip(other).map(|(_, b)| b * b).sum::<f64>().sqrt();
        chances.push(chi_squared::two_sided(products / norm));
    };
    for (at, one) in residuals.iter().enumerate() {
        for other in &residuals[at + 1..] {
            together(one, other);
        }
        let every_second = |from: usize| one.iter().skip(from).step_by(2).copied().collect::<Vec<f64>>();
        together(&every_second(0), &every_second(1));
    }
    chances.into_iter().fold(1.0, |least, chance| if chance.is_nan() { 0.0 } else { f64::min(least, chance) })
}

/// Twelve releases of two boroughs from synthetic extracts, through intake, verdicts and every duty.
///
/// A correct program fails with probability below 82·10⁻⁶.
#[test]
fn released_minus_true_is_noise_of_the_scale_that_was_paid() {
    let region = Region::new();
    let released = play(&region, true, |_, _| DiscreteGaussian);
    let counted: i64 = released.iter().flat_map(|release| &release.truth).map(|table| table[0][0]).sum();
    assert!(counted > 100, "the extracts led to {counted} events only");
    let residuals = residuals(&region.policy, &released);
    assert!(residuals.len() >= 10 && residuals.iter().all(|cells| cells.len() >= 23));
    let chance = least_chance(&residuals);
    assert!(chance > FALSE_ALARM, "{chance}");
}

/// The true noise, changed: scaled by a ratio of whole numbers, or none at all.
struct Scaled {
    times: u64,
    over: u64,
}

impl NoiseSource for Scaled {
    fn add(&self, values: &[i64], sigma: u64, shift: u64) -> Result<Vec<i64>, NoiseError> {
        if self.times == 0 {
            return Ok(values.to_vec());
        }
        let times_over = |by: u64| by * self.over * self.over / (self.times * self.times);
        DiscreteGaussian.add(values, sigma * self.times / self.over, times_over(shift))
    }
}

/// The true noise, drawn once for each length and scale and used again and again.
#[derive(Default)]
struct Remembered(RefCell<BTreeMap<(usize, u64), Vec<i64>>>);

impl NoiseSource for &Remembered {
    fn add(&self, values: &[i64], sigma: u64, shift: u64) -> Result<Vec<i64>, NoiseError> {
        let mut memory = self.0.borrow_mut();
        let key = (values.len(), sigma);
        let noise = match memory.entry(key) {
            Entry::Occupied(remembered) => remembered.into_mut(),
            Entry::Vacant(new) => new.insert(DiscreteGaussian.add(&vec![0; values.len()], sigma, shift)?),
        };
        Ok(values.iter().zip(noise).map(|(value, noise)| value + *noise).collect())
    }
}

/// What must be found: no noise, half, twice, a fifth too little, and noise used again in the next quarter or
/// in the other borough.
#[test]
fn wrong_noise_in_a_release_is_found() {
    let region = Region::new();
    let chance = |released: &[Released]| least_chance(&residuals(&region.policy, released));
    for (times, over) in [(0, 1), (1, 2), (2, 1), (4, 5)] {
        let found = chance(&play(&region, false, |_, _| Scaled { times, over }));
        assert!(found < 1e-9, "noise times {times}/{over}: {found}");
    }
    let memories: Vec<Remembered> = (0..QUARTERS.max(2)).map(|_| Remembered::default()).collect();
    let between_quarters = chance(&play(&region, false, |borough, _| &memories[borough]));
    assert!(between_quarters < 1e-9, "used again in the next quarter: {between_quarters}");
    let memories: Vec<Remembered> = (0..QUARTERS).map(|_| Remembered::default()).collect();
    let between_boroughs = chance(&play(&region, false, |_, quarter| &memories[quarter]));
    assert!(between_boroughs < 1e-9, "used again in the other borough: {between_boroughs}");
}

/// Two nodes with equal keys and registers seal different bytes: what differs is drawn, and every table is.
/// Were the noise fresh, two tables of one cell at σ ≥ 16,000 would agree with probability below 2·10⁻⁵, all
/// of two releases' nine tables practically never; one equal total is therefore allowed.
#[test]
fn two_nodes_with_equal_registers_seal_different_bytes() {
    let region = Region::new();
    let borough = twins()[0].code.as_str();
    let one = BoroughNode::new(&region, borough, None);
    let other = BoroughNode::new(&region, borough, Some(&one));
    let (first, truth) = one.release(&region, first_quarter(), &DiscreteGaussian);
    let (second, same_truth) = other.release(&region, first_quarter(), &DiscreteGaussian);
    assert_eq!(truth, same_truth);
    assert_eq!(
        ReleaseBody { streams: Vec::new(), ..first.clone() },
        ReleaseBody { streams: Vec::new(), ..second.clone() }
    );
    let tables = |body: &ReleaseBody| -> Vec<Vec<i64>> {
        body.streams.iter().flat_map(|stream| stream.values.clone()).collect()
    };
    let equal = tables(&first).iter().zip(tables(&second)).filter(|(a, b)| **a == *b).count();
    assert!(equal <= 1, "{equal} tables are equal");
}
