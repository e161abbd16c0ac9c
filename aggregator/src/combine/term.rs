//! What boroughs released under one policy, decoded: a series of its own, with noise of its own.

use std::{collections::BTreeMap, ops::Range};

use tenfold_common::{
    calendar::Quarter,
    geography::BoroughCode,
    privacy::{Table, VerifiedPolicy, policy::Term},
    statistics::Estimate,
};

use super::{Accepted, AcceptedReleases, CombineError, decoded::Decoded, reconcile::Cell};

/// One policy's streams of every borough.
#[derive(Clone, Debug)]
pub(super) struct Series {
    /// Index of its first quarter in the whole succession.
    first: usize,
    quarters: usize,
    boroughs: BTreeMap<BoroughCode, BTreeMap<String, Decoded>>,
}

impl Series {
    /// Decodes what was released under a policy whose first quarter has the index `first`.
    ///
    /// # Errors
    /// Where a release does not fit the policy.
    pub(super) fn new(term: &Term, first: usize, accepted: &AcceptedReleases) -> Result<Self, CombineError> {
        let policy = &term.policy;
        let begins = policy.policy().first_quarter;
        let ends = begins.plus(i32::try_from(term.quarters).unwrap_or(i32::MAX));
        let mut boroughs = BTreeMap::new();
        for places in &policy.policy().boroughs {
            let borough = &places.borough;
            let all = accepted.get(borough).map_or(&[][..], Vec::as_slice);
            let within: Vec<&Accepted> =
                all.iter().filter(|release| (begins..ends).contains(&release.quarter)).collect();
            let mut streams = BTreeMap::new();
            for stream in &policy.policy().streams {
                let tables = tables(policy, borough, &stream.name, begins, &within)?;
                let decoded = Decoded::with_void(policy, borough, &stream.name, &tables)?;
                streams.insert(stream.name.clone(), decoded);
            }
            boroughs.insert(borough.clone(), streams);
        }
        Ok(Self { first, quarters: term.quarters, boroughs })
    }

    /// Whether the policy counts a stream of a borough.
    pub(super) fn has(&self, borough: &BoroughCode, stream: &str) -> bool {
        self.decoded(borough, stream).is_some()
    }

    fn decoded(&self, borough: &BoroughCode, stream: &str) -> Option<&Decoded> {
        self.boroughs.get(borough)?.get(stream)
    }

    /// Whether a quarter of the whole succession was declared void under this policy.
    pub(super) fn is_void(&self, borough: &BoroughCode, stream: &str, quarter: usize) -> bool {
        let own = quarter.checked_sub(self.first).filter(|&own| own < self.quarters);
        own.zip(self.decoded(borough, stream)).is_some_and(|(own, decoded)| decoded.is_void(own))
    }

    /// The quarters of each period for which figures by place can be read, counted in the whole succession.
    pub(super) fn periods(&self, borough: &BoroughCode, stream: &str) -> Vec<Range<usize>> {
        let own = self.decoded(borough, stream).map(Decoded::periods_by_place).unwrap_or_default();
        own.into_iter().map(|year| self.first + year.start..self.first + year.end).collect()
    }

    /// This policy's part of a figure whose weights run over the quarters of the whole succession; none where it has
    /// no part in it.
    ///
    /// # Errors
    /// Where there is no such cell.
    pub(super) fn figure(
        &self,
        borough: &BoroughCode,
        stream: &str,
        cell: Cell,
        weights: &[f64],
    ) -> Result<Option<Estimate>, CombineError> {
        let own = self.own(borough, stream, weights);
        own.map(|(decoded, weights)| decoded.figure(cell, &weights)).transpose()
    }

    /// How the errors of this policy's parts of two figures hang together, of a cell and of one that holds it.
    ///
    /// # Errors
    /// As [`Self::figure`]; and where neither holds the other.
    pub(super) fn covariance(
        &self,
        borough: &BoroughCode,
        stream: &str,
        (part, whole): (Cell, Cell),
        weights: &[f64],
    ) -> Result<f64, CombineError> {
        let own = self.own(borough, stream, weights);
        own.map_or(Ok(0.0), |(decoded, weights)| decoded.covariance(part, whole, &weights))
    }

    /// The quarters of this policy; none where it has no part in the figure.
    fn own(&self, borough: &BoroughCode, stream: &str, weights: &[f64]) -> Option<(&Decoded, Vec<f64>)> {
        let decoded = self.decoded(borough, stream)?;
        let own: Vec<f64> = weights.iter().skip(self.first).take(self.quarters).copied().collect();
        let counts = |(quarter, weight): (usize, &f64)| *weight != 0.0 && !decoded.is_void(quarter);
        own.iter().enumerate().any(counts).then_some((decoded, own))
    }
}

/// The tables of a stream from the policy's first quarter on; none for a quarter that is void, and for those before
/// the borough's first release, which are zero by declaration too.
fn tables<'a>(
    policy: &VerifiedPolicy,
    borough: &BoroughCode,
    stream: &str,
    begins: Quarter,
    releases: &[&'a Accepted],
) -> Result<Vec<Option<&'a Table>>, CombineError> {
    let shape = policy.stream(stream)?.shape(policy.places(borough)?);
    let table = |release: &&'a Accepted| {
        if release.void.is_some() {
            return Ok(None);
        }
        let found = release.streams.iter().find(|found| found.stream == stream);
        let (borough, quarter, stream) = (borough.clone(), release.quarter, stream.to_owned());
        match found {
            Some(found) if shape.fits_release(&found.values, policy.ends_year(quarter)?) => {
                Ok(Some(&found.values))
            }
            Some(_) => Err(CombineError::Misfit { borough, quarter, stream }),
            None => Err(CombineError::NoStream { borough, quarter, stream }),
        }
    };
    let before = releases.first().map_or(0, |first| first.quarter.quarters_since(begins));
    let before = (0..before).map(|_| Ok(None));
    before.chain(releases.iter().map(table)).collect()
}
