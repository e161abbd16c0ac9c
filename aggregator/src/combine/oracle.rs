//! Brute-force generalised least squares with a linear-algebra crate, against the closed form.

mod years;

use nalgebra::{DMatrix, DVector};
use rand::RngExt as _;
use tenfold_common::privacy::{Every, GroupKind, LabelKind, LabelSet, StreamShape};

use super::{
    fixture::generator,
    reconcile::{Cell, Reconciliation},
};

fn set(name: &str, kind: LabelKind, n: usize, by_place: bool) -> LabelSet {
    LabelSet { name: name.into(), kind, labels: (0..n).map(|i| i.to_string()).collect(), by_place }
}

/// The free counts behind a stream, and each cell as a linear form in them.
///
/// Free: N_w of each place; for a set by place the labels of each place, for another set its labels; the
/// last label of *one* is what the others leave.
struct Model {
    shape: StreamShape,
    free: usize,
    starts: Vec<usize>,
}

impl Model {
    fn new(shape: &StreamShape) -> Self {
        let mut free = shape.places();
        let starts = shape.label_sets().iter().map(|set| {
            let start = free;
            free += Self::labels(set) * if set.by_place { shape.places() } else { 1 };
            start
        });
        let starts = starts.collect();
        Self { shape: shape.clone(), free, starts }
    }

    fn labels(set: &LabelSet) -> usize {
        set.labels.len() - usize::from(set.kind == LabelKind::One)
    }

    fn total(&self) -> DVector<f64> {
        DVector::from_fn(self.free, |at, _| f64::from(u8::from(at < self.shape.places())))
    }

    fn place(&self, place: usize) -> DVector<f64> {
        DVector::from_fn(self.free, |at, _| f64::from(u8::from(at == place)))
    }

    /// A label in one place, or (none) in the borough.
    fn label(&self, set: usize, place: Option<usize>, label: usize) -> DVector<f64> {
        let this = &self.shape.label_sets()[set];
        let n = Self::labels(this);
        if label == n {
            let all = place.map_or_else(|| self.total(), |place| self.place(place));
            return (0..n).fold(all, |rest, other| rest - self.label(set, place, other));
        }
        let mut form = DVector::zeros(self.free);
        match (this.by_place, place) {
            (false, _) => form[self.starts[set] + label] = 1.0,
            (true, Some(place)) => form[self.starts[set] + place * n + label] = 1.0,
            (true, None) => {
                (0..self.shape.places()).for_each(|place| form[self.starts[set] + place * n + label] = 1.0);
            }
        }
        form
    }

    fn cell(&self, cell: Cell) -> DVector<f64> {
        match cell {
            Cell::Total => self.total(),
            Cell::Place(place) => self.place(place),
            Cell::Label { set, label } => self.label(set, None, label),
            Cell::LabelAbsent { set, label } => self.total() - self.label(set, None, label),
            Cell::LabelByPlace { set, place, label } => self.label(set, Some(place), label),
        }
    }

    /// One row a direct query, in the order of the groups.
    fn queries(&self) -> Vec<(usize, DVector<f64>)> {
        let mut rows = Vec::new();
        for (group, what) in self.shape.groups().iter().enumerate() {
            let query = |set: usize, place: Option<usize>, label| {
                let present = self.label(set, place, label);
                match self.shape.label_sets()[set].kind {
                    LabelKind::One => present,
                    LabelKind::Score { .. } => unreachable!("no score among the shapes tried"),
                    LabelKind::Many => {
                        2.0 * present - place.map_or_else(|| self.total(), |place| self.place(place))
                    }
                }
            };
            for cell in 0..what.cells {
                rows.push((
                    group,
                    match what.kind {
                        GroupKind::Total => self.total(),
                        GroupKind::Place => self.place(cell),
                        GroupKind::Label(set) => query(set, None, cell),
                        GroupKind::LabelByPlace(set) => {
                            let n = self.shape.label_sets()[set].labels.len();
                            query(set, Some(cell / n), cell % n)
                        }
                    },
                ));
            }
        }
        rows
    }
}

