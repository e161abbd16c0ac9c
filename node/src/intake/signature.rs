//! What a file is by its first bytes, whatever its name says.

use std::io::{self, Read};

use crate::intake::{fault::FileFault, source::Source};

/// Files that are read.
pub(crate) enum Signature {
    /// CSV or its like.
    Text,
    /// A zip archive, which a workbook is.
    Workbook,
}

/// The beginning of a file of Microsoft's compound format: an old workbook, or a new one behind a password.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// What a file is.
///
/// # Errors
/// Where it is known and not read.
pub(crate) fn of(source: &Source) -> Result<Signature, FileFault> {
    let failed = |error: io::Error| FileFault::unreadable(&error);
    let mut first = Vec::new();
    source.open().map_err(failed)?.take(512).read_to_end(&mut first).map_err(failed)?;
    if first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06") {
        return Ok(Signature::Workbook);
    }
    if first.starts_with(COMPOUND) {
        let protected = contains(source, "EncryptedPackage").map_err(failed)?;
        return Err(if protected { FileFault::Protected } else { FileFault::OldWorkbook });
    }
    let text = String::from_utf8_lossy(&first).trim_start_matches('\u{feff}').trim_start().to_lowercase();
    if ["<?xml", "<html", "<!doctype", "<table", "<workbook"].iter().any(|mark| text.starts_with(mark)) {
        return Err(FileFault::MarkedUp);
    }
    Ok(Signature::Text)
}

/// Whether a compound file has an entry of this name, which it writes in UTF-16.
fn contains(source: &Source, name: &str) -> io::Result<bool> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut reader = source.open()?;
    let mut window = Vec::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        let count = reader.read(&mut chunk)?;
        if count == 0 {
            return Ok(false);
        }
        window.extend_from_slice(&chunk[..count]);
        if window.windows(name.len()).any(|part| part == name) {
            return Ok(true);
        }
        window.drain(..window.len().saturating_sub(name.len()));
    }
}
