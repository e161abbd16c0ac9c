//! The region at a glance: every measure to date and in the latest quarter, the region first.

use tenfold_common::calendar::Quarter;

use super::{Picture, Standing, tidy::TidyFile};
use crate::combine::{Area, Cell, CombineError, Reading, Span};

/// The overview.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The latest quarter that any borough released.
    pub latest: Quarter,
    /// Whether that is the opening position, which is no quarter's activity.
    pub opening: bool,
    /// Stream and title of each measure, in the policy's order.
    pub measures: Vec<(String, String)>,
    /// The region, then the boroughs in alphabetical order.
    pub rows: Vec<OverviewRow>,
}

/// One area of the overview.
#[derive(Clone, Debug)]
pub struct OverviewRow {
    /// Which.
    pub area: Area,
    /// The last quarter that it released; the region's is the latest of all.
    pub released_to: Option<Quarter>,
    /// How a borough stands with the latest quarter; none for the region.
    pub standing: Option<Standing>,
    /// To date and in the latest quarter, one a measure.
    pub figures: Vec<OverviewFigures>,
}

/// One measure of one area.
#[derive(Clone, Debug)]
pub struct OverviewFigures {
    /// Everything to date.
    pub to_date: Reading,
    /// The latest quarter.
    pub latest: Reading,
}

impl Overview {
    /// The overview, or none before the first release.
    ///
    /// # Errors
    /// Where the picture's policy and releases do not fit each other.
    pub fn of(picture: &Picture) -> Result<Option<Self>, CombineError> {
        let Some(last) = picture.latest() else {
            return Ok(None);
        };
        let streams = &picture.policy().policy().streams;
        let row = |area: Area| -> Result<OverviewRow, CombineError> {
            let figures = streams.iter().map(|stream| {
                let reading = |span| picture.reading(&area, &stream.name, Cell::Total, span);
                Ok(OverviewFigures {
                    to_date: reading(Span::ToDate { last })?,
                    latest: reading(Span::quarter(last))?,
                })
            });
            let figures = figures.collect::<Result<_, CombineError>>()?;
            let (released, standing) = match &area {
                Area::Region => (last + 1, None),
                Area::Borough(borough) => (
                    picture.combined().released(borough),
                    Some(picture.standing(borough, last)),
                ),
            };
            let released_to = released.checked_sub(1).map(|index| picture.quarter(index));
            Ok(OverviewRow {
                area,
                released_to,
                standing,
                figures,
            })
        };
        Ok(Some(Self {
            latest: picture.quarter(last),
            opening: last == 0,
            measures: streams
                .iter()
                .map(|stream| (stream.name.clone(), stream.title.clone()))
                .collect(),
            rows: picture.areas().into_iter().map(row).collect::<Result<_, _>>()?,
        }))
    }

    /// The rows of boroughs without the latest quarter.
    pub fn behind(&self) -> impl Iterator<Item = &OverviewRow> {
        self.rows.iter().filter(|row| {
            row.standing
                .is_some_and(|standing| standing.received_at().is_none())
        })
    }
}

/// The overview as CSV.
///
/// # Errors
/// As [`Overview::of`].
pub fn csv(picture: &Picture) -> Result<Vec<u8>, CombineError> {
    let mut file = TidyFile::new();
    if let Some(last) = picture.latest() {
        for area in picture.areas() {
            for stream in &picture.policy().policy().streams {
                for span in [Span::ToDate { last }, Span::quarter(last)] {
                    file.add(picture, &area, &stream.name, "All families", Cell::Total, span)?;
                }
            }
        }
    }
    Ok(file.into_bytes())
}
