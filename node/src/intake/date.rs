//! Dates as sources write them.

use std::fmt;

use chrono::NaiveDate;
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
}

/// What is wrong with a text that should be a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    /// It has not this shape.
    Shape,
    /// It has this shape, and the calendar has no such day.
    Impossible,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl DateFormat {
    /// Reads a date in this format.
    ///
    /// # Errors
    /// Where the text has not this shape, or names no day from 1900 to 2099.
    pub fn parse(self, text: &str) -> Result<NaiveDate, DateFault> {
        let (year, month, day) = match self {
            Self::DayMonthYear => {
                let (day, month, year) = three(text, '/')?;
                (year, number(month, 2)?, day)
            }
            Self::YearMonthDay => {
                let (year, month, day) = three(text, '-')?;
                (year, number(month, 2)?, day)
            }
            Self::YearMonthNameDay => {
                let (date, time) = text.split_once(' ').unwrap_or((text, "00:00:00"));
                let (hour, minute, second) = three(time, ':')?;
                for part in [hour, minute, second] {
                    number(part, 2)?;
                }
                let (year, month, day) = three(date, '-')?;
                let month = MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name));
                (year, month.ok_or(DateFault::Shape)? as u32 + 1, day)
            }
        };
        let year = number(year, 4)?;
        NaiveDate::from_ymd_opt(year as i32, month, number(day, 2)?)
            .filter(|_| (1900..2100).contains(&year))
            .ok_or(DateFault::Impossible)
    }
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
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_each_source_writes() {
        let day = NaiveDate::from_ymd_opt(2015, 4, 5).unwrap();
        assert_eq!(DateFormat::DayMonthYear.parse("05/04/2015"), Ok(day));
        assert_eq!(DateFormat::DayMonthYear.parse("5/4/2015"), Ok(day));
        assert_eq!(DateFormat::YearMonthDay.parse("2015-04-05"), Ok(day));
        assert_eq!(DateFormat::YearMonthNameDay.parse("2015-Apr-05 00:00:00"), Ok(day));
        assert_eq!(DateFormat::YearMonthNameDay.parse("2015-APR-05"), Ok(day));
    }

    #[test]
    fn tells_a_wrong_shape_from_an_impossible_day() {
        let slash = DateFormat::DayMonthYear;
        assert_eq!(slash.parse("30/02/2015"), Err(DateFault::Impossible));
        assert_eq!(slash.parse("01/01/0215"), Err(DateFault::Impossible));
        for text in ["", "5/4/15", "2015-04-05", "05/04/2015 x", "+5/04/2015", "05/Apr/2015"] {
            assert_eq!(slash.parse(text), Err(DateFault::Shape), "{text}");
        }
        let mosaic = DateFormat::YearMonthNameDay;
        assert_eq!(mosaic.parse("2015-Feb-30 00:00:00"), Err(DateFault::Impossible));
        assert_eq!(mosaic.parse("2015-Apr-05 00:00"), Err(DateFault::Shape));
    }
}
