//! Continuous employment of an adult who was on an out-of-work benefit.

use chrono::{Days as DayCount, NaiveDate};
use tenfold_common::calendar::minus_months;

use super::{Answer, Case, Unknown, progress::last_covered};
use crate::register::{Days, PersonId, SourceKind, Spell};

/// How continuous employment stands: met by any one adult.
pub(super) fn continuous(case: &Case<'_>) -> Answer {
    if case.file.jobs.is_empty() {
        return Answer::NoLongerApplies;
    }
    let last = match last_covered(case, SourceKind::Dwp) {
        Ok(last) => last,
        Err(unknown) => return unknown,
    };
    let weeks = u64::from(case.framework.employment.of_last_weeks);
    let since = last.checked_sub_days(DayCount::new(weeks * 7 - 1)).unwrap_or(NaiveDate::MIN);
    let window = Days { from: since.max(case.attached_on), to: last };
    let best = case.file.members.iter().map(|adult| of_adult(case, &adult.id, window)).min_by_key(rank);
    match best.unwrap_or(Answer::NoLongerApplies) {
        Answer::Met(days) if !case.coverage.spans(SourceKind::Dwp, days) => {
            Answer::NotKnown(Unknown::NotCovered)
        }
        answer => answer,
    }
}

/// What is nearest to a result first.
fn rank(answer: &Answer) -> (u8, Option<NaiveDate>) {
    match answer {
        Answer::Met(days) => (0, Some(days.from)),
        Answer::NotYet { from } => (1, Some(*from)),
        Answer::NotMet { on } => (2, Some(*on)),
        Answer::NotKnown(_) => (3, None),
        Answer::NoLongerApplies => (4, None),
    }
}

fn of_adult(case: &Case<'_>, adult: &PersonId, window: Days) -> Answer {
    let rule = &case.framework.employment;
    let mut jobs: Vec<Days> = spells(&case.file.jobs, adult, case.on)
        .map(|job| Days { from: job.from.max(window.from), to: job.to.min(window.to) })
        .filter(|job| job.from <= job.to)
        .collect();
    jobs.sort_unstable();
    let Some(begun) = jobs.first().map(|job| job.from) else { return Answer::NoLongerApplies };
    let benefits = || spells(&case.file.benefits, adult, case.on);
    let recent = minus_months(case.attached_on, rule.benefit_within_months);
    if !benefits().any(|benefit| benefit.from < begun && benefit.to >= recent) {
        return Answer::NoLongerApplies;
    }
    if let Some(on) = benefits().filter(|benefit| benefit.to >= begun).map(|benefit| benefit.to).max() {
        return Answer::NotMet { on };
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
