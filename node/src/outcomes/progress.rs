//! Progress on one problem: each criterion of the framework held against the records.

use chrono::NaiveDate;
use tenfold_common::{
    calendar::{minus_months, plus_months},
    framework::{Comparison, Criterion, Indicator, Window},
};

use super::{Answer, Case, Judged, Unknown, attendance, signs};
use crate::register::{AssessmentKind, Days, ProblemNumber, SourceKind};

/// Every criterion of a problem, in the framework's order.
pub(super) fn judge(case: &Case<'_>, problem: ProblemNumber) -> Vec<Judged> {
    let criteria = case.framework.problem(problem).map_or(&[][..], |problem| &problem.progress);
    let judged = criteria.iter().map(|criterion| {
        let answer = answer(case, problem, criterion);
        Judged { indicator: criterion.indicator, answer }
    });
    judged.collect()
}

fn answer(case: &Case<'_>, problem: ProblemNumber, criterion: &Criterion) -> Answer {
    match (criterion.comparison, criterion.window) {
        (Comparison::NoneInWindow, Window::Months(months)) => {
            none_in_window(case, criterion.indicator, months)
        }
        (Comparison::AbsentAtReview, Window::Months(months)) => absent_at_review(case, problem, months),
        (Comparison::AboveFloor, Window::Terms(terms)) => attendance::above_floor(case, terms),
        // A framework with such a pair is refused when it is read.
        _ => Answer::NotKnown(Unknown::NotCovered),
    }
}

/// The days of a source that count as the present, or why there are none.
pub(super) fn last_covered(case: &Case<'_>, source: SourceKind) -> Result<NaiveDate, Answer> {
    let last = case.coverage.last_day(source, case.on).ok_or(Answer::NotKnown(Unknown::NotCovered))?;
    if (case.on - last).num_days() > i64::from(case.framework.freshness.within_days) {
        return Err(Answer::NotKnown(Unknown::Stopped { on: last }));
    }
    Ok(last)
}

fn none_in_window(case: &Case<'_>, indicator: Indicator, months: u32) -> Answer {
    let source = signs::source_of(indicator);
    let latest = match signs::records(case.file, indicator) {
        signs::Records::Days(days) => days.into_iter().filter(|day| *day <= case.on).max(),
        signs::Records::Spells(spells) => {
            let begun = spells.into_iter().filter(|(from, _)| *from <= case.on);
            begun.map(|(_, to)| to.map_or(case.on, |to| to.min(case.on))).max()
        }
    };
    let last = match last_covered(case, source) {
        Ok(last) => last,
        Err(unknown) => return unknown,
    };
    // Six months that end on 30 June begin on 1 January, not on 31 December.
    let from = minus_months(last.succ_opt().unwrap_or(last), months);
    let window = Days { from, to: last };
    match latest {
        Some(on) if on >= from => Answer::NotMet { on },
        _ if from < case.attached_on => Answer::NotYet { from: plus_months(case.attached_on, months) },
        _ if !case.coverage.spans(source, window) => Answer::NotKnown(Unknown::NotCovered),
        _ => Answer::Met(window),
    }
}

fn absent_at_review(case: &Case<'_>, problem: ProblemNumber, months: u32) -> Answer {
    let dated = |present: bool| {
        let recorded = move |a: &&crate::register::Assessment| a.needs.get(&problem) == Some(&present);
        case.file.assessments.iter().filter(recorded)
    };
    let latest_present =
        dated(true).map(|a| a.completed.unwrap_or(a.started)).filter(|day| *day <= case.on).max();
    let reviews = dated(false).filter(|a| a.kind == AssessmentKind::Review);
    let latest_absent = reviews.filter_map(|a| a.completed).filter(|day| *day <= case.on).max();
    let earliest = plus_months(case.attached_on, months);
    match (latest_absent, latest_present) {
        (None, _) => Answer::NotKnown(Unknown::NoReview),
        (Some(absent), Some(present)) if present >= absent => Answer::NotMet { on: present },
        (Some(absent), _) if absent < earliest => Answer::NotYet { from: earliest },
        (Some(absent), _) => Answer::Met(Days { from: absent, to: absent }),
    }
}
