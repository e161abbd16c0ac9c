//! Who belongs to one family: child and carer of an assessment, and a surname at one address over time.
//!
//! Like people, families are put together from everything that is known at once: the result does not depend
//! on the order in which rows came, and undoing a load is putting together again without it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use tenfold_common::calendar::plus_months;

use super::clusters::Clusters;

/// A family's number in this node; the smaller, the older.
pub type FamilyNumber = i64;
/// A family line's number in this node.
pub type LineNumber = i64;

/// More different surnames than this at one address make it a place of many: a hostel, a refuge, an office.
const SURNAMES_OF_A_HOME: usize = 4;

/// Two stays of one surname at one address are one household unless so many months lie between them.
const MONTHS_BETWEEN_STAYS: u32 = 24;

/// Somebody of a surname at an address on a day. A withheld address is none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// The property reference.
    pub uprn: String,
    /// The surname, folded.
    pub surname: String,
    /// The day of the record that says so.
    pub on: NaiveDate,
    /// The person, by index.
    pub person: usize,
}

/// What a person decided of two people's families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyTie {
    /// One family.
    Same,
    /// Two families.
    Different,
}

/// What is known of people that makes them families; people by index.
#[derive(Default)]
pub struct Bonds {
    /// Children assessed, with the carer where one is named.
    pub assessed: Vec<(usize, Option<usize>)>,
    /// A source's authoritative number of a family, with a person of it.
    pub numbered: Vec<(String, usize)>,
    /// Who stayed where.
    pub stays: Vec<Stay>,
    /// What was decided.
    pub decided: Vec<(usize, usize, FamilyTie)>,
    /// People of whom only a name is known, folded: they mean nobody outside their family.
    pub names_only: HashMap<usize, String>,
    /// The folded names of the others.
    pub names: HashMap<usize, String>,
}

/// The families, people by index.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Families {
    /// Each family's people in rising order, by their first.
    pub groups: Vec<Vec<usize>>,
    /// People known by a name only who are another person of their family: to be taken as one.
    pub same: Vec<(usize, usize)>,
    /// Addresses of many, which make no household.
    pub communal: BTreeSet<String>,
}

/// Puts people together to families.
pub fn families(people: usize, bonds: &Bonds) -> Families {
    let mut clusters = Clusters::of(people);
    let decided = |wanted: FamilyTie| {
        let pairs = bonds.decided.iter().filter(move |(.., tie)| *tie == wanted);
        pairs.map(|&(one, other, _)| (one, other))
    };
    for (one, other) in decided(FamilyTie::Same) {
        clusters.join(one, other);
    }
    for (one, other) in decided(FamilyTie::Different) {
        clusters.tell_apart(one, other);
    }
    for &(child, carer) in &bonds.assessed {
        if let Some(carer) = carer {
            clusters.join(child, carer);
        }
    }
    let mut numbered: Vec<&(String, usize)> = bonds.numbered.iter().collect();
    numbered.sort_unstable();
    for pair in numbered.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        clusters.join(pair[0].1, pair[1].1);
    }
    let communal = communal(&bonds.stays);
    let mut stays: Vec<&Stay> = bonds.stays.iter().filter(|stay| !communal.contains(&stay.uprn)).collect();
    stays.sort_unstable();
    for pair in stays.windows(2) {
        let same_home = (&pair[0].uprn, &pair[0].surname) == (&pair[1].uprn, &pair[1].surname);
        if same_home && pair[1].on <= plus_months(pair[0].on, MONTHS_BETWEEN_STAYS) {
            clusters.join(pair[0].person, pair[1].person);
        }
    }
    let assessed: BTreeSet<usize> = bonds
        .assessed
        .iter()
        .flat_map(|(child, carer)| [Some(*child), *carer])
        .flatten()
        .map(|person| clusters.root(person))
        .collect();
    let groups = clusters.groups_where(|root| assessed.contains(&root));
    let same = groups.iter().flat_map(|group| same_by_name(group, bonds)).collect();
    Families { groups, same, communal }
}

/// Addresses at which more surnames stayed than a home has.
fn communal(stays: &[Stay]) -> BTreeSet<String> {
    let mut surnames: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for stay in stays {
        surnames.entry(&stay.uprn).or_default().insert(&stay.surname);
    }
    let many = surnames.into_iter().filter(|(_, surnames)| surnames.len() > SURNAMES_OF_A_HOME);
    many.map(|(uprn, _)| uprn.to_owned()).collect()
}

