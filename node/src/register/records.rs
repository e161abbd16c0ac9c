//! What the sources tell of people, record by record, each with the row it stands in.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tenfold_common::geography::BoroughCode;

use super::{Days, Origin, PersonId, SourceKind, words};

/// A headline problem by its number in the framework, from 1.
pub type ProblemNumber = u8;

words!(AssessmentKind { Initial = "initial", Review = "review", });
words!(IncidentKind {
    Offence = "offence",
    AntiSocialBehaviour = "anti-social-behaviour",
    DomesticAbuse = "domestic-abuse",
});
words!(CareKind { InNeed = "in-need", ProtectionPlan = "protection-plan", LookedAfter = "looked-after", });
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
