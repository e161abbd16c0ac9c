//! Where an extract's bytes stand: a file on disk, or memory for those who already hold them.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use crate::intake::fault::FileFault;

/// What a reader of a file needs.
pub(crate) trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// Bytes that can be opened again and again.
#[derive(Clone)]
pub(crate) enum Source {
    /// A file, and how large and how old it was when it was opened first.
    File { path: PathBuf, bytes: u64, changed: Option<SystemTime> },
    /// Memory.
    Memory(Arc<[u8]>),
}

impl Source {
    pub(crate) fn file(path: &Path) -> Result<Self, FileFault> {
        let metadata = std::fs::metadata(path).map_err(|error| FileFault::unreadable(&error))?;
        if !metadata.is_file() {
            return Err(FileFault::NotAFile);
        }
        let (bytes, changed) = (metadata.len(), metadata.modified().ok());
        Ok(Self::File { path: path.to_owned(), bytes, changed })
    }

    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::File { bytes, .. } => *bytes,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn ReadSeek + '_>> {
        Ok(match self {
            Self::File { path, .. } => Box::new(File::open(path)?),
            Self::Memory(bytes) => Box::new(Cursor::new(&**bytes)),
        })
    }

    /// Whether a file is another than when it was first opened: somebody is still writing it.
    pub(crate) fn has_changed(&self) -> bool {
        match self {
            Self::File { path, bytes, changed } => std::fs::metadata(path)
                .map_or(true, |now| now.len() != *bytes || now.modified().ok() != *changed),
            Self::Memory(_) => false,
        }
    }
}
