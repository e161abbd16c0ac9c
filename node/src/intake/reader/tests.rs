//! What files of every sort are answered: exact places, reasons and fixes.

use super::*;
use crate::intake::fault::FaultKind;

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
    let mut lines = vec![mosaic.columns.iter().map(|c| c.heading.clone()).collect::<Vec<_>>().join(";")];
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
fn encodings_and_marks_change_nothing() {
    let row = ",Siân,Ó Briain,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110\n";
    let plain = sessions(row);
    let marked = format!("\u{feff}{plain}");
    let (western, _, _) = encoding_rs::WINDOWS_1252.encode(&plain);
    let first = read(plain.as_bytes(), mapping("school_sessions")).unwrap();
    assert_eq!(first.rows.len(), 1);
    for bytes in [marked.as_bytes(), &western] {
        assert!(read(bytes, mapping("school_sessions")).unwrap() == first);
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

#[test]
fn a_file_that_is_not_whole_is_refused_with_every_reason() {
    let refused = |bytes: &[u8]| read(bytes, mapping("school_sessions")).unwrap_err().0;
    let row = ",Amber,Fernhollow,03/05/2005,Summer,13/04/2015,17/07/2015,120,/,110";
    assert_eq!(refused(b""), [FileFault::Empty]);
    assert_eq!(refused(b"PK\x03\x04"), [FileFault::NotText]);
    assert_eq!(refused(b"UPN:Term\n1:2\n")[0], FileFault::WrongDelimiter);
    assert_eq!(refused(sessions("").as_bytes()), [FileFault::NoRows]);
    assert_eq!(
        refused(sessions(&format!("{row}\n,Amber,Fern")).as_bytes()),
        [FileFault::CutShort { line: 3, found: 3, expected: 10 }]
    );
    assert_eq!(
        refused(sessions(&format!("{row}\n,\"Amber,Fern\n{row}\n")).as_bytes()),
        [FileFault::OpenQuote { line: 3 }]
    );
    let file = sessions(row).replace("Term End", "Term Start").replace("UPN", "Pupil");
    assert_eq!(
        refused(file.as_bytes()),
        [
            FileFault::MissingHeading { heading: "UPN".into() },
            FileFault::HeadingTwice { heading: "Term Start".into() },
            FileFault::MissingHeading { heading: "Term End".into() },
        ]
    );
}
