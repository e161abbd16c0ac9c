//! Numbers that stay, lines that never part, homes and names, whatever the order.

use proptest::prelude::*;

use super::*;
use crate::register::matching::{CaseId, Who};

fn child(case: &str, name: &str, born: &str) -> Who {
    let (given, family) = name.split_once(' ').unwrap_or(("", ""));
    Who {
        given_name: given.into(),
        family_name: family.into(),
        birth_date: born.parse().ok(),
        case_id: Some(CaseId { system: "s".into(), id: case.into() }),
        ..Who::default()
    }
}

fn adult(ni: &str, name: &str) -> Who {
    Who { ni_number: ni.parse().ok(), case_id: None, ..child("", name, "1980-01-01") }
}

fn known(people: &[Who]) -> Known {
    let mentions = people.iter().enumerate().map(|(at, who)| KnownMention {
        number: at as i64 + 1,
        mention: Mention { who: who.clone(), identity: who.identity("") },
        person: None,
        first_person: None,
    });
    Known { mentions: mentions.collect(), ..Known::default() }
}

fn assessed(child: usize, carer: Option<usize>, uprn: &str, ward: &str, on: &str) -> Assessed {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Assessed { child, carer, uprn: some(uprn), ward: some(ward), on: on.parse().unwrap() }
}

/// What the register would keep of a settling, ready for the next.
fn keep(known: &mut Known, settled: &Settled) {
    known.heads = settled.heads;
    for person in &settled.persons {
        for &at in &person.mentions {
            let mention = &mut known.mentions[at];
            mention.person = Some(person.number);
            mention.first_person.get_or_insert(person.number);
        }
        known.members.insert(person.number, person.membership);
    }
    known.lines.extend(settled.families.iter().map(|family| (family.number, family.line)));
    known.merges.extend(settled.merges.iter().copied());
}

fn family_of(settled: &Settled, mention: usize) -> Option<FamilyNumber> {
    settled.persons.iter().find(|person| person.mentions.contains(&mention))?.membership.family
}

#[test]
fn a_merge_unites_the_lines_and_a_split_parts_the_families_only() {
    let mut known = known(&[
        child("C1", "Amber Fern", "2005-05-03"),
        adult("QQ100001A", "Dana Fern"),
        child("C2", "Jude Marl", "2006-01-01"),
        adult("QQ100002A", "Piers Marl"),
    ]);
    known.assessed =
        vec![assessed(0, Some(1), "", "", "2015-04-10"), assessed(2, Some(3), "", "", "2015-04-10")];
    let two = settle(&known);
    keep(&mut known, &two);
    assert_eq!([family_of(&two, 0), family_of(&two, 2)], [Some(1), Some(2)]);
    assert!(two.merges.is_empty());

    known.assessed.push(assessed(2, Some(1), "", "", "2015-05-10"));
    let one = settle(&known);
    keep(&mut known, &one);
    assert_eq!([family_of(&one, 0), family_of(&one, 3)], [Some(1), Some(1)]);
    assert_eq!(one.merges, [(2, 1)]);
    assert!(settle(&known).merges.is_empty());

    known.assessed.pop();
    let again = settle(&known);
    keep(&mut known, &again);
    assert_eq!([family_of(&again, 0), family_of(&again, 2)], [Some(1), Some(2)]);
    assert!(again.merges.is_empty());
    // The two families are two again; what either line was counted for stands for both.
    assert_eq!(surviving(known.lines[&2], &known.merges), known.lines[&1]);
}

