//! One sound extract of each shipped mapping, as text and as a workbook.

use std::io::{Cursor, Read};

use rust_xlsxwriter::{Format, Workbook};
use tenfold_node::intake::{Mapping, date::DateFormat, field::Field, mapping::Column};
use zip::ZipArchive;

/// A sound extract.
pub struct Example {
    /// What it is an extract of.
    pub mapping: &'static Mapping,
    /// As CSV.
    pub text: String,
    /// The parts of the workbook, by name.
    pub parts: Vec<(String, Vec<u8>)>,
    /// The workbook.
    pub workbook: Vec<u8>,
}

/// An extract of every shipped mapping.
///
/// # Errors
/// Where a workbook cannot be written.
pub fn corpus() -> anyhow::Result<Vec<Example>> {
    Mapping::shipped().iter().map(example).collect()
}

fn example(mapping: &'static Mapping) -> anyhow::Result<Example> {
    let mut text = csv::Writer::from_writer(Vec::new());
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let days = Format::new().set_num_format("dd/mm/yyyy");
    text.write_record(mapping.columns.iter().map(|column| &column.heading))?;
    for (at, column) in (0..).zip(&mapping.columns) {
        sheet.write(0, at, &column.heading)?;
    }
    for row in 1..=4 {
        let cells: Vec<String> = mapping.columns.iter().map(|column| cell(mapping, column, row)).collect();
        text.write_record(&cells)?;
        for (at, (column, cell)) in (0..).zip(mapping.columns.iter().zip(&cells)) {
            if column.field.is_date() && !cell.is_empty() {
                let serial = 42_000.0 + f64::from(row);
                sheet.write_with_format(row, at, serial, &days)?;
            } else if let Ok(number) = cell.parse::<u32>() {
                sheet.write(row, at, number)?;
            } else {
                sheet.write(row, at, cell)?;
            }
        }
    }
    let text = String::from_utf8(text.into_inner()?)?;
    let workbook = workbook.save_to_buffer()?;
    let mut archive = ZipArchive::new(Cursor::new(&workbook))?;
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at)?;
        let (name, mut bytes) = (part.name()?.into_owned(), Vec::new());
        part.read_to_end(&mut bytes)?;
        parts.push((name, bytes));
    }
    Ok(Example { mapping, text, parts, workbook })
}

/// What a sound row says in a column.
fn cell(mapping: &Mapping, column: &Column, row: u32) -> String {
    let field = column.field;
    if field.is_date() {
        let year = if matches!(field, Field::BirthDate) { 2004 } else { 2015 };
        let year = if matches!(field, Field::CarerBirthDate) { 1980 } else { year };
        let (month, name) = if field == Field::To { (6, "Jun") } else { (5, "May") };
        return match mapping.date_formats[0] {
            DateFormat::DayMonthYear | DateFormat::DayMonthShortYear => format!("{row:02}/{month:02}/{year}"),
            DateFormat::YearMonthDay => format!("{year}-{month:02}-{row:02}"),
            DateFormat::YearMonthNameDay => format!("{year}-{name}-{row:02} 00:00:00"),
            DateFormat::DayMonthNameYear => format!("{row:02}-{name}-{year}"),
        };
    }
    if let Some(codes) = field.code_list().and_then(|list| mapping.codes.get(&list)) {
        let at = row as usize % codes.len();
        return codes.keys().nth(at).cloned().unwrap_or_default();
    }
    match field {
        Field::NhsNumber => "9434765919".to_owned(),
        Field::Upn => "C100000000000".to_owned(),
        Field::NiNumber | Field::CarerNiNumber => format!("QQ12345{row}C"),
        Field::Uprn => format!("10001234567{row}"),
        Field::Ward => "E05014818".to_owned(),
        Field::ReceivedFrom => "E08000001".to_owned(),
        Field::SessionsPossible => "120".to_owned(),
        Field::Sessions => format!("1{row}"),
        Field::GivenName | Field::CarerGivenName => {
            ["Ivy", "Siân", "Nell", "Zoë"][row as usize % 4].to_owned()
        }
        Field::FamilyName | Field::CarerFamilyName => {
            ["Larkfold", "O'Brae", "Ashpole"][row as usize % 3].to_owned()
        }
        Field::Address => format!("{row}, Larkfold \"Old\" Mill"),
        Field::Postcode => "ZZ1 1ZZ".to_owned(),
        _ => format!("A{row}"),
    }
}
