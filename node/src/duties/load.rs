//! Loads extracts: each recognised by its headings, good rows taken on the analyst's word, bad rows kept apart.

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tenfold_common::{clock::Moment, protocol::signature::sha256_hex};
use tenfold_store::{Account, AnyConnection, Role, acts, part};

use super::{DutyError, Node, require, settle};
use crate::{
    intake::{
        Extract, Fault, FileFault, FileFaults, Mapping,
        mapping::Authority,
        query::Query,
        reader::{ReadContext, ReadError},
        recognise,
        summary::{ColumnSummary, Summary},
    },
    register::{Days, SourceKind, settle::MentionNumber},
    store::{
        self,
        loads::Load,
        rows::{Mentions, Rows},
    },
};

/// A file as it was given: on disk, or in memory where it is small.
#[derive(Clone)]
pub struct GivenFile {
    /// Its name.
    pub name: String,
    /// Its bytes, or where they are.
    pub content: Content,
}

/// The bytes of a file.
#[derive(Clone)]
pub enum Content {
    /// In a file; read a piece at a time.
    File(PathBuf),
    /// In memory.
    Bytes(Vec<u8>),
}

impl GivenFile {
    /// A file on disk, by its own name.
    pub fn at(path: &Path) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { name, content: Content::File(path.to_owned()) }
    }

    /// A file in memory.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), content: Content::Bytes(bytes.to_vec()) }
    }

    /// The tables of the file, and the SHA-256 of its bytes.
    fn open(&self) -> Result<(Vec<Extract>, String), Vec<String>> {
        let told = |faults: FileFaults| told_file(&faults);
        match &self.content {
            Content::Bytes(bytes) => {
                Ok((Extract::from_bytes(bytes.clone()).map_err(told)?, sha256_hex(bytes)))
            }
            Content::File(path) => {
                let extracts = Extract::open(path).map_err(told)?;
                let unreadable = |error: io::Error| vec![format!("the file cannot be read: {error}")];
                Ok((extracts, sha256_of(path).map_err(unreadable)?))
            }
        }
    }
}

fn sha256_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

/// What the analyst says of a load.
#[derive(Clone, Debug)]
pub struct LoadRequest {
    /// The day the data are current as of.
    pub as_of: NaiveDate,
    /// The days covered: outside them no record means not known, never nothing.
    pub covers: Days,
    /// What part of the borough they cover; empty for all of it.
    pub area: String,
    /// The load whose quarantine these rows mend.
    pub mends: Option<i64>,
    /// Take the good rows although others are bad; take a file without rows as *nothing happened*.
    pub take_good_rows: bool,
    /// Only say what would happen.
    pub dry_run: bool,
}

impl LoadRequest {
    /// A load of the whole borough that takes nothing on anybody's word.
    pub fn new(as_of: NaiveDate, covers: Days) -> Self {
        Self { as_of, covers, area: String::new(), mends: None, take_good_rows: false, dry_run: false }
    }
}

/// So many faults and questions of a file are told; the others wait in the quarantine.
const MOST_TOLD: usize = 1_000;

/// So many are held before they are written.
const HELD: usize = 2_000;

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its good rows were taken.
    Loaded,
    /// It would be taken; nothing was changed.
    WouldLoad,
    /// Nothing of it was taken.
    Refused,
}

/// One fault of one row, for the analyst's screen; `Debug` shows its place only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ToldFault {
    /// Line in the file, the headings being 1.
    pub line: u64,
    /// The column, where one is meant.
    pub column: Option<String>,
    /// What was wrong and what was expected.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Debug for ToldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a fault on line {}", self.line)
    }
}

/// One question that a row raises, for the analyst's screen; `Debug` shows its place only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ToldQuery {
    /// Line in the file, the headings being 1.
    pub line: u64,
    /// The column, where one is meant.
    pub column: Option<String>,
    /// The rule that asks.
    pub rule: String,
    /// What looks odd and what would explain it.
    pub question: String,
}

impl fmt::Debug for ToldQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a question on line {}", self.line)
    }
}

/// What became of one file, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoadReport {
    /// The file's name.
    pub file: String,
    /// What it was recognised as.
    pub recognised_as: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Rows taken, or that would be.
    pub rows: u64,
    /// Of these, rows about nobody of a family here; they count once a family becomes known.
    pub unmatched: u64,
    /// Rows in quarantine, or that would be.
    pub quarantined: u64,
    /// Rows taken that raise a question.
    pub queried: u64,
    /// What is wrong with the file as a whole.
    pub file_faults: Vec<String>,
    /// What else there is to know of it: hidden rows, sheets left out.
    pub notes: Vec<String>,
    /// What is wrong with its rows, the first thousand.
    pub faults: Vec<ToldFault>,
    /// What its rows ask, the first thousand.
    pub queries: Vec<ToldQuery>,
    /// What stands in each column.
    pub columns: Vec<ColumnSummary>,
    /// The load's number.
    pub load: Option<i64>,
}

