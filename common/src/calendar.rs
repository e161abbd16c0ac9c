//! Quarters, financial years and the days they begin and end.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// A calendar quarter, written `2015-Q2`; the financial year 2015-16 begins with `2015-Q2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(extend("pattern" = r"^[0-9]{4}-Q[1-4]$"))]
pub struct Quarter {
    year: i32,
    /// 1 to 4, January to March being 1.
    number: u8,
}

/// Why a text is not a quarter.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is not a quarter, expected a calendar year and quarter such as 2015-Q2")]
pub struct QuarterError {
    /// What was given.
    pub text: String,
}

impl Quarter {
    /// The quarter that contains a day.
    pub fn of(day: NaiveDate) -> Self {
        Self { year: day.year(), number: (day.month0() / 3 + 1) as u8 }
    }

    /// The first day of the quarter.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, u32::from(self.number - 1) * 3 + 1, 1)
            .expect("a quarter's first month exists in every year this type admits")
    }

    /// The last day of the quarter.
    pub fn last_day(self) -> NaiveDate {
        self.next().first_day().pred_opt().expect("a quarter never begins at the first representable day")
    }

    /// The quarter after this one.
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The quarter `count` quarters later (earlier where negative).
    pub fn plus(self, count: i32) -> Self {
        let index = self.year * 4 + i32::from(self.number) - 1 + count;
        Self { year: index.div_euclid(4), number: (index.rem_euclid(4) + 1) as u8 }
    }

    /// How many quarters this one lies after `earlier`; negative if it lies before.
    pub fn quarters_since(self, earlier: Self) -> i32 {
        (self.year - earlier.year) * 4 + i32::from(self.number) - i32::from(earlier.number)
    }

    /// The financial year it lies in, from 1 April: `2015-16`.
    pub fn financial_year(self) -> String {
        let year = if self.number == 1 { self.year - 1 } else { self.year };
        format!("{year}-{:02}", (year + 1) % 100)
    }

    /// Its number in the financial year, April to June being 1.
    pub fn financial_number(self) -> u8 {
        if self.number == 1 { 4 } else { self.number - 1 }
    }

    /// Its name in the financial year: `2015-16 quarter 1`.
    pub fn short_name(self) -> String {
        format!("{} quarter {}", self.financial_year(), self.financial_number())
    }

    /// Its months: `Apr to Jun 2015`.
    pub fn months(self) -> String {
        let months = ["Jan to Mar", "Apr to Jun", "Jul to Sep", "Oct to Dec"][usize::from(self.number - 1)];
        format!("{months} {}", self.year)
    }

    /// The name readers of programme figures use: `2015-16 quarter 1 (Apr to Jun 2015)`.
    pub fn long_name(self) -> String {
        format!("{} ({})", self.short_name(), self.months())
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.number)
    }
}

impl fmt::Debug for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Quarter {
    type Err = QuarterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || QuarterError { text: text.to_owned() };
        let (year, number) = text.split_once("-Q").ok_or_else(refuse)?;
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) || number.len() != 1 {
            return Err(refuse());
        }
        let year: i32 = year.parse().map_err(|_| refuse())?;
        let number: u8 = number.parse().map_err(|_| refuse())?;
        if !(1..=4).contains(&number) || year < 1900 {
            return Err(refuse());
        }
        Ok(Self { year, number })
    }
}

impl TryFrom<String> for Quarter {
    type Error = QuarterError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Quarter> for String {
    fn from(quarter: Quarter) -> Self {
        quarter.to_string()
    }
}

/// The day `months` calendar months later, clipped to the end of a shorter month.
pub fn plus_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The day `months` calendar months earlier, clipped to the end of a shorter month.
pub fn minus_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_the_same_text() {
        for text in ["2015-Q2", "1999-Q4", "2021-Q1"] {
            assert_eq!(text.parse::<Quarter>().map(|q| q.to_string()), Ok(text.to_owned()));
        }
        for text in ["2015-Q5", "2015-Q0", "15-Q1", "2015Q1", "", "+015-Q1", "2015-Q12"] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
    }

    #[test]
    fn steps_over_year_ends() {
        let quarter: Quarter = "2015-Q4".parse().unwrap();
        assert_eq!(quarter.next().to_string(), "2016-Q1");
        assert_eq!(quarter.plus(-4).to_string(), "2014-Q4");
        assert_eq!(quarter.plus(9).quarters_since(quarter), 9);
        assert_eq!(quarter.last_day().to_string(), "2015-12-31");
    }

    #[test]
    fn is_named_by_financial_year() {
        assert_eq!("2015-Q2".parse::<Quarter>().unwrap().long_name(), "2015-16 quarter 1 (Apr to Jun 2015)");
        assert_eq!("2016-Q1".parse::<Quarter>().unwrap().long_name(), "2015-16 quarter 4 (Jan to Mar 2016)");
    }
}
