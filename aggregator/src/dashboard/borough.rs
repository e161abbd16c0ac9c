//! One borough: its headline measures over time, its problems, its places.

use tenfold_common::geography::{self, BoroughCode, WardCode};
use tenfold_web::{
    charts::Figure,
    table::{Column, DataTable},
    words,
};

use super::{HEADLINES, Picture, measure, told};
use crate::combine::{Area, Cell, CombineError, Span, borough_name};

/// What the page of a borough shows.
#[derive(Clone, Debug)]
pub struct BoroughPage {
    /// Its GSS code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// The headlines to date, by place.
    pub places: DataTable,
}

/// The page of a borough.
///
/// # Errors
/// Where it is not in the policy.
pub fn borough(picture: &Picture, code: &BoroughCode) -> Result<BoroughPage, CombineError> {
    let area = Area::Borough(code.clone());
    let mut figures = Vec::new();
    for stream in HEADLINES {
        figures.push(measure::running_total(picture, &area, stream)?);
        figures.push(measure::over_time(picture, &area, stream)?);
    }
    for stream in HEADLINES {
        figures.extend(measure::breakdowns(picture, &area, stream)?);
    }
    Ok(BoroughPage {
        code: code.to_string(),
        name: borough_name(code).to_owned(),
        figures,
        places: places(picture, code)?,
    })
}

/// The places of a borough in the order of the cells: code and name of each ward, then what is not known or
/// elsewhere.
///
/// # Errors
/// Where it is not in the policy.
pub fn place_names(
    picture: &Picture,
    code: &BoroughCode,
) -> Result<Vec<(Option<WardCode>, String)>, CombineError> {
    let known = geography::borough(code).map(|borough| borough.wards.as_slice()).unwrap_or_default();
    let named = |ward: &WardCode| {
        let name = known.iter().find(|known| &known.code == ward).map(|known| known.name.clone());
        (Some(ward.clone()), name.unwrap_or_else(|| ward.to_string()))
    };
    let mut names: Vec<_> = picture.policy.wards(code)?.iter().map(named).collect();
    names.push((None, "Not known or elsewhere".to_owned()));
    Ok(names)
}

fn places(picture: &Picture, code: &BoroughCode) -> Result<DataTable, CombineError> {
    let area = Area::Borough(code.clone());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut columns = vec![Column::words("Ward")];
    // Figures by ward come with the release that ends a year: to date is to the last such day.
    for stream in HEADLINES {
        let Some(last) = picture.combined.last_by_place(code, stream) else { continue };
        let day = words::day(picture.quarter(last).last_day());
        columns.push(Column::numbers(format!("{} to {day}", picture.title(stream))));
        for (place, (_, name)) in place_names(picture, code)?.into_iter().enumerate() {
            let told = told(&picture.reading(&area, stream, Cell::Place(place), Span::ToDate { last })?);
            match rows.get_mut(place) {
                Some(row) => row.push(told),
                None => rows.push(vec![name, told]),
            }
        }
    }
    if let Some((_elsewhere, wards)) = rows.split_last_mut() {
        wards.sort();
    }
    Ok(DataTable {
        caption: format!(
            "To date by ward as released with the end of each year, 95% interval in brackets ({})",
            picture.policy.newest().policy().boundary_set
        ),
        columns,
        rows,
    })
}
