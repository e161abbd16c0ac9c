//! Reads an extract: every row becomes a record or a fault, or the whole file is refused.
//!
//! Rows are handed on as they are read, in bounded memory; what only the whole file shows comes at the end, and
//! whoever took the rows takes them back.

mod ahead;

use std::{path::Path, sync::Arc};

use chrono::NaiveDate;

use crate::{
    intake::{
        date::Epoch,
        delimited::{Delimited, Line},
        fault::{Fault, FileFault, FileFaults, Place},
        field::Field,
        mapping::Mapping,
        query::{self, Query, Watch},
        recognise::folded,
        record::Record,
        row::{Plan, Row},
        signature::{self, Signature},
        source::Source,
        summary::{Summary, Tally},
        workbook::Sheet,
    },
    register::Days,
};

/// One table of a file as it was given: a CSV file, or one sheet of a workbook.
pub struct Extract {
    source: Source,
    headings: Vec<String>,
    form: Form,
}

/// How a table stands in its file.
enum Form {
    Delimited(Delimited),
    Sheet(Sheet),
}

/// What the analyst says of a file, against which its dates are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadContext {
    /// The day the data are current as of.
    pub as_of: Option<NaiveDate>,
    /// The days covered.
    pub covers: Option<Days>,
}

/// One row after reading.
#[derive(Debug)]
pub struct ReadRow {
    /// The line on which it begins, the headings being line 1.
    pub line: u64,
    /// How much of the file is read, for progress.
    pub at_byte: u64,
    /// The record and the questions it raises, or everything that is wrong with it.
    pub outcome: Result<(Record, Vec<Query>), Vec<Fault>>,
}

/// Why a reading ended early.
#[derive(Debug)]
pub enum ReadError<E> {
    /// The file is not what the mapping says, or not whole; every reason at once.
    File(FileFaults),
    /// Whoever took the rows wanted no more.
    Stopped(E),
}

impl<E> ReadError<E> {
    pub(crate) fn of(fault: FileFault) -> Self {
        Self::File(fault.into())
    }
}

impl Extract {
    /// Every table of a file: one for CSV, one a visible sheet with anything in it for a workbook.
    ///
    /// # Errors
    /// Where it is empty, cut short, protected, or no table at all.
    pub fn open(path: &Path) -> Result<Vec<Self>, FileFaults> {
        Self::of(Source::file(path)?)
    }

    /// The same of bytes that are in memory already.
    ///
    /// # Errors
    /// As [`Extract::open`].
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Result<Vec<Self>, FileFaults> {
        Self::of(Source::Memory(bytes.into()))
    }

    fn of(source: Source) -> Result<Vec<Self>, FileFaults> {
        Ok(match signature::of(&source)? {
            Signature::Text => {
                let (form, headings) = Delimited::open(&source)?;
                vec![Self { source, headings, form: Form::Delimited(form) }]
            }
            Signature::Workbook => Sheet::open(&source)?
                .into_iter()
                .map(|(sheet, headings)| Self { source: source.clone(), headings, form: Form::Sheet(sheet) })
                .collect(),
        })
    }

    /// The sheet's name, of a workbook.
    pub fn sheet(&self) -> Option<&str> {
        match &self.form {
            Form::Sheet(sheet) => Some(&sheet.name),
            Form::Delimited(_) => None,
        }
    }

    /// Its headings.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The file's size, for progress.
    pub fn bytes(&self) -> u64 {
        self.source.bytes()
    }

    /// Reads every row in order, as a mapping says; `each` gets rows as they are read.
    ///
    /// # Errors
    /// Where the file is not what the mapping says, or not whole: the caller takes back what it took. Where
    /// `each` fails, its own error.
    pub fn read<E>(
        &self,
        mapping: &Mapping,
        context: ReadContext,
        mut each: impl FnMut(ReadRow) -> Result<(), E>,
    ) -> Result<Summary, ReadError<E>> {
        let faults = self.heading_faults(mapping);
        if !faults.is_empty() {
            return Err(ReadError::File(FileFaults(faults)));
        }
        let mut pass = Pass {
            plan: Plan::new(mapping, &self.headings, context, self.epoch()),
            tally: Tally::new(),
            watch: Watch::new(),
            summary: Summary::default(),
        };
        let expected = self.headings.len();
        let mut notes = Vec::new();
        let one = |line: Line<'_>| match pass.row(&line, expected) {
            Some(row) => each(row),
            None => Ok(()),
        };
        let mut faults = match &self.form {
            Form::Delimited(delimited) => delimited.rows(&self.source, expected, one)?,
            Form::Sheet(sheet) => {
                notes.clone_from(&sheet.notes);
                sheet.rows(&self.source, expected, &mut notes, one)?
            }
        };
        pass.summary.notes = notes;
        if self.source.has_changed() {
            faults.push(FileFault::Changing);
        }
        if pass.summary.rows == 0 && faults.is_empty() {
            faults.push(FileFault::NoRows);
        }
        if faults.is_empty() {
            Ok(pass.summary(&self.headings))
        } else {
            Err(ReadError::File(FileFaults(faults)))
        }
    }

    /// The first rows under the headings as they stand, without a mapping.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn first_rows(&self, most: usize) -> Result<Vec<Vec<String>>, FileFaults> {
        let mut rows = Vec::new();
        let one = |line: Line<'_>| {
            rows.push(line.cells.iter().map(|cell| cell.trim().to_owned()).collect());
            if rows.len() < most { Ok(()) } else { Err(()) }
        };
        let expected = self.headings.len();
        let read = match &self.form {
            Form::Delimited(delimited) => delimited.rows(&self.source, expected, one),
            Form::Sheet(sheet) => sheet.rows(&self.source, expected, &mut Vec::new(), one),
        };
        match read {
            Err(ReadError::File(faults)) => Err(faults),
            _ => Ok(rows),
        }
    }

    /// From which day a sheet counts days that are written as plain numbers.
    fn epoch(&self) -> Option<Epoch> {
        match &self.form {
            Form::Sheet(sheet) if sheet.is_1904 => Some(Epoch::Of1904),
            Form::Sheet(_) => Some(Epoch::Of1900),
            Form::Delimited(_) => None,
        }
    }

    fn heading_faults(&self, mapping: &Mapping) -> Vec<FileFault> {
        if matches!(&self.form, Form::Delimited(form) if form.delimiter.is_none())
            && mapping.columns.len() > 1
        {
            return vec![FileFault::WrongDelimiter];
        }
        let found: Vec<String> = self.headings.iter().map(|heading| folded(heading)).collect();
        let mut faults = Vec::new();
        let needed: Vec<_> = mapping.headings_needed().map(|column| column.field).collect();
        for column in &mapping.columns {
            let heading = column.heading.clone();
            match found.iter().filter(|name| **name == folded(&heading)).count() {
                0 if needed.contains(&column.field) => faults.push(FileFault::MissingHeading { heading }),
                0 | 1 => {}
                _ => faults.push(FileFault::HeadingTwice { heading }),
            }
        }
        faults
    }
}

