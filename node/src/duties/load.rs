//! Loads extracts: each recognised by its headings, good rows taken on the analyst's word, bad rows kept apart.

mod aside;
pub(super) mod fault;
mod given;
mod once;
mod report;
mod taking;

use tenfold_store::{Account, Role, acts};

pub use given::{Content, GivenFile, LoadRequest};
pub use report::{LoadReport, Outcome, ToldFault, ToldQuery};

use super::{DutyError, Node, require, settle};
use crate::{register::SourceKind, store};

use taking::Taker;

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
    let mappings = node.mappings()?;
    let result = node.store.write(|connection| -> Result<Vec<LoadReport>, Ended> {
        // The register is read, matched against and written: the next load waits until this one has ended.
        acts::take_turn(connection)?;
        let mentions = settle::open(connection)?;
        let mut taker =
            Taker { mentions, mappings: &mappings, request, by: &by.name, now, spoken_of: Vec::new() };
        let mut reports = Vec::new();
        for file in files {
            taker.file(connection, file, &mut reports, &mut progress)?;
        }
        let Taker { mentions, spoken_of, .. } = taker;
        let newest = reports.iter().filter_map(|report| report.load).max();
        if newest.is_some() {
            let standing = settle::settle(connection, mentions, newest, now)?;
            if once::is_concerned(connection)? {
                once::tell_conflicts(connection, &mut reports)?;
            }
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

#[cfg(test)]
mod tests;
