//! The families a borough answers for: people, households, and everything known of them, as plain values.
//!
//! Nothing here reads a database. Outcomes are decided from a [`FamilyFile`]; the store fills it.

pub mod clusters;
pub mod families;
pub mod identifiers;
pub mod linkage;
pub mod matching;
pub mod origin;
pub mod persons;
pub mod settle;
pub mod standing;

use std::{collections::BTreeMap, fmt};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tenfold_common::geography::{BoroughCode, WardCode};

pub use origin::Origin;

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A person in this node; made here, never reused.
    PersonId
);
text_id!(
    /// A family in this node; made here, never reused.
    FamilyId
);
text_id!(
    /// A family line: a family with everything ever merged with or split from it. The unit of privacy.
    LineId
);

/// An enum whose values have one word each, in columns, commands and files.
macro_rules! words {
    ($name:ident { $($value:ident = $word:literal,)* }) => {
        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value,)*];

            /// Its one word, in columns, commands and files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }

            /// The value of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

words!(Sex { Female = "female", Male = "male", NotKnown = "not-known", });
words!(AssessmentKind { Initial = "initial", Review = "review", });
words!(IncidentKind {
    Offence = "offence",
    AntiSocialBehaviour = "anti-social-behaviour",
    DomesticAbuse = "domestic-abuse",
});
words!(CareKind { InNeed = "in-need", ProtectionPlan = "protection-plan", LookedAfter = "looked-after", });
words!(SourceKind {
    EarlyHelp = "early-help",
    SchoolSessions = "school-sessions",
    Police = "police",
    Dwp = "dwp",
    SocialCare = "social-care",
    Episodes = "episodes",
    Housing = "housing",
    Circumstances = "circumstances",
    History = "history",
});
words!(HousingKind { Arrears = "arrears", Notice = "notice", Eviction = "eviction", });
words!(CircumstanceKind {
    MovedAway = "moved-away",
    Custody = "custody",
    LeftSchool = "left-school",
    Adopted = "adopted",
    Died = "died",
    NotTraced = "not-traced",
    Traced = "traced",
    Expecting = "expecting",
});

/// Sex as recorded by the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Not recorded, or in words the mapping does not know.
    NotKnown,
}

/// A person of the register.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// This node's id.
    pub id: PersonId,
    /// Forenames.
    pub given_name: String,
    /// Surname.
    pub family_name: String,
    /// Date of birth, where known.
    pub birth_date: Option<NaiveDate>,
    /// Sex as recorded.
    pub sex: Sex,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "person {}", self.id)
    }
}

/// A headline problem by its number in the framework, from 1.
pub type ProblemNumber = u8;

/// A kind of source whose coverage decides what silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Early-help assessments, one row a child.
    EarlyHelp,
    /// School sessions by pupil, term and reason code.
    SchoolSessions,
    /// Offences and incidents known to the police.
    Police,
    /// Benefit and job spells from DWP.
    Dwp,
    /// Social-care statuses of children.
    SocialCare,
    /// Episodes of work with the family: opened, closed and why.
    Episodes,
    /// Rent arrears, notices and evictions from landlords.
    Housing,
    /// What ends or suspends a source's say over a person: moves, custody, death and their like.
    Circumstances,
    /// Families attached and claims made before Tenfold; taken once.
    History,
}

/// Days from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Days {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// Whether an early-help assessment opens the work or looks back on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssessmentKind {
    /// The first assessment.
    Initial,
    /// A later look at the same needs.
    Review,
}

/// An early-help assessment of one child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The child assessed.
    pub child: PersonId,
    /// Initial or review.
    pub kind: AssessmentKind,
    /// When it began.
    pub started: NaiveDate,
    /// When it was completed, if it was.
    pub completed: Option<NaiveDate>,
    /// Whether it took account of the whole family; `None` where not recorded.
    pub whole_family: Option<bool>,
    /// When the family's plan was made, if it was.
    pub plan_made: Option<NaiveDate>,
    /// From when a key worker is named; the name itself stays with the source row.
    pub key_worker_from: Option<NaiveDate>,
    /// Need by headline problem: present, absent; not in the map where not recorded.
    pub needs: BTreeMap<ProblemNumber, bool>,
    /// Who asked for help for the family, where the source tells it.
    pub referral_source: Option<String>,
    /// Where the row stands.
    pub origin: Origin,
}

/// A pupil's sessions in one term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermSessions {
    /// The pupil.
    pub pupil: PersonId,
    /// First and last day of the term.
    pub term: Days,
    /// Sessions possible.
    pub possible: u32,
    /// Sessions missed for any reason.
    pub absent: u32,
    /// Of these, sessions missed with leave, where the source tells that.
    pub authorised: u32,
    /// Where the rows stand that were added up, in order: one a reason code.
    pub origins: Vec<Origin>,
}

/// What kind of incident it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentKind {
    /// A proven offence.
    Offence,
    /// Anti-social behaviour.
    AntiSocialBehaviour,
    /// A domestic-abuse incident.
    DomesticAbuse,
}

/// An offence or incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The person concerned.
    pub person: PersonId,
    /// When it happened.
    pub on: NaiveDate,
    /// What it was.
    pub kind: IncidentKind,
    /// Where the row stands.
    pub origin: Origin,
}

