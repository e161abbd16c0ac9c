//! The quarantine of a load as a file to be mended, and the load that brings it back.

use tenfold_common::spreadsheet;

use super::{DutyError, LoadFault, Node};
use crate::{
    duties::load::LoadRequest,
    register::Days,
    store::{self, loads::KeptFault},
};

/// A quarantine as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The file, CSV in UTF-8 with a mark, so that a spreadsheet reads it.
    pub text: String,
    /// How many rows it has.
    pub rows: usize,
}

/// Headings of the columns that say what is wrong; a load passes them over.
const BESIDE: [&str; 2] = ["Line in the file", "What is wrong, and the fix"];

/// The rows of a load that wait in quarantine, under the source's own headings.
///
/// # Errors
/// Where there is no such load.
pub fn export(node: &Node, id: i64) -> Result<Exported, DutyError> {
    node.store.read(|connection| {
        let load =
            store::loads::find(connection, id)?.ok_or(DutyError::Load(LoadFault::NoLoad { load: id }))?;
        let mut faults = store::loads::faults(connection, id)?;
        faults.retain(|fault| fault.mended_by.is_none());
        text(&load.headings, &faults)
    })
}

fn text(headings: &str, faults: &[KeptFault]) -> Result<Exported, DutyError> {
    let mut file = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let unwritable = |_| DutyError::Decision { reason: "the quarantine cannot be written".to_owned() };
    let mut first = cells(headings);
    let width = first.len();
    first.extend(BESIDE.map(str::to_owned));
    file.write_record(&first).map_err(unwritable)?;
    let mut rows = 0;
    for of_row in faults.chunk_by(|one, next| one.line == next.line) {
        let mut row = cells(&of_row[0].raw);
        // A row cut short or too long is shown as it stands; the columns beside it keep their place if they can.
        row.resize(row.len().max(width), String::new());
        let wrong: Vec<String> = of_row
            .iter()
            .map(|fault| {
                let column =
                    if fault.column.is_empty() { String::new() } else { format!("{}: ", fault.column) };
                format!("{column}{}. {}", fault.reason, fault.fix)
            })
            .collect();
        row.extend([of_row[0].line.to_string(), wrong.join(" / ")]);
        file.write_record(row.iter().map(|cell| spreadsheet::cell(cell).into_owned())).map_err(unwritable)?;
        rows += 1;
    }
    let bytes = file.into_inner().map_err(|error| unwritable(error.into_error().into()))?;
    Ok(Exported { text: format!("\u{feff}{}", String::from_utf8_lossy(&bytes)), rows })
}

/// The cells of a row as it stands in a file.
pub(super) fn cells(row: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(row.as_bytes());
    let first = reader.records().next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(str::to_owned).collect()
}

/// What a load that mends another is: its dates, on the analyst's word for the good rows.
///
/// # Errors
/// Where there is no such load, or it was undone.
pub fn mending(node: &Node, id: i64) -> Result<LoadRequest, DutyError> {
    let found = node.store.read(|connection| store::loads::find(connection, id))?;
    let load = found
        .filter(|load| load.undone_at.is_none())
        .ok_or(DutyError::Load(LoadFault::NoLoad { load: id }))?;
    let covers = Days { from: load.covers_from, to: load.covers_to };
    let mut request = LoadRequest::new(load.as_of, covers);
    (request.area, request.mends, request.take_good_rows) = (load.area, Some(id), true);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarantine_has_the_headings_of_its_source_and_says_what_is_wrong() {
        let fault = |line, column: &str, raw: &str| KeptFault {
            line,
            column: column.into(),
            reason: "the cell is blank, expected a value".into(),
            fix: "fill it".into(),
            raw: raw.into(),
            mended_by: None,
        };
        let faults = [fault(4, "B", "\"x, y\",,=1+1"), fault(4, "C", "\"x, y\",,=1+1"), fault(9, "", "z")];
        let exported = text("A,B,C", &faults).unwrap();
        assert_eq!(exported.rows, 2);
        assert_eq!(
            exported.text,
            "\u{feff}A,B,C,Line in the file,\"What is wrong, and the fix\"\n\
             \"x, y\",,'=1+1,4,\"B: the cell is blank, expected a value. fill it / C: the cell is blank, expected a value. fill it\"\n\
             z,,,9,\"the cell is blank, expected a value. fill it\"\n"
        );
    }
}
