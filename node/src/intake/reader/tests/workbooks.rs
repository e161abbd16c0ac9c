//! What workbooks of every sort are answered.

use std::io::{Cursor, Read, Write};

use rust_xlsxwriter::{Format, Workbook, Worksheet};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::*;

const ROW: [&str; 10] =
    ["", "Amber", "Fernhollow", "03/05/2005", "Summer", "13/04/2015", "17/07/2015", "120", "/", "110"];

fn with_headings(sheet: &mut Worksheet, on: u32) {
    for (at, column) in (0..).zip(&mapping("school_sessions").columns) {
        sheet.write(on, at, &column.heading).unwrap();
    }
}

fn put(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (at, cell) in (0..).zip(cells) {
        sheet.write(row, at, *cell).unwrap();
    }
}

fn sessions_workbook(change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    with_headings(sheet, 0);
    put(sheet, 1, &ROW);
    change(sheet);
    workbook.save_to_buffer().unwrap()
}

fn read_book(bytes: Vec<u8>) -> Reading {
    read(&bytes, mapping("school_sessions")).unwrap()
}

fn refused(bytes: Vec<u8>) -> Vec<FileFault> {
    read(&bytes, mapping("school_sessions")).unwrap_err().0
}

/// The same workbook with one part changed.
fn repacked(workbook: &[u8], part_name: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        let text = if name == part_name { change(text) } else { text };
        packed.start_file(name, SimpleFileOptions::default()).unwrap();
        packed.write_all(text.as_bytes()).unwrap();
    }
    packed.finish().unwrap().into_inner()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn a_sheet_reads_as_the_same_rows_in_a_text_file() {
    let text = read(sessions(&ROW.join(",")).as_bytes(), mapping("school_sessions")).unwrap();
    let reading = read_book(sessions_workbook(|sheet| {
        // Days as days and numbers as numbers, as spreadsheets have them.
        let day = Format::new().set_num_format("dd/mm/yyyy");
        sheet.write_with_format(1, 3, 38_475.0, &day).unwrap();
        sheet.write(1, 5, 42_107).unwrap();
        sheet.write(1, 7, 120).unwrap();
        sheet.write(1, 9, 110.0).unwrap();
    }));
    assert_eq!(reading.faults, []);
    assert!(reading.rows == text.rows);
}

#[test]
fn days_of_a_workbook_that_counts_from_1904_are_the_same_days() {
    let bytes = sessions_workbook(|sheet| {
        let day = Format::new().set_num_format("dd/mm/yyyy");
        sheet.write_with_format(1, 3, 38_475.0 - 1_462.0, &day).unwrap();
        sheet.write(1, 5, 42_107 - 1_462).unwrap();
    });
    let bytes = repacked(&bytes, "xl/workbook.xml", |text| {
        text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
    });
    let text = read(sessions(&ROW.join(",")).as_bytes(), mapping("school_sessions")).unwrap();
    assert!(read_book(bytes).rows == text.rows);
}

#[test]
fn each_visible_sheet_with_anything_in_it_is_a_table() {
    let mut workbook = Workbook::new();
    for name in ["Summer", "Empty", "Old", "Autumn"] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        if name != "Empty" {
            with_headings(sheet, 0);
            put(sheet, 1, &ROW);
        }
        if name == "Old" {
            sheet.set_hidden(true);
        }
        if name == "Autumn" {
            sheet.set_row_hidden(1).unwrap();
        }
    }
    let tables = Extract::from_bytes(workbook.save_to_buffer().unwrap()).unwrap();
    assert_eq!(tables.iter().map(|table| table.sheet().unwrap()).collect::<Vec<_>>(), ["Summer", "Autumn"]);
    let reading = tables[1].read_whole(mapping("school_sessions"), ReadContext::default()).unwrap();
    assert_eq!(reading.rows.len(), 1);
    insta::assert_snapshot!(reading.summary.notes.join("\n"), @r#"
    1 hidden rows were read like all others; delete them in the workbook if they are not meant
    the hidden sheet "Old" was not read; unhide it in the workbook if it is meant
    "#);
}

