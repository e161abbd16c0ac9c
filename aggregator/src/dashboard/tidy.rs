//! Every table as CSV in one tidy shape: a row a figure, the field's column names, true minus signs nowhere.

use tenfold_common::geography::BoroughCode;

use super::{Picture, completeness};
use crate::combine::{self, Area, Cell, CombineError, Span, borough_name};

/// The columns of the figures' file.
pub const FIGURE_COLUMNS: [&str; 16] = [
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
    "boroughs_opening",
    "boroughs_void",
    "boroughs_with_void_quarter_before",
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
        let span = match figure.to_date {
            true => "to date",
            // It holds everything before it too: no quarter's activity.
            false if picture.policy.is_opening(figure.quarter) => "opening position",
            false => "quarter",
        };
        let half = tenfold_common::statistics::Z_95 * figure.standard_error;
        rows.push(vec![
            figure.quarter.to_string(),
            "Quarter".to_owned(),
            if region { "Region" } else { "Local authority" }.to_owned(),
            figure.area,
            name,
            figure.measure,
            figure.breakdown,
            span.to_owned(),
            decimal(figure.estimate),
            decimal(figure.estimate - half),
            decimal(figure.estimate + half),
            decimal(figure.standard_error),
            figure.missing.to_string(),
            figure.opening.to_string(),
            figure.void.to_string(),
            figure.carrying.to_string(),
        ]);
    }
    Ok(text(&rows))
}

/// The columns of a borough's file by ward.
pub const PLACE_COLUMNS: [&str; 11] = [
    "time_period",
    "area_code",
    "area_name",
    "ward_code",
    "ward_name",
    "measure",
    "span",
    "estimate",
    "lower_95",
    "upper_95",
    "standard_error",
];

/// Every measure of a borough by ward, in each released year and to date, unbiased and unrounded to a thousandth:
/// within a year and a measure they add up to the borough.
///
/// # Errors
/// Where the borough is not in the policy.
pub fn places(picture: &Picture, code: &BoroughCode) -> Result<String, CombineError> {
    let mut rows = vec![PLACE_COLUMNS.map(str::to_owned).to_vec()];
    let area = Area::Borough(code.clone());
    let names = super::borough::place_names(picture, code)?;
    for stream in picture.policy.streams().into_iter().filter(|stream| stream.by_place) {
        let years = picture.combined.years_by_place(code, &stream.name).into_iter().map(|year| {
            let word = if picture.is_opening(year.end - 1) { "opening position" } else { "year" };
            (word, Span::Sum { first: year.start, last: year.end - 1 })
        });
        let to_date =
            picture.combined.last_by_place(code, &stream.name).map(|last| ("to date", Span::ToDate { last }));
        for (word, span) in years.chain(to_date) {
            let first = if let Span::Sum { first, .. } = span { first } else { 0 };
            let period = format!("{} to {}", picture.quarter(first), picture.quarter(span.last()));
            for (place, (ward, name)) in names.iter().enumerate() {
                let reading = picture.reading(&area, &stream.name, Cell::Place(place), span)?;
                let Some(estimate) = reading.estimate else { continue };
                let interval = estimate.interval();
                rows.push(vec![
                    period.clone(),
                    area.code().to_owned(),
                    area.name().to_owned(),
                    ward.as_ref().map_or_else(String::new, ToString::to_string),
                    name.clone(),
                    stream.name.clone(),
                    word.to_owned(),
                    decimal(estimate.value),
                    decimal(interval.low),
                    decimal(interval.high),
                    decimal(estimate.standard_error()),
                ]);
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::fixture;

    #[test]
    fn a_row_is_a_figure_and_the_opening_position_is_no_quarter() {
        let text = figures(&fixture::picture()).unwrap();
        let rows: Vec<&str> = text.lines().collect();
        // 11 areas, 7 + 9 + 7 + 1 cells, 8 quarters twice; Oldham lacks its eighth quarter by itself.
        assert_eq!(rows.len(), 1 + 11 * 24 * 8 * 2 - 24);
        let bolton = |row: &&&str| row.contains(",Bolton,") && row.contains(",total,");
        let some: Vec<&str> = rows.iter().filter(bolton).take(4).copied().collect();
        insta::assert_snapshot!("figures_csv", [&rows[..1], &some].concat().join("\n"));
    }

    #[test]
    fn arrivals_and_wards_are_listed() {
        let picture = fixture::picture();
        let listed = arrivals(&picture);
        let recent: Vec<&str> = listed.lines().filter(|row| row.starts_with("2017-Q1")).collect();
        insta::assert_snapshot!("arrivals_csv", recent.join("\n"));
        let wards = places(&picture, &fixture::oldham()).unwrap();
        // Oldham's eighth quarter, which ends the second year, is missing: opening position, one year and to date.
        assert_eq!(wards.lines().count(), 1 + 3 * 3 * 21, "withdrawals have no wards");
        for period in ["2015-Q2 to 2015-Q2,", "2015-Q3 to 2016-Q1,", "2015-Q2 to 2016-Q1,"]
            .map(|period| format!("{period}E08000004,Oldham,,Not known or elsewhere,attached,"))
        {
            assert!(wards.contains(&period), "{period}");
        }
    }
}
