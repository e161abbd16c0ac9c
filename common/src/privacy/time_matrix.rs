//! The time factorisation: y_t = Σ_{s≤t} C[t][s]·x_s + noise, C lower triangular in whole numbers.

use serde::{Deserialize, Serialize};

/// A lower-triangular matrix of whole numbers, one row a quarter; row t has t + 1 entries.
///
/// Symbols: C the matrix, T its size (the horizon in quarters), S its largest exact column sum of squares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct TimeMatrix {
    rows: Vec<Vec<u32>>,
}

/// Why a matrix cannot serve, or cannot be applied.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TimeMatrixError {
    /// A row has the wrong number of entries.
    #[error("row {row} of the time matrix has {entries} entries, expected {expected}")]
    NotTriangular {
        /// Row, from 0.
        row: usize,
        /// Entries found.
        entries: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A diagonal entry is zero, so that quarter could never be read.
    #[error("the diagonal entry of row {row} is 0, expected at least 1")]
    ZeroDiagonal {
        /// Row, from 0.
        row: usize,
    },
    /// An entry is too large for the exact sums.
    #[error("an entry of row {row} is {entry}, expected at most 65536")]
    EntryTooLarge {
        /// Row, from 0.
        row: usize,
        /// The entry.
        entry: u32,
    },
    /// The quarters given do not fit.
    #[error("{quarters} quarters were given to a time matrix of {size}")]
    TooManyQuarters {
        /// Quarters given.
        quarters: usize,
        /// Rows of the matrix.
        size: usize,
    },
    /// A sum left the range of 64 bits.
    #[error("a sum of frozen tables leaves the range of exact arithmetic")]
    OutOfRange,
    /// A line of the text form is no row.
    #[error("line {line} of the time matrix is not a row of whole numbers")]
    NotNumbers {
        /// Line, from 1.
        line: usize,
    },
}

const LARGEST_ENTRY: u32 = 1 << 16;

impl TimeMatrix {
    /// A matrix from its rows.
    ///
    /// # Errors
    /// Where the rows are not lower triangular, a diagonal entry is 0, or an entry exceeds 2¹⁶.
    pub fn from_rows(rows: Vec<Vec<u32>>) -> Result<Self, TimeMatrixError> {
        let matrix = Self { rows };
        matrix.verify()?;
        Ok(matrix)
    }

