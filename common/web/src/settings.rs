//! Settings in layers: the shipped file with every key at its default < a file < the environment < flags.

use std::path::{Path, PathBuf};

use config::{Config, Environment, File, FileFormat};
use serde::{Serialize, de::DeserializeOwned};

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file asked for is not there.
    #[error("the settings file {path} is not there; make it from the shipped one, or leave --config out")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A key is unknown or a value is not of its kind.
    #[error("the settings cannot be used: {reason}; the shipped file names every key with its unit")]
    Unusable {
        /// What the library said.
        reason: String,
    },
}

/// Reads settings. `shipped` is the shipped file, `overrides` what flags said.
///
/// # Errors
/// Where a file asked for is missing, a key is unknown, or a value is not of its kind.
pub fn load<T: DeserializeOwned>(
    shipped: &str,
    file: Option<&Path>,
    overrides: &[(&str, Option<String>)],
) -> Result<T, SettingsError> {
    layered(shipped, file, environment(), overrides)
}

/// The variables under which another process of the same program has these very settings.
///
/// # Errors
/// Where they cannot be written.
pub fn as_environment(settings: &impl Serialize) -> Result<Vec<(String, String)>, SettingsError> {
    let unusable = |reason: String| SettingsError::Unusable { reason };
    let table = toml::Table::try_from(settings).map_err(|error| unusable(error.to_string()))?;
    let variables = table.into_iter().map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (format!("TENFOLD_{}", key.to_uppercase()), value)
    });
    Ok(variables.collect())
}

/// TENFOLD_PAGES_LISTEN is the key `pages_listen`.
fn environment() -> Environment {
    Environment::with_prefix("TENFOLD").prefix_separator("_")
}

fn layered<T: DeserializeOwned>(
    shipped: &str,
    file: Option<&Path>,
    environment: Environment,
    overrides: &[(&str, Option<String>)],
) -> Result<T, SettingsError> {
    let unusable = |error: config::ConfigError| SettingsError::Unusable { reason: error.to_string() };
    let mut layers = Config::builder().add_source(File::from_str(shipped, FileFormat::Toml));
    if let Some(path) = file {
        if !path.is_file() {
            return Err(SettingsError::Missing { path: path.to_owned() });
        }
        layers = layers.add_source(File::from(path).format(FileFormat::Toml));
    }
    layers = layers.add_source(environment);
    for (key, value) in overrides {
        layers = layers.set_override_option(*key, value.clone()).map_err(unusable)?;
    }
    layers.build().and_then(Config::try_deserialize).map_err(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        listen: String,
        days: u32,
    }

    const SHIPPED: &str = "listen = \"127.0.0.1:1\"\ndays = 3\n";

    #[test]
    fn another_process_has_the_same_settings() {
        let here = Sample { listen: "127.0.0.1:2 \"a\"".into(), days: 4 };
        let variables = as_environment(&here).unwrap();
        assert_eq!(variables[1].0, "TENFOLD_LISTEN");
        let there = environment().source(Some(variables.into_iter().collect()));
        assert_eq!(layered::<Sample>(SHIPPED, None, there, &[]).unwrap(), here);
    }

    #[test]
    fn flags_win_over_the_shipped_file_and_unknown_keys_are_refused() {
        let found: Sample =
            load(SHIPPED, None, &[("listen", Some("127.0.0.1:2".into())), ("days", None)]).unwrap();
        assert_eq!(found, Sample { listen: "127.0.0.1:2".into(), days: 3 });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        assert!(matches!(load::<Sample>(SHIPPED, Some(&path), &[]), Err(SettingsError::Missing { .. })));
        std::fs::write(&path, "dayz = 4\n").unwrap();
        assert!(matches!(load::<Sample>(SHIPPED, Some(&path), &[]), Err(SettingsError::Unusable { .. })));
        std::fs::write(&path, "days = 4\n").unwrap();
        assert_eq!(load::<Sample>(SHIPPED, Some(&path), &[]).unwrap().days, 4);
    }

    #[test]
    fn the_environment_wins_over_a_file_and_loses_to_a_flag() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Underscored {
            pages_listen: String,
            deliver_every_s: u64,
        }
        let shipped = "pages_listen = \"127.0.0.1:1\"\ndeliver_every_s = 60\n";
        let said = [("TENFOLD_PAGES_LISTEN", "127.0.0.1:3"), ("TENFOLD_DELIVER_EVERY_S", "5")];
        let said = || {
            let said = said.map(|(key, value)| (key.to_owned(), value.to_owned()));
            environment().source(Some(said.into_iter().collect()))
        };
        let found: Underscored = layered(shipped, None, said(), &[]).unwrap();
        assert_eq!(found, Underscored { pages_listen: "127.0.0.1:3".into(), deliver_every_s: 5 });
        let flag = [("pages_listen", Some("127.0.0.1:4".to_owned()))];
        let found: Underscored = layered(shipped, None, said(), &flag).unwrap();
        assert_eq!(found.pages_listen, "127.0.0.1:4");
    }
}
