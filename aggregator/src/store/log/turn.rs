//! The log within one transaction: what is appended is written once, together; what was read is not read again.

use std::{cell::RefCell, collections::BTreeMap};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    log::{self, Checkpoint, Entry, Event, Hash, Kind, LogError, ReadHashes},
    protocol::SigningKey,
};
use tenfold_store::{AnyConnection, StoreError};

use super::{
    super::schema::{log_entry, log_hash, log_head},
    small, unreadable,
};

/// The log as a transaction that holds its lock sees it, with what that transaction appends. Nothing of it is written
/// before [`Self::keep`]; without it nothing was appended.
#[derive(Debug)]
pub struct Turn {
    size: u64,
    entries: Vec<Entry>,
    rows: Vec<EntryRow>,
    new: Vec<HashRow>,
    known: RefCell<BTreeMap<u64, Hash>>,
    ahead: Vec<Ahead>,
}

/// What was read ahead about a subject: its entry, if there was one.
#[derive(Debug)]
struct Ahead {
    kind: Kind,
    subject: String,
    entry: Option<Entry>,
}

/// What a turn leaves to the next, once its transaction was committed.
#[derive(Debug, Default)]
pub struct Kept {
    /// How many entries there were.
    pub size: u64,
    hashes: BTreeMap<u64, Hash>,
}

/// So many hashes are left to the next turn at most: some megabytes of them.
const MOST_KNOWN: usize = 1 << 16;

#[derive(Debug, diesel::Insertable)]
#[diesel(table_name = log_entry)]
struct EntryRow {
    position: i32,
    kind: &'static str,
    subject: String,
    body: String,
}

#[derive(Debug, diesel::Insertable)]
#[diesel(table_name = log_hash)]
struct HashRow {
    place: i32,
    hash: String,
}

