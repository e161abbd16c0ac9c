//! How many claims of a finite list are valid, from those that were checked: an exact interval.

use serde::{Deserialize, Serialize};
use statrs::distribution::{DiscreteCDF, Hypergeometric};

/// What was found among the lines of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Lines open to the draw.
    pub lines: u32,
    /// Of these, drawn and checked.
    pub checked: u32,
    /// Of these, invalid.
    pub invalid: u32,
    /// Discretionary lines, all of them checked.
    pub discretionary: u32,
    /// Of these, invalid.
    pub discretionary_invalid: u32,
}

/// How many lines of the whole list are valid, at least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Validity {
    /// Lines of the list, discretionary ones with them.
    pub lines: u32,
    /// Valid ones at least.
    pub least: u32,
    /// Valid ones at most.
    pub most: u32,
}

impl Validity {
    /// The bounds in tenths of a per cent of the list, rounded outwards; `None` for an empty list.
    pub fn permille(self) -> Option<(u32, u32)> {
        let lines = u64::from(self.lines);
        let tenths = |count: u32| u64::from(count) * 1000;
        let least = u32::try_from(tenths(self.least).checked_div(lines)?).ok()?;
        Some((least, u32::try_from(tenths(self.most).div_ceil(lines)).ok()?))
    }
}

/// Chance in each tail: the interval holds with at least 95 per cent.
const TAIL: f64 = 0.025;

/// The exact interval: every number of invalid lines under which a draw as good, or as bad, as this one is not
/// rarer than one in forty.
///
/// Given how many were drawn, every choice of so many lines was equally likely, so the number of invalid ones
/// among them is hypergeometric. A share that grew because of a finding widens the error a little; it is
/// nothing once all are checked.
///
/// # Source
/// C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404–413, for the tails; the hypergeometric in place of
/// the binomial because the list is finite.
pub fn validity(found: &Found) -> Validity {
    let Found { lines, checked, invalid, discretionary, discretionary_invalid } = *found;
    let certain = discretionary - discretionary_invalid.min(discretionary);
    let possible = invalid..=lines.saturating_sub(checked.saturating_sub(invalid));
    let fits = |all: &u32| {
        let Ok(draw) = Hypergeometric::new(lines.into(), (*all).into(), checked.into()) else { return true };
        let as_few = draw.cdf(invalid.into());
        let as_many = invalid.checked_sub(1).map_or(1.0, |fewer| draw.sf(fewer.into()));
        as_few > TAIL && as_many > TAIL
    };
    // Both tails are monotone in the number of invalid lines, so the ones that fit are consecutive.
    let least_invalid = possible.clone().find(fits).unwrap_or(invalid);
    let most_invalid = possible.rev().find(fits).unwrap_or(invalid);
    Validity {
        lines: lines + discretionary,
        least: lines.saturating_sub(most_invalid) + certain,
        most: lines.saturating_sub(least_invalid) + certain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: u32, checked: u32, invalid: u32) -> Found {
        Found { lines, checked, invalid, discretionary: 0, discretionary_invalid: 0 }
    }

    fn choose(n: u32, k: u32) -> u128 {
        if k > n {
            return 0;
        }
        (0..k).fold(1, |c, i| c * u128::from(n - i) / u128::from(i + 1))
    }

    /// The tails counted out in whole numbers.
    fn by_counting(found: &Found) -> (u32, u32) {
        let Found { lines, checked, invalid, .. } = *found;
        let ways = |all: u32, x: u32| {
            if x > checked { 0 } else { choose(all, x) * choose(lines - all, checked - x) }
        };
        let fits: Vec<u32> = (invalid..=lines - (checked - invalid))
            .filter(|&all| {
                let few: u128 = (0..=invalid).map(|x| ways(all, x)).sum();
                let many: u128 = (invalid..=checked).map(|x| ways(all, x)).sum();
                let whole = choose(lines, checked);
                few * 40 > whole && many * 40 > whole
            })
            .collect();
        (lines - fits.last().unwrap(), lines - fits.first().unwrap())
    }

    #[test]
    fn agrees_with_counting_every_way() {
        for lines in 1..=24 {
            for checked in 0..=lines {
                for invalid in 0..=checked {
                    let found = found(lines, checked, invalid);
                    let validity = validity(&found);
                    assert_eq!((validity.least, validity.most), by_counting(&found), "{found:?}");
                }
            }
        }
    }

    /// Whatever the truth, at least 95 of 100 draws give an interval that holds it.
    #[test]
    fn covers_the_truth() {
        for (lines, checked) in [(20, 5), (40, 12), (60, 30)] {
            for all in 0..=lines {
                let whole = choose(lines, checked);
                let covered: u128 = (0..=checked.min(all))
                    .filter(|&x| checked - x <= lines - all)
                    .filter(|&x| {
                        let validity = validity(&found(lines, checked, x));
                        (validity.least..=validity.most).contains(&(lines - all))
                    })
                    .map(|x| choose(all, x) * choose(lines - all, checked - x))
                    .sum();
                assert!(covered * 100 >= whole * 95, "{lines} {checked} {all}");
            }
        }
    }

    #[test]
    fn discretionary_lines_are_known_and_all_checked_leaves_no_doubt() {
        let all = Found { lines: 30, checked: 30, invalid: 2, discretionary: 4, discretionary_invalid: 1 };
        assert_eq!(validity(&all), Validity { lines: 34, least: 31, most: 31 });
        assert_eq!(validity(&all).permille(), Some((911, 912)));
        let none = Found::default();
        assert_eq!(validity(&none), Validity { lines: 0, least: 0, most: 0 });
        assert_eq!(validity(&none).permille(), None);
    }
}
