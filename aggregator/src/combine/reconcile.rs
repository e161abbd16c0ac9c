//! Generalised least squares within one quarter: every total agrees with the sum of its parts.
//!
//! Symbols: W places, n labels of a set, σ² the noise variance of a direct query. The tables fall into
//! independent components (total, place beyond the total, label, label by place beyond the label), because
//! the cells of one group have equal variances: a mean over a group and the deviations from it are
//! independent. Each component is then a weighted mean of the direct queries that see it.
//!
//! # Source
//! The closed form of residual planning (Xiao, He, Zhang and Kifer 2023); [`Components`] has its variances.

use tenfold_common::privacy::{LabelKind, StreamShape, sigma::Components};

/// One published count of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// N: all families.
    Total,
    /// N_w: families in the place with this index.
    Place(usize),
    /// Families with a label; of a score, the sum of scores.
    Label {
        /// Index of the label set.
        set: usize,
        /// Index of the label.
        label: usize,
    },
    /// Families without a label: N less those with it.
    LabelAbsent {
        /// Index of the label set.
        set: usize,
        /// Index of the label.
        label: usize,
    },
    /// Families with a label in one place.
    LabelByPlace {
        /// Index of the label set.
        set: usize,
        /// Index of the place.
        place: usize,
        /// Index of the label.
        label: usize,
    },
}

/// How the direct queries of one stream in one borough are weighed; the same every quarter.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    shape: StreamShape,
    /// σ² of each group.
    variances: Vec<f64>,
    components: Components,
}

/// One quarter's counts after reconciliation: unbiased, of least variance, adding up.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciled {
    /// N.
    pub total: f64,
    /// N_w of each place.
    pub places: Vec<f64>,
    /// One a label set.
    pub sets: Vec<ReconciledSet>,
}

/// The counts of one label set.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconciledSet {
    /// Families with each label.
    pub labels: Vec<f64>,
    /// Families with each label in each place, place by place; empty where not counted by place.
    pub by_place: Vec<Vec<f64>>,
}

impl Reconciled {
    /// The count in a cell, where there is such a cell.
    pub fn value(&self, cell: Cell) -> Option<f64> {
        match cell {
            Cell::Total => Some(self.total),
            Cell::Place(place) => self.places.get(place).copied(),
            Cell::Label { set, label } => self.sets.get(set)?.labels.get(label).copied(),
            Cell::LabelAbsent { set, label } => Some(self.total - self.sets.get(set)?.labels.get(label)?),
            Cell::LabelByPlace { set, place, label } => {
                self.sets.get(set)?.by_place.get(place)?.get(label).copied()
            }
        }
    }
}

impl Reconciliation {
    /// The weights that follow from the noise scales σ of each group, in the order of the shape's groups.
    pub fn new(shape: StreamShape, sigma: &[u64]) -> Self {
        let variances: Vec<f64> = sigma.iter().map(|&sigma| sigma as f64 * sigma as f64).collect();
        let components = Components::of_scales(&shape, &variances);
        Self { shape, variances, components }
    }

    /// The stream's shape.
    pub fn shape(&self) -> &StreamShape {
        &self.shape
    }

    /// The variance of a cell in units of the noise, before decoding over time; none where there is no such
    /// cell.
    pub fn variance(&self, cell: Cell) -> Option<f64> {
        let known = |set: usize, label: usize| {
            self.shape.label_sets().get(set).is_some_and(|known| label < known.labels.len())
        };
        let is_score = |set: usize| self.shape.label_sets().get(set).is_some_and(|known| known.most() > 0);
        match cell {
            Cell::Total => Some(self.components.of_total()),
            Cell::Place(place) => {
                (self.shape.is_by_place() && place < self.shape.places()).then(|| self.components.of_place())
            }
            Cell::Label { set, label } => known(set, label).then(|| self.components.of_label(set)),
            Cell::LabelAbsent { set, label } => (known(set, label) && !is_score(set)).then(|| {
                // A label is √k·N + e with e independent of N, so what is left is (1 − √k)·N − e.
                let own = &self.components.label_sets[set];
                let rest = 1.0 - own.shared.sqrt();
                rest * rest * self.components.of_total() + own.own * own.label
            }),
            Cell::LabelByPlace { set, place, label } => (known(set, label) && place < self.shape.places())
                .then(|| self.components.of_label_by_place(set))
                .flatten(),
        }
    }