#[test]
fn long_numbers_truths_and_errors_are_read_as_they_are_meant() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let early_help = mapping("early_help_liquidlogic");
    for (at, column) in (0..).zip(&early_help.columns) {
        sheet.write(0, at, &column.heading).unwrap();
    }
    let at = |field| early_help.columns.iter().position(|column| column.field == field).unwrap() as u16;
    for row in 1..=2 {
        let cells = [
            (Field::Reference, "R1"),
            (Field::CaseId, "17"),
            (Field::GivenName, "Ivy"),
            (Field::FamilyName, "Larkfold"),
        ];
        let more = [(Field::AssessmentKind, "Initial"), (Field::From, "13/04/2015")];
        for (field, cell) in cells.into_iter().chain(more) {
            sheet.write(row, at(field), cell).unwrap();
        }
    }
    sheet.write(1, at(Field::NhsNumber), 9_434_765_919_u64).unwrap();
    sheet.write(1, at(Field::WholeFamily), true).unwrap();
    sheet.write(2, at(Field::NhsNumber), "9.43E+09").unwrap();
    let reading = read(&workbook.save_to_buffer().unwrap(), early_help).unwrap();
    let Record::Assessment(row) = &reading.rows[0].1 else { panic!("an assessment") };
    assert_eq!(row.child.nhs_number.as_ref().unwrap().as_str(), "9434765919");
    assert_eq!(row.whole_family, Some(true));
    assert_eq!(kinds(&reading), ["rounded"]);
}

#[test]
fn two_hundred_thousand_empty_rows_are_nothing() {
    let bytes = sessions_workbook(|sheet| {
        for row in 2..200_000 {
            sheet.write(row, 1, "").unwrap();
            sheet.write_blank(row, 0, &Format::new().set_bold()).unwrap();
        }
        put(sheet, 200_000, &ROW);
    });
    let reading = read_book(bytes);
    assert_eq!(reading.rows.iter().map(|row| row.0).collect::<Vec<_>>(), [2, 200_001]);
}

#[test]
fn headings_that_are_not_one_row_are_named() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "School sessions, summer term").unwrap();
    with_headings(sheet, 3);
    put(sheet, 4, &ROW);
    let opened = |mut workbook: Workbook| {
        Extract::from_bytes(workbook.save_to_buffer().unwrap()).map(|t| t.len()).unwrap_err().0
    };
    assert_eq!(opened(workbook), [FileFault::TitleAbove { line: 4 }]);

    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 3, "Pupil", &Format::new()).unwrap();
    sheet.merge_range(0, 4, 0, 9, "Term", &Format::new()).unwrap();
    with_headings(sheet, 1);
    put(sheet, 2, &ROW);
    assert_eq!(opened(workbook), [FileFault::MergedHeadings { line: 1 }]);
}

#[test]
fn cells_beside_the_table_are_passed_over_and_told() {
    let reading = read_book(sessions_workbook(|sheet| {
        sheet.write(1, 12, "ask the school").unwrap();
        sheet.write(1, 16_383, "x").unwrap();
    }));
    assert_eq!(reading.rows.len(), 1);
    insta::assert_snapshot!(reading.summary.notes.join("\n"), @"2 cells to the right of the headings were not read; give their column a heading if they are meant");
}

#[test]
fn a_workbook_not_whole_or_not_one_is_told_what_it_is() {
    let bytes = sessions_workbook(|_| {});
    assert_eq!(refused(bytes[..bytes.len() / 2].to_vec()), [FileFault::HalfWorkbook]);
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    packed.start_file("letter.txt", SimpleFileOptions::default()).unwrap();
    packed.write_all(b"Dear all").unwrap();
    assert_eq!(refused(packed.finish().unwrap().into_inner()), [FileFault::NotAWorkbook]);
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    packed.start_file("content.xml", SimpleFileOptions::default()).unwrap();
    assert_eq!(refused(packed.finish().unwrap().into_inner()), [FileFault::OtherWorkbook]);
    let torn = repacked(&bytes, SHEET, |text| text[..text.len() / 2].to_owned());
    assert_eq!(refused(torn), [FileFault::BrokenWorkbook]);
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let bytes = sessions_workbook(|_| {});
    // 300 MB of shared texts in half a megabyte.
    let texts = repacked(&bytes, "xl/sharedStrings.xml", |text| {
        text.replace("</sst>", &format!("<si><t>{}</t></si></sst>", "x".repeat(1_000).repeat(200_000)))
    });
    assert!(texts.len() < 1_000_000);
    assert!(matches!(refused(texts)[0], FileFault::TooLarge { most_mib: 128 } | FileFault::CellTooLong));
    let many = repacked(&bytes, "xl/sharedStrings.xml", |text| {
        text.replace("</sst>", &format!("{}</sst>", "<si/>".repeat(2_000_001)))
    });
    assert_eq!(refused(many), [FileFault::TooManyCells { most: 2_000_000 }]);
    let long = repacked(&bytes, SHEET, |text| {
        text.replace(
            "</sheetData>",
            &format!(
                "<row r=\"3\"><c r=\"A3\" t=\"str\"><v>{}</v></c></row></sheetData>",
                "9".repeat(2 << 20)
            ),
        )
    });
    assert_eq!(refused(long), [FileFault::CellTooLong]);
}
