//! Attackers: a weight for every number sent, a threshold, and what their alarms say of μ.

use anyhow::Context;
use nalgebra::{DMatrix, DVector};
use statrs::distribution::{Beta, ContinuousCDF, Normal};

use super::Setting;

/// An attacker who adds up what was sent with weights.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    name: &'static str,
    weights: Vec<f64>,
    /// σ² of every number as planned.
    variances: Vec<f64>,
}

/// How an attacker fared with programmes that had no part in choosing weights and threshold.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// Who attacked.
    pub attacker: &'static str,
    /// Alarms without the target.
    pub wrong: u64,
    /// Alarms with the target.
    pub right: u64,
    /// Programmes judged in each arm.
    pub judged: u64,
}

/// μ as the alarms show it.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// No true μ below this is likely.
    pub lower: f64,
    /// The estimate.
    pub estimate: f64,
    /// No true μ above this is likely.
    pub upper: f64,
}

impl Linear {
    /// Weights of the best test between the target in and out, from the definition of what it adds.
    pub(super) fn informed(setting: &Setting, outputs: usize) -> Self {
        // What is sent a second time is weighed as it was the first time.
        let again = |once: Vec<f64>| once.into_iter().cycle().take(outputs).collect();
        let variances: Vec<f64> = again(setting.variances());
        Self { name: "knows the definition", weights: again(setting.direction()), variances }
    }

    /// The same, with each number's noise as it is found to be and not as it was planned.
    pub(super) fn measuring(&self, without: &[Vec<i64>]) -> Self {
        let n = without.len() as f64;
        let planned = self.weights.iter().enumerate();
        let weights = planned.map(|(at, weight)| {
            let values = without.iter().map(|sent| sent[at] as f64);
            let mean = values.clone().sum::<f64>() / n;
            let square = values.map(|value| (value - mean).powi(2)).sum::<f64>() / n;
            (weight, square)
        });
        let weights = weights.zip(&self.variances).map(|((weight, found), planned)| weight * planned / found);
        Self { name: "measures the noise", weights: weights.collect(), variances: self.variances.clone() }
    }

    fn value(&self, sent: &[i64]) -> f64 {
        self.weights.iter().zip(sent).map(|(weight, &value)| weight * value as f64).sum()
    }

    /// The median over both arms.
    pub(super) fn threshold(&self, without: &[Vec<i64>], with: &[Vec<i64>]) -> f64 {
        let mut values: Vec<f64> = without.iter().chain(with).map(|sent| self.value(sent)).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        (values[middle - 1] + values[middle]) / 2.0
    }

    pub(super) fn attack(&self, threshold: f64, without: &[Vec<i64>], with: &[Vec<i64>]) -> Attack {
        let alarms = |arm: &[Vec<i64>]| arm.iter().filter(|sent| self.value(sent) > threshold).count() as u64;
        Attack {
            attacker: self.name,
            wrong: alarms(without),
            right: alarms(with),
            judged: without.len() as u64,
        }
    }
}

/// Weights learned from examples alone: Fisher's linear discriminant, which is the best test for normal noise of
/// any covariance, so that noise used twice is found without being told of it.
pub(super) fn learned(without: &[Vec<i64>], with: &[Vec<i64>]) -> anyhow::Result<Linear> {
    let outputs = without[0].len();
    let mean = |arm: &[Vec<i64>]| {
        let sum = arm.iter().fold(DVector::zeros(outputs), |sum: DVector<f64>, sent| {
            sum + DVector::from_iterator(outputs, sent.iter().map(|&value| value as f64))
        });
        sum / arm.len() as f64
    };
    let means = [mean(without), mean(with)];
    let mut spread = DMatrix::<f64>::zeros(outputs, outputs);
    for (arm, mean) in [without, with].into_iter().zip(&means) {
        let rows = arm.iter().flat_map(|sent| sent.iter().map(|&value| value as f64));
        let mut rows = DMatrix::from_row_iterator(arm.len(), outputs, rows);
        for mut row in rows.row_iter_mut() {
            row -= mean.transpose();
        }
        spread += rows.tr_mul(&rows);
    }
    spread /= (without.len() + with.len()) as f64;
    for at in 0..outputs {
        // Noise that cancels exactly leaves a spread of zero; this keeps it invertible.
        spread[(at, at)] = spread[(at, at)] * (1.0 + 1e-9) + 1e-9;
    }
    let factor = spread.clone().cholesky().context("the numbers sent have no spread to learn from")?;
    let weights = factor.solve(&(&means[1] - &means[0]));
    Ok(Linear {
        name: "learned from examples",
        weights: weights.iter().copied().collect(),
        variances: spread.diagonal().iter().copied().collect(),
    })
}

impl Attack {
    /// μ from both rates of alarm; true μ lies outside the bounds with at most this probability.
    pub fn bounds(&self, false_alarm: f64) -> Bounds {
        let normal = Normal::standard();
        let each = false_alarm / 4.0;
        let n = self.judged;
        let smoothed = |alarms: u64| normal.inverse_cdf((alarms as f64 + 0.5) / (n as f64 + 1.0));
        let (low, high) = (
            |alarms| normal.inverse_cdf(least_share(alarms, n, each)),
            |alarms| normal.inverse_cdf(1.0 - least_share(n - alarms, n, each)),
        );
        Bounds {
            lower: low(self.right) - high(self.wrong),
            estimate: smoothed(self.right) - smoothed(self.wrong),
            upper: high(self.right) - low(self.wrong),
        }
    }
}

/// The least probability that gives `hits` or more of `n` with at least `chance`, kept away from 0.
fn least_share(hits: u64, n: u64, chance: f64) -> f64 {
    const LEAST: f64 = 1e-12;
    if hits == 0 {
        return LEAST;
    }
    let Ok(share) = Beta::new(hits as f64, (n - hits) as f64 + 1.0) else { return LEAST };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if share.cdf(middle) < chance { low = middle } else { high = middle }
    }
    low.max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Limits for 7 of 20, 95 % two-sided, as in the tables of Clopper and Pearson; for 20 of 20 it is the 20th
    /// root of the chance.
    #[test]
    fn shares_have_the_published_limits() {
        assert!((least_share(7, 20, 0.025) - 0.1539).abs() < 5e-5);
        assert!((1.0 - least_share(13, 20, 0.025) - 0.5922).abs() < 5e-5);
        assert!((least_share(20, 20, 0.01) - 0.01_f64.powf(0.05)).abs() < 1e-9);
    }

    #[test]
    fn bounds_narrow_with_the_number_judged() {
        let attack = |judged| Attack { attacker: "", wrong: judged / 4, right: judged * 3 / 4, judged };
        let (few, many) = (attack(400).bounds(0.01), attack(40_000).bounds(0.01));
        assert!((many.estimate - 1.349).abs() < 1e-3);
        assert!(few.lower < many.lower && many.upper < few.upper && few.lower > 0.9);
    }
}
