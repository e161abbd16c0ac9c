//! What is wrong with a file as a whole.

use std::{fmt, io};

/// One reason why a whole file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// There is nothing in it.
    #[error("the file is empty, expected a line of headings and rows under it")]
    Empty,
    /// It is no text and no workbook.
    #[error(
        "the file is neither text nor a workbook, expected CSV or .xlsx; in a spreadsheet choose Save as, CSV UTF-8"
    )]
    NotText,
    /// It cannot be opened or read.
    #[error("the file cannot be read ({reason}); close it where it is open, or copy it again")]
    Unreadable {
        /// What the system says, without any value of the file.
        reason: String,
    },
    /// The path leads to no file.
    #[error("this is a folder or a device, expected a file")]
    NotAFile,
    /// It changed while it was read.
    #[error(
        "the file changed while it was read: it is still being written; wait until it is whole and load it again"
    )]
    Changing,
    /// Zero bytes where text should be.
    #[error(
        "from byte {from} on the file holds nothing but space kept free: it is still being written or was cut short; export it again"
    )]
    Hollow {
        /// The first such byte.
        from: u64,
    },
    /// A row that has no end.
    #[error(
        "line {line} is longer than {most_mib} MiB, expected one record a line; export the file again with line ends"
    )]
    RowTooLong {
        /// The line on which it begins.
        line: u64,
        /// The most that is read.
        most_mib: usize,
    },
    /// The file is exactly as long as a spreadsheet can be.
    #[error(
        "the file ends at line {lines}, the last that a spreadsheet can hold, and was probably cut there; export it straight to CSV, or in two parts"
    )]
    RowLimit {
        /// How many lines it has.
        lines: u64,
    },
    /// A zip archive without its end.
    #[error(
        "the workbook has no end: it is still being written or was cut short; close it where it is open, or export it again"
    )]
    HalfWorkbook,
    /// A workbook that cannot be taken apart.
    #[error(
        "the workbook is damaged or not as spreadsheets write it; open it, save it as .xlsx under a new name and load that"
    )]
    BrokenWorkbook,
    /// An archive of something else.
    #[error(
        "the file is an archive and no workbook, expected CSV or .xlsx; unpack it and load what is inside"
    )]
    NotAWorkbook,
    /// A workbook in another format.
    #[error(
        "the file is a workbook in another format (.xlsb or .ods), expected .xlsx; open it and save it as .xlsx"
    )]
    OtherWorkbook,
    /// A workbook as spreadsheets wrote it before 2007.
    #[error("the file is a workbook of the old kind (.xls), expected .xlsx; open it and save it as .xlsx")]
    OldWorkbook,
    /// A workbook behind a password.
    #[error(
        "the workbook is protected by a password; open it, take the password off (File, Info, Protect workbook), save it and load that"
    )]
    Protected,
    /// A web page or other marked-up text under a spreadsheet's name.
    #[error(
        "the file is a web page or XML under another name, expected CSV or .xlsx; open it in a spreadsheet and save it as .xlsx"
    )]
    MarkedUp,
    /// Much more when unpacked than any extract.
    #[error(
        "the workbook unpacks to more than {most_mib} MiB, expected less; export as CSV, which may be of any size"
    )]
    TooLarge {
        /// The most that is read.
        most_mib: u64,
    },
    /// More cells than any extract has.
    #[error(
        "the workbook has more than {most} cells or texts, expected fewer; export as CSV, which may be of any size"
    )]
    TooManyCells {
        /// The most that is read.
        most: u64,
    },
    /// A cell that is no cell.
    #[error(
        "a cell of the workbook holds more than a million characters, expected no more than 32,767; export as CSV"
    )]
    CellTooLong,
    /// Headings in merged cells.
    #[error(
        "headings on line {line} stand in merged cells, expected one heading a column; unmerge them and name each column"
    )]
    MergedHeadings {
        /// Where.
        line: u64,
    },
    /// Something stands above the headings.
    #[error("the headings stand on line {line}, expected on line 1; delete what stands above them")]
    TitleAbove {
        /// Where the headings are.
        line: u64,
    },
    /// Headings over headings.
    #[error(
        "the headings stand on two lines, {line} and the next, expected one; delete the upper one and unmerge its cells"
    )]
    TwoHeadingRows {
        /// The upper one.
        line: u64,
    },
    /// There are headings and nothing under them.
    #[error("the file has headings and no rows, expected at least one row; check the export's dates")]
    NoRows,
    /// The headings stand in one piece.
    #[error(
        "the headings are not separated by comma, semicolon, tab or bar; export as CSV with one of these"
    )]
    WrongDelimiter,
    /// A heading of the mapping is missing.
    #[error(
        "the column {heading:?} is missing; add it to the export, or correct its name there or in the mapping"
    )]
    MissingHeading {
        /// Which.
        heading: String,
    },
    /// A heading stands twice.
    #[error("the column {heading:?} stands twice, expected once; delete one of the two")]
    HeadingTwice {
        /// Which.
        heading: String,
    },
    /// A quotation mark is never closed.
    #[error("the quotation mark opened on line {line} is never closed; export the file again")]
    OpenQuote {
        /// Where it was opened.
        line: u64,
    },
    /// The file stops in the middle of a row.
    #[error(
        "the last row, line {line}, stops after {found} of {expected} cells: the file was cut short; export it again"
    )]
    CutShort {
        /// Its last line.
        line: u64,
        /// How many cells that has.
        found: usize,
        /// How many the headings have.
        expected: usize,
    },
}

/// Every reason why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFaults(pub Vec<FileFault>);

impl fmt::Display for FileFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            let mark = if at == 0 { "" } else { "\n" };
            write!(f, "{mark}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FileFaults {}

impl From<FileFault> for FileFaults {
    fn from(fault: FileFault) -> Self {
        Self(vec![fault])
    }
}

impl FileFault {
    /// What the system said of a file that it could not read.
    pub(crate) fn unreadable(error: &io::Error) -> Self {
        Self::Unreadable { reason: error.kind().to_string() }
    }
}
