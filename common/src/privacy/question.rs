//! A one-off table: one question about families, fixed and signed in the region before anyone in a borough looks.
//!
//! A family that a stream counts in the asked quarters stands in exactly one cell, so the table costs ρ = 1/2σ²
//! whatever it holds, and every family line pays that, whether it is in the table or not: from the policy's reserve.

#[cfg(test)]
pub(super) mod tests;

use serde::{Deserialize, Serialize};

use super::{Rho, RhoError, Succession, VerifiedPolicy, rho::LARGEST_SCALE};
use crate::{
    calendar::Quarter,
    geography::BoroughCode,
    protocol::signature::{self, PublicKey, SignatureError},
};

/// The media type of a signed question.
pub const QUESTION_TYPE: &str = "tenfold-question+jws";
/// The format of a question.
pub const QUESTION_FORMAT: &str = "tenfold-question/1";
/// How the ledger names the charge of a question; no stream's name has this sign in it.
const LEDGER: &str = "question/";

/// What is asked, before anything is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Always `tenfold-question/1`.
    pub format: String,
    /// Its name, which is for ever: lower-case words joined by hyphens.
    pub name: String,
    /// The words readers see.
    pub title: String,
    /// Hash of the policy from whose reserve it is paid, and which rules the quarter of its answer.
    pub policy: String,
    /// The stream whose families are asked about.
    pub stream: String,
    /// The first quarter in which such a family was recorded.
    pub from: Quarter,
    /// The last one; the answer is part of its release.
    pub to: Quarter,
    /// By what they are counted.
    pub by: Characteristic,
    /// Its labels, in their order: what the characteristic has, so that nobody chooses categories by their counts.
    pub labels: Vec<String>,
    /// Whether also by place.
    pub by_place: bool,
    /// Scale of the discrete Gaussian noise on every cell.
    pub sigma: u64,
}

/// What a family can be counted by; exactly one label of each fits every family.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Characteristic {
    /// Who asked for help for the family first.
    ReferralSource,
    /// How many of its people are under 18 on the day the event was recorded.
    Children,
}

/// Who asks for help for a family, as an assessment's mapping brings the source's words to them; the last is where
/// nothing is recorded.
pub const REFERRAL_SOURCES: [&str; 9] = [
    "family itself",
    "school or nursery",
    "health",
    "police",
    "social care",
    "housing",
    "voluntary sector",
    "other",
    "not recorded",
];

/// How many children a family has; the last is where nobody's date of birth is recorded.
pub const CHILDREN: [&str; 6] = ["none", "one", "two", "three", "four or more", "not recorded"];

impl Characteristic {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ReferralSource, Self::Children];

    /// Its word in documents and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReferralSource => "referral-source",
            Self::Children => "children",
        }
    }

    /// What readers call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::ReferralSource => "Referral source",
            Self::Children => "Children",
        }
    }

    /// Its labels, in their order.
    pub fn labels(self) -> &'static [&'static str] {
        match self {
            Self::ReferralSource => &REFERRAL_SOURCES,
            Self::Children => &CHILDREN,
        }
    }
}

impl std::fmt::Display for Characteristic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Characteristic {
    type Err = QuestionError;

    fn from_str(text: &str) -> Result<Self, QuestionError> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| QuestionError::Characteristic { found: text.to_owned() })
    }
}

