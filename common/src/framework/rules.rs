//! What a framework says, as plain values: problems, signs, criteria, floors, windows, money.

use chrono::NaiveDate;

use super::words::{Comparison, Counted, Indicator, ResultKind};

/// Where a rule comes from, and whether it was read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The document, or `assumption` with the reason.
    pub source: String,
    /// Whether the rule was read in that document; `false` marks what a borough must confirm.
    pub confirmed: bool,
    /// Who confirmed a borough's own setting, and when; `None` for the programme's own rules.
    pub confirmation: Option<Confirmation>,
}

/// Who confirmed a borough's own setting, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The officer or board.
    pub by: String,
    /// The day.
    pub on: NaiveDate,
}

/// The days on which a framework holds, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// A headline problem: what shows it, and what counts as progress on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its number, from 1 without gaps.
    pub number: u8,
    /// The short label that policies and pages use.
    pub label: String,
    /// Its name in full.
    pub name: String,
    /// Where number and names come from.
    pub provenance: Provenance,
    /// The number under which assessments record it, where they use another list.
    pub recorded_as: u8,
    /// Whether signs and criteria are left to a borough's plan: an empty slot until it fills them.
    pub left_to_plan: bool,
    /// Any one of these shows that the problem is present; an empty list never does.
    pub signs: Vec<Sign>,
    /// All of these must hold for progress; an empty list never yields any.
    pub progress: Vec<Criterion>,
}

/// A record that shows a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The kind of record.
    pub indicator: Indicator,
    /// How many months before the family joined it may lie; however long ago where `None`.
    pub within_months: Option<u32>,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// One thing that must hold for progress on a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// The kind of record.
    pub indicator: Indicator,
    /// How it is held against the window.
    pub comparison: Comparison,
    /// Per cent or number, where the comparison has a threshold.
    pub threshold: Option<u32>,
    /// How long.
    pub window: Window,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// How long something must have been sustained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Calendar months.
    Months(u32),
    /// Consecutive school terms.
    Terms(u32),
}

/// Who is eligible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligibility {
    /// The least number of them.
    pub problems_at_least: u32,
    /// Whether problems are counted or needs.
    pub counted: Counted,
    /// Where the number comes from.
    pub provenance: Provenance,
    /// Which children are dependent; `None` where the framework asks for no child.
    pub dependent_child: Option<DependentChild>,
}

/// Which children are dependent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependentChild {
    /// Every child of the household below this age, in years.
    pub under: u32,
    /// A young person below this age who is assessed as a child of the family or still at school.
    pub student_under: u32,
    /// Whether a family that expects a child counts as one with a child.
    pub expectant: bool,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// What an eligible family needs to count as attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// A completed assessment of the whole family.
    pub whole_family_assessment: bool,
    /// A dated plan.
    pub plan: bool,
    /// A named key worker.
    pub key_worker: bool,
    /// Work with the family has begun: an episode is opened.
    pub work_begun: bool,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// Which results there are, and which comes first where two hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultTypes {
    /// The kinds in order of preference; a family has one result.
    pub kinds: Vec<ResultKind>,
    /// The problems that a progress result asks about; all where empty.
    pub progress_on: Vec<u8>,
    /// Words for the closing of an episode after which there is never a result.
    pub never_after: Vec<String>,
    /// Where this comes from.
    pub provenance: Provenance,
}

impl ResultTypes {
    /// Whether a progress result asks about a problem.
    pub fn asks_about(&self, problem: u8) -> bool {
        self.progress_on.is_empty() || self.progress_on.contains(&problem)
    }

    /// Whether an episode closed for this reason rules a result out; case and punctuation do not matter.
    pub fn ruled_out_by(&self, reason: &str) -> bool {
        let letters = |text: &str| -> Vec<u8> {
            text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect()
        };
        let reason = letters(reason);
        self.never_after.iter().any(|word| letters(word) == reason)
    }
}

