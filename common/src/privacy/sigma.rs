//! The planner's square roots: how a stream's noise is best divided between its tables, in closed form.
//!
//! Symbols: W places, o = (W−1)/W, ω the weight of a table's mean variance, v the variance that generalised
//! least squares leaves in a component (total, place beyond the total, label, label by place beyond the
//! label), σ² the noise variance of a direct query. All at unit privacy: multiply by S / 2ρ.
//!
//! # Source
//! The allocation σ² ∝ √(privacy cost / weight) of ResidualPlanner (Xiao, He, Zhang and Kifer 2023) with
//! labels coded ±1 (the Fourier coding of Barak et al. 2007); within 1.001 of the certified optimum at the
//! shipped weights.

#[cfg(test)]
mod tests;

use super::{
    ByCadence, Every, Rho, TimeMatrix, Years,
    shape::{GroupKind, LabelKind, LabelSet, StreamShape},
};

/// What releasing quarter by quarter and year by year does to errors, at unit privacy.
///
/// The objective over time is the mean variance of single periods and of running totals alike, each table in the
/// periods in which it is released.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// S of each matrix.
    pub sums: ByCadence<u64>,
    /// The mean factor by which a component's variance is multiplied, of tables each quarter and each year.
    pub factors: ByCadence<f64>,
    /// The same for years that are added up from quarters: what a borough's total brings into its places.
    pub years_of_quarters: f64,
}

impl Timing {
    /// The timing of two matrices over a horizon.
    pub fn of(quarterly: &TimeMatrix, yearly: &TimeMatrix, years: &Years) -> Self {
        let span = |from: usize, to: usize| -> Vec<f64> {
            (0..to).map(|at| f64::from(u8::from(at >= from))).collect()
        };
        let mean = |matrix: &TimeMatrix, periods: Vec<(usize, usize)>| {
            let factors =
                periods.iter().flat_map(|&(from, to)| [span(from, to), span(0, to)]).map(|weights| {
                    matrix.variance_factor(&weights).expect("no period reaches beyond the matrix")
                });
            factors.sum::<f64>() / (2 * periods.len()).max(1) as f64 * matrix.largest_column_sum() as f64
        };
        let each = |matrix: &TimeMatrix| (0..matrix.size()).map(|at| (at, at + 1)).collect();
        let of_quarters = years.counted(&[]).into_iter().filter(|year| year.end <= quarterly.size());
        Self {
            sums: ByCadence { quarter: quarterly.largest_column_sum(), year: yearly.largest_column_sum() },
            factors: ByCadence {
                quarter: mean(quarterly, each(quarterly)),
                year: mean(yearly, each(yearly)),
            },
            years_of_quarters: mean(quarterly, of_quarters.map(|year| (year.start, year.end)).collect()),
        }
    }

    /// No time at all: one period, S = 1.
    fn none() -> Self {
        Self {
            sums: ByCadence { quarter: 1, year: 1 },
            factors: ByCadence { quarter: 1.0, year: 1.0 },
            years_of_quarters: 1.0,
        }
    }
}

/// How much an error in each table matters, relative to the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// ω_T, of the total.
    pub total: f64,
    /// ω_W, of the places.
    pub place: f64,
    /// (ω_i, ω'_i) of each label set: in the borough, by place.
    pub label_sets: Vec<(f64, f64)>,
}

impl Weights {
    /// Four for the total, one for every other table: the totals are the headlines.
    pub fn headline_totals(shape: &StreamShape) -> Self {
        Self::with_total(shape, 4.0)
    }

    /// One for every table.
    pub fn equal(shape: &StreamShape) -> Self {
        Self::with_total(shape, 1.0)
    }

    fn with_total(shape: &StreamShape, total: f64) -> Self {
        let sets = shape.label_sets().iter().map(|set| (1.0, if set.by_place { 1.0 } else { 0.0 }));
        let place = if shape.is_by_place() { 1.0 } else { 0.0 };
        Self { total, place, label_sets: sets.collect() }
    }
}

/// Variances of the independent components into which a stream's tables fall.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    places: f64,
    /// v_T, of the total.
    pub total: f64,
    /// v_W, of places beyond the total; infinite where places are not counted.
    pub place: f64,
    /// One a label set.
    pub label_sets: Vec<LabelComponents>,
}

