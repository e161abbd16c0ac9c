//! The fields a mapping may name, what each holds, and which a kind of record cannot do without.

mod codes;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::register::SourceKind;

pub use codes::CodeList;

macro_rules! fields {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// What a column means. The words are those of mapping files.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum Field {
            $($(#[doc = $doc])* $name,)*
            /// Whether a headline problem was found, by its number.
            Need(u8),
        }

        const NAMES: &[(Field, &str)] = &[$((Field::$name, $word),)*];

        enum Slot {
            $($name,)*
            Needs,
        }

        impl Field {
            /// What it means, in one sentence.
            pub fn meaning(self) -> String {
                match self {
                    $(Self::$name => concat!($($doc),*).trim().to_owned(),)*
                    Self::Need(number) => format!("Whether headline problem {number} was found."),
                }
            }

            /// Its own place among [`SLOTS`]: what a field means in a row is found without looking for it.
            pub(crate) fn slot(self) -> usize {
                match self {
                    $(Self::$name => Slot::$name as usize,)*
                    Self::Need(number) => Slot::Needs as usize + usize::from(number),
                }
            }
        }
    };
}

fields! {
    /// The source's own number of the assessment, incident or episode.
    Reference = "reference",
    /// The case system's own id of the child.
    CaseId = "case-id",
    /// The source's own number of the family.
    FamilyId = "family-id",
    /// Forenames of the person.
    GivenName = "given-name",
    /// Surname of the person.
    FamilyName = "family-name",
    /// Date of birth of the person.
    BirthDate = "birth-date",
    /// Sex of the person as recorded.
    Sex = "sex",
    /// NHS number of the person.
    NhsNumber = "nhs-number",
    /// Unique pupil number of the person.
    Upn = "upn",
    /// National Insurance number of the person.
    NiNumber = "ni-number",
    /// Forenames of the carer.
    CarerGivenName = "carer-given-name",
    /// Surname of the carer.
    CarerFamilyName = "carer-family-name",
    /// Date of birth of the carer.
    CarerBirthDate = "carer-birth-date",
    /// Sex of the carer as recorded.
    CarerSex = "carer-sex",
    /// National Insurance number of the carer.
    CarerNiNumber = "carer-ni-number",
    /// Address in words.
    Address = "address",
    /// Postcode.
    Postcode = "postcode",
    /// Unique property reference number.
    Uprn = "uprn",
    /// GSS code of the ward.
    Ward = "ward",
    /// Initial assessment or review.
    AssessmentKind = "assessment-kind",
    /// The first day: of an assessment, a term, a spell, a status or an episode.
    From = "from",
    /// The last day of it, blank while it goes on.
    To = "to",
    /// Whether the assessment took account of the whole family.
    WholeFamily = "whole-family",
    /// When the family's plan was made.
    PlanMade = "plan-made",
    /// Who the key worker is.
    KeyWorker = "key-worker",
    /// From when.
    KeyWorkerFrom = "key-worker-from",
    /// Who asked for help for the family.
    ReferralSource = "referral-source",
    /// The term's name.
    Term = "term",
    /// Sessions possible in the term.
    SessionsPossible = "sessions-possible",
    /// Attendance code.
    SessionCode = "session-code",
    /// Sessions under that code.
    Sessions = "sessions",
    /// When the incident was.
    On = "on",
    /// What kind of incident it was.
    IncidentKind = "incident-kind",
    /// Benefit or job.
    SpellKind = "spell-kind",
    /// Which benefit or job.
    Description = "description",
    /// Status in social care.
    CareKind = "care-kind",
    /// Why an episode ended.
    Reason = "reason",
    /// The borough a family was received from.
    ReceivedFrom = "received-from",
    /// Trouble with a home.
    HousingKind = "housing-kind",
    /// What a person's circumstance is.
    Circumstance = "circumstance",
    /// The source that was asked for a person and did not find them.
    AskedSource = "asked-source",
    /// The framework under which a family was attached or claimed.
    Framework = "framework",
    /// The programme, where it has another name than its framework: one result a family in each.
    Programme = "programme",
    /// When a family was attached.
    AttachedOn = "attached-on",
    /// The borough's own number of a claim.
    ClaimReference = "claim-reference",
    /// What kind of result was claimed.
    ResultKind = "result",
    /// When it was claimed.
    ClaimedOn = "claimed-on",
    /// The window it was claimed in.
    ClaimWindow = "claim-window",
    /// The money claimed, in pounds.
    Amount = "amount",
    /// What became of a claim.
    ClaimState = "claim-state",
    /// SHA-256 of the document on which a claim rests.
    DocumentHash = "document-sha256",
    /// What a source answered about a person on a check list.
    Answer = "answer",
}

/// The highest number of a headline problem that a mapping may name.
const MOST_NEEDS: u8 = 20;

