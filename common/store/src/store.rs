//! The store: readers, one writer at a time, and the one place where blocking work runs.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use diesel::connection::SimpleConnection as _;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::{
    connection::{self, AnyConnection},
    migrations::{self, MigrationSet, SHARED},
    url::DatabaseUrl,
};

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened.
    #[error(
        "the database {url} cannot be opened: {reason}; check that the path or server is right and reachable"
    )]
    Open {
        /// Which database.
        url: DatabaseUrl,
        /// What the library said; holds no values.
        reason: String,
    },
    /// The database was written by a later version.
    #[error(
        "the database {url} was written by a newer version of this program; use that version or a backup from before it"
    )]
    Newer {
        /// Which database.
        url: DatabaseUrl,
    },
    /// A migration failed.
    #[error("the database could not be brought up to this version: {reason}")]
    Migration {
        /// What the library said.
        reason: String,
    },
    /// Another process holds the database.
    #[error(
        "the database is held by another process; wait until it has finished, then run the same command again"
    )]
    Locked,
    /// The disk is full.
    #[error(
        "the disk that holds the database is full; free some space, then run the same command again; nothing was half written"
    )]
    Full,
    /// A row with this key exists already.
    #[error("already recorded ({constraint})")]
    AlreadyRecorded {
        /// Which constraint said so.
        constraint: String,
    },
    /// Nothing was found.
    #[error("no such row")]
    NotFound,
    /// A rule of the database refused the change.
    #[error("the database refused the change: {rule}")]
    Refused {
        /// The rule, in the database's words; names columns and constraints, never values.
        rule: String,
    },
    /// What stands in the database cannot be read back.
    #[error("a row of {table} cannot be read back: {reason}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// Why; holds no values.
        reason: String,
    },
    /// Anything else.
    #[error("the database failed: {reason}")]
    Failed {
        /// What the library said.
        reason: String,
    },
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, info) => {
                let message = info.message().to_owned();
                if message.contains("disk is full") || message.contains("No space left") {
                    Self::Full
                } else if message.contains("database is locked")
                    || message.contains("database table is locked")
                {
                    Self::Locked
                } else if matches!(kind, DatabaseErrorKind::UniqueViolation) {
                    let constraint = info.constraint_name().map_or(message, str::to_owned);
                    Self::AlreadyRecorded { constraint }
                } else {
                    Self::Refused { rule: message }
                }
            }
            other => Self::Failed { reason: kind_of(&other).to_owned() },
        }
    }
}

fn kind_of(error: &DieselError) -> &'static str {
    match error {
        DieselError::DeserializationError(_) => "a value in the database is not of its column's type",
        DieselError::SerializationError(_) => "a value could not be written to its column's type",
        DieselError::QueryBuilderError(_) => "a query could not be built",
        DieselError::BrokenTransactionManager => "the connection was lost in a transaction",
        _ => "an unexpected answer of the database library",
    }
}

/// A database with its pool of connections. Clones share the pool.
#[derive(Clone)]
pub struct Store {
    pool: r2d2::Pool<Manager>,
    url: Arc<DatabaseUrl>,
    /// On SQLite the writers of this process take turns with one connection: SQLite's own way of waiting for its one
    /// writer is to sleep and to look again, longer each time; and whoever writes over a connection that others do not
    /// write over finds the pages that it wrote last still in memory.
    writer: Option<Arc<Mutex<Option<AnyConnection>>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "store {}", self.url)
    }
}