    /// Reads the text form: one row a line, `#` begins a comment.
    ///
    /// # Errors
    /// As [`Self::from_rows`], or where a line is not numbers.
    pub fn from_text(text: &str) -> Result<Self, TimeMatrixError> {
        let rows = text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default().trim()))
            .filter(|(_, line)| !line.is_empty())
            .map(|(at, line)| {
                line.split_whitespace()
                    .map(|entry| entry.parse().map_err(|_| TimeMatrixError::NotNumbers { line: at }))
                    .collect()
            })
            .collect::<Result<Vec<Vec<u32>>, _>>()?;
        Self::from_rows(rows)
    }

    /// The shipped matrix for 24 quarters.
    pub fn shipped() -> Self {
        Self::from_text(include_str!("../../../config/time_matrices/quarterly_24.txt"))
            .expect("the embedded time matrix is checked by a test")
    }

    /// The shipped matrix for groups that are released once a year, over so many years; there are those for
    /// the years that 24 quarters can have.
    pub fn yearly(years: usize) -> Option<Self> {
        let text = match years {
            6 => include_str!("../../../config/time_matrices/yearly_6.txt"),
            7 => include_str!("../../../config/time_matrices/yearly_7.txt"),
            8 => include_str!("../../../config/time_matrices/yearly_8.txt"),
            _ => return None,
        };
        Some(Self::from_text(text).expect("the embedded time matrices are checked by a test"))
    }

    /// Whether the rows make a usable matrix; called again after a matrix arrived in a message.
    ///
    /// # Errors
    /// As [`Self::from_rows`].
    pub fn verify(&self) -> Result<(), TimeMatrixError> {
        for (row, entries) in self.rows.iter().enumerate() {
            if entries.len() != row + 1 {
                return Err(TimeMatrixError::NotTriangular {
                    row,
                    entries: entries.len(),
                    expected: row + 1,
                });
            }
            if entries[row] == 0 {
                return Err(TimeMatrixError::ZeroDiagonal { row });
            }
            if let Some(&entry) = entries.iter().find(|&&entry| entry > LARGEST_ENTRY) {
                return Err(TimeMatrixError::EntryTooLarge { row, entry });
            }
        }
        Ok(())
    }

    /// T, the number of quarters in the horizon.
    pub fn size(&self) -> usize {
        self.rows.len()
    }

    /// The rows, first quarter first.
    pub fn rows(&self) -> &[Vec<u32>] {
        &self.rows
    }

    /// S = max_s Σ_t C[t][s]², exactly: what one contribution of length 1 costs at most, over all quarters.
    pub fn largest_column_sum(&self) -> u64 {
        (0..self.size())
            .map(|s| self.rows[s..].iter().map(|row| u64::from(row[s]).pow(2)).sum())
            .max()
            .unwrap_or(0)
    }

    /// The matrix by which a series with void quarters is read: their tables are zero by declaration and nothing
    /// was published for them, so their rows and columns say nothing; what is left is lower triangular still.
    pub fn without(&self, void: &[usize]) -> Self {
        let mut rows = self.rows.clone();
        for (t, row) in rows.iter_mut().enumerate() {
            for (s, entry) in row.iter_mut().enumerate() {
                if void.contains(&t) || void.contains(&s) {
                    *entry = u32::from(s == t);
                }
            }
        }
        Self { rows }
    }

    /// Strategy cells of the newest quarter: Σ_{s≤t} C[t][s]·x_s for each cell, `history` being x_0 … x_t.
    ///
    /// # Errors
    /// Where there are more quarters than rows, or a sum leaves 64 bits.
    pub fn strategy(&self, history: &[&[i64]]) -> Result<Vec<i64>, TimeMatrixError> {
        let quarters = history.len();
        let Some(row) = quarters.checked_sub(1).and_then(|t| self.rows.get(t)) else {
            return Err(TimeMatrixError::TooManyQuarters { quarters, size: self.size() });
        };
        let cells = history.iter().map(|x| x.len()).max().unwrap_or(0);
        (0..cells)
            .map(|cell| {
                row.iter().zip(history).try_fold(0_i64, |sum, (&factor, x)| {
                    i64::from(factor)
                        .checked_mul(x[cell])
                        .and_then(|term| sum.checked_add(term))
                        .ok_or(TimeMatrixError::OutOfRange)
                })
            })
            .collect()
    }

    /// Unbiased quarterly estimates x̂ from published y, by forward substitution in written order.
    ///
    /// # Errors
    /// Where there are more quarters than rows.
    pub fn decode(&self, published: &[f64]) -> Result<Vec<f64>, TimeMatrixError> {
        if published.len() > self.size() {
            return Err(TimeMatrixError::TooManyQuarters { quarters: published.len(), size: self.size() });
        }
        let mut estimates: Vec<f64> = Vec::with_capacity(published.len());
        for (row, y) in self.rows.iter().zip(published) {
            let known: f64 = row.iter().zip(&estimates).map(|(&c, x)| f64::from(c) * x).sum();
            estimates.push((y - known) / f64::from(row[estimates.len()]));
        }
        Ok(estimates)
    }

    /// The factor by which σ² is multiplied in the variance of Σ_t a_t·x̂_t: ‖a C⁻¹‖².
    ///
    /// One function serves levels, changes, year totals and totals to date; `weights` is a, one a quarter.
    ///
    /// # Errors
    /// Where there are more weights than rows.
    pub fn variance_factor(&self, weights: &[f64]) -> Result<f64, TimeMatrixError> {
        Ok(self.of_published(weights)?.iter().map(|value| value * value).sum())
    }

    /// (CᵀC)⁻¹a: the factor by which σ² is multiplied in the covariance of each x̂_t with Σ a_t·x̂_t.
    ///
    /// # Errors
    /// As [`Self::variance_factor`].
    pub fn covariances(&self, weights: &[f64]) -> Result<Vec<f64>, TimeMatrixError> {
        self.decode(&self.of_published(weights)?)
    }

    /// aC⁻¹: Σ a_t·x̂_t as a weighted sum of published values.
    fn of_published(&self, weights: &[f64]) -> Result<Vec<f64>, TimeMatrixError> {
        let quarters = weights.len();
        if quarters > self.size() {
            return Err(TimeMatrixError::TooManyQuarters { quarters, size: self.size() });
        }
        // b C = a, solved from the last quarter backwards.
        let mut b = vec![0.0; quarters];
        for s in (0..quarters).rev() {
            let later: f64 = (s + 1..quarters).map(|t| b[t] * f64::from(self.rows[t][s])).sum();
            b[s] = (weights[s] - later) / f64::from(self.rows[s][s]);
        }
        Ok(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_matrix_is_what_it_says() {
        let matrix = TimeMatrix::shipped();
        assert_eq!(matrix.size(), 24);
        assert_eq!(matrix.largest_column_sum(), 16_777_216);
        assert_eq!(matrix.rows()[0], [2950]);
        assert_eq!(matrix.rows()[23][23], 4096);
        for (years, first) in [(6, 3520), (7, 3451), (8, 3391)] {
            let matrix = TimeMatrix::yearly(years).unwrap();
            assert_eq!((matrix.size(), matrix.largest_column_sum()), (years, 16_777_216));
            assert_eq!((matrix.rows()[0][0], matrix.rows()[years - 1][years - 1]), (first, 4096));
        }
        assert_eq!(TimeMatrix::yearly(5), None);
    }

    #[test]
    fn decoding_undoes_the_strategy() {
        let matrix = TimeMatrix::shipped();
        let tables: Vec<Vec<i64>> = (0..8).map(|t| vec![t * t - 3, 40 - t]).collect();
        for cell in 0..2 {
            let published: Vec<f64> = (0..tables.len())
                .map(|t| {
                    let history: Vec<&[i64]> = tables[..=t].iter().map(Vec::as_slice).collect();
                    matrix.strategy(&history).unwrap()[cell] as f64
                })
                .collect();
            for (estimate, table) in matrix.decode(&published).unwrap().iter().zip(&tables) {
                assert!((estimate - table[cell] as f64).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn variance_factor_agrees_with_the_explicit_inverse() {
        let matrix = TimeMatrix::shipped();
        let weights = [1.0, 1.0, -2.0, 0.5, 1.0];
        // aᵀx̂ is linear in y: its coefficients are found by decoding unit vectors.
        let explicit: f64 = (0..weights.len())
            .map(|at| {
                let unit: Vec<f64> = (0..weights.len()).map(|t| f64::from(u8::from(t == at))).collect();
                let coefficient: f64 =
                    matrix.decode(&unit).unwrap().iter().zip(&weights).map(|(x, a)| x * a).sum();
                coefficient * coefficient
            })
            .sum();
        assert!((matrix.variance_factor(&weights).unwrap() / explicit - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_broken_matrix_is_refused() {
        let refused = TimeMatrix::from_text("1\n2 0");
        assert_eq!(refused, Err(TimeMatrixError::ZeroDiagonal { row: 1 }));
        let refused = TimeMatrix::from_text("1\n2");
        assert_eq!(refused, Err(TimeMatrixError::NotTriangular { row: 1, entries: 1, expected: 2 }));
        assert_eq!(
            TimeMatrix::from_text("70000"),
            Err(TimeMatrixError::EntryTooLarge { row: 0, entry: 70_000 })
        );
        assert_eq!(TimeMatrix::from_text("1\nx 2"), Err(TimeMatrixError::NotNumbers { line: 2 }));
        assert!(TimeMatrix::shipped().strategy(&[&[i64::MAX][..]]).is_err());
    }
}
