//! The return as files: CSV, and what its columns mean as CSV on the Web metadata.
//!
//! # Source
//! W3C Recommendation "Metadata Vocabulary for Tabular Data", 17 December 2015.

use serde_json::json;

use super::{Return, ReturnRow, row::Amounts};
use crate::{combine::Area, dashboard::tidy::decimals};

/// What a reader must know of every figure; stands in every row and in the metadata.
pub(super) const NOTE: &str = "Estimates from the boroughs' releases, which carry noise for privacy; the interval contains \
     the true count 95 times in 100. Exact counts are in each borough's own claim certificate.";

/// The columns that say what a row is about: name, meaning, datatype.
const ABOUT: [(&str, &str, &str); 10] = [
    ("time_period", "Quarter reported on, by calendar year", "string"),
    ("geographic_level", "Local authority or region", "string"),
    (
        "geographic_code",
        "Code of the Government Statistical Service",
        "string",
    ),
    ("geographic_name", "Name of the borough or region", "string"),
    (
        "dfe_code",
        "Department for Education number of the authority; empty for the region",
        "string",
    ),
    (
        "status",
        "Whether the quarter's release was received, late, missing or is not yet due",
        "string",
    ),
    ("received_at", "When the release was received, in UTC", "dateTime"),
    (
        "release_number",
        "Number of the release within its borough",
        "integer",
    ),
    (
        "covers_to",
        "Last quarter that the figures to date cover",
        "string",
    ),
    (
        "boroughs_missing",
        "Boroughs without a release for the quarter",
        "string",
    ),
];

/// The amounts: column prefix and meaning.
const AMOUNTS: [(&str, &str); 8] = [
    ("attached_to_date", "Families attached, from the first quarter on"),
    ("results_to_date", "Results recorded, from the first quarter on"),
    (
        "progress_to_date",
        "Of these, by significant and sustained progress",
    ),
    ("employment_to_date", "Of these, by continuous employment"),
    (
        "attached_in_quarter",
        "Families attached in the quarter; in the first quarter everything before it too",
    ),
    (
        "results_in_quarter",
        "Results recorded in the quarter; in the first quarter everything before it too",
    ),
    (
        "progress_in_quarter",
        "Of these, by significant and sustained progress",
    ),
    ("employment_in_quarter", "Of these, by continuous employment"),
];

/// What stands beside each amount: suffix, meaning, datatype.
const BESIDE: [(&str, &str, &str); 4] = [
    ("", "whole number as shown", "integer"),
    (
        "_lower_95",
        "lower end of the 95 % interval, not below zero",
        "integer",
    ),
    (
        "_upper_95",
        "upper end of the 95 % interval, not below zero",
        "integer",
    ),
    ("_unbiased", "unbiased estimate before rounding", "decimal"),
];

const LAST: [(&str, &str, &str); 2] = [
    (
        "explanation",
        "What was written about a late or missing release",
        "string",
    ),
    ("note", "What the figures are", "string"),
];

/// Every column: name, meaning, datatype.
fn columns() -> Vec<(String, String, &'static str)> {
    let plain = |(name, title, kind): (&str, &str, &'static str)| (name.to_owned(), title.to_owned(), kind);
    let amounts = AMOUNTS.into_iter().flat_map(|(name, title)| {
        BESIDE.map(|(suffix, what, kind)| (format!("{name}{suffix}"), format!("{title}: {what}"), kind))
    });
    ABOUT
        .into_iter()
        .map(plain)
        .chain(amounts)
        .chain(LAST.into_iter().map(plain))
        .collect()
}

pub(super) fn csv(of: &Return) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut record = |fields: Vec<String>| {
        writer
            .write_record(fields)
            .expect("every record has the header's length and memory takes it");
    };
    record(columns().into_iter().map(|(name, ..)| name).collect());
    of.rows().for_each(|row| record(fields(of, row)));
    writer.into_inner().expect("writing to memory does not fail")
}

fn fields(of: &Return, row: &ReturnRow) -> Vec<String> {
    let level = match row.area {
        Area::Region => "Region",
        Area::Borough(_) => "Local authority",
    };
    let received_at = row.standing.and_then(|standing| standing.received_at());
    let mut fields = vec![
        of.quarter.to_string(),
        level.to_owned(),
        row.area.code().to_owned(),
        row.area.name().to_owned(),
        row.dfe_code.clone(),
        row.status().to_owned(),
        received_at.map_or_else(String::new, |at| at.to_string()),
        row.release_number
            .map_or_else(String::new, |number| number.to_string()),
        row.covers_to
            .map_or_else(String::new, |quarter| quarter.to_string()),
        row.missing.join("; "),
    ];
    fields.extend(amounts(row.to_date.as_ref()));
    fields.extend(amounts(row.in_quarter.as_ref()));
    fields.push(row.explanation.clone().unwrap_or_default());
    fields.push(NOTE.to_owned());
    fields
}

