//! School attendance over consecutive terms, for each child of school age.

use chrono::NaiveDate;
use tenfold_common::{
    calendar::minus_months,
    framework::{Framework, SchoolAge},
};

use super::{Answer, Case, Unknown, joining::is_under};
use crate::register::{Days, FamilyFile, Person, PersonId, SourceKind, TermSessions};

/// A pupil's terms that ended by a day, in order.
fn terms_of<'a>(file: &'a FamilyFile, pupil: &PersonId, on: NaiveDate) -> Vec<&'a TermSessions> {
    let mut terms: Vec<&TermSessions> =
        file.sessions.iter().filter(|s| s.pupil == *pupil && s.term.to <= on).collect();
    terms.sort_by_key(|s| (s.term, s.possible, s.absent));
    terms
}

fn consecutive(terms: &[&TermSessions], rule: &SchoolAge) -> bool {
    terms.windows(2).all(|pair| {
        let holiday = (pair[1].term.from - pair[0].term.to).num_days();
        holiday >= 1 && holiday <= i64::from(rule.holiday_days)
    })
}

/// Whether attendance over the terms lies above the floor that holds at their end; `None` without sessions.
fn is_above(terms: &[&TermSessions], framework: &Framework) -> Option<bool> {
    let percent = framework.attendance.floor_on(terms.last()?.term.to)?;
    let possible: u64 = terms.iter().map(|s| u64::from(s.possible)).sum();
    let present: u64 = terms.iter().map(|s| u64::from(s.possible.saturating_sub(s.absent))).sum();
    (possible > 0).then(|| present * 100 > u64::from(percent) * possible)
}

/// The first day since `since` on which a child's consecutive terms ended without lying above the floor.
pub(super) fn first_below(
    file: &FamilyFile,
    framework: &Framework,
    since: NaiveDate,
    on: NaiveDate,
) -> Option<NaiveDate> {
    if file.sessions.is_empty() {
        return None;
    }
    let count = framework.attendance.terms as usize;
    let below = |pupil: &Person| {
        let terms = terms_of(file, &pupil.id, on);
        let below = terms.windows(count).filter(|window| {
            window[count - 1].term.to >= since
                && consecutive(window, &framework.attendance.school_age)
                && is_above(window, framework) == Some(false)
        });
        below.map(|window| window[count - 1].term.to).min()
    };
    file.members.iter().filter_map(below).min()
}

/// How attendance above the floor stands for every child of school age, over their last terms.
pub(super) fn above_floor(case: &Case<'_>, terms: u32) -> Answer {
    let mut held: Option<Days> = None;
    let mut against: Option<Answer> = None;
    for child in &case.file.members {
        match of_child(case, child, terms as usize) {
            None => {}
            Some(Answer::Met(days)) => {
                let so_far = held.unwrap_or(days);
                held = Some(Days { from: so_far.from.min(days.from), to: so_far.to.max(days.to) });
            }
            // A record against it says more than one that is missing.
            Some(answer) => match (against, answer) {
                (Some(Answer::NotMet { on: a }), Answer::NotMet { on: b }) => {
                    against = Some(Answer::NotMet { on: a.max(b) });
                }
                (Some(Answer::NotMet { .. }), _) => {}
                (Some(first), Answer::NotKnown(_)) => against = Some(lesser(first, answer)),
                (_, answer) => against = Some(answer),
            },
        }
    }
    against.unwrap_or_else(|| held.map_or(Answer::NoLongerApplies, Answer::Met))
}

/// Of two unknowns always the same one, so that the order of members does not matter.
fn lesser(first: Answer, second: Answer) -> Answer {
    let rank = |answer: Answer| match answer {
        Answer::NotKnown(Unknown::NoBirthDate) => (0, None),
        Answer::NotKnown(Unknown::NoSessions) => (1, None),
        Answer::NotKnown(Unknown::Stopped { on }) => (2, Some(on)),
        _ => (3, None),
    };
    if rank(second) < rank(first) { second } else { first }
}

/// How it stands for one member; `None` for someone who is not of school age.
fn of_child(case: &Case<'_>, child: &Person, count: usize) -> Option<Answer> {
    let rule = &case.framework.attendance.school_age;
    if child.birth_date.is_some_and(|born| !is_under(born, rule.under, case.on)) {
        return None;
    }
    let terms = terms_of(case.file, &child.id, case.on);
    let Some(window) = terms.len().checked_sub(count).map(|skip| &terms[skip..]).filter(|w| !w.is_empty())
    else {
        let settled = minus_months(case.on, rule.settled_months);
        return match child.birth_date {
            Some(born) if born > settled || is_under(born, rule.from, settled) => None,
            Some(_) => Some(Answer::NotKnown(Unknown::NoSessions)),
            // Adults without a birth date are no pupils; a child that was assessed may be one.
            None => {
                let assessed =
                    case.file.assessments.iter().any(|a| a.child == child.id && a.started <= case.on);
                (assessed || !terms.is_empty()).then_some(Answer::NotKnown(Unknown::NoBirthDate))
            }
        };
    };
    let (first, last) = (window[0].term, window[count - 1].term);
    let days = Days { from: first.from, to: last.to };
    Some(if (case.on - last.to).num_days() > i64::from(rule.last_term_within_days) {
        Answer::NotKnown(Unknown::Stopped { on: last.to })
    } else if !consecutive(window, rule) {
        Answer::NotKnown(Unknown::NoSessions)
    } else if !case.coverage.spans(SourceKind::SchoolSessions, days) {
        Answer::NotKnown(Unknown::NotCovered)
    } else {
        match is_above(window, case.framework) {
            Some(true) => Answer::Met(days),
            Some(false) => Answer::NotMet { on: last.to },
            None => Answer::NotKnown(Unknown::NoSessions),
        }
    })
}
