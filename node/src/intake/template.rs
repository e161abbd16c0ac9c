//! An empty workbook for partners without a system: a mapping's headings, with what each means and takes.

use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, Note, Workbook, Worksheet, XlsxError,
};

use crate::intake::{
    field::Field,
    mapping::{Column, Mapping},
};

/// As many rows are prepared for entry.
const ROWS: u32 = 10_000;

/// The longest list of choices that a spreadsheet keeps in a cell's rule.
const LONGEST_LIST: usize = 255;

/// The workbook's bytes; the same for the same mapping, whenever they are made.
///
/// # Errors
/// Where a heading or a code is longer than a spreadsheet allows.
pub fn template(mapping: &Mapping) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2020, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title(&mapping.title).set_creation_datetime(&made));
    let sheet = workbook.add_worksheet();
    // A sheet's name has no more than 31 characters and none of these.
    let name: String =
        mapping.title.chars().map(|c| if "[]:*?/\\'".contains(c) { ' ' } else { c }).take(31).collect();
    sheet.set_name(name.trim())?;
    sheet.set_freeze_panes(1, 0)?;
    let heading = Format::new().set_bold().set_text_wrap();
    for (at, column) in (0..).zip(&mapping.columns) {
        sheet.write_with_format(0, at, &column.heading, &heading)?;
        sheet.insert_note(0, at, &Note::new(explained(mapping, column)).set_author("Tenfold"))?;
        sheet.set_column_width(at, column.heading.len().max(12) as f64 + 2.0)?;
        entry(sheet, at, mapping, column.field)?;
    }
    workbook.save_to_buffer()
}

/// What may be entered under a heading.
fn entry(sheet: &mut Worksheet, at: u16, mapping: &Mapping, field: Field) -> Result<(), XlsxError> {
    if field.is_date() {
        sheet.set_column_format(at, &Format::new().set_num_format("dd/mm/yyyy"))?;
    } else if field.is_number_in_words() {
        sheet.set_column_format(at, &Format::new().set_num_format("@"))?;
    }
    let codes = field.code_list().and_then(|list| mapping.codes.get(&list));
    let codes: Vec<&str> = codes.into_iter().flatten().map(|(code, _)| code.as_str()).collect();
    let length = codes.iter().map(|code| code.len() + 1).sum::<usize>();
    if !codes.is_empty() && length <= LONGEST_LIST && !codes.iter().any(|code| code.contains(',')) {
        let rule = DataValidation::new()
            .allow_list_strings(&codes)?
            .set_error_title("Not in the list")?
            .set_error_message("Choose one of the list, or leave the cell blank where it is not known.")?;
        sheet.add_data_validation(1, at, ROWS, at, &rule)?;
    }
    Ok(())
}

/// What a heading means, and whether it must be filled.
fn explained(mapping: &Mapping, column: &Column) -> String {
    let must =
        if mapping.requires(column.field) { "Must be filled." } else { "May be blank where not known." };
    let mut text = format!("{} {must}", column.field.meaning());
    if column.field.is_date() {
        text += " A date, day first: 25/04/2015.";
    }
    if let Some(codes) = column.field.code_list().and_then(|list| mapping.codes.get(&list)) {
        let codes: Vec<String> = codes.iter().map(|(code, word)| format!("{code} = {word}")).collect();
        text += &format!(" One of: {}.", codes.join("; "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{Extract, FileFault, ReadContext, recognise};

    #[test]
    fn a_template_is_recognised_as_its_own_mapping_and_is_empty() {
        for mapping in Mapping::shipped() {
            let bytes = template(mapping).unwrap();
            assert!(template(mapping).unwrap() == bytes, "{}", mapping.name);
            let tables = Extract::from_bytes(bytes).unwrap();
            assert_eq!(tables.len(), 1);
            assert_eq!(recognise(tables[0].headings(), Mapping::shipped()).unwrap().name, mapping.name);
            let nothing = tables[0].read_whole(mapping, ReadContext::default()).unwrap_err();
            assert_eq!(nothing.0, [FileFault::NoRows]);
        }
    }
}