impl LoadReport {
    fn refused(file: &str, recognised_as: Option<String>, file_faults: Vec<String>) -> Self {
        Self {
            file: file.to_owned(),
            recognised_as,
            outcome: Outcome::Refused,
            rows: 0,
            unmatched: 0,
            quarantined: 0,
            queried: 0,
            file_faults,
            notes: Vec::new(),
            faults: Vec::new(),
            queries: Vec::new(),
            columns: Vec::new(),
            load: None,
        }
    }

    fn because(self, reason: String) -> Taken {
        self.for_all(vec![reason])
    }

    fn for_all(mut self, reasons: Vec<String>) -> Taken {
        (self.file_faults, self.rows) = (reasons, 0);
        Taken::Refused(Box::new(self))
    }
}

/// Records the sharing agreement under which a source is loaded.
///
/// # Errors
/// Where the store fails.
pub fn record_agreement(node: &Node, source: SourceKind, reference: &str, by: &str) -> Result<(), DutyError> {
    let now = node.now();
    node.store.write(|connection| {
        store::loads::record_agreement(connection, source, reference, by, now)?;
        Ok(acts::record(connection, now, by, "agreement-recorded", source.as_str())?)
    })
}

/// Loads files, all in one transaction: a crash leaves all of it or nothing. A file that is refused leaves
/// nothing; the others are taken.
///
/// `progress` is told a file's name, how much of it is read and its size, all in bytes.
///
/// # Errors
/// Where the role is another or the store fails. What is wrong with files stands in their reports.
pub fn load(
    node: &Node,
    files: &[GivenFile],
    request: &LoadRequest,
    by: &Account,
    mut progress: impl FnMut(&str, u64, u64),
) -> Result<Vec<LoadReport>, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    let result = node.store.write(|connection| -> Result<Vec<LoadReport>, Ended> {
        // The register is read, matched against and written: the next load waits until this one has ended.
        acts::take_turn(connection)?;
        let mentions = settle::open(connection)?;
        let mut taker = Taker { mentions, request, by: &by.name, now, spoken_of: Vec::new() };
        let mut reports = Vec::new();
        for file in files {
            taker.file(connection, file, &mut reports, &mut progress)?;
        }
        let Taker { mentions, spoken_of, .. } = taker;
        let newest = reports.iter().filter_map(|report| report.load).max();
        if newest.is_some() {
            let standing = settle::settle(connection, mentions, newest, now)?;
            for (load, rows) in &spoken_of {
                let unmatched = standing.unmatched(rows);
                store::loads::count_unmatched(connection, *load, unmatched)?;
                let report = reports.iter_mut().find(|report| report.load == Some(*load));
                report.into_iter().for_each(|report| report.unmatched = unmatched);
            }
        }
        if request.dry_run { Err(Ended::Tried(reports)) } else { Ok(reports) }
    });
    match result {
        Ok(reports) => Ok(reports),
        Err(Ended::Tried(mut reports)) => {
            for report in reports.iter_mut().filter(|report| report.outcome == Outcome::Loaded) {
                (report.outcome, report.load) = (Outcome::WouldLoad, None);
            }
            Ok(reports)
        }
        Err(Ended::Failed(error)) => Err(error),
    }
}

/// Why the transaction was not committed.
enum Ended {
    /// It was only tried.
    Tried(Vec<LoadReport>),
    /// It failed.
    Failed(DutyError),
}

impl From<tenfold_store::StoreError> for Ended {
    fn from(error: tenfold_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<DutyError> for Ended {
    fn from(error: DutyError) -> Self {
        Self::Failed(error)
    }
}

/// The files on their way in.
struct Taker<'a> {
    mentions: Mentions,
    request: &'a LoadRequest,
    by: &'a str,
    now: Moment,
    spoken_of: Vec<(i64, HashMap<MentionNumber, u64>)>,
}

impl Taker<'_> {
    fn file(
        &mut self,
        connection: &mut AnyConnection,
        file: &GivenFile,
        reports: &mut Vec<LoadReport>,
        progress: &mut impl FnMut(&str, u64, u64),
    ) -> Result<(), DutyError> {
        let (extracts, sha256) = match file.open() {
            Ok(opened) => opened,
            Err(faults) => {
                reports.push(LoadReport::refused(&file.name, None, faults));
                return Ok(());
            }
        };
        let several = extracts.len() > 1;
        for extract in &extracts {
            let sheet = extract.sheet().filter(|_| several);
            let name = sheet.map_or_else(|| file.name.clone(), |sheet| format!("{} [{sheet}]", file.name));
            match recognise(extract.headings(), Mapping::shipped()) {
                Ok(mapping) => {
                    let table = Table { name: &name, sha256: &sha256, extract, mapping };
                    let known = self.mentions.len();
                    let taken = part(connection, |connection| self.table(connection, &table, progress));
                    reports.push(match taken {
                        Ok(report) => report,
                        Err(Taken::Refused(report)) => {
                            self.mentions.forget_after(known);
                            *report
                        }
                        Err(Taken::Failed(error)) => return Err(error),
                    });
                }
                Err(unknown) => {
                    reports.push(LoadReport::refused(&name, None, vec![unknown.to_string()]));
                }
            }
        }
        Ok(())
    }