/// One reading: what the mapping says, and what has been counted so far.
struct Pass<'a> {
    plan: Plan<'a>,
    tally: Tally,
    watch: Watch,
    summary: Summary,
}

impl Pass<'_> {
    /// The row read; nothing where it is blank.
    fn row(&mut self, row: &Line<'_>, expected: usize) -> Option<ReadRow> {
        let Line { line, at_byte, cells, raw } = *row;
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            self.summary.blank += 1;
            return None;
        }
        self.summary.rows += 1;
        let place = |column: Option<String>| Place { line, column };
        let outcome = match Row::new(&self.plan, cells, &mut self.tally).read(expected) {
            Ok((record, mut questions)) => {
                if let Some(before) = self.watch.other_birth_date(query::person(&record)) {
                    let question = format!(
                        "the same person stands in this file with the birth date {before}; which of the two is right?"
                    );
                    questions.push((Some(Field::BirthDate), "two-birth-dates", question));
                }
                self.summary.queried += u64::from(!questions.is_empty());
                let queries = questions.into_iter().map(|(field, rule, question)| Query {
                    place: place(self.plan.heading(field)),
                    rule,
                    question,
                    own_key: query::own_key(&record),
                });
                let queries = queries.collect();
                Ok((record, queries))
            }
            Err(faults) => {
                self.summary.faulty += 1;
                let headings = faults.into_iter().map(|(field, kind)| (self.plan.heading(field), kind));
                Err(headings
                    .map(|(column, kind)| Fault { place: place(column), kind, raw: raw.to_owned() })
                    .collect())
            }
        };
        Some(ReadRow { line, at_byte, outcome })
    }

    fn summary(mut self, headings: &[String]) -> Summary {
        self.summary.ignored = self.plan.ignored(headings);
        let columns = self.plan.mapping.columns.iter();
        self.summary.columns =
            columns.map(|column| self.tally.column(&column.heading, column.field)).collect();
        self.summary
    }
}

/// What was read of a file, whole and in memory: for small files and tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The good rows in their order, each with the line on which it begins.
    pub rows: Vec<(u64, Record)>,
    /// What is wrong with the others, in the order of their places.
    pub faults: Vec<Fault>,
    /// The questions that good rows raise.
    pub queries: Vec<Query>,
    /// What it comes to.
    pub summary: Summary,
}

impl Reading {
    /// How many rows are left to quarantine.
    pub fn rows_at_fault(&self) -> usize {
        usize::try_from(self.summary.faulty).unwrap_or(usize::MAX)
    }
}

impl Extract {
    /// Reads every row into memory.
    ///
    /// # Errors
    /// As [`Extract::read`].
    pub fn read_whole(&self, mapping: &Mapping, context: ReadContext) -> Result<Reading, FileFaults> {
        let mut reading = Reading::default();
        let summary = self.read(mapping, context, |row| {
            match row.outcome {
                Ok((record, queries)) => {
                    reading.rows.push((row.line, record));
                    reading.queries.extend(queries);
                }
                Err(faults) => reading.faults.extend(faults),
            }
            Ok::<(), std::convert::Infallible>(())
        });
        match summary {
            Ok(summary) => Ok(Reading { summary, ..reading }),
            Err(ReadError::File(faults)) => Err(faults),
            Err(ReadError::Stopped(never)) => match never {},
        }
    }
}

/// Reads the first table of a file's bytes as a mapping says.
///
/// # Errors
/// As [`Extract::open`] and [`Extract::read`].
pub fn read(bytes: &[u8], mapping: &Mapping) -> Result<Reading, FileFaults> {
    let tables = Extract::from_bytes(bytes)?;
    let first = tables.first().ok_or(FileFault::Empty)?;
    first.read_whole(mapping, ReadContext::default())
}

#[cfg(test)]
mod tests;
