//! How surprising a sum of squares is: the upper tails of the chi-squared and the normal distribution.

/// P(χ² with `freedom` degrees of freedom ≥ `statistic`).
///
/// # Source
/// Abramowitz and Stegun 1964, 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz's method).
pub(crate) fn tail(statistic: f64, freedom: usize) -> f64 {
    let (a, x) = (freedom as f64 / 2.0, statistic / 2.0);
    if x <= 0.0 {
        return 1.0;
    }
    let scale = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..100_000 {
            term *= x / (a + f64::from(n));
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return 1.0 - sum * scale;
    }
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for n in 1..100_000 {
        let step = -f64::from(n) * (f64::from(n) - a);
        b += 2.0;
        d = 1.0 / (step * d + b);
        c = b + step / c;
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction * scale
}

/// P(|Z| ≥ |z|) of a standard normal Z.
pub(crate) fn two_sided(z: f64) -> f64 {
    tail(z * z, 1)
}

/// P of the observed counts under expected ones: Pearson's statistic, all parameters known beforehand.
pub(crate) fn of_counts(observed: &[u64], expected: &[f64]) -> f64 {
    assert_eq!(observed.len(), expected.len());
    let parts = observed.iter().zip(expected);
    let statistic = parts.map(|(&seen, &mean)| (seen as f64 - mean).powi(2) / mean).sum();
    tail(statistic, observed.len() - 1)
}

/// ln Γ(x) for x > 0 by Stirling's series after shifting x above 10.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - shift
}

/// Percentage points as printed in Pearson and Hartley 1966, tables 1 and 8.
#[test]
fn tails_agree_with_the_printed_tables() {
    for (statistic, freedom, probability) in [
        (3.841_459, 1, 0.05),
        (10.827_57, 1, 0.001),
        (0.710_723, 4, 0.95),
        (18.307_04, 10, 0.05),
        (124.342_1, 100, 0.05),
        (149.449_3, 100, 0.001),
    ] {
        let found = tail(statistic, freedom);
        assert!((found / probability - 1.0).abs() < 1e-5, "{statistic}, {freedom}: {found}");
    }
    assert!((two_sided(1.959_964) - 0.05).abs() < 1e-7);
    assert!((two_sided(4.891_638) / 1e-6 - 1.0).abs() < 1e-4);
    assert!(of_counts(&[50, 50], &[50.0, 50.0]) > 0.999_999);
}
