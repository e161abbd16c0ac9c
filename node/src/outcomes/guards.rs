//! Whether silence about people says anything: who moved, died, was adopted, in custody, in care, not traced.
//!
//! Where records show whose the problem is, those people must have been there to be seen. Where only
//! an assessment shows it, anybody may be the one: then everybody concerned counts while the window
//! holds the day on which something changed, and somebody must be left. Custody and *not traced* count
//! whoever it is. A dead or adopted person's problem is never progress.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tenfold_common::framework::Indicator;

use super::{Absence, Answer, Case, Unknown, joining::is_under, signs::source_of};
use crate::register::{CareKind, Circumstance, CircumstanceKind, Days, Person, PersonId, SourceKind};

/// What silence of an indicator over a window up to the verdict's day is worth; `None` where it can be progress.
pub(super) fn silence(
    case: &Case<'_>,
    indicator: Indicator,
    bearers: &BTreeSet<&PersonId>,
    from: NaiveDate,
) -> Option<Answer> {
    let window = Days { from, to: case.on };
    let concerned: Vec<&Person> = case
        .file
        .members
        .iter()
        .filter(|member| bearers.contains(&member.id) || is_concerned(member, indicator, from))
        .collect();
    let mut worst: Option<Answer> = None;
    let mut note = |answer: Answer| worst = Some(worse(worst, answer));
    let mut left = concerned.len();
    for member in &concerned {
        let bears = bearers.contains(&member.id);
        let mut gone = false;
        let of_age = member.birth_date.is_some_and(|born| !is_under(born, 18, case.on));
        if bears && of_age && source_of(indicator) == Some(SourceKind::SocialCare) {
            note(Answer::NoLongerApplies);
        }
        for (why, days) in absences(case, &member.id, source_of(indicator)) {
            if !overlap(days, window) || !matters(why, indicator) {
                continue;
            }
            let counts = match why {
                Absence::Circumstance(CircumstanceKind::Custody | CircumstanceKind::NotTraced) => true,
                _ if bearers.is_empty() => days.0 >= from,
                _ => bears,
            };
            gone = true;
            if counts {
                note(answer(why, days.1));
            }
        }
        left -= usize::from(gone);
    }
    if worst.is_none() && left == 0 && !concerned.is_empty() {
        worst = Some(Answer::NoLongerApplies);
    }
    worst
}

/// Whether a person was away on any day of a span, for what an assessment or a school says of them.
pub(super) fn away(
    case: &Case<'_>,
    person: &PersonId,
    source: SourceKind,
    span: Days,
    of: &[Absence],
) -> Option<Answer> {
    let mut worst = None;
    for (why, days) in absences(case, person, Some(source)) {
        if of.contains(&why) && overlap(days, span) {
            worst = Some(worse(worst, answer(why, days.1)));
        }
    }
    worst
}

/// Whether anybody was in custody on a day or since.
pub(super) fn in_custody(case: &Case<'_>, since: NaiveDate) -> Option<Answer> {
    let span = Days { from: since, to: case.on };
    let held = case.file.circumstances.iter().filter(|c| c.kind == CircumstanceKind::Custody);
    let held = held.filter(|c| overlap((c.from, c.to), span));
    held.map(|c| answer(Absence::Circumstance(c.kind), c.to)).fold(None, |worst, a| Some(worse(worst, a)))
}

/// Whether somebody is no member of the family any more by a day.
pub(super) fn has_left_for_ever(circumstances: &[Circumstance], person: &PersonId, by: NaiveDate) -> bool {
    let ends = |c: &Circumstance| matches!(c.kind, CircumstanceKind::Died | CircumstanceKind::Adopted);
    circumstances.iter().any(|c| c.person == *person && c.from <= by && ends(c))
}

