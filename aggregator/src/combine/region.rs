//! The ten boroughs together: the region's figures are sums, and say who is missing.

use std::collections::BTreeMap;

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
    privacy::{Table, VerifiedPolicy},
    protocol::{RefusalReason, StreamRelease},
    statistics::Estimate,
};

use super::{CombineError, decoded::Decoded, reconcile::Cell, span::Span};

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

/// Every stream of every borough, decoded.
#[derive(Clone, Debug)]
pub struct Combined {
    boroughs: BTreeMap<BoroughCode, BoroughStreams>,
    released: BTreeMap<BoroughCode, usize>,
}

type BoroughStreams = BTreeMap<String, Decoded>;

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
}

impl Combined {
    /// Decodes what every borough of the policy released.
    ///
    /// # Errors
    /// Where a borough's quarters are not complete and in order, or a release does not fit the policy.
    pub fn new(policy: &VerifiedPolicy, accepted: &AcceptedReleases) -> Result<Self, CombineError> {
        let mut boroughs = BTreeMap::new();
        let mut released = BTreeMap::new();
        for places in &policy.policy().boroughs {
            let releases = accepted.get(&places.borough).map_or(&[][..], Vec::as_slice);
            in_order(policy.policy().first_quarter, &places.borough, releases)?;
            let mut streams = BoroughStreams::new();
            for stream in &policy.policy().streams {
                let tables = tables(policy, &places.borough, &stream.name, releases)?;
                let decoded = Decoded::with_void(policy, &places.borough, &stream.name, &tables)?;
                streams.insert(stream.name.clone(), decoded);
            }
            boroughs.insert(places.borough.clone(), streams);
            released.insert(places.borough.clone(), releases.len());
        }
        Ok(Self { boroughs, released })
    }

    /// How many quarters a borough has released.
    pub fn released(&self, borough: &BoroughCode) -> usize {
        self.released.get(borough).copied().unwrap_or(0)
    }

    /// How many quarters the borough furthest on has released.
    pub fn quarters(&self) -> usize {
        self.released.values().copied().max().unwrap_or(0)
    }

    /// One decoded stream of one borough.
    ///
    /// # Errors
    /// Where the policy has no such borough or stream.
    pub fn stream(&self, borough: &BoroughCode, stream: &str) -> Result<&Decoded, CombineError> {
        self.boroughs.get(borough).and_then(|streams| streams.get(stream)).ok_or_else(|| {
            CombineError::Policy { reason: format!("it has no stream {stream:?} for borough {borough}") }
        })
    }

    /// A borough's figure, or none where its releases do not reach so far or all that is asked is void.
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
        let decoded = self.stream(borough, stream)?;
        let empty = match span {
            Span::Sum { first, last } => (first..=last).all(|quarter| decoded.is_void(quarter)),
            Span::ToDate { last } => (0..=last).all(|quarter| decoded.is_void(quarter)),
            // Against a void quarter there is no change.
            Span::Change { last } => decoded.is_void(last) || (last > 0 && decoded.is_void(last - 1)),
        };
        if span.last() < self.released(borough) && !empty {
            decoded.figure(cell, &span.weights()).map(Some)
        } else {
            Ok(None)
        }
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
        let mut parts = Vec::new();
        let mut missing = Vec::new();
        let (mut void, mut carrying) = (Vec::new(), Vec::new());
        for borough in boroughs {
            let released = self.released(borough);
            if released <= span.last() {
                missing.push(borough.clone());
            } else {
                let (decoded, last) = (self.stream(borough, stream)?, span.last());
                let before = last > 0 && decoded.is_void(last - 1);
                match span {
                    _ if decoded.is_void(last) => void.push(borough.clone()),
                    Span::Change { .. } if before => void.push(borough.clone()),
                    Span::Sum { first, .. } if before && first == last => carrying.push(borough.clone()),
                    _ => {}
                }
            }
            parts.extend(match (span, released) {
                (Span::ToDate { last }, 1..) => {
                    let own = Span::ToDate { last: last.min(released - 1) };
                    self.figure(borough, stream, cell, own)?
                }
                (Span::Sum { .. } | Span::Change { .. }, _) | (_, 0) => {
                    self.figure(borough, stream, cell, span)?
                }
            });
        }
        let estimate = if parts.is_empty() { None } else { Some(Estimate::sum(parts)) };
        Ok(Reading { estimate, missing, void, carrying })
    }
}

fn in_order(first: Quarter, borough: &BoroughCode, releases: &[Accepted]) -> Result<(), CombineError> {
    let mut expected = first;
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
    Ok(())
}

fn tables<'a>(
    policy: &VerifiedPolicy,
    borough: &BoroughCode,
    stream: &str,
    releases: &'a [Accepted],
) -> Result<Vec<Option<&'a Table>>, CombineError> {
    let shape = policy.stream(stream)?.shape(policy.places(borough)?);
    let table = |release: &'a Accepted| {
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
    releases.iter().map(table).collect()
}

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::policy::ATTACHED;

    use super::*;
    use crate::combine::fixture;

    #[test]
    fn the_region_is_the_sum_and_says_who_is_missing() {
        let policy = fixture::policy();
        let combined = Combined::new(&policy, &fixture::region(&policy)).unwrap();
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
        let combined = Combined::new(&policy, &accepted).unwrap();
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

    #[test]
    fn nobody_released_is_no_figure_and_not_zero() {
        let policy = fixture::policy();
        let combined = Combined::new(&policy, &AcceptedReleases::new()).unwrap();
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
            Combined::new(&policy, &accepted).unwrap_err()
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
