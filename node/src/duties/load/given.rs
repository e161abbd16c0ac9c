//! What is given to be loaded: files on disk or in memory, and what the analyst says of them.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use tenfold_common::protocol::signature::sha256_hex;

use super::report::told_file;
use crate::{
    intake::{Extract, FileFaults},
    register::Days,
};

/// A file as it was given: on disk, or in memory where it is small.
#[derive(Clone)]
pub struct GivenFile {
    /// Its name.
    pub name: String,
    /// Its bytes, or where they are.
    pub content: Content,
}

/// The bytes of a file.
#[derive(Clone)]
pub enum Content {
    /// In a file; read a piece at a time.
    File(PathBuf),
    /// In memory.
    Bytes(Vec<u8>),
}

impl GivenFile {
    /// A file on disk, by its own name.
    pub fn at(path: &Path) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { name, content: Content::File(path.to_owned()) }
    }

    /// A file in memory.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), content: Content::Bytes(bytes.to_vec()) }
    }

    /// The tables of the file, and the SHA-256 of its bytes.
    pub(super) fn open(&self) -> Result<(Vec<Extract>, String), Vec<String>> {
        let told = |faults: FileFaults| told_file(&faults);
        match &self.content {
            Content::Bytes(bytes) => {
                Ok((Extract::from_bytes(bytes.clone()).map_err(told)?, sha256_hex(bytes)))
            }
            Content::File(path) => {
                let extracts = Extract::open(path).map_err(told)?;
                let unreadable = |error: io::Error| vec![format!("the file cannot be read: {error}")];
                Ok((extracts, sha256_of(path).map_err(unreadable)?))
            }
        }
    }
}

fn sha256_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

/// What the analyst says of a load.
#[derive(Clone, Debug)]
pub struct LoadRequest {
    /// The day the data are current as of.
    pub as_of: NaiveDate,
    /// The days covered: outside them no record means not known, never nothing.
    pub covers: Days,
    /// What part of the borough they cover; empty for all of it.
    pub area: String,
    /// The load whose quarantine these rows mend.
    pub mends: Option<i64>,
    /// Take the good rows although others are bad; take a file without rows as *nothing happened*.
    pub take_good_rows: bool,
    /// Only say what would happen.
    pub dry_run: bool,
}

impl LoadRequest {
    /// A load of the whole borough that takes nothing on anybody's word.
    pub fn new(as_of: NaiveDate, covers: Days) -> Self {
        Self { as_of, covers, area: String::new(), mends: None, take_good_rows: false, dry_run: false }
    }
}
