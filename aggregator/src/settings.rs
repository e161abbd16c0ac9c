//! The aggregator's settings, read once at its start.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use tenfold_store::{DatabaseUrl, DatabaseUrlError};

/// The shipped file: every key at its default, with unit and meaning.
pub const SHIPPED: &str = include_str!("../../config/aggregator.toml");

/// The aggregator's settings.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The aggregator's folder.
    pub data: PathBuf,
    /// The database's address, empty for an SQLite file in the folder.
    pub database: String,
    /// Where nodes deliver.
    pub ingest_listen: SocketAddr,
    /// Where pages are served.
    pub pages_listen: SocketAddr,
    /// Where the pages are reached from outside, empty where nodes are not to reach them.
    pub public_url: String,
    /// What is logged.
    pub log: String,
}

impl Settings {
    /// Where the database is.
    ///
    /// # Errors
    /// Where the address is not one.
    pub fn database(&self) -> Result<DatabaseUrl, DatabaseUrlError> {
        if self.database.is_empty() {
            Ok(DatabaseUrl::Sqlite(self.data.join("aggregator.sqlite")))
        } else {
            self.database.parse()
        }
    }

    /// The settings with the database's password hidden, for showing.
    pub fn redacted(&self) -> Self {
        let database = self.database().map_or_else(|_| String::new(), |url| url.to_string());
        Self { database, ..self.clone() }
    }
}
