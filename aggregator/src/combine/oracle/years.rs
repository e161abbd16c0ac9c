//! Yearly groups beside quarterly ones: every figure against one dense least-squares problem over all that was
//! published, written down from the definition and solved by a linear-algebra crate.

use nalgebra::{DMatrix, DVector};
use rand::RngExt as _;
use tenfold_common::{
    geography::BoroughCode,
    privacy::{Every, GroupScale, LabelKind, LabelSet, Rho, StreamPolicy, Table, VerifiedPolicy},
};

use super::{Model, cells, set};
use crate::combine::{
    Cell, CombineError, Decoded, Span,
    fixture::{generator, policy_with},
};

const STREAM: &str = "tried";

/// A policy of one stream with two wards in every borough, some σ, groups by place released by year.
fn policy(sets: &[LabelSet], random: &mut impl rand::Rng) -> VerifiedPolicy {
    policy_with(|policy| {
        policy.boroughs.iter_mut().for_each(|borough| borough.wards.truncate(2));
        let mut stream = StreamPolicy {
            name: STREAM.into(),
            title: STREAM.into(),
            share: Rho::from_nano(200_000_000),
            by_place: true,
            places_every: Every::Year,
            label_sets: sets.to_vec(),
            scales: Vec::new(),
        };
        let groups = stream.shape(3).groups().len();
        let sigma = (0..groups).map(|_| random.random_range(40_000..400_000)).collect();
        stream.scales = vec![GroupScale { places: 3, sigma }];
        policy.streams = vec![stream];
    })
}

