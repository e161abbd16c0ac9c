//! That the noise is the discrete Gaussian the policy pays for, at small scales and at the shipped ones.
//!
//! Every test passes a correct sampler unless an event of probability at most 10⁻⁶ a comparison happens;
//! the source is the kernel's randomness, so no seed hides a bad draw.

use std::collections::BTreeSet;

use dashu_ratio::RBig;
use opendp::{
    domains::{AtomDomain, VectorDomain},
    measurements::make_gaussian,
    measures::ZeroConcentratedDivergence,
    metrics::L2Distance,
};
use tenfold_common::privacy::{
    Policy, Rho,
    policy::{ATTACHED, CLOSED, Plan, RESULT, WITHDRAWN},
};
use tenfold_node::release::noise::{DiscreteGaussian, NoiseSource as _};

use crate::chi_squared;

const DRAWS: usize = 100_000;
/// Probability with which one comparison rejects a correct sampler.
const FALSE_ALARM: f64 = 1e-6;

/// Values of the one noise source of the binary around zero.
fn drawn(sigma: u64) -> Vec<i64> {
    DiscreteGaussian.add(&vec![0; DRAWS], sigma, 1).unwrap()
}

/// Values of the same sampler at a scale that is no whole number, which the node never asks for.
fn drawn_at(scale: f64) -> Vec<i64> {
    let domain = VectorDomain::new(AtomDomain::<i64>::default());
    let distance = L2Distance::<f64>::default();
    let sampler = make_gaussian::<_, _, ZeroConcentratedDivergence>(domain, distance, scale, None).unwrap();
    sampler.invoke(&vec![0; DRAWS]).unwrap()
}

/// The exact discrete Gaussian: P(k) ∝ exp(−k²/2σ²) over all integers; what lies beyond 12σ weighs < 10⁻³⁰.
struct Exact {
    sigma: f64,
    total: f64,
}

impl Exact {
    fn new(sigma: impl Into<f64>) -> Self {
        let sigma = sigma.into();
        let one_side: f64 = (1..=(12.0 * sigma) as i64).rev().map(|k| weight(k, sigma)).sum();
        Self { sigma, total: 1.0 + 2.0 * one_side }
    }

