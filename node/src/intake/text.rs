//! Bytes into text, and what the first rows and the last byte show of a file.

use std::io::{self, Read};

use crate::intake::fault::FileFault;

/// The characters that may stand between cells, the likeliest first.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// How a file's text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextEncoding {
    /// UTF-8, valid throughout.
    Utf8,
    /// UTF-8 by its mark, with bytes that are none.
    MarkedUtf8,
    /// UTF-16 by its mark.
    Utf16,
    /// Windows-1252.
    Western,
}

/// What looking a file through shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// Nothing but space.
    Empty,
    /// Zero bytes from here to the end.
    Hollow { from: u64 },
    /// Zero bytes among others.
    NotText,
    /// Text.
    Text(TextEncoding),
}

/// Looks a file through: every byte is read once.
pub(crate) fn scan(reader: &mut impl Read) -> io::Result<Scan> {
    let mut chunk = vec![0; 256 * 1_024];
    let (mut at, mut carried) = (0_u64, 0);
    let (mut is_utf8, mut is_marked, mut has_text) = (true, false, false);
    let mut zeros_from = None;
    loop {
        let count = reader.read(&mut chunk[carried..])?;
        let bytes = &chunk[..carried + count];
        if at == 0 && carried == 0 {
            if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                let nothing = bytes.len() <= 2;
                return Ok(if nothing { Scan::Empty } else { Scan::Text(TextEncoding::Utf16) });
            }
            is_marked = bytes.starts_with(b"\xef\xbb\xbf");
        }
        let new = &bytes[carried..];
        let start = at + carried as u64;
        match (zeros_from, new.iter().position(|byte| *byte == 0)) {
            (Some(_), _) if new.iter().any(|byte| *byte != 0) => return Ok(Scan::NotText),
            (None, Some(zero)) if new[zero..].iter().all(|byte| *byte == 0) => {
                zeros_from = Some(start + zero as u64)
            }
            (None, Some(_)) => return Ok(Scan::NotText),
            _ => {}
        }
        let from = if is_marked && at == 0 { bytes.len().min(3) } else { 0 };
        has_text = has_text || bytes[from..].iter().any(|byte| !byte.is_ascii_whitespace() && *byte != 0);
        if count == 0 {
            is_utf8 = is_utf8 && carried == 0;
            break;
        }
        let mut keep = 0;
        if is_utf8 && let Err(error) = std::str::from_utf8(bytes) {
            keep = if error.error_len().is_none() { bytes.len() - error.valid_up_to() } else { 0 };
            is_utf8 = error.error_len().is_none();
        }
        let length = bytes.len();
        chunk.copy_within(length - keep..length, 0);
        at += (length - keep) as u64;
        carried = keep;
    }
    Ok(match zeros_from {
        _ if !has_text => Scan::Empty,
        Some(from) => Scan::Hollow { from },
        None if is_utf8 => Scan::Text(TextEncoding::Utf8),
        None if is_marked => Scan::Text(TextEncoding::MarkedUtf8),
        None => Scan::Text(TextEncoding::Western),
    })
}

/// The delimiter that splits the line of headings into most cells; of the lines under it, where it has none.
pub(crate) fn delimiter(text: &str) -> Option<u8> {
    text.lines().take(5).find_map(|line| {
        let count = |mark: char| line.matches(mark).count();
        let best = DELIMITERS.into_iter().rev().max_by_key(|&mark| count(mark));
        best.filter(|&mark| count(mark) > 0).and_then(|mark| u8::try_from(mark).ok())
    })
}

