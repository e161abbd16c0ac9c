//! Migrations: embedded, run at opening, and a database newer than the program refused.

use std::collections::BTreeMap;

use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{connection::AnyConnection, store::StoreError, url::DatabaseUrl};

/// One program's migrations for both databases.
pub struct MigrationSet {
    /// For SQLite.
    pub sqlite: EmbeddedMigrations,
    /// For PostgreSQL.
    pub postgres: EmbeddedMigrations,
}

/// The tables both programs share: accounts, sessions, acts. Their versions all begin with 20261101.
pub const SHARED: MigrationSet = MigrationSet {
    sqlite: embed_migrations!("../../migrations/shared/sqlite"),
    postgres: embed_migrations!("../../migrations/shared/postgres"),
};

pub(crate) fn run(
    connection: &mut AnyConnection,
    sets: &[MigrationSet],
    url: &DatabaseUrl,
) -> Result<(), StoreError> {
    let pending = match connection {
        AnyConnection::Sqlite(inner) => run_on(inner, sets.iter().map(|set| &set.sqlite)),
        AnyConnection::Postgres(inner) => run_on(inner, sets.iter().map(|set| &set.postgres)),
    };
    match pending {
        Ok(Outcome::UpToDate) => Ok(()),
        Ok(Outcome::Newer) => Err(StoreError::Newer { url: url.clone() }),
        Err(error) => Err(StoreError::Migration { reason: error.to_string() }),
    }
}

enum Outcome {
    UpToDate,
    Newer,
}

fn run_on<'a, C, DB>(
    connection: &mut C,
    sources: impl Iterator<Item = &'a EmbeddedMigrations>,
) -> diesel::migration::Result<Outcome>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut known: BTreeMap<String, Box<dyn Migration<DB>>> = BTreeMap::new();
    for source in sources {
        for migration in source.migrations()? {
            let version = migration.name().version().to_string();
            if known.insert(version.clone(), migration).is_some() {
                return Err(format!("two migrations have the version {version}").into());
            }
        }
    }
    for applied in connection.applied_migrations()? {
        if known.remove(&applied.to_string()).is_none() {
            return Ok(Outcome::Newer);
        }
    }
    for migration in known.values() {
        connection.run_migration(migration)?;
    }
    Ok(Outcome::UpToDate)
}
