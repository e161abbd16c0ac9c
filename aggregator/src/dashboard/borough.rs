//! One borough: its headline measures over time, its problems, its places.

use tenfold_common::{
    geography::{self, BoroughCode},
    privacy::policy::ATTACHED,
};
use tenfold_web::{
    charts::Figure,
    table::{Column, DataTable},
};

use super::{HEADLINES, Picture, measure, told};
use crate::combine::{Area, Cell, CombineError, Span, borough_name};

/// What the page of a borough shows.
#[derive(Clone, Debug)]
pub struct BoroughPage {
    /// Its name.
    pub name: String,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Families attached to date, by place.
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
    figures.extend(measure::breakdowns(picture, &area, ATTACHED)?);
    Ok(BoroughPage { name: borough_name(code).to_owned(), figures, places: places(picture, code)? })
}

fn places(picture: &Picture, code: &BoroughCode) -> Result<DataTable, CombineError> {
    let wards = picture.policy.wards(code)?;
    let known = geography::borough(code).map(|borough| borough.wards.as_slice()).unwrap_or_default();
    let area = Area::Borough(code.clone());
    let mut rows = Vec::new();
    if let Some(last) = picture.combined.released(code).checked_sub(1) {
        for place in 0..=wards.len() {
            let name = match wards.get(place) {
                Some(ward) => known
                    .iter()
                    .find(|known| &known.code == ward)
                    .map_or_else(|| ward.to_string(), |known| known.name.clone()),
                None => "Not known or elsewhere".to_owned(),
            };
            let reading = picture.reading(&area, ATTACHED, Cell::Place(place), Span::ToDate { last })?;
            rows.push(vec![name, told(&reading)]);
        }
    }
    Ok(DataTable {
        caption: format!("Families attached to date by ward ({})", picture.policy.policy().boundary_set),
        columns: vec![Column::words("Ward"), Column::numbers("Families (95% interval)")],
        rows,
    })
}
