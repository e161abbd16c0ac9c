//! What a reading comes to: how many rows, and what each column holds, for the data-quality report.
//!
//! # Privacy
//! Least and greatest values are kept for dates and numbers only; of everything else just how many differ.

use std::{
    collections::HashSet,
    fmt,
    hash::{BuildHasher, RandomState},
};

use chrono::NaiveDate;
use serde::Serialize;

use crate::intake::field::{Field, SLOTS};

/// Beyond this many different values a column is no list of codes, and counting ends.
const MOST_DISTINCT: usize = 1_000;

/// What was read of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Rows with anything in them.
    pub rows: u64,
    /// Of these, rows that cannot be taken.
    pub faulty: u64,
    /// Of these, good rows with a question.
    pub queried: u64,
    /// Rows without anything in them; passed over.
    pub blank: u64,
    /// Columns that the mapping does not name; they are not read.
    pub ignored: Vec<String>,
    /// What else the analyst should know of the file: hidden rows, sheets left out.
    pub notes: Vec<String>,
    /// What stands in each column that was read.
    pub columns: Vec<ColumnSummary>,
}

/// What stands in one column; `Debug` shows no value of it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ColumnSummary {
    /// Its heading in the mapping.
    pub heading: String,
    /// What it means.
    pub field: Field,
    /// Rows that fill it.
    pub filled: u64,
    /// How many different values stand in it; nothing where there are more than a thousand.
    pub distinct: Option<u64>,
    /// The least date or number.
    pub least: Option<String>,
    /// The greatest date or number.
    pub greatest: Option<String>,
}

impl fmt::Debug for ColumnSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} filled {} times", self.field, self.filled)
    }
}

/// Counts what stands in the columns while rows are read.
pub(crate) struct Tally {
    columns: [Column; SLOTS],
    hasher: RandomState,
}

#[derive(Clone, Default)]
struct Column {
    filled: u64,
    distinct: HashSet<u64>,
    many: bool,
    days: Option<(NaiveDate, NaiveDate)>,
    numbers: Option<(u32, u32)>,
}

fn widen<T: Ord + Copy>(range: &mut Option<(T, T)>, value: T) {
    *range = Some(range.map_or((value, value), |(least, most)| (least.min(value), most.max(value))));
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self { columns: std::array::from_fn(|_| Column::default()), hasher: RandomState::new() }
    }

    pub(crate) fn filled(&mut self, slot: usize, text: &str) {
        let column = &mut self.columns[slot];
        column.filled += 1;
        if !column.many {
            column.distinct.insert(self.hasher.hash_one(text));
            column.many = column.distinct.len() > MOST_DISTINCT;
        }
    }

    pub(crate) fn day(&mut self, field: Field, day: NaiveDate) {
        widen(&mut self.columns[field.slot()].days, day);
    }

    pub(crate) fn number(&mut self, field: Field, number: u32) {
        widen(&mut self.columns[field.slot()].numbers, number);
    }

    pub(crate) fn column(&self, heading: &str, field: Field) -> ColumnSummary {
        let column = &self.columns[field.slot()];
        let days = column.days.map(|(least, most)| (least.to_string(), most.to_string()));
        let numbers = column.numbers.map(|(least, most)| (least.to_string(), most.to_string()));
        let (least, greatest) = days.or(numbers).unzip();
        ColumnSummary {
            heading: heading.to_owned(),
            field,
            filled: column.filled,
            distinct: (!column.many).then_some(column.distinct.len() as u64),
            least,
            greatest,
        }
    }
}