    /// Counts that add up, from the direct queries of one quarter (group by group, decoded over time).
    pub fn reconcile(&self, direct: &[Vec<f64>]) -> Reconciled {
        let w = self.shape.places() as f64;
        let one = |kind| kind == LabelKind::One;

        // What is seen of each place, and of the total, weighted by precision.
        let mut places: Vec<f64> = match self.shape.is_by_place() {
            true => direct[1].iter().map(|count| count / self.variances[1]).collect(),
            false => Vec::new(),
        };
        let mut total = direct[0][0] / self.variances[0];
        for (at, set) in self.sets() {
            if one(set.kind) {
                let n = set.labels.len() as f64;
                total += sum(&direct[at]) / (n * self.variances[at]);
                if set.by_place {
                    for (place, labels) in places.iter_mut().zip(direct[at + 1].chunks(set.labels.len())) {
                        *place += sum(labels) / (n * self.variances[at + 1]);
                    }
                }
            }
        }
        let places: Vec<f64> = places.iter().map(|weighted| weighted * self.components.place).collect();
        // An empty sum over an infinite variance: nothing was seen by place.
        total = (total + sum(&places) / (w * self.components.place)) * self.components.total;
        let places = lift(&places, total);

        let sets = self.sets().zip(&self.components.label_sets).map(|((at, set), own)| {
            let n = set.labels.len();
            // A label's own part: D of a ±1 label; the deviation from the mean label of *one*.
            let deviations = |labels: &[f64]| match set.kind {
                LabelKind::Many | LabelKind::Score { .. } => labels.to_vec(),
                LabelKind::One => lift(labels, 0.0),
            };
            let by_place: Vec<Vec<f64>> =
                if set.by_place { direct[at + 1].chunks(n).map(deviations).collect() } else { Vec::new() };
            let mut labels = deviations(&direct[at]);
            if set.by_place {
                for (label, value) in labels.iter_mut().enumerate() {
                    let below: f64 = by_place.iter().map(|labels| labels[label]).sum();
                    *value = own.label * (*value / self.variances[at] + below / (w * self.variances[at + 1]));
                }
            }
            let columns: Vec<Vec<f64>> = if set.by_place {
                let column =
                    |label: usize| by_place.iter().map(move |labels| labels[label]).collect::<Vec<_>>();
                labels.iter().enumerate().map(|(label, &value)| lift(&column(label), value)).collect()
            } else {
                Vec::new()
            };
            let count = |all: f64, own: f64| match set.kind {
                LabelKind::Many => (all + own) / 2.0,
                LabelKind::One => all / n as f64 + own,
                LabelKind::Score { most } => (f64::from(most) * all + own) / 2.0,
            };
            ReconciledSet {
                labels: labels.iter().map(|&own| count(total, own)).collect(),
                by_place: (0..by_place.len())
                    .map(|place| columns.iter().map(|column| count(places[place], column[place])).collect())
                    .collect(),
            }
        });
        let sets = sets.collect();
        Reconciled { total, places, sets }
    }

    /// Each label set with the index of its first group.
    fn sets(&self) -> impl Iterator<Item = (usize, &tenfold_common::privacy::LabelSet)> {
        self.shape.first_groups().into_iter().zip(self.shape.label_sets())
    }
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// The parts moved by the same amount each, so that they add up to `total`.
fn lift(parts: &[f64], total: f64) -> Vec<f64> {
    let by = (total - sum(parts)) / parts.len() as f64;
    parts.iter().map(|part| part + by).collect()
}
