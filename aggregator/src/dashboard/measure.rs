//! One measure over time, by borough and by label.

use super::{
    Picture,
    tidy::TidyFile,
    topics::{WithLabel, topics},
};
use crate::combine::{Area, Cell, CombineError, Reading, Span};

/// One measure of the region.
#[derive(Clone, Debug)]
pub struct Measure {
    /// The stream.
    pub stream: String,
    /// What it counts, in words.
    pub title: String,
    /// One a quarter to speak of, first quarter first.
    pub quarters: Vec<MeasureQuarter>,
    /// Everything to date, the region first.
    pub areas: Vec<(Area, Reading)>,
    /// The latest quarter less the quarter before, over the boroughs that released both; none until there
    /// are two quarters after the opening position.
    pub change: Option<Reading>,
    /// The region's families to date by label.
    pub topics: Vec<TopicReading>,
}

/// One quarter of a measure.
#[derive(Clone, Debug)]
pub struct MeasureQuarter {
    /// Its index in the horizon; 0 is the opening position.
    pub index: usize,
    /// The quarter by itself.
    pub quarter: Reading,
    /// Everything up to and with it.
    pub to_date: Reading,
}

/// A label set with its figures to date.
#[derive(Clone, Debug)]
pub struct TopicReading {
    /// What the families are told apart by.
    pub title: String,
    /// Whether a family can be in several rows.
    pub overlaps: bool,
    /// Label and figure.
    pub rows: Vec<(String, Reading)>,
}

impl Measure {
    /// A measure of an area.
    ///
    /// # Errors
    /// Where the policy has no such stream.
    pub fn of(picture: &Picture, area: &Area, stream: &str) -> Result<Self, CombineError> {
        let of = picture.policy().stream(stream)?;
        let reading = |area: &Area, cell, span| picture.reading(area, stream, cell, span);
        let quarters = (0..picture.quarters()).map(|index| {
            Ok(MeasureQuarter {
                index,
                quarter: reading(area, Cell::Total, Span::quarter(index))?,
                to_date: reading(area, Cell::Total, Span::ToDate { last: index })?,
            })
        });
        let quarters = quarters.collect::<Result<_, CombineError>>()?;
        let last = picture.latest();
        let (areas, topics) = match last {
            None => (Vec::new(), Vec::new()),
            Some(last) => {
                let span = Span::ToDate { last };
                let areas = picture.areas().into_iter().map(|area| {
                    let reading = reading(&area, Cell::Total, span)?;
                    Ok((area, reading))
                });
                let topics = topics(of).into_iter().map(|topic| {
                    let row = |label: WithLabel| Ok((label.title, reading(area, label.cell, span)?));
                    let rows = topic
                        .labels
                        .into_iter()
                        .map(row)
                        .collect::<Result<_, CombineError>>()?;
                    Ok(TopicReading {
                        title: topic.title,
                        overlaps: topic.overlaps,
                        rows,
                    })
                });
                (
                    areas.collect::<Result<_, CombineError>>()?,
                    topics.collect::<Result<_, CombineError>>()?,
                )
            }
        };
        let change = match last {
            Some(last @ 2..) => Some(reading(area, Cell::Total, Span::Change { last })?),
            _ => None,
        };
        Ok(Self {
            stream: stream.to_owned(),
            title: of.title.clone(),
            quarters,
            areas,
            change,
            topics,
        })
    }
}

/// A measure as CSV: every area, every quarter by itself and to date, all families and every label.
///
/// # Errors
/// As [`Measure::of`].
pub fn csv(picture: &Picture, stream: &str) -> Result<Vec<u8>, CombineError> {
    let mut file = TidyFile::new();
    for area in picture.areas() {
        add_over_time(&mut file, picture, &area, stream)?;
    }
    Ok(file.into_bytes())
}

pub(super) fn add_over_time(
    file: &mut TidyFile,
    picture: &Picture,
    area: &Area,
    stream: &str,
) -> Result<(), CombineError> {
    let topics = topics(picture.policy().stream(stream)?);
    for index in 0..picture.quarters() {
        for span in [Span::quarter(index), Span::ToDate { last: index }] {
            file.add(picture, area, stream, "All families", Cell::Total, span)?;
            for topic in &topics {
                for label in &topic.labels {
                    let breakdown = format!("{}: {}", topic.title, label.title);
                    file.add(picture, area, stream, &breakdown, label.cell, span)?;
                }
            }
        }
    }
    Ok(())
}
