//! The ten boroughs together: the region's figures are sums, and say who is missing.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, ops::Range};

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
    privacy::Succession,
    protocol::{QuestionRelease, RefusalReason, StreamRelease},
    statistics::Estimate,
};

use super::{CombineError, reconcile::Cell, span::Span, term::Series};

/// A release that was checked, stored and receipted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The quarter it speaks of.
    pub quarter: Quarter,
    /// Its number within its borough, from 1.
    pub number: u32,
    /// When it was received.
    pub received_at: Moment,
    /// Why the quarter is void, if it is.
    pub void: Option<RefusalReason>,
    /// What it says.
    pub streams: Vec<StreamRelease>,
    /// What it answers to one-off questions.
    pub questions: Vec<QuestionRelease>,
}

/// The accepted releases of each borough, first quarter first.
pub type AcceptedReleases = BTreeMap<BoroughCode, Vec<Accepted>>;

/// Every stream of every borough, decoded, over all policies of a succession.
#[derive(Clone, Debug)]
pub struct Combined {
    series: Vec<Series>,
    boroughs: BTreeMap<BoroughCode, Reach>,
    /// Whether a borough's first release is its opening position.
    opening: bool,
}

/// Which quarters a borough has released, by their index in the succession.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    /// Index of its first release; 0 where there is none.
    joined: usize,
    /// Index after its last release.
    released: usize,
}

/// Where a figure is of: the whole region or one borough.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// All boroughs of the policy together.
    Region,
    /// One borough.
    Borough(BoroughCode),
}

impl Area {
    /// Its GSS code.
    pub fn code(&self) -> &str {
        match self {
            Self::Region => geography::REGION_CODE,
            Self::Borough(code) => code.as_str(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Region => geography::REGION_NAME,
            Self::Borough(code) => borough_name(code),
        }
    }
}

/// A borough's name, or its code where the program does not know the name.
pub fn borough_name(code: &BoroughCode) -> &str {
    geography::borough(code).map_or(code.as_str(), |borough| borough.name.as_str())
}

/// A figure as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The sum over the boroughs that could be counted; none where there is no such borough.
    pub estimate: Option<Estimate>,
    /// Boroughs asked for without a release for the figure's last quarter. A total to date still counts what
    /// they released before; any other figure leaves them out.
    pub missing: Vec<BoroughCode>,
    /// Boroughs whose quarter is void: they are not in the figure, and their families are counted in the next.
    /// For a change, those of which either quarter is void. A total to date counts what they released before.
    pub void: Vec<BoroughCode>,
    /// Boroughs whose figure of one quarter holds the families of the void quarter before it too.
    pub carrying: Vec<BoroughCode>,
    /// Boroughs that joined later than the region began and whose opening position lies in the span: it is no
    /// quarter's activity and not in the figure. A total to date counts it.
    pub opening: Vec<BoroughCode>,
}

impl Combined {
    /// Decodes what every borough released, policy by policy.
    ///
    /// # Errors
    /// Where a borough's quarters are not complete and in order, or a release does not fit its policy.
    pub fn new(policies: &Succession, accepted: &AcceptedReleases) -> Result<Self, CombineError> {
        let mut boroughs = BTreeMap::new();
        for borough in policies.boroughs() {
            let releases = accepted.get(&borough).map_or(&[][..], Vec::as_slice);
            boroughs.insert(borough.clone(), reach(policies, &borough, releases)?);
        }
        let (mut series, mut first) = (Vec::new(), 0);
        for term in policies.terms() {
            series.push(Series::new(term, first, accepted)?);
            first += term.quarters;
        }
        Ok(Self { series, boroughs, opening: policies.newest().policy().opening })
    }

    /// The index after the last quarter a borough has released.
    pub fn released(&self, borough: &BoroughCode) -> usize {
        self.boroughs.get(borough).map_or(0, |reach| reach.released)
    }

