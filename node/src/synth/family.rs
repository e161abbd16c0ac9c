//! A family and its records, made so that its story is what they say.

mod records;

use chrono::NaiveDate;
use tenfold_common::calendar::{minus_months, plus_months};

use super::{
    SynthPlan,
    dice::{Dice, plus},
    identity::{self, Home, Register, Someone},
    load_day,
    story::{Joining, Story},
};
use crate::register::{AssessmentKind, CareKind, Days, IncidentKind};
use records::{Making, by_record};

/// A family with everything that any extract says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) story: Story,
    pub(super) carer: Carer,
    pub(super) second_carer: Option<Carer>,
    /// The first is at school throughout.
    pub(super) children: Vec<Child>,
    /// Homes with the quarter from which the family lives there.
    pub(super) homes: Vec<(usize, Home)>,
    pub(super) assessments: Vec<Assessed>,
    pub(super) sessions: Vec<Sessions>,
    pub(super) incidents: Vec<Event>,
    pub(super) benefits: Vec<Spell>,
    pub(super) jobs: Vec<Spell>,
    pub(super) care: Vec<InCare>,
    pub(super) episode: Work,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carer {
    pub(super) person: Someone,
    pub(super) ni_number: String,
}

/// Who asks for help, in the words of case systems, as often as they stand here; a blank is not recorded.
const REFERRERS: [&str; 20] = [
    "School",
    "School",
    "School",
    "School",
    "School",
    "School",
    "Health",
    "Health",
    "Health",
    "Police",
    "Police",
    "Social Care",
    "Social Care",
    "Self",
    "Self",
    "Housing",
    "Voluntary",
    "Probation",
    "",
    "",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) person: Someone,
    pub(super) serial: u32,
    pub(super) nhs_number: String,
    /// Empty for a child that has not started school.
    pub(super) upn: String,
    /// The same child a second time in the case system, spelt otherwise and at another address.
    pub(super) again: Option<(Someone, u32, Home)>,
}

