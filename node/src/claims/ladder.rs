//! The ladder of a claim: no state is skipped, and only a [`Move`] made here is ever written.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::ClaimError;

/// Where a claim stands. A family is *claimable* before it has a claim; drafting makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// An officer drafted it; from here on the family is counted.
    Drafted,
    /// It went through the internal audit, drawn or not, and was not found invalid.
    Audited,
    /// It stands on a signed certificate.
    Certified,
    /// It was handed in.
    Submitted,
    /// It was paid.
    Paid,
    /// It was refused; the family may be claimed again.
    Refused,
    /// The borough took it back; the family may be claimed again.
    Withdrawn,
}

impl State {
    /// Every state in the order of the ladder.
    pub const ALL: [Self; 7] = [
        Self::Drafted,
        Self::Audited,
        Self::Certified,
        Self::Submitted,
        Self::Paid,
        Self::Refused,
        Self::Withdrawn,
    ];

    /// Its word in columns, commands and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Audited => "audited",
            Self::Certified => "certified",
            Self::Submitted => "submitted",
            Self::Paid => "paid",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether it holds the family's one place in the programme.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Refused | Self::Withdrawn)
    }

    /// Whether it stands on a certificate and may be counted as claimed.
    pub fn is_certified(self) -> bool {
        matches!(self, Self::Certified | Self::Submitted | Self::Paid)
    }

    /// The states that can come next.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Drafted => &[Self::Audited, Self::Withdrawn],
            Self::Audited => &[Self::Certified, Self::Withdrawn],
            Self::Certified => &[Self::Submitted, Self::Withdrawn],
            Self::Submitted => &[Self::Paid, Self::Refused, Self::Withdrawn],
            // Money that a spot check asks back.
            Self::Paid => &[Self::Withdrawn],
            Self::Refused | Self::Withdrawn => &[],
        }
    }

    /// The move to another state.
    ///
    /// # Errors
    /// Where the ladder has no such step.
    pub fn to(self, to: Self) -> Result<Move, ClaimError> {
        if self.next().contains(&to) {
            return Ok(Move { from: self, to });
        }
        let next: Vec<&str> = self.next().iter().map(|state| state.as_str()).collect();
        let expected = if next.is_empty() { "nothing".to_owned() } else { next.join(" or ") };
        Err(ClaimError::OffTheLadder { from: self, to, expected })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(())
    }
}

/// A step that the ladder has. [`State::to`] is the only way to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    from: State,
    to: State,
}

impl Move {
    /// Where the claim stands before.
    pub fn from(self) -> State {
        self.from
    }

    /// Where it stands after.
    pub fn into(self) -> State {
        self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_is_as_designed() {
        // Rows: from. Columns in the order of `ALL`: d a c s p r w.
        let table = [
            (State::Drafted, ".a....w"),
            (State::Audited, "..c...w"),
            (State::Certified, "...s..w"),
            (State::Submitted, "....prw"),
            (State::Paid, "......w"),
            (State::Refused, "......."),
            (State::Withdrawn, "......."),
        ];
        for (from, row) in table {
            for (to, cell) in State::ALL.into_iter().zip(row.chars()) {
                assert_eq!(from.to(to).is_ok(), cell != '.', "{from} to {to}");
            }
        }
        let error = State::Drafted.to(State::Paid).unwrap_err().to_string();
        assert_eq!(
            error,
            "a claim that is drafted cannot become paid; after drafted comes audited or withdrawn"
        );
    }

    #[test]
    fn every_state_has_its_word() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
