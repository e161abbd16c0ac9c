//! The log's entries and the hashes of its tree: both only grow, and grow together.

mod turn;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    log::{Entry, Event, Hash, Kind},
    protocol::{SigningKey, canonical::canonical},
};
use tenfold_store::{AnyConnection, StoreError};

pub use self::turn::{Kept, Turn};
use super::schema::{log_entry, log_head};

/// Locks the log against everybody else who would append, and returns its size.
///
/// # Errors
/// Where the database refuses.
pub fn lock(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    diesel::update(log_head::table).set(log_head::size.eq(log_head::size)).execute(connection)?;
    size(connection)
}

/// How many entries there are.
///
/// # Errors
/// Where the database cannot be read.
pub fn size(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let size: i32 = log_head::table.select(log_head::size).first(connection)?;
    Ok(u64::from(size.unsigned_abs()))
}

/// Appends an event within the caller's transaction, which holds the lock.
///
/// # Errors
/// `AlreadyRecorded` where the log has one of this kind and subject.
pub fn append(connection: &mut AnyConnection, at: Moment, event: Event) -> Result<Entry, StoreError> {
    let mut turn = Turn::here(connection)?;
    let entry = turn.append(connection, at, event)?;
    turn.keep(connection)?;
    Ok(entry)
}

/// Appends an entry as it stands, at the place it names.
///
/// # Errors
/// Where that is not the next place, or the log has one of this kind and subject.
pub fn keep(connection: &mut AnyConnection, entry: &Entry) -> Result<(), StoreError> {
    let mut turn = Turn::here(connection)?;
    turn.take(connection, entry)?;
    turn.keep(connection)?;
    Ok(())
}

/// The entry of a kind about a subject, if there is one.
///
/// # Errors
/// Where it cannot be read back.
pub fn find(connection: &mut AnyConnection, kind: Kind, subject: &str) -> Result<Option<Entry>, StoreError> {
    let body: Option<String> = log_entry::table
        .filter(log_entry::kind.eq(kind.as_str()))
        .filter(log_entry::subject.eq(subject))
        .select(log_entry::body)
        .first(connection)
        .optional()?;
    body.as_deref().map(read).transpose()
}

/// The entries of these kinds about these subjects, in no order.
fn find_all(
    connection: &mut AnyConnection,
    kinds: &[Kind],
    subjects: &[String],
) -> Result<Vec<Entry>, StoreError> {
    let bodies: Vec<String> = log_entry::table
        .filter(log_entry::kind.eq_any(kinds.iter().map(|kind| kind.as_str())))
        .filter(log_entry::subject.eq_any(subjects))
        .select(log_entry::body)
        .load(connection)?;
    bodies.iter().map(|body| read(body)).collect()
}

/// Entries from a place on, at most so many.
///
/// # Errors
/// Where one cannot be read back.
pub fn entries(connection: &mut AnyConnection, from: u64, most: u32) -> Result<Vec<Entry>, StoreError> {
    let bodies: Vec<String> = log_entry::table
        .filter(log_entry::position.ge(small(from)?))
        .order(log_entry::position.asc())
        .limit(i64::from(most))
        .select(log_entry::body)
        .load(connection)?;
    bodies.iter().map(|body| read(body)).collect()
}

/// Every entry.
///
/// # Errors
/// Where one cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Entry>, StoreError> {
    entries(connection, 0, u32::MAX)
}

/// The root of the log at a size.
///
/// # Errors
/// Where it is not so large.
pub fn root(connection: &mut AnyConnection, size: u64) -> Result<Hash, StoreError> {
    Turn::here(connection)?.root(connection, size)
}

/// That the log at a size begins with the one at another.
///
/// # Errors
/// Where it is not so large.
pub fn consistency(connection: &mut AnyConnection, size: u64, earlier: u64) -> Result<Vec<Hash>, StoreError> {
    Turn::here(connection)?.consistency(connection, size, earlier)
}

/// The signed checkpoint of the log as it stood at a size.
///
/// # Errors
/// Where it is not so large.
pub fn checkpoint(
    connection: &mut AnyConnection,
    size: u64,
    at: Moment,
    key: &SigningKey,
) -> Result<String, StoreError> {
    Turn::here(connection)?.checkpoint(connection, size, at, key)
}

fn read(body: &str) -> Result<Entry, StoreError> {
    let entry: Entry = serde_json::from_str(body).map_err(|_| unreadable("it is no entry of the log"))?;
    let again = canonical(&entry).map_err(|error| unreadable(&error.to_string()))?;
    if again == body.as_bytes() { Ok(entry) } else { Err(unreadable("it is not in canonical form")) }
}

fn small(number: u64) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| unreadable("the log is larger than this program can hold"))
}

fn unreadable(reason: &str) -> StoreError {
    StoreError::Unreadable { table: "log_entry", reason: reason.to_owned() }
}
