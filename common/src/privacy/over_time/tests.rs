//! Quarters and years together against the least-squares definition.

use super::*;

/// Against the definition: both kinds of published values stacked, weighed and solved as one system.
#[test]
fn an_update_is_the_least_squares_solution_of_everything_seen() {
    let mut policy = crate::privacy::policy::tests::policy();
    policy.opening = false;
    policy.yearly_matrix = TimeMatrix::yearly(6).unwrap();
    for (released, void, q, y) in
        [(12, vec![], 3.0, 0.5), (14, vec![2, 7], 2.0, 9.0), (8, vec![5], 1.0, 1.0), (7, vec![3], 1.0, 2.0)]
    {
        let time = OverTime::new(&policy, released, &void).unwrap();
        let component = time.component(q, y);
        // Rows of the stacked system: (coefficients of x, published value, variance).
        let quarters: Vec<f64> =
            (0..released).map(|t| if void.contains(&t) { 0.0 } else { (t * t) as f64 - 7.0 }).collect();
        let years: Vec<f64> =
            time.counted.iter().map(|c| if c.is_empty() { 0.0 } else { 40.0 - c.end as f64 }).collect();
        let mut normal = vec![vec![0.0; released]; released];
        let mut right = vec![0.0; released];
        let mut add = |row: Vec<f64>, value: f64, variance: f64| {
            for i in 0..released {
                right[i] += row[i] * value / variance;
                for j in 0..released {
                    normal[i][j] += row[i] * row[j] / variance;
                }
            }
        };
        for (t, &quarter) in quarters.iter().enumerate().take(released) {
            let c = &policy.time_matrix.rows()[t];
            let entry = |s: usize| if s > t || void.contains(&s) { 0.0 } else { f64::from(c[s]) };
            match void.contains(&t) {
                // Known to be zero: an observation without noise to speak of.
                true => add((0..released).map(|s| f64::from(u8::from(s == t))).collect(), 0.0, 1e-12),
                false => add((0..released).map(entry).collect(), quarter, q),
            }
        }
        for (year, counted) in time.counted.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
            let c = &policy.yearly_matrix.rows()[year];
            let of = |s: usize| time.counted[..=year].iter().position(|c| c.contains(&s));
            let of = |s: usize| of(s).filter(|_| !void.contains(&s));
            let row = (0..released).map(|s| of(s).map_or(0.0, |at| f64::from(c[at])));
            assert!(!void.contains(&(counted.end - 1)));
            add(row.collect(), years[year], y);
        }
        let covariance = inverse(normal);
        let expected = times(&covariance, &right);
        let decoded = (time.decode_quarters(&quarters).unwrap(), time.decode_years(&years).unwrap());
        let found = component.merge(&decoded.0, &decoded.1);
        for t in 0..released {
            assert!((found[t] - expected[t]).abs() < 1e-6, "{t}: {} not {}", found[t], expected[t]);
        }
        let weights: Vec<f64> = (0..released).map(|t| 1.0 - 0.3 * t as f64).collect();
        let weights = time.known(&weights);
        let exact: f64 = times(&covariance, &weights).iter().zip(&weights).map(|(a, b)| a * b).sum();
        let ratio = component.variance(&weights).unwrap() / exact;
        assert!((ratio - 1.0).abs() < 1e-6, "{released}: {ratio}");
    }
}

#[test]
fn only_whole_released_years_are_years() {
    let policy = crate::privacy::policy::tests::policy();
    let time = OverTime::new(&policy, 10, &[5]).unwrap();
    assert_eq!(time.counted(), [0..1, 1..4, 4..8]);
    let span =
        |from: usize, to: usize| -> Vec<f64> { (0..=to).map(|at| f64::from(u8::from(at >= from))).collect() };
    assert_eq!(time.in_years(&span(0, 7)), Some(vec![1.0, 1.0, 1.0]));
    assert_eq!(time.in_years(&span(4, 7)), Some(vec![0.0, 0.0, 1.0]));
    for (from, to) in [(0, 8), (0, 6), (5, 7), (2, 2), (8, 9)] {
        assert_eq!(time.in_years(&span(from, to)), None, "{from} to {to}");
    }
    // The last quarter of a year is void: the year has no figure by itself, the next has both.
    let time = OverTime::new(&policy, 12, &[7]).unwrap();
    assert_eq!(time.counted(), [0..1, 1..4, 4..4, 4..12]);
    assert_eq!(time.in_years(&span(4, 7)), None);
    assert_eq!(time.in_years(&span(4, 11)), Some(vec![0.0, 0.0, 0.0, 1.0]));
}
