//! A family of the generator: its people, when it is attached, and when (if ever) it has a result.
//!
//! The plan comes first and the records are made so that exactly it comes true: whatever else happens, one
//! problem blocks progress until the quarter of the result.

use chrono::{Days, NaiveDate};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use tenfold_common::{
    calendar::plus_months,
    geography::{BoroughCode, WardCode},
};

use super::{
    Mover, SynthPlan,
    people::{self, Invented},
};

/// How a family's story ends, as far as the generator's quarters reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// No result.
    Open,
    /// Progress on all problems in this quarter.
    Progress(usize),
    /// Continuous employment in this quarter.
    Employment(usize),
}

/// A family of the generator. Quarters are counted from 0.
#[derive(Clone, Debug)]
pub(super) struct Family {
    pub(super) number: usize,
    pub(super) children: Vec<Invented>,
    pub(super) carer: Invented,
    pub(super) ward: Option<WardCode>,
    pub(super) uprn: String,
    pub(super) postcode: String,
    /// The quarter of its assessment.
    pub(super) assessed_in: usize,
    pub(super) assessed: NaiveDate,
    /// Plan and key worker are recorded a quarter late.
    pub(super) plan_is_late: bool,
    /// Headline problems, ascending.
    pub(super) problems: Vec<u8>,
    pub(super) ending: Ending,
    /// The problem that blocks progress until the ending.
    pub(super) blocking: u8,
    /// Recorded twice in the early-help system.
    pub(super) is_duplicated: bool,
    /// The quarter in which it moves within the borough.
    pub(super) moves_in: Option<usize>,
    /// Children's NHS numbers are not recorded by the early-help system.
    pub(super) lacks_nhs_numbers: bool,
    /// Where it came from, if another borough attached it.
    pub(super) received_from: Option<BoroughCode>,
}

impl Family {
    /// A family assessed in a quarter.
    pub(super) fn new(
        plan: &SynthPlan,
        number: usize,
        assessed_in: usize,
        eligible: bool,
        ward: &WardCode,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let quarter = plan.first_quarter.plus(assessed_in as i32);
        let assessed = quarter.first_day() + Days::new(19 + rng.random_range(0..60));
        let problems = if eligible { several_problems(rng) } else { vec![rng.random_range(1..=6)] };
        let (ending, blocking) = ending(assessed_in, &problems, rng);
        let school = problems.contains(&2);
        let children = (0..rng.random_range(1..=3))
            .map(|place| child(plan, number, place, school || place == 0 || rng.random_bool(0.6), rng))
            .collect::<Vec<_>>();
        let knows_ward = !rng.random_bool(plan.dirt.missing);
        Self {
            number,
            carer: carer(number, rng),
            // Only children who have a UPN can do without an NHS number.
            lacks_nhs_numbers: children.iter().all(|child| !child.upn.is_empty())
                && rng.random_bool(plan.dirt.missing),
            children,
            ward: knows_ward.then(|| ward.clone()),
            uprn: format!("{}", 100_000_000 + number),
            postcode: postcode(number),
            assessed_in,
            assessed,
            plan_is_late: eligible && rng.random_bool(0.08),
            problems,
            ending: if eligible { ending } else { Ending::Open },
            blocking,
            is_duplicated: rng.random_bool(plan.dirt.duplicates),
            moves_in: rng.random_bool(plan.dirt.moves).then_some(assessed_in + 1),
            received_from: None,
        }
    }

    /// The family that moves between boroughs: the same people in both, attached in the first only.
    pub(super) fn mover(plan: &SynthPlan, mover: &Mover, ward: &WardCode) -> Self {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&plan.seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(seed);
        // A number beyond those of ordinary families, the same in both boroughs.
        let arrives = if plan.borough == mover.to { mover.arrives } else { 0 };
        let origin = SynthPlan { borough: mover.from.clone(), ..plan.clone() };
        let mut family = Self::new(&origin, 19_000, arrives, true, ward, &mut rng);
        family.problems = vec![1, 4, 5];
        (family.ending, family.blocking) = (Ending::Open, 1);
        family.plan_is_late = false;
        family.moves_in = None;
        family.is_duplicated = false;
        family.received_from = (plan.borough == mover.to).then(|| mover.from.clone());
        family
    }

