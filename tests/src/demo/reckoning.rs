//! The reckoning: the region's figures beside the generator's truth, and everything that must verify.
//!
//! The truth is read from the generator's own files, never from a node or the aggregator.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Deserialize;
use tenfold_aggregator::combine::ListedFigure;
use tenfold_common::{
    calendar::Quarter,
    geography::{self, REGION_CODE, REGION_NAME},
    privacy::policy::{ATTACHED, PROBLEM, PROGRESS, RESULT, RESULT_TYPE},
    statistics::Z_95,
};

use super::{
    cast::{Cast, in_parallel},
    first_quarter,
    stage::Stage,
};

/// A figure further from the truth than this many standard errors is a fault, not bad luck: among some 2,500
/// figures a correct program passes it less than once in a million runs.
const FARTHEST: f64 = 6.5;

/// One quarter of `truth.csv`.
#[derive(Debug, Deserialize)]
struct Truth {
    borough: String,
    quarter: Quarter,
    attached: i64,
    results: i64,
    results_by_progress: i64,
    results_by_employment: i64,
    attached_problem_1: i64,
    attached_problem_2: i64,
    attached_problem_3: i64,
    attached_problem_4: i64,
    attached_problem_5: i64,
    attached_problem_6: i64,
}

impl Truth {
    /// The truths of this quarter by measure and breakdown.
    fn cells(&self, problems: &[String]) -> Vec<((String, String), i64)> {
        let key = |measure: &str, breakdown: String| (measure.to_owned(), breakdown);
        let mut cells = vec![
            (key(ATTACHED, "total".into()), self.attached),
            (key(RESULT, "total".into()), self.results),
            (key(RESULT, format!("{RESULT_TYPE}:{PROGRESS}")), self.results_by_progress),
            (key(RESULT, format!("{RESULT_TYPE}:not {PROGRESS}")), self.results_by_employment),
        ];
        let of_problems = [
            self.attached_problem_1,
            self.attached_problem_2,
            self.attached_problem_3,
            self.attached_problem_4,
            self.attached_problem_5,
            self.attached_problem_6,
        ];
        let named = problems.iter().zip(of_problems);
        cells.extend(named.map(|(name, count)| (key(ATTACHED, format!("{PROBLEM}:{name}")), count)));
        cells
    }
}

/// Area, measure, breakdown, quarter, to date.
type Key = (String, String, String, Quarter, bool);

/// What was reckoned.
pub(super) struct Reckoning {
    table: Table,
    /// Figures with a truth beside them.
    compared: usize,
    /// Intervals that miss.
    missed: usize,
    /// The farthest figure and how many standard errors it lies off.
    farthest: (String, f64),
    /// What does not verify.
    faults: Vec<String>,
    checked: String,
}

/// Compares every figure with the truth and verifies everything offline.
pub(super) fn reckon(stage: &Stage, _: &Cast) -> anyhow::Result<Reckoning> {
    let figures: Vec<ListedFigure> = serde_json::from_str(&stage.region(&["figures"])?)?;
    let truths = truths(stage)?;
    let (mut compared, mut missed, mut farthest) = (0, 0, (String::new(), 0.0));
    for figure in &figures {
        let Some(&truth) = truths.get(&key(figure)) else { continue };
        let z = (figure.estimate - truth as f64) / figure.standard_error;
        compared += 1;
        missed += usize::from(z.abs() > Z_95);
        if z.abs() > f64::abs(farthest.1) {
            let to = if figure.to_date { "to " } else { "" };
            let name =
                format!("{} {} {} {to}{}", figure.area, figure.measure, figure.breakdown, figure.quarter);
            farthest = (name, z);
        }
    }
    let (faults, checked) = verify(stage)?;
    Ok(Reckoning { table: table(stage, &figures, &truths), compared, missed, farthest, faults, checked })
}

fn key(figure: &ListedFigure) -> Key {
    let area = figure.area.clone();
    (area, figure.measure.clone(), figure.breakdown.clone(), figure.quarter, figure.to_date)
}

fn truths(stage: &Stage) -> anyhow::Result<BTreeMap<Key, i64>> {
    let problems = tenfold_common::framework::Framework::shipped().problem_labels();
    let mut truths = BTreeMap::new();
    for borough in geography::boroughs() {
        let path = stage.extracts(borough).join("truth.csv");
        let mut rows = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
        for row in rows.deserialize() {
            let truth: Truth = row?;
            for ((measure, breakdown), count) in truth.cells(&problems) {
                for area in [truth.borough.clone(), REGION_CODE.to_owned()] {
                    let key = (area, measure.clone(), breakdown.clone(), truth.quarter, false);
                    *truths.entry(key).or_insert(0) += count;
                }
            }
        }
    }
    let quarterly: Vec<(Key, i64)> = truths.iter().map(|(key, count)| (key.clone(), *count)).collect();
    for ((area, measure, breakdown, quarter, _), count) in quarterly {
        let last = first_quarter().plus(stage.quarters as i32 - 1);
        let mut later = quarter;
        while later <= last {
            let key = (area.clone(), measure.clone(), breakdown.clone(), later, true);
            *truths.entry(key).or_insert(0) += count;
            later = later.next();
        }
    }
    Ok(truths)
}

