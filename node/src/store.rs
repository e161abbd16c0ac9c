//! The only home of diesel in the node: rows in, values out.

use tenfold_store::migrations::MigrationSet;

mod approvals;
pub mod attempts;
mod bulk;
pub mod claims;
pub mod decisions;
pub mod events;
pub mod history;
pub mod identity;
pub mod ledger;
pub mod loads;
pub mod mentions;
pub mod person;
pub mod places;
pub mod queries;
pub mod questions;
pub mod refusals;
pub mod register;
pub mod rejections;
pub mod release_keys;
pub mod releases;
pub mod remembered;
pub mod returns;
pub mod rights;
pub mod rows;
mod schema;
pub mod standing;
pub mod stays;
pub mod witness;

use diesel_migrations::embed_migrations;

/// The node's migrations. Their versions all begin with 20261122.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    sqlite: embed_migrations!("../migrations/node/sqlite"),
    postgres: embed_migrations!("../migrations/node/postgres"),
};
