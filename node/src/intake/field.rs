//! The fields a mapping may name, what each holds, and which a kind of record cannot do without.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::register::SourceKind;

/// What a column means. The words are those of mapping files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Field {
    /// The source's own number of the assessment, incident or episode.
    Reference,
    /// The case system's own id of the child.
    CaseId,
    /// Forenames of the person.
    GivenName,
    /// Surname of the person.
    FamilyName,
    /// Date of birth of the person.
    BirthDate,
    /// Sex of the person as recorded.
    Sex,
    /// NHS number of the person.
    NhsNumber,
    /// Unique pupil number of the person.
    Upn,
    /// National Insurance number of the person.
    NiNumber,
    /// Forenames of the carer.
    CarerGivenName,
    /// Surname of the carer.
    CarerFamilyName,
    /// Date of birth of the carer.
    CarerBirthDate,
    /// Sex of the carer as recorded.
    CarerSex,
    /// National Insurance number of the carer.
    CarerNiNumber,
    /// Address in words.
    Address,
    /// Postcode.
    Postcode,
    /// Unique property reference number.
    Uprn,
    /// GSS code of the ward.
    Ward,
    /// Initial assessment or review.
    AssessmentKind,
    /// The first day: of an assessment, a term, a spell, a status or an episode.
    From,
    /// The last day of it, blank while it goes on.
    To,
    /// Whether the assessment took account of the whole family.
    WholeFamily,
    /// When the family's plan was made.
    PlanMade,
    /// Who the key worker is.
    KeyWorker,
    /// From when.
    KeyWorkerFrom,
    /// Whether a headline problem was found, by its number.
    Need(u8),
    /// The term's name.
    Term,
    /// Sessions possible in the term.
    SessionsPossible,
    /// Attendance code.
    SessionCode,
    /// Sessions under that code.
    Sessions,
    /// When the incident was.
    On,
    /// What kind of incident it was.
    IncidentKind,
    /// Benefit or job.
    SpellKind,
    /// Which benefit or job.
    Description,
    /// Status in social care.
    CareKind,
    /// Why an episode ended.
    Reason,
    /// The borough a family was received from.
    ReceivedFrom,
    /// Trouble with a home.
    HousingKind,
    /// What a person's circumstance is.
    Circumstance,
    /// The source that was asked for a person and did not find them.
    AskedSource,
}

const NAMES: &[(Field, &str)] = &[
    (Field::Reference, "reference"),
    (Field::CaseId, "case-id"),
    (Field::GivenName, "given-name"),
    (Field::FamilyName, "family-name"),
    (Field::BirthDate, "birth-date"),
    (Field::Sex, "sex"),
    (Field::NhsNumber, "nhs-number"),
    (Field::Upn, "upn"),
    (Field::NiNumber, "ni-number"),
    (Field::CarerGivenName, "carer-given-name"),
    (Field::CarerFamilyName, "carer-family-name"),
    (Field::CarerBirthDate, "carer-birth-date"),
    (Field::CarerSex, "carer-sex"),
    (Field::CarerNiNumber, "carer-ni-number"),
    (Field::Address, "address"),
    (Field::Postcode, "postcode"),
    (Field::Uprn, "uprn"),
    (Field::Ward, "ward"),
    (Field::AssessmentKind, "assessment-kind"),
    (Field::From, "from"),
    (Field::To, "to"),
    (Field::WholeFamily, "whole-family"),
    (Field::PlanMade, "plan-made"),
    (Field::KeyWorker, "key-worker"),
    (Field::KeyWorkerFrom, "key-worker-from"),
    (Field::Term, "term"),
    (Field::SessionsPossible, "sessions-possible"),
    (Field::SessionCode, "session-code"),
    (Field::Sessions, "sessions"),
    (Field::On, "on"),
    (Field::IncidentKind, "incident-kind"),
    (Field::SpellKind, "spell-kind"),
    (Field::Description, "description"),
    (Field::CareKind, "care-kind"),
    (Field::Reason, "reason"),
    (Field::ReceivedFrom, "received-from"),
    (Field::HousingKind, "housing-kind"),
    (Field::Circumstance, "circumstance"),
    (Field::AskedSource, "asked-source"),
];

/// The text names no field.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a field, expected one such as birth-date, upn or need-1")]
pub struct NotAField {
    /// What was given.
    pub text: String,
}

impl TryFrom<String> for Field {
    type Error = NotAField;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some(number) = text.strip_prefix("need-").and_then(|n| n.parse().ok())
            && (1..=20).contains(&number)
        {
            return Ok(Self::Need(number));
        }
        NAMES.iter().find(|(_, name)| *name == text).map(|(field, _)| *field).ok_or(NotAField { text })
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.to_string()
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Need(number) => write!(f, "need-{number}"),
            other => {
                let name = NAMES.iter().find(|(field, _)| field == other);
                f.write_str(name.map_or("?", |(_, name)| name))
            }
        }
    }
}

impl Field {
    /// The code list that a field's values are looked up in, if it has one.
    pub fn code_list(self) -> Option<CodeList> {
        Some(match self {
            Self::Sex | Self::CarerSex => CodeList::Sex,
            Self::AssessmentKind => CodeList::AssessmentKind,
            Self::WholeFamily | Self::Need(_) => CodeList::Flag,
            Self::SessionCode => CodeList::SessionCode,
            Self::IncidentKind => CodeList::IncidentKind,
            Self::SpellKind => CodeList::SpellKind,
            Self::CareKind => CodeList::CareKind,
            Self::HousingKind => CodeList::HousingKind,
            Self::Circumstance => CodeList::Circumstance,
            Self::AskedSource => CodeList::AskedSource,
            _ => return None,
        })
    }

