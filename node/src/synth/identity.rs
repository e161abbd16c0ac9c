//! Invented people and homes, each unlike every other of its borough, with numbers nobody was ever given.

use std::collections::HashSet;

use chrono::NaiveDate;
use tenfold_common::geography::{self, Borough, WardCode};

use super::dice::Dice;
use crate::register::Sex;

/// An invented person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Someone {
    pub(super) forename: String,
    pub(super) surname: String,
    pub(super) born: NaiveDate,
    pub(super) sex: Sex,
}

/// An invented home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) address: String,
    pub(super) postcode: String,
    pub(super) uprn: String,
    pub(super) ward: WardCode,
}

/// Hands out people, homes and numbers, none twice.
pub(super) struct Register {
    borough: &'static Borough,
    ward_weights: Vec<f64>,
    people: HashSet<(String, String, NaiveDate)>,
    /// Numbers of each kind begin here, so that no two boroughs share one.
    base: u32,
    children: u32,
    adults: u32,
    homes: u32,
    /// Of the authority that gives out pupil numbers.
    dfe_code: &'static str,
    own_surname: Option<&'static str>,
}

const GIRLS: [&str; 48] = [
    "Aaliyah",
    "Abigail",
    "Aisha",
    "Alice",
    "Amelia",
    "Amina",
    "Ava",
    "Beatrice",
    "Bethany",
    "Bushra",
    "Caitlin",
    "Charlotte",
    "Chloe",
    "Daisy",
    "Eleanor",
    "Ella",
    "Emily",
    "Esme",
    "Evie",
    "Farah",
    "Fatima",
    "Freya",
    "Grace",
    "Hannah",
    "Imogen",
    "Iqra",
    "Isla",
    "Jasmine",
    "Keira",
    "Layla",
    "Lily",
    "Lucy",
    "Maisie",
    "Maryam",
    "Megan",
    "Mia",
    "Niamh",
    "Oluchi",
    "Phoebe",
    "Poppy",
    "Rosie",
    "Ruby",
    "Saira",
    "Scarlett",
    "Sofia",
    "Tiffany",
    "Yasmin",
    "Zara",
];
const BOYS: [&str; 48] = [
    "Aaron", "Adam", "Ahmed", "Alfie", "Arthur", "Bilal", "Callum", "Charlie", "Connor", "Daniel", "Dylan",
    "Edward", "Elijah", "Ethan", "Finley", "Freddie", "George", "Hamza", "Harrison", "Harry", "Hassan",
    "Ibrahim", "Isaac", "Jack", "Jacob", "Jamal", "Jayden", "Joshua", "Kai", "Kieran", "Leo", "Liam",
    "Lucas", "Mason", "Mohammed", "Nathan", "Noah", "Oliver", "Oscar", "Rhys", "Ryan", "Samuel", "Stanley",
    "Thomas", "Tyler", "Umar", "William", "Zachary",
];
const SURNAME_HEADS: [&str; 48] = [
    "Ack", "Ains", "Al", "Ash", "Bar", "Bent", "Birt", "Black", "Brad", "Brier", "Broad", "Buck", "Castle",
    "Chad", "Clay", "Cold", "Crom", "Dal", "Dean", "Dun", "Ells", "Fair", "Farn", "Gold", "Green", "Hals",
    "Hart", "Hay", "Hazel", "High", "Holl", "Horn", "Kers", "Lang", "Lind", "Long", "Mars", "Mill", "Oak",
    "Pil", "Red", "Rigs", "Shel", "Stan", "Thorn", "Wal", "Whit", "Wood",
];
const SURNAME_TAILS: [&str; 32] = [
    "acre", "bank", "beck", "bottom", "brook", "bury", "by", "cliffe", "combe", "croft", "dale", "den",
    "field", "fold", "ford", "gate", "greave", "ham", "hirst", "holme", "house", "hurst", "ley", "low",
    "man", "rod", "shaw", "stall", "thorpe", "ton", "wick", "worth",
];
const STREETS: [&str; 24] = [
    "Albion Street",
    "Alder Grove",
    "Bankfield Road",
    "Beech Avenue",
    "Canal Side",
    "Chapel Lane",
    "Church Brow",
    "Clough Road",
    "Cotton Lane",
    "Elm Close",
    "Factory Row",
    "Fold Lane",
    "Hawthorn Drive",
    "Higher Green",
    "Infirmary Street",
    "Lower Moor",
    "Mill Lane",
    "Moss View",
    "Navigation Way",
    "Park Terrace",
    "Quarry Bank",
    "Spinners Court",
    "Station Road",
    "Weavers Walk",
];
const WORKERS: [&str; 12] = [
    "A Barlow",
    "B Chowdhury",
    "C Dawson",
    "D Eckersley",
    "F Gaskell",
    "H Ibbotson",
    "J Kearsley",
    "L Mather",
    "N Okafor",
    "P Quinn",
    "R Shah",
    "T Unsworth",
];

impl Register {
    /// A borough's register; `at` is its place among the ten.
    pub(super) fn new(at: usize, borough: &'static Borough, seed: u64) -> Self {
        let mut dice = Dice::new(seed, at as u64 + 1, 0);
        // A few wards have many families, most have some.
        let ward_weights = borough.wards.iter().map(|_| 0.15 - (1.0 - dice.unit()).ln()).collect();
        Self {
            borough,
            ward_weights,
            people: HashSet::new(),
            base: at as u32 * 95_000,
            children: 0,
            adults: 0,
            homes: 0,
            dfe_code: &borough.dfe_code,
            own_surname: None,
        }
    }

