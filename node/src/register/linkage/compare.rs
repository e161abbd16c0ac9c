//! Two people side by side: how well each field agrees, in levels.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::profile::{Name, Profile};

/// Names at least so alike, by Jaro and Winkler's measure, are close: a slip of the keyboard.
const CLOSE: f64 = 0.92;
/// Forenames at least so alike may be one.
const ALIKE_FORENAME: f64 = 0.82;
/// Surnames at least so alike may be one.
const ALIKE_SURNAME: f64 = 0.85;
/// So many letters of a longer forename are a short form of it.
const SHORT_FORM: usize = 3;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Forenames.
    Forename,
    /// Surname.
    Surname,
    /// Date of birth.
    BirthDate,
    /// Sex.
    Sex,
    /// Where they live.
    Place,
    /// The id in one and the same case system.
    Case,
}

impl Field {
    /// All of them, in the order of [`Levels`].
    pub const ALL: [Self; 6] =
        [Self::Forename, Self::Surname, Self::BirthDate, Self::Sex, Self::Place, Self::Case];

    /// The words for its levels, from *nothing in common* to the best.
    pub fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Forename => &["other", "alike", "close", "swapped", "exact"],
            Self::Surname => &["other", "alike", "part", "close", "exact"],
            Self::BirthDate => &["other", "near", "slip", "exact"],
            Self::Sex | Self::Case => &["other", "same"],
            Self::Place => &["other", "postcode", "property"],
        }
    }

    /// Its word in the parameter file and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forename => "forename",
            Self::Surname => "surname",
            Self::BirthDate => "birth-date",
            Self::Sex => "sex",
            Self::Place => "place",
            Self::Case => "case",
        }
    }
}

/// The level of each field, in the order of [`Field::ALL`]; none where either side does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Levels(pub [Option<u8>; 6]);

impl Levels {
    /// The level of a field.
    pub fn of(&self, field: Field) -> Option<u8> {
        self.0[field as usize]
    }

    /// The word for the level of a field.
    pub fn word(&self, field: Field) -> Option<&'static str> {
        field.levels().get(usize::from(self.of(field)?)).copied()
    }
}

/// A comparison, with the names on which it agrees exactly.
pub struct Compared<'a> {
    /// How well each field agrees.
    pub levels: Levels,
    /// The forename both have.
    pub(super) forename: Option<&'a str>,
    /// The surname both have.
    pub(super) surname: Option<&'a str>,
}

/// Compares two people; of several names, birthdays and places the two that agree best.
pub fn compare<'a>(one: &'a Profile, other: &Profile) -> Compared<'a> {
    let mut best: Option<(Option<u8>, Option<u8>, &Name)> = None;
    for this in &one.names {
        for that in &other.names {
            let (forename, surname) = names(this, that);
            // No level of a surname beside a swapped pair, which stands for both.
            let rank = |forename: Option<u8>, surname: Option<u8>| {
                (u32::from(forename.unwrap_or(0)) + u32::from(surname.unwrap_or(4)), forename)
            };
            if best.is_none_or(|(f, s, _)| rank(f, s) < rank(forename, surname)) {
                best = Some((forename, surname, this));
            }
        }
    }
    let (forename, surname, name) = best.map_or((None, None, None), |(f, s, name)| (f, s, Some(name)));
    let births = one.births.iter().flat_map(|a| other.births.iter().map(|b| birth_date(*a, *b))).max();
    let sex = one.sex.zip(other.sex).map(|(a, b)| u8::from(a == b));
    Compared {
        levels: Levels([forename, surname, births, sex, place(one, other), case(one, other)]),
        forename: name.filter(|_| forename == Some(4)).map(|name| name.given.as_str()),
        surname: name.filter(|_| surname == Some(4)).map(|name| name.family.as_str()),
    }
}

fn names(one: &Name, other: &Name) -> (Option<u8>, Option<u8>) {
    if one.given == other.family && one.family == other.given && one.given != one.family {
        return (Some(3), None);
    }
    (Some(forename(&one.given, &other.given)), Some(surname(&one.family, &other.family)))
}

fn forename(one: &str, other: &str) -> u8 {
    if one == other {
        return 4;
    }
    let first = |name: &'_ str| name.split(' ').next().map(str::len);
    if one[..first(one).unwrap_or(0)] == other[..first(other).unwrap_or(0)] {
        return 2;
    }
    let alike = strsim::jaro_winkler(one, other);
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let letters = short.chars().count();
    let short_form = (letters == 1 || letters >= SHORT_FORM) && long.starts_with(short);
    if alike >= CLOSE { 2 } else { u8::from(alike >= ALIKE_FORENAME || short_form) }
}