    /// Whether the field holds a date.
    pub fn is_date(self) -> bool {
        use Field::{BirthDate, CarerBirthDate, From, KeyWorkerFrom, On, PlanMade, To};
        matches!(self, BirthDate | CarerBirthDate | From | To | PlanMade | KeyWorkerFrom | On)
    }
}

/// A list that turns a source's codes into the register's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeList {
    /// Sex as recorded.
    Sex,
    /// Yes and no.
    Flag,
    /// Initial or review.
    AssessmentKind,
    /// Present or absent.
    SessionCode,
    /// Kind of incident.
    IncidentKind,
    /// Benefit or job.
    SpellKind,
    /// Status in social care.
    CareKind,
    /// Trouble with a home.
    HousingKind,
    /// Circumstance of a person.
    Circumstance,
    /// Source that was asked.
    AskedSource,
}

impl CodeList {
    /// The register's words that codes of this list may stand for.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Sex => &["female", "male", "not-known"],
            Self::Flag => &["yes", "no"],
            Self::AssessmentKind => &["initial", "review"],
            Self::SessionCode => &["present", "absent"],
            Self::IncidentKind => &["offence", "anti-social-behaviour", "domestic-abuse"],
            Self::SpellKind => &["benefit", "job"],
            Self::CareKind => &["in-need", "protection-plan", "looked-after"],
            Self::HousingKind => &["arrears", "notice", "eviction"],
            Self::Circumstance => &["moved-away", "custody", "left-school", "adopted", "died", "not-traced"],
            Self::AskedSource => &["school-sessions", "police", "dwp", "social-care", "housing"],
        }
    }

    /// The name in mapping files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sex => "sex",
            Self::Flag => "flag",
            Self::AssessmentKind => "assessment-kind",
            Self::SessionCode => "session-code",
            Self::IncidentKind => "incident-kind",
            Self::SpellKind => "spell-kind",
            Self::CareKind => "care-kind",
            Self::HousingKind => "housing-kind",
            Self::Circumstance => "circumstance",
            Self::AskedSource => "asked-source",
        }
    }
}

/// The fields without which a record of this kind says nothing: their columns must be mapped and filled.
pub fn essential(kind: SourceKind) -> &'static [Field] {
    use Field::{
        AssessmentKind, CareKind, CaseId, Circumstance, FamilyName, From, GivenName, HousingKind,
        IncidentKind, On, Reference, SessionCode, Sessions, SessionsPossible, SpellKind, To,
    };
    match kind {
        SourceKind::EarlyHelp => &[Reference, CaseId, GivenName, FamilyName, AssessmentKind, From],
        SourceKind::SchoolSessions => &[From, To, SessionsPossible, SessionCode, Sessions],
        SourceKind::Police => &[Reference, On, IncidentKind, GivenName, FamilyName],
        SourceKind::Dwp => &[SpellKind, From],
        SourceKind::SocialCare => &[CareKind, From],
        SourceKind::Episodes => &[Reference, CaseId, From],
        SourceKind::Housing => &[HousingKind, From, GivenName, FamilyName],
        SourceKind::Circumstances => &[Circumstance, From],
    }
}

/// The fields a record of this kind may have besides the essential ones.
pub fn optional(kind: SourceKind) -> &'static [Field] {
    use Field::{
        Address, AskedSource, BirthDate, CarerBirthDate, CarerFamilyName, CarerGivenName, CarerNiNumber,
        CarerSex, CaseId, Description, FamilyName, GivenName, KeyWorker, KeyWorkerFrom, NhsNumber, NiNumber,
        PlanMade, Postcode, Reason, ReceivedFrom, Sex, Term, To, Upn, Uprn, Ward, WholeFamily,
    };
    match kind {
        SourceKind::EarlyHelp => &[
            BirthDate,
            Sex,
            NhsNumber,
            Upn,
            CarerGivenName,
            CarerFamilyName,
            CarerBirthDate,
            CarerSex,
            CarerNiNumber,
            Address,
            Postcode,
            Uprn,
            Ward,
            To,
            WholeFamily,
            PlanMade,
            KeyWorker,
            KeyWorkerFrom,
        ],
        SourceKind::SchoolSessions => &[Upn, GivenName, FamilyName, BirthDate, Term],
        SourceKind::Police => &[BirthDate, Postcode],
        SourceKind::Dwp => &[NiNumber, GivenName, FamilyName, BirthDate, Description, To],
        SourceKind::SocialCare => &[CaseId, GivenName, FamilyName, BirthDate, NhsNumber, To],
        SourceKind::Episodes => &[To, Reason, ReceivedFrom],
        SourceKind::Housing => &[BirthDate, NiNumber, Address, Postcode, Uprn, Ward, To],
        SourceKind::Circumstances => {
            &[CaseId, GivenName, FamilyName, BirthDate, NhsNumber, Upn, NiNumber, AskedSource, To]
        }
    }
}

/// Whether records of a kind know a field at all.
pub fn knows(kind: SourceKind, field: Field) -> bool {
    matches!((kind, field), (SourceKind::EarlyHelp, Field::Need(_)))
        || essential(kind).contains(&field)
        || optional(kind).contains(&field)
}
