//! A text file of cells: its encoding, its delimiter, and its rows one after another in bounded memory.

use std::io::{self, BufReader, Read};

use encoding_rs::WINDOWS_1252;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::intake::{
    fault::FileFault,
    reader::ReadError,
    source::Source,
    text::{self, Scan, TextEncoding},
};

/// The longest row that is read; a quotation mark never closed would else swallow the rest of any file.
const MOST_ROW_MIB: usize = 4;

/// How much is read at once.
const CHUNK: usize = 256 * 1_024;

/// How many rows are looked at to find the headings.
const LOOKED_AT: usize = 6;

/// Lengths at which spreadsheets cut files off: .xlsx and .xls.
const ROW_LIMITS: [u64; 2] = [1_048_576, 65_536];

/// How a text file is to be read.
pub(crate) struct Delimited {
    encoding: TextEncoding,
    pub(crate) delimiter: Option<u8>,
    /// Whether the first line only names the delimiter, as spreadsheets write it: `sep=;`.
    names_delimiter: bool,
}

/// One row as it stands.
pub(crate) struct Line<'a> {
    pub(crate) line: u64,
    pub(crate) at_byte: u64,
    pub(crate) cells: &'a csv::StringRecord,
    pub(crate) raw: &'a str,
}

impl Delimited {
    /// Looks a file through once, and at its first rows.
    pub(crate) fn open(source: &Source) -> Result<(Self, Vec<String>), FileFault> {
        let failed = |error: io::Error| FileFault::unreadable(&error);
        let encoding = match text::scan(&mut source.open().map_err(failed)?).map_err(failed)? {
            Scan::Empty => return Err(FileFault::Empty),
            Scan::Hollow { from } => return Err(FileFault::Hollow { from }),
            Scan::NotText => return Err(FileFault::NotText),
            Scan::Text(encoding) => encoding,
        };
        let mut delimited = Self { encoding, delimiter: None, names_delimiter: false };
        let decoded = delimited.decoded(source).map_err(failed)?;
        // What is cut at the end of this much text is whole again when rows are read.
        let mut bytes = Vec::new();
        decoded.take(CHUNK as u64).read_to_end(&mut bytes).map_err(failed)?;
        let head = String::from_utf8_lossy(&bytes);
        delimited.names_delimiter = head.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="))
            && head.lines().next().is_some_and(|l| l.len() <= 5);
        delimited.delimiter = text::delimiter(&head);
        let mut reader = delimited.builder().from_reader(head.as_bytes());
        let mut rows = Vec::new();
        for row in reader
            .records()
            .map_while(Result::ok)
            .skip(usize::from(delimited.names_delimiter))
            .take(LOOKED_AT)
        {
            let start = row.position().map_or(0, |position| position.byte() as usize);
            // Blank lines before a row are passed over by the reader, and are lines all the same.
            let blank =
                head.as_bytes()[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let above = head.as_bytes()[..start + blank].iter().filter(|byte| **byte == b'\n').count();
            let line = above as u64 + 1;
            rows.push((line, row.iter().map(|cell| cell.trim().to_owned()).collect()));
        }
        let headings = text::headings(rows)?;
        Ok((delimited, headings))
    }

    /// Hands on every row under the headings; the faults that only the whole file shows.
    pub(crate) fn rows<E>(
        &self,
        source: &Source,
        expected: usize,
        mut each: impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<Vec<FileFault>, ReadError<E>> {
        let failed = |error: io::Error| ReadError::of(FileFault::unreadable(&error));
        let mut reader = self
            .builder()
            .buffer_capacity(CHUNK)
            .from_reader(Kept::of(self.decoded(source).map_err(failed)?));
        let width = if self.encoding == TextEncoding::Utf16 { 2 } else { 1 };
        let mut cells = csv::StringRecord::new();
        let mut faults = Vec::new();
        let mut above = 1 + usize::from(self.names_delimiter);
        let mut records = 0;
        loop {
            let start = reader.position().clone();
            reader.get_mut().row_from = start.byte();
            match reader.read_record(&mut cells) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    faults.push(self.broken(reader.get_ref(), &start, &error));
                    return Ok(faults);
                }
            }
            records += 1;
            if above > 0 {
                above -= 1;
                continue;
            }
            let from = cells.position().map_or(start.byte(), csv::Position::byte);
            let to = reader.position().byte();
            let raw = reader.get_ref().between(from, to);
            // The reader counts a line only when it has passed its end: blank lines, and the second half of
            // a CR LF, still stand before the row.
            let text = raw.trim_start_matches(['\r', '\n']);
            let before = &raw[..raw.len() - text.len()];
            let first = cells.position().map_or(start.line(), csv::Position::line);
            let line = first + before.bytes().filter(|b| *b == b'\n').count() as u64;
            if reader.get_ref().is_last(to) {
                if let Some(opened) = self.delimiter.and_then(|mark| text::open_quote(text, mark)) {
                    faults.push(FileFault::OpenQuote { line: line + opened - 1 });
                    return Ok(faults);
                }
                if cells.len() < expected && !text.ends_with(['\n', '\r']) {
                    faults.push(FileFault::CutShort { line, found: cells.len(), expected });
                    return Ok(faults);
                }
            }
            let raw = text.trim_end_matches(['\r', '\n']);
            each(Line { line, at_byte: to * width, cells: &cells, raw }).map_err(ReadError::Stopped)?;
        }
        if ROW_LIMITS.contains(&records) {
            faults.push(FileFault::RowLimit { lines: records });
        }
        Ok(faults)
    }

