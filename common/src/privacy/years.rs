//! How often groups of cells are released, and which quarters make the years of a horizon.
//!
//! A year runs from 1 April. The opening position is a year of its own, released at once in every group. The
//! horizon's last quarter always ends a year, be it a short one, so that no quarter is left without a year.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::TimeMatrixError;
use crate::calendar::Quarter;

/// How often a group of cells is released; written as a number of quarters, 1 or 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(extend("enum" = [1, 4]))]
pub enum Every {
    /// Every quarter.
    #[default]
    Quarter,
    /// Once a year, with the release of the quarter that ends it.
    Year,
}

/// A number of quarters is no cadence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("groups cannot be released every {quarters} quarters, expected 1 or 4")]
pub struct EveryError {
    /// What was given.
    quarters: u8,
}

impl TryFrom<u8> for Every {
    type Error = EveryError;

    fn try_from(quarters: u8) -> Result<Self, EveryError> {
        match quarters {
            1 => Ok(Self::Quarter),
            4 => Ok(Self::Year),
            _ => Err(EveryError { quarters }),
        }
    }
}

impl From<Every> for u8 {
    fn from(every: Every) -> Self {
        match every {
            Every::Quarter => 1,
            Every::Year => 4,
        }
    }
}

/// One number for each cadence, such as S of its time matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByCadence<T> {
    /// Of groups that are released every quarter.
    pub quarter: T,
    /// Of groups that are released once a year.
    pub year: T,
}

impl<T: Copy> ByCadence<T> {
    /// The number of a cadence.
    pub fn of(&self, every: Every) -> T {
        match every {
            Every::Quarter => self.quarter,
            Every::Year => self.year,
        }
    }
}

/// The years of a horizon: quarters counted from its first, each in exactly one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Years {
    /// The last quarter of each year.
    ends: Vec<usize>,
    opening: bool,
}

impl Years {
    /// The years of a horizon of so many quarters, whose first may be the opening position.
    pub fn of(first: Quarter, quarters: usize, opening: bool) -> Self {
        let ends = (0..quarters).filter(|&at| {
            at + 1 == quarters || (opening && at == 0) || first.plus(at as i32).financial_number() == 4
        });
        Self { ends: ends.collect(), opening }
    }

    /// How many years there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The year that a quarter ends, from 0; none where it ends none.
    pub fn ended_by(&self, quarter: usize) -> Option<usize> {
        self.ends.iter().position(|&end| end == quarter)
    }

    /// The last quarter of the year in which a quarter lies; none after the horizon.
    pub fn end_of(&self, quarter: usize) -> Option<usize> {
        self.ends.iter().copied().find(|&end| end >= quarter)
    }

    /// Whether a year is the opening position and no year's activity.
    pub fn is_opening(&self, year: usize) -> bool {
        self.opening && year == 0
    }

    /// The quarters whose tables make up each year's, where some quarters are void.
    ///
    /// A void quarter counts as zero. Where the quarter that ends a year is void, nothing by year was released
    /// for that year: it has no quarters, and what was recorded in it is counted with the next.
    pub fn counted(&self, void: &[usize]) -> Vec<Range<usize>> {
        let mut from = 0;
        let counted = self.ends.iter().map(|&end| {
            if void.contains(&end) {
                return from..from;
            }
            let year = from..end + 1;
            from = end + 1;
            year
        });
        counted.collect()
    }
}

/// The table of each year: the sum of its quarters' cells.
///
/// # Errors
/// Where a sum leaves 64 bits.
pub fn added_up(years: &[Range<usize>], quarters: &[&[i64]]) -> Result<Vec<Vec<i64>>, TimeMatrixError> {
    let cells = quarters.first().map_or(0, |cells| cells.len());
    let year = |counted: &Range<usize>| {
        let sum = |cell: usize| {
            let mut values = quarters[counted.clone()].iter().map(|quarter| quarter[cell]);
            values.try_fold(0_i64, |sum, value| sum.checked_add(value)).ok_or(TimeMatrixError::OutOfRange)
        };
        (0..cells).map(sum).collect()
    };
    years.iter().map(year).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn years(first: &str, quarters: usize, opening: bool) -> Years {
        Years::of(first.parse().unwrap(), quarters, opening)
    }

    #[test]
    fn a_year_ends_in_march_with_the_opening_position_and_with_the_horizon() {
        for (first, opening, ends) in [
            ("2015-Q2", false, vec![3, 7, 11, 15, 19, 23]),
            ("2015-Q2", true, vec![0, 3, 7, 11, 15, 19, 23]),
            ("2015-Q1", true, vec![0, 4, 8, 12, 16, 20, 23]),
            ("2015-Q3", false, vec![2, 6, 10, 14, 18, 22, 23]),
            ("2015-Q3", true, vec![0, 2, 6, 10, 14, 18, 22, 23]),
        ] {
            assert_eq!(years(first, 24, opening).ends, ends, "{first}, {opening}");
        }
        assert_eq!(years("2015-Q2", 1, true).ends, [0]);
        let years = years("2015-Q2", 24, true);
        assert_eq!((years.ended_by(3), years.ended_by(4), years.end_of(4)), (Some(1), None, Some(7)));
        assert!(years.is_opening(0) && !years.is_opening(1));
    }

    #[test]
    fn every_quarter_is_counted_in_one_year_whatever_is_void() {
        let years = years("2015-Q2", 12, true);
        assert_eq!(years.counted(&[]), [0..1, 1..4, 4..8, 8..12]);
        assert_eq!(years.counted(&[2, 5]), [0..1, 1..4, 4..8, 8..12]);
        // The year's last quarter is void: the next year has its families too.
        assert_eq!(years.counted(&[7]), [0..1, 1..4, 4..4, 4..12]);
        assert_eq!(years.counted(&[3, 7]), [0..1, 1..1, 1..1, 1..12]);
        assert_eq!(years.counted(&[11]), [0..1, 1..4, 4..8, 8..8]);
    }

    #[test]
    fn a_year_is_the_sum_of_its_quarters() {
        let quarters: [&[i64]; 5] = [&[1, -1], &[2, 0], &[0, 0], &[4, 3], &[i64::MAX, 1]];
        let years = years("2015-Q2", 12, true);
        assert_eq!(added_up(&years.counted(&[])[..2], &quarters[..4]), Ok(vec![vec![1, -1], vec![6, 3]]));
        assert_eq!(added_up(&[0..1, 1..1], &quarters), Ok(vec![vec![1, -1], vec![0, 0]]));
        assert_eq!(added_up(&[0..1, 1..5], &quarters), Err(TimeMatrixError::OutOfRange));
    }

    #[test]
    fn a_cadence_is_one_quarter_or_four() {
        assert_eq!(serde_json::from_str::<Every>("4").unwrap(), Every::Year);
        assert_eq!(serde_json::to_string(&Every::Quarter).unwrap(), "1");
        assert!(serde_json::from_str::<Every>("2").is_err());
    }
}
