//! The families a borough answers for: people, households, and everything known of them, as plain values.
//!
//! Nothing here reads a database. Outcomes are decided from a [`FamilyFile`]; the store fills it.

pub mod clusters;
mod coverage;
pub mod families;
pub mod identifiers;
pub mod linkage;
pub mod matching;
pub mod origin;
pub mod persons;
mod records;
pub mod settle;
pub mod standing;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tenfold_common::geography::WardCode;

pub use coverage::{Coverage, Days, SourceKind};
pub use origin::Origin;
pub use records::{
    Assessment, AssessmentKind, CareKind, CareSpell, Circumstance, CircumstanceKind, Episode, HousingKind,
    HousingSpell, Incident, IncidentKind, ProblemNumber, Spell, TermSessions,
};

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
use words;

words!(Sex { Female = "female", Male = "male", NotKnown = "not-known", });

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
