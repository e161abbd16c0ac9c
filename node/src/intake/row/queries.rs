//! What is odd about a good row: ages, and days outside what the file is said to hold.

use chrono::NaiveDate;

use super::Row;
use crate::{
    intake::{
        field::Field,
        record::{Record, SpellRow},
    },
    register::Days,
};

/// Over this age nobody is assessed as a child; care leavers and people with a plan are up to it.
const OLDEST_CHILD: u32 = 25;
/// Under this age nobody is a carer, a tenant or on a benefit.
const YOUNGEST_ADULT: u32 = 14;

/// Asks about one record.
pub(super) fn ask(row: &mut Row<'_>, record: &Record) {
    match record {
        Record::Assessment(assessed) => {
            row.ask_child(assessed.child.birth_date, assessed.started);
            if let Some(carer) = &assessed.carer {
                row.ask_adult(Field::CarerBirthDate, carer.birth_date, assessed.started);
            }
            row.ask_recorded(&[
                (Field::From, Some(assessed.started)),
                (Field::To, assessed.completed),
                (Field::PlanMade, assessed.plan_made),
                (Field::KeyWorkerFrom, assessed.key_worker_from),
            ]);
        }
        Record::Sessions(sessions) => {
            row.ask_child(sessions.pupil.birth_date, sessions.days.from);
            row.ask_recorded(&[(Field::From, Some(sessions.days.from))]);
            row.ask_covered(Field::From, sessions.days.from, Some(sessions.days.to));
        }
        Record::Incident(incident) => {
            row.ask_recorded(&[(Field::On, Some(incident.on))]);
            row.ask_covered(Field::On, incident.on, Some(incident.on));
        }
        Record::Spell(spell) => row.ask_spell(spell),
        Record::Answer(answer) => answer.spell.iter().for_each(|spell| row.ask_spell(spell)),
        Record::Care(care) => {
            row.ask_child(care.child.birth_date, care.from);
            row.ask_recorded(&[(Field::From, Some(care.from)), (Field::To, care.to)]);
            row.ask_covered(Field::From, care.from, care.to);
        }
        Record::Episode(episode) => {
            row.ask_recorded(&[(Field::From, Some(episode.opened)), (Field::To, episode.closed)]);
        }
        Record::Housing(housing) => {
            row.ask_adult(Field::BirthDate, housing.person.birth_date, housing.from);
            row.ask_recorded(&[(Field::From, Some(housing.from))]);
            row.ask_covered(Field::From, housing.from, housing.to);
        }
        Record::Circumstance(circumstance) => {
            row.ask_recorded(&[(Field::From, Some(circumstance.from))]);
        }
        Record::History(history) => {
            let claimed = history.claim.as_ref().map(|claim| claim.on);
            row.ask_recorded(&[(Field::AttachedOn, Some(history.attached)), (Field::ClaimedOn, claimed)]);
        }
    }
}

impl Row<'_> {
    fn ask_spell(&mut self, spell: &SpellRow) {
        self.ask_adult(Field::BirthDate, spell.person.birth_date, spell.from);
        self.ask_recorded(&[(Field::From, Some(spell.from))]);
        self.ask_covered(Field::From, spell.from, spell.to);
    }

    fn ask_child(&mut self, born: Option<NaiveDate>, on: NaiveDate) {
        let Some(born) = born else {
            return;
        };
        match on.years_since(born) {
            None => {
                let question = format!(
                    "the birth date lies after {on}, when the record begins; which of the two is wrong?"
                );
                self.ask(Some(Field::BirthDate), "before-birth", question);
            }
            Some(age) if age > OLDEST_CHILD => {
                let question =
                    format!("the child was {age} on {on}; is the birth date right, or is this an adult?");
                self.ask(Some(Field::BirthDate), "child-over-25", question);
            }
            Some(_) => {}
        }
    }

    fn ask_adult(&mut self, field: Field, born: Option<NaiveDate>, on: NaiveDate) {
        let age = born.map(|born| on.years_since(born).unwrap_or(0));
        if let Some(age) = age.filter(|age| *age < YOUNGEST_ADULT) {
            let question =
                format!("the adult was {age} on {on}; is the birth date right, or is this a child?");
            self.ask(Some(field), "adult-under-14", question);
        }
    }

    /// Nothing is recorded before it happens.
    fn ask_recorded(&mut self, days: &[(Field, Option<NaiveDate>)]) {
        let Some(as_of) = self.plan.context.as_of else {
            return;
        };
        for (field, day) in days {
            if let Some(day) = day.filter(|day| *day > as_of) {
                let question = format!(
                    "{day} lies after {as_of}, the day the data are current as of; is it planned, or a slip?"
                );
                self.ask(Some(*field), "after-as-of", question);
            }
        }
    }

    fn ask_covered(&mut self, field: Field, from: NaiveDate, to: Option<NaiveDate>) {
        let Some(Days { from: first, to: last }) = self.plan.context.covers else {
            return;
        };
        if from > last || to.is_some_and(|to| to < first) {
            let question = format!(
                "the record lies outside {first} to {last}, which the file is said to cover; are the dates of the load right?"
            );
            self.ask(Some(field), "outside-coverage", question);
        }
    }
}
