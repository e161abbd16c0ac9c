//! Whose row is it: deterministic keys in a fixed order, then name and date of birth.
//!
//! The order is NHS number, unique pupil number, National Insurance number, the case system's own id, and last
//! the exact name (case folded) with the date of birth. A name never joins two people whose keys contradict
//! each other, nor one of several people of that name and birthday.

use std::{collections::HashMap, fmt};

use chrono::NaiveDate;

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
        if self.given_name.is_empty() || self.family_name.is_empty() {
            return String::new();
        }
        format!("{}|{}", folded(&self.given_name), folded(&self.family_name))
    }

    fn keys(&self) -> Vec<PersonKey> {
        let key = |kind, value: Option<&str>| value.map(|value| PersonKey { kind, value: value.to_owned() });
        let case = self.case_id.as_ref().map(|case| format!("{}:{}", case.system, case.id));
        let keys = [
            key(KeyKind::Nhs, self.nhs_number.as_ref().map(NhsNumber::as_str)),
            key(KeyKind::Upn, self.upn.as_ref().map(Upn::as_str)),
            key(KeyKind::Ni, self.ni_number.as_ref().map(NiNumber::as_str)),
            key(KeyKind::Case, case.as_deref()),
        ];
        keys.into_iter().flatten().collect()
    }
}

/// A case system's own id of a person.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CaseId {
    /// Whose id it is, in the mapping's word.
    pub system: String,
    /// The id.
    pub id: String,
}

/// Lower case, single spaces, one kind of apostrophe: what "the same name" means here.
pub fn folded(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase().replace('’', "'")
}

/// A person's number in this node.
pub type PersonNumber = i64;

/// What kind of key it is; in the order in which they decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// NHS number.
    Nhs,
    /// Unique pupil number.
    Upn,
    /// National Insurance number.
    Ni,
    /// A case system's own id.
    Case,
    /// Carer of a person: for one who has a name only.
    Carer,
}

impl KeyKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Nhs, Self::Upn, Self::Ni, Self::Case, Self::Carer];

    /// The word in the table of keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nhs => "nhs",
            Self::Upn => "upn",
            Self::Ni => "ni",
            Self::Case => "case",
            Self::Carer => "carer",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Whether two values of it are two people.
    fn tells_apart(self) -> bool {
        matches!(self, Self::Nhs | Self::Upn | Self::Ni)
    }
}

/// One key of one person.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonKey {
    /// What kind.
    pub kind: KeyKind,
    /// Its one spelling.
    pub value: String,
}

/// What the index keeps of a person.
#[derive(Clone, Default)]
struct Known {
    name: String,
    birth_date: Option<NaiveDate>,
    kinds: u8,
}

/// The people of the register, for finding whose row it is.
#[derive(Default)]
pub struct PersonIndex {
    keys: HashMap<PersonKey, PersonNumber>,
    names: HashMap<(String, NaiveDate), Vec<PersonNumber>>,
    people: HashMap<PersonNumber, Known>,
    last: PersonNumber,
}

/// Whose row it is, and what is new about them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Admitted {
    /// The person.
    pub person: PersonNumber,
    /// Whether the row is the first of this person.
    pub is_new: bool,
    /// Whether the row gave the name that was missing until now.
    pub gave_name: bool,
    /// Whether the row gave the birth date that was missing until now.
    pub gave_birth_date: bool,
    /// Keys that the person did not have.
    pub new_keys: Vec<PersonKey>,
    /// Other people to whom keys of this row belong: the same person twice, or a family in two parts.
    pub bridged: Vec<PersonNumber>,
}

impl PersonIndex {
    /// An empty index that numbers people after `last`.
    pub fn after(last: PersonNumber) -> Self {
        Self { last, ..Self::default() }
    }

    /// The highest number given so far.
    pub fn last(&self) -> PersonNumber {
        self.last
    }

    /// Puts in a person as the register has them.
    pub fn insert(&mut self, person: PersonNumber, folded_name: &str, birth_date: Option<NaiveDate>) {
        let known = self.people.entry(person).or_default();
        folded_name.clone_into(&mut known.name);
        known.birth_date = birth_date;
        if let Some(day) = birth_date.filter(|_| !folded_name.is_empty()) {
            let people = self.names.entry((folded_name.to_owned(), day)).or_default();
            people.push(person);
        }
    }