    /// The last integer of each bin, and each bin's probability: at least one in `bins`, at large scales about
    /// that.
    fn equal_bins(&self, bins: usize) -> (Vec<i64>, Vec<f64>) {
        let (mut ends, mut chances): (Vec<i64>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut in_bin = 0.0;
        let end = (12.0 * self.sigma) as i64;
        for k in -end..=end {
            in_bin += weight(k, self.sigma) / self.total;
            if in_bin >= 1.0 / bins as f64 {
                ends.push(k);
                chances.push(in_bin);
                in_bin = 0.0;
            }
        }
        // What is left over on the right goes into the last bin.
        if let (Some(last), Some(chance)) = (ends.last_mut(), chances.last_mut()) {
            *last = i64::MAX;
            *chance += in_bin;
        }
        (ends, chances)
    }

    /// Probability that a correct sampler looks as uneven over the bins as these values.
    fn over_bins(&self, values: &[i64], bins: usize) -> f64 {
        let (ends, chances) = self.equal_bins(bins);
        let mut seen = vec![0; ends.len()];
        for value in values {
            seen[ends.partition_point(|end| end < value)] += 1;
        }
        let expected: Vec<f64> = chances.iter().map(|chance| chance * values.len() as f64).collect();
        chi_squared::of_counts(&seen, &expected)
    }
}

fn weight(k: i64, sigma: f64) -> f64 {
    (-0.5 * (k as f64 / sigma).powi(2)).exp()
}

/// Probability that uniform low bits look as uneven as these values modulo `modulus`. At σ ≥ 1,024 the
/// parts differ by less than 2·exp(−2π²σ²/1024²) < 10⁻⁸ of themselves, far below what 100,000 draws can show.
fn low_bits(values: &[i64], modulus: usize) -> f64 {
    let mut seen = vec![0; modulus];
    for value in values {
        seen[value.rem_euclid(modulus as i64) as usize] += 1;
    }
    chi_squared::of_counts(&seen, &vec![values.len() as f64 / modulus as f64; modulus])
}

/// The least probability of the comparisons that are made at shipped scales: 200 bins and three moduli.
fn at_shipped_scale(values: &[i64], exact: &Exact) -> f64 {
    let low = [2, 16, 1024].map(|modulus| low_bits(values, modulus));
    low.into_iter().fold(exact.over_bins(values, 200), f64::min)
}

fn shipped(stream: usize, places: usize) -> Vec<u64> {
    let policy = Policy::plan(Plan {
        name: "proof".into(),
        rehearsal: true,
        first_quarter: "2015-Q2".parse().unwrap(),
        opening: true,
        total: Rho::from_nano(250_000_000),
        framework: "expanded-2015".into(),
        problems: (1..=6).map(|problem| format!("problem {problem}")).collect(),
    });
    assert_eq!(
        [ATTACHED, RESULT, CLOSED, WITHDRAWN].as_slice(),
        policy.streams.iter().map(|s| &s.name).collect::<Vec<_>>()
    );
    policy.streams[stream].scales(places).unwrap().to_vec()
}

/// False alarm: one comparison a scale, 4·10⁻⁶. At the first three scales every value of the bulk has a bin of
/// its own.
#[test]
fn small_scales_follow_the_exact_distribution() {
    for sigma in [1_u32, 2, 5, 50] {
        let chance = Exact::new(sigma).over_bins(&drawn(sigma.into()), 200);
        assert!(chance > FALSE_ALARM, "σ = {sigma}: {chance}");
    }
}

/// Scales that are no whole numbers, among them those that the wrong division of older versions spoiled most
/// (2.5, 5, 50 and 50.12). A sampler 10 % off is found at each. False alarm: 7·10⁻⁶.
#[test]
fn scales_that_are_no_whole_numbers_follow_the_exact_distribution() {
    for scale in [0.7, 1.0, 2.5, 5.0, 7.3, 50.0, 50.12] {
        let exact = Exact::new(scale);
        let chance = exact.over_bins(&drawn_at(scale), 200);
        assert!(chance > FALSE_ALARM, "σ = {scale}: {chance}");
        for off in [0.9, 1.1] {
            let chance = exact.over_bins(&drawn_at(scale * off), 200);
            assert!(chance < 1e-9, "σ = {scale}, drawn at {off} of it: {chance}");
        }
    }
}

/// Every scale of the default policy, for every number of places, with a fifth of the draws: 73 scales, of which
/// each is compared four times. False alarm: 292·10⁻⁶·¼ = 73·10⁻⁶, as each comparison has a quarter of the usual.
#[test]
fn every_shipped_scale_follows_the_exact_distribution() {
    let scales: BTreeSet<u64> = [18, 20, 21, 22, 26, 33]
        .into_iter()
        .flat_map(|places| (0..4).flat_map(move |stream| shipped(stream, places)).collect::<Vec<_>>())
        .collect();
    assert!(scales.len() > 50, "{scales:?}");
    for sigma in scales {
        let exact = Exact::new(sigma as f64);
        let values = DiscreteGaussian.add(&vec![0; DRAWS / 5], sigma, 1).unwrap();
        let chance = at_shipped_scale(&values, &exact);
        assert!(chance > FALSE_ALARM / 4.0, "σ = {sigma}: {chance}");
        // So few draws still show a scale 10 % off.
        assert!(Exact::new(sigma as f64 * 1.1).over_bins(&values, 200) < 1e-9, "σ = {sigma}");
    }
}

fn the_shipped_scales_of(places: usize) {
    // The total's scale is the smallest, a problem's by ward among the largest.
    for sigma in [shipped(0, places)[0], shipped(1, places)[3]] {
        let chance = at_shipped_scale(&drawn(sigma), &Exact::new(sigma as f64));
        assert!(chance > FALSE_ALARM, "σ = {sigma} of {places} places: {chance}");
    }
}

/// False alarm: 4 comparisons each of 2 scales, 8·10⁻⁶.
#[test]
fn the_shipped_scales_of_18_places_follow_the_exact_distribution() {
    the_shipped_scales_of(18);
}

/// False alarm: 8·10⁻⁶.
#[test]
fn the_shipped_scales_of_21_places_follow_the_exact_distribution() {
    the_shipped_scales_of(21);
}

/// False alarm: 8·10⁻⁶.
#[test]
fn the_shipped_scales_of_33_places_follow_the_exact_distribution() {
    the_shipped_scales_of(33);
}

/// What must be found: a scale 10 % off either way, noise on every fourth number only, and noise that was
/// added in 32-bit floating point to a strategy value of usual size, which loses its low bit.
#[test]
fn wrong_noise_is_rejected() {
    let sigma = shipped(0, 21)[0];
    let exact = Exact::new(sigma as f64);
    let floating = |values: Vec<i64>| -> Vec<i64> {
        values.iter().map(|&value| (20_000_000.0_f32 + value as f32) as i64 - 20_000_000).collect()
    };
    let by_four = drawn(sigma / 4).iter().map(|value| 4 * value).collect();
    for (what, values) in [
        ("10 % too little", drawn(sigma * 9 / 10)),
        ("10 % too much", drawn(sigma * 11 / 10)),
        ("multiples of 4", by_four),
        ("rounded in 32 bits", floating(drawn(sigma))),
    ] {
        let chance = at_shipped_scale(&values, &exact);
        assert!(chance < 1e-9, "{what}: {chance}");
    }
    for sigma in [10_u32, 50] {
        let chance = Exact::new(sigma).over_bins(&drawn(u64::from(sigma) * 11 / 10), 200);
        assert!(chance < 1e-9, "σ = {sigma}, 10 % too much: {chance}");
    }
}

/// The division that older versions of the rational library got wrong, which biased all discrete noise: what
/// was not reduced by the common factor of numerator and divisor.
#[test]
fn rationals_are_divided_exactly() {
    let ratio = |above: i32, below: u32| RBig::from_parts(above.into(), below.into());
    for (above, below, by, expected) in
        [(-2, 3, 4, (-1, 6)), (2, 3, 4, (1, 6)), (-6, 5, 9, (-2, 15)), (4, 7, 2, (2, 7))]
    {
        let by_rational = ratio(above, below) / ratio(by, 1);
        assert_eq!(by_rational, ratio(expected.0, expected.1));
        let by_integer = ratio(above, below) / ratio(by, 1).numerator().clone();
        assert_eq!(by_integer, ratio(expected.0, expected.1));
        let by_natural = ratio(above, below) / ratio(1, by as u32).denominator().clone();
        assert_eq!(by_natural, ratio(expected.0, expected.1));
    }
}
