//! One stream of one borough, readable: unbiased counts for every quarter and year, and every figure with its variance.

use std::ops::Range;

use tenfold_common::{
    geography::BoroughCode,
    privacy::{Every, OverTime, StreamShape, Table, TimeMatrixError, VerifiedPolicy},
    statistics::Estimate,
};

use super::{
    CombineError,
    reconcile::{Cell, Parts, Reconciled, Reconciliation},
};

/// The unbiased counts of one stream in one borough, quarter after quarter and year after year.
///
/// What the groups of each quarter and of each year say is weighed together, so that four quarters are their year
/// and the places of a year are their borough. A year's groups tell a little of its quarters, too: their figures
/// move once, by less than their error, when the year is complete.
#[derive(Clone, Debug)]
pub struct Decoded {
    time: OverTime,
    reconciliation: Reconciliation,
    quarters: Vec<Reconciled>,
    /// One for each ended year, where places are released by year.
    years: Vec<Reconciled>,
    /// Quarters for which nothing was drawn: their tables are zero by declaration.
    void: Vec<usize>,
}

impl Decoded {
    /// Decodes the published tables of a stream, first quarter first, and reconciles them.
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
        let time = OverTime::new(policy.policy(), published.len(), &void)?;
        let reconciliation = Reconciliation::new(stream.shape(places), stream.scales(places)?);
        let by_quarter = parts(&reconciliation, Every::Quarter, published, |y| time.decode_quarters(y))?;
        // The release of a year's last quarter carries it; of a year without one nothing was released.
        let ends = time.counted().iter();
        let carried: Vec<Option<&Table>> =
            ends.map(|year| year.clone().next_back().and_then(|end| published[end])).collect();
        let by_year = match stream.places_every {
            Every::Quarter => Vec::new(),
            Every::Year => parts(&reconciliation, Every::Year, &carried, |y| time.decode_years(y))?,
        };
        let merged = merged(&reconciliation, &time, &by_quarter, &by_year);
        let years = by_year.iter().zip(time.counted());
        let years =
            years.map(|(year, quarters)| reconciliation.table(&year_of(&merged[quarters.clone()], year)));
        let years = years.collect();
        let quarters = merged.iter().map(|parts| reconciliation.table(parts)).collect();
        Ok(Self { time, reconciliation, quarters, years, void })
    }

    /// The counts of each released quarter, first quarter first; without places where they are released by year.
    pub fn quarters(&self) -> &[Reconciled] {
        &self.quarters
    }

    /// Whether a quarter is void.
    pub fn is_void(&self, quarter: usize) -> bool {
        self.void.contains(&quarter)
    }

    /// The quarters of each year for which groups by year were released, in their order.
    pub fn years(&self) -> Vec<Range<usize>> {
        self.time.counted().iter().filter(|quarters| !quarters.is_empty()).cloned().collect()
    }

    /// The quarters of each period for which figures by place can be read, in their order: released years, or every
    /// quarter that is not void where places are released each quarter.
    pub fn periods_by_place(&self) -> Vec<Range<usize>> {
        let quarters = (0..self.quarters.len()).filter(|&quarter| !self.is_void(quarter));
        match self.shape().places_every() {
            Every::Quarter => quarters.map(|quarter| quarter..quarter + 1).collect(),
            Every::Year => self.years(),
        }
    }

    /// The last quarter up to which figures by place can be read; none before there are any.
    pub fn last_by_place(&self) -> Option<usize> {
        match self.shape().places_every() {
            Every::Quarter => self.quarters.len().checked_sub(1),
            Every::Year => self.years().last().map(|quarters| quarters.end - 1),
        }
    }

    /// The stream's shape in this borough.
    pub fn shape(&self) -> &StreamShape {
        self.reconciliation.shape()
    }

    /// A figure: the weighted sum over quarters of one cell, with the exact variance of the mechanism.
    ///
    /// The one function for levels, changes, totals of a year and totals to date: they differ in the weights
    /// only. The errors of different quarters are not independent; the time matrices say how they hang
    /// together.
    ///
    /// # Errors
    /// Where there is no such cell, more weights than released quarters, or by place a sum of other than whole
    /// years where places are released by year.
    pub fn figure(&self, cell: Cell, weights_over_quarters: &[f64]) -> Result<Estimate, CombineError> {
        let (asked, released) = (weights_over_quarters.len(), self.quarters.len());
        if asked > released {
            return Err(CombineError::NotReleased { asked, released });
        }
        let no_cell = || CombineError::NoCell { cell };
        let mut value = 0.0;
        if cell.is_by_place() && self.shape().places_every() == Every::Year {
            let whole = self.time.in_years(weights_over_quarters).ok_or_else(|| {
                CombineError::NotWholeYears { quarters: self.last_by_place().map_or(0, |last| last + 1) }
            })?;
            for (year, weight) in self.years.iter().zip(&whole) {
                value += weight * year.value(cell).ok_or_else(no_cell)?;
            }
        } else {
            // What is zero by declaration is known without noise.
            for (quarter, weight) in self.quarters.iter().zip(&self.time.known(weights_over_quarters)) {
                value += weight * quarter.value(cell).ok_or_else(no_cell)?;
            }
        }
        let seen = self.reconciliation.components();
        let components = seen.over(self.shape(), &self.time, weights_over_quarters)?;
        let variance = self.reconciliation.variance(cell, &components).ok_or_else(no_cell)?;
        Ok(Estimate { value, variance })
    }

    /// How the errors of two [figures](Self::figure) with the same weights hang together, of a cell and of one that
    /// holds it.
    ///
    /// # Errors
    /// As [`Self::figure`]; and where neither holds the other.
    pub fn covariance(
        &self,
        part: Cell,
        whole: Cell,
        weights_over_quarters: &[f64],
    ) -> Result<f64, CombineError> {
        let seen = self.reconciliation.components();
        let components = seen.over(self.shape(), &self.time, weights_over_quarters)?;
        let found = self.reconciliation.covariance(part, whole, &components);
        found.ok_or(CombineError::NoPart { part, whole })
    }
}