/// Why a question is refused.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// The signature or the bytes are wrong.
    #[error("the question is not signed by the region: {0}")]
    Signature(#[from] SignatureError),
    /// The format is not ours.
    #[error("the question's format is {found:?}, expected {QUESTION_FORMAT:?}")]
    Format {
        /// What stood there.
        found: String,
    },
    /// The policies known do not follow one another.
    #[error(transparent)]
    Succession(#[from] super::PolicyError),
    /// The name is none.
    #[error(
        "{name:?} cannot name a question, expected lower-case words joined by hyphens, such as \"by-referral\""
    )]
    Name {
        /// What was given.
        name: String,
    },
    /// The policy it is paid from is not known.
    #[error("the question is paid from policy {named}, which is not known here; adopt that first")]
    UnknownPolicy {
        /// The policy it names.
        named: String,
    },
    /// It is paid from another policy than rules the quarter of its answer.
    #[error("the question is paid from policy {named}, expected {expected}, which rules {to}")]
    OtherPolicy {
        /// The policy it names.
        named: String,
        /// The one that rules.
        expected: String,
        /// The quarter of the answer.
        to: Quarter,
    },
    /// The policy has no such stream.
    #[error("the question asks about stream {stream:?}, expected one of {expected}")]
    Stream {
        /// The stream.
        stream: String,
        /// Those there are.
        expected: String,
    },
    /// The quarters cannot be asked about.
    #[error(
        "the question asks about {from} to {to}, expected quarters of the policy in order, none of them the opening position"
    )]
    Quarters {
        /// The first.
        from: Quarter,
        /// The last.
        to: Quarter,
    },
    /// There is no such characteristic.
    #[error("families cannot be counted by {found:?}, expected referral-source or children")]
    Characteristic {
        /// What was given.
        found: String,
    },
    /// Its labels are not the characteristic's.
    #[error("the labels of {by} are {expected}; a question cannot choose among them")]
    Labels {
        /// The characteristic.
        by: Characteristic,
        /// Its labels.
        expected: String,
    },
    /// The noise scale cannot serve.
    #[error("the question's noise cannot serve: {0}")]
    Rho(#[from] RhoError),
    /// It passes what is left of the reserve.
    #[error("the question costs ρ = {cost}, {left} is left of the reserve of {reserve}{}", used_by(.used))]
    OverReserve {
        /// What it costs.
        cost: Rho,
        /// What is left.
        left: Rho,
        /// The policy's reserve.
        reserve: Rho,
        /// The questions that used the rest.
        used: Vec<String>,
    },
}

fn used_by(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; the rest was used by {}", names.join(", ")) }
}

/// A question that was verified whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedQuestion {
    question: Question,
    hash: String,
    signed: String,
    cost: Rho,
}

impl Question {
    /// What every family line pays for it: ⌈10⁹/2σ²⌉ nano-ρ, because a line is in one cell or in none.
    ///
    /// # Errors
    /// Where σ is below 1.
    pub fn cost(&self) -> Result<Rho, RhoError> {
        Rho::of_group(1, 1, self.sigma)
    }

    /// The least noise that a loss pays for; none pays for it where there is no loss at all.
    pub fn sigma_for(rho: Rho) -> Option<u64> {
        let enough = |sigma: &u64| Rho::of_group(1, 1, *sigma).is_ok_and(|cost| cost <= rho);
        // From just below the real root upward: whole numbers decide.
        let root = (0.5 / rho.as_f64().max(1e-9)).sqrt().floor().max(1.0) as u64;
        (rho > Rho::ZERO).then(|| (root.saturating_sub(1).max(1)..=LARGEST_SCALE).find(enough)).flatten()
    }

    fn other_policy(&self, rules: &VerifiedPolicy) -> QuestionError {
        let (named, expected) = (self.policy.clone(), rules.hash().to_owned());
        QuestionError::OtherPolicy { named, expected, to: self.to }
    }