/// An early-help assessment of all the children, or a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assessed {
    pub(super) kind: AssessmentKind,
    pub(super) started: NaiveDate,
    pub(super) completed: NaiveDate,
    pub(super) whole_family: Option<bool>,
    pub(super) plan: Option<NaiveDate>,
    pub(super) key_worker: Option<(&'static str, NaiveDate)>,
    /// The flags, one list a child.
    pub(super) needs: Vec<[Option<bool>; 6]>,
    /// Which of ward, postcode, UPN, NHS and NI number are left blank, one entry a child.
    pub(super) blank: Vec<Blank>,
    pub(super) by_second_carer: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Blank {
    pub(super) ward: bool,
    pub(super) postcode: bool,
    pub(super) upn: bool,
    pub(super) nhs_number: bool,
    pub(super) ni_number: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sessions {
    pub(super) child: usize,
    pub(super) term: Term,
    pub(super) possible: u32,
    pub(super) ill: u32,
    pub(super) unauthorised: u32,
    pub(super) excluded: u32,
    pub(super) blank_upn: bool,
    pub(super) known: usize,
}

impl Sessions {
    pub(super) fn absent(&self) -> u32 {
        self.ill + self.unauthorised + self.excluded
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) on: NaiveDate,
    pub(super) kind: IncidentKind,
    pub(super) known: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spell {
    pub(super) from: NaiveDate,
    pub(super) to: Option<NaiveDate>,
    pub(super) known: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InCare {
    pub(super) kind: CareKind,
    pub(super) spell: Spell,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) opened: NaiveDate,
    pub(super) closed: Option<(NaiveDate, &'static str)>,
}

/// A school term; the dates are invented, near those usual in England.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) name: String,
    pub(super) days: Days,
}

impl Family {
    /// Who asked for help; without a die of its own, so that everything else stays as it was drawn.
    pub(super) fn referred_by(&self) -> &'static str {
        self.children.first().map_or("", |child| REFERRERS[child.serial as usize % REFERRERS.len()])
    }

    pub(super) fn invent(plan: &SynthPlan, dice: &mut Dice, register: &mut Register, story: Story) -> Self {
        let quarter = |at: usize| plan.first_quarter.plus(at as i32);
        let seen = quarter(story.seen).first_day();
        // Who they are comes first, so that the moving family is the same in both boroughs.
        let surname = register.surname(dice);
        let carer = carer(dice, register, &surname);
        let second_carer = dice.chance(0.3).then(|| self::carer(dice, register, &surname));
        let count = 1 + dice.weighted(&[0.35, 0.35, 0.2, 0.1]);
        let last_load = load_day(quarter(plan.quarters - 1));
        let at_school = (plus(minus_months(last_load, 16 * 12), 1), minus_months(first_load(plan), 8 * 12));
        let any_age = (minus_months(first_load(plan), 17 * 12), minus_months(first_load(plan), 6));
        let mut children: Vec<Child> = (0..count)
            .map(|at| {
                let other = if dice.chance(0.1) { register.surname(dice) } else { surname.clone() };
                let (from, to) = if at == 0 { at_school } else { any_age };
                child(dice, register, &other, (from, to), last_load)
            })
            .collect();

        let home = register.home(dice);
        let mut homes = vec![(0, home)];
        if story.seen + 1 < plan.quarters && dice.chance(plan.shares.moves) {
            let at = story.seen + 1 + dice.below(plan.quarters - story.seen - 1);
            homes.push((at, register.home(dice)));
        }
        if dice.chance(plan.shares.duplicates) && !matches!(story.joining, Joining::Received(_)) {
            let misspelt = register.misspelt(&children[0].person);
            children[0].again = Some((misspelt, register.child(), register.home(dice)));
        }

        let started = plus(seen, dice.between(1, 40));
        let assessed = plus(started, dice.between(5, 30));
        // Where the plan comes a quarter after the assessment, it comes in the first two months of it.
        let planned = match story.attached() {
            Some(at) if at > story.seen => plus(quarter(at).first_day(), dice.between(2, 60)),
            _ => plus(assessed, dice.between(0, 10)),
        };
        let key_worker = plus(started, dice.between(0, 15));
        let joined = planned.max(assessed).max(key_worker);
        let by_record = by_record(dice, &story);
        let mut making = Making { plan, dice, story, joined, assessed, by_record };

        let mut initial = making.assessment(AssessmentKind::Initial, started, assessed, &children);
        initial.plan = (making.story.joining != Joining::NoPlan).then_some(planned);
        let worker = register.worker(making.dice);
        initial.key_worker = (making.story.joining != Joining::NoKeyWorker).then_some((worker, key_worker));
        initial.whole_family = match making.story.joining {
            Joining::NotWhole => making.dice.chance(0.5).then_some(false),
            _ => Some(true),
        };
        making.tick_needs(&mut initial);
        let mut assessments = vec![initial];
        assessments.extend(making.reviews(&children, second_carer.is_some()));

        let sessions = making.sessions(&children);
        let incidents = making.incidents();
        let (benefits, jobs) = making.benefits_and_jobs();
        let care = making.care();
        let episode = making.episode(started, assessments.last().map(|a| a.completed));
        let story = making.story;
        Self {
            story,
            carer,
            second_carer,
            children,
            homes,
            assessments,
            sessions,
            incidents,
            benefits,
            jobs,
            care,
            episode,
        }
    }

    /// Where the family lives in a quarter.
    pub(super) fn home(&self, quarter: usize) -> &Home {
        let lived = self.homes.iter().rev().find(|(from, _)| *from <= quarter);
        &lived.unwrap_or(&self.homes[0]).1
    }
}

fn first_load(plan: &SynthPlan) -> NaiveDate {
    load_day(plan.first_quarter)
}

fn carer(dice: &mut Dice, register: &mut Register, surname: &str) -> Carer {
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    let person = register.someone(dice, surname, day(1965), day(1993));
    Carer { person, ni_number: identity::ni_number(register.adult()) }
}

fn child(
    dice: &mut Dice,
    register: &mut Register,
    surname: &str,
    (from, to): (NaiveDate, NaiveDate),
    last_load: NaiveDate,
) -> Child {
    let person = register.someone(dice, surname, from, to);
    let serial = register.child();
    let starts_school = plus_months(person.born, 5 * 12) <= last_load;
    let upn =
        if starts_school { identity::upn(register.dfe_code(), serial, person.born) } else { String::new() };
    // The register hands out only serials that have a number.
    let nhs_number = identity::nhs_number(serial).unwrap_or_default();
    Child { person, serial, nhs_number, upn, again: None }
}
