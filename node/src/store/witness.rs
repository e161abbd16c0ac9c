//! What this node keeps of the region's log: its entries, and every checkpoint the region signed.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    log::{Entry, Hash},
    protocol::canonical::canonical,
};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{checkpoint, log_entry};

/// A checkpoint as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// How many entries it speaks of.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// As the region signed it.
    pub signed: String,
    /// When it came here first.
    pub seen_at: Moment,
}

type Row = (i32, String, String, ColumnTime);

/// How many entries are kept.
///
/// # Errors
/// Where the database cannot be read.
pub fn size(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let last: Option<i32> =
        log_entry::table.select(diesel::dsl::max(log_entry::position)).first(connection)?;
    Ok(last.map_or(0, |last| u64::from(last.unsigned_abs()) + 1))
}

/// Keeps the next entry.
///
/// # Errors
/// `AlreadyRecorded` where its place is taken.
pub fn push(connection: &mut AnyConnection, entry: &Entry) -> Result<(), StoreError> {
    let body = entry.bytes().map_err(|error| unreadable("log_entry", &error.to_string()))?;
    let body = String::from_utf8(body).map_err(|error| unreadable("log_entry", &error.to_string()))?;
    diesel::insert_into(log_entry::table)
        .values((log_entry::position.eq(small(entry.index)?), log_entry::body.eq(body)))
        .execute(connection)?;
    Ok(())
}

/// The entries from a place on.
///
/// # Errors
/// Where one cannot be read back.
pub fn entries(connection: &mut AnyConnection, from: u64) -> Result<Vec<Entry>, StoreError> {
    let bodies: Vec<String> = log_entry::table
        .filter(log_entry::position.ge(small(from)?))
        .order(log_entry::position.asc())
        .select(log_entry::body)
        .load(connection)?;
    let read = |body: &String| {
        let entry: Entry =
            serde_json::from_str(body).map_err(|_| unreadable("log_entry", "it is no entry of a log"))?;
        match canonical(&entry) {
            Ok(again) if again == body.as_bytes() => Ok(entry),
            _ => Err(unreadable("log_entry", "it is not in canonical form")),
        }
    };
    bodies.iter().map(read).collect()
}

/// Keeps a checkpoint.
///
/// # Errors
/// `AlreadyRecorded` where one of its size is kept.
pub fn keep(
    connection: &mut AnyConnection,
    (size, root): (u64, Hash),
    signed: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(checkpoint::table)
        .values((
            checkpoint::size.eq(small(size)?),
            checkpoint::root.eq(root.to_string()),
            checkpoint::signed.eq(signed),
            checkpoint::seen_at.eq(now.naive()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The kept checkpoint of a size.
///
/// # Errors
/// Where it cannot be read back.
pub fn of_size(connection: &mut AnyConnection, size: u64) -> Result<Option<Kept>, StoreError> {
    let row: Option<Row> = checkpoint::table.find(small(size)?).first(connection).optional()?;
    row.map(read).transpose()
}

/// The kept checkpoint of the most entries.
///
/// # Errors
/// Where it cannot be read back.
pub fn newest(connection: &mut AnyConnection) -> Result<Option<Kept>, StoreError> {
    let row: Option<Row> = checkpoint::table.order(checkpoint::size.desc()).first(connection).optional()?;
    row.map(read).transpose()
}

/// Every kept checkpoint, by size.
///
/// # Errors
/// Where one cannot be read back.
pub fn checkpoints(connection: &mut AnyConnection) -> Result<Vec<Kept>, StoreError> {
    let rows: Vec<Row> = checkpoint::table.order(checkpoint::size.asc()).load(connection)?;
    rows.into_iter().map(read).collect()
}

fn read((size, root, signed, seen_at): Row) -> Result<Kept, StoreError> {
    let root = root.parse().map_err(|_| unreadable("checkpoint", "no hash"))?;
    Ok(Kept { size: u64::from(size.unsigned_abs()), root, signed, seen_at: Moment::from_naive(seen_at) })
}

fn small(number: u64) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| unreadable("log_entry", "the log is larger than this program can hold"))
}

fn unreadable(table: &'static str, reason: &str) -> StoreError {
    StoreError::Unreadable { table, reason: reason.to_owned() }
}
