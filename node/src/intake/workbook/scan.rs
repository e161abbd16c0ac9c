//! A workbook is looked through before it is opened: how much it unpacks to, and what its rows hide.
//!
//! A file of one megabyte can unpack to many thousands, so every part is unpacked once, thrown away as it goes
//! and counted; only what stays inside the limits is opened.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, BufReader, Read, Seek},
};

use zip::{ZipArchive, result::ZipError};

use crate::intake::fault::FileFault;

/// All sheets together, unpacked; they are read cell by cell.
const MOST_SHEETS_MIB: u64 = 2_048;
/// Any other part, unpacked; it is held in memory.
const MOST_PART_MIB: u64 = 128;
/// Texts that cells share; they are held in memory.
const MOST_TEXTS: u64 = 2_000_000;
/// Cells of all sheets.
const MOST_CELLS: u64 = 50_000_000;
/// One cell or tag; a spreadsheet's own limit is 32,767 characters.
const MOST_PIECE: u64 = 1 << 20;
/// Parts of the archive.
const MOST_PARTS: usize = 10_000;

/// What a workbook holds besides its cells.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Rows that are hidden or filtered away, of all sheets.
    pub(crate) hidden_rows: u64,
    /// Rows near the top that merged cells touch, of all sheets; the first is 1.
    pub(crate) merged_rows: BTreeSet<u32>,
    cells: u64,
    texts: u64,
    sheet_bytes: u64,
}

/// Unpacks every part once and throws it away.
pub(crate) fn scan(reader: impl Read + Seek) -> Result<Scanned, FileFault> {
    let mut archive = ZipArchive::new(BufReader::new(reader)).map_err(|error| refused(&error))?;
    if archive.len() > MOST_PARTS {
        return Err(FileFault::NotAWorkbook);
    }
    recognised(&archive)?;
    let mut scanned = Scanned::default();
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|error| refused(&error))?;
        let name = part.name().map_err(|error| refused(&error))?.into_owned();
        let is_sheet = name.starts_with("xl/worksheets/");
        let most = if is_sheet { MOST_SHEETS_MIB } else { MOST_PART_MIB } << 20;
        if part.size() > most {
            return Err(FileFault::TooLarge { most_mib: most >> 20 });
        }
        let is_xml = name.ends_with(".xml");
        let before = if is_sheet { scanned.sheet_bytes } else { 0 };
        let mut part = part.take(most - before + 1);
        if is_xml {
            scanned.tags(&mut BufReader::with_capacity(1 << 16, &mut part))?
        } else {
            pass(&mut part)?
        }
        let unpacked = most - before + 1 - part.limit();
        if before + unpacked > most {
            return Err(FileFault::TooLarge { most_mib: most >> 20 });
        }
        if is_sheet {
            scanned.sheet_bytes += unpacked;
        }
    }
    Ok(scanned)
}

fn recognised<R: Read + Seek>(archive: &ZipArchive<R>) -> Result<(), FileFault> {
    let has = |name: &str| archive.file_names().flatten().any(|known| known.eq_ignore_ascii_case(name));
    if has("xl/workbook.xml") {
        Ok(())
    } else if has("xl/workbook.bin") || has("content.xml") {
        Err(FileFault::OtherWorkbook)
    } else {
        Err(FileFault::NotAWorkbook)
    }
}

fn refused(error: &ZipError) -> FileFault {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => FileFault::unreadable(error),
        ZipError::UnsupportedArchive(_) => FileFault::Protected,
        _ => FileFault::HalfWorkbook,
    }
}

fn pass(part: &mut impl Read) -> Result<(), FileFault> {
    io::copy(part, &mut io::sink()).map_or(Err(FileFault::HalfWorkbook), |_| Ok(()))
}

impl Scanned {
    fn tags(&mut self, part: &mut impl BufRead) -> Result<(), FileFault> {
        let mut piece = Vec::new();
        loop {
            piece.clear();
            // Each piece is a text and the tag after it.
            let count =
                part.take(MOST_PIECE).read_until(b'>', &mut piece).map_err(|_| FileFault::HalfWorkbook)?;
            if count == 0 {
                return Ok(());
            }
            if count as u64 == MOST_PIECE {
                return Err(FileFault::CellTooLong);
            }
            let Some(tag) = piece.iter().rposition(|byte| *byte == b'<').map(|at| &piece[at + 1..count])
            else {
                continue;
            };
            self.tag(tag)?;
        }
    }

    fn tag(&mut self, tag: &[u8]) -> Result<(), FileFault> {
        if !places_fit(tag) {
            return Err(FileFault::BrokenWorkbook);
        }
        match tag {
            [b'c', b' ' | b'>' | b'/', ..] => self.cells += 1,
            [b's', b'i', b' ' | b'>' | b'/', ..] => self.texts += 1,
            [b'r', b'o', b'w', b' ', ..] => self.hidden_rows += u64::from(is_hidden(tag)),
            [b'm', b'e', b'r', b'g', b'e', b'C', b'e', b'l', b'l', b' ', ..] => self.merged(tag),
            _ => {}
        }
        if self.cells > MOST_CELLS {
            return Err(FileFault::TooManyCells { most: MOST_CELLS });
        }
        if self.texts > MOST_TEXTS {
            return Err(FileFault::TooManyCells { most: MOST_TEXTS });
        }
        Ok(())
    }

    /// Merged cells that begin in one of the first rows: `ref="B1:D1"`.
    fn merged(&mut self, tag: &[u8]) {
        let text = String::from_utf8_lossy(tag);
        let first = text.split('"').nth(1).and_then(|range| range.split(':').next());
        let row =
            first.and_then(|cell| cell.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().ok());
        if let Some(row) = row.filter(|row| *row <= 20) {
            self.merged_rows.insert(row);
        }
    }
}

fn is_hidden(tag: &[u8]) -> bool {
    [&b"hidden=\"1\""[..], b"hidden=\"true\""]
        .iter()
        .any(|mark| tag.windows(mark.len()).any(|part| part == *mark))
}

/// Whether the place that a cell or row names is one that a sheet can have: `r="XFD1048576"`.
fn places_fit(tag: &[u8]) -> bool {
    if !matches!(tag, [b'c' | b'd' | b'm', ..] | [b'r', b'o', b'w', b' ', ..]) {
        return true;
    }
    let marks = [&b" r=\""[..], b" ref=\""];
    marks.iter().all(|mark| match tag.windows(mark.len()).position(|part| part == *mark) {
        Some(at) => {
            let rest = &tag[at + mark.len()..];
            let place = rest.iter().position(|byte| *byte == b'"').map_or(rest, |end| &rest[..end]);
            place.split(|byte| *byte == b':').all(is_place)
        }
        None => true,
    })
}

/// Up to three letters and up to seven digits.
fn is_place(place: &[u8]) -> bool {
    let letters = place.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let digits = &place[letters..];
    letters <= 3 && digits.len() <= 7 && digits.iter().all(|byte| byte.is_ascii_digit())
}