/// The headings of a table by its first rows, each with its line.
///
/// # Errors
/// Where something stands above them, or they stand on two lines.
pub(crate) fn headings(rows: Vec<(u64, Vec<String>)>) -> Result<Vec<String>, FileFault> {
    let filled = |row: &[String]| row.iter().filter(|cell| !cell.is_empty()).count();
    let Some((line, first)) = rows.first() else {
        return Err(FileFault::Empty);
    };
    // A title stands alone in its line; what has several cells under it are the headings.
    if filled(first) <= 1
        && let Some((below, _)) = rows.iter().find(|(_, row)| filled(row) >= 3)
    {
        return Err(FileFault::TitleAbove { line: *below });
    }
    let gaps = first.len() - filled(first);
    if let Some((_, second)) = rows.get(1)
        && gaps > 1
        && filled(second) > filled(first)
        && !second.iter().any(|cell| cell.bytes().any(|b| b.is_ascii_digit()))
    {
        return Err(FileFault::TwoHeadingRows { line: *line });
    }
    Ok(rows.into_iter().next().map(|(_, row)| row).unwrap_or_default())
}

/// The line on which a quotation mark opens that is never closed.
pub(crate) fn open_quote(text: &str, delimiter: u8) -> Option<u64> {
    let mut line = 1;
    let mut opened = None;
    let mut at_start_of_cell = true;
    for byte in text.bytes() {
        match (byte, opened) {
            // A doubled mark inside a quoted cell closes and opens again: the same in the end.
            (b'"', Some(_)) => opened = None,
            (b'"', None) if at_start_of_cell => opened = Some(line),
            _ => {}
        }
        if byte == b'\n' {
            line += 1;
        }
        at_start_of_cell = opened.is_none() && (byte == delimiter || byte == b'\n' || byte == b'"');
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(bytes: &[u8]) -> Scan {
        scan(&mut &*bytes).unwrap()
    }

    #[test]
    fn tells_the_encodings_that_boroughs_export() {
        assert_eq!(scanned("Siân".as_bytes()), Scan::Text(TextEncoding::Utf8));
        assert_eq!(scanned("\u{feff}Siân".as_bytes()), Scan::Text(TextEncoding::Utf8));
        assert_eq!(scanned(b"\xef\xbb\xbfSi\xe2n \x96"), Scan::Text(TextEncoding::MarkedUtf8));
        assert_eq!(scanned(b"Si\xe2n \x96"), Scan::Text(TextEncoding::Western));
        assert_eq!(scanned("Siâ".as_bytes().split_last().unwrap().1), Scan::Text(TextEncoding::Western));
        assert_eq!(scanned(b"\xff\xfeS\0i\0"), Scan::Text(TextEncoding::Utf16));
        assert_eq!(scanned(b"\xef\xbb\xbf \r\n"), Scan::Empty);
        assert_eq!(scanned(b""), Scan::Empty);
        assert_eq!(scanned(b"a\0b"), Scan::NotText);
        assert_eq!(scanned(b"a,b\n\0\0\0"), Scan::Hollow { from: 4 });
    }

    #[test]
    fn a_letter_on_the_edge_of_a_chunk_is_whole() {
        for before in 262_140..262_146 {
            let text = format!("{}é and more", "a".repeat(before));
            assert_eq!(scanned(text.as_bytes()), Scan::Text(TextEncoding::Utf8), "{before}");
        }
    }

    #[test]
    fn finds_the_delimiter() {
        assert_eq!(delimiter("a,b;c,d\n1;2;3;4"), Some(b','));
        assert_eq!(delimiter("a;b"), Some(b';'));
        assert_eq!(delimiter("a\tb|c\td"), Some(b'\t'));
        assert_eq!(delimiter("a:b"), None);
    }

    #[test]
    fn finds_a_quotation_mark_never_closed() {
        assert_eq!(open_quote("a,b\n\"x \"\"y\"\", z\",2\n", b','), None);
        assert_eq!(open_quote("a,b\n5\" pipe,2\n", b','), None);
        assert_eq!(open_quote("a,b\n1,\"2\n3,4\n", b','), Some(2));
        assert_eq!(open_quote("a,b\n1,\"x\ny\"\n3,\"4\n", b','), Some(4));
    }
}
