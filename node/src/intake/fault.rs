//! What is wrong with a row or a file: the place, the reason, and what to do about it.
//!
//! # Privacy
//! A reason may quote what stands in the file. It is for the analyst's screen and the quarantine only;
//! `Debug` shows place and kind and nothing else.

mod file;

use std::fmt;

pub use file::{FileFault, FileFaults};

use crate::intake::date::DateFormat;

/// Where in a file something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line on which the row begins, the headings being line 1.
    pub line: u64,
    /// The column's heading, where one column is meant.
    pub column: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        match &self.column {
            Some(column) => write!(f, ", column {column}"),
            None => Ok(()),
        }
    }
}

/// One thing wrong with one row; the row goes to quarantine.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: FaultKind,
    /// The whole row as it stands in the file.
    pub raw: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. Fix: {}.", self.place, self.kind, self.kind.fix())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind.word(), self.place)
    }
}

/// What is wrong with a row. Each must be mended before the row is taken.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The row has too few or too many cells.
    #[error("the row has {found} cells, expected {expected} as in the headings")]
    Cells {
        /// How many it has.
        found: usize,
        /// How many the headings have.
        expected: usize,
    },
    /// A cell that must be filled is blank.
    #[error("the cell is blank, expected a value")]
    Blank,
    /// The text has not the shape of a date.
    #[error("{found:?} is not a date, expected one written like {expected}")]
    NotADate {
        /// What stands there.
        found: String,
        /// Examples of what would be read.
        expected: String,
    },
    /// The calendar has no such day.
    #[error("{found:?} is no day of the calendar, expected a day from 1900 to 2099")]
    ImpossibleDate {
        /// What stands there.
        found: String,
    },
    /// The text is not a whole number.
    #[error("{found:?} is not a whole number, expected digits only")]
    NotANumber {
        /// What stands there.
        found: String,
    },
    /// The cell is no amount of money.
    #[error("{found:?} is not an amount, expected pounds and pence such as 800 or £1,200.50")]
    NotPounds {
        /// What stands there.
        found: String,
    },
    /// The code is not in the mapping's list.
    #[error("{found:?} is not a known code, expected one of {expected}")]
    UnknownCode {
        /// What stands there.
        found: String,
        /// The codes of the list.
        expected: String,
    },
    /// An identifier's check fails.
    #[error("{found:?} is {reason}")]
    BadIdentifier {
        /// What stands there.
        found: String,
        /// What kind of identifier was expected and why this is none.
        reason: String,
    },
    /// Something ends before it begins.
    #[error("the last day {to} lies before the first day {from}, expected it on or after")]
    EndsFirst {
        /// The first day, as written in the register.
        from: String,
        /// The last day.
        to: String,
    },
    /// More sessions under one code than were possible.
    #[error("{sessions} sessions under one code, expected no more than the {possible} possible")]
    TooManySessions {
        /// How many.
        sessions: u32,
        /// How many were possible.
        possible: u32,
    },
    /// A year of two digits.
    #[error("{found:?} has a year of two digits, expected four")]
    ShortYear {
        /// What stands there.
        found: String,
    },
    /// A day as spreadsheets count it.
    #[error("{found:?} is a spreadsheet's number of a day, expected a date")]
    DayNumber {
        /// What stands there.
        found: String,
    },
    /// A number that a spreadsheet has shortened.
    #[error("{found:?} is a number that a spreadsheet has rounded, expected every digit")]
    Rounded {
        /// What stands there.
        found: String,
    },
    /// A formula that failed.
    #[error("{found:?} is the error of a formula, expected a value")]
    FormulaError {
        /// What stands there.
        found: String,
    },
    /// Several people in one cell.
    #[error("{found:?} seems to be several people, expected one a row")]
    SeveralPeople {
        /// What stands there.
        found: String,
    },
    /// A birth date after the day of the data.
    #[error(
        "{found:?} lies after {as_of}, the day the data are current as of, expected a birth date before it"
    )]
    NotYetBorn {
        /// What stands there.
        found: String,
        /// The day the data are as of.
        as_of: String,
    },
    /// A total under the rows.
    #[error("the row is a total, expected a record")]
    Total,
    /// One filled cell in a row of many: a footer or a note.
    #[error("only one cell of the row is filled, expected a record")]
    Stray,
    /// The headings once more.
    #[error("the row repeats the headings, expected a record")]
    HeadingsAgain,
    /// Nothing tells whose row it is.
    #[error("nothing says whose row this is, expected {expected}")]
    Nobody {
        /// What would do.
        expected: String,
    },
}

impl FaultKind {
    /// What the analyst can do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Cells { .. } => {
                "look for a comma or line break inside a cell without quotation marks, or a row cut short, and export again"
            }
            Self::Blank => "fill it in the source system and export again",
            Self::NotADate { .. } => {
                "correct the date in the source system, or add its format to the mapping if the whole column is written so"
            }
            Self::ImpossibleDate { .. } => "correct the date in the source system and export again",
            Self::NotPounds { .. } => "write the amount in pounds, with pence after a point, and load again",
            Self::NotANumber { .. } => "correct the number in the source system and export again",
            Self::UnknownCode { .. } => {
                "correct it in the source system, or add the code to the mapping if it is a new one"
            }
            Self::BadIdentifier { .. } => {
                "check the identifier for a slip; leave the cell blank if it is not known"
            }
            Self::EndsFirst { .. } => "correct whichever of the two dates is wrong and export again",
            Self::TooManySessions { .. } => "check both numbers with the school and export again",
            Self::ShortYear { .. } => {
                "write the year in full in the export, or add dd/mm/yy to the mapping's date formats if the whole column is written so"
            }
            Self::DayNumber { .. } => "format the column as a date, save and export again",
            Self::Rounded { .. } => {
                "export straight to CSV or format the column as text before the numbers are put in; the digits that are lost cannot be made good"
            }
            Self::FormulaError { .. } => "mend the formula, or put its value in its place",
            Self::SeveralPeople { .. } => "give each person a row of their own",
            Self::NotYetBorn { .. } => {
                "correct the date in the source system; of a child not yet born leave it blank"
            }
            Self::Total | Self::Stray | Self::HeadingsAgain => {
                "delete the row; only records stand under the headings"
            }
            Self::Nobody { .. } => "fill one of them in the source system and export again",
        }
    }

    /// One stable word for the kind, without any value.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Cells { .. } => "cells",
            Self::Blank => "blank",
            Self::NotADate { .. } => "not-a-date",
            Self::ImpossibleDate { .. } => "impossible-date",
            Self::NotANumber { .. } => "not-a-number",
            Self::NotPounds { .. } => "not-pounds",
            Self::UnknownCode { .. } => "unknown-code",
            Self::BadIdentifier { .. } => "bad-identifier",
            Self::EndsFirst { .. } => "ends-first",
            Self::TooManySessions { .. } => "too-many-sessions",
            Self::ShortYear { .. } => "short-year",
            Self::DayNumber { .. } => "day-number",
            Self::Rounded { .. } => "rounded",
            Self::FormulaError { .. } => "formula-error",
            Self::SeveralPeople { .. } => "several-people",
            Self::NotYetBorn { .. } => "not-yet-born",
            Self::Total => "total",
            Self::Stray => "stray",
            Self::HeadingsAgain => "headings-again",
            Self::Nobody { .. } => "nobody",
        }
    }
}

impl fmt::Debug for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Examples of dates in these formats.
pub(crate) fn examples(formats: &[DateFormat]) -> String {
    let examples: Vec<String> = formats.iter().map(ToString::to_string).collect();
    examples.join(" or ")
}