fn surname(one: &str, other: &str) -> u8 {
    if one == other {
        return 4;
    }
    let alike = strsim::jaro_winkler(one, other);
    // A part of a double name that is a name by itself.
    let part = || one.split(' ').any(|word| word.len() > 2 && other.split(' ').any(|other| word == other));
    if (one.contains(' ') || other.contains(' ')) && part() {
        2
    } else if alike >= CLOSE {
        3
    } else {
        u8::from(alike >= ALIKE_SURNAME)
    }
}

/// Exact; one slip: a digit, two neighbouring digits or day and month changed; near: the year, or day and month.
fn birth_date(one: NaiveDate, other: NaiveDate) -> u8 {
    if one == other {
        return 3;
    }
    let (a, b) = (digits(one), digits(other));
    let differ: Vec<usize> = (0..8).filter(|&at| a[at] != b[at]).collect();
    let swapped = one.year() == other.year() && one.day() == other.month() && one.month() == other.day();
    let turned = matches!(differ[..], [at, next]
        if at + 1 == next && a[at] == b[next] && a[next] == b[at]);
    if differ.len() == 1 || swapped || turned {
        2
    } else {
        u8::from(one.year() == other.year() || (one.month(), one.day()) == (other.month(), other.day()))
    }
}

fn digits(day: NaiveDate) -> [u8; 8] {
    let mut number = day.year().unsigned_abs() * 10_000 + day.month() * 100 + day.day();
    let mut digits = [0; 8];
    for digit in digits.iter_mut().rev() {
        *digit = (number % 10) as u8;
        number /= 10;
    }
    digits
}

fn place(one: &Profile, other: &Profile) -> Option<u8> {
    let share = |these: &[String], those: &[String]| these.iter().any(|place| those.contains(place));
    let known = |these: &[String], those: &[String]| !these.is_empty() && !those.is_empty();
    if share(&one.properties, &other.properties) {
        return Some(2);
    }
    if share(&one.postcodes, &other.postcodes) {
        return Some(1);
    }
    let both = known(&one.properties, &other.properties) || known(&one.postcodes, &other.postcodes);
    both.then_some(0)
}

fn case(one: &Profile, other: &Profile) -> Option<u8> {
    let pairs = || one.cases.iter().flat_map(|a| other.cases.iter().map(move |b| (a, b)));
    let mut same_system = pairs().filter(|(a, b)| a.system == b.system).peekable();
    same_system.peek()?;
    Some(u8::from(same_system.any(|(a, b)| a == b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forenames_agree_by_levels() {
        for (one, other, wanted) in [
            ("amber", "amber", "exact"),
            ("amber rose", "amber", "close"),
            ("jonathan", "jonathon", "close"),
            ("samuel", "sam", "alike"),
            ("amber", "a", "alike"),
            ("benjamin", "benny", "other"),
            ("robert", "bob", "other"),
            ("amber", "dana", "other"),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                let level = Field::Forename.levels()[usize::from(forename(one, other))];
                assert_eq!(level, wanted, "{one} {other}");
            }
        }
    }

    #[test]
    fn surnames_agree_by_levels() {
        for (one, other, wanted) in [
            ("fernhollow", "fernhollow", "exact"),
            ("fernhollow", "fernholow", "close"),
            ("fern marlbeck", "marlbeck", "part"),
            ("fern marlbeck", "marlbeck fern", "part"),
            ("hurst", "hirst", "alike"),
            ("fernhollow", "marlbeck", "other"),
            ("de vries", "de groot", "other"),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                let level = Field::Surname.levels()[usize::from(surname(one, other))];
                assert_eq!(level, wanted, "{one} {other}");
            }
        }
    }

    #[test]
    fn birth_dates_agree_by_levels() {
        for (one, other, wanted) in [
            ("2005-05-03", "2005-05-03", "exact"),
            ("2005-05-03", "2005-03-05", "slip"),
            ("2005-05-13", "2005-05-31", "slip"),
            ("2005-05-03", "2005-05-08", "slip"),
            ("2005-05-03", "2015-05-03", "slip"),
            ("2005-05-03", "2005-11-24", "near"),
            ("1978-05-03", "2005-05-03", "near"),
            ("1978-01-24", "2005-05-03", "other"),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                let level = birth_date(one.parse().unwrap(), other.parse().unwrap());
                assert_eq!(Field::BirthDate.levels()[usize::from(level)], wanted, "{one} {other}");
            }
        }
    }

    #[test]
    fn a_swapped_name_stands_for_both() {
        let name = |given: &str, family: &str| Name { given: given.into(), family: family.into() };
        assert_eq!(names(&name("amber", "fern"), &name("fern", "amber")), (Some(3), None));
        assert_eq!(names(&name("amber", "amber"), &name("amber", "amber")), (Some(4), Some(4)));
    }
}
