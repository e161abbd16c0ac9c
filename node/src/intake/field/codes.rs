//! The lists that turn a source's codes into the register's words.

use serde::{Deserialize, Serialize};
use tenfold_common::privacy::question::REFERRAL_SOURCES;

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
    /// Who asks for help for families.
    ReferralSource,
    /// Present, absent, or absent with leave.
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
    /// Frameworks that ship with the program.
    Framework,
    /// Type of result.
    ResultKind,
    /// What became of a claim before Tenfold.
    ClaimState,
    /// Answer to a check list.
    Answer,
}

impl CodeList {
    /// The register's words that codes of this list may stand for.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Sex => &["female", "male", "not-known"],
            Self::Flag => &["yes", "no"],
            Self::AssessmentKind => &["initial", "review"],
            // The last is where nothing is recorded, which no code says.
            Self::ReferralSource => &REFERRAL_SOURCES[..REFERRAL_SOURCES.len() - 1],
            Self::SessionCode => &["present", "absent", "authorised"],
            Self::IncidentKind => &["offence", "anti-social-behaviour", "domestic-abuse"],
            Self::SpellKind => &["benefit", "job"],
            Self::CareKind => &["in-need", "protection-plan", "looked-after"],
            Self::HousingKind => &["arrears", "notice", "eviction"],
            Self::Circumstance => {
                &["moved-away", "custody", "left-school", "adopted", "died", "not-traced", "expecting"]
            }
            Self::AskedSource => &["school-sessions", "police", "dwp", "social-care", "housing"],
            Self::Framework => {
                &["phase-1-2012", "expanded-2015", "expanded-2020", "supporting-families-2022"]
            }
            Self::ResultKind => &["progress", "employment"],
            Self::ClaimState => &["submitted", "paid", "refused", "withdrawn"],
            Self::Answer => &["benefit", "job", "none", "not-traced"],
        }
    }

    /// The name in mapping files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sex => "sex",
            Self::Flag => "flag",
            Self::AssessmentKind => "assessment-kind",
            Self::ReferralSource => "referral-source",
            Self::SessionCode => "session-code",
            Self::IncidentKind => "incident-kind",
            Self::SpellKind => "spell-kind",
            Self::CareKind => "care-kind",
            Self::HousingKind => "housing-kind",
            Self::Circumstance => "circumstance",
            Self::AskedSource => "asked-source",
            Self::Framework => "framework",
            Self::ResultKind => "result-kind",
            Self::ClaimState => "claim-state",
            Self::Answer => "answer",
        }
    }
}

#[cfg(test)]
mod tests {
    use tenfold_common::framework::{Framework, ResultKind};

    use super::*;
    use crate::claims::ladder::State;

    #[test]
    fn words_of_history_are_words_of_claims() {
        assert!(CodeList::Framework.words().iter().all(|word| Framework::by_name(word).is_some()));
        assert!(CodeList::ResultKind.words().iter().all(|word| word.parse::<ResultKind>().is_ok()));
        assert!(CodeList::ClaimState.words().iter().all(|word| word.parse::<State>().is_ok()));
    }
}
