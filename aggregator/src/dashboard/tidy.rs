//! Every table as CSV in one tidy shape: a row a figure, the field's column names, true minus signs nowhere.

use super::{Picture, completeness};
use crate::combine::{self, Area, CombineError, borough_name};

/// The columns of the figures' file.
pub const FIGURE_COLUMNS: [&str; 13] = [
    "time_period",
    "time_identifier",
    "geographic_level",
    "area_code",
    "area_name",
    "measure",
    "breakdown",
    "span",
    "estimate",
    "lower_95",
    "upper_95",
    "standard_error",
    "boroughs_missing",
];

/// Every figure that is not by ward: unbiased and unrounded to a thousandth, so that they add up.
///
/// # Errors
/// Where the policy and the releases do not fit.
pub fn figures(picture: &Picture) -> Result<String, CombineError> {
    let mut rows = vec![FIGURE_COLUMNS.map(str::to_owned).to_vec()];
    for figure in combine::list(&picture.policy, &picture.combined)? {
        let region = figure.area == Area::Region.code();
        let name = figure
            .area
            .parse()
            .map_or_else(|_| Area::Region.name().to_owned(), |c| borough_name(&c).to_owned());
        let half = tenfold_common::statistics::Z_95 * figure.standard_error;
        rows.push(vec![
            figure.quarter.to_string(),
            "Quarter".to_owned(),
            if region { "Region" } else { "Local authority" }.to_owned(),
            figure.area,
            name,
            figure.measure,
            figure.breakdown,
            if figure.to_date { "to date" } else { "quarter" }.to_owned(),
            decimal(figure.estimate),
            decimal(figure.estimate - half),
            decimal(figure.estimate + half),
            decimal(figure.standard_error),
            figure.missing.to_string(),
        ]);
    }
    Ok(text(&rows))
}

/// Who has sent which quarter.
pub fn arrivals(picture: &Picture) -> String {
    let header = ["time_period", "area_code", "area_name", "status", "received_at", "due_at"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let completeness = completeness::completeness(picture);
    for row in &completeness.rows {
        for ((quarter, due), arrival) in completeness.quarters.iter().zip(&row.arrivals) {
            rows.push(vec![
                quarter.to_string(),
                row.borough.to_string(),
                row.name.clone(),
                arrival.word().to_owned(),
                arrival.received_at().map(|at| at.to_string()).unwrap_or_default(),
                due.to_string(),
            ]);
        }
    }
    text(&rows)
}

/// A figure in a file, to a thousandth.
pub(crate) fn decimal(value: f64) -> String {
    let text = format!("{value:.3}");
    if text == "-0.000" { "0.000".to_owned() } else { text }
}

/// Rows as CSV (RFC 4180).
pub(crate) fn text(rows: &[Vec<String>]) -> String {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        csv.write_record(row)
            .expect("writing to memory does not fail, and every row is as wide as the first");
    }
    let bytes = csv.into_inner().expect("writing to memory does not fail");
    String::from_utf8_lossy(&bytes).into_owned()
}
