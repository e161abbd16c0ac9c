//! Continuous employment of an adult who was on an out-of-work benefit when the family joined or shortly before.

use chrono::{Days as DayCount, NaiveDate};
use tenfold_common::{calendar::minus_months, framework::Employment};

use super::{Absence, Answer, Case, Unknown, guards, progress::last_covered};
use crate::register::{CircumstanceKind, Days, PersonId, SourceKind, Spell};

/// How continuous employment stands: met by any one adult.
pub(super) fn continuous(case: &Case<'_>, rule: &Employment) -> Answer {
    if case.file.jobs.is_empty() {
        return Answer::NoLongerApplies;
    }
    let last = match last_covered(case, SourceKind::Dwp) {
        Ok(last) => last,
        Err(unknown) => return unknown,
    };
    let weeks = u64::from(rule.of_last_weeks);
    let since = last.checked_sub_days(DayCount::new(weeks * 7 - 1)).unwrap_or(NaiveDate::MIN);
    let window = Days { from: since.max(case.attached_on), to: last };
    let adults = case.file.members.iter();
    let best = adults.map(|adult| of_adult(case, rule, &adult.id, window)).min_by_key(rank);
    match best.unwrap_or(Answer::NoLongerApplies) {
        Answer::Met(days) if !case.coverage.spans(SourceKind::Dwp, days) => {
            Answer::NotKnown(Unknown::NotCovered)
        }
        answer => answer,
    }
}

/// What is nearest to a result first; of two alike always the same, whatever the order of members.
fn rank(answer: &Answer) -> (u8, Option<NaiveDate>, bool) {
    match answer {
        Answer::Met(days) => (0, Some(days.from), false),
        Answer::NotYet { from } => (1, Some(*from), false),
        Answer::NotMet { on } => (2, Some(*on), false),
        Answer::NotKnown(Unknown::Away { why, until }) => {
            (3, *until, *why == Absence::Circumstance(CircumstanceKind::Custody))
        }
        Answer::NotKnown(_) => (4, None, false),
        Answer::NothingToReduce | Answer::NoLongerApplies => (5, None, false),
    }
}

/// The absences by which an adult's job or the end of a benefit says nothing.
const NOT_SEEN: [Absence; 5] = [
    Absence::Circumstance(CircumstanceKind::MovedAway),
    Absence::Circumstance(CircumstanceKind::Custody),
    Absence::Circumstance(CircumstanceKind::Adopted),
    Absence::Circumstance(CircumstanceKind::Died),
    Absence::Circumstance(CircumstanceKind::NotTraced),
];

fn of_adult(case: &Case<'_>, rule: &Employment, adult: &PersonId, window: Days) -> Answer {
    let mut jobs: Vec<Days> = spells(&case.file.jobs, adult, case.on)
        .map(|job| Days { from: job.from.max(window.from), to: job.to.min(window.to) })
        .filter(|job| job.from <= job.to)
        .collect();
    jobs.sort_unstable();
    let Some(begun) = jobs.first().map(|job| job.from) else { return Answer::NoLongerApplies };
    let benefits = || spells(&case.file.benefits, adult, case.on);
    let recent = minus_months(case.attached_on, rule.benefit_within_months);
    // A benefit that began after the family joined is no problem it came with.
    if !benefits().any(|benefit| benefit.from <= case.attached_on && benefit.to >= recent) {
        return Answer::NoLongerApplies;
    }
    if let Some(on) = benefits().filter(|benefit| benefit.to >= begun).map(|benefit| benefit.to).max() {
        return Answer::NotMet { on };
    }
    let span = Days { from: begun, to: case.on };
    if let Some(away) = guards::away(case, adult, SourceKind::Dwp, span, &NOT_SEEN) {
        return away;
    }
    let (mut worked, mut counted_to) = (0, NaiveDate::MIN);
    for job in &jobs {
        let from = job.from.max(counted_to.succ_opt().unwrap_or(job.from));
        worked += (job.to - from).num_days().max(-1) + 1;
        counted_to = counted_to.max(job.to);
    }
    let needed = i64::from(rule.weeks) * 7;
    if worked >= needed {
        return Answer::Met(Days { from: begun, to: window.to });
    }
    let to_go = u64::try_from(needed - worked).unwrap_or(0);
    Answer::NotYet { from: window.to.checked_add_days(DayCount::new(to_go)).unwrap_or(NaiveDate::MAX) }
}

/// A person's spells that had begun, one that goes on reaching to the verdict's day.
fn spells<'a>(all: &'a [Spell], person: &'a PersonId, on: NaiveDate) -> impl Iterator<Item = Days> + 'a {
    let theirs = all.iter().filter(move |spell| spell.person == *person && spell.from <= on);
    theirs.map(move |spell| Days { from: spell.from, to: spell.to.map_or(on, |to| to.min(on)) })
}