fn amounts(amounts: Option<&Amounts>) -> Vec<String> {
    let Some(amounts) = amounts else {
        return vec![String::new(); 16];
    };
    let shown = amounts.shown();
    let parts = [
        (shown.attached, &amounts.attached),
        (shown.results, &amounts.results),
        (shown.progress, &amounts.progress),
        (shown.employment, &amounts.employment),
    ];
    let cells = parts.into_iter().flat_map(|(value, estimate)| {
        let ends = estimate.display();
        [
            format!("{value:.0}"),
            format!("{:.0}", ends.low),
            format!("{:.0}", ends.high),
            decimals(estimate.value),
        ]
    });
    cells.collect()
}

pub(super) fn metadata(of: &Return) -> Vec<u8> {
    let columns: Vec<_> = columns()
        .into_iter()
        .map(|(name, title, kind)| json!({ "name": name, "titles": name, "dc:description": title, "datatype": kind }))
        .collect();
    let mut notes = vec![
        NOTE.to_owned(),
        "The region is the sum of the boroughs' unrounded estimates; rounded rows need not add up to it exactly."
            .to_owned(),
        "A borough's figures to date cover the quarters that it released, up to the quarter in covers_to.".to_owned(),
    ];
    if of.opening {
        notes
            .push("The first quarter is the opening position: everything recorded up to its end.".to_owned());
    }
    if of.rehearsal {
        notes.push("Rehearsal: the records are invented.".to_owned());
    }
    let metadata = json!({
        "@context": ["http://www.w3.org/ns/csvw", { "@language": "en" }],
        "url": of.file_name(),
        "dc:title": format!("Families attached and results, Greater Manchester, {}", of.quarter.long_name()),
        "dc:created": of.as_at.to_string(),
        "dc:source": format!("Releases under the policy with SHA-256 {}", of.policy),
        "notes": notes,
        "dialect": { "header": true, "delimiter": ",", "lineTerminators": ["\n"] },
        "tableSchema": { "columns": columns, "primaryKey": ["time_period", "geographic_code"] },
    });
    let mut bytes = serde_json::to_vec_pretty(&metadata).expect("text and lists are always JSON");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{combine::fixture, dashboard::Picture, submission::Outcome};

    fn picture() -> Picture {
        let policy = fixture::policy();
        let as_at = policy.due_at("2017-Q1".parse().unwrap()).plus_days(7);
        Picture::new(policy.clone(), fixture::region(&policy), as_at).unwrap()
    }

    #[test]
    fn the_file_has_every_borough_and_comes_out_the_same() {
        let explanations = [(
            fixture::oldham(),
            "System change, release follows in May".to_owned(),
        )]
        .into();
        let made = Return::from(&picture(), "2017-Q1".parse().unwrap(), &explanations).unwrap();
        assert_eq!(
            made.csv(),
            Return::from(&picture(), made.quarter, &explanations)
                .unwrap()
                .csv()
        );
        insta::assert_snapshot!("return_csv", String::from_utf8(made.csv()).unwrap());
        let metadata: serde_json::Value = serde_json::from_slice(&made.metadata()).unwrap();
        let named: Vec<&str> = metadata["tableSchema"]["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["name"].as_str().unwrap())
            .collect();
        let text = String::from_utf8(made.csv()).unwrap();
        assert_eq!(text.lines().next().unwrap(), named.join(","));
        assert!(
            made.checks().iter().all(|check| check.outcome == Outcome::Holds),
            "{:?}",
            made.checks()
        );
    }

    #[test]
    fn a_missing_borough_asks_for_an_explanation() {
        let made = Return::from(&picture(), "2017-Q1".parse().unwrap(), &[].into()).unwrap();
        assert_eq!(
            made.checks()[0].outcome,
            Outcome::Query(vec!["Oldham".to_owned()])
        );
        let oldham = made
            .boroughs
            .iter()
            .find(|row| row.area.name() == "Oldham")
            .unwrap();
        assert_eq!((oldham.status(), oldham.in_quarter), ("missing", None));
        assert_eq!(oldham.covers_to, Some("2016-Q4".parse().unwrap()));
        assert_eq!(made.region.status(), "incomplete");
        let late = Return::from(&picture(), "2016-Q4".parse().unwrap(), &[].into()).unwrap();
        let wigan = late
            .boroughs
            .iter()
            .find(|row| row.area.name() == "Wigan")
            .unwrap();
        assert_eq!(wigan.status(), "received late");
        assert_eq!(late.region.status(), "complete");
    }

    #[test]
    fn a_quarter_beyond_is_refused() {
        let refused = Return::from(&picture(), "2020-Q1".parse().unwrap(), &[].into()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "there is no return for 2020-Q1 yet, expected a quarter from 2015-Q2 to 2017-Q1"
        );
    }
}