impl Turn {
    /// The log as it stands.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn here(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        Ok(Self::of_size(super::size(connection)?))
    }

    /// The log of a size that [`super::lock`] returned in this transaction.
    pub fn of_size(size: u64) -> Self {
        let (entries, rows, new) = (Vec::new(), Vec::new(), Vec::new());
        Self { size, entries, rows, new, known: RefCell::default(), ahead: Vec::new() }
    }

    /// As [`Self::of_size`], with the hashes that an earlier turn knew: they never change. Where the database was put
    /// back from a backup meanwhile they are those of another log, and are left.
    ///
    /// # Errors
    /// Where a hash cannot be read back.
    pub fn after(connection: &mut AnyConnection, size: u64, kept: Kept) -> Result<Self, StoreError> {
        let turn = Self::of_size(size);
        let Some(last) = kept.size.checked_sub(1).filter(|_| kept.size <= size) else { return Ok(turn) };
        let place = log::stored_at(last);
        let there = turn.tree(connection).read(&[place]).map_err(|error| unreadable(&error.to_string()))?;
        let same = kept.hashes.get(&place) == there.first();
        if same && kept.hashes.len() < MOST_KNOWN {
            turn.known.replace(kept.hashes);
        }
        Ok(turn)
    }

    /// How many entries there are, with those appended.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The entry of a kind about a subject, if there is one.
    ///
    /// # Errors
    /// Where it cannot be read back.
    pub fn find(
        &self,
        connection: &mut AnyConnection,
        kind: Kind,
        subject: &str,
    ) -> Result<Option<Entry>, StoreError> {
        let is_it = |entry: &&Entry| entry.event.kind() == kind && entry.event.subject() == subject;
        if let Some(entry) = self.entries.iter().find(is_it) {
            return Ok(Some(entry.clone()));
        }
        match self.ahead.iter().find(|ahead| ahead.kind == kind && ahead.subject == subject) {
            Some(ahead) => Ok(ahead.entry.clone()),
            None => super::find(connection, kind, subject),
        }
    }

    /// Reads at once what [`Self::find`] will be asked: the entries of these kinds about these subjects.
    ///
    /// # Errors
    /// Where one cannot be read back.
    pub fn read_ahead(
        &mut self,
        connection: &mut AnyConnection,
        kinds: &[Kind],
        subjects: Vec<String>,
    ) -> Result<(), StoreError> {
        let mut found = super::find_all(connection, kinds, &subjects)?;
        for subject in subjects {
            for kind in kinds {
                let is_it = |entry: &Entry| entry.event.kind() == *kind && entry.event.subject() == subject;
                let entry = found.iter().position(is_it).map(|at| found.swap_remove(at));
                self.ahead.push(Ahead { kind: *kind, subject: subject.clone(), entry });
            }
        }
        Ok(())
    }

    /// Appends an event.
    ///
    /// # Errors
    /// Where a hash cannot be read back.
    pub fn append(
        &mut self,
        connection: &mut AnyConnection,
        at: Moment,
        event: Event,
    ) -> Result<Entry, StoreError> {
        let entry = Entry { index: self.size, at, event };
        self.take(connection, &entry)?;
        Ok(entry)
    }

    /// Appends an entry as it stands, at the place it names.
    ///
    /// # Errors
    /// Where that is not the next place, or a hash cannot be read back.
    pub fn take(&mut self, connection: &mut AnyConnection, entry: &Entry) -> Result<(), StoreError> {
        let size = self.size;
        if entry.index != size {
            return Err(unreadable(&format!("entry {} comes where {size} is next", entry.index)));
        }
        let body = entry.bytes().map_err(|error| unreadable(&error.to_string()))?;
        let hashes = log::appended(size, log::leaf(&body), &self.tree(connection));
        let hashes = hashes.map_err(|error| unreadable(&error.to_string()))?;
        for (place, hash) in (log::stored_at(size)..).zip(hashes) {
            self.new.push(HashRow { place: small(place)?, hash: hash.to_string() });
            self.known.borrow_mut().insert(place, hash);
        }
        self.rows.push(EntryRow {
            position: small(size)?,
            kind: entry.event.kind().as_str(),
            subject: entry.event.subject(),
            body: String::from_utf8(body).map_err(|error| unreadable(&error.to_string()))?,
        });
        self.entries.push(entry.clone());
        self.size += 1;
        Ok(())
    }

    /// Writes what was appended.
    ///
    /// # Errors
    /// `AlreadyRecorded` where the log has one of the same kind and subject.
    pub fn keep(self, connection: &mut AnyConnection) -> Result<Kept, StoreError> {
        if !self.rows.is_empty() {
            tenfold_store::insert!(connection, log_entry::table, &self.rows);
            tenfold_store::insert!(connection, log_hash::table, &self.new);
            diesel::update(log_head::table).set(log_head::size.eq(small(self.size)?)).execute(connection)?;
        }
        Ok(Kept { size: self.size, hashes: self.known.into_inner() })
    }

    /// The root at a size.
    ///
    /// # Errors
    /// Where it is not so large.
    pub fn root(&self, connection: &mut AnyConnection, size: u64) -> Result<Hash, StoreError> {
        log::root(size, &self.tree(connection)).map_err(|error| unreadable(&error.to_string()))
    }

    /// That an entry stands in the log at a size.
    ///
    /// # Errors
    /// Where it does not.
    pub fn inclusion(
        &self,
        connection: &mut AnyConnection,
        size: u64,
        index: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        log::inclusion(size, index, &self.tree(connection)).map_err(|error| unreadable(&error.to_string()))
    }

    /// That the log at a size begins with the one at another.
    ///
    /// # Errors
    /// Where it is not so large.
    pub fn consistency(
        &self,
        connection: &mut AnyConnection,
        size: u64,
        earlier: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        log::consistency(size, earlier, &self.tree(connection))
            .map_err(|error| unreadable(&error.to_string()))
    }

    /// The signed checkpoint of the log as it stood at a size.
    ///
    /// # Errors
    /// Where it is not so large.
    pub fn checkpoint(
        &self,
        connection: &mut AnyConnection,
        size: u64,
        at: Moment,
        key: &SigningKey,
    ) -> Result<String, StoreError> {
        let root = self.root(connection, size)?;
        Checkpoint::sign(size, root, at, key).map_err(|error| unreadable(&error.to_string()))
    }

    fn tree<'a>(&'a self, connection: &'a mut AnyConnection) -> Tree<'a> {
        Tree { connection: RefCell::new(connection), known: &self.known }
    }
}

/// The tree as the database keeps it, each of its hashes read once.
struct Tree<'a> {
    connection: RefCell<&'a mut AnyConnection>,
    known: &'a RefCell<BTreeMap<u64, Hash>>,
}