/// In one family a name without a birthday is the one person of that name who has one, or one person.
fn same_by_name(group: &[usize], bonds: &Bonds) -> Vec<(usize, usize)> {
    let mut bearers: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for person in group {
        if let Some(name) = bonds.names_only.get(person) {
            bearers.entry(name).or_default().0.push(*person);
        }
    }
    if bearers.is_empty() {
        return Vec::new();
    }
    for person in group {
        if let Some(known) = bonds.names.get(person).and_then(|name| bearers.get_mut(name.as_str())) {
            known.1.push(*person);
        }
    }
    let mut same = Vec::new();
    for (bare, known) in bearers.into_values() {
        same.extend(bare.windows(2).map(|pair| (pair[0], pair[1])));
        if let [one] = known.as_slice() {
            same.push((*one, bare[0]));
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(person: usize, surname: &str, uprn: &str, on: &str) -> Stay {
        Stay { uprn: uprn.into(), surname: surname.into(), on: on.parse().unwrap(), person }
    }

    #[test]
    fn a_child_and_a_carer_are_one_family_and_siblings_follow() {
        let bonds = Bonds { assessed: vec![(0, Some(1)), (2, Some(1)), (3, None)], ..Bonds::default() };
        assert_eq!(families(5, &bonds).groups, [vec![0, 1, 2], vec![3]]);
    }

    #[test]
    fn parted_parents_are_one_family_through_their_child() {
        let bonds = Bonds { assessed: vec![(0, Some(1)), (0, Some(2))], ..Bonds::default() };
        assert_eq!(families(3, &bonds).groups, [[0, 1, 2]]);
    }

    #[test]
    fn one_surname_at_one_address_is_one_household_for_a_time() {
        let bonds = Bonds {
            assessed: vec![(0, None), (1, None), (2, None), (3, None)],
            stays: vec![
                stay(0, "marlbeck", "100", "2015-04-01"),
                stay(1, "marlbeck", "100", "2016-12-01"),
                stay(2, "other", "100", "2015-04-01"),
                stay(3, "marlbeck", "100", "2019-01-01"),
            ],
            ..Bonds::default()
        };
        assert_eq!(families(4, &bonds).groups, [vec![0, 1], vec![2], vec![3]]);
    }

    #[test]
    fn an_address_of_many_is_no_household() {
        let mut bonds = Bonds { assessed: (0..6).map(|child| (child, None)).collect(), ..Bonds::default() };
        for (person, surname) in ["a", "a", "b", "c", "d", "e"].into_iter().enumerate() {
            bonds.stays.push(stay(person, surname, "7", "2015-04-01"));
        }
        let found = families(6, &bonds);
        assert_eq!(found.groups.len(), 6);
        assert_eq!(found.communal, ["7".to_owned()].into());
    }

    #[test]
    fn a_tenant_of_the_surname_belongs_to_the_family_and_nobody_else_does() {
        let bonds = Bonds {
            assessed: vec![(0, None)],
            stays: vec![stay(0, "hill", "7", "2015-04-01"), stay(1, "hill", "7", "2015-06-01")],
            ..Bonds::default()
        };
        assert_eq!(families(3, &bonds).groups, [[0, 1]]);
    }

    #[test]
    fn a_sources_own_number_of_a_family_joins_its_people() {
        let numbered = [("s:F1", 0), ("s:F2", 1), ("s:F1", 2)].map(|(number, who)| (number.to_owned(), who));
        let bonds = Bonds {
            assessed: vec![(0, None), (1, None), (2, None)],
            numbered: numbered.to_vec(),
            ..Bonds::default()
        };
        assert_eq!(families(3, &bonds).groups, [vec![0, 2], vec![1]]);
    }

    #[test]
    fn decisions_stand_above_addresses() {
        let mut bonds = Bonds {
            assessed: vec![(0, None), (1, None), (2, None)],
            stays: vec![stay(0, "hill", "7", "2015-04-01"), stay(1, "hill", "7", "2015-06-01")],
            ..Bonds::default()
        };
        bonds.decided = vec![(0, 1, FamilyTie::Different), (1, 2, FamilyTie::Same)];
        assert_eq!(families(3, &bonds).groups, [vec![0], vec![1, 2]]);
    }

    #[test]
    fn a_carer_known_by_name_is_the_one_of_that_name_in_the_family() {
        let bonds = Bonds {
            assessed: vec![(0, Some(1)), (2, Some(3)), (0, Some(4)), (2, Some(4))],
            names_only: [(1, "dana|hill".to_owned()), (3, "dana|hill".to_owned())].into(),
            names: [(4, "dana|hill".to_owned()), (0, "amber|hill".to_owned())].into(),
            ..Bonds::default()
        };
        assert_eq!(families(5, &bonds).same, [(1, 3), (4, 1)]);
    }
}