/// What the groups of one cadence say of each period, from values as they were published; zero where none were.
fn parts(
    reconciliation: &Reconciliation,
    every: Every,
    published: &[Option<&Table>],
    decode: impl Fn(&[f64]) -> Result<Vec<f64>, TimeMatrixError>,
) -> Result<Vec<Parts>, CombineError> {
    let mut direct: Vec<Vec<Vec<f64>>> = vec![Vec::new(); published.len()];
    for (group, shape) in reconciliation.shape().groups().iter().enumerate() {
        direct.iter_mut().for_each(|period| period.push(Vec::new()));
        let cells = if shape.every == every { shape.cells } else { 0 };
        for cell in 0..cells {
            let values: Vec<f64> =
                published.iter().map(|table| table.map_or(0.0, |table| table[group][cell] as f64)).collect();
            for (period, estimate) in direct.iter_mut().zip(decode(&values)?) {
                period[group].push(estimate);
            }
        }
    }
    Ok(direct.iter().map(|direct| reconciliation.seen(direct, every)).collect())
}

/// Each quarter's components, with what the groups of its year say of them.
fn merged(
    reconciliation: &Reconciliation,
    time: &OverTime,
    by_quarter: &[Parts],
    by_year: &[Parts],
) -> Vec<Parts> {
    let mut merged = by_quarter.to_vec();
    if by_year.is_empty() {
        return merged;
    }
    let seen = reconciliation.components();
    let together = |quarterly, yearly, of: &dyn Fn(&Parts) -> f64| {
        let series = |parts: &[Parts]| parts.iter().map(of).collect::<Vec<f64>>();
        time.component(quarterly, yearly).merge(&series(by_quarter), &series(by_year))
    };
    let totals = together(seen.quarterly.total, seen.yearly.total, &|parts| parts.total);
    merged.iter_mut().zip(totals).for_each(|(parts, total)| parts.total = total);
    let sets = seen.quarterly.label_sets.iter().zip(&seen.yearly.label_sets);
    for (set, (quarterly, yearly)) in sets.enumerate() {
        for label in 0..reconciliation.shape().label_sets()[set].labels.len() {
            let values = together(quarterly.label, yearly.label, &|parts| parts.labels[set][label]);
            merged.iter_mut().zip(values).for_each(|(parts, value)| parts.labels[set][label] = value);
        }
    }
    merged
}

/// A year's components: the borough's added up from its quarters, those by place as they were seen by year.
fn year_of(quarters: &[Parts], seen: &Parts) -> Parts {
    let mut year = seen.clone();
    year.total = quarters.iter().map(|quarter| quarter.total).sum();
    for (set, labels) in year.labels.iter_mut().enumerate() {
        for (label, value) in labels.iter_mut().enumerate() {
            *value = quarters.iter().map(|quarter| quarter.labels[set][label]).sum();
        }
    }
    year
}
