//! A row after reading: typed, checked, and not yet anybody's.
//!
//! # Privacy
//! `Debug` of everything here names the kind and no value.

use std::{collections::BTreeMap, fmt};

use chrono::NaiveDate;
use tenfold_common::{
    framework::ResultKind,
    geography::{BoroughCode, WardCode},
};

use crate::claims::ladder::State;
use crate::register::{
    AssessmentKind, CareKind, CircumstanceKind, Days, HousingKind, IncidentKind, ProblemNumber, SourceKind,
    identifiers::Uprn,
    matching::{CaseId, Who},
};

/// Where a family lived when the row was written.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// In words.
    pub line: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Unique property reference number; blank where withheld.
    pub uprn: Option<Uprn>,
    /// Ward.
    pub ward: Option<WardCode>,
}

/// An early-help assessment of one child.
#[derive(Clone, PartialEq, Eq)]
pub struct AssessmentRow {
    /// The source's number of the assessment.
    pub reference: String,
    /// The source's own number of the family, where it has one.
    pub family_id: Option<CaseId>,
    /// The child.
    pub child: Who,
    /// The carer, where the row names one.
    pub carer: Option<Who>,
    /// Where they live.
    pub address: Address,
    /// Initial or review.
    pub kind: AssessmentKind,
    /// When it began.
    pub started: NaiveDate,
    /// When it was completed.
    pub completed: Option<NaiveDate>,
    /// Whether it took account of the whole family.
    pub whole_family: Option<bool>,
    /// When the plan was made.
    pub plan_made: Option<NaiveDate>,
    /// Who the key worker is.
    pub key_worker: Option<String>,
    /// From when; only where the worker is named.
    pub key_worker_from: Option<NaiveDate>,
    /// Need by headline problem; absent where not recorded.
    pub needs: BTreeMap<ProblemNumber, bool>,
    /// Who asked for help, in the register's words.
    pub referral_source: Option<String>,
}

/// Sessions of a pupil under one code in one term.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionsRow {
    /// The pupil.
    pub pupil: Who,
    /// The term's name, where given.
    pub term: Option<String>,
    /// First and last day of the term.
    pub days: Days,
    /// Sessions possible in the term.
    pub possible: u32,
    /// The code, in the source's word.
    pub code: String,
    /// Whether the code means absence.
    pub is_absence: bool,
    /// Whether it means absence with leave.
    pub is_authorised: bool,
    /// How many.
    pub sessions: u32,
}

/// An offence or incident.
#[derive(Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// The police's number of it.
    pub reference: String,
    /// When it was.
    pub on: NaiveDate,
    /// What it was.
    pub kind: IncidentKind,
    /// Who was concerned: a name and a date of birth, no key.
    pub person: Who,
}

/// What a spell was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpellKind {
    /// An out-of-work benefit.
    Benefit,
    /// A job.
    Job,
}

/// A benefit or job spell.
#[derive(Clone, PartialEq, Eq)]
pub struct SpellRow {
    /// The adult.
    pub person: Who,
    /// Benefit or job.
    pub kind: SpellKind,
    /// Which; empty where not given.
    pub description: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
}

/// A spell in a social-care status.
#[derive(Clone, PartialEq, Eq)]
pub struct CareRow {
    /// The child.
    pub child: Who,
    /// The status.
    pub kind: CareKind,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
}

/// Work with a family, opened and perhaps closed.
#[derive(Clone, PartialEq, Eq)]
pub struct EpisodeRow {
    /// The source's number of it.
    pub reference: String,
    /// The source's own number of the family, where it has one.
    pub family_id: Option<CaseId>,
    /// The child it is written under.
    pub child: Who,
    /// When work began.
    pub opened: NaiveDate,
    /// When it was closed.
    pub closed: Option<NaiveDate>,
    /// Why.
    pub reason: Option<String>,
    /// The borough the family was received from.
    pub received_from: Option<BoroughCode>,
}

/// A spell of trouble with a home.
#[derive(Clone, PartialEq, Eq)]
pub struct HousingRow {
    /// The tenant.
    pub person: Who,
    /// The home.
    pub address: Address,
    /// What it was.
    pub kind: HousingKind,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
}

/// A circumstance of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct CircumstanceRow {
    /// The person.
    pub person: Who,
    /// What it is.
    pub kind: CircumstanceKind,
    /// Of a person not traced: the source that was asked.
    pub source: Option<SourceKind>,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub to: Option<NaiveDate>,
}

/// A family attached before Tenfold, perhaps with a claim that was made for it then.
#[derive(Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The source's own number of the family, where it has one.
    pub family_id: Option<CaseId>,
    /// Somebody of the family.
    pub person: Who,
    /// The carer, where the row names one.
    pub carer: Option<Who>,
    /// Where they lived.
    pub address: Address,
    /// The framework it was attached under.
    pub framework: String,
    /// The programme.
    pub programme: String,
    /// When it was attached.
    pub attached: NaiveDate,
    /// Headline problems found then; absent where not recorded.
    pub needs: BTreeMap<ProblemNumber, bool>,
    /// The claim.
    pub claim: Option<ClaimRow>,
}

/// A claim as it was made before Tenfold.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// The borough's own number of it.
    pub reference: String,
    /// What was claimed.
    pub kind: ResultKind,
    /// When.
    pub on: NaiveDate,
    /// The window, in the borough's words.
    pub window: Option<String>,
    /// The money in pence.
    pub pence: i64,
    /// What became of it.
    pub state: State,
    /// SHA-256 of the document it rests on, hexadecimal.
    pub sha256: Option<String>,
}

/// What a source answered about a person on a check list.
#[derive(Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// The person.
    pub person: Who,
    /// The source that was asked.
    pub source: SourceKind,
    /// The days it was asked about; none where a file is only looked at.
    pub asked: Option<Days>,
    /// Whether it found the person.
    pub traced: bool,
    /// What it found: a benefit or a job, or nothing.
    pub spell: Option<SpellRow>,
}

/// One row of an extract.
#[derive(Clone, PartialEq, Eq)]
pub enum Record {
    /// An early-help assessment.
    Assessment(Box<AssessmentRow>),
    /// School sessions.
    Sessions(SessionsRow),
    /// An offence or incident.
    Incident(IncidentRow),
    /// A benefit or job spell.
    Spell(SpellRow),
    /// A social-care status.
    Care(CareRow),
    /// An episode.
    Episode(EpisodeRow),
    /// Trouble with a home.
    Housing(Box<HousingRow>),
    /// A circumstance.
    Circumstance(CircumstanceRow),
    /// A family or claim of before Tenfold.
    History(Box<HistoryRow>),
    /// An answer to a check list.
    Answer(Box<AnswerRow>),
}

impl Record {
    /// The kind of source such rows come from.
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::Assessment(_) => SourceKind::EarlyHelp,
            Self::Sessions(_) => SourceKind::SchoolSessions,
            Self::Incident(_) => SourceKind::Police,
            Self::Spell(_) => SourceKind::Dwp,
            Self::Care(_) => SourceKind::SocialCare,
            Self::Episode(_) => SourceKind::Episodes,
            Self::Housing(_) => SourceKind::Housing,
            Self::Circumstance(_) => SourceKind::Circumstances,
            Self::History(_) => SourceKind::History,
            Self::Answer(row) => row.source,
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a record of {:?}", self.kind())
    }
}
