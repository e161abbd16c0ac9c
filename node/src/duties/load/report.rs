//! What became of files, in words for the analyst's screen.

use std::fmt;

use serde::Serialize;

use crate::intake::{Fault, FileFaults, query::Query, summary::ColumnSummary};

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its good rows were taken.
    Loaded,
    /// It would be taken; nothing was changed.
    WouldLoad,
    /// It was taken before and is taken once: nothing was changed.
    TakenBefore,
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
    pub(super) fn refused(file: &str, recognised_as: Option<String>, file_faults: Vec<String>) -> Self {
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
}

pub(super) fn told_file(faults: &FileFaults) -> Vec<String> {
    faults.0.iter().map(ToString::to_string).collect()
}

pub(super) fn tell_query(query: &Query) -> ToldQuery {
    ToldQuery {
        line: query.place.line,
        column: query.place.column.clone(),
        rule: query.rule.to_owned(),
        question: query.question.clone(),
    }
}

pub(super) fn tell(fault: &Fault) -> ToldFault {
    ToldFault {
        line: fault.place.line,
        column: fault.place.column.clone(),
        reason: fault.kind.to_string(),
        fix: fault.kind.fix().to_owned(),
    }
}