struct Manager {
    url: DatabaseUrl,
}

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = ManagerError;

    fn connect(&self) -> Result<AnyConnection, ManagerError> {
        connection::open(&self.url).map_err(|error| ManagerError(error.to_string()))
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), ManagerError> {
        connection::is_alive(connection).map_err(|error| ManagerError(error.to_string()))
    }

    fn has_broken(&self, _: &mut AnyConnection) -> bool {
        std::thread::panicking()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ManagerError(String);

impl Store {
    /// Opens a database, creating an SQLite file where there is none, and brings it up to date.
    ///
    /// # Errors
    /// Where it cannot be opened, is newer than the program, or a migration fails.
    pub fn open(url: &DatabaseUrl, program: MigrationSet) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::Open { url: url.clone(), reason };
        let mut first = connection::open(url).map_err(|error| refuse(error.to_string()))?;
        migrations::run(&mut first, &[SHARED, program], url)?;
        drop(first);
        let pool = r2d2::Pool::builder()
            .max_size(4)
            .min_idle(Some(0))
            .connection_timeout(Duration::from_secs(15))
            .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
            .build(Manager { url: url.clone() })
            .map_err(|error| refuse(error.to_string()))?;
        let writer = matches!(url, DatabaseUrl::Sqlite(_)).then(Arc::default);
        Ok(Self { pool, url: Arc::new(url.clone()), writer })
    }

    /// Where the database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Reads; changes nothing.
    ///
    /// # Errors
    /// Where no connection can be had, or as `work` says.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection()?;
        work(&mut connection)
    }

    /// Writes all of it or nothing: one transaction, ordered before all later writers. Never within another.
    ///
    /// # Errors
    /// Where no connection can be had, the transaction cannot begin or commit, or as `work` says.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(writer) = &self.writer else {
            return connection::transaction(&mut *self.connection()?, work);
        };
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        // It is put back after an orderly end only: of work that panicked nobody knows how it left its connection.
        let mut connection = match writer.take() {
            Some(connection) => connection,
            None => connection::open(&self.url).map_err(|error| self.not_opened(error.to_string()))?,
        };
        let done = connection::transaction(&mut connection, work);
        *writer = connection::is_sound(&mut connection).then_some(connection);
        done
    }

    /// Empties SQLite's write-ahead log into the database file: what was deleted stands in neither afterwards.
    /// PostgreSQL has its own way of ageing out its log and is left alone.
    ///
    /// # Errors
    /// Where no connection can be had, or somebody reads so long that the log cannot be emptied.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        match &mut *self.connection()? {
            AnyConnection::Sqlite(inner) => {
                Ok(inner.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").map_err(StoreError::from)?)
            }
            AnyConnection::Postgres(_) => Ok(()),
        }
    }

    fn connection(&self) -> Result<r2d2::PooledConnection<Manager>, StoreError> {
        self.pool.get().map_err(|error| self.not_opened(error.to_string()))
    }

    fn not_opened(&self, reason: String) -> StoreError {
        StoreError::Open { url: (*self.url).clone(), reason }
    }

    /// Runs a duty on the blocking pool: the only place where an async task waits for a database.
    ///
    /// # Errors
    /// As `duty` says; a duty that panicked is a failure.
    pub async fn run<T, E>(&self, duty: impl FnOnce(&Self) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        match tokio::task::spawn_blocking(move || duty(&store)).await {
            Ok(result) => result,
            Err(_) => Err(StoreError::Failed { reason: "the work was broken off".to_owned() }.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel_migrations::EmbeddedMigrations;

    use super::*;
    use crate::{Account, Role, accounts, acts, sessions};

    fn nothing() -> MigrationSet {
        MigrationSet { sqlite: EmbeddedMigrations::new(&[]), postgres: EmbeddedMigrations::new(&[]) }
    }

    fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(&DatabaseUrl::Sqlite(folder.path().join("test.sqlite")), nothing()).unwrap()
    }

    fn account() -> Account {
        Account { name: "analyst".into(), display_name: "An Analyst".into(), role: Role::Analyst }
    }

    #[test]
    fn four_writers_at_once_all_succeed() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let now = "2016-04-01T00:00:00Z".parse().unwrap();
                        store.write(|connection| acts::record(connection, now, "a", "b", "c")).unwrap();
                    }
                });
            }
        });
        let acts = store.read(acts::all).unwrap();
        assert_eq!(acts.len(), 100);
        assert_eq!(acts::first_fault(&acts), None);
        let mut forged = acts.clone();
        forged[41].actor = "someone else".into();
        assert_eq!(acts::first_fault(&forged), Some(42));
    }

    #[test]
    fn acts_cannot_be_rewritten() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let now = "2016-04-01T00:00:00Z".parse().unwrap();
        store.write(|connection| acts::record(connection, now, "a", "b", "c")).unwrap();
        for sql in [
            "UPDATE act SET actor = 'x'",
            "DELETE FROM act",
            "INSERT OR REPLACE INTO act SELECT seq, at, 'x', verb, object, hash FROM act",
        ] {
            let tried: Result<usize, StoreError> = store
                .write(|connection| Ok(diesel::RunQueryDsl::execute(diesel::sql_query(sql), connection)?));
            assert!(matches!(tried, Err(StoreError::Refused { .. })), "{sql}: {tried:?}");
        }
    }

    /// SQLite is told to stop growing, which it reports exactly as it does a full disk.
    #[test]
    fn a_full_disk_is_said_in_one_sentence_and_nothing_is_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let now = "2016-04-01T00:00:00Z".parse().unwrap();
        let filled: Result<(), StoreError> = store.write(|connection| {
            diesel::RunQueryDsl::execute(diesel::sql_query("PRAGMA max_page_count = 30"), connection)?;
            for _ in 0..10_000 {
                acts::record(connection, now, "a", "b", "c")?;
            }
            Ok(())
        });
        assert!(matches!(filled, Err(StoreError::Full)), "{filled:?}");
        assert!(store.read(acts::all).unwrap().is_empty());
    }

    #[test]
    fn a_database_newer_than_the_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let newer: Result<usize, StoreError> = store(&folder).write(|connection| {
            let sql = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')";
            Ok(diesel::RunQueryDsl::execute(diesel::sql_query(sql), connection)?)
        });
        newer.unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.sqlite"));
        assert!(matches!(Store::open(&url, nothing()), Err(StoreError::Newer { .. })));
    }

    #[test]
    fn an_account_signs_in_and_locks_after_five_failures() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let now: tenfold_common::clock::Moment = "2016-04-01T00:00:00Z".parse().unwrap();
        assert!(accounts::add(&store, &account(), "too short", now).is_err());
        accounts::add(&store, &account(), "a long password", now).unwrap();
        assert!(accounts::add(&store, &account(), "a long password", now).is_err());
        assert_eq!(accounts::verify(&store, "analyst", "a long password", now).unwrap(), Some(account()));
        let token = sessions::open(&store, &account(), now).unwrap();
        assert_eq!(sessions::find(&store, token.reveal(), now).unwrap().unwrap().account, account());
        let later = now.plus_seconds(sessions::SESSION_LIFE_S);
        assert_eq!(sessions::find(&store, token.reveal(), later).unwrap(), None);
        for _ in 0..5 {
            assert_eq!(accounts::verify(&store, "analyst", "a wrong password", now).unwrap(), None);
        }
        assert!(accounts::verify(&store, "analyst", "a long password", now).is_err());
        let later = now.plus_seconds(3600);
        assert_eq!(accounts::verify(&store, "analyst", "a long password", later).unwrap(), Some(account()));
        assert_eq!(accounts::verify(&store, "nobody", "a long password", now).unwrap(), None);
    }
}
