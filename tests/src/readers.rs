//! Extracts that the readers must stand: one of each shipped mapping, as text and as a workbook, and ways to spoil them.

mod corpus;
mod spoiling;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use chrono::NaiveDate;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tenfold_node::{
    intake::{Extract, Mapping, ReadContext, recognise},
    register::Days,
};

pub use corpus::{Example, corpus};
pub use spoiling::spoil;

/// What the readers made of spoilt extracts.
#[derive(Debug, Default)]
pub struct Fuzzed {
    /// How many were read.
    pub runs: u64,
    /// How many of them were workbooks.
    pub workbooks: u64,
    /// How many opened as tables.
    pub opened: u64,
    /// Rows that became records.
    pub records: u64,
    /// How often each answer was given: file faults, row faults and query rules.
    pub answers: BTreeMap<String, u64>,
    /// The runs that ended in a panic, with what was read.
    pub panics: Vec<(u64, Vec<u8>)>,
}

/// Reads one file as a borough would: every table by its own mapping, or by the one it was made for.
pub fn read(bytes: &[u8], made_for: &Mapping, fuzzed: &mut Fuzzed) {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    let covers = day(2015, 4, 1).zip(day(2015, 9, 30)).map(|(from, to)| Days { from, to });
    let context = ReadContext { as_of: day(2015, 10, 1), covers };
    let mut answer = |word: String| *fuzzed.answers.entry(word).or_default() += 1;
    let tables = match Extract::from_bytes(bytes) {
        Ok(tables) => tables,
        Err(faults) => return faults.0.iter().for_each(|fault| answer(word(fault))),
    };
    fuzzed.opened += 1;
    for table in &tables {
        let mapping = recognise(table.headings(), Mapping::shipped()).unwrap_or(made_for);
        match table.read_whole(mapping, context) {
            Ok(reading) => {
                fuzzed.records += reading.rows.len() as u64;
                reading.faults.iter().for_each(|fault| answer(format!("row: {}", fault.kind.word())));
                reading.queries.iter().for_each(|query| answer(format!("query: {}", query.rule)));
                // Whoever shows them must be able to.
                let told = reading.faults.iter().map(|fault| fault.to_string().len()).sum::<usize>();
                answer(if told > 0 { "read with faults" } else { "read" }.to_owned());
            }
            Err(faults) => faults.0.iter().for_each(|fault| answer(word(fault))),
        }
    }
}

fn word(fault: &tenfold_node::intake::FileFault) -> String {
    let debug = format!("{fault:?}");
    let end = debug.find([' ', '{', '(']).unwrap_or(debug.len());
    format!("file: {}", &debug[..end])
}

/// Reads so many spoilt extracts; what run `n` reads follows from the seed and `n` alone.
pub fn fuzz(first: u64, runs: u64, seed: u64, mut each: impl FnMut(&Fuzzed)) -> anyhow::Result<Fuzzed> {
    let corpus = corpus()?;
    let mut fuzzed = Fuzzed::default();
    for run in first..first + runs {
        let mut dice = ChaCha8Rng::seed_from_u64(seed ^ run.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (example, bytes) = spoil(&corpus, &mut dice)?;
        fuzzed.workbooks += u64::from(bytes.starts_with(b"PK"));
        if catch_unwind(AssertUnwindSafe(|| read(&bytes, example.mapping, &mut fuzzed))).is_err() {
            fuzzed.panics.push((run, bytes));
        }
        fuzzed.runs += 1;
        each(&fuzzed);
    }
    Ok(fuzzed)
}
