//! The only home of diesel in the node: rows in, values out.

use tenfold_store::migrations::MigrationSet;

pub mod claims;
pub mod events;
pub mod identity;
pub mod ledger;
pub mod loads;
pub mod people;
pub mod records;
pub mod register;
pub mod releases;
mod schema;

use diesel_migrations::embed_migrations;

/// The node's migrations. Their versions all begin with 20261122.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    sqlite: embed_migrations!("../migrations/node/sqlite"),
    postgres: embed_migrations!("../migrations/node/postgres"),
};
