//! The keys of a node, in one folder that only its owner can read: made here, never sent anywhere.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tenfold_common::protocol::{SigningKey, signature::write_secret};

use crate::{
    ledger::JournalKey,
    release::freeze::{FreezeKey, random},
};

/// The node's keys.
#[derive(Debug)]
pub struct Keys {
    folder: PathBuf,
    /// Signs releases.
    pub release: SigningKey,
    /// Freezes tables.
    pub freeze: FreezeKey,
    /// Names lines in the journal.
    pub journal: JournalKey,
}

/// Why the keys cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the node's keys in {folder} cannot be read or made: {source}")]
pub struct KeysError {
    /// The key folder.
    folder: PathBuf,
    /// Why.
    source: io::Error,
}

impl Keys {
    /// Makes the keys of a new node; an existing key is never replaced.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn create(folder: &Path) -> Result<Self, KeysError> {
        let attempt = || {
            fs::create_dir_all(folder)?;
            #[cfg(unix)]
            fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            SigningKey::open_or_create(&folder.join(RELEASE))?;
            for name in [FREEZE, JOURNAL] {
                let path = folder.join(name);
                if !path.exists() {
                    write_secret(&path, &random::<32>().map_err(io::Error::other)?)?;
                }
            }
            let tls = folder.join(TLS);
            if !tls.exists() {
                let pair = rcgen::KeyPair::generate().map_err(io::Error::other)?;
                write_secret(&tls, pair.serialize_pem().as_bytes())?;
            }
            Ok(())
        };
        attempt().map_err(|source| KeysError { folder: folder.to_owned(), source })?;
        Self::open(folder)
    }

    /// Opens the keys of an existing node.
    ///
    /// # Errors
    /// Where one is missing or unreadable: a node without its keys must be restored, not started afresh.
    pub fn open(folder: &Path) -> Result<Self, KeysError> {
        let attempt = || {
            let release = fs::read_to_string(folder.join(RELEASE))?;
            let release = SigningKey::from_pem(&release).map_err(io::Error::other)?;
            let freeze = FreezeKey::from_bytes(thirty_two(&folder.join(FREEZE))?);
            let journal = JournalKey::from_bytes(thirty_two(&folder.join(JOURNAL))?);
            Ok(Self { folder: folder.to_owned(), release, freeze, journal })
        };
        attempt().map_err(|source| KeysError { folder: folder.to_owned(), source })
    }

    /// The TLS key in PEM.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn tls_key_pem(&self) -> Result<String, KeysError> {
        fs::read_to_string(self.folder.join(TLS))
            .map_err(|source| KeysError { folder: self.folder.clone(), source })
    }
}

const RELEASE: &str = "release.pem";
const FREEZE: &str = "freeze.key";
const JOURNAL: &str = "journal.key";
const TLS: &str = "tls.pem";

fn thirty_two(path: &Path) -> io::Result<[u8; 32]> {
    fs::read(path)?
        .try_into()
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "expected a key of 32 bytes"))
}
