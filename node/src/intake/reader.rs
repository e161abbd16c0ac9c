//! Reads an extract: every row becomes a record or a fault, or the whole file is refused.

use std::borrow::Cow;

use crate::intake::{
    fault::{Fault, FileFault, FileFaults, Place},
    mapping::Mapping,
    recognise::folded,
    record::Record,
    row::{Plan, Row},
    text,
};

/// What was read of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The good rows in their order, each with the line on which it begins.
    pub rows: Vec<(u64, Record)>,
    /// What is wrong with the others, in the order of their places.
    pub faults: Vec<Fault>,
    /// Columns that the mapping does not name; they are not read.
    pub ignored: Vec<String>,
}

impl Reading {
    /// How many rows are left to quarantine.
    pub fn rows_at_fault(&self) -> usize {
        let mut lines: Vec<u64> = self.faults.iter().map(|fault| fault.place.line).collect();
        lines.dedup();
        lines.len()
    }
}

/// A file that is text with headings.
pub struct Extract<'a> {
    text: Cow<'a, str>,
    delimiter: Option<u8>,
    headings: Vec<String>,
}

impl<'a> Extract<'a> {
    /// Takes a file's bytes.
    ///
    /// # Errors
    /// Where it is empty or not text.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FileFaults> {
        let text = text::decode(bytes)?;
        if text.trim().is_empty() {
            return Err(FileFault::Empty.into());
        }
        let delimiter = text::delimiter(&text);
        let mut headings = csv::StringRecord::new();
        // The reader is told to accept any number of cells and gets a str: nothing is left that it could refuse.
        let _ = reader(&text, delimiter).read_record(&mut headings);
        let headings = headings.iter().map(|heading| heading.trim().to_owned()).collect();
        Ok(Self { text, delimiter, headings })
    }

    /// Its headings.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// Reads every row as a mapping says.
    ///
    /// # Errors
    /// Where the file is not what the mapping says, or not whole; every fault at once.
    pub fn read(&self, mapping: &Mapping) -> Result<Reading, FileFaults> {
        let mut file_faults = self.heading_faults(mapping);
        let delimiter = self.delimiter.unwrap_or(b',');
        if let Some(line) = text::open_quote(&self.text, delimiter) {
            file_faults.push(FileFault::OpenQuote { line });
            return Err(FileFaults(file_faults));
        }
        let plan = Plan::new(mapping, &self.headings);
        let mut reading = Reading { ignored: plan.ignored(&self.headings), ..Reading::default() };
        let mut reader = reader(&self.text, self.delimiter);
        let mut cells = csv::StringRecord::new();
        let mut is_heading = true;
        let mut seen = false;
        while let Ok(true) = reader.read_record(&mut cells) {
            if std::mem::take(&mut is_heading) || cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            seen = true;
            let from = cells.position();
            let raw_from = from.map_or(0, |position| position.byte() as usize);
            let raw = self.text.get(raw_from..reader.position().byte() as usize).unwrap_or_default();
            // The reader counts a line only when it has passed its end: blank lines, and the second half of
            // a CR LF, still stand before the row.
            let before = raw.bytes().take_while(|b| matches!(b, b'\r' | b'\n'));
            let line = from.map_or(0, csv::Position::line) + before.filter(|b| *b == b'\n').count() as u64;
            let expected = self.headings.len();
            let is_last = reader.position().byte() as usize >= self.text.len();
            if cells.len() < expected && is_last && !self.text.ends_with('\n') {
                let found = cells.len();
                file_faults.push(FileFault::CutShort { line, found, expected });
                break;
            }
            if !file_faults.is_empty() {
                continue;
            }
            match Row::new(&plan, &cells).read(expected) {
                Ok(record) => reading.rows.push((line, record)),
                Err(faults) => {
                    let raw = raw.trim_matches(['\r', '\n']);
                    let place = |column: Option<String>| Place { line, column };
                    reading.faults.extend(faults.into_iter().map(|(column, kind)| Fault {
                        place: place(column),
                        kind,
                        raw: raw.to_owned(),
                    }));
                }
            }
        }
        if !seen {
            file_faults.push(FileFault::NoRows);
        }
        if file_faults.is_empty() { Ok(reading) } else { Err(FileFaults(file_faults)) }
    }

    fn heading_faults(&self, mapping: &Mapping) -> Vec<FileFault> {
        if self.delimiter.is_none() && mapping.columns.len() > 1 {
            return vec![FileFault::WrongDelimiter];
        }
        let found: Vec<String> = self.headings.iter().map(|heading| folded(heading)).collect();
        let mut faults = Vec::new();
        for column in &mapping.columns {
            let heading = column.heading.clone();
            match found.iter().filter(|name| **name == folded(&heading)).count() {
                0 => faults.push(FileFault::MissingHeading { heading }),
                1 => {}
                _ => faults.push(FileFault::HeadingTwice { heading }),
            }
        }
        faults
    }
}

/// Reads a file's bytes as a mapping says.
///
/// # Errors
/// As [`Extract::open`] and [`Extract::read`].
pub fn read(bytes: &[u8], mapping: &Mapping) -> Result<Reading, FileFaults> {
    Extract::open(bytes)?.read(mapping)
}

fn reader(text: &str, delimiter: Option<u8>) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests;
