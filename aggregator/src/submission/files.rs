//! The return as files: CSV, and beside it what its columns mean (CSV on the Web). The same bytes every time.
//!
//! # Source
//! W3C Recommendation "Metadata Vocabulary for Tabular Data", 17 December 2015.

use serde_json::{Value, json};
use tenfold_common::spreadsheet;

use super::{Amounts, Return, ReturnRow};
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

/// What a reader must know of every figure; stands in every row and in the metadata.
const NOTE: &str = "Estimates from the boroughs' releases, which carry noise for privacy; the interval contains the true \
     number 95 times in 100. Not the audited claims on which payment rests.";

/// Columns: name, meaning, datatype.
const ABOUT: [(&str, &str, &str); 10] = [
    ("time_period", "Quarter, by calendar year", "string"),
    ("period", "What it is: a quarter, or the opening position, which is no quarter's activity", "string"),
    ("geographic_level", "Local authority or region", "string"),
    ("area_code", "GSS code", "string"),
    ("area_name", "Area", "string"),
    ("dfe_code", "Department for Education number of the authority", "string"),
    ("status", "Whether the quarter's release was received in time, late, or is missing", "string"),
    ("received_at", "When the release was received, in UTC", "dateTime"),
    ("covers_to", "Last quarter that the figures to date cover", "string"),
    ("boroughs_missing", "Boroughs without a release for the quarter", "string"),
];
const MEASURES: [(&str, &str); 4] = [
    ("attached", "Families attached"),
    ("results", "Results"),
    ("progress", "Results by progress on all problems"),
    ("employment", "Results by continuous employment"),
];
const SPANS: [(&str, &str); 2] = [("to_date", "to date"), ("in_quarter", "in the quarter")];
const BESIDE: [(&str, &str, &str); 4] = [
    ("", "whole number", "integer"),
    ("_lower_95", "lower end of the 95% interval", "integer"),
    ("_upper_95", "upper end of the 95% interval", "integer"),
    ("_unbiased", "unbiased and unrounded", "decimal"),
];
const LAST: [(&str, &str, &str); 2] =
    [("explanation", "Why a release is not here", "string"), ("note", "What the figures are", "string")];

const ABSENT: &str = "x";