#[test]
fn a_family_split_off_inherits_the_line() {
    let mut known = known(&[child("C1", "Amber Fern", "2005-05-03"), child("C2", "Jude Fern", "2006-01-01")]);
    known.assessed = vec![assessed(0, None, "7", "", "2015-04-10"), assessed(1, None, "7", "", "2015-04-10")];
    let one = settle(&known);
    keep(&mut known, &one);
    assert_eq!(one.families.len(), 1);
    let ids = [known.mentions[0].mention.identity, known.mentions[1].mention.identity];
    known.family_ties = vec![(ids[0], ids[1], FamilyTie::Different)];
    let two = settle(&known);
    keep(&mut known, &two);
    assert_eq!([family_of(&two, 0), family_of(&two, 1)], [Some(1), Some(2)]);
    assert_eq!((known.lines[&1], known.lines[&2]), (1, 1));
    assert_eq!(settle(&known).heads, two.heads);
}

#[test]
fn carers_known_by_name_are_one_in_their_family_and_strangers_elsewhere() {
    let bare = |scope: &str| {
        let who = Who { given_name: "Dana".into(), family_name: "Fern".into(), ..Who::default() };
        (who.identity(scope), who)
    };
    let mut known = known(&[
        child("C1", "Amber Fern", "2005-05-03"),
        child("C2", "Jude Fern", "2006-01-01"),
        child("C3", "Noor Salt", "2006-01-01"),
    ]);
    for scope in ["C1", "C2", "C3"] {
        let (identity, who) = bare(scope);
        let number = known.mentions.len() as i64 + 1;
        let mention = Mention { who, identity };
        known.mentions.push(KnownMention { number, mention, person: None, first_person: None });
    }
    known.assessed = vec![
        assessed(0, Some(3), "7", "", "2015-04-10"),
        assessed(1, Some(4), "7", "", "2015-04-10"),
        assessed(2, Some(5), "", "", "2015-04-10"),
    ];
    let settled = settle(&known);
    let sizes: Vec<usize> = settled.persons.iter().map(|person| person.mentions.len()).collect();
    assert_eq!((sizes, settled.families.len()), (vec![1, 1, 1, 2, 1], 2));
}

#[test]
fn a_person_is_named_by_one_row_and_born_by_another() {
    let mut nameless = child("C1", " ", "2005-05-03");
    nameless.family_name.clear();
    let ageless = child("C1", "Amber Fern", "");
    let settled = settle(&known(&[nameless, ageless]));
    assert_eq!((settled.persons.len(), settled.persons[0].named_by, settled.persons[0].born_by), (1, 1, 0));
}

proptest! {
    #[test]
    fn families_do_not_depend_on_the_order_of_rows(
        rows in prop::collection::vec((0_usize..8, 0_usize..5, 0_usize..4, 0_u32..40), 1..16),
        turn in 0_usize..16,
    ) {
        let mut people: Vec<Who> =
            (0..8).map(|n| child(&format!("C{n}"), &format!("Child{n} {}", ["Fern", "Marl"][n % 2]), "2005-05-03")).collect();
        people.extend((1..5).map(|n| adult(&format!("QQ10000{n}A"), &format!("Carer{n} Fern"))));
        let mut known = known(&people);
        known.assessed = rows.iter().map(|&(child, carer, home, months)| {
            let on = plus(months);
            let uprn = ["", "7", "8", "9"][home];
            assessed(child, (carer > 0).then(|| carer + 7), uprn, "", &on)
        }).collect();
        let parts = |known: &Known| {
            let settled = settle(known);
            let mut families: BTreeMap<i64, Vec<Identity>> = BTreeMap::new();
            for person in &settled.persons {
                if let Some(family) = person.membership.family {
                    families.entry(family).or_default().push(known.mentions[person.mentions[0]].mention.identity);
                }
            }
            let mut parts: Vec<Vec<Identity>> = families.into_values().map(|mut part| { part.sort_unstable(); part }).collect();
            parts.sort_unstable();
            parts
        };
        let before = parts(&known);
        let count = known.assessed.len();
        known.assessed.rotate_left(turn % count);
        prop_assert_eq!(parts(&known), before);
    }
}

fn plus(months: u32) -> String {
    tenfold_common::calendar::plus_months("2014-01-01".parse().unwrap(), months).to_string()
}