/// Variances of one label set's components.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelComponents {
    /// k: the share of N's variance in a label's cell.
    pub shared: f64,
    /// g: the share of the label's own variance in its cell.
    pub own: f64,
    /// v_i, of the labels.
    pub label: f64,
    /// v'_i, of labels by place beyond the labels, where they are counted by place.
    pub by_place: Option<f64>,
}

impl LabelSet {
    /// How much an error of N matters to what the set is for: its share of a label's cell; of a mean score, the
    /// square of how far the mean is expected from the middle (a fifth of the best score).
    fn weight_of_total(&self) -> f64 {
        match self.kind {
            LabelKind::Score { most } => (f64::from(most) / 5.0).powi(2),
            LabelKind::Many | LabelKind::One => self.coding().0,
        }
    }

    /// (k, g, c): share of N's variance, share of the label's own, squared length beyond N.
    fn coding(&self) -> (f64, f64, f64) {
        let n = self.labels.len() as f64;
        match self.kind {
            LabelKind::Many => (0.25, 0.25, n),
            LabelKind::One => (1.0 / (n * n), (n - 1.0) / n, (n - 1.0) / n),
            // The sum of scores is (Σ(2s − B) + B·N)/2.
            LabelKind::Score { most } => (f64::from(most).powi(2) / 4.0, 0.25, f64::from(most).powi(2)),
        }
    }
}

impl Components {
    /// The components that minimise the weighted mean variances at unit privacy, over any one time matrix.
    pub fn planned(shape: &StreamShape, weights: &Weights) -> Self {
        Self::planned_over_time(shape, weights, &Timing::none())
    }

    /// The components that minimise the weighted mean variances over time at unit privacy, groups by place at the
    /// shape's cadence. What places tell of the borough in other periods than the borough's own is left out of
    /// the plan (a W-th of their part); the bench holds the outcome against the certified optimum.
    pub fn planned_over_time(shape: &StreamShape, weights: &Weights, timing: &Timing) -> Self {
        let w = shape.places() as f64;
        let o = (w - 1.0) / w;
        let each = timing.factors.quarter;
        let by_place = timing.factors.of(shape.places_every());
        let mean_place = match shape.places_every() {
            Every::Quarter => each,
            Every::Year => timing.years_of_quarters,
        };
        let sets: Vec<(&LabelSet, (f64, f64))> =
            shape.label_sets().iter().zip(weights.label_sets.iter().copied()).collect();
        let mut total = weights.total * each + weights.place / (w * w) * mean_place;
        let mut place = weights.place * by_place;
        for (set, (label, at_place)) in &sets {
            let k = set.weight_of_total();
            total += k * (label * each + at_place / (w * w) * mean_place);
            place += k * at_place * by_place;
        }
        // (a, b) of each component: weight of its variance, squared length.
        let total = (total, 1.0);
        let place = (o * place, o);
        let own: Vec<_> = sets
            .iter()
            .map(|(set, (label, at_place))| {
                let (_, g, c) = set.coding();
                let own = g * (label * each + at_place / (w * w) * mean_place);
                ((own, c), set.by_place.then_some((o * g * at_place * by_place, o * c)))
            })
            .collect();
        let root = |(a, b): (f64, f64)| (a * b).sqrt();
        let z = root(total)
            + root(place)
            + own.iter().map(|&(label, by_place)| root(label) + by_place.map_or(0.0, root)).sum::<f64>();
        let variance = |(a, b): (f64, f64)| z * (b / a).sqrt();
        let label_sets = sets
            .iter()
            .zip(own)
            .map(|((set, _), (label, by_place))| {
                let (shared, own, _) = set.coding();
                LabelComponents { shared, own, label: variance(label), by_place: by_place.map(variance) }
            })
            .collect();
        Self { places: w, total: variance(total), place: variance(place), label_sets }
    }

    /// The same tables with other variances of their components: of the total, of places beyond it, and of each
    /// label set's labels and labels by place.
    pub fn of_parts(shape: &StreamShape, total: f64, place: f64, labels: &[(f64, Option<f64>)]) -> Self {
        let label_sets = shape.label_sets().iter().zip(labels).map(|(set, &(label, by_place))| {
            let (shared, own, _) = set.coding();
            LabelComponents { shared, own, label, by_place }
        });
        Self { places: shape.places() as f64, total, place, label_sets: label_sets.collect() }
    }

