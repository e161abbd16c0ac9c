//! Dates as sources write them.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// A way of writing a date, in the words of mapping files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateFormat {
    /// 25/04/2015.
    #[serde(rename = "dd/mm/yyyy")]
    DayMonthYear,
    /// 2015-04-25.
    #[serde(rename = "yyyy-mm-dd")]
    YearMonthDay,
    /// 2015-Apr-25 00:00:00, as Mosaic and school census exports write; the time is left off.
    #[serde(rename = "yyyy-Mon-dd hh:mm:ss")]
    YearMonthNameDay,
    /// 25-Apr-2015, as databases write it.
    #[serde(rename = "dd-Mon-yyyy")]
    DayMonthNameYear,
    /// 25/04/15: the year is the last one of these two digits that is not after the day the data are as of.
    #[serde(rename = "dd/mm/yy")]
    DayMonthShortYear,
}

/// The day from which a workbook counts days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Epoch {
    /// 1 January 1900 is day 1.
    Of1900,
    /// 1 January 1904 is day 0.
    Of1904,
}

impl Epoch {
    /// The day that a number stands for; from 1 March 1900, before which spreadsheets count a day too many.
    pub(crate) fn day(self, number: u64) -> Option<NaiveDate> {
        let first = match self {
            Self::Of1900 => NaiveDate::from_ymd_opt(1899, 12, 30)?,
            Self::Of1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        };
        let fits = match self {
            Self::Of1900 => (61..73_051).contains(&number),
            Self::Of1904 => number < 71_589,
        };
        first.checked_add_days(Days::new(number)).filter(|_| fits)
    }
}

/// What is wrong with a text that should be a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    /// It has not this shape.
    Shape,
    /// It has this shape but for a year of two digits.
    ShortYear,
    /// It has this shape, and the calendar has no such day.
    Impossible,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl DateFormat {
    /// Reads a date in this format. A time of day after it is left off.
    ///
    /// Years of two digits, where the format has them, lie in the hundred years up to `latest`.
    ///
    /// # Errors
    /// Where the text has not this shape, or names no day from 1900 to 2099.
    pub fn parse(self, text: &str, latest: Option<NaiveDate>) -> Result<NaiveDate, DateFault> {
        let text = without_time(text)?;
        let (year, month, day) = match self {
            Self::DayMonthYear | Self::DayMonthShortYear => {
                let (day, month, year) = three(text, '/')?;
                (year, number(month, 2)?, day)
            }
            Self::YearMonthDay => {
                let (year, month, day) = three(text, '-')?;
                (year, number(month, 2)?, day)
            }
            Self::YearMonthNameDay => {
                let (year, month, day) = three(text, '-')?;
                (year, named(month)?, day)
            }
            Self::DayMonthNameYear => {
                let (day, month, year) = three(text, '-')?;
                (year, named(month)?, day)
            }
        };
        let day = number(day, 2)?;
        let year = match (self, year.len()) {
            (Self::DayMonthShortYear, 2) => {
                let (year, latest) =
                    (number(year, 2)?, latest.map_or(2_099, |latest| latest.year().unsigned_abs()));
                latest - (latest + 100 - year) % 100
            }
            (_, 2) if number(year, 2).is_ok() => return Err(DateFault::ShortYear),
            _ => number(year, 4)?,
        };
        NaiveDate::from_ymd_opt(year as i32, month, day)
            .filter(|_| (1900..2100).contains(&year))
            .ok_or(DateFault::Impossible)
    }
}

/// The date before a time of day, if there is one: `25/04/2015 00:00`, `2015-04-25T00:00:00.000`.
fn without_time(text: &str) -> Result<&str, DateFault> {
    let bytes = text.as_bytes();
    let Some(at) = bytes.iter().position(|byte| *byte == b' ' || *byte == b'T') else {
        return Ok(text);
    };
    let (date, time) = (&text[..at], &bytes[at + 1..]);
    let shaped = time.len() >= 4
        && time.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'Z'))
        && time.contains(&b':');
    if shaped { Ok(date) } else { Err(DateFault::Shape) }
}

