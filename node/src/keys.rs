//! The keys of a node, made here, never sent anywhere: each among the credentials that systemd hands to a service, or
//! in one folder that only its owner can read.

mod places;
mod renewed;
mod rotated;
#[cfg(test)]
mod tests;

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use tenfold_common::protocol::{SigningKey, signature::write_secret};

use crate::{
    ledger::JournalKey,
    release::freeze::{FreezeKey, random},
};

pub use places::{KeyName, Places, Stands};

/// The node's keys.
#[derive(Debug)]
pub struct Keys {
    places: Places,
    /// Signs releases.
    pub release: Arc<SigningKey>,
    /// Freezes tables.
    pub freeze: FreezeKey,
    journal: Option<JournalKey>,
}

/// Why the keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A key stands nowhere.
    #[error(
        "the key {file} is not in {folder}, and among the credentials of this process, which {given}, there is no \
         {credential}: start the node as the service that is given its keys, or restore the key folder; a node never \
         goes on under new keys"
    )]
    Missing {
        /// Its file.
        file: &'static str,
        /// Its name among credentials.
        credential: String,
        /// The key folder.
        folder: PathBuf,
        /// Whether there are credentials at all.
        given: &'static str,
    },
    /// A key stands in both places and is not the same.
    #[error(
        "the key {file} in the node's folder is another than the credential {credential}: keep the one that the \
         database was written under and delete the other; nothing was opened"
    )]
    Differs {
        /// Its file.
        file: String,
        /// Its name among credentials.
        credential: String,
    },
    /// A key is none.
    #[error("the key {file} is {found}, expected {expected}")]
    Unusable {
        /// Its file.
        file: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The certificate that the node holds cannot be read.
    #[error("the node certificate cannot be read: {reason}")]
    Certificate {
        /// Why.
        reason: String,
    },
    /// The key of the node certificate stands nowhere.
    #[error(
        "the key of the node certificate in force, {file}, is neither in {folder} nor among the credentials of this \
         process: restore the key folder as it stood after the last renewal, or send a new enrolment request to the \
         region"
    )]
    NotOfCertificate {
        /// Its file.
        file: String,
        /// The key folder.
        folder: PathBuf,
    },
    /// A release key that followed another stands nowhere.
    #[error(
        "the release key in force, {file}, is neither in {folder} nor among the credentials of this process: restore the \
         key folder as it stood after the key was rotated; a node never goes on under another key"
    )]
    NoReleaseKey {
        /// Its file.
        file: String,
        /// The key folder.
        folder: PathBuf,
    },
    /// A new key cannot be kept.
    #[error(
        "a new key cannot be written into {folder}: {source}; let the account that runs the node write there (under \
         systemd: ReadWritePaths), for a certificate is renewed over a new key, whether or not the first one is a \
         credential"
    )]
    NotWritable {
        /// The key folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The journal's key was destroyed at the horizon's end.
    #[error(
        "the key under which this node's journal named family lines was destroyed when its last quarter was over: whom it \
         counted cannot be known any more, so nothing is counted again"
    )]
    JournalDestroyed,
    /// A file cannot be read or written.
    #[error("the node's key in {path} cannot be read or made: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Keys {
    /// Makes the keys of a new node in its folder; an existing key is never replaced.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn create(folder: &Path) -> Result<Self, KeysError> {
        let places = Places::of(folder);
        let attempt = || {
            fs::create_dir_all(folder)?;
            #[cfg(unix)]
            fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            SigningKey::open_or_create(&places.in_folder(KeyName::Release))?;
            for key in [KeyName::Freeze, KeyName::Journal] {
                let path = places.in_folder(key);
                if !path.exists() {
                    write_secret(&path, &random::<32>().map_err(io::Error::other)?)?;
                }
            }
            let tls = places.in_folder(KeyName::Tls);
            if !tls.exists() {
                let pair = rcgen::KeyPair::generate().map_err(io::Error::other)?;
                write_secret(&tls, pair.serialize_pem().as_bytes())?;
            }
            Ok(())
        };
        attempt().map_err(|source| KeysError::File { path: folder.to_owned(), source })?;
        Self::open(places, false)
    }

    /// Opens the keys of an existing node, without the journal's where that was destroyed.
    ///
    /// # Errors
    /// Where one is missing or unusable: a node without its keys must be restored, not started afresh.
    pub fn open(places: Places, journal_destroyed: bool) -> Result<Self, KeysError> {
        let release = SigningKey::from_pem(&text(&places, KeyName::Release)?)
            .map_err(|error| unusable(KeyName::Release, error.to_string()))?;
        let freeze = FreezeKey::from_bytes(thirty_two(&places, KeyName::Freeze)?);
        let journal = match journal_destroyed {
            true => None,
            false => Some(JournalKey::from_bytes(thirty_two(&places, KeyName::Journal)?)),
        };
        Ok(Self { places, release: Arc::new(release), freeze, journal })
    }

    /// The key that names lines in the journal.
    ///
    /// # Errors
    /// `JournalDestroyed` where it was.
    pub fn journal(&self) -> Result<&JournalKey, KeysError> {
        self.journal.as_ref().ok_or(KeysError::JournalDestroyed)
    }

    /// Overwrites and removes the journal's key in the node's folder; whether it still stands among the credentials.
    ///
    /// # Errors
    /// Where its file cannot be written or removed.
    pub fn destroy_journal(&self) -> Result<bool, KeysError> {
        let path = self.places.in_folder(KeyName::Journal);
        if path.exists() {
            let attempt = || {
                let mut file = fs::OpenOptions::new().write(true).open(&path)?;
                file.write_all(&random::<32>().map_err(io::Error::other)?)?;
                file.sync_all()?;
                fs::remove_file(&path)
            };
            attempt().map_err(|source| KeysError::File { path: path.clone(), source })?;
        }
        Ok(self.places.find(KeyName::Journal).is_ok())
    }

    /// The TLS key in PEM.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn tls_key_pem(&self) -> Result<String, KeysError> {
        text(&self.places, KeyName::Tls)
    }
}

/// Where each key of a node stands, or why it cannot be had.
pub fn list(places: &Places) -> Vec<(KeyName, Result<Stands, KeysError>)> {
    let stands = |key| match key {
        KeyName::Freeze | KeyName::Journal => thirty_two(places, key).and_then(|_| places.find(key)),
        KeyName::Release | KeyName::Tls => text(places, key).and_then(|_| places.find(key)),
    };
    KeyName::ALL.into_iter().map(|key| (key, stands(key).map(|(_, stands)| stands))).collect()
}

fn thirty_two(places: &Places, key: KeyName) -> Result<[u8; 32], KeysError> {
    let (bytes, _) = places.find(key)?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| unusable(key, format!("{length} bytes long")))
}

fn text(places: &Places, key: KeyName) -> Result<String, KeysError> {
    String::from_utf8(places.find(key)?.0).map_err(|_| unusable(key, "no text".to_owned()))
}

fn unusable(key: KeyName, found: String) -> KeysError {
    let expected = match key {
        KeyName::Freeze | KeyName::Journal => "a key of 32 bytes",
        KeyName::Release => "an Ed25519 key in PEM",
        KeyName::Tls => "a key in PEM",
    };
    KeysError::Unusable { file: key.file(), found, expected }
}
