//! The national return: form, checks, files. Estimates from the boroughs' releases, and named so.

mod checks;
mod files;

use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    privacy::policy::{ATTACHED, RESULT},
    statistics::Estimate,
};

pub use checks::{Check, checks};
pub use files::{Files, files};

use crate::{
    combine::{Area, Cell, CombineError, Span},
    dashboard::{Picture, completeness::arrival},
};

/// One area's line of the return.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReturnRow {
    /// GSS code.
    pub area_code: String,
    /// Name.
    pub area_name: String,
    /// `in time`, `late` or `missing`; for the region, how many boroughs are counted.
    pub status: String,
    /// Families attached up to the quarter.
    pub attached_to_date: Option<Estimate>,
    /// Results up to the quarter.
    pub results_to_date: Option<Estimate>,
    /// Of these, by progress on all problems.
    pub progress_to_date: Option<Estimate>,
    /// Of these, by continuous employment.
    pub employment_to_date: Option<Estimate>,
    /// Families attached in the quarter.
    pub attached_in_quarter: Option<Estimate>,
    /// Results in the quarter.
    pub results_in_quarter: Option<Estimate>,
}

/// The return of one quarter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Return {
    /// The quarter.
    pub quarter: Quarter,
    /// Hash of the policy behind every figure.
    pub policy: String,
    /// The framework by which verdicts were reached.
    pub framework: String,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// Boroughs alphabetically, the region last.
    pub rows: Vec<ReturnRow>,
}

impl Return {
    /// The return of a quarter, from what was received so far.
    ///
    /// # Errors
    /// Where the quarter is outside the horizon, or releases do not fit the policy.
    pub fn of(picture: &Picture, quarter: Quarter) -> Result<Self, CombineError> {
        let last = picture.policy.quarter_index(quarter)?;
        let boroughs = picture.boroughs();
        let here = boroughs.iter().filter(|code| picture.release(code, quarter).is_some()).count();
        let areas = boroughs.iter().cloned().map(Area::Borough).chain([Area::Region]);
        let rows = areas
            .map(|area| {
                let status = match &area {
                    Area::Borough(code) => arrival(picture, code, quarter).word().to_owned(),
                    Area::Region => format!("{here} of {} boroughs", boroughs.len()),
                };
                row(picture, &area, status, last)
            })
            .collect::<Result<_, _>>()?;
        let policy = picture.policy.policy();
        Ok(Self {
            quarter,
            policy: picture.policy.hash().to_owned(),
            framework: policy.framework.clone(),
            rehearsal: policy.rehearsal,
            rows,
        })
    }
}

/// Progress is the first label of the first set of results; who lacks it came by employment.
const PROGRESSED: Cell = Cell::Label { set: 0, label: 0 };
const EMPLOYED: Cell = Cell::LabelAbsent { set: 0, label: 0 };

fn row(picture: &Picture, area: &Area, status: String, last: usize) -> Result<ReturnRow, CombineError> {
    let figure =
        |stream: &str, cell, span| picture.reading(area, stream, cell, span).map(|reading| reading.estimate);
    let (to_date, quarter) = (Span::ToDate { last }, Span::quarter(last));
    Ok(ReturnRow {
        area_code: area.code().to_owned(),
        area_name: area.name().to_owned(),
        status,
        attached_to_date: figure(ATTACHED, Cell::Total, to_date)?,
        results_to_date: figure(RESULT, Cell::Total, to_date)?,
        progress_to_date: figure(RESULT, PROGRESSED, to_date)?,
        employment_to_date: figure(RESULT, EMPLOYED, to_date)?,
        attached_in_quarter: figure(ATTACHED, Cell::Total, quarter)?,
        results_in_quarter: figure(RESULT, Cell::Total, quarter)?,
    })
}
