//! Shares, rates and means: one estimate over another, whose errors may hang together.

use serde::Serialize;

use super::{Estimate, Interval, Shown, Z_95};

/// One estimate over another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Ratio {
    /// What is divided.
    pub part: Estimate,
    /// By what.
    pub whole: Estimate,
    /// How the errors of the two hang together.
    pub covariance: f64,
}

/// A ratio is not told where its denominator lies fewer standard errors from zero: its interval would reach almost
/// anywhere.
const LEAST_STANDARD_ERRORS: f64 = 3.0;

impl Ratio {
    /// The ratio of sums of independent parts and wholes.
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::default(), |sum, own| Self {
            part: Estimate::sum([sum.part, own.part]),
            whole: Estimate::sum([sum.whole, own.whole]),
            covariance: sum.covariance + own.covariance,
        })
    }

    /// Whether the denominator is known well enough to divide by it.
    pub fn is_told(&self) -> bool {
        self.whole.value > LEAST_STANDARD_ERRORS * self.whole.standard_error()
    }

    /// The ratio; none where it [is not told](Self::is_told).
    pub fn value(&self) -> Option<f64> {
        self.is_told().then(|| self.part.value / self.whole.value)
    }

    /// The variance of `part − ratio · whole`: what the errors of both do to a ratio.
    pub fn variance_at(&self, ratio: f64) -> f64 {
        self.part.variance - 2.0 * ratio * self.covariance + ratio * ratio * self.whole.variance
    }

    /// The variance of the ratio itself, near enough where it [is told](Self::is_told) and nowhere used for intervals.
    ///
    /// # Source
    /// The delta method: Var(N/D) ≈ Var(N − r·D)/D².
    pub fn variance(&self) -> Option<f64> {
        let value = self.value()?;
        Some(self.variance_at(value) / self.whole.value.powi(2))
    }

    /// What a reader is shown of a share: within 0 and 1, the value inside the interval; none where it is not told.
    pub fn shown(&self) -> Option<Shown> {
        let (value, interval) = (self.value()?, self.interval(Z_95)?);
        let (low, high) = (interval.low.clamp(0.0, 1.0), interval.high.clamp(0.0, 1.0));
        Some(Shown { value: value.clamp(low, high), low, high })
    }

    /// The interval of all ratios r for which `part − r · whole` is less than z standard errors from zero; none where
    /// the ratio [is not told](Self::is_told).
    ///
    /// # Source
    /// Fieller (1954), *Some problems in interval estimation*, Journal of the Royal Statistical Society B 16(2), § 2.
    pub fn interval(&self, z: f64) -> Option<Interval> {
        if !self.is_told() {
            return None;
        }
        let (n, d, z2) = (self.part.value, self.whole.value, z * z);
        let a = d * d - z2 * self.whole.variance;
        let b = n * d - z2 * self.covariance;
        let c = n * n - z2 * self.part.variance;
        // With a denominator more than z standard errors from zero there are two real ends.
        let reach = (a > 0.0).then(|| (b * b - a * c).max(0.0).sqrt())?;
        Some(Interval { low: (b - reach) / a, high: (b + reach) / a })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Z_95, *};

    fn ratio(part: f64, whole: f64, variances: (f64, f64), covariance: f64) -> Ratio {
        Ratio {
            part: Estimate { value: part, variance: variances.0 },
            whole: Estimate { value: whole, variance: variances.1 },
            covariance,
        }
    }

    #[test]
    fn a_denominator_within_three_standard_errors_of_zero_is_not_divided_by() {
        assert_eq!(ratio(10.0, 30.0, (1.0, 100.0), 0.0).value(), None);
        assert_eq!(ratio(10.0, 30.0, (1.0, 100.0), 0.0).interval(Z_95), None);
        assert_eq!(ratio(10.0, -300.0, (1.0, 100.0), 0.0).value(), None);
        let told = ratio(10.0, 31.0, (1.0, 100.0), 0.0);
        assert!(told.value().is_some() && told.interval(Z_95).is_some());
    }

    /// The worked example of Fieller's quadratic with plain numbers: 50/100, both with variance 25 and no covariance.
    #[test]
    fn the_interval_is_fiellers() {
        let interval = ratio(50.0, 100.0, (25.0, 25.0), 0.0).interval(2.0).unwrap();
        // (10,000 − 100) r² − 2 · 5,000 r + (2,500 − 100) = 0.
        let reach = 1_240_000_f64.sqrt();
        let ends = [(5_000.0 - reach) / 9_900.0, (5_000.0 + reach) / 9_900.0];
        assert!(
            (interval.low - ends[0]).abs() < 1e-12 && (interval.high - ends[1]).abs() < 1e-12,
            "{interval:?}"
        );
    }

    proptest! {
        /// At its ends `part − r · whole` is exactly z standard errors from zero, and the ratio lies between them.
        #[test]
        fn the_ends_are_z_standard_errors_away(
            part in -500.0..5_000.0, whole in 100.0..5_000.0, sd in 0.1..30.0, other in 0.1..30.0, hang in -0.95..0.95,
        ) {
            let ratio = ratio(part, whole, (sd * sd, other * other), hang * sd * other);
            prop_assume!(ratio.is_told());
            let interval = ratio.interval(Z_95).unwrap();
            prop_assert!(interval.contains(ratio.value().unwrap()));
            for end in [interval.low, interval.high] {
                let away = (part - end * whole) / ratio.variance_at(end).sqrt();
                prop_assert!((away.abs() - Z_95).abs() < 1e-6, "{away}");
            }
        }
    }
}