fn named(month: &str) -> Result<u32, DateFault> {
    let place = MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name));
    Ok(place.ok_or(DateFault::Shape)? as u32 + 1)
}

fn three(text: &str, mark: char) -> Result<(&str, &str, &str), DateFault> {
    let mut parts = text.split(mark);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(first), Some(second), Some(third), None) => Ok((first, second, third)),
        _ => Err(DateFault::Shape),
    }
}

fn number(text: &str, most_digits: usize) -> Result<u32, DateFault> {
    let fits = (1..=most_digits).contains(&text.len())
        && (most_digits == 2 || text.len() == most_digits)
        && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| fits).ok_or(DateFault::Shape)
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DayMonthYear => "25/04/2015",
            Self::YearMonthDay => "2015-04-25",
            Self::YearMonthNameDay => "2015-Apr-25 00:00:00",
            Self::DayMonthNameYear => "25-Apr-2015",
            Self::DayMonthShortYear => "25/04/15",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: DateFormat, text: &str) -> Result<NaiveDate, DateFault> {
        format.parse(text, NaiveDate::from_ymd_opt(2016, 3, 31))
    }

    #[test]
    fn reads_what_each_source_writes() {
        let day = Ok(NaiveDate::from_ymd_opt(2015, 4, 5).unwrap());
        for text in ["05/04/2015", "5/4/2015", "05/04/2015 00:00", "05/04/2015 13:45:10"] {
            assert_eq!(read(DateFormat::DayMonthYear, text), day, "{text}");
        }
        for text in ["2015-04-05", "2015-04-05T00:00:00.000", "2015-04-05 00:00:00"] {
            assert_eq!(read(DateFormat::YearMonthDay, text), day, "{text}");
        }
        assert_eq!(read(DateFormat::YearMonthNameDay, "2015-Apr-05 00:00:00"), day);
        assert_eq!(read(DateFormat::YearMonthNameDay, "2015-APR-05"), day);
        assert_eq!(read(DateFormat::DayMonthNameYear, "05-Apr-2015"), day);
        assert_eq!(read(DateFormat::DayMonthShortYear, "05/04/15"), day);
        assert_eq!(read(DateFormat::DayMonthShortYear, "05/04/2015"), day);
    }

    #[test]
    fn a_year_of_two_digits_is_the_last_one_that_has_been() {
        let year = |text: &str| read(DateFormat::DayMonthShortYear, text).unwrap().year();
        assert_eq!(["01/02/16", "01/02/17", "01/02/99", "01/02/00"].map(year), [2016, 1917, 1999, 2000]);
        assert_eq!(read(DateFormat::DayMonthYear, "01/02/15"), Err(DateFault::ShortYear));
    }

    #[test]
    fn days_are_counted_as_each_sort_of_workbook_counts_them() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        assert_eq!(Epoch::Of1900.day(42_119), day("2015-04-25"));
        assert_eq!(Epoch::Of1904.day(42_119 - 1_462), day("2015-04-25"));
        assert_eq!(Epoch::Of1900.day(61), day("1900-03-01"));
        assert_eq!((Epoch::Of1900.day(60), Epoch::Of1904.day(u64::MAX)), (None, None));
    }

    #[test]
    fn tells_a_wrong_shape_from_an_impossible_day() {
        let slash = DateFormat::DayMonthYear;
        assert_eq!(read(slash, "30/02/2015"), Err(DateFault::Impossible));
        assert_eq!(read(slash, "01/01/0215"), Err(DateFault::Impossible));
        for text in ["", "5/4/1", "2015-04-05", "05/04/2015 x", "+5/04/2015", "05/Apr/2015", " ", "T"] {
            assert_eq!(read(slash, text), Err(DateFault::Shape), "{text}");
        }
        let mosaic = DateFormat::YearMonthNameDay;
        assert_eq!(read(mosaic, "2015-Feb-30 00:00:00"), Err(DateFault::Impossible));
        assert_eq!(read(mosaic, "2015-Apr-05 noon"), Err(DateFault::Shape));
    }
}
