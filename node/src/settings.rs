//! The node's settings, read once at its start.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tenfold_store::{DatabaseUrl, DatabaseUrlError};

use tenfold_web::program;

use crate::{
    keys::Places,
    region::{Secret, Way, WayError},
    release::review::SmallestChange,
};

/// The credential that holds the proxy's password.
const PROXY_PASSWORD: &str = "tenfold-proxy-password";

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
    /// Who signs in at the proxy, empty for nobody.
    pub proxy_user: String,
    /// The password for it.
    pub proxy_password: Secret,
    /// A file that holds the password, empty for none.
    pub proxy_password_file: PathBuf,
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

    /// How calls leave the network. The proxy's password comes from its file, from the service's credential
    /// `tenfold-proxy-password`, or from the settings themselves.
    ///
    /// # Errors
    /// Where the proxy is not one or the file cannot be read.
    pub fn way(&self) -> Result<Way, WayError> {
        let password = match self.password_file() {
            Some(path) => {
                let unread = |error: anyhow::Error| WayError::Unusable { reason: error.to_string() };
                Secret::from(program::secret(&path).map_err(unread)?)
            }
            None => self.proxy_password.clone(),
        };
        Way::through(&self.proxy, &self.proxy_user, password)
    }

    fn password_file(&self) -> Option<PathBuf> {
        if !self.proxy_password_file.as_os_str().is_empty() {
            return Some(self.proxy_password_file.clone());
        }
        // Only where somebody signs in: a service has credentials for much else.
        let credential = Places::credential(PROXY_PASSWORD).filter(|_| !self.proxy_user.is_empty())?;
        credential.is_file().then_some(credential)
    }

    /// The settings with passwords hidden, for showing.
    pub fn redacted(&self) -> Self {
        let database = self.database().map_or_else(|_| String::new(), |url| url.to_string());
        let hidden = if self.proxy_password.is_empty() { "" } else { "hidden" };
        Self { database, proxy_password: Secret::from(hidden.to_owned()), ..self.clone() }
    }
}
