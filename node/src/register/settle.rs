//! The register put together: from mentions, rows and decisions to people, families and family lines.
//!
//! Everything is computed from what is there, so the result never depends on the order of loading. Only the
//! numbers remember: a person, a family and a line keep theirs for ever.
//!
//! # Privacy
//! A family line is a family with everything ever merged with or split from it. Lines that come together stay
//! together: a split inherits the line, a merge unites the lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{
    families::{Bonds, Families, FamilyNumber, FamilyTie, LineNumber, Stay, families},
    matching::{Identity, Mention, PersonNumber, Who, folded},
    persons::{Doubt, Persons, Tie, persons},
    standing::{Named, Standing, name_groups},
};

/// A mention's number in this node.
pub type MentionNumber = i64;

/// A mention as the register has it.
#[derive(Clone)]
pub struct KnownMention {
    /// Its number; the smaller, the older.
    pub number: MentionNumber,
    /// What the rows say.
    pub mention: Mention,
    /// The person it is taken for.
    pub person: Option<PersonNumber>,
    /// The first person it was taken for.
    pub first_person: Option<PersonNumber>,
}

/// The family a person is in, and the first they were in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// Now.
    pub family: Option<FamilyNumber>,
    /// At first.
    pub first_family: Option<FamilyNumber>,
}

/// What an assessment says of who belongs together and lives where; mentions by index.
#[derive(Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The child.
    pub child: usize,
    /// The carer, where named.
    pub carer: Option<usize>,
    /// The property reference; none where withheld.
    pub uprn: Option<String>,
    /// The ward's code, where known.
    pub ward: Option<String>,
    /// The day it began.
    pub on: NaiveDate,
}

/// The highest numbers given so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// Of a person.
    pub person: PersonNumber,
    /// Of a family.
    pub family: FamilyNumber,
    /// Of a family line.
    pub line: LineNumber,
    /// Of a mention.
    pub mention: MentionNumber,
}

/// Everything that decides who is who.
#[derive(Default)]
pub struct Known {
    /// The mentions, oldest first.
    pub mentions: Vec<KnownMention>,
    /// People's families.
    pub members: HashMap<PersonNumber, Membership>,
    /// Families' lines.
    pub lines: HashMap<FamilyNumber, LineNumber>,
    /// Lines that went up in others.
    pub merges: BTreeMap<LineNumber, LineNumber>,
    /// Assessments.
    pub assessed: Vec<Assessed>,
    /// Mentions by index with the source's number of their family, where that holds.
    pub family_refs: Vec<(usize, String)>,
    /// Case systems whose numbers of persons hold whatever names say.
    pub authorities: BTreeSet<String>,
    /// Tenants: mention by index, property reference, day.
    pub tenants: Vec<(usize, String, NaiveDate)>,
    /// What was linked or decided of people.
    pub ties: Vec<(Identity, Identity, Tie)>,
    /// What was decided of families.
    pub family_ties: Vec<(Identity, Identity, FamilyTie)>,
    /// Numbers given so far.
    pub heads: Heads,
}

/// A person as put together.
#[derive(Debug, PartialEq, Eq)]
pub struct SettledPerson {
    /// The person's number.
    pub number: PersonNumber,
    /// Whether the number is new.
    pub is_new: bool,
    /// The mentions, by index.
    pub mentions: Vec<usize>,
    /// The mention whose name stands for the person, by index.
    pub named_by: usize,
    /// The mention whose birthday stands for the person, by index.
    pub born_by: usize,
    /// The families.
    pub membership: Membership,
}

/// A family as put together.
#[derive(Debug, PartialEq, Eq)]
pub struct SettledFamily {
    /// Its number.
    pub number: FamilyNumber,
    /// Whether the number is new.
    pub is_new: bool,
    /// Its line.
    pub line: LineNumber,
    /// Where it lives by the newest assessment that says so.
    pub home: Home,
}

/// Where a family lives, as far as known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// The ward's code.
    pub ward: Option<String>,
    /// The property reference.
    pub uprn: Option<String>,
    /// The first day of the assessment that says so.
    pub on: Option<NaiveDate>,
}

/// The register as put together.
#[derive(Debug, Default)]
pub struct Settled {
    /// The people, by their oldest mentions.
    pub persons: Vec<SettledPerson>,
    /// The families.
    pub families: Vec<SettledFamily>,
    /// Lines that come together now: the one that goes up, the one that stands for both.
    pub merges: Vec<(LineNumber, LineNumber)>,
    /// What a person should look at; mentions by index.
    pub doubts: Vec<(usize, usize, Doubt)>,
    /// Addresses of many.
    pub communal: BTreeSet<String>,
    /// Numbers that are placeholders.
    pub placeholders: usize,
    /// Numbers given by now.
    pub heads: Heads,
}