impl ReadHashes for Tree<'_> {
    fn read(&self, places: &[u64]) -> Result<Vec<Hash>, LogError> {
        let missing = |reason: String| LogError::Missing { reason };
        let mut known = self.known.borrow_mut();
        let unknown = places.iter().filter(|place| !known.contains_key(place));
        let unknown: Result<Vec<i32>, StoreError> = unknown.map(|place| small(*place)).collect();
        let unknown = unknown.map_err(|error| missing(error.to_string()))?;
        if !unknown.is_empty() {
            let read: Vec<(i32, String)> = log_hash::table
                .filter(log_hash::place.eq_any(&unknown))
                .load(&mut **self.connection.borrow_mut())
                .map_err(|error| missing(StoreError::from(error).to_string()))?;
            for (place, hash) in read {
                known.insert(u64::from(place.unsigned_abs()), hash.parse()?);
            }
        }
        let find = |place: &u64| {
            known.get(place).copied().ok_or_else(|| missing(format!("none is kept at place {place}")))
        };
        places.iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use tenfold_store::{DatabaseUrl, Store};

    use super::*;
    use crate::store::MIGRATIONS;

    fn store(folder: &tempfile::TempDir, name: &str) -> Store {
        Store::open(&DatabaseUrl::Sqlite(folder.path().join(name)), MIGRATIONS).unwrap()
    }

    fn event(word: &str, index: u64) -> Event {
        Event::Policy { hash: format!("{word} {index}") }
    }

    /// Appends so many entries in one turn after another's.
    fn grow(store: &Store, word: &str, entries: u64, before: Kept) -> (Kept, Hash) {
        let at = "2015-04-01T00:00:00Z".parse().unwrap();
        let grown: Result<_, StoreError> = store.write(|connection| {
            let size = super::super::lock(connection)?;
            let mut turn = Turn::after(connection, size, before)?;
            for index in size..size + entries {
                turn.append(connection, at, event(word, index))?;
            }
            let root = turn.root(connection, size + entries)?;
            Ok((turn.keep(connection)?, root))
        });
        grown.unwrap()
    }

    fn root(store: &Store) -> (u64, Hash) {
        let read: Result<_, StoreError> = store.read(|connection| {
            let size = super::super::size(connection)?;
            Ok((size, super::super::root(connection, size)?))
        });
        read.unwrap()
    }

    #[test]
    fn turns_of_any_length_give_the_tree_that_single_entries_give() {
        let folder = tempfile::tempdir().unwrap();
        let (turns, single) = (store(&folder, "turns"), store(&folder, "single"));
        let (mut kept, mut size) = (Kept::default(), 0);
        for entries in [1, 5, 0, 2, 16, 3] {
            let known;
            (kept, known) = grow(&turns, "a", entries, kept);
            size += entries;
            for index in size - entries..size {
                let at = "2015-04-01T00:00:00Z".parse().unwrap();
                let one: Result<Entry, StoreError> =
                    single.write(|connection| super::super::append(connection, at, event("a", index)));
                one.unwrap();
            }
            assert_eq!(root(&turns), root(&single));
            assert_eq!((size, known), root(&turns));
        }
    }

    /// A database put back from a backup under a region that runs: its log may be shorter, or have grown otherwise.
    #[test]
    fn what_is_known_of_another_log_is_left() {
        let folder = tempfile::tempdir().unwrap();
        for there in [0, 3, 7, 9] {
            let store = |name: &str| store(&folder, &format!("{name}{there}"));
            let (one, other, alone) = (store("one"), store("other"), store("alone"));
            let (kept, _) = grow(&one, "a", 7, Kept::default());
            grow(&other, "b", there, Kept::default());
            let (_, known) = grow(&other, "b", 2, kept);
            grow(&alone, "b", there + 2, Kept::default());
            assert_eq!((root(&other), known), (root(&alone), root(&alone).1), "{there}");
        }
    }

    #[test]
    fn what_a_turn_does_not_keep_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, "log");
        let at = "2015-04-01T00:00:00Z".parse().unwrap();
        let left: Result<(), StoreError> = store.write(|connection| {
            let mut turn = Turn::here(connection)?;
            turn.append(connection, at, event("a", 0))?;
            assert!(turn.find(connection, Kind::Policy, "a 0")?.is_some());
            Ok(())
        });
        left.unwrap();
        assert_eq!(root(&store).0, 0);
    }
}
