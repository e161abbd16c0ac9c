//! The data-quality report: what each source covers and leaves open, how full its columns are, what they reach to.

use serde::{Deserialize, Serialize};

use super::{DutyError, Node};
use crate::{
    register::{Days, SourceKind},
    store::{self, loads::Load},
};

/// What stood in one column, over all loads of a mapping that stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnQuality {
    /// The mapping.
    pub mapping: String,
    /// The column's heading.
    pub heading: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that fill it.
    pub filled: u64,
    /// The least date or number.
    pub least: Option<String>,
    /// The greatest date or number.
    pub greatest: Option<String>,
}

/// How good the data of one source are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceQuality {
    /// The kind of source.
    pub source: String,
    /// The days it covers, joined where they touch.
    pub covered: Vec<Days>,
    /// Days between them that no load covers: silence there means nothing.
    pub gaps: Vec<Days>,
    /// Days that two loads or more cover.
    pub overlaps: Vec<Days>,
    /// Rows taken.
    pub rows: i64,
    /// Of these, rows about nobody of a family here, as counted when they were taken.
    pub unmatched: i64,
    /// Rows that wait in quarantine.
    pub quarantined: i64,
    /// Its columns.
    pub columns: Vec<ColumnQuality>,
}

/// The summary that a load keeps, as far as it is read here.
#[derive(Deserialize)]
struct Kept {
    rows: u64,
    columns: Vec<KeptColumn>,
}

#[derive(Deserialize)]
struct KeptColumn {
    heading: String,
    filled: u64,
    least: Option<String>,
    greatest: Option<String>,
}

/// The data-quality report, source by source; sources without a load are left out.
///
/// # Errors
/// Where the database cannot be read.
pub fn report(node: &Node) -> Result<Vec<SourceQuality>, DutyError> {
    node.store.read(|connection| {
        let loads = store::loads::standing(connection)?;
        let mut report = Vec::new();
        for &kind in SourceKind::ALL {
            let own: Vec<&Load> = loads.iter().filter(|load| load.source == kind.as_str()).collect();
            if own.is_empty() {
                continue;
            }
            let mut quarantined = 0;
            for load in own.iter().filter(|load| load.rows_quarantined > 0) {
                quarantined += store::loads::waiting(connection, load.id)?;
            }
            let days = own.iter().map(|load| Days { from: load.covers_from, to: load.covers_to }).collect();
            let (covered, gaps, overlaps) = spans(days);
            report.push(SourceQuality {
                source: kind.as_str().to_owned(),
                covered,
                gaps,
                overlaps,
                rows: own.iter().map(|load| load.rows_taken).sum(),
                unmatched: own.iter().map(|load| load.rows_unmatched).sum(),
                quarantined,
                columns: columns(&own),
            });
        }
        Ok(report)
    })
}

/// Days joined where they touch, the gaps between them, and what is covered twice.
fn spans(mut days: Vec<Days>) -> (Vec<Days>, Vec<Days>, Vec<Days>) {
    days.sort_unstable();
    let (mut covered, mut gaps, mut overlaps): (Vec<Days>, Vec<Days>, Vec<Days>) = Default::default();
    for next in days {
        let Some(last) = covered.last_mut() else {
            covered.push(next);
            continue;
        };
        if next.from <= last.to {
            overlaps.push(Days { from: next.from, to: next.to.min(last.to) });
        }
        let touches = last.to.succ_opt().is_none_or(|after| next.from <= after);
        if touches {
            last.to = last.to.max(next.to);
        } else {
            let from = last.to.succ_opt().unwrap_or(last.to);
            gaps.push(Days { from, to: next.from.pred_opt().unwrap_or(next.from) });
            covered.push(next);
        }
    }
    overlaps.dedup();
    (covered, gaps, overlaps)
}

fn columns(loads: &[&Load]) -> Vec<ColumnQuality> {
    let mut all: Vec<ColumnQuality> = Vec::new();
    for load in loads {
        let Ok(kept) = serde_json::from_str::<Kept>(&load.quality) else { continue };
        for column in kept.columns {
            let same =
                |known: &&mut ColumnQuality| known.mapping == load.mapping && known.heading == column.heading;
            match all.iter_mut().find(same) {
                Some(known) => {
                    known.rows += kept.rows;
                    known.filled += column.filled;
                    known.least = [known.least.take(), column.least].into_iter().flatten().min_by(reach);
                    known.greatest =
                        [known.greatest.take(), column.greatest].into_iter().flatten().max_by(reach);
                }
                None => all.push(ColumnQuality {
                    mapping: load.mapping.clone(),
                    heading: column.heading,
                    rows: kept.rows,
                    filled: column.filled,
                    least: column.least,
                    greatest: column.greatest,
                }),
            }
        }
    }
    all
}

/// Dates in their order as they are written, numbers as numbers.
fn reach(one: &String, other: &String) -> std::cmp::Ordering {
    match (one.parse::<u64>(), other.parse::<u64>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        _ => one.cmp(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn gaps_and_overlaps_are_told() {
        let (covered, gaps, overlaps) = spans(vec![
            days("2015-07-01", "2015-09-30"),
            days("2015-04-01", "2015-06-30"),
            days("2015-09-01", "2015-10-31"),
            days("2016-01-01", "2016-03-31"),
        ]);
        assert_eq!(covered, [days("2015-04-01", "2015-10-31"), days("2016-01-01", "2016-03-31")]);
        assert_eq!(gaps, [days("2015-11-01", "2015-12-31")]);
        assert_eq!(overlaps, [days("2015-09-01", "2015-09-30")]);
        assert_eq!(reach(&"9".to_owned(), &"10".to_owned()), std::cmp::Ordering::Less);
    }
}
