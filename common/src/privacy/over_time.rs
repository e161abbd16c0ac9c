//! What quarterly and yearly groups say together of one independent component of a stream's tables.
//!
//! Symbols: x the component in each released quarter, C and C' the quarterly and the yearly matrix, Y the rows that
//! add quarters up to years, q and y the noise variances of what is seen quarterly and yearly. Quarterly groups
//! leave x̂ with covariance q·(CᵀC)⁻¹, yearly ones leave the years Yx with y·(C'ᵀC')⁻¹, independently; the
//! estimate of least variance from both is x̂ + K(ẑ − Yx̂).
//!
//! Everything here uses + − × ÷ on `f64` in a written order, so that a figure is the same on any machine.
//!
//! # Source
//! Generalised least squares by blocks (Aitken 1936), written as one update.

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{Every, Policy, StreamShape, TimeMatrix, TimeMatrixError, sigma::Components};

/// How the errors of released quarters and years hang together; the same for every component.
#[derive(Clone, Debug)]
pub struct OverTime {
    quarters: TimeMatrix,
    years: TimeMatrix,
    released: usize,
    /// The quarters that each ended year counts; none where nothing was released by year.
    counted: Vec<Range<usize>>,
    void: Vec<usize>,
    /// Indices of the years that were released.
    seen: Vec<usize>,
    /// (CᵀC)⁻¹Yᵀ, a column a released year.
    spread: Vec<Vec<f64>>,
    /// Y(CᵀC)⁻¹Yᵀ.
    between: Vec<Vec<f64>>,
    /// (C'ᵀC')⁻¹ of the released years.
    own: Vec<Vec<f64>>,
}

/// One component over time: the variance of what is seen of it quarterly, and yearly; infinite where nothing is.
#[derive(Clone, Debug)]
pub struct Component<'a> {
    time: &'a OverTime,
    quarterly: f64,
    /// The inverse of q·Y(CᵀC)⁻¹Yᵀ + y·(C'ᵀC')⁻¹; nothing where nothing is seen yearly.
    weights: Option<Vec<Vec<f64>>>,
}

/// What the groups of each cadence see of a stream's components, as variances at σ² of one published value.
#[derive(Clone, Debug)]
pub struct Seen {
    /// By the groups that are released every quarter; infinite where they say nothing.
    pub quarterly: Components,
    /// By those that are released once a year.
    pub yearly: Components,
}

impl Seen {
    /// What follows from the noise scales σ of each group, in the order of the shape's groups.
    pub fn new(shape: &StreamShape, sigma: &[u64]) -> Self {
        let of =
            |every: Every| {
                let groups = shape.groups().into_iter().zip(sigma);
                let squares = groups.map(|(group, &sigma)| {
                    if group.every == every { sigma as f64 * sigma as f64 } else { f64::INFINITY }
                });
                Components::of_scales(shape, &squares.collect::<Vec<f64>>())
            };
        Self { quarterly: of(Every::Quarter), yearly: of(Every::Year) }
    }

    /// The same as far as the groups of each quarter see it.
    pub fn without_years(&self) -> Self {
        let blind = |components: &Components| {
            let mut blind = components.clone();
            (blind.total, blind.place) = (f64::INFINITY, f64::INFINITY);
            for set in &mut blind.label_sets {
                (set.label, set.by_place) = (f64::INFINITY, set.by_place.map(|_| f64::INFINITY));
            }
            blind
        };
        Self { quarterly: self.quarterly.clone(), yearly: blind(&self.yearly) }
    }