    /// The same of the borough furthest on.
    pub fn quarters(&self) -> usize {
        self.boroughs.values().map(|reach| reach.released).max().unwrap_or(0)
    }

    /// The quarter of a borough's own opening position, where it joined later than the region began.
    fn opened_late(&self, borough: &BoroughCode) -> Option<usize> {
        let reach = self.boroughs.get(borough).filter(|reach| reach.joined > 0)?;
        self.opening.then_some(reach.joined)
    }

    /// The quarters of each period for which figures by place can be read, in their order: the years that ended, or
    /// every quarter where places are released each quarter.
    pub fn periods_by_place(&self, borough: &BoroughCode, stream: &str) -> Vec<Range<usize>> {
        let joined = self.boroughs.get(borough).map_or(0, |reach| reach.joined);
        let years = self.series.iter().flat_map(|series| series.periods(borough, stream));
        years.map(|year| year.start.max(joined)..year.end).collect()
    }

    /// Quarters that a total to date by place leaves out: those of a year that a change of policy cut off, so that
    /// nothing of it was released by place.
    fn cut_off(&self, borough: &BoroughCode, stream: &str, cell: Cell, span: Span) -> Vec<usize> {
        let Span::ToDate { last } = span else { return Vec::new() };
        let years = self.periods_by_place(borough, stream);
        if !cell.is_by_place() || !years.iter().any(|year| year.end == last + 1) {
            return Vec::new();
        }
        (0..last).filter(|quarter| !years.iter().any(|year| year.contains(quarter))).collect()
    }

    fn is_void(&self, borough: &BoroughCode, stream: &str, quarter: usize) -> bool {
        self.series.iter().any(|series| series.is_void(borough, stream, quarter))
    }

    /// A borough's figure, or none where its releases do not reach so far, all that is asked is void, or the stream
    /// is counted by no policy of those quarters. Each policy's noise is independent, so its parts are summed.
    ///
    /// # Errors
    /// Where there is no such borough, stream or cell.
    pub fn figure(
        &self,
        borough: &BoroughCode,
        stream: &str,
        cell: Cell,
        span: Span,
    ) -> Result<Option<Estimate>, CombineError> {
        let Some(weights) = self.weights(borough, stream, cell, span)? else { return Ok(None) };
        let parts = self.series.iter().map(|series| series.figure(borough, stream, cell, &weights));
        let parts: Vec<Estimate> = parts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        Ok((!parts.is_empty()).then(|| Estimate::sum(parts)))
    }

    /// How the errors of two figures of a borough hang together, of a cell and of one that holds it.
    ///
    /// # Errors
    /// As [`Self::figure`]; and where neither holds the other.
    pub(super) fn covariance(
        &self,
        borough: &BoroughCode,
        stream: &str,
        (part, whole): (Cell, Cell),
        span: Span,
    ) -> Result<f64, CombineError> {
        let Some(weights) = self.weights(borough, stream, part, span)? else { return Ok(0.0) };
        self.series.iter().map(|series| series.covariance(borough, stream, (part, whole), &weights)).sum()
    }

    /// What of each quarter is in a borough's figure; none where it cannot be read.
    fn weights(
        &self,
        borough: &BoroughCode,
        stream: &str,
        cell: Cell,
        span: Span,
    ) -> Result<Option<Vec<f64>>, CombineError> {
        if !self.series.iter().any(|series| series.has(borough, stream)) {
            let reason = format!("it has no stream {stream:?} for borough {borough}");
            return Err(CombineError::Policy { reason });
        }
        let reach = self.boroughs.get(borough).copied().unwrap_or_default();
        let opened = self.opened_late(borough);
        let nothing = |quarter: usize| self.is_void(borough, stream, quarter) || opened == Some(quarter);
        let readable = match span {
            // Against a void quarter, or an opening position, there is no change.
            Span::Change { last } => {
                let before = last.checked_sub(1);
                before.is_none_or(|before| before >= reach.joined && !nothing(before)) && !nothing(last)
            }
            Span::Sum { .. } | Span::ToDate { .. } => true,
        };
        if !readable || span.last() >= reach.released || span.last() < reach.joined {
            return Ok(None);
        }
        let mut weights = span.weights();
        let cut_off = self.cut_off(borough, stream, cell, span);
        for (quarter, weight) in weights.iter_mut().enumerate() {
            let before = quarter < reach.joined;
            // To date it counts; of a quarter or a year it is no activity. By place it left with its year.
            let opening =
                opened == Some(quarter) && !matches!(span, Span::ToDate { .. }) && !cell.is_by_place();
            if before || opening || cut_off.contains(&quarter) {
                *weight = 0.0;
            }
        }
        Ok(Some(weights))
    }