/// Every column: name, meaning, datatype, whether it is an amount.
fn columns() -> Vec<(String, String, &'static str, bool)> {
    let plain =
        |(name, title, kind): (&str, &str, &'static str)| (name.to_owned(), title.to_owned(), kind, false);
    let amounts = SPANS.iter().flat_map(|(span, when)| {
        MEASURES.iter().flat_map(move |(measure, title)| {
            BESIDE.map(|(ending, what, kind)| {
                (format!("{measure}_{span}{ending}"), format!("{title} {when}, {what}"), kind, true)
            })
        })
    });
    ABOUT.into_iter().map(plain).chain(amounts).chain(LAST.into_iter().map(plain)).collect()
}

/// Makes the files.
pub fn files(of: &Return) -> Files {
    let csv_name = format!("return-{}.csv", of.quarter);
    let mut rows: Vec<Vec<String>> = vec![columns().into_iter().map(|(name, ..)| name).collect()];
    let last = of.rows.len().saturating_sub(1);
    rows.extend(of.rows.iter().enumerate().map(|(at, row)| fields(of, row, at == last)));
    let metadata = format!("{:#}\n", metadata(of, &csv_name));
    Files { metadata_name: format!("{csv_name}-metadata.json"), csv: text(&rows), csv_name, metadata }
}

fn fields(of: &Return, row: &ReturnRow, region: bool) -> Vec<String> {
    let mut fields = vec![
        of.quarter.to_string(),
        if of.opening { opening(of) } else { "quarter".to_owned() },
        if region { "Region" } else { "Local authority" }.to_owned(),
        row.area_code.clone(),
        row.area_name.clone(),
        row.dfe_code.clone(),
        row.status.clone(),
        row.received_at.map(|at| at.to_string()).unwrap_or_default(),
        row.covers_to.map(|quarter| quarter.to_string()).unwrap_or_default(),
        row.missing.join("; "),
    ];
    fields.extend(amounts(row.to_date.as_ref()));
    fields.extend(amounts(row.in_quarter.as_ref().filter(|_| !of.opening)));
    fields.push(as_text(row.explanation.as_deref().unwrap_or_default()));
    fields.push(NOTE.to_owned());
    fields
}

fn opening(of: &Return) -> String {
    format!("opening position to {}", of.quarter.last_day())
}

fn amounts(amounts: Option<&Amounts>) -> Vec<String> {
    let Some(amounts) = amounts else { return vec![ABSENT.to_owned(); 16] };
    let cells = amounts.each().into_iter().flat_map(|(_, whole, estimate)| {
        let shown = estimate.display();
        [
            format!("{whole:.0}"),
            format!("{:.0}", shown.low),
            format!("{:.0}", shown.high),
            decimal(estimate.value),
        ]
    });
    cells.collect()
}

/// People's words as one line that no spreadsheet takes for a formula.
fn as_text(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    spreadsheet::cell(&line).into_owned()
}

/// What the figures to date rest on besides.
fn before(of: &Return) -> String {
    match of.earlier_policies.as_slice() {
        [] => String::new(),
        earlier => format!("; to date also under those with SHA-256 {}", earlier.join(", ")),
    }
}

fn metadata(of: &Return, csv_name: &str) -> Value {
    let columns = columns().into_iter().map(|(name, title, kind, amount)| {
        let mut column = json!({ "name": name, "titles": title, "datatype": kind });
        if amount {
            column["null"] = json!(ABSENT);
        }
        column
    });
    let mut notes = vec![
        NOTE,
        "Whole numbers are rounded row by row, so the region need not be the sum of its boroughs' rows; the \
         unrounded figures add up.",
        "A borough's figures to date cover the quarters it released, up to the one in covers_to; nothing is \
         filled in.",
        "A family counted in two boroughs that do not know of each other is counted twice.",
    ];
    if of.opening {
        notes.push(
            "This is the opening position: everything up to its last day, with what boroughs brought from before \
             Tenfold. It is no quarter's activity, so the columns in_quarter hold nothing.",
        );
    }
    if of.rehearsal {
        notes.push("Rehearsal: the records are invented.");
    }
    json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": csv_name,
        "dc:title": format!("Return for {}", of.period),
        "dc:created": of.as_at,
        "dc:source": format!(
            "Releases under the policy with SHA-256 {}, framework {}{}", of.policy, of.framework, before(of)
        ),
        "notes": notes,
        "tableSchema": {
            "columns": columns.collect::<Vec<_>>(),
            "primaryKey": ["time_period", "area_code"],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        combine::fixture,
        dashboard::Picture,
        submission::{Explanations, checks},
    };

    fn made(quarter: &str, explanations: &Explanations) -> Return {
        Return::of(&picture(), quarter.parse().unwrap(), explanations).unwrap()
    }

    fn picture() -> Picture {
        fixture::picture()
    }

    #[test]
    fn the_file_has_every_borough_and_comes_out_the_same() {
        let explanations = [(fixture::oldham(), "=System change,\nrelease follows".to_owned())].into();
        let (first, again) = (files(&made("2017-Q1", &explanations)), files(&made("2017-Q1", &explanations)));
        assert_eq!(first.csv, again.csv);
        insta::assert_snapshot!("return_csv", first.csv.replace('\r', ""));
        let metadata: Value = serde_json::from_str(&first.metadata).unwrap();
        let columns = metadata["tableSchema"]["columns"].as_array().unwrap();
        let named: Vec<&str> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
        assert_eq!(first.csv.lines().next().unwrap(), named.join(","));
        assert!(checks(&made("2017-Q1", &explanations)).iter().all(|check| check.holds));
    }

    #[test]
    fn a_missing_borough_is_named_and_not_filled_in() {
        let made = made("2017-Q1", &Explanations::new());
        let complete = &checks(&made)[0];
        assert_eq!((complete.holds, complete.found.as_str()), (false, "Oldham is missing, not explained"));
        let oldham = made.rows.iter().find(|row| row.area_name == "Oldham").unwrap();
        assert_eq!((oldham.in_quarter, oldham.covers_to), (None, Some("2016-Q4".parse().unwrap())));
        let region = made.rows.last().unwrap();
        assert_eq!(
            (region.status.as_str(), region.missing.join(", ")),
            ("9 of 10 boroughs", "Oldham".into())
        );
    }

    #[test]
    fn a_late_release_counts_and_is_marked() {
        let made = made("2016-Q4", &Explanations::new());
        let wigan = made.rows.iter().find(|row| row.area_name == "Wigan").unwrap();
        assert_eq!((wigan.status.as_str(), wigan.in_quarter.is_some()), ("late", true));
        assert!(checks(&made).iter().all(|check| check.holds));
    }

    #[test]
    fn the_opening_position_is_returned_to_date_and_as_no_quarter() {
        for (opening, period) in [(true, "opening position to 2015-06-30"), (false, "quarter")] {
            let picture = fixture::first_release(opening);
            let made = Return::of(&picture, "2015-Q2".parse().unwrap(), &Explanations::new()).unwrap();
            let files = files(&made);
            let mut rows = csv::Reader::from_reader(files.csv.as_bytes());
            let headings = rows.headers().unwrap().clone();
            let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
            for row in rows.records().map(Result::unwrap) {
                assert_eq!(&row[at("period")], period);
                assert_eq!(&row[at("attached_in_quarter")] == ABSENT, opening);
                assert_ne!(&row[at("attached_to_date")], ABSENT);
            }
            assert_eq!(files.metadata.contains("no quarter's activity, so"), opening);
            assert!(checks(&made).iter().all(|check| check.holds));
        }
    }

    #[test]
    fn a_quarter_that_is_not_over_has_no_return() {
        let refused = Return::of(&picture(), "2017-Q3".parse().unwrap(), &Explanations::new()).unwrap_err();
        assert_eq!(refused.to_string(), "a figure over 10 quarters was asked for, 8 are released");
        assert!(Return::of(&picture(), "2031-Q1".parse().unwrap(), &Explanations::new()).is_err());
    }
}