    fn broken<R>(&self, kept: &Kept<R>, start: &csv::Position, error: &csv::Error) -> FileFault {
        let line = start.line();
        let row = kept.between(start.byte(), u64::MAX);
        if kept.too_long {
            let opened = self.delimiter.and_then(|mark| text::open_quote(row, mark));
            return match opened {
                Some(opened) => FileFault::OpenQuote { line: line + opened - 1 },
                None => FileFault::RowTooLong { line, most_mib: MOST_ROW_MIB },
            };
        }
        match error.kind() {
            csv::ErrorKind::Io(error) => FileFault::unreadable(error),
            // The file was text throughout when it was looked through.
            _ => FileFault::Changing,
        }
    }

    fn decoded<'a>(&self, source: &'a Source) -> io::Result<DecodeReaderBytes<impl Read + 'a, Vec<u8>>> {
        // Marked text is decoded by its mark; valid UTF-8 passes as it is.
        let encoding = (self.encoding == TextEncoding::Western).then_some(WINDOWS_1252);
        DecodeReaderBytesBuilder::new()
            .encoding(encoding)
            .utf8_passthru(self.encoding == TextEncoding::Utf8)
            .strip_bom(true)
            .build_with_buffer(BufReader::with_capacity(CHUNK, source.open()?), vec![0; CHUNK])
    }

    fn builder(&self) -> csv::ReaderBuilder {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(self.delimiter.unwrap_or(b',')).has_headers(false).flexible(true);
        builder
    }
}

/// A reader that keeps what it gave until its row is done, so that the row can be shown as it stands.
struct Kept<R> {
    inner: R,
    kept: Vec<u8>,
    /// Where what is kept begins.
    kept_from: u64,
    /// Where the present row begins.
    row_from: u64,
    ended: bool,
    too_long: bool,
}

impl<R> Kept<R> {
    fn of(inner: R) -> Self {
        Self { inner, kept: Vec::new(), kept_from: 0, row_from: 0, ended: false, too_long: false }
    }

    fn between(&self, from: u64, to: u64) -> &str {
        let place = |at: u64| {
            usize::try_from(at.saturating_sub(self.kept_from)).unwrap_or(usize::MAX).min(self.kept.len())
        };
        std::str::from_utf8(&self.kept[place(from)..place(to)]).unwrap_or_default()
    }

    fn is_last(&self, to: u64) -> bool {
        self.ended && to >= self.kept_from + self.kept.len() as u64
    }
}

impl<R: Read> Read for Kept<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let passed = usize::try_from(self.row_from - self.kept_from).unwrap_or(0).min(self.kept.len());
        if self.kept.len() - passed > MOST_ROW_MIB << 20 {
            self.too_long = true;
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.kept.drain(..passed);
        self.kept_from += passed as u64;
        let count = self.inner.read(buffer)?;
        self.ended = count == 0;
        self.kept.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}
