//! Where keys stand: among the credentials that systemd hands to a service, or in the node's own folder.

use std::{
    env, fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use serde::Serialize;
use tenfold_common::protocol::signature::read_secret;

use super::KeysError;

/// The variable in which systemd names the folder of a service's credentials.
///
/// # Source
/// systemd.exec(5), section Credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// One of a node's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyName {
    /// Signs releases.
    Release,
    /// Encrypts frozen tables.
    Freeze,
    /// Names family lines in the journal.
    Journal,
    /// Belongs to the node's TLS certificate.
    Tls,
}

impl KeyName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Release, Self::Freeze, Self::Journal, Self::Tls];

    /// Its file in the node's key folder.
    pub fn file(self) -> &'static str {
        match self {
            Self::Release => "release.pem",
            Self::Freeze => "freeze.key",
            Self::Journal => "journal.key",
            Self::Tls => "tls.pem",
        }
    }

    /// Its name among a service's credentials.
    pub fn credential(self) -> String {
        credential_of(self.file())
    }

    /// What it is for, in words.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Release => "signs what is sent",
            Self::Freeze => "encrypts frozen tables",
            Self::Journal => "names family lines in the journal",
            Self::Tls => "proves to the region that this is the borough",
        }
    }
}

/// Where a key was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// Among the service's credentials.
    Credentials,
    /// In the node's folder.
    Folder,
    /// In both, the same.
    Both,
}

impl Stands {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Folder => "folder",
            Self::Both => "credentials and folder: delete the one in the folder",
        }
    }
}

/// The places where a node's keys are looked for.
#[derive(Clone, Debug)]
pub struct Places {
    folder: PathBuf,
    credentials: Option<PathBuf>,
}

impl Places {
    /// A key folder, and the credentials that systemd gave this process, if it gave any.
    pub fn of(folder: &Path) -> Self {
        Self::with(folder, credentials())
    }

    /// Where a credential of this name would stand that systemd gave this process, if it gave any.
    pub fn credential(name: &str) -> Option<PathBuf> {
        Some(credentials()?.join(name))
    }

    /// A key folder and a folder of credentials.
    pub fn with(folder: &Path, credentials: Option<PathBuf>) -> Self {
        Self { folder: folder.to_owned(), credentials }
    }

    /// A key's path in the node's folder.
    pub(super) fn in_folder(&self, key: KeyName) -> PathBuf {
        self.folder.join(key.file())
    }

    /// The node's key folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A key's bytes and where they stand; the credentials' go first.
    ///
    /// # Errors
    /// Where it is in neither place, differs between them, or cannot be read.
    pub fn find(&self, key: KeyName) -> Result<(Vec<u8>, Stands), KeysError> {
        self.find_file(key.file())?.ok_or_else(|| KeysError::Missing {
            file: key.file(),
            credential: key.credential(),
            folder: self.folder.clone(),
            given: match self.credentials {
                Some(_) => "has others",
                None => "has none",
            },
        })
    }

    /// The same of a file of a name; nothing where it is in neither place.
    ///
    /// # Errors
    /// Where it differs between the places or cannot be read.
    pub(super) fn find_file(&self, file: &str) -> Result<Option<(Vec<u8>, Stands)>, KeysError> {
        let name = credential_of(file);
        let credential = self.credentials.as_ref().map(|folder| folder.join(&name));
        // What systemd hands to a service is guarded by systemd, in a folder of the service's own.
        let credential = credential.map(|path| read(&path, |path| fs::read(path))).transpose()?.flatten();
        Ok(match (credential, read(&self.folder.join(file), read_secret)?) {
            (Some(one), Some(other)) if one != other => {
                return Err(KeysError::Differs { file: file.to_owned(), credential: name });
            }
            (Some(bytes), Some(_)) => Some((bytes, Stands::Both)),
            (Some(bytes), None) => Some((bytes, Stands::Credentials)),
            (None, Some(bytes)) => Some((bytes, Stands::Folder)),
            (None, None) => None,
        })
    }
}

/// The name of a key's file among a service's credentials.
fn credential_of(file: &str) -> String {
    format!("tenfold-{file}")
}

fn credentials() -> Option<PathBuf> {
    env::var_os(CREDENTIALS).filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn read(path: &Path, read: impl Fn(&Path) -> io::Result<Vec<u8>>) -> Result<Option<Vec<u8>>, KeysError> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeysError::File { path: path.to_owned(), source }),
    }
}
