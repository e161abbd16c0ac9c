//! Boroughs' shares beside the region's: what chance and noise together would make of equal boroughs, and which pairs
//! they cannot have made.
//!
//! # Source
//! Spiegelhalter (2005), *Funnel plots for comparing institutional performance*, Statistics in Medicine 24(8): limits
//! p ± z·√(p(1 − p)/n), here with the variance that the mechanism's noise adds.

use tenfold_common::{
    geography::BoroughCode,
    statistics::{Comparisons, Estimate, Ratio, Told},
};

/// The two-sided quantiles of the normal distribution for limits that 1 in 20 and 1 in 500 of equal boroughs pass.
pub const LIMITS: [(&str, f64); 2] = [("95%", 1.959_963_984_540_054), ("99.8%", 3.090_232_306_167_813)];

/// Boroughs whose share can be told, and the share of all of them together.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// Of all of them together.
    pub whole: Ratio,
    /// Each by itself, in the order given.
    pub boroughs: Vec<(BoroughCode, Ratio)>,
}

/// Two boroughs that noise cannot have told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The one with the larger share.
    pub more: BoroughCode,
    /// The one with the smaller.
    pub fewer: BoroughCode,
}

impl Funnel {
    /// Of the boroughs whose share can be told; nothing where there are none.
    pub fn of(boroughs: Vec<(BoroughCode, Ratio)>) -> Option<Self> {
        let told: Vec<_> = boroughs.into_iter().filter(|(_, ratio)| ratio.is_told()).collect();
        let whole = Ratio::sum(told.iter().map(|(_, ratio)| *ratio));
        (!told.is_empty()).then_some(Self { whole, boroughs: told })
    }

    /// The share of all together, between 0 and 1.
    pub fn rate(&self) -> f64 {
        self.whole.value().unwrap_or(0.0).clamp(0.0, 1.0)
    }

    /// How far from the region's share a borough's lies, in standard deviations of chance and noise together.
    pub fn away(&self, ratio: &Ratio) -> f64 {
        let (rate, size) = (self.rate(), ratio.whole.value);
        (ratio.part.value / size - rate) / self.deviation(size, ratio.variance_at(rate))
    }

    /// The limits for so many standard deviations at a size, with the noise that boroughs have on average.
    pub fn limits(&self, size: f64, z: f64) -> (f64, f64) {
        let rate = self.rate();
        let noise: f64 = self.boroughs.iter().map(|(_, ratio)| ratio.variance_at(rate)).sum();
        let reach = z * self.deviation(size, noise / self.boroughs.len() as f64);
        ((rate - reach).max(0.0), (rate + reach).min(1.0))
    }

    /// Every pair that noise alone does not explain, the larger share first. Chance is not asked here: it says what might
    /// have come of other years, and this is what came.
    pub fn apart(&self, comparisons: Comparisons) -> Vec<Apart> {
        let mut apart = Vec::new();
        for (at, (one, of_one)) in self.boroughs.iter().enumerate() {
            for (other, of_other) in &self.boroughs[at + 1..] {
                let Some(difference) = difference(of_one, of_other) else { continue };
                let (more, fewer) = match comparisons.told(&difference) {
                    Told::More => (one, other),
                    Told::Fewer => (other, one),
                    Told::NotDistinguishable => continue,
                };
                apart.push(Apart { more: more.clone(), fewer: fewer.clone() });
            }
        }
        apart
    }

    fn deviation(&self, size: f64, noise: f64) -> f64 {
        let rate = self.rate();
        (rate * (1.0 - rate) / size + noise / (size * size)).sqrt()
    }
}

/// The difference of two shares whose noise is independent. The variance is taken at the share that both would have if
/// they were equal, as a test of that asks.
fn difference(one: &Ratio, other: &Ratio) -> Option<Estimate> {
    let both = Ratio::sum([*one, *other]).value()?;
    let own = |ratio: &Ratio| ratio.variance_at(both) / ratio.whole.value.powi(2);
    Some(Estimate { value: one.value()? - other.value()?, variance: own(one) + own(other) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn borough(number: u8, part: f64, whole: f64, sd: f64) -> (BoroughCode, Ratio) {
        let estimate = |value| Estimate { value, variance: sd * sd };
        let ratio = Ratio { part: estimate(part), whole: estimate(whole), covariance: 0.0 };
        (format!("E0800000{number}").parse().unwrap(), ratio)
    }

    #[test]
    fn limits_hold_chance_and_noise() {
        let funnel = Funnel::of(vec![borough(1, 40.0, 100.0, 3.0), borough(2, 160.0, 400.0, 3.0)]).unwrap();
        assert!((funnel.rate() - 0.4).abs() < 1e-12);
        // 0.24/100 of chance, 9·(1 + 0.16)/10⁴ of noise.
        let (low, high) = funnel.limits(100.0, 2.0);
        let reach = 2.0 * (0.0024_f64 + 10.44 / 10_000.0).sqrt();
        assert!((low - (0.4 - reach)).abs() < 1e-12 && (high - (0.4 + reach)).abs() < 1e-12);
        let (lower, higher) = funnel.limits(10_000.0, 2.0);
        assert!(higher - lower < 0.021);
        assert!((funnel.away(&borough(3, 50.0, 100.0, 3.0).1) - 0.2 / reach).abs() < 1e-9);
    }

    #[test]
    fn only_pairs_that_noise_cannot_have_made_are_told_apart() {
        let pairs = Comparisons::pairs_of(10);
        let funnel = |part| Funnel::of(vec![borough(1, part, 400.0, 10.0), borough(2, 160.0, 400.0, 10.0)]);
        assert_eq!(funnel(200.0).unwrap().apart(pairs), []);
        let [first, second] = [1, 2].map(|number| borough(number, 0.0, 0.0, 0.0).0);
        let apart = Apart { more: first, fewer: second };
        assert_eq!(funnel(220.0).unwrap().apart(pairs), [apart]);
    }

    #[test]
    fn a_borough_whose_share_cannot_be_told_is_left_out() {
        assert_eq!(Funnel::of(vec![borough(1, 4.0, 10.0, 10.0)]), None);
        let funnel = Funnel::of(vec![borough(1, 4.0, 10.0, 10.0), borough(2, 160.0, 400.0, 10.0)]).unwrap();
        assert_eq!(funnel.boroughs.len(), 1);
        assert!((funnel.rate() - 0.4).abs() < 1e-12);
    }
}
