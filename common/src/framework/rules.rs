//! What a framework says, as plain values: problems, signs, criteria, floors, windows, money.

use std::str::FromStr;

use chrono::NaiveDate;

/// Where a rule comes from, and whether it was read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The document, or `assumption` with the reason.
    pub source: String,
    /// Whether the rule was read in that document; `false` marks what a borough must confirm.
    pub confirmed: bool,
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
    /// Any one of these shows that the problem is present.
    pub signs: Vec<Sign>,
    /// All of these must hold for progress; an empty list never yields any.
    pub progress: Vec<Criterion>,
}

/// A kind of record that can show a problem or its absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    /// A need that an early-help assessment records under the problem's number.
    Need,
    /// Proven offences.
    Offences,
    /// Anti-social behaviour.
    AntiSocialBehaviour,
    /// Domestic-abuse incidents.
    DomesticAbuse,
    /// School attendance of each child of school age.
    Attendance,
    /// Children in need.
    InNeed,
    /// Child protection plans.
    ProtectionPlan,
    /// Looked-after children.
    LookedAfter,
    /// Spells on out-of-work benefits.
    OutOfWorkBenefit,
}

impl Indicator {
    /// Every indicator with the word for it.
    pub const WORDS: [(&'static str, Self); 9] = [
        ("need", Self::Need),
        ("offences", Self::Offences),
        ("anti-social-behaviour", Self::AntiSocialBehaviour),
        ("domestic-abuse", Self::DomesticAbuse),
        ("attendance", Self::Attendance),
        ("in-need", Self::InNeed),
        ("protection-plan", Self::ProtectionPlan),
        ("looked-after", Self::LookedAfter),
        ("out-of-work-benefit", Self::OutOfWorkBenefit),
    ];

    /// The only comparison that makes sense for it.
    pub fn comparison(self) -> Comparison {
        match self {
            Self::Need => Comparison::AbsentAtReview,
            Self::Attendance => Comparison::AboveFloor,
            _ => Comparison::NoneInWindow,
        }
    }
}

/// How an indicator is held against its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Nothing of the kind in the window nor since, and the source covers the whole window.
    NoneInWindow,
    /// A review, at least a window after the family was attached, records the need as absent.
    AbsentAtReview,
    /// Attendance above the floor over the window's consecutive terms.
    AboveFloor,
}

impl Comparison {
    /// Every comparison with the word for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("none-in-window", Self::NoneInWindow),
        ("absent-at-review", Self::AbsentAtReview),
        ("above-floor", Self::AboveFloor),
    ];
}

/// How a family's one result came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResultKind {
    /// Significant and sustained progress on all of its problems.
    Progress,
    /// An adult's continuous employment.
    Employment,
}

impl ResultKind {
    /// Every kind with the word for it.
    pub const WORDS: [(&'static str, Self); 2] =
        [("progress", Self::Progress), ("employment", Self::Employment)];
}

macro_rules! words {
    ($($name:ident),*) => {$(
        impl $name {
            /// The word for it in data.
            pub fn as_str(self) -> &'static str {
                Self::WORDS
                    .iter()
                    .find_map(|(word, value)| (*value == self).then_some(*word))
                    .expect("every value stands in the table of words beside its definition")
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                Self::WORDS.iter().find_map(|(word, value)| (*word == text).then_some(*value)).ok_or(())
            }
        }
    )*};
}
words!(Indicator, Comparison, ResultKind);

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
    /// The least number of problems.
    pub problems_at_least: u32,
    /// Where the number comes from.
    pub provenance: Provenance,
    /// Which children are dependent.
    pub dependent_child: DependentChild,
}

/// Which children are dependent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependentChild {
    /// Every child of the household below this age, in years.
    pub under: u32,
    /// A young person below this age who is assessed as a child of the family or still at school.
    pub student_under: u32,
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
    /// Where this comes from.
    pub provenance: Provenance,
}

/// Which results there are, and which comes first where two hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultTypes {
    /// The kinds in order of preference; a family has one result.
    pub kinds: Vec<ResultKind>,
    /// Words for the closing of an episode after which there is never a result.
    pub never_after: Vec<String>,
    /// Where this comes from.
    pub provenance: Provenance,
}

impl ResultTypes {
    /// Whether an episode closed for this reason rules a result out; case and punctuation do not matter.
    pub fn ruled_out_by(&self, reason: &str) -> bool {
        let letters = |text: &str| -> Vec<u8> {
            text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect()
        };
        let reason = letters(reason);
        self.never_after.iter().any(|word| letters(word) == reason)
    }
}

/// The attendance every claim needs, whatever its problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// Consecutive terms over which sessions are added up.
    pub terms: u32,
    /// The floors by date, in order; attendance must lie above.
    pub floors: Vec<Floor>,
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

/// What is paid, in pence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// For a family attached.
    pub attachment_pence: u64,
    /// For a family's one result.
    pub result_pence: u64,
    /// Where this comes from.
    pub provenance: Provenance,
}
