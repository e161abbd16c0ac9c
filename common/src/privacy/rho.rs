//! Privacy loss ρ as an exact whole number of nano-ρ.

use std::{fmt, iter::Sum, str::FromStr};

use serde::{Deserialize, Serialize};

/// A zero-concentrated privacy loss in whole nano-ρ (10⁻⁹), so that no sum ever rounds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Rho(u64);

/// The largest noise scale that is drawn. What states a larger one is refused before anything is charged for it: a
/// quarter that was charged and cannot be drawn would stand still for ever.
pub const LARGEST_SCALE: u64 = 1 << 40;

/// Why a privacy loss cannot be stated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RhoError {
    /// The noise is too small to be admitted.
    #[error("a noise scale of {sigma} was stated, expected at least 1")]
    ScaleTooSmall {
        /// The scale σ.
        sigma: u64,
    },
    /// The noise is larger than can be drawn.
    #[error("a noise scale of {sigma} was stated, expected at most {LARGEST_SCALE}: more cannot be drawn")]
    ScaleTooLarge {
        /// The scale σ.
        sigma: u64,
    },
    /// The exact arithmetic left its range.
    #[error("the privacy loss leaves the range of exact arithmetic")]
    OutOfRange,
    /// A text is no privacy loss.
    #[error("{text:?} is no privacy loss, expected a decimal such as 0.25 with at most nine places")]
    NotADecimal {
        /// What was given.
        text: String,
    },
}

impl Rho {
    /// No loss at all.
    pub const ZERO: Self = Self(0);

    /// A loss of that many nano-ρ.
    pub const fn from_nano(nano: u64) -> Self {
        Self(nano)
    }

    /// The loss in nano-ρ.
    pub const fn nano(self) -> u64 {
        self.0
    }

    /// The sum, or nothing where it leaves the range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What is left of this loss after `other`, or nothing where `other` is larger.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The largest loss that one line meets in a group of cells over a whole horizon, rounded up.
    ///
    /// # Units
    /// `l2_squared` is the exact squared length of one line's contribution, `column_sum` the largest
    /// exact column sum S of squares of the time matrix, `sigma` the discrete Gaussian's scale.
    ///
    /// # Privacy
    /// Returns ⌈10⁹·L2²·S / 2σ²⌉: never less than the true loss.
    ///
    /// # Errors
    /// Where σ < 1 or above [`LARGEST_SCALE`], or the exact product leaves 128 bits.
    ///
    /// # Source
    /// Canonne, Kamath and Steinke 2020, Theorem 4 (an integer shift Δ costs Δ²/2σ²), summed over the
    /// quarters that one contribution reaches.
    pub fn of_group(l2_squared: u64, column_sum: u64, sigma: u64) -> Result<Self, RhoError> {
        if sigma < 1 {
            return Err(RhoError::ScaleTooSmall { sigma });
        }
        if sigma > LARGEST_SCALE {
            return Err(RhoError::ScaleTooLarge { sigma });
        }
        let shift = u128::from(l2_squared).checked_mul(u128::from(column_sum)).ok_or(RhoError::OutOfRange)?;
        let numerator = shift.checked_mul(1_000_000_000).ok_or(RhoError::OutOfRange)?;
        let denominator = u128::from(sigma)
            .checked_mul(u128::from(sigma))
            .and_then(|square| square.checked_mul(2))
            .ok_or(RhoError::OutOfRange)?;
        u64::try_from(numerator.div_ceil(denominator)).map(Self).map_err(|_| RhoError::OutOfRange)
    }

    /// The loss as a decimal, for display and for accuracy figures only.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl FromStr for Rho {
    type Err = RhoError;

    /// A decimal with at most nine places, exactly.
    fn from_str(text: &str) -> Result<Self, RhoError> {
        let refuse = || RhoError::NotADecimal { text: text.to_owned() };
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || part.len() > 9 || !digits(whole) || !digits(part) {
            return Err(refuse());
        }
        format!("{whole}{part:0<9}").parse().map(Self).map_err(|_| refuse())
    }
}

impl Sum for Rho {
    /// Saturates, so that a sum too large is never mistaken for a small one.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, rho| Self(sum.0.saturating_add(rho.0)))
    }
}

impl fmt::Display for Rho {
    /// Decimal without trailing zeros: `0.105`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integer example of the study: ρ = 0.25, share 0.40, 21 places, S = 4096².
    #[test]
    fn charges_match_the_worked_example() {
        let groups = [(1, 18_978), (1, 18_531), (6, 44_413), (6, 43_369)];
        let sum: Rho = groups.iter().map(|&(l2, sigma)| Rho::of_group(l2, 4096 * 4096, sigma).unwrap()).sum();
        assert!(sum.nano() <= 100_000_000, "{sum:?}");
        assert!(sum.nano().abs_diff(99_995_547) <= 4, "{sum:?}");
    }

    #[test]
    fn rounds_up_and_refuses_no_noise() {
        assert_eq!(Rho::of_group(1, 1, 1), Ok(Rho::from_nano(500_000_000)));
        assert_eq!(Rho::of_group(1, 1, 1_000_000), Ok(Rho::from_nano(1)));
        assert_eq!(Rho::of_group(1, 1, 0), Err(RhoError::ScaleTooSmall { sigma: 0 }));
        assert_eq!(Rho::of_group(1, 1, LARGEST_SCALE), Ok(Rho::from_nano(1)));
        let sigma = LARGEST_SCALE + 1;
        assert_eq!(Rho::of_group(1, 1, sigma), Err(RhoError::ScaleTooLarge { sigma }));
        assert_eq!(Rho::of_group(u64::MAX, u64::MAX, 1), Err(RhoError::OutOfRange));
    }

    #[test]
    fn a_decimal_is_read_exactly() {
        assert_eq!("0.25".parse(), Ok(Rho::from_nano(250_000_000)));
        assert_eq!("1".parse(), Ok(Rho::from_nano(1_000_000_000)));
        assert_eq!("0.000000001".parse(), Ok(Rho::from_nano(1)));
        for wrong in ["", ".5", "-1", "0.0000000001", "1e3", "0,25", "99999999999999"] {
            assert!(wrong.parse::<Rho>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn is_written_as_a_decimal() {
        assert_eq!(Rho::from_nano(105_000_000).to_string(), "0.105");
        assert_eq!(Rho::from_nano(2_000_000_000).to_string(), "2");
        assert_eq!(Rho::from_nano(1).to_string(), "0.000000001");
    }
}
