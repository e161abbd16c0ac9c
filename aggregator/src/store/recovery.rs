//! Whether the log is known to be incomplete, and what each borough showed that it knows of it.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use serde::Serialize;
use tenfold_common::{clock::Moment, geography::BoroughCode};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{recovery, witness};

/// Why nothing is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// Since when.
    pub since: Moment,
    /// How many entries it had once, as far as is remembered here; with fewer only a person lets it go on.
    pub had_size: u64,
    /// How many entries somebody showed to know of.
    pub known_size: u64,
    /// Whether a checkpoint that was signed here speaks of another history.
    pub forked: bool,
    /// Which borough showed it, or who restored a backup.
    pub told_by: String,
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = recovery)]
struct Row {
    id: i32,
    since: ColumnTime,
    had_size: i32,
    known_size: i32,
    forked: i32,
    told_by: String,
}

/// Why nothing is accepted; nothing where all is well.
///
/// # Errors
/// Where the database cannot be read.
pub fn find(connection: &mut AnyConnection) -> Result<Option<Recovery>, StoreError> {
    let row: Option<Row> = recovery::table.find(1).first(connection).optional()?;
    Ok(row.map(|row| Recovery {
        since: Moment::from_naive(row.since),
        had_size: u64::from(row.had_size.unsigned_abs()),
        known_size: u64::from(row.known_size.unsigned_abs()),
        forked: row.forked == 1,
        told_by: row.told_by,
    }))
}

/// Begins a recovery, or puts another in its place.
///
/// # Errors
/// Where the database refuses.
pub fn begin(connection: &mut AnyConnection, new: &Recovery) -> Result<(), StoreError> {
    end(connection)?;
    let row = Row {
        id: 1,
        since: new.since.naive(),
        had_size: i32::try_from(new.had_size).unwrap_or(i32::MAX),
        known_size: i32::try_from(new.known_size).unwrap_or(i32::MAX),
        forked: i32::from(new.forked),
        told_by: new.told_by.clone(),
    };
    diesel::insert_into(recovery::table).values(&row).execute(connection)?;
    Ok(())
}

/// Ends it.
///
/// # Errors
/// Where the database refuses.
pub fn end(connection: &mut AnyConnection) -> Result<(), StoreError> {
    diesel::delete(recovery::table).execute(connection)?;
    Ok(())
}

/// Writes down that a borough showed a checkpoint of this size.
///
/// # Errors
/// Where the database refuses.
pub fn seen(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    size: u64,
    now: Moment,
) -> Result<(), StoreError> {
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    let set = (witness::size.eq(size), witness::seen_at.eq(now.naive()));
    let changed = diesel::update(witness::table.find(borough.as_str())).set(set).execute(connection)?;
    if changed == 0 {
        diesel::insert_into(witness::table)
            .values((witness::borough.eq(borough.as_str()), set.0, set.1))
            .execute(connection)?;
    }
    Ok(())
}

/// What each borough showed last, and when.
///
/// # Errors
/// Where a row cannot be read back.
pub fn witnesses(connection: &mut AnyConnection) -> Result<Vec<(BoroughCode, u64, Moment)>, StoreError> {
    let rows: Vec<(String, i32, ColumnTime)> =
        witness::table.order(witness::borough.asc()).load(connection)?;
    rows.into_iter()
        .map(|(borough, size, at)| {
            let reason = "no borough code".to_owned();
            let borough = borough.parse().map_err(|_| StoreError::Unreadable { table: "witness", reason })?;
            Ok((borough, u64::from(size.unsigned_abs()), Moment::from_naive(at)))
        })
        .collect()
}
