//! Who is meant: everything a row says of a person, and the fingerprint by which the same words are known again.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::register::{
    Sex,
    identifiers::{NhsNumber, NiNumber, Upn},
};

/// Everything a row says of who a person is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Who {
    /// Forenames; empty where not given.
    pub given_name: String,
    /// Surname; empty where not given.
    pub family_name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Sex as recorded.
    pub sex: Option<Sex>,
    /// NHS number.
    pub nhs_number: Option<NhsNumber>,
    /// Unique pupil number.
    pub upn: Option<Upn>,
    /// National Insurance number.
    pub ni_number: Option<NiNumber>,
    /// The case system and its id of the person.
    pub case_id: Option<CaseId>,
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a person")
    }
}

impl Who {
    /// Forenames and surname in the one spelling that is compared; empty where either is missing.
    pub fn folded_name(&self) -> String {
        if !self.has_full_name() {
            return String::new();
        }
        format!("{}|{}", folded(&self.given_name), folded(&self.family_name))
    }

    /// Whether forenames and surname are both given.
    pub fn has_full_name(&self) -> bool {
        !self.given_name.is_empty() && !self.family_name.is_empty()
    }

    /// Whether a number of some register says who it is.
    pub fn has_key(&self) -> bool {
        self.nhs_number.is_some() || self.upn.is_some() || self.ni_number.is_some() || self.case_id.is_some()
    }

    /// Whether only a name says who it is: it means nothing outside the row or the family it stands in.
    pub fn is_name_only(&self) -> bool {
        !self.has_key() && self.birth_date.is_none()
    }

    /// Whether a row that became no record speaks of them: one of its cells is one of their numbers, or all words of
    /// their name stand in it. Others of the same name are taken for them.
    pub fn is_named_in(&self, cells: &[String]) -> bool {
        let compact = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
        };
        let numbers = [
            self.nhs_number.as_ref().map(NhsNumber::as_str),
            self.upn.as_ref().map(Upn::as_str),
            self.ni_number.as_ref().map(NiNumber::as_str),
            self.case_id.as_ref().map(|case| case.id.as_str()),
        ];
        // A case id of a few digits stands in any row as a count.
        let numbers = numbers.into_iter().flatten().map(compact).filter(|number| number.len() > 4);
        let numbers: Vec<String> = numbers.collect();
        // A National Insurance number may stand with its suffix.
        let is_number = |cell: &String| {
            let cell = compact(cell);
            numbers.iter().any(|number| {
                *number == cell || cell.strip_prefix(number.as_str()).is_some_and(|rest| rest.len() == 1)
            })
        };
        let words = |text: &str| -> BTreeSet<String> {
            folded(text)
                .split(|c: char| !c.is_alphanumeric())
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let name = words(&self.folded_name());
        cells.iter().any(is_number) || (!name.is_empty() && name.is_subset(&words(&cells.join(" "))))
    }

    /// The fingerprint of all of it, within a scope that bounds what a name alone may mean.
    pub fn identity(&self, scope: &str) -> Identity {
        let mut hash = Sha256::new();
        let mut put = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        put(&self.given_name);
        put(&self.family_name);
        put(&self.birth_date.map(|day| day.to_string()).unwrap_or_default());
        put(self.sex.map(Sex::as_str).unwrap_or_default());
        put(self.nhs_number.as_ref().map(NhsNumber::as_str).unwrap_or_default());
        put(self.upn.as_ref().map(Upn::as_str).unwrap_or_default());
        put(self.ni_number.as_ref().map(NiNumber::as_str).unwrap_or_default());
        let case = self.case_id.as_ref().map_or(("", ""), |case| (&case.system, &case.id));
        put(case.0);
        put(case.1);
        put(scope);
        let digest: [u8; 32] = hash.finalize().into();
        Identity(u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes")))
    }
}

/// The fingerprint of a mention: the same words in the same scope have the same one, in every load and node.
///
/// # Privacy
/// It is made from personal data and never leaves the node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(u128);

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an identity")
    }
}

impl std::str::FromStr for Identity {
    type Err = NotAnIdentity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 32 {
            return Err(NotAnIdentity);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| NotAnIdentity)
    }
}

/// The text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a fingerprint, expected 32 hexadecimal digits")]
pub struct NotAnIdentity;

/// Somebody as some rows say: what is matched.
#[derive(Clone)]
pub struct Mention {
    /// What the rows say.
    pub who: Who,
    /// Its fingerprint.
    pub identity: Identity,
}

/// A case system's own id of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId {
    /// Whose id it is, in the mapping's word.
    pub system: String,
    /// The id.
    pub id: String,
}

/// Lower case, single spaces, one kind of apostrophe: what "the same name" means here.
pub fn folded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(word.chars().flat_map(char::to_lowercase).map(|c| if c == '’' { '\'' } else { c }));
    }
    text
}

/// A person's number in this node.
pub type PersonNumber = i64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_everything_and_reads_back() {
        let who = |given: &str, nhs: &str| Who {
            given_name: given.into(),
            family_name: "Fernhollow".into(),
            nhs_number: nhs.parse().ok(),
            ..Who::default()
        };
        let one = who("Amber", "").identity("");
        assert_eq!(one, who("Amber", "").identity(""));
        assert_ne!(one, who("Amber", "9434765919").identity(""));
        assert_ne!(one, who("Amber", "").identity("child of somebody"));
        assert_ne!(one, who("AMBER", "").identity(""));
        assert_eq!(one.to_string().parse(), Ok(one));
        assert_eq!("xyz".parse::<Identity>(), Err(NotAnIdentity));
    }

    #[test]
    fn a_row_that_became_no_record_may_still_speak_of_somebody() {
        let who = Who {
            given_name: "Mary Ann".into(),
            family_name: "O'Neill".into(),
            nhs_number: "9434765919".parse().ok(),
            ni_number: "QQ123456".parse().ok(),
            ..Who::default()
        };
        let named = |row: &str| who.is_named_in(&row.split(',').map(str::to_owned).collect::<Vec<_>>());
        assert!(named("x,943 476 5919,y") && named("QQ 12 34 56 C") && named("qq123456"));
        assert!(named("O’NEILL,Mary Ann,03/05/2005") && named("ann mary o'neill"));
        assert!(!named("9434765918,Mary,O'Neill") && !named("Mary Ann,Larkfold") && !named(""));
        assert!(!Who::default().is_named_in(&["".into(), "anything".into()]));
    }

    #[test]
    fn names_are_folded() {
        assert_eq!(folded("  Siân   O’Neill "), "siân o'neill");
    }
}
