//! What *attached* needs besides problems: the child, the assessment, the plan, the key worker.

use chrono::NaiveDate;
use tenfold_common::{calendar::minus_months, framework::Framework};

use super::{Case, Missing, guards::has_left_for_ever};
use crate::register::{CircumstanceKind, FamilyFile, PersonId};

/// The first days on which each condition of *attached* held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joining {
    /// An assessment of the whole family was completed.
    pub whole_family_assessed: Option<NaiveDate>,
    /// A plan was made.
    pub plan_made: Option<NaiveDate>,
    /// A key worker was named.
    pub key_worker_from: Option<NaiveDate>,
    /// An episode of work was opened.
    pub work_begun: Option<NaiveDate>,
    /// Whether the family had a dependent child when the last of these held, or has on the verdict's day.
    pub dependent_child: bool,
    complete: Option<NaiveDate>,
}

impl Joining {
    pub(super) fn of(file: &FamilyFile, framework: &Framework, on: NaiveDate) -> Self {
        let first = |day: &dyn Fn(usize) -> Option<NaiveDate>| {
            (0..file.assessments.len()).filter_map(day).filter(|day| *day <= on).min()
        };
        let all = &file.assessments;
        let whole_family_assessed =
            first(&|at| all[at].completed.filter(|_| all[at].whole_family == Some(true)));
        let plan_made = first(&|at| all[at].plan_made);
        let key_worker_from = first(&|at| all[at].key_worker_from);
        let work_begun = file.episodes.iter().map(|episode| episode.opened).filter(|day| *day <= on).min();

        let rule = &framework.attachment;
        let needed = [
            (rule.whole_family_assessment, whole_family_assessed),
            (rule.plan, plan_made),
            (rule.key_worker, key_worker_from),
            (rule.work_begun, work_begun),
        ];
        let mut complete = Some(NaiveDate::MIN);
        for (_, day) in needed.into_iter().filter(|(asked, _)| *asked) {
            complete = complete.zip(day).map(|(a, b)| a.max(b));
        }
        let dependent_child = has_dependent_child(file, framework, complete.unwrap_or(on), on);
        Self { whole_family_assessed, plan_made, key_worker_from, work_begun, dependent_child, complete }
    }

    /// The day on which the last needed condition first held.
    pub(super) fn day(&self) -> Option<NaiveDate> {
        self.complete
    }

    pub(super) fn missing(&self, framework: &Framework) -> Vec<Missing> {
        let rule = &framework.attachment;
        let lacks = |asked: bool, day: Option<NaiveDate>, what| (asked && day.is_none()).then_some(what);
        [
            lacks(rule.whole_family_assessment, self.whole_family_assessed, Missing::WholeFamilyAssessment),
            lacks(rule.plan, self.plan_made, Missing::Plan),
            lacks(rule.key_worker, self.key_worker_from, Missing::KeyWorker),
            lacks(rule.work_begun, self.work_begun, Missing::Work),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn has_dependent_child(file: &FamilyFile, framework: &Framework, day: NaiveDate, on: NaiveDate) -> bool {
    let Some(rule) = &framework.eligibility.dependent_child else { return true };
    // A framework that asks for none of the dated conditions has no joining day.
    let day = if day == NaiveDate::MIN { on } else { day };
    let assessed = |id: &PersonId| file.assessments.iter().any(|a| a.child == *id && a.started <= on);
    let at_school = |id: &PersonId| {
        let since = minus_months(day, 12);
        file.sessions.iter().any(|s| s.pupil == *id && s.term.to >= since && s.term.to <= on)
    };
    let members =
        || file.members.iter().filter(|member| !has_left_for_ever(&file.circumstances, &member.id, day));
    let expects = |id: &PersonId| {
        let due = file.circumstances.iter().filter(|c| c.kind == CircumstanceKind::Expecting);
        due.filter(|c| c.person == *id).any(|c| c.from <= on && c.to.is_none_or(|to| to >= day))
    };
    if rule.expectant && members().any(|member| expects(&member.id)) {
        return true;
    }
    members().any(|member| match member.birth_date {
        Some(born) => {
            is_under(born, rule.under, day)
                || (is_under(born, rule.student_under, day)
                    && (assessed(&member.id) || at_school(&member.id)))
        }
        None => at_school(&member.id),
    })
}

/// Whether someone was born by a day and has not yet reached an age in whole years on it.
pub(super) fn is_under(born: NaiveDate, years: u32, day: NaiveDate) -> bool {
    born <= day && day.years_since(born).is_some_and(|age| age < years)
}

/// When work ended for a reason after which there is no result, unless it goes on in another episode.
pub(super) fn ended(case: &Case<'_>) -> Option<NaiveDate> {
    let known = || case.file.episodes.iter().filter(|episode| episode.opened <= case.on);
    let closed = |day: Option<NaiveDate>| day.filter(|day| *day <= case.on);
    if known().any(|episode| closed(episode.closed).is_none()) {
        return None;
    }
    let last = known().filter_map(|episode| closed(episode.closed)).max()?;
    let results = &case.framework.results;
    let ruled_out = known()
        .filter(|episode| episode.closed == Some(last))
        .any(|episode| episode.reason.as_deref().is_some_and(|reason| results.ruled_out_by(reason)));
    ruled_out.then_some(last)
}