    /// Puts in a key as the register has it.
    pub fn insert_key(&mut self, key: PersonKey, person: PersonNumber) {
        self.people.entry(person).or_default().kinds |= key.kind.bit();
        self.keys.insert(key, person);
    }

    /// Whose row it is, if it is anybody's.
    pub fn find(&self, who: &Who) -> Option<PersonNumber> {
        self.owners(who, &who.keys()).first().copied()
    }

    /// The one person of a name (folded) and birthday.
    pub fn named(&self, folded_name: &str, birth_date: NaiveDate) -> Option<PersonNumber> {
        match self.names.get(&(folded_name.to_owned(), birth_date))?.as_slice() {
            [person] => Some(*person),
            _ => None,
        }
    }

    /// Whose row it is; a new person where it is nobody's. A carer known by name only is that child's carer.
    pub fn admit(&mut self, who: &Who, carer_of: Option<PersonNumber>) -> Admitted {
        let mut keys = who.keys();
        if let Some(child) = carer_of.filter(|_| keys.is_empty() && who.birth_date.is_none()) {
            keys.push(PersonKey { kind: KeyKind::Carer, value: format!("{child}|{}", who.folded_name()) });
        }
        let owners = self.owners(who, &keys);
        let mut admitted = Admitted::default();
        match owners.split_first() {
            Some((&person, others)) => {
                admitted.person = person;
                admitted.bridged = others.to_vec();
            }
            None => {
                self.last += 1;
                admitted.person = self.last;
                admitted.is_new = true;
                self.insert(self.last, &who.folded_name(), who.birth_date);
            }
        }
        if !admitted.is_new {
            (admitted.gave_name, admitted.gave_birth_date) = self.learn(admitted.person, who);
        }
        for key in keys {
            if !self.keys.contains_key(&key) {
                admitted.new_keys.push(key.clone());
                self.insert_key(key, admitted.person);
            }
        }
        admitted
    }

    /// The people to whom the row's keys belong, the deciding one first; by name only where no key is known.
    fn owners(&self, who: &Who, keys: &[PersonKey]) -> Vec<PersonNumber> {
        let mut owners = Vec::new();
        for key in keys {
            if let Some(&owner) = self.keys.get(key)
                && !owners.contains(&owner)
                && (key.kind != KeyKind::Case || self.could_be(owner, who))
            {
                owners.push(owner);
            }
        }
        if owners.is_empty() {
            owners.extend(self.by_name(who, keys));
        }
        owners
    }

    /// A case id given to somebody of another name and another birthday is a slip, not a match.
    fn could_be(&self, owner: PersonNumber, who: &Who) -> bool {
        let Some(known) = self.people.get(&owner) else {
            return true;
        };
        let name = who.folded_name();
        let same_name = name.is_empty() || known.name.is_empty() || known.name == name;
        let same_day = match (known.birth_date, who.birth_date) {
            (Some(known), Some(given)) => known == given,
            _ => name.is_empty() || known.name.is_empty(),
        };
        same_name || same_day
    }

    fn by_name(&self, who: &Who, keys: &[PersonKey]) -> Option<PersonNumber> {
        let name = Some(who.folded_name()).filter(|name| !name.is_empty())?;
        // None of the row's keys is known here, so a person who has a key of such a kind has another value.
        let telling = keys.iter().filter(|key| key.kind.tells_apart());
        let kinds = telling.fold(0, |bits, key| bits | key.kind.bit());
        let people = self.names.get(&(name, who.birth_date?))?;
        let mut fitting = people
            .iter()
            .filter(|person| self.people.get(person).is_none_or(|known| known.kinds & kinds == 0));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(*first)
    }

