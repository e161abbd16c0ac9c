//! What an answer is: an unbiased estimate, its variance, and the interval shown beside it.

mod comparisons;
mod ratio;

use serde::Serialize;

pub use comparisons::{Comparisons, Told};
pub use ratio::Ratio;

/// The two-sided 95 % quantile of the normal distribution.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// An unbiased estimate with the exact variance of the mechanism that made it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// The unbiased value; may be negative, is never clipped before it is added up.
    pub value: f64,
    /// Its variance.
    pub variance: f64,
}

impl Estimate {
    /// The sum of independent estimates.
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::default(), |sum, part| Self {
            value: sum.value + part.value,
            variance: sum.variance + part.variance,
        })
    }

    /// The standard error.
    pub fn standard_error(&self) -> f64 {
        self.variance.sqrt()
    }

    /// The unbiased interval that contains the truth 95 times in 100.
    pub fn interval(&self) -> Interval {
        let half = Z_95 * self.standard_error();
        Interval { low: self.value - half, high: self.value + half }
    }

    /// How many standard errors the estimate lies from a truth.
    pub fn z(&self, truth: f64) -> f64 {
        (self.value - truth) / self.standard_error()
    }

    /// What a reader is shown: whole numbers, nothing below zero, the value inside the interval.
    pub fn display(&self) -> Shown {
        let Interval { low, high } = self.interval();
        let low = low.max(0.0).round();
        let high = high.max(0.0).round();
        Shown { value: self.value.round().clamp(low, high), low, high }
    }
}

/// Two ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies inside, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A tidied count with the unbiased interval cut to what is possible.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The value in whole families.
    pub value: f64,
    /// The interval's lower end, not below zero.
    pub low: f64,
    /// The interval's upper end, not below zero.
    pub high: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_possible_and_inside() {
        let shown = Estimate { value: -3.2, variance: 4.0 }.display();
        assert_eq!((shown.value, shown.low, shown.high), (0.0, 0.0, 1.0));
        let shown = Estimate { value: -30.0, variance: 4.0 }.display();
        assert_eq!((shown.value, shown.low, shown.high), (0.0, 0.0, 0.0));
        let shown = Estimate { value: 100.4, variance: 25.0 }.display();
        assert_eq!((shown.value, shown.low, shown.high), (100.0, 91.0, 110.0));
    }

    #[test]
    fn independent_parts_add_up() {
        let sum =
            Estimate::sum([Estimate { value: 1.0, variance: 2.0 }, Estimate { value: 3.0, variance: 4.0 }]);
        assert_eq!(sum, Estimate { value: 4.0, variance: 6.0 });
    }
}
