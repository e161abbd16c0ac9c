//! School attendance over consecutive terms, for each child of school age.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tenfold_common::{
    calendar::minus_months,
    framework::{Attendance, Framework, Indicator, Problem},
};

use super::{
    Absence, Answer, Case, Evidence, Judged, Unknown,
    guards::{self, has_left_for_ever, worse},
    joining::is_under,
    progress::judged,
};
use crate::register::{
    CircumstanceKind, Days, FamilyFile, Origin, Person, PersonId, SourceKind, TermSessions,
};

/// A pupil's terms that ended by a day, in order.
fn terms_of<'a>(file: &'a FamilyFile, pupil: &PersonId, on: NaiveDate) -> Vec<&'a TermSessions> {
    let mut terms: Vec<&TermSessions> =
        file.sessions.iter().filter(|s| s.pupil == *pupil && s.term.to <= on).collect();
    terms.sort_by(|a, b| {
        (a.term, a.possible, a.absent, &a.origins).cmp(&(b.term, b.possible, b.absent, &b.origins))
    });
    terms
}

/// The last so many of some terms, or as many as there are.
fn last<'a, 'b>(terms: &'a [&'b TermSessions], count: usize) -> &'a [&'b TermSessions] {
    &terms[terms.len().saturating_sub(count)..]
}

/// The rows behind some terms.
fn origins(terms: &[&TermSessions]) -> Vec<Origin> {
    terms.iter().flat_map(|sessions| sessions.origins.iter().copied()).collect()
}

/// By the borough's own term dates where its plan gives them, else by the length of the holidays.
fn consecutive(terms: &[&TermSessions], rule: &Attendance) -> bool {
    terms.windows(2).all(|pair| match &rule.calendar {
        Some(calendar) => {
            let place = |sessions: &TermSessions| calendar.place_of(sessions.term.from, sessions.term.to);
            place(pair[0]).zip(place(pair[1])).is_some_and(|(first, second)| second == first + 1)
        }
        None => {
            let holiday = (pair[1].term.from - pair[0].term.to).num_days();
            holiday >= 1 && holiday <= i64::from(rule.school_age.holiday_days)
        }
    })
}

/// Whether attendance over the terms lies above the floor that holds at their end; `None` without sessions.
fn is_above(terms: &[&TermSessions], framework: &Framework) -> Option<bool> {
    let percent = framework.attendance.floor_on(terms.last()?.term.to)?;
    let possible: u64 = terms.iter().map(|s| u64::from(s.possible)).sum();
    let missed = |s: &TermSessions| match framework.attendance.unauthorised_only {
        true => s.absent.saturating_sub(s.authorised),
        false => s.absent,
    };
    let present: u64 = terms.iter().map(|s| u64::from(s.possible.saturating_sub(missed(s)))).sum();
    (possible > 0).then(|| present * 100 > u64::from(percent) * possible)
}

/// For each pupil the first day since `since` on which consecutive terms ended without lying above the floor, and
/// the rows that say so.
pub(super) fn below<'a>(
    file: &'a FamilyFile,
    framework: &Framework,
    since: NaiveDate,
    on: NaiveDate,
) -> Vec<(NaiveDate, &'a PersonId, Vec<Origin>)> {
    let (false, Some(count)) = (file.sessions.is_empty(), framework.attendance.terms) else {
        return Vec::new();
    };
    let count = count as usize;
    let below = |pupil: &'a Person| {
        let terms = terms_of(file, &pupil.id, on);
        let below = terms.windows(count).filter(|window| {
            window[count - 1].term.to >= since
                && consecutive(window, &framework.attendance)
                && is_above(window, framework) == Some(false)
        });
        let first = below.min_by_key(|window| window[count - 1].term.to)?;
        Some((first[count - 1].term.to, &pupil.id, origins(first)))
    };
    file.members.iter().filter_map(below).collect()
}

/// The floor that a claim needs: for every child of school age, over their last terms.
pub(super) fn floor(case: &Case<'_>, terms: u32) -> Answer {
    children(case, terms, &BTreeSet::new()).0
}

/// Attendance as progress: for every child of school age, and those who missed school must still be among them.
pub(super) fn criterion(case: &Case<'_>, problem: &Problem, terms: u32) -> Judged {
    let sign = problem.signs.iter().find(|sign| sign.indicator == Indicator::Attendance);
    let within = sign.and_then(|sign| sign.within_months);
    let since = within.map_or(NaiveDate::MIN, |months| minus_months(case.attached_on, months));
    let below = sign.map(|_| below(case.file, case.framework, since, case.on)).unwrap_or_default();
    let mut bearers: BTreeSet<&PersonId> = below.into_iter().map(|(_, pupil, _)| pupil).collect();
    let rule = &case.framework.attendance.school_age;
    let pupil_on = |id: &PersonId, day: NaiveDate| {
        let born = case.file.members.iter().find(|member| member.id == *id).and_then(|m| m.birth_date);
        born.is_some_and(|born| is_under(born, rule.under, day) && !is_under(born, rule.from, day))
    };
    let assessed = case.file.assessments.iter().filter(|a| a.needs.get(&problem.recorded_as) == Some(&true));
    let assessed = assessed.filter(|a| a.started <= case.on && pupil_on(&a.child, a.started));
    // A need is said of the family: of the children assessed one must be left; who missed school counts alone.
    let assessed: BTreeSet<&PersonId> = assessed.map(|a| &a.child).collect();
    let gone =
        |id: &&PersonId| !pupil_on(id, case.on) || has_left_for_ever(&case.file.circumstances, id, case.on);
    if bearers.is_empty() && !assessed.is_empty() && assessed.iter().all(gone) {
        bearers = assessed;
    }
    let (answer, rests_on) = children(case, terms, &bearers);
    judged(case, Indicator::Attendance, answer, rests_on, 0)
        .without_earliest(matches!(answer, Answer::NotMet { .. }))
}

