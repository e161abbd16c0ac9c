//! The return as files: CSV, and beside it what its columns mean (CSV on the Web). The same bytes every time.

use serde_json::{Value, json};
use tenfold_common::statistics::Estimate;

use super::{Return, ReturnRow};
use crate::dashboard::tidy::{decimal, text};

/// A return's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Name of the CSV file.
    pub csv_name: String,
    /// The CSV file.
    pub csv: String,
    /// Name of the metadata file.
    pub metadata_name: String,
    /// The metadata file.
    pub metadata: String,
}

/// A measure of the return: column name, title, where it stands in a row.
type Measure = (&'static str, &'static str, fn(&ReturnRow) -> Option<Estimate>);

const MEASURES: [Measure; 6] = [
    ("attached_to_date", "Families attached to date", |row| row.attached_to_date),
    ("results_to_date", "Results to date", |row| row.results_to_date),
    ("progress_to_date", "Results to date by progress on all problems", |row| row.progress_to_date),
    ("employment_to_date", "Results to date by continuous employment", |row| row.employment_to_date),
    ("attached_in_quarter", "Families attached in the quarter", |row| row.attached_in_quarter),
    ("results_in_quarter", "Results in the quarter", |row| row.results_in_quarter),
];

const ABSENT: &str = "x";

/// Makes the files.
pub fn files(of: &Return) -> Files {
    let csv_name = format!("return-{}.csv", of.quarter);
    let mut header: Vec<String> =
        ["time_period", "area_code", "area_name", "status"].map(str::to_owned).into();
    for (name, ..) in MEASURES {
        header.extend([name.to_owned(), format!("{name}_lower_95"), format!("{name}_upper_95")]);
    }
    let mut rows = vec![header];
    for row in &of.rows {
        let mut cells =
            vec![of.quarter.to_string(), row.area_code.clone(), row.area_name.clone(), row.status.clone()];
        for (_, _, cell) in MEASURES {
            cells.extend(match cell(row) {
                Some(estimate) => {
                    let interval = estimate.interval();
                    [decimal(estimate.value), decimal(interval.low), decimal(interval.high)]
                }
                None => [ABSENT; 3].map(str::to_owned),
            });
        }
        rows.push(cells);
    }
    let metadata = serde_json::to_string_pretty(&metadata(of, &csv_name)).unwrap_or_default();
    Files { metadata_name: format!("{csv_name}-metadata.json"), csv: text(&rows), csv_name, metadata }
}

fn metadata(of: &Return, csv_name: &str) -> Value {
    let words = |name: &str, title: &str| json!({"name": name, "titles": title, "datatype": "string"});
    let mut columns = vec![
        words("time_period", "Quarter"),
        words("area_code", "GSS code"),
        words("area_name", "Area"),
        words("status", "Whether the quarter's release was received in time, late, or is missing"),
    ];
    for (name, title, _) in MEASURES {
        for (ending, what) in
            [("", ""), ("_lower_95", ", lower end of the 95% interval"), ("_upper_95", ", upper end")]
        {
            columns.push(json!({
                "name": format!("{name}{ending}"),
                "titles": format!("{title}{what}"),
                "datatype": "number",
                "null": ABSENT,
            }));
        }
    }
    json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": csv_name,
        "dc:title": format!("Return for {}", of.quarter.long_name()),
        "dc:description": "Estimates from the boroughs' differentially private releases, unbiased and unrounded, with \
            95% intervals. They are not the audited claims on which payment rests. A family counted in two boroughs \
            that do not know of each other is counted twice.",
        "tenfold:rehearsal": of.rehearsal,
        "tenfold:policy": of.policy,
        "tenfold:framework": of.framework,
        "tableSchema": {"columns": columns, "primaryKey": ["time_period", "area_code"]},
    })
}