/// The attendance a claim needs, whatever its problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// The kinds of result that need it.
    pub asked_of: Vec<ResultKind>,
    /// Consecutive terms over which sessions are added up; `None` where the framework does not say.
    pub terms: Option<u32>,
    /// Whether sessions missed with leave count as attended; absence of a kind not told never does.
    pub unauthorised_only: bool,
    /// The floors by date, in order; attendance must lie above.
    pub floors: Vec<Floor>,
    /// The borough's own term dates, where its plan gives them.
    pub calendar: Option<TermCalendar>,
    /// Where the terms come from.
    pub provenance: Provenance,
    /// Who is of school age, and what counts as recent.
    pub school_age: SchoolAge,
}

impl Attendance {
    /// The floor in per cent for terms that end on a day; `None` before the first.
    pub fn floor_on(&self, day: NaiveDate) -> Option<u32> {
        self.floors.iter().rev().find(|floor| floor.from <= day).map(|floor| floor.percent)
    }
}

/// A borough's dated school terms, in order and apart from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermCalendar {
    /// First and last day of each term.
    pub terms: Vec<(NaiveDate, NaiveDate)>,
    /// Where this comes from.
    pub provenance: Provenance,
}

impl TermCalendar {
    /// The place in the calendar of the term that holds the middle of a span.
    pub fn place_of(&self, from: NaiveDate, to: NaiveDate) -> Option<usize> {
        let middle = from + (to - from) / 2;
        self.terms.iter().position(|(first, last)| *first <= middle && middle <= *last)
    }
}

/// An attendance floor from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// The first day.
    pub from: NaiveDate,
    /// Per cent of possible sessions.
    pub percent: u32,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// Who is of school age, and which terms belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolAge {
    /// From this age in years.
    pub from: u32,
    /// Below this age in years.
    pub under: u32,
    /// A child that was of school age for so many months must have all the terms.
    pub settled_months: u32,
    /// The longest holiday between two consecutive terms, in days.
    pub holiday_days: u32,
    /// How long ago the last term may have ended, in days.
    pub last_term_within_days: u32,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// What continuous employment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employment {
    /// Weeks in a job.
    pub weeks: u32,
    /// Out of so many last weeks.
    pub of_last_weeks: u32,
    /// How many months before the family joined the benefit that the job replaced may lie.
    pub benefit_within_months: u32,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// How old a source's last covered day may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Days; beyond them silence says nothing.
    pub within_days: u32,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// The internal audit of claims before they are submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Share of the lines of a claim to be checked, in per cent.
    pub share_percent: u32,
    /// How many lines at least, where there are so many.
    pub at_least: u32,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// What is paid from a day on, in pence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// The first day.
    pub from: NaiveDate,
    /// For a family attached.
    pub attachment_pence: u64,
    /// For a family's one result.
    pub result_pence: u64,
    /// For a result by continuous employment, where it differs.
    pub employment_pence: Option<u64>,
    /// Of how many families the programme pays for how many: 5 of 6 in phase 1.
    pub families_paid: PaidShare,
    /// Where this comes from.
    pub provenance: Provenance,
}

impl Money {
    /// What a result of a kind is paid.
    pub fn for_result(&self, kind: ResultKind) -> u64 {
        match kind {
            ResultKind::Progress => self.result_pence,
            ResultKind::Employment => self.employment_pence.unwrap_or(self.result_pence),
        }
    }
}

/// A share of families: `paid` of every `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidShare {
    /// Families paid for.
    pub paid: u32,
    /// Of so many.
    pub of: u32,
}

/// A payment beside a result, such as progress to work; its criteria are an empty slot, so that it never yields one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Its name.
    pub name: String,
    /// The kind of result it is paid beside.
    pub beside: ResultKind,
    /// What is paid.
    pub pence: u64,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// When claims are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimWindows {
    /// The months in which a window closes, 1 to 12, rising.
    pub closing_months: Vec<u32>,
    /// Where this comes from.
    pub provenance: Provenance,
}
