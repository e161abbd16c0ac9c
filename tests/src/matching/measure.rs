//! How good a grouping is: over all pairs of records, against the truth.

use std::{collections::HashMap, fmt, hash::Hash};

/// Precision, recall and their harmonic mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Of pairs put together, the share that belong together.
    pub precision: f64,
    /// Of pairs that belong together, the share put together.
    pub recall: f64,
}

impl Quality {
    /// The harmonic mean of both.
    pub fn f1(self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall)
    }

    /// The quality of a grouping; each item with its found and its true group.
    pub fn of<F: Hash + Eq + Copy, T: Hash + Eq + Copy>(items: impl Iterator<Item = (F, T)>) -> Self {
        let (mut found, mut right, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (these, those) in items {
            *found.entry(these).or_insert(0u64) += 1;
            *right.entry(those).or_insert(0u64) += 1;
            *both.entry((these, those)).or_insert(0u64) += 1;
        }
        fn pairs(groups: impl Iterator<Item = u64>) -> f64 {
            groups.map(|size| size * (size - 1) / 2).sum::<u64>() as f64
        }
        let both = pairs(both.into_values());
        Self { precision: both / pairs(found.into_values()), recall: both / pairs(right.into_values()) }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "precision {:.4}, recall {:.4}, F1 {:.4}", self.precision, self.recall, self.f1())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted() {
        // Found: {a b c} {d e}; true: {a b} {c d e}.
        let items = [(1, 1), (1, 1), (1, 2), (2, 2), (2, 2)];
        let quality = Quality::of(items.into_iter());
        assert_eq!((quality.precision, quality.recall), (0.5, 0.5));
    }
}
