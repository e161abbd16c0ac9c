//! People and families as they truly are: twins, fathers and sons of one name, parted parents, re-formed
//! families, addresses that several families share.

use chrono::{Days, NaiveDate};
use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use tenfold_node::register::{
    Sex,
    identifiers::{NhsNumber, NiNumber, Upn},
};

/// Somebody, as they truly are.
#[derive(Debug)]
pub struct TruePerson {
    /// The family, if they are of one.
    pub family: Option<usize>,
    /// Forename.
    pub given: String,
    /// Middle name.
    pub middle: String,
    /// Short form of the forename.
    pub short: String,
    /// Surname.
    pub surname: String,
    /// Surname at an earlier time.
    pub former: Option<String>,
    /// Date of birth.
    pub born: NaiveDate,
    /// Sex.
    pub sex: Sex,
    /// Whether a child.
    pub is_child: bool,
    /// Homes over time; the last is now.
    pub homes: Vec<Home>,
    /// NHS number.
    pub nhs: String,
    /// Unique pupil number of a child, National Insurance number of an adult.
    pub own: String,
}

/// A property.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its reference; empty where a record does not give it.
    pub property: String,
    /// Its postcode.
    pub postcode: String,
}

/// Everybody, and who cares for whom.
#[derive(Debug, Default)]
pub struct Truth {
    /// The people.
    pub people: Vec<TruePerson>,
    /// Each family's adults and children.
    pub families: Vec<(Vec<usize>, Vec<usize>)>,
    /// A child and an adult of another family that theirs became one with.
    pub steps: Vec<(usize, usize)>,
}

/// Draws names, dates, homes.
pub struct Dice {
    /// The generator.
    pub random: ChaCha12Rng,
    homes: u32,
    numbers: u32,
}

const ONSETS: [&str; 20] = [
    "al", "ber", "ca", "da", "el", "fen", "gwi", "ha", "is", "jo", "ka", "li", "mar", "ne", "or", "pe", "ro",
    "sa", "ti", "vi",
];
const FEMALE: [&str; 16] = [
    "la", "na", "ssa", "lie", "mina", "rah", "ya", "beth", "dy", "nnie", "ra", "sha", "line", "via", "rose",
    "tha",
];
const MALE: [&str; 16] = [
    "n", "ld", "ric", "than", "mon", "dric", "l", "ck", "ton", "den", "ris", "bert", "ven", "les", "dan",
    "ry",
];
const FIRST: [&str; 90] = [
    "fern", "marl", "oak", "thorn", "birch", "ash", "elm", "hazel", "rook", "crow", "wren", "lark", "finch",
    "swan", "heron", "kest", "stone", "flint", "chalk", "clay", "sand", "peat", "moss", "reed", "rush",
    "sedge", "heath", "moor", "dale", "glen", "brook", "beck", "burn", "mill", "ford", "wade", "bridge",
    "carr", "holm", "lund", "thwai", "scar", "fell", "crag", "tor", "den", "combe", "hurst", "shaw", "ley",
    "wick", "stead", "thorp", "garth", "croft", "acre", "field", "park", "lang", "broad", "high", "low",
    "north", "south", "east", "west", "black", "white", "green", "grey", "red", "gold", "silver", "copper",
    "iron", "wil", "rob", "har", "tom", "wat", "hod", "dob", "hob", "gib", "jen", "dic", "ros", "pen", "tre",
    "bol",
];
const LAST: [&str; 60] = [
    "son", "s", "ton", "ham", "ley", "field", "wood", "ford", "beck", "hollow", "worth", "well", "by", "den",
    "dale", "man", "er", "kin", "kins", "ard", "ett", "ing", "land", "lock", "more", "ney", "rick", "shaw",
    "stead", "thwaite", "wick", "wright", "bottom", "bourne", "bridge", "brook", "burn", "bury", "by",
    "clough", "cott", "cox", "croft", "gate", "grave", "hurst", "lake", "low", "mere", "mond", "over",
    "pool", "row", "sall", "side", "stone", "thorpe", "vale", "ward", "yard",
];

impl Dice {
    /// Dice from a generator.
    pub fn new(random: ChaCha12Rng) -> Self {
        Self { random, homes: 0, numbers: 0 }
    }

    /// Whether something of this share happens.
    pub fn is(&mut self, share: f64) -> bool {
        self.random.random_bool(share)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.random.random_range(0..bound)
    }

    /// A rank below a bound, small ones far more often: names are frequent and rare.
    fn rank(&mut self, bound: usize) -> usize {
        let power = self.random.random::<f64>() * ((bound + 12) as f64 / 12.0).ln();
        ((12.0 * power.exp()) as usize).saturating_sub(12).min(bound - 1)
    }

    /// A forename.
    pub fn forename(&mut self, sex: Sex) -> String {
        let endings = if sex == Sex::Female { FEMALE } else { MALE };
        let rank = self.rank(ONSETS.len() * endings.len());
        // A stride that shares no factor with the number of names spreads frequent ones over all letters.
        let place = rank * 97 % (ONSETS.len() * endings.len());
        format!("{}{}", ONSETS[place % ONSETS.len()], endings[place / ONSETS.len()])
    }

    /// A surname.
    pub fn surname(&mut self) -> String {
        let rank = self.rank(FIRST.len() * LAST.len());
        let place = rank * 1_009 % (FIRST.len() * LAST.len());
        format!("{}{}", FIRST[place % FIRST.len()], LAST[place / FIRST.len()])
    }