    /// The quarter in which a node records it as attached, if it ever does.
    pub(super) fn attached_in(&self) -> Option<usize> {
        let counted = self.problems.len() >= 2 && self.received_from.is_none();
        counted.then(|| self.assessed_in + usize::from(self.plan_is_late))
    }

    /// The quarter of its result.
    pub(super) fn result_in(&self) -> Option<usize> {
        match self.ending {
            Ending::Open => None,
            Ending::Progress(quarter) | Ending::Employment(quarter) => Some(quarter),
        }
    }

    /// The day of the review that finds the health need met, late enough and in the quarter of the result.
    pub(super) fn review_on(&self, plan: &SynthPlan, quarter: usize) -> NaiveDate {
        let begins = plan.first_quarter.plus(quarter as i32).first_day() + Days::new(5);
        plus_months(self.assessed, 6).max(begins)
    }
}

/// Two to five of the six problems.
fn several_problems(rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut all = [1, 2, 3, 4, 5, 6];
    all.shuffle(rng);
    let count = [2, 2, 3, 3, 3, 4, 4, 5][rng.random_range(0..8)];
    let mut problems = all[..count].to_vec();
    problems.sort_unstable();
    problems
}

fn ending(assessed_in: usize, problems: &[u8], rng: &mut ChaCha8Rng) -> (Ending, u8) {
    // School attendance never blocks: its terms do not follow quarters.
    let blockers: Vec<u8> = problems.iter().copied().filter(|&p| p != 2).collect();
    let waits = [2, 2, 2, 2, 3, 3, 4, 5][rng.random_range(0..8)];
    let quarter = assessed_in + waits;
    let draw = rng.random_range(0..100);
    let beside_work: Vec<u8> = blockers.iter().copied().filter(|&p| p != 4).collect();
    let choose = |from: &[u8], rng: &mut ChaCha8Rng| from[rng.random_range(0..from.len())];
    if draw < 12 && problems.contains(&4) && !beside_work.is_empty() {
        return (Ending::Employment(quarter), choose(&beside_work, rng));
    }
    if blockers.is_empty() {
        return (Ending::Open, 2);
    }
    // A review decides where health is among the problems: it comes in the quarter of the result.
    let blocking = if problems.contains(&6) { 6 } else { choose(&blockers, rng) };
    (if draw < 75 { Ending::Progress(quarter) } else { Ending::Open }, blocking)
}

fn child(plan: &SynthPlan, family: usize, place: usize, pupil: bool, rng: &mut ChaCha8Rng) -> Invented {
    let female = rng.random_bool(0.5);
    // Pupils are seven to twelve in the first quarter and below sixteen four years later; the others are babies
    // then and below five four years later.
    let first_born = if pupil { (2003, 10) } else { (2014, 8) };
    let days = if pupil { 5 * 365 } else { 180 };
    let begin = NaiveDate::from_ymd_opt(first_born.0, first_born.1, 1).unwrap_or_default();
    let number = family * 4 + place;
    let dfe_code = tenfold_common::geography::borough(&plan.borough).map_or("350", |b| &b.dfe_code);
    Invented {
        forename: people::forename(false, female, family / 3, place),
        surname: people::surname(family),
        born: begin + Days::new(rng.random_range(0..days)),
        female,
        nhs_number: people::nhs_number(number),
        upn: if pupil { people::upn(dfe_code, number) } else { String::new() },
        ni_number: String::new(),
        case_id: format!("{}", 500_000 + number),
    }
}

fn carer(family: usize, rng: &mut ChaCha8Rng) -> Invented {
    let female = rng.random_bool(0.8);
    let begin = NaiveDate::from_ymd_opt(1972, 1, 1).unwrap_or_default();
    Invented {
        forename: people::forename(true, female, family / 2, 0),
        surname: people::surname(family),
        born: begin + Days::new(rng.random_range(0..20 * 365)),
        female,
        nhs_number: String::new(),
        upn: String::new(),
        ni_number: people::ni_number(family * 2),
        case_id: String::new(),
    }
}

fn postcode(number: usize) -> String {
    let letters = b"ABDEFGHJLNPQRSTUWXYZ";
    let letter = |n: usize| letters[n % letters.len()] as char;
    format!("ZZ{} {}{}{}", 1 + number % 9, number / 9 % 10, letter(number / 90), letter(number / 1800))
}
