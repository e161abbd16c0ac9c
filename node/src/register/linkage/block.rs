//! Which pairs are compared at all: those that share a blocking key.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::profile::{Name, Profile};

/// What two people must share to be compared. A slip that breaks one key leaves another whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockingKey {
    /// The day of birth, whichever of day and month came first.
    BirthDate,
    /// Year of birth and the sound of both names, whichever came first.
    YearAndSounds,
    /// Day and month of birth and the sound of both names.
    DayAndSounds,
    /// Forename and surname.
    FullName,
    /// The sound of both names.
    Sounds,
    /// Postcode and the first letter of the forename.
    PostcodeAndInitial,
    /// Property and the year of birth.
    PropertyAndYear,
}

impl BlockingKey {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::BirthDate,
        Self::YearAndSounds,
        Self::DayAndSounds,
        Self::FullName,
        Self::Sounds,
        Self::PostcodeAndInitial,
        Self::PropertyAndYear,
    ];
}

/// Pairs to compare; people by index, the smaller first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The pairs, each once, in rising order.
    pub pairs: Vec<(u32, u32)>,
    /// Blocks that were too large to be compared: very many people share one key.
    pub blocks_left_out: usize,
}

/// The pairs of people who share a key, in blocks of at most `largest`.
pub fn candidates(profiles: &[Profile], keys: &[BlockingKey], largest: usize) -> Candidates {
    let mut found = Candidates::default();
    let mut hashes: Vec<(u64, u32)> = Vec::new();
    for &key in keys {
        hashes.clear();
        for (at, profile) in (0u32..).zip(profiles) {
            emit(key, profile, |hash| hashes.push((hash, at)));
        }
        hashes.sort_unstable();
        hashes.dedup();
        for block in hashes.chunk_by(|a, b| a.0 == b.0) {
            if block.len() > largest {
                found.blocks_left_out += 1;
                continue;
            }
            for (place, &(_, other)) in block.iter().enumerate() {
                found.pairs.extend(block[..place].iter().map(|&(_, one)| (one, other)));
            }
        }
        // Most keys find the same pairs again; what is held stays small.
        found.pairs.sort_unstable();
        found.pairs.dedup();
    }
    found
}

fn emit(key: BlockingKey, profile: &Profile, mut put: impl FnMut(u64)) {
    let days = || profile.births.iter().copied();
    match key {
        BlockingKey::BirthDate => days().for_each(|day| put(hash((day.year(), day_and_month(day))))),
        BlockingKey::YearAndSounds => {
            for sounds in profile.names.iter().map(sounds) {
                days().for_each(|day| put(hash((day.year(), sounds))));
            }
        }
        BlockingKey::DayAndSounds => {
            for sounds in profile.names.iter().map(sounds) {
                days().for_each(|day| put(hash((day_and_month(day), sounds))));
            }
        }
        BlockingKey::FullName => {
            profile.names.iter().for_each(|name| put(hash((&name.given, &name.family))));
        }
        BlockingKey::Sounds => profile.names.iter().for_each(|name| put(hash(sounds(name)))),
        BlockingKey::PostcodeAndInitial => {
            for name in &profile.names {
                let initial = name.given.chars().next();
                profile.postcodes.iter().for_each(|postcode| put(hash((postcode, initial))));
            }
        }
        BlockingKey::PropertyAndYear => {
            for property in &profile.properties {
                days().for_each(|day| put(hash((property, day.year()))));
            }
        }
    }
}

fn hash(value: impl Hash) -> u64 {
    // Two keys of one hash only compare a pair more.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn day_and_month(day: NaiveDate) -> (u32, u32) {
    (day.day().min(day.month()), day.day().max(day.month()))
}

fn sounds(name: &Name) -> ([u8; 4], [u8; 4]) {
    let (given, family) = (sound(&name.given), sound(&name.family));
    (given.min(family), given.max(family))
}

/// How the first word of a name sounds: its first letter and three digits for the consonants that follow.
///
/// # Source
/// R. C. Russell, US patent 1,261,167 (1918), in the form known as Soundex.
fn sound(name: &str) -> [u8; 4] {
    let code = |letter: char| match letter {
        'b' | 'f' | 'p' | 'v' => b'1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => b'2',
        'd' | 't' => b'3',
        'l' => b'4',
        'm' | 'n' => b'5',
        'r' => b'6',
        _ => b'0',
    };
    let mut letters = name.chars().take_while(|c| *c != ' ');
    let mut sound = [b'0'; 4];
    let Some(first) = letters.next() else { return sound };
    sound[0] = u8::try_from(first).unwrap_or(b'?');
    let (mut last, mut place) = (code(first), 1);
    for letter in letters.filter(|letter| !matches!(letter, 'h' | 'w')) {
        let digit = code(letter);
        if digit != b'0' && digit != last && place < 4 {
            sound[place] = digit;
            place += 1;
        }
        last = digit;
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_sound_alike_have_one_code() {
        for (name, wanted) in [
            ("robert", "r163"),
            ("rupert", "r163"),
            ("ashcraft", "a261"),
            ("tymczak", "t522"),
            ("pfister", "p236"),
            ("lee", "l000"),
            ("", "0000"),
        ] {
            assert_eq!(sound(name), wanted.as_bytes(), "{name}");
        }
    }
}