    fn table(
        &mut self,
        connection: &mut AnyConnection,
        table: &Table<'_>,
        progress: &mut impl FnMut(&str, u64, u64),
    ) -> Result<LoadReport, Taken> {
        let Table { name, sha256, extract, mapping } = *table;
        let mut report = LoadReport::refused(name, Some(mapping.title.clone()), Vec::new());
        let Some(agreement) = store::loads::agreement_for(connection, mapping.kind)? else {
            return Err(report.because(format!(
                "no sharing agreement is recorded for {0}; record it with `tenfold-node agreement record {0} --reference …`",
                mapping.kind.as_str()
            )));
        };
        if let Some(sentence) = self.objection(connection, table)? {
            return Err(report.because(sentence));
        }
        let id = store::loads::next_number(connection)?;
        let request = self.request;
        store::loads::keep(
            connection,
            &Load {
                id,
                mapping: mapping.name.clone(),
                source: mapping.kind.as_str().to_owned(),
                file_name: name.to_owned(),
                file_sha256: sha256.to_owned(),
                agreement,
                authority: mapping
                    .case_system
                    .clone()
                    .filter(|_| mapping.authoritative.contains(&Authority::Person))
                    .unwrap_or_default(),
                headings: written(extract.headings()),
                area: request.area.clone(),
                as_of: request.as_of,
                covers_from: request.covers.from,
                covers_to: request.covers.to,
                loaded_at: self.now.naive(),
                loaded_by: self.by.to_owned(),
                rows_taken: 0,
                rows_unmatched: 0,
                rows_quarantined: 0,
                quality: String::new(),
                mends: request.mends,
                undone_at: None,
                undone_by: None,
            },
        )?;
        let (mut rows, mut aside) =
            (Rows::of(id, mapping.authoritative.contains(&Authority::Family)), Aside::of(id));
        let context = ReadContext { as_of: Some(request.as_of), covers: Some(request.covers) };
        let read = extract.read(mapping, context, |row| -> Result<(), DutyError> {
            if row.line % 1_024 == 0 {
                progress(name, row.at_byte, extract.bytes());
            }
            match row.outcome {
                Ok((record, queries)) => {
                    aside.ask(connection, queries)?;
                    Ok(rows.take(connection, &mut self.mentions, row.line, record)?)
                }
                Err(faults) => aside.put(connection, faults),
            }
        });
        let summary = match read {
            Ok(summary) => summary,
            // Headings and nothing under them: on the analyst's word nothing happened in these days.
            Err(ReadError::File(faults)) if faults.0 == [FileFault::NoRows] && request.take_good_rows => {
                Summary::default()
            }
            Err(ReadError::File(faults)) => return Err(report.for_all(told_file(&faults))),
            Err(ReadError::Stopped(error)) => return Err(Taken::Failed(error)),
        };
        let (told, asked) = aside.finish(connection)?;
        (report.faults, report.queries) = (told, asked);
        report.rows = summary.rows - summary.faulty;
        report.quarantined = summary.faulty;
        report.queried = summary.queried;
        report.notes.clone_from(&summary.notes);
        report.columns.clone_from(&summary.columns);
        if summary.faulty > 0 && !request.take_good_rows {
            return Err(report.because(format!(
                "{} of {} rows cannot be taken; mend them, or load again and take the good rows (--take-good-rows)",
                summary.faulty, summary.rows
            )));
        }
        let spoken_of = rows.finish(connection)?;
        self.spoken_of.push((id, spoken_of));
        // Numbers and texts only: it cannot fail to be written.
        let quality = serde_json::to_string(&summary).unwrap_or_default();
        store::loads::count(connection, id, report.rows, report.quarantined, &quality)?;
        if let Some(mended) = request.mends {
            store::loads::mend(connection, mended, id)?;
        }
        acts::record(connection, self.now, self.by, "loaded", &format!("load {id}"))?;
        (report.outcome, report.load) = (Outcome::Loaded, Some(id));
        Ok(report)
    }