/// How many places [`Field::slot`] may name.
pub(crate) const SLOTS: usize = Slot::Needs as usize + MOST_NEEDS as usize + 1;

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
            && (1..=MOST_NEEDS).contains(&number)
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
            Self::ReferralSource => CodeList::ReferralSource,
            Self::SessionCode => CodeList::SessionCode,
            Self::IncidentKind => CodeList::IncidentKind,
            Self::SpellKind => CodeList::SpellKind,
            Self::CareKind => CodeList::CareKind,
            Self::HousingKind => CodeList::HousingKind,
            Self::Circumstance => CodeList::Circumstance,
            Self::AskedSource => CodeList::AskedSource,
            Self::Framework => CodeList::Framework,
            Self::ResultKind => CodeList::ResultKind,
            Self::ClaimState => CodeList::ClaimState,
            Self::Answer => CodeList::Answer,
            _ => return None,
        })
    }

    /// Every field that a record of some kind may have, needs left out.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(field, _)| *field)
    }

    /// Whether spreadsheets spoil it unless its cells are text: they round long numbers and drop leading zeros.
    pub fn is_number_in_words(self) -> bool {
        use Field::{
            CarerNiNumber, CaseId, ClaimReference, FamilyId, NhsNumber, NiNumber, Reference, Upn, Uprn,
        };
        let numbers =
            [Reference, CaseId, FamilyId, NhsNumber, Upn, NiNumber, CarerNiNumber, Uprn, ClaimReference];
        numbers.contains(&self)
    }

    /// Whether the field holds a date.
    pub fn is_date(self) -> bool {
        use Field::{
            AttachedOn, BirthDate, CarerBirthDate, ClaimedOn, From, KeyWorkerFrom, On, PlanMade, To,
        };
        matches!(
            self,
            BirthDate | CarerBirthDate | From | To | PlanMade | KeyWorkerFrom | On | AttachedOn | ClaimedOn
        )
    }
}

/// The fields without which a record of this kind says nothing: their columns must be mapped and filled.
pub fn essential(kind: SourceKind) -> &'static [Field] {
    use Field::{
        AssessmentKind, AttachedOn, CareKind, CaseId, Circumstance, FamilyName, Framework, From, GivenName,
        HousingKind, IncidentKind, On, Reference, SessionCode, Sessions, SessionsPossible, SpellKind, To,
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
        SourceKind::History => &[Framework, AttachedOn],
    }
}

/// The fields a record of this kind may have besides the essential ones.
pub fn optional(kind: SourceKind) -> &'static [Field] {
    use Field::{
        Address, Amount, Answer, AskedSource, BirthDate, CarerBirthDate, CarerFamilyName, CarerGivenName,
        CarerNiNumber, CarerSex, CaseId, ClaimReference, ClaimState, ClaimWindow, ClaimedOn, Description,
        DocumentHash, FamilyId, FamilyName, GivenName, KeyWorker, KeyWorkerFrom, NhsNumber, NiNumber,
        PlanMade, Postcode, Programme, Reason, ReceivedFrom, ReferralSource, ResultKind, Sex, Term, To, Upn,
        Uprn, Ward, WholeFamily,
    };
    match kind {
        SourceKind::EarlyHelp => &[
            FamilyId,
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
            ReferralSource,
        ],
        SourceKind::SchoolSessions => &[Upn, GivenName, FamilyName, BirthDate, Term],
        SourceKind::Police => &[BirthDate, Postcode],
        SourceKind::Dwp => &[NiNumber, GivenName, FamilyName, BirthDate, Description, To, Answer],
        SourceKind::SocialCare => &[CaseId, GivenName, FamilyName, BirthDate, NhsNumber, To],
        SourceKind::Episodes => &[FamilyId, To, Reason, ReceivedFrom],
        SourceKind::Housing => &[BirthDate, NiNumber, Address, Postcode, Uprn, Ward, To],
        SourceKind::Circumstances => {
            &[CaseId, GivenName, FamilyName, BirthDate, NhsNumber, Upn, NiNumber, AskedSource, To]
        }
        SourceKind::History => &[
            FamilyId,
            CaseId,
            GivenName,
            FamilyName,
            BirthDate,
            Sex,
            NhsNumber,
            Upn,
            NiNumber,
            CarerGivenName,
            CarerFamilyName,
            CarerBirthDate,
            CarerNiNumber,
            Postcode,
            Uprn,
            Ward,
            Programme,
            ClaimReference,
            ResultKind,
            ClaimedOn,
            ClaimWindow,
            Amount,
            ClaimState,
            DocumentHash,
        ],
    }
}

/// Whether records of a kind know a field at all.
pub fn knows(kind: SourceKind, field: Field) -> bool {
    matches!((kind, field), (SourceKind::EarlyHelp | SourceKind::History, Field::Need(_)))
        || essential(kind).contains(&field)
        || optional(kind).contains(&field)
}