/// A spell on an out-of-work benefit or in a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The adult.
    pub person: PersonId,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
    /// Where the row stands.
    pub origin: Origin,
}

/// A child's status in social care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CareKind {
    /// Child in need (Children Act 1989 section 17).
    InNeed,
    /// Child protection plan (section 47).
    ProtectionPlan,
    /// Looked after.
    LookedAfter,
}

/// A spell in a social-care status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareSpell {
    /// The child.
    pub child: PersonId,
    /// The status.
    pub kind: CareKind,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
    /// Where the row stands.
    pub origin: Origin,
}

/// Trouble with a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HousingKind {
    /// Rent arrears.
    Arrears,
    /// Notice seeking possession.
    Notice,
    /// Eviction.
    Eviction,
}

/// A spell of trouble with a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HousingSpell {
    /// The tenant.
    pub person: PersonId,
    /// What it was.
    pub kind: HousingKind,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
    /// Where the row stands.
    pub origin: Origin,
}

/// Why silence about a person means nothing from some day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CircumstanceKind {
    /// Lives outside the borough.
    MovedAway,
    /// In custody.
    Custody,
    /// Taken off a school's roll.
    LeftSchool,
    /// Adopted: no member of this family any more.
    Adopted,
    /// Dead.
    Died,
    /// A source was asked and did not find the person.
    NotTraced,
    /// A source was asked and found the person: what it does not say of these days is a no.
    Traced,
    /// Expects a child; until the day it is due.
    Expecting,
}

/// A circumstance of a person over some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstance {
    /// The person.
    pub person: PersonId,
    /// What it is.
    pub kind: CircumstanceKind,
    /// Of a person traced or not traced: the source that was asked; of the others nothing.
    pub source: Option<SourceKind>,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
    /// Where the row stands.
    pub origin: Origin,
}

/// Work with the family, opened and perhaps closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// The child it is written under.
    pub child: PersonId,
    /// When work began.
    pub opened: NaiveDate,
    /// When it was closed, if it was.
    pub closed: Option<NaiveDate>,
    /// Why, in the source's words mapped to the node's list.
    pub reason: Option<String>,
    /// The borough the family came from, where it was received as a transfer: it is then never *attached* here.
    pub received_from: Option<BoroughCode>,
    /// Where the row stands.
    pub origin: Origin,
}

/// Everything the borough knows of one family, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyFile {
    /// The family.
    pub family: FamilyId,
    /// Its line.
    pub line: LineId,
    /// Its people.
    pub members: Vec<Person>,
    /// The ward of its present address, where known.
    pub ward: Option<WardCode>,
    /// Assessments of its children.
    pub assessments: Vec<Assessment>,
    /// Sessions of its pupils, at most one entry a pupil and term.
    pub sessions: Vec<TermSessions>,
    /// Offences and incidents of its people.
    pub incidents: Vec<Incident>,
    /// Spells on out-of-work benefits.
    pub benefits: Vec<Spell>,
    /// Spells in jobs.
    pub jobs: Vec<Spell>,
    /// Social-care statuses of its children.
    pub care: Vec<CareSpell>,
    /// Episodes of work with it.
    pub episodes: Vec<Episode>,
    /// Trouble with its homes.
    pub housing: Vec<HousingSpell>,
    /// Circumstances of its people.
    pub circumstances: Vec<Circumstance>,
}

/// The days each kind of source covers in this borough; silence outside them means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(pub BTreeMap<SourceKind, Vec<Days>>);

impl Coverage {
    /// Whether a source covers every day of a span.
    pub fn spans(&self, source: SourceKind, span: Days) -> bool {
        let mut periods: Vec<Days> = self.0.get(&source).cloned().unwrap_or_default();
        periods.sort();
        let mut needed = span.from;
        for period in periods {
            if period.from <= needed && needed <= period.to {
                let Some(next) = period.to.succ_opt() else {
                    return true;
                };
                needed = next;
            }
        }
        needed > span.to
    }

    /// The last day a source covers, not after `by`.
    pub fn last_day(&self, source: SourceKind, by: NaiveDate) -> Option<NaiveDate> {
        let periods = self.0.get(&source)?;
        periods.iter().filter(|period| period.from <= by).map(|period| period.to.min(by)).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn coverage_spans_joined_periods_and_no_gaps() {
        let periods = vec![days("2015-07-01", "2015-09-30"), days("2015-04-01", "2015-06-30")];
        let mut coverage = Coverage([(SourceKind::Police, periods)].into());
        assert!(coverage.spans(SourceKind::Police, days("2015-04-01", "2015-09-30")));
        assert!(!coverage.spans(SourceKind::Police, days("2015-04-01", "2015-10-01")));
        assert!(!coverage.spans(SourceKind::Dwp, days("2015-04-01", "2015-04-01")));
        let last = |by: &str| coverage.last_day(SourceKind::Police, by.parse().unwrap());
        assert_eq!(last("2015-12-01"), "2015-09-30".parse().ok());
        assert_eq!(last("2015-05-05"), "2015-05-05".parse().ok());
        assert_eq!(last("2015-03-31"), None);
        coverage.0.get_mut(&SourceKind::Police).unwrap()[0].from = "2015-07-02".parse().unwrap();
        assert!(!coverage.spans(SourceKind::Police, days("2015-04-01", "2015-09-30")));
    }
}
