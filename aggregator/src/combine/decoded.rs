//! One stream of one borough, readable: unbiased counts for every quarter, and every figure with its variance.

use tenfold_common::{
    geography::BoroughCode,
    privacy::{StreamShape, Table, TimeMatrix, VerifiedPolicy},
    statistics::Estimate,
};

use super::{
    CombineError,
    reconcile::{Cell, Reconciled, Reconciliation},
};

/// The unbiased counts of one stream in one borough, quarter after quarter.
#[derive(Clone, Debug)]
pub struct Decoded {
    time_matrix: TimeMatrix,
    reconciliation: Reconciliation,
    quarters: Vec<Reconciled>,
    /// Quarters for which nothing was drawn: their tables are zero by declaration.
    void: Vec<usize>,
}

impl Decoded {
    /// Decodes the published tables of a stream, first quarter first, and reconciles each quarter.
    ///
    /// Every group is published through the same time matrix, so decoding and reconciling commute and the
    /// weights of the reconciliation are the same each quarter.
    ///
    /// # Errors
    /// Where the policy knows no such borough or stream, or there are more tables than quarters in the
    /// horizon; tables of another shape are the caller's to refuse.
    pub fn new(
        policy: &VerifiedPolicy,
        borough: &BoroughCode,
        stream: &str,
        published: &[&Table],
    ) -> Result<Self, CombineError> {
        let published: Vec<Option<&Table>> = published.iter().copied().map(Some).collect();
        Self::with_void(policy, borough, stream, &published)
    }

    /// The same where some quarters are void: nothing was published for them, and all later ones were drawn with a
    /// zero table in their place, so every figure of the other quarters stays unbiased.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_void(
        policy: &VerifiedPolicy,
        borough: &BoroughCode,
        stream: &str,
        published: &[Option<&Table>],
    ) -> Result<Self, CombineError> {
        let (stream, places) = (policy.stream(stream)?, policy.places(borough)?);
        let void: Vec<usize> =
            published.iter().enumerate().filter(|(_, table)| table.is_none()).map(|(at, _)| at).collect();
        let time_matrix = policy.policy().time_matrix.without(&void);
        let reconciliation = Reconciliation::new(stream.shape(places), stream.scales(places)?);
        let mut direct: Vec<Vec<Vec<f64>>> = vec![Vec::new(); published.len()];
        for (group, shape) in reconciliation.shape().groups().iter().enumerate() {
            for quarter in &mut direct {
                quarter.push(Vec::with_capacity(shape.cells));
            }
            for cell in 0..shape.cells {
                let values: Vec<f64> = published
                    .iter()
                    .map(|table| table.map_or(0.0, |table| table[group][cell] as f64))
                    .collect();
                for (quarter, estimate) in direct.iter_mut().zip(time_matrix.decode(&values)?) {
                    quarter[group].push(estimate);
                }
            }
        }
        let quarters = direct.iter().map(|direct| reconciliation.reconcile(direct)).collect();
        Ok(Self { time_matrix, reconciliation, quarters, void })
    }

    /// The counts of each released quarter, first quarter first.
    pub fn quarters(&self) -> &[Reconciled] {
        &self.quarters
    }

    /// Whether a quarter is void.
    pub fn is_void(&self, quarter: usize) -> bool {
        self.void.contains(&quarter)
    }

    /// The stream's shape in this borough.
    pub fn shape(&self) -> &StreamShape {
        self.reconciliation.shape()
    }

    /// A figure: the weighted sum over quarters of one cell, with the exact variance of the mechanism.
    ///
    /// The one function for levels, changes, totals of a year and totals to date: they differ in the weights
    /// only. The errors of different quarters are not independent; the time matrix says how they hang
    /// together.
    ///
    /// # Errors
    /// Where there is no such cell, or more weights than released quarters.
    pub fn figure(&self, cell: Cell, weights_over_quarters: &[f64]) -> Result<Estimate, CombineError> {
        let (asked, released) = (weights_over_quarters.len(), self.quarters.len());
        if asked > released {
            return Err(CombineError::NotReleased { asked, released });
        }
        let of_table = self.reconciliation.variance(cell).ok_or(CombineError::NoCell { cell })?;
        let mut value = 0.0;
        // What is zero by declaration is known without noise.
        let weights: Vec<f64> = weights_over_quarters
            .iter()
            .enumerate()
            .map(|(quarter, &weight)| if self.is_void(quarter) { 0.0 } else { weight })
            .collect();
        for (quarter, weight) in self.quarters.iter().zip(&weights) {
            value += weight * quarter.value(cell).ok_or(CombineError::NoCell { cell })?;
        }
        let over_time = self.time_matrix.variance_factor(&weights)?;
        Ok(Estimate { value, variance: of_table * over_time })
    }
}
