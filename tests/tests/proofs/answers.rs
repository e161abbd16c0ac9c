//! That an answer to a one-off question is the true count with noise of the scale that was paid, that a family moves one
//! cell of it by one, and that its intervals at little noise hold what they say.

use std::cell::RefCell;

use tenfold_common::{
    privacy::{
        Characteristic, Question, discrete,
        policy::ATTACHED,
        question::{CHILDREN, QUESTION_FORMAT},
    },
    protocol::release::ReleaseBody,
    statistics::Z_95,
};
use tenfold_node::{
    duties::question,
    release::{
        noise::{DiscreteGaussian, NoiseError, NoiseSource},
        selection::RecordedEvent,
    },
};
use tenfold_tests::recorded::{self, Features};

use crate::borough::{BoroughNode, Region, first_quarter};

const BOROUGH: &str = "E08000003";
const SIGMA: u64 = 8;
/// The standard errors that a comparison allows: a correct program fails one in 3.5 million.
const ALLOWED: f64 = 5.0;

/// No noise, and what was asked of it: cells, scale and squared shift.
#[derive(Default)]
struct Told(RefCell<Vec<(usize, u64, u64)>>);

impl NoiseSource for Told {
    fn add(&self, values: &[i64], sigma: u64, shift_squared: u64) -> Result<Vec<i64>, NoiseError> {
        self.0.borrow_mut().push((values.len(), sigma, shift_squared));
        Ok(values.to_vec())
    }
}

fn question(region: &Region) -> Question {
    Question {
        format: QUESTION_FORMAT.into(),
        name: "children".into(),
        title: "Families attached by number of children".into(),
        policy: region.policy.hash().into(),
        stream: ATTACHED.into(),
        from: first_quarter().plus(1),
        to: first_quarter().plus(2),
        by: Characteristic::Children,
        labels: CHILDREN.map(str::to_owned).to_vec(),
        by_place: true,
        sigma: SIGMA,
    }
}

/// Four families a quarter, in wards of their own; the last of each quarter in none that is known.
fn families(region: &Region) -> Vec<(i32, usize, RecordedEvent)> {
    let family = |number: usize| {
        let (quarter, ward) = ((number / 4) as i32, if number % 4 == 3 { 99 } else { 2 * number });
        let features = Features { ward, problems: 5, progress: false, reason: 0 };
        let at = first_quarter().plus(quarter);
        let event = recorded::event(
            &region.policy,
            &BOROUGH.parse().unwrap(),
            at,
            ATTACHED,
            &number.to_string(),
            features,
        );
        (quarter, ward, event.unwrap())
    };
    (0..16).map(family).collect()
}

/// The release that answers, as it is without noise.
fn answered(
    region: &Region,
    node: &BoroughNode,
    events: impl IntoIterator<Item = RecordedEvent>,
) -> (ReleaseBody, Told) {
    question::adopt(&node.node, &region.sign_question(&question(region)), "officer").unwrap();
    recorded::record(&node.node, events).unwrap();
    let told = Told::default();
    let mut last = None;
    for index in 0..3 {
        told.0.borrow_mut().clear();
        last = Some(node.release(region, first_quarter().plus(index), &told).0);
    }
    (last.unwrap(), told)
}

#[test]
fn a_family_moves_one_cell_of_an_answer_by_one() {
    let region = Region::new();
    let places = region.policy.places(&BOROUGH.parse().unwrap()).unwrap();
    let (labels, families) = (CHILDREN.len(), families(&region));
    let own = BoroughNode::new(&region, BOROUGH, None);
    let (body, told) = answered(&region, &own, families.iter().map(|(.., event)| event.clone()));
    let with = &body.questions[0].values;
    assert_eq!(with.len(), places * labels);
    // The opening quarter and what came after the answer are not asked about.
    assert_eq!(with.iter().sum::<i64>(), 8);
    // Drawn with the scale that was paid for, for a line that is in one cell or in none.
    assert_eq!(told.0.borrow().last(), Some(&(places * labels, SIGMA, 1)));
    for (left_out, (quarter, ward, _)) in families.iter().enumerate().step_by(3) {
        let like = BoroughNode::new(&region, BOROUGH, Some(&own));
        let others = families.iter().enumerate().filter(|(number, _)| *number != left_out);
        let (body, _) = answered(&region, &like, others.map(|(_, (.., event))| event.clone()));
        let pairs = with.iter().zip(&body.questions[0].values).enumerate();
        let moved: Vec<(usize, i64)> = pairs
            .filter(|(_, (with, without))| with != without)
            .map(|(cell, (a, b))| (cell, a - b))
            .collect();
        // Nobody's file is there, so the label is the last: not recorded.
        let cell = (*ward).min(places - 1) * labels + labels - 1;
        let expected = if (1..=2).contains(quarter) { vec![(cell, 1)] } else { Vec::new() };
        assert_eq!(moved, expected, "family {left_out} of quarter {quarter}");
    }
}

/// The sizes of sums of so many draws each.
fn sums(sigma: u64, terms: usize, count: usize) -> Vec<u64> {
    let drawn = DiscreteGaussian.add(&vec![0; count * terms], sigma, 1).unwrap();
    drawn.chunks(terms).map(|sum| sum.iter().sum::<i64>().unsigned_abs()).collect()
}

#[test]
fn intervals_at_little_noise_hold_95_times_in_100_and_are_no_wider_than_that_needs() {
    for (sigma, terms, count) in
        [(1, 1, 30_000), (3, 1, 100_000), (5, 1, 100_000), (1, 9, 10_000), (3, 10, 10_000)]
    {
        let sums = sums(sigma, terms, count);
        let held = |width: u64| sums.iter().filter(|size| **size <= width).count() as f64 / count as f64;
        let allowed = ALLOWED * (0.95 * 0.05 / count as f64).sqrt();
        let (width, cut) = (discrete::half_width(sigma, terms), (Z_95 * sigma as f64) as u64);
        assert!(held(width) >= 0.95 - allowed, "σ = {sigma}, {terms}: ±{width} held {}", held(width));
        assert!(held(width - 1) < 0.95 + allowed, "σ = {sigma}, {terms}: ±{} is enough", width - 1);
        // What must be found: the normal quantile, cut down to a whole number.
        if terms == 1 && sigma > 1 {
            assert!(held(cut) < 0.95 - allowed, "σ = {sigma}: ±{cut} held {}", held(cut));
        }
    }
}