/// Puts the register together.
pub fn settle(known: &Known) -> Settled {
    let mentions: Vec<&Mention> = known.mentions.iter().map(|known| &known.mention).collect();
    let mut found = persons(&mentions, &known.ties, &known.authorities);
    let (mut people, mut homes) = together(known, &found);
    if !homes.same.is_empty() {
        let groups = people.groups;
        for (one, other) in &homes.same {
            found.clusters.join(groups[*one][0], groups[*other][0]);
        }
        (people, homes) = together(known, &found);
    }
    let mut settled = Settled {
        doubts: found.doubts,
        communal: homes.communal,
        placeholders: found.placeholders,
        heads: known.heads,
        ..Settled::default()
    };
    let named = name_people(known, &people, &mut settled.heads.person);
    name_families(known, people, &homes.groups, &named, &mut settled);
    settled
}

/// The people as groups of mentions, and each mention's person.
struct People {
    groups: Vec<Vec<usize>>,
    of: Vec<usize>,
}

fn together(known: &Known, found: &Persons) -> (People, Families) {
    let groups = found.clusters.groups();
    let mut of = vec![0; known.mentions.len()];
    for (person, mentions) in groups.iter().enumerate() {
        for &mention in mentions {
            of[mention] = person;
        }
    }
    let people = People { groups, of };
    let bonds = bonds(known, &people);
    let homes = families(people.groups.len(), &bonds);
    (people, homes)
}

fn bonds(known: &Known, people: &People) -> Bonds {
    let mut bonds = Bonds::default();
    let surname = |mention: usize| folded(&known.mentions[mention].mention.who.family_name);
    let mut stay = |mention: usize, uprn: &str, on: NaiveDate| {
        let surname = surname(mention);
        if !surname.is_empty() {
            let (uprn, person) = (uprn.to_owned(), people.of[mention]);
            bonds.stays.push(Stay { uprn, surname, on, person });
        }
    };
    for row in &known.assessed {
        if let Some(uprn) = &row.uprn {
            stay(row.child, uprn, row.on);
            if let Some(carer) = row.carer {
                stay(carer, uprn, row.on);
            }
        }
    }
    for (tenant, uprn, on) in &known.tenants {
        stay(*tenant, uprn, *on);
    }
    bonds.stays.sort_unstable();
    bonds.stays.dedup();
    bonds.assessed = known
        .assessed
        .iter()
        .map(|row| (people.of[row.child], row.carer.map(|carer| people.of[carer])))
        .collect();
    bonds.assessed.sort_unstable();
    bonds.assessed.dedup();
    for &(child, carer) in &bonds.assessed {
        for person in [Some(child), carer].into_iter().flatten() {
            let mentions = &people.groups[person];
            let who = |at: &usize| &known.mentions[*at].mention.who;
            let name = who(&fullest(known, mentions, |who| !who.folded_name().is_empty())).folded_name();
            let is_name_only = mentions.iter().all(|at| who(at).is_name_only());
            let into = if is_name_only { &mut bonds.names_only } else { &mut bonds.names };
            into.insert(person, name);
        }
    }
    let numbered = known.family_refs.iter().map(|(mention, number)| (number.clone(), people.of[*mention]));
    bonds.numbered = numbered.collect();
    if !known.family_ties.is_empty() {
        let place: HashMap<Identity, usize> =
            known.mentions.iter().enumerate().map(|(at, known)| (known.mention.identity, at)).collect();
        let person = |identity: &Identity| place.get(identity).map(|&at| people.of[at]);
        let mut ties = known.family_ties.clone();
        ties.sort_by_key(|(one, other, _)| (*one, *other));
        bonds.decided =
            ties.iter().filter_map(|(one, other, tie)| Some((person(one)?, person(other)?, *tie))).collect();
    }
    bonds
}

/// Of a person's mentions that say what is wanted the one that says most; of equals always the same one,
/// whatever their order.
fn fullest(known: &Known, mentions: &[usize], wanted: impl Fn(&Who) -> bool) -> usize {
    let rank = |at: &&usize| {
        let Mention { who, identity } = &known.mentions[**at].mention;
        let name = who.folded_name();
        let says = [
            wanted(who),
            who.nhs_number.is_some(),
            !name.is_empty() && who.birth_date.is_some(),
            who.birth_date.is_some(),
            !name.is_empty(),
            who.upn.is_some() || who.ni_number.is_some(),
            who.sex.is_some(),
        ];
        (std::cmp::Reverse(says), name, *identity)
    };
    match mentions {
        [only] => *only,
        several => several.iter().min_by_key(rank).copied().unwrap_or_default(),
    }
}

