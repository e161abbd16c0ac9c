//! One connection type for both databases, opened only from a parsed address.
#![expect(missing_docs, reason = "the derive of MultiConnection writes public items without documentation")]

use diesel::{
    Connection, ConnectionError, PgConnection, RunQueryDsl, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};

use crate::{store::StoreError, url::DatabaseUrl};

/// A connection to either database.
///
/// Never call the derived `establish`: it takes an unknown address for a file name. Use [`Store`](crate::Store).
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(PgConnection),
}

/// In this order: the wait first, since the others may already have to wait; `recursive_triggers` so that
/// INSERT OR REPLACE cannot walk round the triggers that refuse deletion. Sixteen mebibytes of pages stay in memory:
/// with SQLite's usual two a large load writes and reads the pages of its indexes over and over.
const PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA secure_delete = ON; \
                       PRAGMA cache_size = -16384;";

pub(crate) fn open(url: &DatabaseUrl) -> Result<AnyConnection, ConnectionError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_str().ok_or_else(|| {
                ConnectionError::InvalidConnectionUrl("the database's path is not UTF-8".to_owned())
            })?;
            let mut connection = SqliteConnection::establish(path)?;
            connection.batch_execute(PRAGMAS).map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(AnyConnection::Sqlite(connection))
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(url)?;
            connection
                .batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning;")
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(AnyConnection::Postgres(connection))
        }
    }
}

/// Runs `work` in a transaction that takes SQLite's write lock at once: a reader that becomes a writer would
/// be told "database is locked" without waiting.
pub(crate) fn transaction<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let begun = match connection {
        AnyConnection::Sqlite(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE")
        }
        AnyConnection::Postgres(inner) => AnsiTransactionManager::begin_transaction(inner),
    };
    begun.map_err(StoreError::from)?;
    type Manager = <AnyConnection as Connection>::TransactionManager;
    match work(connection) {
        Ok(value) => {
            Manager::commit_transaction(connection).map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one worth telling; a failed rollback closes the connection anyway.
            let _ = Manager::rollback_transaction(connection);
            Err(error)
        }
    }
}

/// Whether a connection can be used for another transaction.
pub(crate) fn is_sound(connection: &mut AnyConnection) -> bool {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    !Manager::is_broken_transaction_manager(connection)
}

/// Runs a part of a transaction that may be taken back by itself: where `work` fails, what it wrote is gone and
/// the transaction goes on.
///
/// # Errors
/// As `work` says, or where the database refuses.
pub fn part<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    Manager::begin_transaction(connection).map_err(StoreError::from)?;
    match work(connection) {
        Ok(value) => {
            Manager::commit_transaction(connection).map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            Manager::rollback_transaction(connection).map_err(StoreError::from)?;
            Err(error)
        }
    }
}

pub(crate) fn is_alive(connection: &mut AnyConnection) -> Result<(), diesel::result::Error> {
    diesel::sql_query("SELECT 1").execute(connection).map(|_| ())
}