    /// A figure of an area, as far as it can be read; a region's is the sum over its boroughs, which draw
    /// their noise independently. A total to date covers for each borough the quarters it released itself.
    ///
    /// # Errors
    /// As [`Self::figure`].
    pub fn reading(
        &self,
        area: &Area,
        stream: &str,
        cell: Cell,
        span: Span,
    ) -> Result<Reading, CombineError> {
        let mut reading = Reading::default();
        let mut parts = Vec::new();
        for borough in self.within(area) {
            let reach = self.boroughs.get(borough).copied().unwrap_or_default();
            let last = span.last();
            if reach.released <= last || last < reach.joined {
                reading.missing.push(borough.clone());
            } else if self.holds_opening(borough, span) {
                reading.opening.push(borough.clone());
            } else {
                let before = last > 0 && self.is_void(borough, stream, last - 1) && last > reach.joined;
                match span {
                    _ if self.is_void(borough, stream, last) => reading.void.push(borough.clone()),
                    Span::Change { .. } if before => reading.void.push(borough.clone()),
                    Span::Sum { first, .. } if before && first == last => {
                        reading.carrying.push(borough.clone());
                    }
                    _ => {}
                }
            }
            parts.extend(self.figure(borough, stream, cell, self.own_span(borough, span))?);
        }
        reading.estimate = (!parts.is_empty()).then(|| Estimate::sum(parts));
        Ok(reading)
    }

    /// A total to date covers for each borough the quarters it released itself.
    pub(super) fn own_span(&self, borough: &BoroughCode, span: Span) -> Span {
        let reach = self.boroughs.get(borough).copied().unwrap_or_default();
        match (span, reach.released.checked_sub(1)) {
            (Span::ToDate { last }, Some(newest)) if last >= reach.joined => {
                Span::ToDate { last: last.min(newest) }
            }
            _ => span,
        }
    }

    /// The boroughs of an area.
    pub(super) fn within<'a>(&'a self, area: &'a Area) -> Vec<&'a BoroughCode> {
        match area {
            Area::Region => self.boroughs.keys().collect(),
            Area::Borough(borough) => vec![borough],
        }
    }

    /// Whether a figure of quarters' activity reaches over a borough's own opening position, which is none.
    fn holds_opening(&self, borough: &BoroughCode, span: Span) -> bool {
        self.opened_late(borough).is_some_and(|opened| match span {
            Span::Sum { first, last } => (first..=last).contains(&opened),
            Span::Change { last } => last == opened || last == opened + 1,
            Span::ToDate { .. } => false,
        })
    }
}

/// Which quarters a borough has released: numbered from 1, one after the other from its first.
fn reach(policies: &Succession, borough: &BoroughCode, releases: &[Accepted]) -> Result<Reach, CombineError> {
    let Some(first) = releases.first() else { return Ok(Reach::default()) };
    let mut expected = first.quarter.plus(1 - i32::try_from(first.number).unwrap_or(i32::MAX));
    let joined = policies.quarter_index(expected)?;
    for release in releases {
        if release.quarter != expected {
            return Err(CombineError::OutOfOrder {
                borough: borough.clone(),
                expected,
                found: release.quarter,
            });
        }
        expected = expected.next();
    }
    Ok(Reach { joined, released: joined + releases.len() })
}