fn name_people(known: &Known, people: &People, last: &mut PersonNumber) -> Vec<Named> {
    let standing = |at: &usize| {
        let KnownMention { number, person, first_person, .. } = known.mentions[*at];
        Standing { member: number, now: person, first: first_person }
    };
    name_groups(&people.groups, standing, last)
}

fn name_families(
    known: &Known,
    people: People,
    homes: &[Vec<usize>],
    named: &[Named],
    settled: &mut Settled,
) {
    let membership = |person: usize| known.members.get(&named[person].number).copied().unwrap_or_default();
    let standing = |person: &usize| {
        let Membership { family, first_family } = membership(*person);
        Standing { member: named[*person].number, now: family, first: first_family }
    };
    let names = name_groups(homes, standing, &mut settled.heads.family);
    let mut family_of = vec![None; people.groups.len()];
    let mut merges = known.merges.clone();
    let mut place = HashMap::new();
    for (group, name) in homes.iter().zip(&names) {
        for &person in group {
            family_of[person] = Some(name.number);
        }
        let line = known.lines.get(&name.number).copied();
        // A family split off goes on under the line of the family that its people come from.
        let from =
            || group.iter().filter_map(|person| known.lines.get(&standing(person).now?)).min().copied();
        let line = line.or_else(from).unwrap_or_else(|| {
            settled.heads.line += 1;
            settled.heads.line
        });
        // Of every person that any of them ever was: two people who turn out to be one bring both lines.
        let were = group.iter().flat_map(|&person| {
            let mentions = people.groups[person].iter().filter_map(|&at| known.mentions[at].first_person);
            mentions.chain([named[person].number])
        });
        let firsts = were.filter_map(|person| known.members.get(&person)?.first_family);
        let firsts = firsts.filter_map(|family| known.lines.get(&family));
        let mut lines: BTreeSet<LineNumber> = firsts.map(|&line| surviving(line, &merges)).collect();
        lines.insert(surviving(line, &merges));
        let oldest = lines.pop_first().unwrap_or(line);
        for younger in lines {
            merges.insert(younger, oldest);
            settled.merges.push((younger, oldest));
        }
        place.insert(name.number, settled.families.len());
        let Named { number, is_new } = *name;
        settled.families.push(SettledFamily { number, is_new, line, home: Home::default() });
    }
    let mut rows: HashMap<usize, Vec<&Assessed>> = HashMap::new();
    for row in known.assessed.iter().filter(|row| row.ward.is_some() || row.uprn.is_some()) {
        if let Some(family) = family_of[people.of[row.child]].and_then(|family| place.get(&family)) {
            rows.entry(*family).or_default().push(row);
        }
    }
    for (family, rows) in rows {
        settled.families[family].home = home(&rows);
    }
    settled.persons = people
        .groups
        .into_iter()
        .enumerate()
        .map(|(person, mentions)| {
            let Named { number, is_new } = named[person];
            let family = family_of[person];
            let first_family = membership(person).first_family.or(family);
            SettledPerson {
                number,
                is_new,
                named_by: fullest(known, &mentions, |who| !who.folded_name().is_empty()),
                born_by: fullest(known, &mentions, |who| who.birth_date.is_some()),
                mentions,
                membership: Membership { family, first_family },
            }
        })
        .collect();
}

/// The newest row that knows the ward or the property; a row without a ward means the ward that another row
/// gives for the same property.
fn home(rows: &[&Assessed]) -> Home {
    // On one day the row that knows the ward says more.
    let newest = |wanted: &dyn Fn(&Assessed) -> bool| {
        let rows = rows.iter().filter(|row| wanted(row));
        rows.max_by_key(|row| (row.on, row.ward.is_some(), row.uprn.is_some(), &row.ward, &row.uprn)).copied()
    };
    let Some(last) = newest(&|_| true) else { return Home::default() };
    let same_home = |row: &Assessed| row.ward.is_some() && row.uprn == last.uprn;
    let ward = last.ward.clone().or_else(|| newest(&same_home)?.ward.clone());
    Home { ward, uprn: last.uprn.clone(), on: Some(last.on) }
}

/// The line that stands for this one after all merges.
fn surviving(mut line: LineNumber, merges: &BTreeMap<LineNumber, LineNumber>) -> LineNumber {
    // A merge always leads to a smaller number, so this ends.
    while let Some(&into) = merges.get(&line) {
        line = into;
    }
    line
}

#[cfg(test)]
mod tests;
