//! Progress on one problem, and continuous employment: windows that a source must cover whole.

use chrono::{Days as Count, NaiveDate};
use tenfold_common::{
    calendar::{minus_months, plus_months},
    framework::{Problem, Progress},
};

use super::{Answer, Case, word};
use crate::register::{AssessmentKind, Days, SourceKind, Spell};

/// A source that has told nothing of the last three months and a few days has stopped.
const STOPPED_AFTER_DAYS: u64 = 100;

impl Case<'_> {
    /// Whether the family made progress on a problem.
    pub(super) fn progress(&self, problem: &Problem) -> Answer {
        let months = problem.progress_months.value;
        match &problem.progress {
            Progress::NoIncidents { incidents } => self.silent(SourceKind::Police, months, |window| {
                let counted = self.file.incidents.iter().filter(|i| incidents.contains(&word(i.kind)));
                counted.map(|i| i.on).filter(|&day| inside(window, day)).max()
            }),
            Progress::NoSocialCare => self.silent(SourceKind::SocialCare, months, |window| {
                let spells = self.file.care.iter().filter(|spell| overlaps(spell.from, spell.to, window));
                spells.map(|spell| spell.from.max(window.from)).max()
            }),
            Progress::NoOutOfWorkBenefit => self.silent(SourceKind::Dwp, months, |window| {
                let spells = self.file.benefits.iter().filter(|spell| overlaps(spell.from, spell.to, window));
                spells.map(|spell| spell.from.max(window.from)).max()
            }),
            Progress::Attendance => self.attendance_of_pupils(),
            Progress::NeedMetAtReview => self.need_met(problem.number, months),
        }
    }

    /// Silence of a source over the last months it covers, all of them after the assessment.
    fn silent(
        &self,
        source: SourceKind,
        months: u32,
        last_sign: impl Fn(Days) -> Option<NaiveDate>,
    ) -> Answer {
        let Some(assessed) = self.assessed else { return Answer::not_known("a completed assessment") };
        let window = match self.window(source, |end| minus_months(after(end), months)) {
            Ok(window) => window,
            Err(answer) => return answer,
        };
        if window.from < assessed {
            return Answer::NotYet { from: plus_months(assessed, months) };
        }
        match last_sign(window) {
            Some(day) => Answer::not_met(format!("recorded {day}, inside {} to {}", window.from, window.to)),
            None => Answer::met(format!("none from {} to {}, covered whole", window.from, window.to)),
        }
    }

    /// The window that ends with the source's last covered day.
    fn window(
        &self,
        source: SourceKind,
        begin: impl Fn(NaiveDate) -> NaiveDate,
    ) -> Result<Days, Answer> {
        let ends = self.coverage.0.get(&source).into_iter().flatten().map(|days| days.to);
        let stopped = self.on.checked_sub_days(Count::new(STOPPED_AFTER_DAYS)).unwrap_or(NaiveDate::MIN);
        let Some(end) = ends.filter(|&end| stopped <= end && end <= self.on).max() else {
            return Err(Answer::not_known(format!("records of {source:?} for the last three months")));
        };
        let window = Days { from: begin(end), to: end };
        if self.coverage.spans(source, window) {
            Ok(window)
        } else {
            Err(Answer::not_known(format!("records of {source:?} for all of {} to {}", window.from, window.to)))
        }
    }

    fn need_met(&self, number: u8, months: u32) -> Answer {
        let Some(assessed) = self.assessed else { return Answer::not_known("a completed assessment") };
        let due = plus_months(assessed, months);
        let reviews = self.file.assessments.iter().filter(|assessment| {
            assessment.kind == AssessmentKind::Review && assessment.completed.is_some_and(|day| day <= self.on)
        });
        let latest = reviews
            .filter_map(|review| Some((review.completed?, *review.needs.get(&number)?)))
            .filter(|&(day, _)| day >= due)
            // Of two on one day the one that still finds the need decides.
            .max_by_key(|&(day, need)| (day, need));
        match latest {
            Some((day, false)) => Answer::met(format!("found met at the review of {day}")),
            Some((day, true)) => Answer::not_met(format!("still found at the review of {day}")),
            None if self.on < due => Answer::NotYet { from: due },
            None => Answer::not_known(format!("a review on or after {due}")),
        }
    }

    /// Whether an adult who was on an out-of-work benefit went into continuous employment.
    pub(super) fn employment(&self) -> Answer {
        let Some(assessed) = self.assessed else { return Answer::not_known("a completed assessment") };
        let weeks = u64::from(self.framework.employment.weeks.value);
        let begin = |end: NaiveDate| after(end).checked_sub_days(Count::new(7 * weeks)).unwrap_or(NaiveDate::MIN);
        let window = match self.window(SourceKind::Dwp, begin) {
            Ok(window) => window,
            Err(answer) => return answer,
        };
        let was_out_of_work =
            |job: &Spell| self.file.benefits.iter().any(|b| b.person == job.person && b.from <= assessed);
        let on_benefit = |job: &Spell| {
            let mut own = self.file.benefits.iter().filter(|b| b.person == job.person);
            own.any(|b| overlaps(b.from, b.to, window))
        };
        let lasting = self.file.jobs.iter().find(|job| {
            job.from <= window.from
                && job.to.is_none_or(|to| to >= window.to)
                && was_out_of_work(job)
                && !on_benefit(job)
        });
        match lasting {
            Some(job) => Answer::met(format!("in work since {}, {weeks} weeks to {}", job.from, window.to)),
            None => Answer::not_met(format!("nobody in continuous work from {} to {}", window.from, window.to)),
        }
    }
}

fn inside(window: Days, day: NaiveDate) -> bool {
    window.from <= day && day <= window.to
}

fn overlaps(from: NaiveDate, to: Option<NaiveDate>, window: Days) -> bool {
    from <= window.to && to.is_none_or(|to| to >= window.from)
}

/// The day after one.
fn after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}