fn table(stage: &Stage, figures: &[ListedFigure], truths: &BTreeMap<Key, i64>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(["To date", "Attached", "95 % interval", "Truth", "Results", "95 % interval", "Truth"]);
    let last = first_quarter().plus(stage.quarters as i32 - 1);
    let boroughs =
        geography::boroughs().iter().map(|borough| (borough.code.to_string(), borough.name.as_str()));
    for (area, name) in std::iter::once((REGION_CODE.to_owned(), REGION_NAME)).chain(boroughs) {
        let mut row = vec![name.to_owned()];
        for measure in [ATTACHED, RESULT] {
            let key: Key = (area.clone(), measure.to_owned(), "total".to_owned(), last, true);
            let truth = truths.get(&key).copied().unwrap_or_default();
            let figure = figures.iter().find(|figure| self::key(figure) == key);
            row.extend(match figure {
                None => ["missing".to_owned(), String::new(), truth.to_string()],
                Some(figure) => {
                    let half = Z_95 * figure.standard_error;
                    let mark = if (figure.estimate - truth as f64).abs() > half { " ✗" } else { "" };
                    [
                        format!("{:.0}", figure.estimate),
                        format!("{:.0} to {:.0}", figure.estimate - half, figure.estimate + half),
                        format!("{truth}{mark}"),
                    ]
                }
            });
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// What the programs themselves say of their books.
fn verify(stage: &Stage) -> anyhow::Result<(Vec<String>, String)> {
    #[derive(Deserialize)]
    struct Books {
        releases: usize,
        receipts: usize,
    }
    let faults = std::sync::Mutex::new(Vec::new());
    let receipts = std::sync::atomic::AtomicUsize::new(0);
    let fault = |text: String| {
        if let Ok(mut faults) = faults.lock() {
            faults.push(text);
        }
    };
    in_parallel(|borough| {
        match stage.node(borough, &["ledger", "verify", "--json"]) {
            Err(error) => fault(format!("{}: {error}", borough.name)),
            Ok(text) => {
                let books: Books = serde_json::from_str(&text)?;
                receipts.fetch_add(books.receipts, std::sync::atomic::Ordering::SeqCst);
                if books.releases != stage.quarters || books.receipts != books.releases {
                    let Books { releases, receipts } = books;
                    fault(format!("{}: {releases} releases with {receipts} receipts", borough.name));
                }
            }
        }
        Ok(())
    })?;
    if let Err(error) = stage.region(&["verify"]) {
        fault(format!("the aggregator: {error}"));
    }
    let last = first_quarter().plus(stage.quarters as i32 - 1).to_string();
    let out = stage.folder.join("return").to_string_lossy().into_owned();
    if let Err(error) = stage.region(&["return", &last, "--out", &out]) {
        fault(format!("the return: {error}"));
    }
    let checked = format!(
        "{} receipts verified offline, ten ledgers and the aggregator's log sound, the return of {last} written to {out}",
        receipts.into_inner()
    );
    Ok((faults.into_inner().unwrap_or_default(), checked))
}

impl Reckoning {
    /// Prints the table and what was found.
    pub(super) fn print(&self) {
        println!("\n{}", self.table);
        let expected = self.compared as f64 * 0.05;
        println!(
            "{} of {} intervals miss the truth, {expected:.0} expected (quarters and totals to date, \
             borough by borough and for the region; the errors of one borough are not independent).",
            self.missed, self.compared
        );
        println!("Farthest from the truth: {}, {:+.2} standard errors.", self.farthest.0, self.farthest.1);
        println!("{}.", self.checked);
        for fault in &self.faults {
            println!("FAULT: {fault}");
        }
    }

    /// Fails where anything does not verify.
    pub(super) fn judge(&self) -> anyhow::Result<()> {
        ensure!(self.faults.is_empty(), "{} checks failed", self.faults.len());
        ensure!(self.compared > 0, "no figure could be compared with the truth");
        ensure!(
            self.farthest.1.abs() <= FARTHEST,
            "{} lies {:+.2} standard errors from the truth, at most {FARTHEST} are bad luck",
            self.farthest.0,
            self.farthest.1
        );
        Ok(())
    }
}
