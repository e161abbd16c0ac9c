//! Which quarters a figure is about, as weights over quarters.

/// A weighted sum over quarters, counted from the first of the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// The sum of the quarters from `first` to `last`, both counted: one quarter, a year.
    Sum {
        /// The first quarter counted.
        first: usize,
        /// The last quarter counted.
        last: usize,
    },
    /// Everything up to and with a quarter.
    ToDate {
        /// The last quarter counted.
        last: usize,
    },
    /// A quarter less the quarter before it; for the first quarter of all, the quarter itself.
    Change {
        /// The later quarter.
        last: usize,
    },
}

impl Span {
    /// One quarter.
    pub fn quarter(quarter: usize) -> Self {
        Self::Sum { first: quarter, last: quarter }
    }

    /// The four quarters that end with a quarter, or as many as there are.
    pub fn year_to(last: usize) -> Self {
        Self::Sum { first: last.saturating_sub(3), last }
    }

    /// The last quarter that the figure needs.
    pub fn last(self) -> usize {
        match self {
            Self::Sum { last, .. } | Self::ToDate { last } | Self::Change { last } => last,
        }
    }

    /// The weights, one a quarter up to the last.
    pub fn weights(self) -> Vec<f64> {
        (0..=self.last())
            .map(|quarter| match self {
                Self::ToDate { .. } => 1.0,
                Self::Sum { first, .. } => f64::from(u8::from(quarter >= first)),
                Self::Change { last } if quarter == last => 1.0,
                Self::Change { last } if quarter + 1 == last => -1.0,
                Self::Change { .. } => 0.0,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_weights() {
        assert_eq!(Span::quarter(2).weights(), [0.0, 0.0, 1.0]);
        assert_eq!(Span::ToDate { last: 2 }.weights(), [1.0, 1.0, 1.0]);
        assert_eq!(Span::year_to(4).weights(), [0.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(Span::Change { last: 2 }.weights(), [0.0, -1.0, 1.0]);
        assert_eq!(Span::Change { last: 0 }.weights(), [1.0]);
    }
}
