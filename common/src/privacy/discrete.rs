//! How far whole numbers drawn with little noise may be off: exact quantiles of the discrete Gaussian.
//!
//! At the scales of the streams the normal distribution serves; at σ = 3 its 1.96 σ, cut down to whole numbers, would
//! cover 93.5 % and not 95 %.

use crate::statistics::Z_95;

/// Where a sum spreads wider than this, whole numbers are dense enough for the normal quantile, rounded up.
const EXACT_TO: f64 = 60.0;
/// How many σ from the middle a probability is taken for zero: there it is below 10⁻³¹.
const REACH: f64 = 12.0;

/// Half of the 95 % interval of a sum of `terms` independent discrete Gaussian draws of scale σ: the smallest whole
/// number that the sum's size passes with a probability of 5 % or less.
///
/// # Source
/// The distribution is that of Canonne, Kamath and Steinke 2020, Definition 1; its sums are convolved, not assumed.
pub fn half_width(sigma: u64, terms: usize) -> u64 {
    let spread = sigma as f64 * (terms as f64).sqrt();
    if terms == 0 || sigma == 0 {
        return 0;
    }
    if spread > EXACT_TO {
        return (Z_95 * spread).ceil() as u64;
    }
    // Two tails; added from the far end, where the small numbers are.
    let sum = of_sum(sigma, terms);
    let outside = sum.iter().rev().scan(0.0, |tail, probability| {
        *tail += 2.0 * probability;
        Some(*tail)
    });
    let beyond = outside.take_while(|&tail| tail <= 0.05).count();
    (sum.len() - 1 - beyond) as u64
}

/// The probabilities of 0, 1, 2, … of the sum; it is symmetric.
fn of_sum(sigma: u64, terms: usize) -> Vec<f64> {
    let (mut power, mut left) = (of_one(sigma), terms);
    let mut sum: Option<Vec<f64>> = None;
    loop {
        if left & 1 == 1 {
            sum = Some(sum.map_or_else(|| power.clone(), |sum| convolved(&sum, &power)));
        }
        left >>= 1;
        if left == 0 {
            return sum.unwrap_or_default();
        }
        power = convolved(&power, &power);
    }
}

fn of_one(sigma: u64) -> Vec<f64> {
    let sigma = sigma as f64;
    let reach = (REACH * sigma).ceil() as usize;
    let weight = |at: usize| (-0.5 * (at as f64 / sigma).powi(2)).exp();
    let total = 2.0 * (1..=reach).rev().map(weight).sum::<f64>() + weight(0);
    (0..=reach).map(|at| weight(at) / total).collect()
}

/// The distribution of the sum of two symmetric ones, each given from 0 on.
fn convolved(one: &[f64], other: &[f64]) -> Vec<f64> {
    let at = |of: &[f64], k: i64| of.get(k.unsigned_abs() as usize).copied().unwrap_or_default();
    let (reach, far) = (one.len() as i64 - 1, (one.len() + other.len() - 2) as i64);
    let mut sum: Vec<f64> =
        (0..=far).map(|k| (-reach..=reach).map(|j| at(one, j) * at(other, k - j)).sum()).collect();
    // What no sum of ours can tell from zero only makes the next convolution slow.
    let meant = sum.iter().rposition(|&probability| probability > 1e-40).unwrap_or_default();
    sum.truncate(meant + 1);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By adding up every pair of draws, with no convolution: an own way to the same number.
    fn tail(sigma: u64, terms: u32, beyond: i64) -> f64 {
        let weight = |x: i64| (-((x * x) as f64) / (2.0 * (sigma * sigma) as f64)).exp();
        let reach = 14 * sigma as i64;
        let total: f64 = (-reach..=reach).map(weight).sum();
        let one = |x: i64| weight(x) / total;
        let far = |sum: i64| sum.abs() > beyond;
        match terms {
            1 => (-reach..=reach).filter(|&x| far(x)).map(one).sum(),
            _ => (-reach..=reach)
                .flat_map(|x| (-reach..=reach).map(move |y| (x, y)))
                .filter(|&(x, y)| far(x + y))
                .map(|(x, y)| one(x) * one(y))
                .sum(),
        }
    }

    /// 20 is the study's own vector: 39 by the exact distribution.
    #[test]
    fn quantiles_are_exact_where_the_normal_ones_are_not() {
        assert_eq!([1, 3, 5, 20].map(|sigma| half_width(sigma, 1)), [2, 6, 10, 39]);
        for (sigma, terms) in [(1, 1), (2, 1), (3, 1), (5, 1), (7, 1), (1, 2), (3, 2), (5, 2), (12, 2)] {
            let width = half_width(sigma, terms as usize) as i64;
            assert!(tail(sigma, terms, width) <= 0.05, "σ = {sigma}, {terms}: {width} is too little");
            assert!(
                tail(sigma, terms, width - 1) > 0.05,
                "σ = {sigma}, {terms}: {width} is more than needed"
            );
        }
        // What the normal quantile, cut down to a whole number, would have covered.
        let cut = |sigma: u64| 1.0 - tail(sigma, 1, (Z_95 * sigma as f64) as i64);
        assert_eq!([3, 5].map(|sigma| (1000.0 * cut(sigma)).round()), [935.0, 943.0]);
    }

    /// Where exact sums end and the normal quantile begins nothing jumps, and it is never less than exact.
    #[test]
    fn wide_sums_go_over_into_the_normal_quantile() {
        for (sigma, terms) in [(60, 1), (59, 1), (20, 9), (6, 99), (10, 36), (3, 400)] {
            let (exact, normal) =
                (half_width(sigma, terms) as f64, Z_95 * sigma as f64 * (terms as f64).sqrt());
            assert!((normal - exact).abs() <= 1.0, "σ = {sigma}, {terms}: {exact} beside {normal}");
        }
        assert_eq!(half_width(61, 1), 120);
        assert_eq!((half_width(5, 0), half_width(1_000_000, 4)), (0, 3_919_928));
    }
}
