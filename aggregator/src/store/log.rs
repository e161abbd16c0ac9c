//! The log's entries and the hashes of its tree: both only grow, and grow together.

use std::cell::RefCell;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    log::{self, Checkpoint, Entry, Event, Hash, Kind, LogError, ReadHashes},
    protocol::{SigningKey, canonical::canonical},
};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{log_entry, log_hash, log_head};

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
    let index = size(connection)?;
    let entry = Entry { index, at, event };
    keep(connection, &entry)?;
    Ok(entry)
}

/// Appends an entry as it stands, at the place it names.
///
/// # Errors
/// Where that is not the next place, or the log has one of this kind and subject.
pub fn keep(connection: &mut AnyConnection, entry: &Entry) -> Result<(), StoreError> {
    let size = size(connection)?;
    if entry.index != size {
        return Err(unreadable(&format!("entry {} comes where {size} is next", entry.index)));
    }
    let body = entry.bytes().map_err(|error| unreadable(&error.to_string()))?;
    let leaf = log::leaf(&body);
    let body = String::from_utf8(body).map_err(|error| unreadable(&error.to_string()))?;
    diesel::insert_into(log_entry::table)
        .values((
            log_entry::position.eq(small(size)?),
            log_entry::kind.eq(entry.event.kind().as_str()),
            log_entry::subject.eq(entry.event.subject()),
            log_entry::body.eq(body),
        ))
        .execute(connection)?;
    let hashes =
        log::appended(size, leaf, &Tree::of(connection)).map_err(|error| unreadable(&error.to_string()))?;
    for (place, hash) in (log::stored_at(size)..).zip(hashes) {
        diesel::insert_into(log_hash::table)
            .values((log_hash::place.eq(small(place)?), log_hash::hash.eq(hash.to_string())))
            .execute(connection)?;
    }
    diesel::update(log_head::table).set(log_head::size.eq(log_head::size + 1)).execute(connection)?;
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
    log::root(size, &Tree::of(connection)).map_err(|error| unreadable(&error.to_string()))
}

/// That an entry stands in the log at a size.
///
/// # Errors
/// Where it does not.
pub fn inclusion(connection: &mut AnyConnection, size: u64, index: u64) -> Result<Vec<Hash>, StoreError> {
    log::inclusion(size, index, &Tree::of(connection)).map_err(|error| unreadable(&error.to_string()))
}

/// That the log at a size begins with the one at another.
///
/// # Errors
/// Where it is not so large.
pub fn consistency(connection: &mut AnyConnection, size: u64, earlier: u64) -> Result<Vec<Hash>, StoreError> {
    log::consistency(size, earlier, &Tree::of(connection)).map_err(|error| unreadable(&error.to_string()))
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
    let root = root(connection, size)?;
    Checkpoint::sign(size, root, at, key).map_err(|error| unreadable(&error.to_string()))
}

/// The tree as the database keeps it.
struct Tree<'a>(RefCell<&'a mut AnyConnection>);

impl<'a> Tree<'a> {
    fn of(connection: &'a mut AnyConnection) -> Self {
        Self(RefCell::new(connection))
    }
}

impl ReadHashes for Tree<'_> {
    fn read(&self, places: &[u64]) -> Result<Vec<Hash>, LogError> {
        let missing = |reason: String| LogError::Missing { reason };
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Result<Vec<i32>, StoreError> = places.iter().map(|place| small(*place)).collect();
        let asked = asked.map_err(|error| missing(error.to_string()))?;
        let kept: Vec<(i32, String)> = log_hash::table
            .filter(log_hash::place.eq_any(&asked))
            .load(&mut **self.0.borrow_mut())
            .map_err(|error| missing(StoreError::from(error).to_string()))?;
        let find = |place: &i32| kept.iter().find(|(kept, _)| kept == place).map(|(_, hash)| hash.parse());
        let found = asked
            .iter()
            .map(|place| find(place).ok_or_else(|| missing(format!("none is kept at place {place}")))?);
        found.collect()
    }
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
