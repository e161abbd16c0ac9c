//! One claim a family: the ladder it climbs, what it rests on, how it is audited, certified and shared out.
//!
//! Everything here is a value or a sum; the store keeps the rows and the database holds the constraints.

pub mod certificate;
pub mod earlier;
pub mod evidence;
pub mod ladder;
pub mod prospect;
pub mod sample;
pub mod split;
pub mod validity;
pub mod worksheet;

use chrono::NaiveDate;
use tenfold_common::framework::ResultKind;

use crate::register::{FamilyId, LineId, ProblemNumber};
use ladder::State;

/// Why something cannot be done with claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The step is not on the ladder.
    #[error("a claim that is {from} cannot become {to}; after {from} comes {expected}")]
    OffTheLadder {
        /// Where it stands.
        from: State,
        /// Where it was to go.
        to: State,
        /// Where it can go.
        expected: String,
    },
    /// The shares of partners exceed the whole.
    #[error("the partners' shares of a family add up to {percent} per cent, expected at most 100")]
    TooManyShares {
        /// Their sum.
        percent: u32,
    },
    /// A partner that takes the whole payment shares it with another.
    #[error(
        "{partner} is a joint-investment partner and takes the whole result payment; the family has another partner too"
    )]
    NotAlone {
        /// The partner.
        partner: String,
    },
    /// The seed says too little.
    #[error(
        "the seed has {length} characters, expected 16 to 200: hexadecimal digits or words that the auditor chose"
    )]
    Seed {
        /// Its length.
        length: usize,
    },
}

/// A claim window: rows an analyst opens, nothing that is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its number.
    pub id: i64,
    /// Its name, such as `2016 January`.
    pub name: String,
    /// The first day on which a claim is drafted for it.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// The programme: a family has one result in it, whatever its frameworks are called.
    pub programme: String,
    /// The framework whose rules decide.
    pub framework: String,
    /// How many claims the borough aims at, where it has a target.
    pub target: Option<u32>,
}

/// A family's claim as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its number.
    pub id: i64,
    /// Its window.
    pub window: i64,
    /// The programme.
    pub programme: String,
    /// The family line when it was drafted.
    pub line: LineId,
    /// The family when it was drafted.
    pub family: FamilyId,
    /// Where it stands.
    pub state: State,
    /// The result.
    pub kind: ResultKind,
    /// The problems on which progress was made.
    pub problems: Vec<ProblemNumber>,
    /// The result payment in pence.
    pub pence: i64,
    /// The framework that decided.
    pub framework: String,
    /// The day it was decided for.
    pub decided_on: NaiveDate,
    /// Who drafted it.
    pub drafted_by: String,
    /// Whether it rests on an officer's discretion.
    pub discretionary: bool,
}

/// Counts and money of some claims, by result type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Claims for significant and sustained progress.
    pub progress: u32,
    /// Their money in pence.
    pub progress_pence: i64,
    /// Claims for continuous employment.
    pub employment: u32,
    /// Their money in pence.
    pub employment_pence: i64,
}

impl Totals {
    /// The totals of some claims.
    pub fn of<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Self {
        claims.into_iter().fold(Self::default(), |mut totals, claim| {
            let (count, pence) = match claim.kind {
                ResultKind::Progress => (&mut totals.progress, &mut totals.progress_pence),
                ResultKind::Employment => (&mut totals.employment, &mut totals.employment_pence),
            };
            *count += 1;
            *pence += claim.pence;
            totals
        })
    }

    /// All claims.
    pub fn claims(self) -> u32 {
        self.progress + self.employment
    }

    /// All money, in pence.
    pub fn pence(self) -> i64 {
        self.progress_pence + self.employment_pence
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(kind: ResultKind, pence: i64) -> Claim {
        Claim {
            id: 1,
            window: 1,
            programme: "p".into(),
            line: LineId("L1".into()),
            family: FamilyId("F1".into()),
            state: State::Drafted,
            kind,
            problems: vec![1],
            pence,
            framework: "f".into(),
            decided_on: NaiveDate::MIN,
            drafted_by: "a".into(),
            discretionary: false,
        }
    }

    proptest! {
        #[test]
        fn totals_are_the_sum_of_their_lines(lines in prop::collection::vec((any::<bool>(), 0_i64..10_000_000), 0..200)) {
            let kind = |progress| if progress { ResultKind::Progress } else { ResultKind::Employment };
            let claims: Vec<Claim> = lines.iter().map(|&(progress, pence)| claim(kind(progress), pence)).collect();
            let totals = Totals::of(&claims);
            prop_assert_eq!(totals.claims() as usize, lines.len());
            prop_assert_eq!(totals.pence(), lines.iter().map(|line| line.1).sum::<i64>());
            let employment = lines.iter().filter(|line| !line.0);
            prop_assert_eq!(totals.employment_pence, employment.map(|line| line.1).sum::<i64>());
        }
    }
}