impl Judged {
    /// Terms end when they end: no day can be promised.
    fn without_earliest(self, drop: bool) -> Self {
        Self { earliest: self.earliest.filter(|_| !drop), ..self }
    }
}

/// All children together; `bearers` are those on whose attendance progress is asked.
fn children(case: &Case<'_>, terms: u32, bearers: &BTreeSet<&PersonId>) -> (Answer, Vec<Evidence>) {
    let mut held: Option<Days> = None;
    let mut against: Option<Answer> = None;
    let mut rests_on = Vec::new();
    for child in &case.file.members {
        let bears = bearers.contains(&child.id);
        let known = is_asked(case, child).then(|| terms_of(case.file, &child.id, case.on));
        let of_child = |known: &Vec<_>| of_child(case, child, (known, terms as usize), bears);
        let answer = match known.as_ref().and_then(of_child) {
            None if bears => Answer::NoLongerApplies,
            None => continue,
            Some(answer) => answer,
        };
        let day = match answer {
            Answer::Met(days) => {
                let so_far = held.unwrap_or(days);
                held = Some(Days { from: so_far.from.min(days.from), to: so_far.to.max(days.to) });
                Some(days.to)
            }
            // A record against it says more than one that is missing.
            answer => {
                against = Some(worse(against, answer));
                if let Answer::NotMet { on } = answer { Some(on) } else { None }
            }
        };
        rests_on.extend(day.map(|on| Evidence {
            on,
            indicator: Indicator::Attendance,
            person: child.id.clone(),
            origins: known.as_deref().map(|known| origins(last(known, terms as usize))).unwrap_or_default(),
        }));
    }
    rests_on.sort_unstable();
    (against.unwrap_or_else(|| held.map_or(Answer::NoLongerApplies, Answer::Met)), rests_on)
}

/// Whether attendance is asked of a member: not of someone past school age or no member any more.
fn is_asked(case: &Case<'_>, child: &Person) -> bool {
    let under = case.framework.attendance.school_age.under;
    child.birth_date.is_none_or(|born| is_under(born, under, case.on))
        && !has_left_for_ever(&case.file.circumstances, &child.id, case.on)
}

/// How it stands for one member of whom it is asked, over the last `count` of its terms; `None` where it asks nothing.
fn of_child(
    case: &Case<'_>,
    child: &Person,
    (terms, count): (&[&TermSessions], usize),
    bears: bool,
) -> Option<Answer> {
    let rule = &case.framework.attendance.school_age;
    let window =
        terms.len().checked_sub(count).map(|skip| &terms[skip..]).filter(|window| !window.is_empty());
    if child.birth_date.is_some() {
        let since = window.map_or_else(|| minus_months(case.on, 12), |window| window[0].term.from);
        let span = Days { from: since, to: case.on };
        let in_care = Some(Absence::InCare).filter(|_| bears);
        let of: Vec<Absence> = NOT_SEEN.into_iter().chain(in_care).collect();
        let away = guards::away(case, &child.id, SourceKind::SchoolSessions, span, &of);
        let school_age = child.birth_date.is_some_and(|born| !is_under(born, rule.from, case.on));
        if let Some(answer) = away.filter(|_| school_age) {
            return Some(answer);
        }
    }
    let Some(window) = window else { return of_child_without_terms(case, child, !terms.is_empty()) };
    let (first, last) = (window[0].term, window[count - 1].term);
    let days = Days { from: first.from, to: last.to };
    Some(if (case.on - last.to).num_days() > i64::from(rule.last_term_within_days) {
        Answer::NotKnown(Unknown::Stopped { on: last.to })
    } else if !consecutive(window, &case.framework.attendance) {
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

/// The absences by which a pupil's sessions, or their lack, say nothing.
const NOT_SEEN: [Absence; 4] = [
    Absence::Circumstance(CircumstanceKind::MovedAway),
    Absence::Circumstance(CircumstanceKind::Custody),
    Absence::Circumstance(CircumstanceKind::LeftSchool),
    Absence::Circumstance(CircumstanceKind::NotTraced),
];

fn of_child_without_terms(case: &Case<'_>, child: &Person, some_terms: bool) -> Option<Answer> {
    let rule = &case.framework.attendance.school_age;
    let settled = minus_months(case.on, rule.settled_months);
    match child.birth_date {
        Some(born) if born > settled || is_under(born, rule.from, settled) => None,
        Some(_) => Some(Answer::NotKnown(Unknown::NoSessions)),
        // Who has a benefit, a job, a tenancy or a record of offences is taken for an adult; anybody else
        // without a birth date may be a pupil.
        None => {
            let file = case.file;
            let assessed = file.assessments.iter().any(|a| a.child == child.id && a.started <= case.on);
            let mut grown = file.benefits.iter().chain(&file.jobs).map(|spell| &spell.person);
            let grown = grown.any(|person| *person == child.id)
                || file.housing.iter().any(|spell| spell.person == child.id);
            (assessed || some_terms || !grown).then_some(Answer::NotKnown(Unknown::NoBirthDate))
        }
    }
}
