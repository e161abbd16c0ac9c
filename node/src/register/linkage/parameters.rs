//! The parameters of weighing: a dated file, made by an act of a person and good until the next.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    block::BlockingKey,
    compare::{Compared, Field},
};

/// What weighing goes by.
///
/// # Privacy
/// The frequencies name forenames and surnames that many people of the register bear. They say of nobody that
/// they are in it, but a file estimated on a register stays in the node all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Its name, kept with every link.
    pub name: String,
    /// The day they were estimated.
    pub estimated_on: NaiveDate,
    /// On what, in words.
    pub source: String,
    /// Whether the borough has looked at them and stands by them.
    pub confirmed: bool,
    /// Bits from which two people are joined without anybody looking.
    pub accept_bits: f64,
    /// Bits from which a person is asked.
    pub ask_bits: f64,
    /// How many others of the register are, on average, the same person.
    pub others_a_person: f64,
    /// Blocks of more people than this are not compared.
    pub largest_block: usize,
    /// What two people must share to be compared.
    pub blocking: Vec<BlockingKey>,
    /// The levels of each field with their probabilities.
    pub fields: BTreeMap<String, FieldWeights>,
    /// How frequent forenames are; empty: no adjustment.
    pub forenames: Frequencies,
    /// How frequent surnames are.
    pub surnames: Frequencies,
}

/// The levels of a field by their words.
pub type FieldWeights = BTreeMap<String, LevelWeight>;

/// How probable a level is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelWeight {
    /// Among pairs that are one person.
    pub m: f64,
    /// Among pairs that are two.
    pub u: f64,
}

impl LevelWeight {
    /// Its weight in bits.
    pub fn bits(self) -> f64 {
        (self.m / self.u).log2()
    }
}

/// How frequent values are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequencies {
    /// The frequency of a value that is not listed.
    pub rest: f64,
    /// The share of each frequent value.
    pub values: BTreeMap<String, f64>,
}

impl Frequencies {
    /// The share of a value; none where nothing is known of frequencies.
    pub fn of(&self, value: &str) -> Option<f64> {
        if self.values.is_empty() {
            return None;
        }
        Some(self.values.get(value).copied().unwrap_or(self.rest))
    }
}

/// What is wrong with a parameter file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParametersFault {
    /// The text cannot be read as parameters.
    #[error("the parameters cannot be read: {reason}")]
    Unreadable {
        /// What the reader said.
        reason: String,
    },
    /// Levels are missing or unknown.
    #[error("{field}: the levels are {found}, expected {expected}")]
    Levels {
        /// The field.
        field: &'static str,
        /// What stood there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A field is not known.
    #[error("{field:?} is not a field, expected one of forename, surname, birth-date, sex, place, case")]
    UnknownField {
        /// What stood there.
        field: String,
    },
    /// A number is out of its range.
    #[error("{place} is out of range, expected {expected}")]
    OutOfRange {
        /// Where.
        place: String,
        /// What should stand there.
        expected: &'static str,
    },
}

static SHIPPED: LazyLock<Parameters> = LazyLock::new(|| {
    Parameters::from_toml(include_str!("../../../../config/matching/default.toml"))
        .expect("the shipped parameters are sound: a test reads them")
});

impl Parameters {
    /// The shipped parameters, estimated on synthetic records, for a register too small to estimate its own.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a parameter file.
    ///
    /// # Errors
    /// Its first fault.
    pub fn from_toml(text: &str) -> Result<Self, ParametersFault> {
        let parameters: Self = toml::from_str(text)
            .map_err(|error| ParametersFault::Unreadable { reason: error.message().to_owned() })?;
        parameters.check()?;
        Ok(parameters)
    }

    /// The file's text.
    pub fn to_toml(&self) -> String {
        let text = toml::to_string(self).expect("words, numbers and a date can be written as TOML");
        format!(
            "# How names, dates and places are weighed when people are matched; `tenfold-node match parameters`\n\
             # shows it as a table. m: probability of the level among pairs that are one person; u: among pairs\n\
             # that are two. The frequencies are of real names where a register was estimated: this file stays\n\
             # in the node's folder.\n{text}"
        )
    }

