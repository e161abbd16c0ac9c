//! Where keys stand: among the credentials that systemd hands to a service, or in the node's own folder.

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::Serialize;

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
        format!("tenfold-{}", self.file())
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

    /// A key's bytes and where they stand; the credentials' go first.
    ///
    /// # Errors
    /// Where it is in neither place, differs between them, or cannot be read.
    pub fn find(&self, key: KeyName) -> Result<(Vec<u8>, Stands), KeysError> {
        let credential = self.credentials.as_ref().map(|folder| folder.join(key.credential()));
        let credential = credential.as_deref().map(read).transpose()?.flatten();
        match (credential, read(&self.in_folder(key))?) {
            (Some(one), Some(other)) if one != other => {
                Err(KeysError::Differs { file: key.file(), credential: key.credential() })
            }
            (Some(bytes), Some(_)) => Ok((bytes, Stands::Both)),
            (Some(bytes), None) => Ok((bytes, Stands::Credentials)),
            (None, Some(bytes)) => Ok((bytes, Stands::Folder)),
            (None, None) => Err(KeysError::Missing {
                file: key.file(),
                credential: key.credential(),
                folder: self.folder.clone(),
                given: match self.credentials {
                    Some(_) => "has others",
                    None => "has none",
                },
            }),
        }
    }
}

fn credentials() -> Option<PathBuf> {
    env::var_os(CREDENTIALS).filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, KeysError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeysError::File { path: path.to_owned(), source }),
    }
}
