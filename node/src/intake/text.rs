//! Bytes into text, and the faults that only the whole file shows.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::intake::fault::FileFault;

/// The characters that may stand between cells, the likeliest first.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// The text of a file: UTF-8 (or UTF-16 by its mark), else Windows-1252, without a byte-order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileFault> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(&bytes[mark..]).0);
    }
    if bytes.iter().take(8_192).any(|&b| b == 0) || bytes.starts_with(b"PK\x03\x04") {
        return Err(FileFault::NotText);
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(text),
        None => Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0),
    }
}

/// The delimiter that splits the line of headings into most cells, if any does.
pub(crate) fn delimiter(text: &str) -> Option<u8> {
    let headings = text.lines().next().unwrap_or_default();
    let count = |mark: char| headings.matches(mark).count();
    let best =
        DELIMITERS.into_iter().rev().max_by_key(|&mark| count(mark)).filter(|&mark| count(mark) > 0)?;
    u8::try_from(best).ok()
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

    #[test]
    fn reads_the_encodings_that_boroughs_export() {
        assert_eq!(decode("Siân".as_bytes()).unwrap(), "Siân");
        assert_eq!(decode("\u{feff}Siân".as_bytes()).unwrap(), "Siân");
        assert_eq!(decode(b"Si\xe2n \x96").unwrap(), "Siân –");
        assert_eq!(decode(b"\xff\xfeS\0i\0").unwrap(), "Si");
        assert_eq!(decode(b"PK\x03\x04").unwrap_err(), FileFault::NotText);
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