fn cells(shape: &StreamShape) -> Vec<Cell> {
    let mut cells = vec![Cell::Total];
    if shape.is_by_place() {
        cells.extend((0..shape.places()).map(Cell::Place));
    }
    for (set, of) in shape.label_sets().iter().enumerate() {
        for label in 0..of.labels.len() {
            cells.push(Cell::Label { set, label });
            cells.push(Cell::LabelAbsent { set, label });
            if of.by_place {
                cells.extend((0..shape.places()).map(|place| Cell::LabelByPlace { set, place, label }));
            }
        }
    }
    cells
}

#[test]
fn the_closed_form_is_generalised_least_squares() {
    let (many, one) = (LabelKind::Many, LabelKind::One);
    let shapes = [
        vec![],
        vec![set("problem", many, 6, true)],
        vec![set("type", many, 1, true), set("problem", many, 6, false)],
        vec![set("reason", one, 5, false)],
        vec![set("reason", one, 4, true)],
        vec![set("problem", many, 3, true), set("reason", one, 4, true), set("age", one, 3, true)],
        vec![set("reason", one, 4, true), set("problem", many, 2, false), set("type", one, 2, false)],
    ];
    let mut random = generator(7);
    for (places, sets) in [2, 4, 5].into_iter().flat_map(|w| shapes.iter().map(move |sets| (w, sets))) {
        let shape = StreamShape::new(places, sets.clone());
        let sigma: Vec<u64> = shape.groups().iter().map(|_| random.random_range(200..5_000)).collect();
        let model = Model::new(&shape);
        let queries = model.queries();
        let design = DMatrix::from_fn(queries.len(), model.free, |row, at| queries[row].1[at]);
        let precision = DMatrix::from_diagonal(&DVector::from_fn(queries.len(), |row, _| {
            (sigma[queries[row].0] as f64).powi(-2)
        }));
        let seen = DVector::from_fn(queries.len(), |_, _| random.random_range(-500.0..500.0));
        let covariance = (design.transpose() * &precision * &design).try_inverse().unwrap();
        let estimates = &covariance * design.transpose() * &precision * &seen;

        let mut direct: Vec<Vec<f64>> = shape.groups().iter().map(|_| Vec::new()).collect();
        queries.iter().zip(seen.iter()).for_each(|((group, _), value)| direct[*group].push(*value));
        let reconciliation = Reconciliation::new(shape.clone(), &sigma);
        let reconciled = reconciliation.table(&reconciliation.seen(&direct, Every::Quarter));
        for cell in cells(&shape) {
            let form = model.cell(cell);
            let (value, variance) = (form.dot(&estimates), (form.transpose() * &covariance * &form)[0]);
            let found = reconciled.value(cell).unwrap();
            assert!((found - value).abs() < 1e-6, "{places} places, {sets:?}, {cell:?}: {found} not {value}");
            let found =
                reconciliation.variance(cell, &reconciliation.components().quarterly).unwrap() / variance;
            assert!((found - 1.0).abs() < 1e-9, "{places} places, {sets:?}, {cell:?}: variance × {found}");
        }
    }
}

#[test]
fn reconciled_counts_add_up() {
    let shape = StreamShape::new(
        4,
        vec![set("problem", LabelKind::Many, 3, true), set("reason", LabelKind::One, 4, true)],
    );
    let mut random = generator(11);
    let direct: Vec<Vec<f64>> = shape
        .groups()
        .iter()
        .map(|group| (0..group.cells).map(|_| random.random_range(-50.0..50.0)).collect())
        .collect();
    let reconciliation = Reconciliation::new(shape, &[300, 700, 900, 800, 600, 500]);
    let table = reconciliation.table(&reconciliation.seen(&direct, Every::Quarter));
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} against {b}");
    close(table.places.iter().sum(), table.total);
    for set in &table.sets {
        for (label, &all) in set.labels.iter().enumerate() {
            close(set.by_place.iter().map(|labels| labels[label]).sum(), all);
        }
    }
    close(table.sets[1].labels.iter().sum(), table.total);
    for (labels, &place) in table.sets[1].by_place.iter().zip(&table.places) {
        close(labels.iter().sum(), place);
    }
}
