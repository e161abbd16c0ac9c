//! The aggregator's settings, read once at its start.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use tenfold_store::{DatabaseUrl, DatabaseUrlError};

use crate::ingest::{allowance::Rate, limits::Limits};

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
    /// Calls of a borough at once, after a time without any.
    pub ingest_calls_at_once: u32,
    /// Calls that a borough earns in a minute.
    pub ingest_calls_a_minute: u32,
    /// Connections that one node holds at the same time.
    pub ingest_connections: usize,
    /// How long the head of a request may take.
    pub ingest_head_s: u64,
    /// How long a whole request may take.
    pub ingest_request_s: u64,
    /// From when on a body has to keep to the least rate.
    pub ingest_body_grace_s: u64,
    /// The least rate of a body in bytes a second.
    pub ingest_body_least_rate: u64,
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

    /// What the door for nodes bears.
    pub fn limits(&self) -> Limits {
        Limits {
            rate: Rate { at_once: self.ingest_calls_at_once, a_minute: self.ingest_calls_a_minute },
            connections: self.ingest_connections,
            head: Duration::from_secs(self.ingest_head_s),
            request: Duration::from_secs(self.ingest_request_s),
            grace: Duration::from_secs(self.ingest_body_grace_s),
            least_rate: self.ingest_body_least_rate,
        }
    }

    /// The settings with the database's password hidden, for showing.
    pub fn redacted(&self) -> Self {
        let database = self.database().map_or_else(|_| String::new(), |url| url.to_string());
        Self { database, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_limits_are_the_doors_own() {
        let shipped: Settings = tenfold_web::settings::load(SHIPPED, None, &[]).unwrap();
        assert_eq!(shipped.limits(), Limits::default());
    }
}
