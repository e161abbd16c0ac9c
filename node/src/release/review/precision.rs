//! The expected error of every figure beside the smallest change that matters here.

use serde::Serialize;
use tenfold_common::privacy::planner::{ExpectedError, Period};

/// The smallest change, in families from one quarter to the next, that would change what the borough does: its
/// own setting, to be confirmed by somebody who decides by the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SmallestChange {
    /// Of a stream's total.
    pub total: u32,
    /// Of a label, such as a problem.
    pub label: u32,
    /// Of a place, by label or not.
    pub place: u32,
    /// Whether somebody confirmed them.
    pub confirmed: bool,
}

/// How far one table's figures may be off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableError {
    /// The stream.
    pub stream: String,
    /// `total`, `place`, a label set, or that `-by-place`.
    pub table: String,
    /// Half of the 95 % interval of one quarter, in families; nothing for what is released once a year.
    pub quarter: Option<f64>,
    /// Of the change from one quarter to the next, likewise.
    pub change: Option<f64>,
    /// Of a year.
    pub year: f64,
    /// Of everything to the end of the horizon.
    pub to_date: f64,
    /// The smallest change that matters, where it is set.
    pub matters: Option<u32>,
}

impl TableError {
    /// Whether a change that matters shows: it is at least as great as the error of a change. Nothing where no
    /// change is set, or quarters are not released.
    pub fn shows(&self) -> Option<bool> {
        Some(f64::from(self.matters?) >= self.change?)
    }

    /// The same in words.
    pub fn words(&self) -> &'static str {
        match self.shows() {
            Some(true) => "shows in one quarter",
            Some(false) => "does not show in one quarter",
            None if self.change.is_none() => "released once a year",
            None => "not set",
        }
    }
}

/// How far the figures may be off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Precision {
    /// A row for each table.
    pub tables: Vec<TableError>,
    /// Whether somebody confirmed the smallest changes.
    pub confirmed: bool,
}

impl Precision {
    /// The planner's errors, a table a row, beside the setting.
    pub fn of(errors: &[ExpectedError], smallest: Option<SmallestChange>) -> Self {
        let mut tables: Vec<TableError> = Vec::new();
        for error in errors {
            let figure = &error.figure;
            let same = |row: &&mut TableError| row.stream == figure.stream && row.table == figure.table;
            if tables.iter_mut().find(same).is_none() {
                tables.push(TableError {
                    stream: figure.stream.clone(),
                    table: figure.table.clone(),
                    quarter: None,
                    change: None,
                    year: 0.0,
                    to_date: 0.0,
                    matters: smallest.map(|smallest| match figure.table.as_str() {
                        "total" => smallest.total,
                        table if table == "place" || table.ends_with("-by-place") => smallest.place,
                        _ => smallest.label,
                    }),
                });
            }
            if let Some(row) = tables.iter_mut().find(same) {
                match figure.period {
                    Period::Quarter => row.quarter = Some(error.half_width),
                    Period::Change => row.change = Some(error.half_width),
                    Period::Year => row.year = error.half_width,
                    Period::ToDate => row.to_date = error.half_width,
                }
            }
        }
        Self { tables, confirmed: smallest.is_some_and(|smallest| smallest.confirmed) }
    }

    /// Whether a change is set that nobody confirmed.
    pub fn unconfirmed(&self) -> bool {
        !self.confirmed && self.tables.iter().any(|table| table.matters.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(figure: &str, half_width: f64) -> ExpectedError {
        ExpectedError { figure: figure.parse().unwrap(), standard_error: half_width / 1.96, half_width }
    }

    #[test]
    fn every_error_stands_in_its_row_beside_the_change_of_its_kind() {
        let errors = [
            error("attached:total:quarter", 9.0),
            error("attached:total:change", 14.0),
            error("attached:total:year", 12.5),
            error("attached:total:to-date", 14.2),
            error("attached:place:change", 19.0),
            error("attached:problem:change", 23.0),
            error("attached:problem-by-place:year", 24.0),
        ];
        let smallest = SmallestChange { total: 14, label: 22, place: 24, confirmed: false };
        let precision = Precision::of(&errors, Some(smallest));
        let total = &precision.tables[0];
        assert_eq!(
            (total.quarter, total.change, total.year, total.to_date),
            (Some(9.0), Some(14.0), 12.5, 14.2)
        );
        let told: Vec<_> =
            precision.tables.iter().map(|row| (row.table.as_str(), row.matters, row.shows())).collect();
        assert_eq!(
            told,
            [
                ("total", Some(14), Some(true)),
                ("place", Some(24), Some(true)),
                ("problem", Some(22), Some(false)),
                ("problem-by-place", Some(24), None),
            ]
        );
        assert_eq!(precision.tables[3].words(), "released once a year");
        assert!(precision.unconfirmed());
        assert!(!Precision::of(&errors, Some(SmallestChange { confirmed: true, ..smallest })).unconfirmed());
        let unset = Precision::of(&errors, None);
        assert_eq!((unset.tables[0].words(), unset.unconfirmed()), ("not set", false));
    }
}
