//! Ways in which a file is spoilt: on its way, in a spreadsheet, by hand.

use std::io::{Cursor, Write};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::Example;

/// Texts that readers trip over.
const TEXTS: [&[u8]; 44] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xe9",
    b"\xe2\x80",
    b"9.43E+09",
    b"01/02/15",
    b"31/02/2015",
    b"42123",
    b"N/A",
    b"unknown",
    b"#N/A",
    b"########",
    b"Total",
    b"Grand total:",
    b"Ivy & Otto",
    b"Ivy\nOtto",
    b"01/01/1900",
    b"01/01/2099",
    b"99999999999999999999",
    b"-1",
    b"E05999999",
    b"sep=;",
    b"1e308",
    b"NaN",
    b"<v>",
    b"</c>",
    b"r=\"A1048576\"",
    b"r=\"XFD1\"",
    b"t=\"s\"",
    b"hidden=\"1\"",
    b"&amp;",
    b"<c r=\"B2\"><v>1e999</v></c>",
    b"\xf0\x9f\x99\x82",
];

/// One spoilt file, and the example that it was.
///
/// # Errors
/// Where a workbook cannot be put together.
pub fn spoil<'a>(corpus: &'a [Example], dice: &mut ChaCha8Rng) -> anyhow::Result<(&'a Example, Vec<u8>)> {
    let example = &corpus[dice.random_range(0..corpus.len())];
    let bytes = match dice.random_range(0..10) {
        0 => bytes(example.workbook.clone(), dice),
        1..=3 => packed(example, dice)?,
        4 => {
            // In another encoding.
            let mut wide = vec![0xff, 0xfe];
            wide.extend(example.text.encode_utf16().flat_map(u16::to_le_bytes));
            bytes(wide, dice)
        }
        5 => cells(example, dice),
        6 | 7 => {
            // The headings stay, so that it comes to rows.
            let end = example.text.find('\n').map_or(0, |end| end + 1);
            let rows = bytes(example.text.as_bytes()[end..].to_vec(), dice);
            [&example.text.as_bytes()[..end], &rows].concat()
        }
        _ => bytes(example.text.clone().into_bytes(), dice),
    };
    Ok((example, bytes))
}

/// Some bytes changed, dropped, doubled or put in.
fn bytes(mut bytes: Vec<u8>, dice: &mut ChaCha8Rng) -> Vec<u8> {
    for _ in 0..dice.random_range(1..=6) {
        if bytes.is_empty() {
            return bytes;
        }
        let at = dice.random_range(0..bytes.len());
        let until = (at + dice.random_range(1..=64_usize)).min(bytes.len());
        match dice.random_range(0..8) {
            0 => bytes[at] = dice.random(),
            1 => bytes[at] ^= 1 << dice.random_range(0..8),
            2 => drop(bytes.drain(at..until)),
            3 => {
                let part = bytes[at..until].to_vec();
                bytes.splice(at..at, part);
            }
            4 => bytes.truncate(at),
            5 => bytes[at..until].fill(0),
            _ => {
                let text = TEXTS[dice.random_range(0..TEXTS.len())];
                bytes.splice(at..at, text.iter().copied());
            }
        }
    }
    bytes
}

/// Whole cells replaced, so that rows stay rows.
fn cells(example: &Example, dice: &mut ChaCha8Rng) -> Vec<u8> {
    let mut lines: Vec<Vec<Vec<u8>>> = example
        .text
        .lines()
        .map(|line| line.split(',').map(|cell| cell.as_bytes().to_vec()).collect())
        .collect();
    for _ in 0..dice.random_range(1..=8) {
        let line = dice.random_range(1..lines.len());
        let cell = dice.random_range(0..lines[line].len());
        lines[line][cell] = TEXTS[dice.random_range(0..TEXTS.len())].to_vec();
    }
    if dice.random_range(0..4) == 0 {
        let line = dice.random_range(0..lines.len());
        let copy = lines[line].clone();
        lines.insert(dice.random_range(0..lines.len()), copy);
    }
    lines.iter().map(|cells| cells.join(&b","[..])).collect::<Vec<_>>().join(&b"\n"[..])
}

/// A workbook with some of its parts spoilt, and packed soundly again.
fn packed(example: &Example, dice: &mut ChaCha8Rng) -> anyhow::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let sheet = dice.random_range(0..3) > 0;
    let other = dice.random_range(0..example.parts.len());
    for (at, (name, part)) in example.parts.iter().enumerate() {
        let is_spoilt = if sheet { name.starts_with("xl/worksheets/sheet") } else { at == other };
        archive.start_file(name.as_str(), options)?;
        if is_spoilt {
            archive.write_all(&bytes(part.clone(), dice))?;
        } else {
            archive.write_all(part)?;
        }
    }
    Ok(archive.finish()?.into_inner())
}
