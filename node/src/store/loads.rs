//! Sharing agreements, loads and quarantine in the database.

use std::fmt;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{agreement, load, quarantine_row};
use crate::{
    intake::Fault,
    register::{Coverage, Days, SourceKind},
};

/// A load as it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = load)]
pub struct Load {
    /// Its number.
    pub id: i64,
    /// Name of the mapping.
    pub mapping: String,
    /// Kind of source.
    pub source: String,
    /// The file's name as given.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_sha256: String,
    /// The sharing agreement in force.
    pub agreement: String,
    /// Whose person numbers hold whatever names say: a case system, or empty.
    pub authority: String,
    /// The line of headings as it stands in the file.
    pub headings: String,
    /// What part of the borough it covers; empty for all of it.
    pub area: String,
    /// The day the data are current as of.
    pub as_of: NaiveDate,
    /// First day covered.
    pub covers_from: NaiveDate,
    /// Last day covered.
    pub covers_to: NaiveDate,
    /// When, in UTC.
    pub loaded_at: ColumnTime,
    /// By whom.
    pub loaded_by: String,
    /// Rows taken.
    pub rows_taken: i64,
    /// Rows taken that mean nobody of the register.
    pub rows_unmatched: i64,
    /// Rows that were put into quarantine.
    pub rows_quarantined: i64,
    /// What stood in each column, JSON.
    #[serde(skip)]
    pub quality: String,
    /// The load whose quarantine it mends.
    pub mends: Option<i64>,
    /// 1 where it answers a check list: it speaks of the people on the list and covers no days for others.
    pub answers: i32,
    /// When it was undone, in UTC.
    pub undone_at: Option<ColumnTime>,
    /// By whom.
    pub undone_by: Option<String>,
}

/// What is loaded from one kind of source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceState {
    /// The kind of source.
    pub source: String,
    /// The agreement's reference; empty where none is recorded.
    pub agreement: String,
    /// Rows taken over all loads.
    pub rows: i64,
    /// Rows that wait in quarantine, over all loads.
    pub quarantined: i64,
    /// First and last day covered by any load; gaps between them stay gaps in the verdicts.
    pub covers: Option<(NaiveDate, NaiveDate)>,
    /// The newest as-of date.
    pub as_of: Option<NaiveDate>,
    /// The newest load's number.
    pub newest: Option<i64>,
}

/// A fault as it is kept; for the analyst's screen, so `Debug` shows its place only.
#[derive(Clone, PartialEq, Eq, diesel::Queryable)]
pub struct KeptFault {
    /// Line in the file.
    pub line: i64,
    /// The column's heading, or empty.
    pub column: String,
    /// What was wrong and expected.
    pub reason: String,
    /// What to do.
    pub fix: String,
    /// The row as it stands in the file.
    pub raw: String,
    /// The load that brought the row again.
    pub mended_by: Option<i64>,
}

impl fmt::Debug for KeptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a fault on line {}", self.line)
    }
}

