//! The only home of diesel in the aggregator: rows in, values out.

use diesel_migrations::embed_migrations;
use tenfold_store::migrations::MigrationSet;

pub mod allowances;
pub mod applications;
pub mod draw_rights;
pub mod enrolments;
pub mod invitations;
pub mod log;
pub mod notices;
pub mod own_cas;
pub mod questions;
pub mod readmissions;
pub mod recovery;
pub mod region;
pub mod release_keys;
pub mod releases;
pub mod renewals;
mod schema;

/// The aggregator's migrations. Their versions all begin with 20261123.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    sqlite: embed_migrations!("../migrations/aggregator/sqlite"),
    postgres: embed_migrations!("../migrations/aggregator/postgres"),
};
