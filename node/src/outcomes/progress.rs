//! Progress on one problem: each criterion of the framework held against the records.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tenfold_common::{
    calendar::{minus_months, plus_months},
    framework::{Comparison, Criterion, Indicator, Problem, Window},
};

use super::{
    Absence, Answer, Case, Evidence, Judged, Unknown, attendance, guards,
    signs::{self, Record},
};
use crate::register::{
    Assessment, AssessmentKind, CircumstanceKind, Days, Origin, PersonId, ProblemNumber, SourceKind,
};

/// Every criterion of a problem, in the framework's order.
pub(super) fn judge(case: &Case<'_>, number: ProblemNumber) -> Vec<Judged> {
    let Some(problem) = case.framework.problem(number) else { return Vec::new() };
    let bearers = signs::bearers(case, problem);
    let judged = problem.progress.iter().map(|criterion| match (criterion.comparison, criterion.window) {
        (
            Comparison::NoneInWindow | Comparison::ReducedBy | Comparison::FewerThan,
            Window::Months(months),
        ) => counted(case, criterion, months, &bearers),
        (Comparison::AbsentAtReview, Window::Months(months)) => absent_at_review(case, problem, months),
        (Comparison::AboveFloor, Window::Terms(terms)) => attendance::criterion(case, problem, terms),
        // A framework with such a pair is refused when it is read.
        _ => judged(case, criterion.indicator, Answer::NotKnown(Unknown::NoRule), Vec::new(), 0),
    });
    judged.collect()
}

/// A judgement with the first day on which it could hold, given how long it has to.
pub(super) fn judged(
    case: &Case<'_>,
    indicator: Indicator,
    answer: Answer,
    rests_on: Vec<Evidence>,
    months: u32,
) -> Judged {
    let after = |day: NaiveDate| plus_months(day.succ_opt().unwrap_or(day), months);
    let start = plus_months(case.attached_on, months);
    let earliest = match answer {
        Answer::Met(_) | Answer::NothingToReduce => Some(case.on),
        Answer::NotYet { from } => Some(from),
        Answer::NotMet { on } => Some(after(on).max(start)),
        Answer::NotKnown(Unknown::NoReview) => Some(start.max(case.on)),
        Answer::NotKnown(Unknown::Away { until: Some(day), .. }) => Some(after(day).max(start)),
        Answer::NotKnown(_) | Answer::NoLongerApplies => None,
    };
    Judged { indicator, answer, rests_on, earliest }
}

/// The days of a source that count as the present, or why there are none.
pub(super) fn last_covered(case: &Case<'_>, source: SourceKind) -> Result<NaiveDate, Answer> {
    let last = case.coverage.last_day(source, case.on).ok_or(Answer::NotKnown(Unknown::NotCovered))?;
    if (case.on - last).num_days() > i64::from(case.framework.freshness.within_days) {
        return Err(Answer::NotKnown(Unknown::Stopped { on: last }));
    }
    Ok(last)
}

/// None in the window, down against the window before, or fewer than a number.
fn counted(case: &Case<'_>, criterion: &Criterion, months: u32, bearers: &BTreeSet<&PersonId>) -> Judged {
    let indicator = criterion.indicator;
    let plain = |answer| judged(case, indicator, answer, Vec::new(), months);
    let Some(source) = signs::source_of(indicator) else {
        return plain(Answer::NotKnown(Unknown::NotSupplied));
    };
    let last = match last_covered(case, source) {
        Ok(last) => last,
        Err(unknown) => return plain(unknown),
    };
    // Six months that end on 30 June begin on 1 January, not on 31 December.
    let from = minus_months(last.succ_opt().unwrap_or(last), months);
    let mut window = Days { from, to: last };
    let known = || signs::records(case.file, indicator).filter(|record| record.from <= case.on);
    let mut before: Vec<Record<'_>> = Vec::new();
    if criterion.comparison == Comparison::ReducedBy {
        let earlier = minus_months(from, months);
        before = known().filter(|record| record.from >= earlier && record.last(case.on) < from).collect();
        window = Days { from: earlier, to: last };
    }
    let mut now: Vec<Record<'_>> = known().filter(|record| record.last(case.on) >= from).collect();
    if indicator == Indicator::YouthOffences {
        // Whoever offended as a minor and has come of age since has not stopped by that.
        let minors: BTreeSet<&PersonId> = before.iter().map(|record| record.person).collect();
        let grown = signs::records(case.file, Indicator::Offences);
        let grown = grown.filter(|r| r.from <= case.on && r.from >= from && minors.contains(r.person));
        now.extend(grown.filter(|r| !known().any(|k| k.person == r.person && k.from == r.from)));
    }
    before.retain(|record| record.sure);
    let percent = u64::from(100 - criterion.threshold.unwrap_or(0).min(100));
    let (before, counted) = (before.len() as u64, now.len() as u64);
    let stands_against = match criterion.comparison {
        Comparison::ReducedBy if before == 0 => counted > 0,
        Comparison::ReducedBy => counted * 100 > before * percent,
        Comparison::FewerThan => counted >= u64::from(criterion.threshold.unwrap_or(0)),
        _ => counted > 0,
    };
    if stands_against {
        let goes_on = now.iter().any(|record| record.to.is_none_or(|to| to > case.on));
        let latest = now.iter().map(|record| record.last(case.on)).max().unwrap_or(from);
        let mut against: Vec<Evidence> = now
            .iter()
            .map(|record| Evidence {
                on: record.from,
                indicator,
                person: record.person.clone(),
                origins: vec![record.origin],
            })
            .collect();
        against.sort_unstable();
        let not_met = judged(case, indicator, Answer::NotMet { on: latest }, against, months);
        return Judged { earliest: not_met.earliest.filter(|_| !goes_on), ..not_met };
    }
    if let Some(answer) = guards::silence(case, indicator, bearers, from) {
        return plain(answer);
    }
    plain(if from < case.attached_on {
        Answer::NotYet { from: plus_months(case.attached_on, months) }
    } else if !case.coverage.spans(source, window) {
        Answer::NotKnown(Unknown::NotCovered)
    } else if criterion.comparison == Comparison::ReducedBy && before == 0 {
        Answer::NothingToReduce
    } else {
        Answer::Met(Days { from, to: last })
    })
}