    fn verify(&self, policies: &Succession) -> Result<Rho, QuestionError> {
        if self.format != QUESTION_FORMAT {
            return Err(QuestionError::Format { found: self.format.clone() });
        }
        let named = self.name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        if !named || self.name.len() > 60 {
            return Err(QuestionError::Name { name: self.name.clone() });
        }
        let policy = policies.nearest(self.to);
        if policy.hash() != self.policy {
            return Err(self.other_policy(policy));
        }
        if policy.stream(&self.stream).is_err() {
            let names = policy.policy().streams.iter().map(|stream| stream.name.as_str());
            return Err(QuestionError::Stream {
                stream: self.stream.clone(),
                expected: names.collect::<Vec<_>>().join(", "),
            });
        }
        let ruled = policies.quarter_index(self.from).is_ok() && policies.quarter_index(self.to).is_ok();
        if !ruled || self.from > self.to || policies.is_opening(self.from) {
            return Err(QuestionError::Quarters { from: self.from, to: self.to });
        }
        if self.labels != self.by.labels() {
            return Err(QuestionError::Labels { by: self.by, expected: self.by.labels().join(", ") });
        }
        Ok(self.cost()?)
    }
}

impl VerifiedQuestion {
    /// Opens a signed question: signature over the received bytes, canonical form, and every check against the
    /// policy it is paid from, which is among those known.
    ///
    /// # Errors
    /// The first fault found.
    pub fn open(signed: &str, region: &PublicKey, known: &[VerifiedPolicy]) -> Result<Self, QuestionError> {
        let question: Question = signature::open(signed, QUESTION_TYPE, region)?;
        let named = known.iter().find(|policy| policy.hash() == question.policy);
        let named = named.ok_or_else(|| QuestionError::UnknownPolicy { named: question.policy.clone() })?;
        let cost = question.verify(&Succession::up_to(named.clone(), known)?)?;
        let hash = signature::payload_hash(signed)?;
        Ok(Self { question, hash, signed: signed.to_owned(), cost })
    }

    /// The question itself.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// SHA-256 of the canonical bytes, in hexadecimal: binds every answer.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The signed text as received.
    pub fn signed(&self) -> &str {
        &self.signed
    }

    /// What every family line pays for it.
    pub fn cost(&self) -> Rho {
        self.cost
    }

    /// How the ledger names its charge; never the name of a stream.
    pub fn ledger_name(&self) -> String {
        format!("{LEDGER}{}", self.question.name)
    }

    /// How many cells its answer has for a borough: label by label, place by place where it is also by place.
    ///
    /// # Errors
    /// Where the borough is not in the policy.
    pub fn cells(&self, policy: &VerifiedPolicy, borough: &BoroughCode) -> Result<usize, super::PolicyError> {
        let places = if self.question.by_place { policy.places(borough)? } else { 1 };
        Ok(places * self.question.labels.len())
    }

    /// The cell of a family: place by place, label by label.
    pub fn cell(&self, place: usize, label: usize) -> usize {
        let labels = self.question.labels.len();
        if self.question.by_place { place * labels + label } else { label }
    }

    /// Refuses a question whose answer falls into a quarter that another policy rules by now.
    ///
    /// # Errors
    /// `OtherPolicy`.
    pub fn is_ruled(&self, policies: &Succession) -> Result<(), QuestionError> {
        let rules = policies.nearest(self.question.to);
        if rules.hash() == self.question.policy { Ok(()) } else { Err(self.question.other_policy(rules)) }
    }

    /// Refuses a question that the reserve of its policy cannot pay for beside those asked before.
    ///
    /// # Errors
    /// `OverReserve`, with what used the rest.
    pub fn within_reserve(&self, policy: &VerifiedPolicy, before: &[Self]) -> Result<(), QuestionError> {
        let same = before.iter().filter(|other| other.question.policy == self.question.policy);
        let (names, costs): (Vec<String>, Vec<Rho>) =
            same.map(|other| (other.question.name.clone(), other.cost)).unzip();
        let reserve = policy.policy().reserve;
        let left = reserve.checked_sub(costs.into_iter().sum()).unwrap_or_default();
        if self.cost <= left {
            return Ok(());
        }
        Err(QuestionError::OverReserve { cost: self.cost, left, reserve, used: names })
    }
}

/// Whether a name may be a stream's: no question's charge is ever named so.
pub(super) fn may_name_a_stream(name: &str) -> bool {
    !name.is_empty() && !name.contains('/')
}
