//! Generalised least squares within one quarter or year: every total agrees with the sum of its parts.
//!
//! Symbols: W places, n labels of a set, σ² the noise variance of a direct query. The tables fall into
//! independent components (total, place beyond the total, label, label by place beyond the label), because
//! the cells of one group have equal variances: a mean over a group and the deviations from it are
//! independent. Each component is then a weighted mean of the direct queries that see it. Queries of one cadence
//! are weighed here; what quarterly and yearly ones say together of a component is weighed over time
//! ([`OverTime`](tenfold_common::privacy::OverTime)).
//!
//! # Source
//! The closed form of residual planning (Xiao, He, Zhang and Kifer 2023); [`Components`] has its variances.

use tenfold_common::privacy::{Every, LabelKind, StreamShape, over_time::Seen, sigma::Components};

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

impl Cell {
    /// Whether it is counted by place.
    pub fn is_by_place(self) -> bool {
        matches!(self, Self::Place(_) | Self::LabelByPlace { .. })
    }
}

/// How the direct queries of one stream in one borough are weighed; the same every quarter, and every year.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    shape: StreamShape,
    /// σ² of each group.
    variances: Vec<f64>,
    seen: Seen,
}

/// What the groups of one cadence say of each independent component, of one quarter or of one year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// N.
    pub total: f64,
    /// N_w of each place, of which the differences count; empty where not seen.
    pub places: Vec<f64>,
    /// The labels' own part, set by set.
    pub labels: Vec<Vec<f64>>,
    /// The same in each place, of which the differences between places count; empty where not seen.
    pub by_place: Vec<Vec<Vec<f64>>>,
}

/// The counts of one quarter or one year after reconciliation: unbiased, of least variance, adding up.
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
        let seen = Seen::new(&shape, sigma);
        Self { shape, variances, seen }
    }

    /// What groups of each cadence see of the components.
    pub fn components(&self) -> &Seen {
        &self.seen
    }

    /// The stream's shape.
    pub fn shape(&self) -> &StreamShape {
        &self.shape
    }

    /// The variance of a cell whose components have these variances; none where there is no such cell.
    pub fn variance(&self, cell: Cell, components: &Components) -> Option<f64> {
        let known = |set: usize, label: usize| {
            self.shape.label_sets().get(set).is_some_and(|known| label < known.labels.len())
        };
        let is_score = |set: usize| self.shape.label_sets().get(set).is_some_and(|known| known.most() > 0);
        match cell {
            Cell::Total => Some(components.of_total()),
            Cell::Place(place) => {
                (self.shape.is_by_place() && place < self.shape.places()).then(|| components.of_place())
            }
            Cell::Label { set, label } => known(set, label).then(|| components.of_label(set)),
            Cell::LabelAbsent { set, label } => (known(set, label) && !is_score(set)).then(|| {
                // A label is √k·N + e with e independent of N, so what is left is (1 − √k)·N − e.
                let own = &components.label_sets[set];
                let rest = 1.0 - own.shared.sqrt();
                rest * rest * components.of_total() + own.own * own.label
            }),
            Cell::LabelByPlace { set, place, label } => (known(set, label) && place < self.shape.places())
                .then(|| components.of_label_by_place(set))
                .flatten(),
        }
    }

    /// How the errors of a cell and of one that holds it hang together, whose components have these variances: of a label
    /// and its total, a place and its total, a label by place and its place. None for other pairs.
    pub fn covariance(&self, part: Cell, whole: Cell, components: &Components) -> Option<f64> {
        // A part is so many times the whole and something independent of it.
        let of_label = |set: usize| Some(components.label_sets.get(set)?.shared.sqrt());
        match (part, whole) {
            (Cell::Label { set, .. }, Cell::Total) => Some(of_label(set)? * components.of_total()),
            (Cell::LabelAbsent { set, .. }, Cell::Total) => {
                Some((1.0 - of_label(set)?) * components.of_total())
            }
            (Cell::Place(_), Cell::Total) => Some(components.of_total() / self.shape.places() as f64),
            (Cell::LabelByPlace { set, place, .. }, Cell::Place(within)) if place == within => {
                Some(of_label(set)? * components.of_place())
            }
            _ => None,
        }
    }

    /// What the direct queries of one cadence say (group by group, decoded over time): of each component their
    /// weighted mean. Groups of the other cadence are not looked at.
    pub fn seen(&self, direct: &[Vec<f64>], every: Every) -> Parts {
        let (w, quarterly) = (self.shape.places() as f64, every == Every::Quarter);
        let components = if quarterly { &self.seen.quarterly } else { &self.seen.yearly };
        let at_places = self.shape.is_by_place() && self.shape.places_every() == every;

        // What is seen of each place, and of the total, weighted by precision.
        let mut places: Vec<f64> = match at_places {
            true => direct[1].iter().map(|count| count / self.variances[1]).collect(),
            false => Vec::new(),
        };
        let mut total = if quarterly { direct[0][0] / self.variances[0] } else { 0.0 };
        for (at, set) in self.sets().filter(|(_, set)| set.kind == LabelKind::One) {
            let n = set.labels.len() as f64;
            if quarterly {
                total += sum(&direct[at]) / (n * self.variances[at]);
            }
            if set.by_place && at_places {
                for (place, labels) in places.iter_mut().zip(direct[at + 1].chunks(set.labels.len())) {
                    *place += sum(labels) / (n * self.variances[at + 1]);
                }
            }
        }
        if at_places {
            places.iter_mut().for_each(|weighted| *weighted *= components.place);
            total += sum(&places) / (w * components.place);
        }
        // Groups that see nothing of the total have an infinite variance.
        let total = if components.total.is_finite() { total * components.total } else { 0.0 };

        let (mut all_labels, mut all_by_place) = (Vec::new(), Vec::new());
        for ((at, set), own) in self.sets().zip(&components.label_sets) {
            let n = set.labels.len();
            // A label's own part: D of a ±1 label; the deviation from the mean label of *one*.
            let deviations = |labels: &[f64]| match set.kind {
                LabelKind::Many | LabelKind::Score { .. } => labels.to_vec(),
                LabelKind::One => lift(labels, 0.0),
            };
            let by_place: Vec<Vec<f64>> = match set.by_place && at_places {
                true => direct[at + 1].chunks(n).map(deviations).collect(),
                false => Vec::new(),
            };
            let mut labels = if quarterly { deviations(&direct[at]) } else { vec![0.0; n] };
            if !by_place.is_empty() {
                for (label, value) in labels.iter_mut().enumerate() {
                    let below: f64 = by_place.iter().map(|labels| labels[label]).sum();
                    let direct = if quarterly { *value / self.variances[at] } else { 0.0 };
                    *value = own.label * (direct + below / (w * self.variances[at + 1]));
                }
            }
            all_labels.push(labels);
            all_by_place.push(by_place);
        }
        Parts { total, places, labels: all_labels, by_place: all_by_place }
    }

    /// Counts that add up, from the components.
    pub fn table(&self, parts: &Parts) -> Reconciled {
        let total = parts.total;
        let places = lift(&parts.places, total);
        let sets = self.shape.label_sets().iter().zip(&parts.labels).zip(&parts.by_place);
        let sets = sets.map(|((set, labels), by_place)| {
            let n = set.labels.len();
            let columns: Vec<Vec<f64>> = if by_place.is_empty() {
                Vec::new()
            } else {
                let column =
                    |label: usize| by_place.iter().map(move |labels| labels[label]).collect::<Vec<_>>();
                labels.iter().enumerate().map(|(label, &value)| lift(&column(label), value)).collect()
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
