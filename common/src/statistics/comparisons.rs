//! Many comparisons at once: how far two figures must lie apart so that noise alone seldom says they differ.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::Estimate;

/// A family of comparisons that is read together, such as every pair of ten boroughs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparisons {
    /// In how many of a thousand quarters at most noise alone may tell any of them apart.
    pub level_per_mille: u16,
    /// How many are read together.
    pub of: u32,
}

/// What can be told of two figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The first is larger than noise alone would make it.
    More,
    /// The first is smaller.
    Fewer,
    /// Noise alone could have made the difference: it may still be there.
    NotDistinguishable,
}

impl Comparisons {
    /// Every pair of so many, at five in a hundred.
    pub fn pairs_of(many: usize) -> Self {
        let many = u32::try_from(many).unwrap_or(u32::MAX);
        Self { level_per_mille: 50, of: (many.saturating_mul(many.saturating_sub(1)) / 2).max(1) }
    }

    /// Whether level and number make sense.
    pub fn is_sound(self) -> bool {
        (1..=200).contains(&self.level_per_mille) && self.of > 0
    }

    /// How many standard errors two figures must lie apart; 3.26 for 45 pairs at five in a hundred.
    ///
    /// # Source
    /// Bonferroni's inequality: of `of` comparisons each at level α/of, any errs with probability at most α.
    pub fn z(self) -> f64 {
        let each = f64::from(self.level_per_mille) / 1000.0 / f64::from(self.of.max(1));
        Normal::standard().inverse_cdf(1.0 - each / 2.0)
    }

    /// What can be told of a difference.
    pub fn told(self, difference: &Estimate) -> Told {
        let apart = difference.z(0.0);
        match apart.abs() > self.z() {
            true if apart > 0.0 => Told::More,
            true => Told::Fewer,
            false => Told::NotDistinguishable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_five_pairs_need_more_than_three_standard_errors() {
        let pairs = Comparisons::pairs_of(10);
        assert_eq!(pairs, Comparisons { level_per_mille: 50, of: 45 });
        assert!((pairs.z() - 3.261).abs() < 5e-4, "{}", pairs.z());
        let one = Comparisons { level_per_mille: 50, of: 1 };
        assert!((one.z() - super::super::Z_95).abs() < 1e-6, "{}", one.z());
    }

    #[test]
    fn what_noise_could_have_made_is_not_told_apart() {
        let pairs = Comparisons::pairs_of(10);
        let told = |value| pairs.told(&Estimate { value, variance: 100.0 });
        assert_eq!(
            [told(32.0), told(33.0), told(-33.0), told(0.0)],
            [Told::NotDistinguishable, Told::More, Told::Fewer, Told::NotDistinguishable]
        );
    }
}