/// Every child with the need has a later review that finds it gone, at least a window after the family joined.
fn absent_at_review(case: &Case<'_>, problem: &Problem, months: u32) -> Judged {
    let said = |present: bool| {
        let about = case.file.assessments.iter();
        about.filter(move |a| a.needs.get(&problem.recorded_as) == Some(&present))
    };
    let day = |a: &Assessment| a.completed.unwrap_or(a.started);
    let present = || said(true).map(|a| (&a.child, day(a), a.origin)).filter(|(_, day, _)| *day <= case.on);
    let reviewed = || {
        let reviews = said(false).filter(|a| a.kind == AssessmentKind::Review);
        let completed = reviews.filter_map(|a| Some((&a.child, a.completed?, a.origin)));
        completed.filter(|(_, day, _)| *day <= case.on)
    };
    let earliest = plus_months(case.attached_on, months);
    let evidence = |(on, origin): (NaiveDate, Origin), child: &PersonId| {
        let origins = vec![origin];
        Evidence { on, indicator: Indicator::Need, person: child.clone(), origins }
    };
    let children: BTreeSet<&PersonId> = present().map(|(child, ..)| child).collect();
    let of_child = |child: &PersonId| -> (Answer, Option<Evidence>) {
        let latest_present = present().filter(|(of, ..)| *of == child).map(|(_, day, at)| (day, at)).max();
        let latest_absent = reviewed().filter(|(of, ..)| *of == child).map(|(_, day, at)| (day, at)).max();
        match (latest_absent, latest_present) {
            (None, _) => (Answer::NotKnown(Unknown::NoReview), None),
            (Some(absent), Some(present)) if present.0 >= absent.0 => {
                (Answer::NotMet { on: present.0 }, Some(evidence(present, child)))
            }
            (Some((absent, _)), _) if absent < earliest => (Answer::NotYet { from: earliest }, None),
            (Some((absent, at)), _) => {
                let since = Days { from: absent, to: case.on };
                let away = guards::away(case, child, SourceKind::EarlyHelp, since, &NOT_SEEN);
                let held =
                    away.or_else(|| on_police(problem).then(|| guards::in_custody(case, absent)).flatten());
                let met = Answer::Met(Days { from: absent, to: absent });
                (held.unwrap_or(met), Some(evidence((absent, at), child)))
            }
        }
    };
    let mut worst: Option<Answer> = None;
    let mut rests_on = Vec::new();
    let mut met: Option<Days> = None;
    for child in children {
        let (answer, record) = of_child(child);
        if let Answer::Met(days) = answer {
            let so_far = met.unwrap_or(days);
            met = Some(Days { from: so_far.from.min(days.from), to: so_far.to.max(days.to) });
        }
        worst = Some(guards::worse(worst, answer));
        rests_on.extend(record);
    }
    // Where only records show the problem, any later review of a child speaks for the family.
    let answer = match worst {
        Some(Answer::Met(_)) => met.map_or(Answer::NotKnown(Unknown::NoReview), Answer::Met),
        Some(answer) => answer,
        None => match reviewed().map(|(child, day, at)| (day, child, at)).max() {
            None => Answer::NotKnown(Unknown::NoReview),
            Some((absent, ..)) if absent < earliest => Answer::NotYet { from: earliest },
            Some((absent, child, at)) => {
                rests_on.push(evidence((absent, at), child));
                let since = Days { from: absent, to: case.on };
                let away = guards::away(case, child, SourceKind::EarlyHelp, since, &NOT_SEEN);
                let held =
                    away.or_else(|| on_police(problem).then(|| guards::in_custody(case, absent)).flatten());
                held.unwrap_or(Answer::Met(Days { from: absent, to: absent }))
            }
        },
    };
    rests_on.sort_unstable();
    let judged = judged(case, Indicator::Need, answer, rests_on, months);
    // A need that is still there can be gone at the very next review.
    let next = matches!(answer, Answer::NotMet { .. }).then(|| earliest.max(case.on));
    Judged { earliest: next.or(judged.earliest), ..judged }
}

/// The absences by which a review of a child says nothing of progress.
const NOT_SEEN: [Absence; 5] = [
    Absence::Circumstance(CircumstanceKind::MovedAway),
    Absence::Circumstance(CircumstanceKind::Custody),
    Absence::Circumstance(CircumstanceKind::Adopted),
    Absence::Circumstance(CircumstanceKind::Died),
    Absence::InCare,
];

/// Whether the police's records speak of a problem, so that custody would hide it.
fn on_police(problem: &Problem) -> bool {
    let signs = problem.signs.iter().map(|sign| sign.indicator);
    let mut all = signs.chain(problem.progress.iter().map(|criterion| criterion.indicator));
    all.any(|indicator| signs::source_of(indicator) == Some(SourceKind::Police))
}
