//! The ten boroughs together: the region's figures are sums, and say who is missing.

use std::{collections::BTreeMap, ops::Range};

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
    privacy::Succession,
    protocol::{RefusalReason, StreamRelease},
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
        let parts = self.series.iter().map(|series| series.figure(borough, stream, cell, &weights));
        let parts: Vec<Estimate> = parts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        Ok((!parts.is_empty()).then(|| Estimate::sum(parts)))
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
        let boroughs: Vec<&BoroughCode> = match area {
            Area::Region => self.boroughs.keys().collect(),
            Area::Borough(borough) => vec![borough],
        };
        let mut reading = Reading::default();
        let mut parts = Vec::new();
        for borough in boroughs {
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
            let own = match (span, reach.released.checked_sub(1)) {
                (Span::ToDate { last }, Some(newest)) if last >= reach.joined => {
                    Span::ToDate { last: last.min(newest) }
                }
                _ => span,
            };
            parts.extend(self.figure(borough, stream, cell, own)?);
        }
        reading.estimate = (!parts.is_empty()).then(|| Estimate::sum(parts));
        Ok(reading)
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

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::{StreamPolicy, Table, VerifiedPolicy, policy::ATTACHED};

    use super::*;
    use crate::combine::{Decoded, fixture};

    #[test]
    fn the_region_is_the_sum_and_says_who_is_missing() {
        let policy = fixture::policy();
        let combined = Combined::new(&policy.clone().into(), &fixture::region(&policy)).unwrap();
        let oldham = fixture::oldham();
        assert_eq!((combined.quarters(), combined.released(&oldham)), (8, 7));

        let last = Span::quarter(7);
        assert_eq!(combined.figure(&oldham, ATTACHED, Cell::Total, last).unwrap(), None);
        let region = combined.reading(&Area::Region, ATTACHED, Cell::Total, last).unwrap();
        assert_eq!(region.missing, std::slice::from_ref(&oldham));
        let parts = policy
            .policy()
            .boroughs
            .iter()
            .filter_map(|places| combined.figure(&places.borough, ATTACHED, Cell::Total, last).unwrap());
        assert_eq!(region.estimate, Some(Estimate::sum(parts)));

        // A total to date keeps what Oldham released before.
        let to_date =
            combined.reading(&Area::Region, ATTACHED, Cell::Total, Span::ToDate { last: 7 }).unwrap();
        assert_eq!(to_date.missing, std::slice::from_ref(&oldham));
        let parts = policy.policy().boroughs.iter().map(|places| {
            let last = combined.released(&places.borough) - 1;
            combined.figure(&places.borough, ATTACHED, Cell::Total, Span::ToDate { last }).unwrap().unwrap()
        });
        assert_eq!(to_date.estimate, Some(Estimate::sum(parts)));
        assert!(
            combined
                .reading(&Area::Region, ATTACHED, Cell::Total, Span::quarter(6))
                .unwrap()
                .missing
                .is_empty()
        );
    }

    /// A void quarter biases nothing after it, has no figure, and both quarters say so. Without noise every count of
    /// the other quarters comes out exactly; a reader that takes the void for a release of nothing is off.
    #[test]
    fn a_void_quarter_has_no_figure_and_biases_none() {
        let policy = fixture::policy();
        let (wigan, void) = (fixture::wigan(), 3);
        let stream = policy.stream(ATTACHED).unwrap();
        let places = policy.places(&wigan).unwrap();
        let mut tables = fixture::families(stream, places, 8, 30, &mut fixture::generator(5));
        tables[void] = stream.shape(places).empty_table();
        let exact = fixture::strategy(&policy, stream, &tables, &[void]);
        let published: Vec<Option<&Table>> =
            exact.iter().enumerate().map(|(at, table)| (at != void).then_some(table)).collect();
        let decoded = Decoded::with_void(&policy, &wigan, ATTACHED, &published).unwrap();
        for (quarter, table) in tables.iter().enumerate() {
            let figure = decoded.figure(Cell::Total, &Span::quarter(quarter).weights()).unwrap();
            assert!((figure.value - table[0][0] as f64).abs() < 1e-6, "{quarter}");
            assert_eq!(figure.variance == 0.0, quarter == void);
        }
        // Nothing published is less known, never more, than a release of that quarter.
        let released = fixture::strategy(&policy, stream, &tables, &[]);
        let whole: Vec<&Table> = released.iter().collect();
        let whole = Decoded::new(&policy, &wigan, ATTACHED, &whole).unwrap();
        let to_date = Span::ToDate { last: 7 }.weights();
        let of = |decoded: &Decoded| decoded.figure(Cell::Total, &to_date).unwrap();
        assert!((of(&decoded).value - 210.0).abs() < 1e-6 && (of(&whole).value - 210.0).abs() < 1e-6);
        assert!(of(&decoded).variance > 0.0);
        // The void quarter ends a year: what its wards counted before it comes with the next year.
        let ward = |decoded: &Decoded, first, last| {
            decoded.figure(Cell::Place(2), &Span::Sum { first, last }.weights())
        };
        let counted: i64 = tables[1..].iter().map(|table| table[1][2]).sum();
        assert!((ward(&decoded, 1, 7).unwrap().value - counted as f64).abs() < 1e-6);
        assert!(matches!(ward(&decoded, 1, 3), Err(CombineError::NotWholeYears { quarters: 8 })));
        assert!(ward(&whole, 1, 3).is_ok() && decoded.years() == [0..1, 1..8]);
        // A reader that takes the silence for y = 0 finds other families.
        let mut naive: Vec<&Table> = exact.iter().collect();
        let nothing = stream.shape(places).empty_table();
        naive[void] = &nothing;
        let naive = Decoded::new(&policy, &wigan, ATTACHED, &naive).unwrap();
        assert!((of(&naive).value - 210.0).abs() > 1.0);

        let mut accepted = fixture::region(&policy);
        let release = &mut accepted.get_mut(&wigan).unwrap()[void];
        (release.void, release.streams) = (Some(RefusalReason::Records), Vec::new());
        let combined = Combined::new(&policy.clone().into(), &accepted).unwrap();
        let reading = |area: &Area, span| combined.reading(area, ATTACHED, Cell::Total, span).unwrap();
        let own = Area::Borough(wigan.clone());
        let at = reading(&own, Span::quarter(void));
        assert_eq!((at.estimate, at.void.as_slice()), (None, std::slice::from_ref(&wigan)));
        let next = reading(&own, Span::quarter(void + 1));
        assert!(next.estimate.is_some() && next.void.is_empty() && next.carrying == [wigan.clone()]);
        let change = reading(&own, Span::Change { last: void + 1 });
        assert_eq!((change.estimate, change.void.len()), (None, 1));
        let later = reading(&own, Span::quarter(void + 2));
        assert!(later.estimate.is_some() && later.void.is_empty() && later.carrying.is_empty());
        let region = reading(&Area::Region, Span::quarter(void));
        assert_eq!((region.estimate.is_some(), region.void, region.missing.len()), (true, vec![wigan], 0));
    }

    /// Wigan's releases without noise of what was recorded from a quarter on, under policies one after another.
    fn exact(
        policies: &Succession,
        joined: usize,
        tables: &BTreeMap<String, Vec<Table>>,
    ) -> AcceptedReleases {
        let mut releases = Vec::new();
        let mut first = 0;
        for term in policies.terms() {
            let policy = &term.policy;
            let before: Vec<usize> = (0..joined.saturating_sub(first)).collect();
            let released = |stream: &StreamPolicy| {
                let own = &tables[&stream.name][first..(first + term.quarters).min(8)];
                fixture::strategy(policy, stream, own, &before)
            };
            let streams: Vec<_> = policy
                .policy()
                .streams
                .iter()
                .map(|stream| (stream.name.clone(), released(stream)))
                .collect();
            for own in before.len()..streams[0].1.len() {
                let quarter = policy.policy().first_quarter.plus(own as i32);
                let values = |(name, tables): &(String, Vec<Table>)| StreamRelease {
                    stream: name.clone(),
                    values: tables[own].clone(),
                };
                releases.push(Accepted {
                    quarter,
                    number: releases.len() as u32 + 1,
                    received_at: policy.due_at(quarter),
                    void: None,
                    streams: streams.iter().map(values).collect(),
                });
            }
            first += term.quarters;
        }
        AcceptedReleases::from([(fixture::wigan(), releases)])
    }

    fn recorded(policy: &VerifiedPolicy, joined: usize) -> BTreeMap<String, Vec<Table>> {
        let places = policy.places(&fixture::wigan()).unwrap();
        let random = &mut fixture::generator(9);
        let of = |stream: &StreamPolicy| {
            let mut tables = fixture::families(stream, places, 8, 40, random);
            tables[..joined].fill(stream.shape(places).empty_table());
            (stream.name.clone(), tables)
        };
        policy.policy().streams.iter().map(of).collect()
    }

    /// A borough that joined with the third quarter, in mid-year: its opening position by ward left with that year.
    #[test]
    fn wards_of_a_late_borough_are_read_from_its_first_year_on() {
        let (policy, wigan) = (fixture::policy(), fixture::wigan());
        let tables = recorded(&policy, 2);
        let combined = Combined::new(&policy.clone().into(), &exact(&policy.into(), 2, &tables)).unwrap();
        assert_eq!(combined.periods_by_place(&wigan, ATTACHED), [2..4, 4..8]);
        for (span, quarters) in [
            (Span::Sum { first: 2, last: 3 }, 2..4),
            (Span::Sum { first: 4, last: 7 }, 4..8),
            (Span::ToDate { last: 7 }, 0..8),
        ] {
            let counted: i64 = tables[ATTACHED][quarters].iter().map(|table| table[1][5]).sum();
            let figure = combined.figure(&wigan, ATTACHED, Cell::Place(5), span).unwrap().unwrap();
            assert!((figure.value - counted as f64).abs() < 1e-6 && figure.variance > 0.0, "{span:?}");
        }
    }

    /// A policy takes over in mid-year: what wards counted in the quarters that are cut off was never released, and a
    /// total to date says so by leaving it out; the new policy opens nothing again and its first year is short.
    #[test]
    fn wards_of_policies_one_after_another_are_read_year_by_year() {
        let (first, wigan) = (fixture::policy(), fixture::wigan());
        let second = fixture::policy_with(|policy| {
            policy.succeeds = Some(first.hash().to_owned());
            policy.first_quarter = first.policy().first_quarter.plus(6);
        });
        let tables = recorded(&first, 0);
        let policies = Succession::from(first).followed_by(second).unwrap();
        let combined = Combined::new(&policies, &exact(&policies, 0, &tables)).unwrap();
        assert_eq!(combined.periods_by_place(&wigan, ATTACHED), [0..1, 1..4, 6..8]);
        let ward = |span| combined.figure(&wigan, ATTACHED, Cell::Place(5), span);
        let counted = |quarters: &[usize]| -> f64 {
            quarters.iter().map(|&quarter| tables[ATTACHED][quarter][1][5] as f64).sum()
        };
        for (span, quarters) in [
            (Span::Sum { first: 1, last: 3 }, &[1, 2, 3][..]),
            (Span::Sum { first: 6, last: 7 }, &[6, 7]),
            (Span::ToDate { last: 3 }, &[0, 1, 2, 3]),
            (Span::ToDate { last: 7 }, &[0, 1, 2, 3, 6, 7]),
        ] {
            let figure = ward(span).unwrap().unwrap();
            assert!((figure.value - counted(quarters)).abs() < 1e-6, "{span:?}");
        }
        for span in [Span::ToDate { last: 5 }, Span::ToDate { last: 6 }, Span::Sum { first: 4, last: 5 }] {
            assert!(matches!(ward(span), Err(CombineError::NotWholeYears { .. })), "{span:?}");
        }
        let total =
            combined.figure(&wigan, ATTACHED, Cell::Total, Span::ToDate { last: 7 }).unwrap().unwrap();
        let all: i64 = tables[ATTACHED].iter().map(|table| table[0][0]).sum();
        assert!((total.value - all as f64).abs() < 1e-6, "the borough's total has every quarter");
    }

    #[test]
    fn nobody_released_is_no_figure_and_not_zero() {
        let policy = fixture::policy();
        let combined = Combined::new(&policy.clone().into(), &AcceptedReleases::new()).unwrap();
        let region = combined.reading(&Area::Region, ATTACHED, Cell::Total, Span::quarter(0)).unwrap();
        assert_eq!((region.estimate, region.missing.len()), (None, 10));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let policy = fixture::policy();
        let whole = fixture::region(&policy);
        let refused = |change: fn(&mut Vec<Accepted>)| {
            let mut accepted = whole.clone();
            change(accepted.get_mut(&fixture::oldham()).unwrap());
            Combined::new(&policy.clone().into(), &accepted).unwrap_err()
        };
        let gap = refused(|releases| releases.retain(|release| release.number != 3));
        assert_eq!(
            gap.to_string(),
            "borough E08000004: the release for 2016-Q1 came where 2015-Q4 was expected"
        );
        let twice = refused(|releases| releases.insert(1, releases[0].clone()));
        assert!(matches!(twice, CombineError::OutOfOrder { .. }));
        let stream = refused(|releases| releases[3].streams.truncate(1));
        assert!(matches!(stream, CombineError::NoStream { .. }));
        let cells = refused(|releases| releases[3].streams[0].values[1].truncate(3));
        assert!(matches!(cells, CombineError::Misfit { .. }));
    }
}