    /// Whether name and birth date were news.
    fn learn(&mut self, person: PersonNumber, who: &Who) -> (bool, bool) {
        let Some(known) = self.people.get(&person).cloned() else {
            return (false, false);
        };
        let given = who.folded_name();
        let name_is_news = known.name.is_empty() && !given.is_empty();
        let day_is_news = known.birth_date.is_none() && who.birth_date.is_some();
        if name_is_news || day_is_news {
            let name = if name_is_news { given } else { known.name };
            self.insert(person, &name, known.birth_date.or(who.birth_date));
        }
        (name_is_news, day_is_news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(name: &str, born: &str) -> Who {
        let (given, family) = name.split_once(' ').unwrap();
        Who {
            given_name: given.into(),
            family_name: family.into(),
            birth_date: born.parse().ok(),
            ..Who::default()
        }
    }

    fn case(id: &str) -> Option<CaseId> {
        Some(CaseId { system: "case-system".into(), id: id.into() })
    }

    fn keyed(name: &str, born: &str, nhs: &str, upn: &str, id: &str) -> Who {
        Who { nhs_number: nhs.parse().ok(), upn: upn.parse().ok(), case_id: case(id), ..who(name, born) }
    }

    const NHS: &str = "9434765919";
    const OTHER_NHS: &str = "9990001006";
    const UPN: &str = "C100000000000";

    #[test]
    fn keys_decide_before_names() {
        let mut index = PersonIndex::after(7);
        let first = index.admit(&keyed("Amber Fernhollow", "2005-05-03", NHS, "", "C1"), None);
        assert!(first.is_new && first.person == 8 && first.new_keys.len() == 2);
        let duplicate = index.admit(&keyed("Ambre Fern-Hollow", "2005-05-30", NHS, UPN, "C2"), None);
        assert_eq!((duplicate.person, duplicate.is_new), (8, false));
        assert_eq!(index.find(&keyed("X Y", "", "", UPN, "C9")), Some(8));
        assert_eq!(index.find(&who("AMBER  fernhollow", "2005-05-03")), Some(8));
        assert_eq!(index.find(&who("Amber Fernhollow", "2005-05-04")), None);
        assert_eq!(index.find(&who("Amber Fernhollow", "")), None);
    }

    #[test]
    fn a_name_joins_nobody_whose_keys_contradict() {
        let mut index = PersonIndex::default();
        index.admit(&keyed("Amber Fernhollow", "2005-05-03", NHS, "", "C1"), None);
        let other = index.admit(&keyed("Amber Fernhollow", "2005-05-03", OTHER_NHS, "", "C2"), None);
        assert!(other.is_new);
        // Two people of that name and birthday: a row without a key is neither's.
        assert_eq!(index.find(&who("Amber Fernhollow", "2005-05-03")), None);
    }

    #[test]
    fn a_case_id_needs_the_name_or_the_birthday_to_agree() {
        let mut index = PersonIndex::default();
        index.admit(&keyed("Amber Fernhollow", "2005-05-03", "", "", "C1"), None);
        assert_eq!(index.find(&keyed("Amber Marlbeck", "2005-05-03", "", "", "C1")), Some(1));
        assert_eq!(index.find(&keyed("Amber Fernhollow", "2005-05-04", "", "", "C1")), Some(1));
        assert_eq!(index.find(&keyed("Jude Marlbeck", "2003-01-22", "", "", "C1")), None);
        let bare = Who { case_id: case("C1"), ..Who::default() };
        assert_eq!(index.find(&bare), Some(1));
    }

    #[test]
    fn a_row_can_bridge_two_people_and_complete_one() {
        let mut index = PersonIndex::default();
        let bare = Who { case_id: case("C1"), ..Who::default() };
        assert!(index.admit(&bare, None).is_new);
        let fuller = index.admit(&keyed("Amber Fernhollow", "2005-05-03", NHS, "", "C1"), None);
        assert!(fuller.gave_name && fuller.gave_birth_date && fuller.person == 1);
        let second = index.admit(&keyed("Amber Ferris", "2005-05-03", "", UPN, "C2"), None);
        assert_eq!(second.person, 2);
        let bridge = index.admit(&keyed("Amber Fernhollow", "2005-05-03", NHS, UPN, "C1"), None);
        assert_eq!((bridge.person, bridge.bridged), (1, vec![2]));
    }

    #[test]
    fn a_carer_known_by_name_only_is_that_childs_carer() {
        let mut index = PersonIndex::default();
        let child = index.admit(&keyed("Amber Fernhollow", "2005-05-03", NHS, "", "C1"), None);
        let carer = index.admit(&who("Dana Fernhollow", ""), Some(child.person));
        let again = index.admit(&who("Dana FERNHOLLOW", ""), Some(child.person));
        assert_eq!((again.person, again.is_new), (carer.person, false));
        assert!(index.admit(&who("Dana Fernhollow", ""), None).is_new);
    }
}