    /// The exact variances of the components in a weighted sum over quarters; infinite by place where those
    /// groups are released once a year and the sum is not one of whole years.
    ///
    /// # Errors
    /// Where there are more weights than quarters in the horizon.
    pub fn over(
        &self,
        shape: &StreamShape,
        time: &OverTime,
        weights: &[f64],
    ) -> Result<Components, TimeMatrixError> {
        let together = |quarterly, yearly| time.component(quarterly, yearly).variance(weights);
        let in_years = time.in_years(weights);
        let by_place = |quarterly: f64, yearly: f64| match (shape.places_every(), &in_years) {
            (Every::Quarter, _) => together(quarterly, f64::INFINITY),
            (Every::Year, Some(years)) => Ok(yearly * time.variance_of_years(years)?),
            (Every::Year, None) => Ok(f64::INFINITY),
        };
        let mut labels = Vec::new();
        for (quarterly, yearly) in self.quarterly.label_sets.iter().zip(&self.yearly.label_sets) {
            let at_place = match (quarterly.by_place, yearly.by_place) {
                (Some(quarterly), Some(yearly)) => Some(by_place(quarterly, yearly)?),
                _ => None,
            };
            labels.push((together(quarterly.label, yearly.label)?, at_place));
        }
        let total = together(self.quarterly.total, self.yearly.total)?;
        let place = match shape.is_by_place() {
            true => by_place(self.quarterly.place, self.yearly.place)?,
            false => f64::INFINITY,
        };
        Ok(Components::of_parts(shape, total, place, &labels))
    }
}

impl OverTime {
    /// The first `released` quarters of a policy, some of them void.
    ///
    /// # Errors
    /// Where there are more quarters than the horizon has.
    pub fn new(policy: &Policy, released: usize, void: &[usize]) -> Result<Self, TimeMatrixError> {
        let years = policy.years();
        let ended = (0..released).filter(|&quarter| years.ended_by(quarter).is_some()).count();
        let counted: Vec<Range<usize>> = years.counted(void).into_iter().take(ended).collect();
        let (seen, silent): (Vec<usize>, Vec<usize>) =
            (0..ended).partition(|&year| !counted[year].is_empty());
        let mut time = Self {
            quarters: policy.time_matrix.without(void),
            years: policy.yearly_matrix.without(&silent),
            released,
            counted,
            void: void.to_vec(),
            seen,
            spread: Vec::new(),
            between: Vec::new(),
            own: Vec::new(),
        };
        for &year in &time.seen {
            let indicator = time.known(&time.quarters_of(year));
            time.spread.push(time.quarters.covariances(&indicator)?);
        }
        let sums = |column: &Vec<f64>| time.seen.iter().map(|&year| time.sum(column, year)).collect();
        time.between = time.spread.iter().map(sums).collect();
        if policy.yearly_matrix.size() >= ended {
            for &year in &time.seen {
                let unit: Vec<f64> = (0..ended).map(|at| f64::from(u8::from(at == year))).collect();
                let row = time.years.covariances(&unit)?;
                time.own.push(time.seen.iter().map(|&other| row[other]).collect());
            }
        }
        Ok(time)
    }

    /// How many quarters are released.
    pub fn released(&self) -> usize {
        self.released
    }

    /// The quarters counted in each ended year; an empty range where nothing was released by year.
    pub fn counted(&self) -> &[Range<usize>] {
        &self.counted
    }

    /// Unbiased estimates of quarters, or of years, from published values.
    ///
    /// # Errors
    /// Where there are more values than the horizon has.
    pub fn decode_quarters(&self, published: &[f64]) -> Result<Vec<f64>, TimeMatrixError> {
        self.quarters.decode(published)
    }

    /// Unbiased estimates of years from published values, 0 for a year of which nothing was released.
    ///
    /// # Errors
    /// Where there are more values than years.
    pub fn decode_years(&self, published: &[f64]) -> Result<Vec<f64>, TimeMatrixError> {
        self.years.decode(published)
    }

    /// Weights over quarters, with 0 where a quarter is void: what is zero by declaration is known without noise.
    pub fn known(&self, weights: &[f64]) -> Vec<f64> {
        let known = weights.iter().enumerate();
        known.map(|(quarter, &weight)| if self.void.contains(&quarter) { 0.0 } else { weight }).collect()
    }

    /// The same weights over years; nothing where they are not whole released years.
    pub fn in_years(&self, weights: &[f64]) -> Option<Vec<f64>> {
        let weight = |quarter: usize| weights.get(quarter).copied().unwrap_or(0.0);
        let covered = self.counted.iter().map(|quarters| quarters.end).max().unwrap_or(0);
        if (covered..weights.len()).any(|quarter| weight(quarter) != 0.0) {
            return None;
        }
        let year = |quarters: &Range<usize>| {
            let first = if quarters.is_empty() { 0.0 } else { weight(quarters.start) };
            quarters.clone().all(|quarter| weight(quarter) == first).then_some(first)
        };
        self.counted.iter().map(year).collect()
    }

