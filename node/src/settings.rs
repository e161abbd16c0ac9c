//! The node's settings, read once at its start.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tenfold_store::{DatabaseUrl, DatabaseUrlError};

use crate::release::review::SmallestChange;

/// The shipped file: every key at its default, with unit and meaning.
pub const SHIPPED: &str = include_str!("../../config/node.toml");

/// The node's settings.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The node's folder.
    pub data: PathBuf,
    /// The database's address, empty for an SQLite file in the folder.
    pub database: String,
    /// Where pages are served.
    pub pages_listen: SocketAddr,
    /// What is logged.
    pub log: String,
    /// How often due releases are looked for.
    pub deliver_every_s: u64,
    /// The borough's outcomes plan, empty for none.
    pub outcomes_plan: PathBuf,
    /// Proxy for calls out, empty for none.
    pub proxy: String,
    /// The smallest change of a total from quarter to quarter that matters here, in families.
    pub smallest_change_total: u32,
    /// Of a label.
    pub smallest_change_label: u32,
    /// Of a place.
    pub smallest_change_place: u32,
    /// Whether somebody confirmed the three.
    pub smallest_change_confirmed: bool,
}

impl Settings {
    /// Where the database is.
    ///
    /// # Errors
    /// Where the address is not one.
    pub fn database(&self) -> Result<DatabaseUrl, DatabaseUrlError> {
        if self.database.is_empty() {
            Ok(DatabaseUrl::Sqlite(self.data.join("node.sqlite")))
        } else {
            self.database.parse()
        }
    }

    /// The borough's outcomes plan, where one is set.
    pub fn outcomes_plan(&self) -> Option<&Path> {
        Some(self.outcomes_plan.as_path()).filter(|path| !path.as_os_str().is_empty())
    }

    /// The smallest changes that matter here.
    pub fn smallest_change(&self) -> SmallestChange {
        SmallestChange {
            total: self.smallest_change_total,
            label: self.smallest_change_label,
            place: self.smallest_change_place,
            confirmed: self.smallest_change_confirmed,
        }
    }

    /// The settings with the database's password hidden, for showing.
    pub fn redacted(&self) -> Self {
        let database = self.database().map_or_else(|_| String::new(), |url| url.to_string());
        Self { database, ..self.clone() }
    }
}
