//! What rows of every sort are answered: exact places, reasons and fixes.

use super::*;
use crate::intake::{ColumnSummary, fault::FaultKind, recognise};

const TWELVE_ROWS: &[u8] = include_bytes!("../../../../tests/data/twelve_rows.csv");

fn mapping(name: &str) -> &'static Mapping {
    Mapping::shipped().iter().find(|m| m.name == name).unwrap()
}

fn sessions(rows: &str) -> String {
    let headings: Vec<&str> =
        mapping("school_sessions").columns.iter().map(|column| column.heading.as_str()).collect();
    format!("{}\n{rows}", headings.join(","))
}

fn kinds(reading: &Reading) -> Vec<&'static str> {
    reading.faults.iter().map(|fault| fault.kind.word()).collect()
}

#[test]
fn twelve_rows_with_three_bad_ones() {
    let reading = read(TWELVE_ROWS, mapping("early_help_liquidlogic")).unwrap();
    assert_eq!((reading.rows.len(), reading.rows_at_fault()), (9, 3));
    let answers: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(answers.join("\n"), @r#"
    line 4, column Assessment Start Date: "31/04/2015" is no day of the calendar, expected a day from 1900 to 2099. Fix: correct the date in the source system and export again.
    line 8, column NHS Number: "9990001422" is not an NHS number, expected ten digits of which the last checks the others. Fix: check the identifier for a slip; leave the cell blank if it is not known.
    line 11, column Child Surname: the cell is blank, expected a value. Fix: fill it in the source system and export again.
    line 11, column Work and Money: "Maybe" is not a known code, expected one of N, Y. Fix: correct it in the source system, or add the code to the mapping if it is a new one.
    "#);
    assert!(reading.faults[0].raw.starts_with("EH1003,C2003,Jude,"));
    assert!(reading.faults[0].raw.ends_with(",N"));
}

#[test]
fn a_fault_shows_no_value_in_debug() {
    let reading = read(TWELVE_ROWS, mapping("early_help_liquidlogic")).unwrap();
    let debug = format!("{reading:?}");
    for value in ["Jude", "Marlbeck", "31/04/2015", "EH1001", "Maybe"] {
        assert!(!debug.contains(value), "{value}");
    }
}

#[test]
fn both_ways_of_writing_the_same_assessment_read_alike() {
    let liquidlogic = read(TWELVE_ROWS, mapping("early_help_liquidlogic")).unwrap();
    let mosaic = mapping("early_help_mosaic");
    let headings = mosaic.columns.iter().filter(|column| !column.optional);
    let mut lines = vec![headings.map(|column| column.heading.clone()).collect::<Vec<_>>().join(";")];
    let text = std::str::from_utf8(TWELVE_ROWS).unwrap();
    let row: Vec<String> = text.lines().nth(1).unwrap().split(',').map(mosaic_like).collect();
    lines.push(row.join(";"));
    let reading = read(lines.join("\r\n").as_bytes(), mosaic).unwrap();
    assert!(reading.faults.is_empty(), "{:?}", reading.faults);
    assert!(reading.rows[0].1 == liquidlogic.rows[0].1);
}

fn mosaic_like(cell: &str) -> String {
    match cell {
        "F" => "FEMALE".to_owned(),
        "M" => "MALE".to_owned(),
        "Y" => "1".to_owned(),
        "N" => "0".to_owned(),
        "Initial" => "ASSESSMENT".to_owned(),
        _ => chrono::NaiveDate::parse_from_str(cell, "%d/%m/%Y")
            .map_or(cell.to_owned(), |day| day.format("%Y-%b-%d 00:00:00").to_string()),
    }
}

#[test]
fn a_row_names_every_fault_it_has() {
    let file = sessions(
        "A1,Amber,Fernhollow,03-05-2005,Summer,13/04/2015,12/04/2015,12O,Q,110\n\
         ,Amber,,unknown,Summer,13/04/2015,17/07/2015,120,I,130\n\
         a,b\n\
         ,,,,,,,,,\n\
         ,Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n",
    );
    let reading = read(file.as_bytes(), mapping("school_sessions")).unwrap();
    assert_eq!(
        kinds(&reading),
        [
            "bad-identifier",
            "not-a-date",
            "ends-first",
            "not-a-number",
            "unknown-code",
            "nobody",
            "too-many-sessions",
            "cells",
        ]
    );
    assert_eq!(reading.rows.len(), 1);
    assert_eq!(reading.rows[0].0, 6);
    let cells = FaultKind::Cells { found: 2, expected: 10 };
    assert_eq!(reading.faults[7].kind, cells);
}

/// Sessions read as of 1 October 2015, covering the summer term.
fn read_in_context(file: &str) -> Reading {
    let day = |text: &str| text.parse().unwrap();
    let covers = Some(Days { from: day("2015-04-13"), to: day("2015-07-17") });
    let context = ReadContext { as_of: Some(day("2015-10-01")), covers };
    Extract::from_bytes(file.as_bytes()).unwrap()[0].read_whole(mapping("school_sessions"), context).unwrap()
}

#[test]
fn what_people_and_spreadsheets_make_of_cells_is_named_with_its_fix() {
    let rows = [
        "9.43E+09,Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110",
        ",Amber,Fernhollow,03/05/05,Summer,13/04/2015,17/07/2015,120,/,110",
        ",Amber,Fernhollow,42127,Summer,13/04/2015,17/07/2015,120,/,110",
        ",Amber,Fernhollow,03/05/2016,Summer,13/04/2015,17/07/2015,120,/,110",
        ",Amber & Jude,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110",
        ",\"Amber\nJude\",Fernhollow,\"03/05/2005\n01/02/2007\",Summer,13/04/2015,17/07/2015,120,/,110",
        ",#REF!,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,#VALUE!,/,110",
        "UPN,Pupil Forename,Pupil Surname,Date of Birth,Term,Term Start,Term End,Sessions Possible,Reason Code,Sessions",
        "Total:,,,,,,,360,,330",
        "Printed on 1 October 2015,,,,,,,,,",
    ];
    let reading = read_in_context(&sessions(&rows.join("\n")));
    assert_eq!(reading.rows, []);
    let answers: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(answers.join("\n"), @r##"
    line 2, column UPN: "9.43E+09" is a number that a spreadsheet has rounded, expected every digit. Fix: export straight to CSV or format the column as text before the numbers are put in; the digits that are lost cannot be made good.
    line 3, column Date of Birth: "03/05/05" has a year of two digits, expected four. Fix: write the year in full in the export, or add dd/mm/yy to the mapping's date formats if the whole column is written so.
    line 4, column Date of Birth: "42127" is a spreadsheet's number of a day, expected a date. Fix: format the column as a date, save and export again.
    line 5, column Date of Birth: "03/05/2016" lies after 2015-10-01, the day the data are current as of, expected a birth date before it. Fix: correct the date in the source system; of a child not yet born leave it blank.
    line 6, column Pupil Forename: "Amber & Jude" seems to be several people, expected one a row. Fix: give each person a row of their own.
    line 7, column Pupil Forename: "Amber\nJude" seems to be several people, expected one a row. Fix: give each person a row of their own.
    line 7, column Date of Birth: "03/05/2005\n01/02/2007" seems to be several people, expected one a row. Fix: give each person a row of their own.
    line 10, column Pupil Forename: "#REF!" is the error of a formula, expected a value. Fix: mend the formula, or put its value in its place.
    line 10, column Sessions Possible: "#VALUE!" is the error of a formula, expected a value. Fix: mend the formula, or put its value in its place.
    line 11: the row repeats the headings, expected a record. Fix: delete the row; only records stand under the headings.
    line 12: the row is a total, expected a record. Fix: delete the row; only records stand under the headings.
    line 13: only one cell of the row is filled, expected a record. Fix: delete the row; only records stand under the headings.
    "##);
}

#[test]
fn a_good_row_that_looks_odd_is_taken_and_asked_about() {
    let upn = "C100000000000";
    let rows = [
        format!("{upn},Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110"),
        format!("{upn},Amber,Fernhollow,05/03/2005,Summer,13/04/2015,17/07/2015,120,I,10"),
        ",Jude,Fernhollow,03/05/1985,Summer,13/04/2015,17/07/2015,120,/,110".to_owned(),
        ",Jude,Fernhollow,03/05/2015,Summer,13/04/2015,17/07/2015,120,/,110".to_owned(),
        ",Nell,Fernhollow,03/05/2005,Autumn,01/12/2015,18/12/2015,120,/,110".to_owned(),
        "N/A,Nell,Fernhollow,03/05/2005,unknown,13/04/2015,17/07/2015,120,/,110".to_owned(),
    ];
    let file = sessions(&rows.join("\n"));
    let reading = read_in_context(&file);
    assert_eq!((reading.rows.len(), reading.summary.queried, reading.faults.len()), (6, 4, 0));
    let asked: Vec<String> = reading.queries.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(asked.join("\n"), @"
    line 3, column Date of Birth: the same person stands in this file with the birth date 2005-05-03; which of the two is right?
    line 4, column Date of Birth: the child was 29 on 2015-04-13; is the birth date right, or is this an adult?
    line 5, column Date of Birth: the birth date lies after 2015-04-13, when the record begins; which of the two is wrong?
    line 6, column Term Start: 2015-12-01 lies after 2015-10-01, the day the data are current as of; is it planned, or a slip?
    line 6, column Term Start: the record lies outside 2015-04-13 to 2015-07-17, which the file is said to cover; are the dates of the load right?
    ");
    // An explanation is found again when the row is sent again, wherever it then stands.
    let again = read_in_context(&sessions(&[&rows[0], &rows[3], &rows[1]].map(String::as_str).join("\n")));
    let key =
        |reading: &Reading, rule| reading.queries.iter().find(|q| q.rule == rule).unwrap().own_key.clone();
    for rule in ["two-birth-dates", "before-birth"] {
        assert_eq!(key(&reading, rule), key(&again, rule));
    }
    let debug = format!("{reading:?}");
    for value in ["Amber", "2005-05-03", "1985", upn] {
        assert!(!debug.contains(value), "{value}");
    }
}

#[test]
fn a_ward_that_is_no_more_is_kept_as_not_known_and_asked_about() {
    let file = String::from_utf8(TWELVE_ROWS.to_vec()).unwrap();
    let ward = read(TWELVE_ROWS, mapping("early_help_liquidlogic")).unwrap();
    let Record::Assessment(first) = &ward.rows[0].1 else { panic!("an assessment") };
    let known = first.address.ward.clone().unwrap();
    let reading =
        read(file.replacen(known.as_str(), "E05000650", 1).as_bytes(), mapping("early_help_liquidlogic"))
            .unwrap();
    let Record::Assessment(first) = &reading.rows[0].1 else { panic!("an assessment") };
    assert_eq!(first.address.ward, None);
    assert_eq!(reading.queries[0].rule, "ward-not-known");
    assert_eq!(reading.queries[0].place.to_string(), "line 2, column Ward Code");
}

#[test]
fn what_stands_in_the_columns_is_counted() {
    let file = sessions(
        "C100000000000,Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n\
         ,,,,,,,,,\n\
         C100000000000,,,,,13/04/2015,16/07/2015,118,I,8\n",
    );
    let summary = read_in_context(&file).summary;
    assert_eq!((summary.rows, summary.faulty, summary.blank), (2, 0, 1));
    let column = |heading: &str| summary.columns.iter().find(|column| column.heading == heading).unwrap();
    let told = |heading| {
        let ColumnSummary { filled, distinct, least, greatest, .. } = column(heading).clone();
        (filled, distinct, least.unwrap_or_default(), greatest.unwrap_or_default())
    };
    assert_eq!(told("UPN"), (2, Some(1), String::new(), String::new()));
    assert_eq!(told("Term"), (1, Some(1), String::new(), String::new()));
    assert_eq!(told("Term End"), (2, Some(2), "2015-07-16".into(), "2015-07-17".into()));
    assert_eq!(told("Sessions Possible"), (2, Some(2), "118".into(), "120".into()));
}

#[test]
fn an_optional_column_may_be_missing_and_the_rest_may_not() {
    let headings = "Forename,Surname,Date of Birth,NI Number,Circumstance,Asked,Since,Until";
    let file = format!(
        "{headings}\nIvy,Larkfold,03/05/2005,,Not traced,,01/06/2015,\nIvy,Larkfold,03/05/2005,,Custody,Police,01/06/2015,\n"
    );
    let tables = Extract::from_bytes(file.as_bytes()).unwrap();
    let mapping = recognise(tables[0].headings(), Mapping::shipped()).unwrap();
    assert_eq!(mapping.name, "circumstances");
    let reading = tables[0].read_whole(mapping, ReadContext::default()).unwrap();
    assert_eq!(
        reading.faults[0].to_string(),
        "line 2, column Asked: the cell is blank, expected a value. Fix: fill it in the source system and export again."
    );
    let Record::Circumstance(custody) = &reading.rows[0].1 else { panic!("a circumstance") };
    assert_eq!(custody.source, None);
}

mod files;
mod properties;
mod referral;
mod taking;
mod workbooks;