/// A person's absences that had begun by the verdict's day, as first and last day.
fn absences<'a>(
    case: &'a Case<'_>,
    person: &'a PersonId,
    source: Option<SourceKind>,
) -> impl Iterator<Item = (Absence, (NaiveDate, Option<NaiveDate>))> + 'a {
    // Who was traced or expects a child was there to be seen.
    let seen = |kind| matches!(kind, CircumstanceKind::Traced | CircumstanceKind::Expecting);
    let away = case.file.circumstances.iter().filter(move |c| !seen(c.kind));
    let theirs = away.filter(move |c| c.person == *person && c.from <= case.on);
    let seen = theirs
        .filter(move |c| c.kind != CircumstanceKind::NotTraced || c.source.is_none() || c.source == source);
    let circumstances = seen.map(|c| (Absence::Circumstance(c.kind), (c.from, c.to)));
    let care = case
        .file
        .care
        .iter()
        .filter(move |c| c.child == *person && c.kind == CareKind::LookedAfter && c.from <= case.on);
    circumstances.chain(care.map(|c| (Absence::InCare, (c.from, c.to))))
}

fn overlap((from, to): (NaiveDate, Option<NaiveDate>), span: Days) -> bool {
    from <= span.to && to.is_none_or(|to| to >= span.from)
}

/// Who can have records of a kind at all.
fn is_concerned(member: &Person, indicator: Indicator, day: NaiveDate) -> bool {
    let Some(born) = member.birth_date else { return true };
    match source_of(indicator) {
        Some(SourceKind::SocialCare | SourceKind::SchoolSessions) => is_under(born, 18, day),
        Some(SourceKind::Dwp | SourceKind::Housing) => !is_under(born, 16, day),
        // Nobody under ten is held to account; domestic abuse concerns everyone.
        Some(SourceKind::Police) => indicator == Indicator::DomesticAbuse || !is_under(born, 10, day),
        _ => true,
    }
}

/// Whether an absence says anything about records of a kind.
fn matters(why: Absence, indicator: Indicator) -> bool {
    match why {
        Absence::Circumstance(CircumstanceKind::LeftSchool) => indicator == Indicator::Attendance,
        // A child in care is a record of this kind itself.
        Absence::InCare => indicator != Indicator::LookedAfter,
        Absence::Circumstance(_) => true,
    }
}

fn answer(why: Absence, until: Option<NaiveDate>) -> Answer {
    match why {
        Absence::InCare | Absence::Circumstance(CircumstanceKind::Died | CircumstanceKind::Adopted) => {
            Answer::NoLongerApplies
        }
        Absence::Circumstance(_) => Answer::NotKnown(Unknown::Away { why, until }),
    }
}

/// Of two answers always the same one, so that the order of records does not matter.
pub(super) fn worse(first: Option<Answer>, second: Answer) -> Answer {
    let rank = |answer: &Answer| match answer {
        Answer::NotMet { on } => (0, 0, std::cmp::Reverse(*on)),
        Answer::NoLongerApplies => (1, 0, std::cmp::Reverse(NaiveDate::MIN)),
        Answer::NotKnown(why) => match why {
            Unknown::Away { why, until } => {
                let kind = match why {
                    Absence::InCare => 0,
                    Absence::Circumstance(kind) => 1 + *kind as u8,
                };
                (2, kind, std::cmp::Reverse(until.unwrap_or(NaiveDate::MAX)))
            }
            Unknown::NoBirthDate => (2, 20, std::cmp::Reverse(NaiveDate::MIN)),
            Unknown::NoSessions => (2, 21, std::cmp::Reverse(NaiveDate::MIN)),
            Unknown::Stopped { on } => (2, 22, std::cmp::Reverse(*on)),
            _ => (2, 23, std::cmp::Reverse(NaiveDate::MIN)),
        },
        Answer::NotYet { from } => (3, 0, std::cmp::Reverse(*from)),
        Answer::NothingToReduce => (4, 0, std::cmp::Reverse(NaiveDate::MIN)),
        Answer::Met(_) => (5, 0, std::cmp::Reverse(NaiveDate::MIN)),
    };
    match first {
        Some(first) if rank(&first) <= rank(&second) => first,
        _ => second,
    }
}
