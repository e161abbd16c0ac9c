//! The rows of one sheet, put together cell by cell; each cell as the text that a mapping reads.

use std::io::{Read, Seek};

use calamine::{Cell, DataRef, ExcelDateTime, Xlsx, XlsxCellReader};

use crate::intake::{fault::FileFault, workbook::guarded};

/// The most columns a sheet can hold.
const MOST_COLUMNS: usize = 16_384;

/// What comes next.
pub(super) enum Step {
    /// A row, by its number; the first is 1.
    Row(u64),
    /// No more.
    End,
}

/// The rows of a sheet that have anything in them.
pub(super) struct SheetRows<'a, R: Read + Seek> {
    reader: XlsxCellReader<'a, R>,
    /// The first cell of the next row.
    ahead: Option<Cell<DataRef<'a>>>,
    has_ended: bool,
    row: Option<u32>,
    cells: Vec<String>,
    used: usize,
    outside: u64,
}

impl<'a, R: Read + Seek> SheetRows<'a, R> {
    pub(super) fn open(workbook: &'a mut Xlsx<R>, sheet: &str) -> Result<Self, FileFault> {
        let reader = guarded(|| workbook.worksheet_cells_reader(sheet))?;
        let (cells, outside) = (Vec::new(), 0);
        Ok(Self { reader, ahead: None, has_ended: false, row: None, cells, used: 0, outside })
    }

    /// The number of rows that the sheet declares, which may be wrong.
    pub(super) fn declared(&self) -> u64 {
        u64::from(self.reader.dimensions().end.0) + 1
    }

    /// How many cells stood to the right of the headings.
    pub(super) fn outside(&self) -> u64 {
        self.outside
    }

    /// The cells of the present row.
    pub(super) fn cells(&self) -> &[String] {
        &self.cells[..self.used]
    }

    /// Goes to the next row with anything in it; it has `width` cells, or as many as it needs up to there.
    pub(super) fn next(&mut self, width: usize) -> Result<Step, FileFault> {
        self.used = 0;
        let mut row = None;
        loop {
            let cell = match self.ahead.take() {
                Some(cell) => Some(cell),
                None => self.advance()?,
            };
            let Some(cell) = cell else {
                break;
            };
            let (at, column) = cell.get_position();
            if row.is_some_and(|row| row != at) {
                self.ahead = Some(cell);
                break;
            }
            // Rows come in their order; a workbook in which they do not was not written by a spreadsheet.
            if self.row.is_some_and(|last| last >= at && row.is_none()) {
                return Err(FileFault::BrokenWorkbook);
            }
            (row, self.row) = (Some(at), Some(at));
            self.put(column as usize, cell.get_value(), width);
        }
        if let (Some(_), 1..=MOST_COLUMNS) = (row, width) {
            self.reach(width);
        }
        Ok(row.map_or(Step::End, |row| Step::Row(u64::from(row) + 1)))
    }

    /// The next cell with anything in it.
    fn advance(&mut self) -> Result<Option<Cell<DataRef<'a>>>, FileFault> {
        // Once the last cell is read the reader stands outside the table.
        while !self.has_ended
            && let Some(cell) = guarded(|| self.reader.next_cell())?
        {
            let blank = match cell.get_value() {
                DataRef::Empty => true,
                DataRef::String(text) => text.trim().is_empty(),
                DataRef::SharedString(text) => text.trim().is_empty(),
                _ => false,
            };
            if !blank {
                return Ok(Some(cell));
            }
        }
        self.has_ended = true;
        Ok(None)
    }

    fn put(&mut self, column: usize, value: &DataRef<'_>, width: usize) {
        if column >= width.min(MOST_COLUMNS) {
            self.outside += 1;
            return;
        }
        self.reach(column + 1);
        let cell = &mut self.cells[column];
        cell.clear();
        write(cell, value);
    }

    /// Makes the row at least this long.
    fn reach(&mut self, width: usize) {
        if self.cells.len() < width {
            self.cells.resize_with(width, String::new);
        }
        for cell in &mut self.cells[self.used..width.max(self.used)] {
            cell.clear();
        }
        self.used = self.used.max(width);
    }
}

/// A cell's value as text: whole numbers without a point, days as 2015-04-25.
fn write(cell: &mut String, value: &DataRef<'_>) {
    match value {
        DataRef::Int(number) => cell.push_str(&number.to_string()),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            cell.push_str(&format!("{number:.0}"));
        }
        DataRef::Float(number) => cell.push_str(&number.to_string()),
        DataRef::String(text) => cell.push_str(text),
        DataRef::SharedString(text) => cell.push_str(text),
        DataRef::Bool(value) => cell.push_str(if *value { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(moment) => cell.push_str(&day(moment)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cell.push_str(text),
        DataRef::Error(error) => cell.push_str(&error.to_string()),
        DataRef::Empty => {}
    }
}

fn day(moment: &ExcelDateTime) -> String {
    if !moment.is_datetime() || !(0.0..=2_958_466.0).contains(&moment.as_f64()) {
        return moment.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = if (hour, minute, second) == (0, 0, 0) {
        String::new()
    } else {
        format!(" {hour:02}:{minute:02}:{second:02}")
    };
    format!("{year:04}-{month:02}-{day:02}{time}")
}
