//! The files of one quarter: rows new or changed since the quarter before, a few sent again, a few broken.

mod early_help;
mod records;

use std::{collections::BTreeMap, io, path::Path};

use chrono::NaiveDate;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tenfold_common::geography::Borough;

use super::{SynthPlan, family::Family};

/// One file: headings and rows.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) file_name: &'static str,
    headings: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
    pub(super) malformed: usize,
}

impl Sheet {
    fn new(file_name: &'static str, headings: &'static [&'static str]) -> Self {
        Self { file_name, headings, rows: Vec::new(), malformed: 0 }
    }

    /// Writes the file as CSV.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut csv = csv::Writer::from_path(path)?;
        csv.write_record(self.headings)?;
        for row in &self.rows {
            csv.write_record(row)?;
        }
        csv.flush()
    }
}

/// How a case system writes its extracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// Nine boroughs' kind: dates as 31/12/2015, flags Y and N.
    Liquidlogic,
    /// Oldham's kind: dates as 2015-Dec-31 00:00:00, flags 1 and 0.
    Mosaic,
}

/// The borough whose case system is of the other kind.
const MOSAIC_BOROUGH: &str = "E08000004";

/// All files of one quarter. `before` holds some rows of the quarter before, by file.
pub(super) fn quarter(
    plan: &SynthPlan,
    borough: &Borough,
    families: &[Family],
    index: usize,
    before: &mut BTreeMap<&'static str, Vec<Vec<String>>>,
    rng: &mut ChaCha8Rng,
) -> Vec<Sheet> {
    let system =
        if borough.code.as_str() == MOSAIC_BOROUGH { System::Mosaic } else { System::Liquidlogic };
    let mut sheets = vec![
        early_help::sheet(plan, system, families, index),
        records::sessions(plan, families, index),
        records::incidents(plan, families, index),
        records::spells(plan, families, index),
        records::care(plan, families, index),
        records::episodes(plan, families, index),
    ];
    for sheet in &mut sheets {
        soil(plan, sheet, before, rng);
    }
    sheets
}

/// Sends some rows again and adds a few that cannot be read.
fn soil(
    plan: &SynthPlan,
    sheet: &mut Sheet,
    before: &mut BTreeMap<&'static str, Vec<Vec<String>>>,
    rng: &mut ChaCha8Rng,
) {
    let again = before.remove(sheet.file_name).unwrap_or_default();
    let kept = sheet.rows.iter().filter(|_| rng.random_bool(plan.dirt.resent)).cloned().collect();
    before.insert(sheet.file_name, kept);
    let broken: Vec<Vec<String>> = sheet
        .rows
        .iter()
        .filter(|_| rng.random_bool(plan.dirt.malformed))
        .map(|row| {
            let mut row = row.clone();
            // The date of birth or, where there is none, the first date: a day that is in no calendar.
            let dated = sheet.headings.iter().position(|heading| {
                let heading = heading.to_ascii_lowercase();
                heading.contains("date of birth") || heading.contains("_dob") || heading.contains("start")
            });
            row[dated.unwrap_or(0)] = "31/02/2015".to_owned();
            row
        })
        .collect();
    sheet.malformed = broken.len();
    // Rows sent again come first: a later row about the same thing is the newer one.
    sheet.rows.splice(0..0, again);
    sheet.rows.extend(broken);
}

/// A date as most systems write it.
fn british(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// A date that may not be there.
fn british_or_blank(day: Option<NaiveDate>) -> String {
    day.map(british).unwrap_or_default()
}

/// The days of a quarter of the plan.
fn days_of(plan: &SynthPlan, index: usize) -> (NaiveDate, NaiveDate) {
    let quarter = plan.first_quarter.plus(index as i32);
    (quarter.first_day(), quarter.last_day())
}
