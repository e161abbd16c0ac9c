//! The attendance floor: every school-age child, over the latest consecutive terms.

use std::collections::BTreeMap;

use chrono::{Days as Count, NaiveDate};

use super::{Answer, Case, age};
use crate::register::{PersonId, TermSessions};

/// Holidays between two consecutive terms are at most this long.
const LONGEST_HOLIDAY_DAYS: u64 = 60;
/// Sessions older than this tell nothing of the present: a term and its holidays.
const LATEST_TERM_DAYS: u64 = 130;

impl Case<'_> {
    /// Whether every school-age child attends as the framework asks; holds where there is no such child.
    pub(super) fn attendance(&self) -> Answer {
        let pupils = self.pupils();
        if pupils.is_empty() { Answer::met("no school-age child") } else { self.floor(&pupils) }
    }

    /// The same as progress on a problem: there must be a pupil whose attendance could improve.
    pub(super) fn attendance_of_pupils(&self) -> Answer {
        let pupils = self.pupils();
        if pupils.is_empty() {
            Answer::not_known("a school-age child; the problem no longer applies")
        } else {
            self.floor(&pupils)
        }
    }

    fn pupils(&self) -> Vec<&PersonId> {
        let floor = &self.framework.attendance_floor;
        let school_age = floor.school_age_from.value..floor.school_age_below.value;
        let of_age = self.file.members.iter().filter(|person| {
            person.birth_date.is_some_and(|born| school_age.contains(&age(born, self.on)))
        });
        of_age.map(|person| &person.id).collect()
    }

    fn floor(&self, pupils: &[&PersonId]) -> Answer {
        let floor = &self.framework.attendance_floor;
        let (least, terms) = (u64::from(floor.least_percent.value), floor.terms.value);
        for pupil in pupils {
            let Some((possible, absent)) = self.latest_terms(pupil, terms) else {
                return Answer::not_known(format!("sessions of every pupil for {terms} consecutive terms"));
            };
            if 100 * (possible - absent) < least * possible {
                return Answer::not_met(format!("a pupil attended less than {least} % over {terms} terms"));
            }
        }
        Answer::met(format!("every pupil attended at least {least} % over {terms} terms"))
    }

    /// Sessions possible and missed over a pupil's latest terms, if they are there, consecutive and recent.
    fn latest_terms(&self, pupil: &PersonId, terms: usize) -> Option<(u64, u64)> {
        // One entry a term, whatever order the records came in.
        let by_term: BTreeMap<NaiveDate, &TermSessions> = self
            .file
            .sessions
            .iter()
            .filter(|sessions| &sessions.pupil == pupil && sessions.term.to <= self.on)
            .map(|sessions| (sessions.term.from, sessions))
            .collect();
        let latest: Vec<&TermSessions> = by_term.into_values().rev().take(terms).collect();
        let recent = self.on.checked_sub_days(Count::new(LATEST_TERM_DAYS)).unwrap_or(NaiveDate::MIN);
        if latest.len() < terms || latest[0].term.to < recent {
            return None;
        }
        let consecutive = latest.windows(2).all(|pair| {
            let gap = Count::new(LONGEST_HOLIDAY_DAYS);
            pair[1].term.to.checked_add_days(gap).is_some_and(|day| day >= pair[0].term.from)
        });
        let possible: u64 = latest.iter().map(|sessions| u64::from(sessions.possible)).sum();
        let absent: u64 = latest.iter().map(|sessions| u64::from(sessions.absent)).sum();
        (consecutive && possible > 0 && absent <= possible).then_some((possible, absent))
    }
}
