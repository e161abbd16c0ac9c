//! The records that systems keep of people: each with what that system knows, and its slips.

use chrono::{Datelike, NaiveDate};
use rand::RngExt;
use tenfold_node::register::{
    Sex,
    matching::{CaseId, Who},
};

use super::people::{Dice, Home, TruePerson, Truth};

/// How dirty records are, as shares of records.
#[derive(Clone, Copy, Debug)]
pub struct Dirt {
    /// Without any number or case id.
    pub keys_blank: f64,
    /// A letter of the forename, and of the surname, wrong.
    pub typo: f64,
    /// A short form in the place of the forename.
    pub short: f64,
    /// Forename and surname in each other's place.
    pub swapped: f64,
    /// The birth date with day and month changed, or one digit wrong.
    pub date_slip: f64,
    /// Another birth date altogether.
    pub date_wrong: f64,
    /// No birth date.
    pub date_missing: f64,
    /// No sex.
    pub sex_missing: f64,
    /// The number of somebody else of the family.
    pub key_wrong: f64,
}

impl Dirt {
    /// What is usual, with so many keys blank.
    pub fn usual(keys_blank: f64) -> Self {
        Self {
            keys_blank,
            typo: 0.03,
            short: 0.03,
            swapped: 0.007,
            date_slip: 0.02,
            date_wrong: 0.004,
            date_missing: 0.03,
            sex_missing: 0.1,
            key_wrong: 0.001,
        }
    }
}

/// A record of a person.
#[derive(Clone)]
pub struct PersonRecord {
    /// Whose it truly is.
    pub person: usize,
    /// What it says.
    pub who: Who,
    /// Where it says they live.
    pub home: Option<Home>,
}

/// The records, and what assessments and housing say of them; records by index.
#[derive(Default)]
pub struct Records {
    /// The records.
    pub all: Vec<PersonRecord>,
    /// Child, carer, property, day.
    pub assessed: Vec<(usize, usize, String, NaiveDate)>,
    /// Tenant, property, day.
    pub tenants: Vec<(usize, String, NaiveDate)>,
}

impl Records {
    /// About so many records of everybody.
    pub fn draw(dice: &mut Dice, truth: &Truth, dirt: Dirt, count: usize) -> Self {
        let mut records = Self::default();
        for (adults, children) in &truth.families {
            for &child in children {
                records.assess(dice, truth, dirt, (child, adults[0]));
                if let Some(&other) = adults.get(1).filter(|_| dice.is(0.3)) {
                    records.assess(dice, truth, dirt, (child, other));
                }
            }
        }
        for &(child, step) in &truth.steps {
            records.assess(dice, truth, dirt, (child, step));
        }
        while records.all.len() < count {
            let person = dice.below(truth.people.len());
            let at = records.add(dice, truth, dirt, person, 0.25);
            let record = &records.all[at];
            let is_tenant = |home: &Home| !home.property.is_empty() && !truth.people[person].is_child;
            if let Some(home) = record.home.clone().filter(is_tenant) {
                let on = day(dice);
                records.tenants.push((at, home.property, on));
            }
        }
        records
    }

    fn assess(&mut self, dice: &mut Dice, truth: &Truth, dirt: Dirt, (child, carer): (usize, usize)) {
        let child = self.add(dice, truth, dirt, child, 1.0);
        let home = self.all[child].home.clone();
        if self.all[child].who.has_key() {
            // Some children are in the case system twice.
            let number = if dice.is(0.08) { "B" } else { "A" };
            let id = format!("{number}{}", self.all[child].person);
            self.all[child].who.case_id = Some(CaseId { system: "early-help".into(), id });
        }
        let carer = self.add(dice, truth, dirt, carer, 1.0);
        // One row has one address, the child's.
        self.all[carer].home.clone_from(&home);
        let on = day(dice);
        self.assessed.push((child, carer, home.map(|home| home.property).unwrap_or_default(), on));
    }

    fn add(&mut self, dice: &mut Dice, truth: &Truth, dirt: Dirt, person: usize, housed: f64) -> usize {
        let them = &truth.people[person];
        let mut who = said(dice, them, dirt);
        if !dice.is(dirt.keys_blank) {
            let bearer = match them.family.filter(|_| dice.is(dirt.key_wrong)) {
                Some(family) => &truth.people[truth.families[family].1[0]],
                None => them,
            };
            if bearer.is_child {
                who.upn = bearer.own.parse().ok();
            } else {
                who.ni_number = bearer.own.parse().ok();
            }
            who.nhs_number = bearer.nhs.parse().ok().filter(|_| dice.is(0.5));
        }
        let home = them.homes[dice.below(them.homes.len())].clone();
        let mut home = Some(home).filter(|_| dice.is(housed));
        // Some systems know the postcode only.
        if let Some(home) = home.as_mut().filter(|_| dice.is(0.2)) {
            home.property.clear();
        }
        self.all.push(PersonRecord { person, who, home });
        self.all.len() - 1
    }
}

fn day(dice: &mut Dice) -> NaiveDate {
    let days = dice.below(700) as u64;
    NaiveDate::from_ymd_opt(2014, 4, 1).unwrap_or_default() + chrono::Days::new(days)
}

fn said(dice: &mut Dice, them: &TruePerson, dirt: Dirt) -> Who {
    let mut given = if dice.is(dirt.short) { them.short.clone() } else { them.given.clone() };
    if dice.is(0.05) {
        given = format!("{given} {}", them.middle);
    }
    let mut surname = match &them.former {
        Some(former) if dice.is(0.4) => former.clone(),
        Some(former) if dice.is(0.1) => format!("{former}-{}", them.surname),
        _ => them.surname.clone(),
    };
    if dice.is(dirt.typo) {
        given = slip(dice, &given);
    }
    if dice.is(dirt.typo) {
        surname = slip(dice, &surname);
    }
    if dice.is(dirt.swapped) {
        std::mem::swap(&mut given, &mut surname);
    }
    let shown = |dice: &mut Dice, name: &str| if dice.is(0.2) { name.to_uppercase() } else { capital(name) };
    let birth_date = if dice.is(dirt.date_missing) { None } else { Some(born(dice, them.born, dirt)) };
    let sex = if dice.is(dirt.sex_missing) { None } else { Some(them.sex) };
    let other = |sex: Sex| if sex == Sex::Female { Sex::Male } else { Sex::Female };
    Who {
        given_name: shown(dice, &given),
        family_name: shown(dice, &surname),
        birth_date,
        sex: if dice.is(0.005) { sex.map(other) } else { sex },
        ..Who::default()
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A name with one letter left out, doubled, replaced or changed with its neighbour.
fn slip(dice: &mut Dice, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = dice.below(letters.len());
    match dice.below(4) {
        0 if letters.len() > 3 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 if at > 0 => letters.swap(at - 1, at),
        _ => letters[at] = char::from(b'a' + dice.random.random_range(0..26u8)),
    }
    letters.into_iter().collect()
}

fn born(dice: &mut Dice, day: NaiveDate, dirt: Dirt) -> NaiveDate {
    if dice.is(dirt.date_wrong) {
        return NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day);
    }
    if !dice.is(dirt.date_slip) {
        return day;
    }
    let slipped = match dice.below(4) {
        0 | 1 => NaiveDate::from_ymd_opt(day.year(), day.day(), day.month()),
        2 => day.with_day(day.day() % 10 + 10 * dice.random.random_range(0..3u32)),
        _ => day.with_year(day.year() / 10 * 10 + dice.random.random_range(0..10i32)),
    };
    slipped.unwrap_or(day)
}
