//! Two databases behind one schema: addresses, connections, transactions, migrations; accounts and acts.
//!
//! SQLite by default, PostgreSQL by URL. Blocking database work runs in exactly one place, [`Store::run`].

pub mod accounts;
pub mod acts;
mod bulk;
pub mod connection;
pub mod migrations;
pub mod passwords;
mod schema;
pub mod sessions;
pub mod signing;
pub mod store;
pub mod url;

pub use accounts::{Account, AccountError, Role};
pub use connection::{AnyConnection, part};
pub use signing::Signer;
pub use store::{Store, StoreError};
pub use url::{DatabaseUrl, DatabaseUrlError};

/// The stable word for a moment in a column: date and time without zone, in UTC.
pub type ColumnTime = chrono::NaiveDateTime;