    /// The factor by which a yearly σ² is multiplied in a weighted sum over years.
    ///
    /// # Errors
    /// Where there are more weights than years.
    pub fn variance_of_years(&self, weights: &[f64]) -> Result<f64, TimeMatrixError> {
        self.years.variance_factor(weights)
    }

    /// A component of which quarterly groups see as much as one query of variance `quarterly` a quarter would, and
    /// yearly groups as much as one of variance `yearly` a year.
    pub fn component(&self, quarterly: f64, yearly: f64) -> Component<'_> {
        let weights = (yearly.is_finite() && !self.own.is_empty()).then(|| {
            let rows = self.between.iter().zip(&self.own);
            let sum = rows.map(|(between, own)| {
                between.iter().zip(own).map(|(b, o)| quarterly * b + yearly * o).collect::<Vec<f64>>()
            });
            inverse(sum.collect())
        });
        Component { time: self, quarterly, weights }
    }

    fn quarters_of(&self, year: usize) -> Vec<f64> {
        let quarters = &self.counted[year];
        (0..self.released).map(|quarter| f64::from(u8::from(quarters.contains(&quarter)))).collect()
    }

    /// Σ over the quarters of a year; what is void is 0 in what was decoded.
    fn sum(&self, quarters: &[f64], year: usize) -> f64 {
        self.counted[year].clone().filter(|quarter| !self.void.contains(quarter)).map(|at| quarters[at]).sum()
    }
}

impl Component<'_> {
    /// The estimate of each quarter from what was seen quarterly and yearly, both decoded.
    pub fn merge(&self, quarters: &[f64], years: &[f64]) -> Vec<f64> {
        let Some(weights) = &self.weights else { return quarters.to_vec() };
        let time = self.time;
        let beyond = time.seen.iter().map(|&year| years[year] - time.sum(quarters, year));
        let pull = times(weights, &beyond.collect::<Vec<f64>>());
        let mut merged = quarters.to_vec();
        for (column, pull) in time.spread.iter().zip(pull) {
            for (quarter, spread) in merged.iter_mut().zip(column) {
                *quarter += self.quarterly * spread * pull;
            }
        }
        merged
    }

    /// The exact variance of a weighted sum over quarters.
    ///
    /// # Errors
    /// Where there are more weights than quarters in the horizon.
    pub fn variance(&self, weights: &[f64]) -> Result<f64, TimeMatrixError> {
        let weights_over_quarters = self.time.known(weights);
        let alone = self.quarterly * self.time.quarters.variance_factor(&weights_over_quarters)?;
        let Some(weights) = &self.weights else { return Ok(alone) };
        let dot = |column: &Vec<f64>| column.iter().zip(&weights_over_quarters).map(|(u, a)| u * a).sum();
        let with_years: Vec<f64> = self.time.spread.iter().map(dot).collect();
        let known = times(weights, &with_years);
        let gained: f64 = with_years.iter().zip(known).map(|(g, k)| g * k).sum();
        Ok(alone - self.quarterly * self.quarterly * gained)
    }
}

fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| row.iter().zip(vector).map(|(m, v)| m * v).sum()).collect()
}

/// The inverse of a symmetric positive definite matrix (Gauss and Jordan; such a matrix needs no exchange of rows).
fn inverse(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = matrix.len();
    let unit = |row: usize| (0..size).map(|at| f64::from(u8::from(at == row))).collect::<Vec<f64>>();
    let mut inverse: Vec<Vec<f64>> = (0..size).map(unit).collect();
    for at in 0..size {
        let pivot = matrix[at][at];
        for column in 0..size {
            matrix[at][column] /= pivot;
            inverse[at][column] /= pivot;
        }
        let (pivot_row, pivot_inverse) = (matrix[at].clone(), inverse[at].clone());
        for row in (0..size).filter(|&row| row != at) {
            let by = matrix[row][at];
            for column in 0..size {
                matrix[row][column] -= by * pivot_row[column];
                inverse[row][column] -= by * pivot_inverse[column];
            }
        }
    }
    inverse
}