    fn check(&self) -> Result<(), ParametersFault> {
        for field in self.fields.keys() {
            if !Field::ALL.iter().any(|known| known.as_str() == field) {
                return Err(ParametersFault::UnknownField { field: field.clone() });
            }
        }
        for field in Field::ALL {
            let levels = self.fields.get(field.as_str());
            let mut found: Vec<&str> =
                levels.iter().flat_map(|levels| levels.keys()).map(String::as_str).collect();
            let mut expected = field.levels().to_vec();
            found.sort_unstable();
            expected.sort_unstable();
            if found != expected {
                let field = field.as_str();
                let [found, expected] = [found.join(", "), expected.join(", ")];
                return Err(ParametersFault::Levels { field, found, expected });
            }
            let shares = levels.iter().flat_map(|levels| levels.iter());
            for (level, LevelWeight { m, u }) in shares {
                let place = || format!("{}.{level}", field.as_str());
                ranged(place, "m and u above 0 and at most 1", [*m, *u].into_iter().all(is_share))?;
            }
        }
        let shares = [&self.forenames, &self.surnames];
        let known = shares.into_iter().filter(|shares| !shares.values.is_empty());
        let sound =
            known.flat_map(|shares| shares.values.values().chain([&shares.rest])).copied().all(is_share);
        ranged(|| "a frequency".into(), "above 0 and at most 1", sound)?;
        ranged(
            || "accept_bits, ask_bits".into(),
            "numbers, the first not below the second",
            self.accept_bits >= self.ask_bits && self.accept_bits.is_finite() && self.ask_bits.is_finite(),
        )?;
        let others = self.others_a_person;
        ranged(|| "others_a_person".into(), "above 0 and at most 1000", others > 0.0 && others <= 1_000.0)?;
        ranged(|| "largest_block".into(), "2 to 5000", (2..=5_000).contains(&self.largest_block))?;
        ranged(|| "blocking".into(), "one key at least", !self.blocking.is_empty())
    }

    /// The log₂ odds that two of so many people are one, before anything is compared.
    pub fn prior_bits(&self, people: usize) -> f64 {
        let others = people.saturating_sub(1).max(1) as f64;
        (self.others_a_person / others).min(0.5).log2()
    }

    /// What a comparison weighs: the sum of its levels' bits, names by their own frequency.
    ///
    /// # Source
    /// Fellegi and Sunter 1969; for the frequencies Winkler, who puts the value's own share in the place of u.
    pub fn bits(&self, compared: &Compared<'_>) -> f64 {
        self.weights(compared).map(|(.., bits)| bits).sum()
    }

    /// What each field that both sides know weighs at its level, in the order of [`Field::ALL`].
    pub fn weights<'a>(
        &'a self,
        compared: &'a Compared<'_>,
    ) -> impl Iterator<Item = (Field, &'static str, f64)> + 'a {
        Field::ALL.into_iter().filter_map(|field| {
            let level = compared.levels.word(field)?;
            let weight = self.weight(field, level)?;
            let share = match field {
                Field::Forename => compared.forename.and_then(|name| self.forenames.of(name)),
                Field::Surname => compared.surname.and_then(|name| self.surnames.of(name)),
                _ => None,
            };
            Some((field, level, LevelWeight { u: share.unwrap_or(weight.u), ..weight }.bits()))
        })
    }

    /// The probabilities of a level.
    pub fn weight(&self, field: Field, level: &str) -> Option<LevelWeight> {
        self.fields.get(field.as_str())?.get(level).copied()
    }
}

fn is_share(share: f64) -> bool {
    share > 0.0 && share <= 1.0
}

fn ranged(
    place: impl FnOnce() -> String,
    expected: &'static str,
    holds: bool,
) -> Result<(), ParametersFault> {
    if holds { Ok(()) } else { Err(ParametersFault::OutOfRange { place: place(), expected }) }
}
