//! A workbook: its visible sheets, each a table whose rows are read cell by cell.

mod cells;
mod scan;

use std::{
    io::BufReader,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use crate::intake::{
    delimited::Line,
    fault::FileFault,
    reader::ReadError,
    source::{ReadSeek, Source},
    text,
    workbook::cells::{SheetRows, Step},
};

/// How many rows are looked at to find the headings.
const LOOKED_AT: usize = 6;

/// The most rows a sheet can hold.
const ROW_LIMIT: u64 = 1_048_576;

/// One sheet of a workbook.
pub(crate) struct Sheet {
    pub(crate) name: String,
    /// The row of the headings, the first being 1.
    headings_on: u64,
    /// What the analyst should know of the workbook.
    pub(crate) notes: Vec<String>,
    /// How many rows it says it has, for progress.
    rows: u64,
    /// Whether days are counted from 1904.
    pub(crate) is_1904: bool,
}

impl Sheet {
    /// Every visible sheet with anything in it, with its headings.
    pub(crate) fn open(source: &Source) -> Result<Vec<(Self, Vec<String>)>, FileFault> {
        let scanned = scan::scan(source.open().map_err(|error| FileFault::unreadable(&error))?)?;
        let mut workbook = workbook(source)?;
        let is_1904 = workbook.has_1904_epoch();
        let mut notes = Vec::new();
        if scanned.hidden_rows > 0 {
            notes.push(format!(
                "{} hidden rows were read like all others; delete them in the workbook if they are not meant",
                scanned.hidden_rows
            ));
        }
        let mut visible = Vec::new();
        for sheet in workbook.sheets_metadata() {
            match (sheet.typ, sheet.visible) {
                (SheetType::WorkSheet, SheetVisible::Visible) => visible.push(sheet.name.clone()),
                (SheetType::WorkSheet, _) => notes.push(format!(
                    "the hidden sheet {:?} was not read; unhide it in the workbook if it is meant",
                    sheet.name
                )),
                _ => {}
            }
        }
        let mut sheets = Vec::new();
        for name in visible {
            let mut first = Vec::new();
            let mut rows = SheetRows::open(&mut workbook, &name)?;
            let count = rows.declared();
            while first.len() < LOOKED_AT
                && let Step::Row(row) = rows.next(usize::MAX)?
            {
                first.push((row, rows.cells().iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()));
            }
            let Some(headings_on) = first.first().map(|(row, _)| *row) else {
                continue;
            };
            let gaps = first[0].1.iter().any(String::is_empty);
            if gaps && u32::try_from(headings_on).is_ok_and(|row| scanned.merged_rows.contains(&row)) {
                return Err(FileFault::MergedHeadings { line: headings_on });
            }
            let headings = text::headings(first)?;
            sheets.push((Self { name, headings_on, notes: notes.clone(), rows: count, is_1904 }, headings));
        }
        if sheets.is_empty() { Err(FileFault::Empty) } else { Ok(sheets) }
    }

    /// Hands on every row under the headings; the faults that only the whole sheet shows.
    pub(crate) fn rows<E>(
        &self,
        source: &Source,
        expected: usize,
        notes: &mut Vec<String>,
        mut each: impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<Vec<FileFault>, ReadError<E>> {
        let mut workbook = workbook(source).map_err(ReadError::of)?;
        let mut rows = SheetRows::open(&mut workbook, &self.name).map_err(ReadError::of)?;
        let (mut record, mut raw, mut last) = (csv::StringRecord::new(), Vec::new(), 0);
        loop {
            let line = match rows.next(expected) {
                Ok(Step::Row(line)) => line,
                Ok(Step::End) => break,
                Err(fault) => return Ok(vec![fault]),
            };
            if line <= self.headings_on {
                continue;
            }
            last = line;
            record.clear();
            rows.cells().iter().for_each(|cell| record.push_field(cell));
            let at_byte = source.bytes() * line.min(self.rows) / self.rows.max(1);
            each(Line { line, at_byte, cells: &record, raw: written(&record, &mut raw) })
                .map_err(ReadError::Stopped)?;
        }
        if rows.outside() > 0 {
            notes.push(format!(
                "{} cells to the right of the headings were not read; give their column a heading if they are meant",
                rows.outside()
            ));
        }
        Ok(if last == ROW_LIMIT { vec![FileFault::RowLimit { lines: last }] } else { Vec::new() })
    }
}

/// A row as it would stand in a CSV file.
fn written<'a>(record: &csv::StringRecord, raw: &'a mut Vec<u8>) -> &'a str {
    raw.clear();
    // Writing to memory does not fail, and what is written of texts is text.
    let _ = csv::Writer::from_writer(&mut *raw).write_record(record);
    std::str::from_utf8(raw).unwrap_or_default().trim_end_matches(['\r', '\n'])
}

fn workbook(source: &Source) -> Result<Xlsx<BufReader<Box<dyn ReadSeek + '_>>>, FileFault> {
    let reader = source.open().map_err(|error| FileFault::unreadable(&error))?;
    guarded(|| Xlsx::new(BufReader::new(reader)))
}

/// A call of the library: on workbooks that no spreadsheet wrote it may panic (places beyond the last column
/// overflow), and such a workbook is damaged like any other that it refuses.
fn guarded<T>(call: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, FileFault> {
    // What the call was at work on is dropped with the error, so nobody sees it half changed.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| broken(&error)),
        Err(_) => Err(FileFault::BrokenWorkbook),
    }
}

/// What the library says may quote cells: only its kind goes on.
fn broken(error: &XlsxError) -> FileFault {
    match error {
        XlsxError::Password => FileFault::Protected,
        XlsxError::Io(error) => FileFault::unreadable(error),
        _ => FileFault::BrokenWorkbook,
    }
}
