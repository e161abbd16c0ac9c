//! That a reader's intervals hold what they say with the real noise: drawn by the node's sampler at planned
//! scales, decoded and reconciled by the aggregator. Its own tests do the same 10,000 times with normal noise.

use tenfold_aggregator::combine::{Cell, Decoded, Span};
use tenfold_common::{
    geography::BoroughCode,
    privacy::{
        Group, Policy, Rho, Table, VerifiedPolicy,
        policy::{ATTACHED, POLICY_TYPE, Plan},
    },
    protocol::{SigningKey, signature},
};
use tenfold_node::release::noise::{DiscreteGaussian, NoiseSource as _};

use crate::families::BOROUGH;

const QUARTERS: usize = 4;
const PROGRAMMES: usize = 2_500;
const CELLS: [Cell; 4] = [
    Cell::Total,
    Cell::Place(3),
    Cell::Label { set: 0, label: 0 },
    Cell::LabelByPlace { set: 0, place: 3, label: 0 },
];
const SPANS: [Span; 3] =
    [Span::Sum { first: 3, last: 3 }, Span::Change { last: 3 }, Span::ToDate { last: 3 }];
const YEARS: [Span; 2] = [Span::Sum { first: 1, last: 3 }, Span::ToDate { last: 3 }];

/// Coverage and mean squared z of one kind of figure.
struct Held {
    coverage: f64,
    square: f64,
}

/// A policy of one problem only, so that a programme has 38 cells and many can be drawn.
fn policy() -> VerifiedPolicy {
    let policy = Policy::plan(Plan {
        name: "proof".into(),
        rehearsal: true,
        first_quarter: "2015-Q2".parse().unwrap(),
        opening: true,
        total: Rho::from_nano(250_000_000),
        framework: "expanded-2015".into(),
        problems: vec!["health".into()],
    });
    let key = SigningKey::generate().unwrap();
    let signed = signature::sign(&policy, POLICY_TYPE, &key).unwrap();
    VerifiedPolicy::open(&signed, &key.public()).unwrap()
}

/// Figures of programmes without a family, whose truth is known: none at the total and the places, and as
/// many with as without the problem. What families add is exact, and is proved elsewhere.
fn figures(programmes: usize, percent: u64) -> Vec<Held> {
    let (policy, borough): (_, BoroughCode) = (policy(), BOROUGH.parse().unwrap());
    let places = policy.places(&borough).unwrap();
    let stream = policy.stream(ATTACHED).unwrap();
    let groups = stream.shape(places).groups();
    // One call a group draws for all programmes and quarters at once.
    let drawn: Vec<Vec<i64>> = groups
        .iter()
        .zip(stream.scales(places).unwrap())
        .map(|(group, &sigma)| {
            DiscreteGaussian
                .add(&vec![0; group.cells * QUARTERS * programmes], sigma * percent / 100, 1)
                .unwrap()
        })
        .collect();
    let mut held: Vec<(u32, f64)> = vec![(0, 0.0); 2 * SPANS.len() + 2 * YEARS.len()];
    for programme in 0..programmes {
        let published: Vec<Table> = (0..QUARTERS)
            .map(|quarter| {
                let from = programme * QUARTERS + quarter;
                let ends_year = quarter == 0 || quarter == 3;
                let cut = |(values, group): (&Vec<i64>, &Group)| match group.is_due(ends_year) {
                    true => values[from * group.cells..(from + 1) * group.cells].to_vec(),
                    false => Vec::new(),
                };
                drawn.iter().zip(&groups).map(cut).collect()
            })
            .collect();
        let published: Vec<&Table> = published.iter().collect();
        let decoded = Decoded::new(&policy, &borough, ATTACHED, &published).unwrap();
        // Places are released by year: the first after the opening position has ended.
        let spans = |cell: Cell| if cell.is_by_place() { YEARS.as_slice() } else { SPANS.as_slice() };
        let kinds = CELLS.into_iter().flat_map(|cell| spans(cell).iter().map(move |span| (cell, *span)));
        for (held, (cell, span)) in held.iter_mut().zip(kinds) {
            let figure = decoded.figure(cell, &span.weights()).unwrap();
            held.0 += u32::from(figure.interval().contains(0.0));
            held.1 += figure.z(0.0).powi(2);
        }
    }
    let n = programmes as f64;
    held.into_iter()
        .map(|(inside, square)| Held { coverage: f64::from(inside) / n, square: square / n })
        .collect()
}

fn is_sound(held: &Held) -> bool {
    (held.coverage - 0.95).abs() < 0.022 && (held.square - 1.0).abs() < 0.15
}

/// 25,000 figures: level, change and total to date of two kinds of cells, year and total to date of two by place, in
/// each of 2,500 programmes.
///
/// False alarm: a kind's coverage has a standard deviation of 0.44 points, so ±2.2 points is 5 of them; its
/// mean squared z has 0.028, so ±0.15 is 5.3; over 10 kinds below 10⁻⁵. A scale 10 % off gives a mean squared
/// z of 0.81 or 1.21 and is rejected by one kind or another.
#[test]
fn intervals_hold_with_the_real_sampler() {
    for (at, held) in figures(PROGRAMMES, 100).iter().enumerate() {
        assert!(is_sound(held), "kind {at}: coverage {}, mean squared z {}", held.coverage, held.square);
    }
}

/// What must be found, in every kind of figure: a fifth too little noise and three tenths too much.
#[test]
fn intervals_do_not_hold_with_wrong_noise() {
    for percent in [80, 130] {
        assert!(figures(500, percent).iter().all(|held| !is_sound(held)), "{percent} % of the noise passes");
    }
}
