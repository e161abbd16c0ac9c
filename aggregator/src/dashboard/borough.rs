//! One borough: its measures, its problems, its wards.

use tenfold_common::{geography::BoroughCode, statistics::Estimate};

use super::{
    Picture, Standing,
    measure::{self, Measure},
    tidy::TidyFile,
    topics::place_name,
};
use crate::combine::{Area, Cell, CombineError, Span};

/// One borough.
#[derive(Clone, Debug)]
pub struct BoroughView {
    /// The borough.
    pub area: Area,
    /// How it stands with each quarter to speak of.
    pub standings: Vec<Standing>,
    /// Its measures, in the policy's order.
    pub measures: Vec<Measure>,
    /// Its wards to date, in the order of their names, then what is not known or elsewhere.
    pub wards: Vec<WardRow>,
}

/// One ward to date.
#[derive(Clone, Debug)]
pub struct WardRow {
    /// Its name.
    pub name: String,
    /// One figure a measure.
    pub figures: Vec<Option<Estimate>>,
}

impl BoroughView {
    /// The view of a borough.
    ///
    /// # Errors
    /// Where the policy has no such borough.
    pub fn of(picture: &Picture, borough: &BoroughCode) -> Result<Self, CombineError> {
        let places = picture.policy().places(borough)?;
        let area = Area::Borough(borough.clone());
        let streams = &picture.policy().policy().streams;
        let measures = streams
            .iter()
            .map(|stream| Measure::of(picture, &area, &stream.name));
        let measures = measures.collect::<Result<_, _>>()?;
        let mut wards = match picture.combined().released(borough) {
            0 => Vec::new(),
            released => {
                let span = Span::ToDate { last: released - 1 };
                let row = |place| {
                    let figures = streams
                        .iter()
                        .map(|stream| picture.estimate(&area, &stream.name, Cell::Place(place), span));
                    Ok(WardRow {
                        name: place_name(picture.policy(), borough, place).1,
                        figures: figures.collect::<Result<_, CombineError>>()?,
                    })
                };
                (0..places).map(row).collect::<Result<Vec<_>, CombineError>>()?
            }
        };
        if let Some((_elsewhere, known)) = wards.split_last_mut() {
            known.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let standings = (0..picture.quarters())
            .map(|index| picture.standing(borough, index))
            .collect();
        Ok(Self {
            area,
            standings,
            measures,
            wards,
        })
    }
}

/// A borough as CSV: every measure over time with its labels, then every ward to date.
///
/// # Errors
/// As [`BoroughView::of`].
pub fn csv(picture: &Picture, borough: &BoroughCode) -> Result<Vec<u8>, CombineError> {
    let places = picture.policy().places(borough)?;
    let area = Area::Borough(borough.clone());
    let mut file = TidyFile::new();
    for stream in &picture.policy().policy().streams {
        measure::add_over_time(&mut file, picture, &area, &stream.name)?;
    }
    if let Some(last) = picture.combined().released(borough).checked_sub(1) {
        for stream in &picture.policy().policy().streams {
            for place in 0..places {
                let span = Span::ToDate { last };
                file.add(
                    picture,
                    &area,
                    &stream.name,
                    "All families",
                    Cell::Place(place),
                    span,
                )?;
            }
        }
    }
    Ok(file.into_bytes())
}
