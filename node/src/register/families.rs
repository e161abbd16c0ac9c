//! Who belongs to one family: child and carer of an assessment, and a surname at one address.
//!
//! A row that touches two families makes them one. The older family stays, the other is kept as merged into
//! it, and their lines are united for good: what was ever counted under either was counted for both.

use std::collections::HashMap;

use crate::register::{identifiers::Uprn, matching::PersonNumber};

/// A family's number in this node; the smaller, the older.
pub type FamilyNumber = i64;
/// A family line's number in this node.
pub type LineNumber = i64;

/// A surname at an address. There is none without a property reference: a withheld address joins nobody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Household {
    /// The surname, folded.
    pub surname: String,
    /// The property reference.
    pub uprn: String,
}

impl Household {
    /// The household of a surname at an address, if both are known.
    pub fn of(family_name: &str, uprn: Option<&Uprn>) -> Option<Self> {
        let surname = super::matching::folded(family_name);
        let uprn = uprn.filter(|_| !surname.is_empty())?.as_str().to_owned();
        Some(Self { surname, uprn })
    }
}

/// One change to the register's families, in the order in which they are to be written.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// A family began.
    Founded {
        /// The family.
        family: FamilyNumber,
        /// Its line.
        line: LineNumber,
    },
    /// A family went up in an older one, with its people, its households and its line.
    United {
        /// The younger family.
        family: FamilyNumber,
        /// The older one.
        into: FamilyNumber,
        /// The younger family's line.
        line: LineNumber,
        /// The older one's line.
        into_line: LineNumber,
    },
    /// A person became a member.
    Joined {
        /// The person.
        person: PersonNumber,
        /// The family.
        family: FamilyNumber,
    },
    /// A household became a family's.
    Housed {
        /// The household.
        household: Household,
        /// The family.
        family: FamilyNumber,
    },
}

/// The families as they stand, while rows are taken.
#[derive(Default)]
pub struct Families {
    of_person: HashMap<PersonNumber, FamilyNumber>,
    of_household: HashMap<Household, FamilyNumber>,
    people: HashMap<FamilyNumber, Vec<PersonNumber>>,
    households: HashMap<FamilyNumber, Vec<Household>>,
    lines: HashMap<FamilyNumber, LineNumber>,
    last_family: FamilyNumber,
    last_line: LineNumber,
}

impl Families {
    /// No families yet; numbers are given after these.
    pub fn after(last_family: FamilyNumber, last_line: LineNumber) -> Self {
        Self { last_family, last_line, ..Self::default() }
    }

    /// The highest numbers given so far.
    pub fn last(&self) -> (FamilyNumber, LineNumber) {
        (self.last_family, self.last_line)
    }

    /// Puts in a family as the register has it.
    pub fn insert(&mut self, family: FamilyNumber, line: LineNumber) {
        self.lines.insert(family, line);
    }

    /// Puts in a member as the register has them.
    pub fn insert_member(&mut self, person: PersonNumber, family: FamilyNumber) {
        self.of_person.insert(person, family);
        self.people.entry(family).or_default().push(person);
    }

    /// Puts in a household as the register has it.
    pub fn insert_household(&mut self, household: Household, family: FamilyNumber) {
        self.of_household.insert(household.clone(), family);
        self.households.entry(family).or_default().push(household);
    }

    /// The family of a person.
    pub fn of(&self, person: PersonNumber) -> Option<FamilyNumber> {
        self.of_person.get(&person).copied()
    }

    /// Makes people and households one family: the oldest that any of them belongs to, else a new one.
    pub fn unite(&mut self, people: &[PersonNumber], households: &[Household]) -> Vec<Change> {
        let of_people = people.iter().filter_map(|person| self.of_person.get(person));
        let of_households = households.iter().filter_map(|house| self.of_household.get(house));
        let mut touched: Vec<FamilyNumber> = of_people.chain(of_households).copied().collect();
        touched.sort_unstable();
        touched.dedup();
        let mut changes = Vec::new();
        let family = touched.first().copied().unwrap_or_else(|| {
            self.last_family += 1;
            self.last_line += 1;
            let (family, line) = (self.last_family, self.last_line);
            self.insert(family, line);
            changes.push(Change::Founded { family, line });
            family
        });
        for &younger in touched.iter().skip(1) {
            changes.push(self.absorb(younger, family));
        }
        for &person in people {
            if self.of(person).is_none() {
                self.insert_member(person, family);
                changes.push(Change::Joined { person, family });
            }
        }
        for household in households {
            if !self.of_household.contains_key(household) {
                self.insert_household(household.clone(), family);
                changes.push(Change::Housed { household: household.clone(), family });
            }
        }
        changes
    }

    fn absorb(&mut self, family: FamilyNumber, into: FamilyNumber) -> Change {
        for person in self.people.remove(&family).unwrap_or_default() {
            self.insert_member(person, into);
        }
        for household in self.households.remove(&family).unwrap_or_default() {
            self.insert_household(household, into);
        }
        let line = self.lines.remove(&family).unwrap_or_default();
        let into_line = self.lines.get(&into).copied().unwrap_or_default();
        Change::United { family, into, line, into_line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(surname: &str, uprn: &str) -> Household {
        Household::of(surname, uprn.parse().ok().as_ref()).unwrap()
    }

    #[test]
    fn a_child_and_a_carer_are_one_family_and_siblings_follow() {
        let mut families = Families::after(4, 6);
        assert_eq!(families.unite(&[1, 2], &[]).len(), 3);
        let changes = families.unite(&[3, 2], &[]);
        assert!(changes == [Change::Joined { person: 3, family: 5 }]);
        assert!(families.unite(&[3, 2], &[]).is_empty());
        assert_eq!(families.last(), (5, 7));
    }

    #[test]
    fn one_surname_at_one_address_is_one_family() {
        let mut families = Families::default();
        families.unite(&[1], &[house("Marlbeck", "100")]);
        families.unite(&[2], &[house("MARLBECK", "0100")]);
        families.unite(&[3], &[house("Other", "100")]);
        assert_eq!([1, 2, 3].map(|p| families.of(p)), [Some(1), Some(1), Some(2)]);
        assert!(Household::of("Marlbeck", None).is_none());
    }

    #[test]
    fn a_bridge_keeps_the_older_family_and_unites_the_lines() {
        let mut families = Families::default();
        families.unite(&[1, 2], &[house("A", "1")]);
        families.unite(&[3, 4], &[house("B", "2")]);
        let changes = families.unite(&[4, 1, 5], &[]);
        let united = Change::United { family: 2, into: 1, line: 2, into_line: 1 };
        assert!(changes == [united, Change::Joined { person: 5, family: 1 }]);
        assert_eq!([1, 2, 3, 4, 5].map(|p| families.of(p)), [Some(1); 5]);
        families.unite(&[6], &[house("B", "2")]);
        assert_eq!(families.of(6), Some(1));
        families.unite(&[7], &[]);
        assert_eq!((families.of(7), families.last()), (Some(3), (3, 3)));
    }
}
