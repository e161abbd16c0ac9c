//! What a return must satisfy before anybody signs it; noise is allowed for, and only noise.

use serde::Serialize;
use tenfold_common::statistics::Estimate;

use super::{Return, ReturnRow};

/// One check and how it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is checked.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was found.
    pub found: String,
}

/// How many standard errors a difference may lie on the wrong side of zero and still be called noise. With some
/// twenty comparisons a return, a sound one fails once in about 1,500.
const NOISE: f64 = 4.0;

/// Every check of a return.
pub fn checks(of: &Return) -> Vec<Check> {
    vec![complete(of), parts_add_up(of), attached_cover_results(of), region_is_the_sum(of)]
}

fn check(name: &str, faults: Vec<String>, otherwise: &str) -> Check {
    let holds = faults.is_empty();
    let found = if holds { otherwise.to_owned() } else { faults.join("; ") };
    Check { name: name.to_owned(), holds, found }
}

fn boroughs(of: &Return) -> impl Iterator<Item = &ReturnRow> {
    of.rows.iter().take(of.rows.len().saturating_sub(1))
}

fn complete(of: &Return) -> Check {
    let missing = boroughs(of).filter(|row| row.attached_in_quarter.is_none());
    let faults = missing.map(|row| format!("{} is {}", row.area_name, row.status)).collect();
    check("Every borough is present", faults, "all are")
}

fn parts_add_up(of: &Return) -> Check {
    let faults = of.rows.iter().filter_map(|row| {
        let parts = row.progress_to_date?.value + row.employment_to_date?.value;
        let off = (row.results_to_date?.value - parts).abs();
        (off > 1e-6).then(|| format!("{}: results and their two kinds differ by {off:.6}", row.area_name))
    });
    check("Results are progress and employment together", faults.collect(), "exactly, in every row")
}

fn attached_cover_results(of: &Return) -> Check {
    let faults = of.rows.iter().filter_map(|row| {
        let (attached, results) = (row.attached_to_date?, row.results_to_date?);
        let difference = Estimate {
            value: attached.value - results.value,
            variance: attached.variance + results.variance,
        };
        (difference.value < -NOISE * difference.standard_error())
            .then(|| format!("{}: more results than families attached, beyond noise", row.area_name))
    });
    check("No more results than families attached", faults.collect(), "within noise, in every row")
}

fn region_is_the_sum(of: &Return) -> Check {
    let Some(region) = of.rows.last() else { return check("The region is the sum", Vec::new(), "no rows") };
    type Cell = fn(&ReturnRow) -> Option<Estimate>;
    let sum = |cell: Cell| -> f64 { boroughs(of).filter_map(cell).map(|estimate| estimate.value).sum() };
    let cells: [(&str, Cell); 2] =
        [("attached", |row| row.attached_to_date), ("results", |row| row.results_to_date)];
    let faults = cells.into_iter().filter_map(|(name, cell)| {
        let off = (cell(region)?.value - sum(cell)).abs();
        (off > 1e-6).then(|| format!("{name} to date differ by {off:.6}"))
    });
    check("The region is the sum of its boroughs", faults.collect(), "exactly")
}