    /// What speaks against taking a file at all, besides its rows.
    fn objection(
        &self,
        connection: &mut AnyConnection,
        table: &Table<'_>,
    ) -> Result<Option<String>, DutyError> {
        let request = self.request;
        if let Some(mended) = request.mends {
            let Some(load) = store::loads::find(connection, mended)?.filter(|load| load.undone_at.is_none())
            else {
                return Ok(Some(format!("there is no load {mended} whose quarantine could be mended")));
            };
            if load.mapping != table.mapping.name {
                return Ok(Some(format!(
                    "load {mended} was {}, expected rows of the same kind to mend its quarantine",
                    load.mapping
                )));
            }
        }
        let same = |load: &&Load| load.file_sha256 == table.sha256 && load.file_name == table.name;
        let other_days =
            |load: &&Load| (load.covers_from, load.covers_to) != (request.covers.from, request.covers.to);
        let loads = store::loads::standing(connection)?;
        Ok(loads.iter().filter(same).find(other_days).map(|load| {
            format!(
                "the same file was taken before as load {}, for {} to {}: an old file is not news of other days; \
                 export it again, or give the dates that it covers",
                load.id, load.covers_from, load.covers_to
            )
        }))
    }
}

/// One table of a file, recognised.
#[derive(Clone, Copy)]
struct Table<'a> {
    name: &'a str,
    sha256: &'a str,
    extract: &'a Extract,
    mapping: &'a Mapping,
}

/// Why a table was not taken; everything it wrote is rolled back.
enum Taken {
    Refused(Box<LoadReport>),
    Failed(DutyError),
}

impl From<DutyError> for Taken {
    fn from(error: DutyError) -> Self {
        Self::Failed(error)
    }
}

impl From<tenfold_store::StoreError> for Taken {
    fn from(error: tenfold_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What is put aside while rows are read: faults for the quarantine, questions for the analyst.
struct Aside {
    load: i64,
    faults: Vec<Fault>,
    faults_kept: i64,
    told: Vec<ToldFault>,
    queries: Vec<Query>,
    queries_kept: i64,
    asked: Vec<ToldQuery>,
}

impl Aside {
    fn of(load: i64) -> Self {
        Self {
            load,
            faults: Vec::new(),
            faults_kept: 0,
            told: Vec::new(),
            queries: Vec::new(),
            queries_kept: 0,
            asked: Vec::new(),
        }
    }

    fn put(&mut self, connection: &mut AnyConnection, faults: Vec<Fault>) -> Result<(), DutyError> {
        let room = MOST_TOLD.saturating_sub(self.told.len());
        self.told.extend(faults.iter().take(room).map(tell));
        self.faults.extend(faults);
        if self.faults.len() >= HELD { self.keep(connection) } else { Ok(()) }
    }

    fn ask(&mut self, connection: &mut AnyConnection, queries: Vec<Query>) -> Result<(), DutyError> {
        let room = MOST_TOLD.saturating_sub(self.asked.len());
        self.asked.extend(queries.iter().take(room).map(tell_query));
        self.queries.extend(queries);
        if self.queries.len() >= HELD { self.keep(connection) } else { Ok(()) }
    }

    fn keep(&mut self, connection: &mut AnyConnection) -> Result<(), DutyError> {
        store::loads::quarantine(connection, self.load, self.faults_kept, &self.faults)?;
        store::queries::keep(connection, self.load, self.queries_kept, &self.queries)?;
        self.faults_kept += self.faults.len() as i64;
        self.queries_kept += self.queries.len() as i64;
        self.faults.clear();
        self.queries.clear();
        Ok(())
    }

    fn finish(
        mut self,
        connection: &mut AnyConnection,
    ) -> Result<(Vec<ToldFault>, Vec<ToldQuery>), DutyError> {
        self.keep(connection)?;
        Ok((self.told, self.asked))
    }
}

fn told_file(faults: &FileFaults) -> Vec<String> {
    faults.0.iter().map(ToString::to_string).collect()
}

fn tell_query(query: &Query) -> ToldQuery {
    ToldQuery {
        line: query.place.line,
        column: query.place.column.clone(),
        rule: query.rule.to_owned(),
        question: query.question.clone(),
    }
}

/// Headings as a line of CSV.
fn written(headings: &[String]) -> String {
    let mut line = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and what was read as text is text.
    let _ = line.write_record(headings);
    let bytes = line.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

fn tell(fault: &Fault) -> ToldFault {
    ToldFault {
        line: fault.place.line,
        column: fault.place.column.clone(),
        reason: fault.kind.to_string(),
        fix: fault.kind.fix().to_owned(),
    }
}

#[cfg(test)]
mod tests;