    /// The components that generalised least squares reaches from direct queries with these variances,
    /// one a group in the order of [`StreamShape::groups`].
    pub fn of_scales(shape: &StreamShape, variances: &[f64]) -> Self {
        let w = shape.places() as f64;
        let total = variances[0];
        let place = if shape.is_by_place() { variances[1] } else { f64::INFINITY };
        let mut at = 1 + usize::from(shape.is_by_place());
        let (mut place_precision, mut total_precision) = (1.0 / place, 1.0 / total + 1.0 / (w * place));
        let mut label_sets = Vec::new();
        for set in shape.label_sets() {
            let (shared, own, _) = set.coding();
            let direct = variances[at];
            let by_place = set.by_place.then(|| variances[at + 1]);
            at += 1 + usize::from(set.by_place);
            let label = 1.0 / (1.0 / direct + by_place.map_or(0.0, |v| 1.0 / (w * v)));
            if set.kind == LabelKind::One {
                let n = set.labels.len() as f64;
                place_precision += by_place.map_or(0.0, |v| 1.0 / (n * v));
                total_precision += 1.0 / (n * direct) + by_place.map_or(0.0, |v| 1.0 / (w * n * v));
            }
            label_sets.push(LabelComponents { shared, own, label, by_place });
        }
        Self { places: w, total: 1.0 / total_precision, place: 1.0 / place_precision, label_sets }
    }

    /// The direct queries' variances that reach these components, in the order of the groups; a variance
    /// that is not positive means the query is not worth having.
    pub fn direct_variances(&self, shape: &StreamShape) -> Vec<f64> {
        let w = self.places;
        let mut place_precision = 1.0 / self.place;
        for (set, own) in shape.label_sets().iter().zip(&self.label_sets) {
            if let (LabelKind::One, Some(by_place)) = (set.kind, own.by_place) {
                place_precision -= 1.0 / (set.labels.len() as f64 * by_place);
            }
        }
        let place = 1.0 / place_precision;
        let mut total_precision = 1.0 / self.total - 1.0 / (w * place);
        let mut rest = Vec::new();
        for (set, own) in shape.label_sets().iter().zip(&self.label_sets) {
            let label = 1.0 / (1.0 / own.label - own.by_place.map_or(0.0, |v| 1.0 / (w * v)));
            if set.kind == LabelKind::One {
                let n = set.labels.len() as f64;
                total_precision -= 1.0 / (n * label) + own.by_place.map_or(0.0, |v| 1.0 / (w * n * v));
            }
            rest.push(label);
            rest.extend(own.by_place);
        }
        let mut variances = vec![1.0 / total_precision];
        if shape.is_by_place() {
            variances.push(place);
        }
        variances.extend(rest);
        variances
    }

    /// Variance of a published cell of a group.
    pub fn of_group(&self, kind: GroupKind) -> f64 {
        match kind {
            GroupKind::Total => self.of_total(),
            GroupKind::Place => self.of_place(),
            GroupKind::Label(set) => self.of_label(set),
            GroupKind::LabelByPlace(set) => self.of_label_by_place(set).unwrap_or(f64::INFINITY),
        }
    }

    /// Variance of N.
    pub fn of_total(&self) -> f64 {
        self.total
    }

    /// Variance of N_w; infinite where places are not counted.
    pub fn of_place(&self) -> f64 {
        let w = self.places;
        self.total / (w * w) + (w - 1.0) / w * self.place
    }

    /// Variance of the number of families with one label of the set, or of the sum of scores.
    pub fn of_label(&self, set: usize) -> f64 {
        let own = &self.label_sets[set];
        own.shared * self.total + own.own * own.label
    }

    /// Variance of the number of families with one label of the set in one place.
    pub fn of_label_by_place(&self, set: usize) -> Option<f64> {
        let (w, own) = (self.places, &self.label_sets[set]);
        let by_place = own.by_place?;
        let beyond = own.label / (w * w) + (w - 1.0) / w * by_place;
        Some(own.shared * self.of_place() + own.own * beyond)
    }
}

/// The whole-number noise scales σ of each group for a stream's share of ρ, rounded up.
///
/// # Privacy
/// Planning only: whoever obeys the policy recomputes the charge in exact integers with [`Rho::of_group`].
pub fn scales(shape: &StreamShape, weights: &Weights, share: Rho, timing: &Timing) -> Vec<u64> {
    let variances = Components::planned_over_time(shape, weights, timing).direct_variances(shape);
    let scale = |(variance, every): (f64, Every)| {
        (variance * timing.sums.of(every) as f64 / (2.0 * share.as_f64())).sqrt().ceil() as u64
    };
    variances.into_iter().zip(shape.groups().iter().map(|group| group.every)).map(scale).collect()
}