    /// For the family that moves: numbers and a surname of its own, the same in both boroughs.
    pub(super) fn of_the_moving_family(&self) -> Self {
        Self {
            borough: self.borough,
            ward_weights: self.ward_weights.clone(),
            people: HashSet::new(),
            base: 990_000,
            children: 0,
            adults: 0,
            homes: 0,
            dfe_code: &geography::boroughs()[0].dfe_code,
            own_surname: Some("Fairweather"),
        }
    }

    pub(super) fn dfe_code(&self) -> &'static str {
        self.dfe_code
    }

    pub(super) fn surname(&self, dice: &mut Dice) -> String {
        let drawn = format!("{}{}", dice.pick(&SURNAME_HEADS), dice.pick(&SURNAME_TAILS));
        self.own_surname.map_or(drawn, str::to_owned)
    }

    /// Someone whose name and date of birth no one else in the borough has.
    pub(super) fn someone(
        &mut self,
        dice: &mut Dice,
        surname: &str,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Someone {
        loop {
            let sex = if dice.chance(0.5) { Sex::Female } else { Sex::Male };
            let forename = *dice.pick(if sex == Sex::Female { &GIRLS } else { &BOYS });
            let born = dice.day(from, to);
            if self.people.insert((forename.to_owned(), surname.to_owned(), born)) {
                return Someone { forename: forename.to_owned(), surname: surname.to_owned(), born, sex };
            }
        }
    }

    /// The same person as someone else once wrote it down; nobody else is written so either.
    pub(super) fn misspelt(&mut self, someone: &Someone) -> Someone {
        let mut other = someone.clone();
        // Trailing letters doubled until nobody is called so; one round is nearly always enough.
        loop {
            let last = other.forename.chars().last().unwrap_or('e');
            other.forename.push(last);
            let key = (other.forename.clone(), other.surname.clone(), other.born);
            if self.people.insert(key) {
                return other;
            }
        }
    }

    pub(super) fn home(&mut self, dice: &mut Dice) -> Home {
        self.homes += 1;
        let letters = b"ABDEFGHJLNPQRSTUWXYZ";
        let letter = |dice: &mut Dice| char::from(*dice.pick(letters));
        let (first, second) = (letter(dice), letter(dice));
        Home {
            address: format!("{} {}", 1 + dice.below(180), dice.pick(&STREETS)),
            postcode: format!("ZZ{} {}{first}{second}", 1 + dice.below(60), dice.below(10)),
            uprn: format!("9999{:08}", self.base * 10 + self.homes),
            ward: self.borough.wards[dice.weighted(&self.ward_weights)].code.clone(),
        }
    }

    pub(super) fn worker(&self, dice: &mut Dice) -> &'static str {
        WORKERS[dice.below(WORKERS.len())]
    }

    /// The next child's serial number; every number of a child is made from it.
    pub(super) fn child(&mut self) -> u32 {
        // Serials whose NHS check digit would be 10 are never issued.
        loop {
            self.children += 1;
            let serial = self.base + self.children;
            if nhs_number(serial).is_some() {
                return serial;
            }
        }
    }

    /// The next adult's serial number.
    pub(super) fn adult(&mut self) -> u32 {
        self.adults += 1;
        self.base + self.adults
    }
}

/// An NHS number of the range for tests, `999` and six digits with the modulus 11 check digit.
pub(super) fn nhs_number(serial: u32) -> Option<String> {
    let nine = format!("999{:06}", serial % 1_000_000);
    let sum: u32 =
        nine.bytes().zip((2..=10).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match 11 - sum % 11 {
        11 => Some(format!("{nine}0")),
        10 => None,
        check => Some(format!("{nine}{check}")),
    }
}

/// A unique pupil number: check letter, authority, school, year of entry, serial.
pub(super) fn upn(dfe_code: &str, serial: u32, born: NaiveDate) -> String {
    use chrono::Datelike;
    let entered = (born.year() + 4) % 100;
    let twelve =
        format!("{dfe_code:0>3}{:04}{entered:02}{:03}", 9000 + (serial / 1000) % 1000, serial % 1000);
    let sum: u32 = twelve.bytes().zip(2..=13).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let letter = b"ABCDEFGHJKLMNPQRTUVWXYZ"[(sum % 23) as usize];
    format!("{}{twelve}", char::from(letter))
}

/// A National Insurance number with the prefix `QQ`, which is never issued.
pub(super) fn ni_number(serial: u32) -> String {
    let letter = [b'A', b'B', b'C', b'D'][(serial % 4) as usize];
    format!("QQ{:06}{}", serial % 1_000_000, char::from(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_check_digits() {
        // 999 000 000 and its check digit: 9·10 + 9·9 + 9·8 = 243 = 22·11 + 1, so 11 − 1 = 10: never issued.
        assert_eq!(nhs_number(0), None);
        // One more in the last place adds 2: remainder 3, check digit 8.
        assert_eq!(nhs_number(1).as_deref(), Some("9990000018"));
        for serial in 0..5_000 {
            if let Some(number) = nhs_number(serial) {
                let digits: Vec<u32> = number.bytes().map(|b| u32::from(b - b'0')).collect();
                let sum: u32 = digits.iter().zip((1..=10).rev()).map(|(digit, weight)| digit * weight).sum();
                assert_eq!(sum % 11, 0, "{serial}");
            }
        }
        let upn = upn("353", 1_234, "2006-05-01".parse().unwrap());
        assert_eq!((upn.len(), &upn[1..]), (13, "353900110234"));
        assert_eq!(ni_number(7), "QQ000007D");
    }
}