    fn day(&mut self, from: i32, to: i32) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(from, 1, 1).unwrap_or_default();
        first + Days::new(self.below((to - from) as usize * 365) as u64)
    }

    /// A new property; a few share a postcode.
    pub fn home(&mut self) -> Home {
        self.homes += 1;
        // Homes drawn one after the other are streets apart.
        let street = self.homes * 7_919 % 8_000;
        let (sector, unit) = (street / 400, street % 400);
        let letter = |n: u32| char::from(b'A' + (n % 20) as u8);
        Home {
            property: format!("9{:09}", self.homes),
            postcode: format!("ZZ{} {}{}{}", 1 + sector / 10, sector % 10, letter(unit / 20), letter(unit)),
        }
    }

    fn person(
        &mut self,
        family: Option<usize>,
        surname: &str,
        born: NaiveDate,
        homes: &[Home],
    ) -> TruePerson {
        self.numbers += 1;
        let number = self.numbers;
        let is_child = born.format("%Y").to_string().as_str() >= "1998";
        let sex = if self.is(0.5) { Sex::Female } else { Sex::Male };
        let given = self.forename(sex);
        // Most short forms are the beginning of the name; some are another name altogether.
        let short = if self.is(0.75) { given.chars().take(3).collect() } else { self.forename(sex) };
        let own = if is_child {
            ('A'..='Z').map(|letter| format!("{letter}350{number:09}")).find(|upn| upn.parse::<Upn>().is_ok())
        } else {
            Some(format!("QQ{number:06}A")).filter(|ni| ni.parse::<NiNumber>().is_ok())
        };
        let nhs = (0..10)
            .map(|check| format!("999{number:06}{check}"))
            .find(|nhs| nhs.parse::<NhsNumber>().is_ok());
        TruePerson {
            family,
            middle: self.forename(sex),
            given,
            short,
            surname: surname.to_owned(),
            former: (!is_child && self.is(0.12)).then(|| self.surname()),
            born,
            sex,
            is_child,
            homes: homes.to_vec(),
            nhs: nhs.unwrap_or_default(),
            own: own.unwrap_or_default(),
        }
    }
}

impl Truth {
    /// Families until there are so many people.
    pub fn draw(dice: &mut Dice, people: usize) -> Self {
        let mut truth = Self::default();
        let mut last_home = dice.home();
        while truth.people.len() < people {
            if dice.is(0.35) {
                let (surname, born, homes) = (dice.surname(), dice.day(1955, 1997), [dice.home()]);
                truth.people.push(dice.person(None, &surname, born, &homes));
            }
            // A house of several families now and then; a hostel rarely.
            let home = if dice.is(0.08) { last_home.clone() } else { dice.home() };
            let hostel = if dice.is(0.004) { 12 } else { 1 };
            for _ in 0..hostel {
                truth.family(dice, &home);
            }
            last_home = home;
        }
        // Families that became one: an adult of one cares for a child of the other.
        for family in (1..truth.families.len()).step_by(20) {
            let (step, child) = (truth.families[family - 1].0[0], truth.families[family].1[0]);
            truth.steps.push((child, step));
            let (adults, children) = truth.families[family].clone();
            for person in adults.iter().chain(&children) {
                truth.people[*person].family = Some(family - 1);
            }
            let home = truth.people[step].homes.last().cloned();
            truth.people[child].homes.extend(home);
        }
        truth
    }

    fn family(&mut self, dice: &mut Dice, home: &Home) {
        let family = Some(self.families.len());
        let mut homes = vec![home.clone()];
        if dice.is(0.3) {
            homes.insert(0, dice.home());
        }
        let surname = dice.surname();
        let mut adults = Vec::new();
        let born = dice.day(1965, 1992);
        let mut carer = dice.person(family, &surname, born, &homes);
        carer.sex = Sex::Female;
        carer.given = dice.forename(Sex::Female);
        adults.push(self.add(carer));
        if dice.is(0.6) {
            let parted = dice.is(0.25);
            let others = [dice.home()];
            let (name, born) =
                (if dice.is(0.5) { surname.clone() } else { dice.surname() }, dice.day(1960, 1992));
            let mut other = dice.person(family, &name, born, if parted { &others } else { &homes });
            other.sex = Sex::Male;
            other.given = dice.forename(Sex::Male);
            adults.push(self.add(other));
        }
        let father = adults.get(1).copied();
        let surname = match father {
            Some(father) if dice.is(0.4) => self.people[father].surname.clone(),
            _ => surname,
        };
        let mut children = Vec::new();
        for _ in 0..1 + dice.below(4) {
            let born = dice.day(1998, 2014);
            let child = dice.person(family, &surname, born, &homes);
            let twin = dice.is(0.03).then(|| dice.person(family, &surname, born, &homes));
            // Twins never bear one forename.
            let twin = twin.filter(|twin| twin.given != child.given);
            children.push(self.add(child));
            children.extend(twin.map(|twin| self.add(twin)));
        }
        if let Some(father) = father.filter(|_| dice.is(0.03)) {
            // A son of his father's whole name, at his address.
            let (given, name) = (self.people[father].given.clone(), self.people[father].surname.clone());
            let son = &mut self.people[children[0]];
            (son.given, son.surname, son.sex) = (given, name, Sex::Male);
        }
        self.families.push((adults, children));
    }

    fn add(&mut self, person: TruePerson) -> usize {
        self.people.push(person);
        self.people.len() - 1
    }
}