/// The dense problem: each quarter's free counts, those of void quarters left out because they are zero.
struct Dense {
    model: Model,
    void: Vec<usize>,
    estimates: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Dense {
    fn solve(policy: &VerifiedPolicy, published: &[Option<Table>], void: &[usize]) -> Self {
        let stream = policy.stream(STREAM).unwrap();
        let (shape, sigma) = (stream.shape(3), stream.scales(3).unwrap());
        let model = Model::new(&shape);
        let groups = shape.groups();
        let quarterly = policy.policy().time_matrix.rows();
        let yearly = policy.policy().yearly_matrix.rows();
        // Opening position, 2015-16 without its first quarter, 2016-17, 2017-18: by the calendar.
        let year_of = |quarter: usize| if quarter == 0 { 0 } else { (quarter + 4) / 4 };
        let ends = |quarter: usize| quarter == 0 || quarter % 4 == 3;
        // What was recorded in a year whose last quarter is void is released with the next.
        let released_in = |quarter: usize| {
            let mut year = year_of(quarter);
            while void.contains(&(if year == 0 { 0 } else { 4 * year - 1 })) {
                year += 1;
            }
            year
        };
        let mut rows: Vec<(DVector<f64>, f64, f64)> = Vec::new();
        for (t, table) in published.iter().enumerate() {
            let Some(table) = table else { continue };
            let mut seen = vec![0; groups.len()];
            for (group, query) in model.queries() {
                let cell = seen[group];
                seen[group] += 1;
                let by_year = groups[group].every == Every::Year;
                if by_year && !ends(t) {
                    continue;
                }
                let weight = |s: usize| match by_year {
                    _ if s > t || void.contains(&s) => 0.0,
                    false => f64::from(quarterly[t][s]),
                    true if released_in(s) > year_of(t) => 0.0,
                    true => f64::from(yearly[year_of(t)][released_in(s)]),
                };
                let row = (0..published.len())
                    .flat_map(|s| (&query * weight(s)).iter().copied().collect::<Vec<_>>());
                let row = DVector::from_vec(row.collect());
                rows.push((row, table[group][cell] as f64, (sigma[group] as f64).powi(-2)));
            }
        }
        let kept: Vec<usize> = (0..rows[0].0.len()).filter(|at| !void.contains(&(at / model.free))).collect();
        let design = DMatrix::from_fn(rows.len(), kept.len(), |row, at| rows[row].0[kept[at]]);
        let precision = DVector::from_fn(rows.len(), |row, _| rows[row].2);
        let weighed = DMatrix::from_fn(rows.len(), kept.len(), |row, at| precision[row] * design[(row, at)]);
        let seen = DVector::from_fn(rows.len(), |row, _| rows[row].1);
        // The single quarters of a place are seen only in their year's sum: any inverse serves for what is seen.
        let normal = design.transpose() * &weighed;
        let smallest = normal.norm() * 1e-11;
        let covariance = normal.pseudo_inverse(smallest).unwrap();
        let estimates = &covariance * weighed.transpose() * seen;
        Self { model, void: void.to_vec(), estimates, covariance }
    }

    fn figure(&self, cell: Cell, weights: &[f64], quarters: usize) -> (f64, f64) {
        let form = self.model.cell(cell);
        let weight = |s: usize| weights.get(s).copied().unwrap_or(0.0);
        let kept = (0..quarters).filter(|s| !self.void.contains(s));
        let whole = kept.flat_map(|s| (&form * weight(s)).iter().copied().collect::<Vec<_>>());
        let form = DVector::from_vec(whole.collect());
        (form.dot(&self.estimates), (form.transpose() * &self.covariance * &form)[0])
    }
}

/// Every cell over every kind of span: quarters, changes, years and totals to date of the borough, years and totals
/// to date of places; with and without void quarters, also where a year's last quarter is void.
#[test]
fn yearly_and_quarterly_groups_together_are_one_least_squares_problem() {
    let (many, one) = (LabelKind::Many, LabelKind::One);
    let shapes = [
        vec![set("problem", many, 2, true)],
        vec![set("type", many, 1, true), set("problem", many, 3, false)],
        vec![set("reason", one, 3, true), set("problem", many, 2, true)],
    ];
    let mut random = generator(12);
    let borough: BoroughCode = "E08000002".parse().unwrap();
    for (sets, (quarters, void, years)) in shapes.iter().zip([
        (9, vec![], vec![(0, 0), (1, 3), (4, 7)]),
        (8, vec![2, 5], vec![(0, 0), (1, 3), (4, 7)]),
        (12, vec![7], vec![(0, 0), (1, 3), (4, 11)]),
    ]) {
        let policy = policy(sets, &mut random);
        let shape = policy.stream(STREAM).unwrap().shape(3);
        let published: Vec<Option<Table>> = (0..quarters)
            .map(|t| {
                let due = |group: &tenfold_common::privacy::Group| {
                    let cells = if group.is_due(t == 0 || t % 4 == 3) { group.cells } else { 0 };
                    (0..cells).map(|_| random.random_range(-900_000..900_000)).collect()
                };
                (!void.contains(&t)).then(|| shape.groups().iter().map(due).collect())
            })
            .collect();
        let dense = Dense::solve(&policy, &published, &void);
        let tables: Vec<Option<&Table>> = published.iter().map(Option::as_ref).collect();
        let decoded = Decoded::with_void(&policy, &borough, STREAM, &tables).unwrap();
        let last = quarters - 1;
        let whole_years: Vec<Span> = years.iter().map(|&(first, last)| Span::Sum { first, last }).collect();
        let whole_years = whole_years.iter().copied().chain([Span::ToDate { last: years[2].1 }]);
        let within = [Span::quarter(2), Span::quarter(last), Span::Change { last: 2 }, Span::ToDate { last }];
        for cell in cells(&shape) {
            let spans: Vec<Span> = match cell.is_by_place() {
                true => whole_years.clone().collect(),
                false => whole_years.clone().chain(within).collect(),
            };
            for span in spans {
                let (value, variance) = dense.figure(cell, &span.weights(), quarters);
                let found = decoded.figure(cell, &span.weights()).unwrap();
                let off = (found.value - value).abs() / variance.sqrt().max(1e-9);
                assert!(off < 1e-6 || value == found.value, "{sets:?}, {cell:?}, {span:?}: {off}");
                let ratio = if variance == 0.0 { 1.0 } else { found.variance / variance };
                assert!((ratio - 1.0).abs() < 1e-6, "{sets:?}, {cell:?}, {span:?}: variance × {ratio}");
            }
            let refused = decoded.figure(cell, &Span::quarter(2).weights());
            let expected = CombineError::NotWholeYears { quarters: years[2].1 + 1 };
            assert_eq!(refused.is_err(), cell.is_by_place());
            assert!(refused.is_ok() || refused == Err(expected));
        }
        // Within a year the places are the borough, and four quarters are their year.
        for &(first, last) in &years {
            let of = |cell, span: Span| decoded.figure(cell, &span.weights()).unwrap().value;
            let year = Span::Sum { first, last };
            let places: f64 = (0..3).map(|place| of(Cell::Place(place), year)).sum();
            let quarters: f64 = (first..=last).map(|t| of(Cell::Total, Span::quarter(t))).sum();
            assert!((places - of(Cell::Total, year)).abs() < 1e-6);
            assert!((quarters - of(Cell::Total, year)).abs() < 1e-6);
        }
    }
}