/// Records a sharing agreement, replacing an earlier one of the same source.
///
/// # Errors
/// Where the database refuses.
pub fn record_agreement(
    connection: &mut AnyConnection,
    source: SourceKind,
    reference: &str,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::delete(agreement::table.find(source.as_str())).execute(connection)?;
    diesel::insert_into(agreement::table)
        .values((
            agreement::source.eq(source.as_str()),
            agreement::reference.eq(reference),
            agreement::recorded_at.eq(now.naive()),
            agreement::recorded_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// The reference of the agreement under which a source may be loaded.
///
/// # Errors
/// Where the database cannot be read.
pub fn agreement_for(
    connection: &mut AnyConnection,
    source: SourceKind,
) -> Result<Option<String>, StoreError> {
    Ok(agreement::table.find(source.as_str()).select(agreement::reference).first(connection).optional()?)
}

/// The number the next load gets.
///
/// # Errors
/// Where the database cannot be read.
pub fn next_number(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let last: Option<i64> = load::table.select(diesel::dsl::max(load::id)).first(connection)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Keeps a load before its rows.
///
/// # Errors
/// Where the database refuses.
pub fn keep(connection: &mut AnyConnection, new: &Load) -> Result<(), StoreError> {
    diesel::insert_into(load::table).values(new).execute(connection)?;
    Ok(())
}

/// Writes how many rows a load took, how many went into quarantine, and what stood in the columns.
///
/// # Errors
/// Where the database refuses.
pub fn count(
    connection: &mut AnyConnection,
    id: i64,
    taken: u64,
    quarantined: u64,
    quality: &str,
) -> Result<(), StoreError> {
    let (taken, quarantined) = (taken.cast_signed(), quarantined.cast_signed());
    diesel::update(load::table.find(id))
        .set((load::rows_taken.eq(taken), load::rows_quarantined.eq(quarantined), load::quality.eq(quality)))
        .execute(connection)?;
    Ok(())
}

/// Writes how many of a load's rows are about nobody of a family here.
///
/// # Errors
/// Where the database refuses.
pub fn count_unmatched(connection: &mut AnyConnection, id: i64, unmatched: u64) -> Result<(), StoreError> {
    diesel::update(load::table.find(id))
        .set(load::rows_unmatched.eq(unmatched.cast_signed()))
        .execute(connection)?;
    Ok(())
}

/// Keeps faults with their rows, numbered after `before`.
///
/// # Errors
/// Where the database refuses.
pub fn quarantine(
    connection: &mut AnyConnection,
    id: i64,
    before: i64,
    faults: &[Fault],
) -> Result<(), StoreError> {
    let rows: Vec<_> = (before + 1..)
        .zip(faults)
        .map(|(number, fault)| {
            (
                quarantine_row::load.eq(id),
                quarantine_row::number.eq(number),
                quarantine_row::line.eq(fault.place.line.cast_signed()),
                quarantine_row::column_name.eq(fault.place.column.clone().unwrap_or_default()),
                quarantine_row::reason.eq(fault.kind.to_string()),
                quarantine_row::fix.eq(fault.kind.fix()),
                quarantine_row::raw.eq(&fault.raw),
            )
        })
        .collect();
    super::bulk::insert!(connection, quarantine_row::table, &rows);
    Ok(())
}

/// Notes that what a load left in quarantine came again with another.
///
/// # Errors
/// Where the database refuses.
pub fn mend(connection: &mut AnyConnection, id: i64, mended_by: i64) -> Result<(), StoreError> {
    diesel::update(quarantine_row::table.filter(quarantine_row::load.eq(id)))
        .filter(quarantine_row::mended_by.is_null())
        .set(quarantine_row::mended_by.eq(mended_by))
        .execute(connection)?;
    Ok(())
}

/// Marks a load as undone; what it mended waits again.
///
/// # Errors
/// Where the database refuses.
pub fn undo(connection: &mut AnyConnection, id: i64, by: &str, now: Moment) -> Result<(), StoreError> {
    diesel::update(load::table.find(id))
        .set((load::undone_at.eq(now.naive()), load::undone_by.eq(by)))
        .execute(connection)?;
    diesel::update(quarantine_row::table.filter(quarantine_row::mended_by.eq(id)))
        .set(quarantine_row::mended_by.eq(None::<i64>))
        .execute(connection)?;
    Ok(())
}

/// How many rows of a load still wait in quarantine.
///
/// # Errors
/// Where the database cannot be read.
pub fn waiting(connection: &mut AnyConnection, id: i64) -> Result<i64, StoreError> {
    let waiting =
        quarantine_row::table.filter(quarantine_row::load.eq(id)).filter(quarantine_row::mended_by.is_null());
    let lines: Vec<i64> = waiting.select(quarantine_row::line).distinct().load(connection)?;
    Ok(lines.len() as i64)
}

/// A load by its number.
///
/// # Errors
/// Where the database cannot be read.
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<Option<Load>, StoreError> {
    Ok(load::table.find(id).first(connection).optional()?)
}

/// The faults of a load, by line.
///
/// # Errors
/// Where the database cannot be read.
pub fn faults(connection: &mut AnyConnection, id: i64) -> Result<Vec<KeptFault>, StoreError> {
    Ok(quarantine_row::table
        .filter(quarantine_row::load.eq(id))
        .order(quarantine_row::number.asc())
        .select((
            quarantine_row::line,
            quarantine_row::column_name,
            quarantine_row::reason,
            quarantine_row::fix,
            quarantine_row::raw,
            quarantine_row::mended_by,
        ))
        .load(connection)?)
}

/// Every fault of every load: load, number, the row as it stands in the file.
///
/// # Errors
/// Where the database cannot be read.
pub fn all_faults(connection: &mut AnyConnection) -> Result<Vec<(i64, i64, String)>, StoreError> {
    Ok(quarantine_row::table
        .order((quarantine_row::load.asc(), quarantine_row::number.asc()))
        .select((quarantine_row::load, quarantine_row::number, quarantine_row::raw))
        .load(connection)?)
}

/// Deletes a fault with its row.
///
/// # Errors
/// Where the database refuses.
pub fn erase_fault(connection: &mut AnyConnection, load: i64, number: i64) -> Result<(), StoreError> {
    diesel::delete(quarantine_row::table.find((load, number))).execute(connection)?;
    Ok(())
}

/// The days each kind of source covers, over all loads.
///
/// # Errors
/// Where the database cannot be read.
pub fn coverage(connection: &mut AnyConnection) -> Result<Coverage, StoreError> {
    let mut coverage = Coverage::default();
    for loaded in standing(connection)?.into_iter().filter(|loaded| loaded.answers == 0) {
        if let Some(kind) = SourceKind::from_word(&loaded.source) {
            let days = Days { from: loaded.covers_from, to: loaded.covers_to };
            coverage.0.entry(kind).or_default().push(days);
        }
    }
    Ok(coverage)
}

/// What is loaded, for every kind of source.
///
/// # Errors
/// Where the database cannot be read.
pub fn sources(connection: &mut AnyConnection) -> Result<Vec<SourceState>, StoreError> {
    let loads = standing(connection)?;
    let mut states = Vec::new();
    for &kind in SourceKind::ALL {
        let own: Vec<&Load> = loads.iter().filter(|loaded| loaded.source == kind.as_str()).collect();
        let covering = || own.iter().filter(|loaded| loaded.answers == 0);
        let from = covering().map(|loaded| loaded.covers_from).min();
        let to = covering().map(|loaded| loaded.covers_to).max();
        let mut quarantined = 0;
        for loaded in own.iter().filter(|loaded| loaded.rows_quarantined > 0) {
            quarantined += waiting(connection, loaded.id)?;
        }
        states.push(SourceState {
            source: kind.as_str().to_owned(),
            agreement: agreement_for(connection, kind)?.unwrap_or_default(),
            rows: own.iter().map(|loaded| loaded.rows_taken).sum(),
            quarantined,
            covers: from.zip(to),
            as_of: own.iter().map(|loaded| loaded.as_of).max(),
            newest: own.iter().map(|loaded| loaded.id).max(),
        });
    }
    Ok(states)
}

/// All loads, undone ones too, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Load>, StoreError> {
    Ok(load::table.order(load::id.asc()).load(connection)?)
}

/// The loads that were not undone, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn standing(connection: &mut AnyConnection) -> Result<Vec<Load>, StoreError> {
    Ok(load::table.filter(load::undone_at.is_null()).order(load::id.asc()).load(connection)?)
}
