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
        let (stream, places) = (policy.stream(stream)?, policy.places(borough)?);
        let time_matrix = policy.policy().time_matrix.clone();
        let reconciliation = Reconciliation::new(stream.shape(places), stream.scales(places)?);
        let mut direct: Vec<Vec<Vec<f64>>> = vec![Vec::new(); published.len()];
        for (group, shape) in reconciliation.shape().groups().iter().enumerate() {
            for quarter in &mut direct {
                quarter.push(Vec::with_capacity(shape.cells));
            }
            for cell in 0..shape.cells {
                let values: Vec<f64> = published.iter().map(|table| table[group][cell] as f64).collect();
                for (quarter, estimate) in direct.iter_mut().zip(time_matrix.decode(&values)?) {
                    quarter[group].push(estimate);
                }
            }
        }
        let quarters = direct.iter().map(|direct| reconciliation.reconcile(direct)).collect();
        Ok(Self { time_matrix, reconciliation, quarters })
    }

    /// The counts of each released quarter, first quarter first.
    pub fn quarters(&self) -> &[Reconciled] {
        &self.quarters
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
        for (quarter, weight) in self.quarters.iter().zip(weights_over_quarters) {
            value += weight * quarter.value(cell).ok_or(CombineError::NoCell { cell })?;
        }
        let over_time = self.time_matrix.variance_factor(weights_over_quarters)?;
        Ok(Estimate { value, variance: of_table * over_time })
    }
}
