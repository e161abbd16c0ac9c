//! The closed lists of words that frameworks are written in: indicators, comparisons, kinds of result.

use std::str::FromStr;

/// A kind of record that can show a problem or its absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    /// A need that an early-help assessment records under the problem's number.
    Need,
    /// Proven offences.
    Offences,
    /// Proven offences by people who were under 18 on the day.
    YouthOffences,
    /// Anti-social behaviour.
    AntiSocialBehaviour,
    /// Domestic-abuse incidents.
    DomesticAbuse,
    /// School attendance of each child of school age.
    Attendance,
    /// Fixed exclusions from school; no source supplies them yet, so their answer is never known.
    Exclusions,
    /// Children in need.
    InNeed,
    /// Child protection plans.
    ProtectionPlan,
    /// Looked-after children.
    LookedAfter,
    /// Spells on out-of-work benefits.
    OutOfWorkBenefit,
    /// Rent arrears.
    RentArrears,
    /// Notices seeking possession of a home.
    PossessionNotice,
    /// Evictions.
    Eviction,
}

impl Indicator {
    /// Every indicator with the word for it.
    pub const WORDS: [(&'static str, Self); 14] = [
        ("need", Self::Need),
        ("offences", Self::Offences),
        ("offences-under-18", Self::YouthOffences),
        ("anti-social-behaviour", Self::AntiSocialBehaviour),
        ("domestic-abuse", Self::DomesticAbuse),
        ("attendance", Self::Attendance),
        ("fixed-exclusions", Self::Exclusions),
        ("in-need", Self::InNeed),
        ("protection-plan", Self::ProtectionPlan),
        ("looked-after", Self::LookedAfter),
        ("out-of-work-benefit", Self::OutOfWorkBenefit),
        ("rent-arrears", Self::RentArrears),
        ("possession-notice", Self::PossessionNotice),
        ("eviction", Self::Eviction),
    ];

    /// The comparisons that make sense for it: events can be counted, spells only be absent.
    pub fn comparisons(self) -> &'static [Comparison] {
        match self {
            Self::Need => &[Comparison::AbsentAtReview],
            Self::Attendance => &[Comparison::AboveFloor],
            Self::Offences
            | Self::YouthOffences
            | Self::AntiSocialBehaviour
            | Self::DomesticAbuse
            | Self::Exclusions => &[Comparison::NoneInWindow, Comparison::ReducedBy, Comparison::FewerThan],
            Self::InNeed
            | Self::ProtectionPlan
            | Self::LookedAfter
            | Self::OutOfWorkBenefit
            | Self::RentArrears
            | Self::PossessionNotice
            | Self::Eviction => &[Comparison::NoneInWindow],
        }
    }

    /// What the records are called in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Need => "the need in assessments",
            Self::Offences => "proven offences",
            Self::YouthOffences => "proven offences by under-18s",
            Self::AntiSocialBehaviour => "anti-social behaviour",
            Self::DomesticAbuse => "domestic-abuse incidents",
            Self::Attendance => "school attendance",
            Self::Exclusions => "fixed exclusions from school",
            Self::InNeed => "children in need",
            Self::ProtectionPlan => "child protection plans",
            Self::LookedAfter => "children looked after",
            Self::OutOfWorkBenefit => "out-of-work benefits",
            Self::RentArrears => "rent arrears",
            Self::PossessionNotice => "notices seeking possession",
            Self::Eviction => "evictions",
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
    /// Down by at least so many per cent against the window of the same length just before.
    ReducedBy,
    /// Fewer than so many in the window and since.
    FewerThan,
}

impl Comparison {
    /// Every comparison with the word for it.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("none-in-window", Self::NoneInWindow),
        ("absent-at-review", Self::AbsentAtReview),
        ("above-floor", Self::AboveFloor),
        ("reduced-by", Self::ReducedBy),
        ("fewer-than", Self::FewerThan),
    ];

    /// The least and the most that its threshold may be; `None` where it has no threshold.
    pub fn threshold(self) -> Option<(u32, u32)> {
        match self {
            Self::ReducedBy => Some((1, 100)),
            Self::FewerThan => Some((1, 1000)),
            Self::NoneInWindow | Self::AbsentAtReview | Self::AboveFloor => None,
        }
    }
}

/// How a family's one result came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResultKind {
    /// Significant and sustained progress; in phase 1 the result on crime, anti-social behaviour and education.
    Progress,
    /// An adult's continuous employment.
    Employment,
}

impl ResultKind {
    /// Every kind with the word for it.
    pub const WORDS: [(&'static str, Self); 2] =
        [("progress", Self::Progress), ("employment", Self::Employment)];
}

/// What is counted for eligibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Headline problems, each once.
    Problems,
    /// Needs: every sign that shows, also where several belong to one headline.
    Needs,
}

impl Counted {
    /// Both with the word for it.
    pub const WORDS: [(&'static str, Self); 2] = [("problems", Self::Problems), ("needs", Self::Needs)];
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
words!(Indicator, Comparison, ResultKind, Counted);
