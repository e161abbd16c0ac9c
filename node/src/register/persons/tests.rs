//! Literal mentions, and what they come to whatever their order.

use proptest::prelude::*;

use super::*;
use crate::register::matching::{CaseId, Who};

const NHS: &str = "9434765919";
const OTHER_NHS: &str = "9990001006";
const UPN: &str = "C100000000000";

fn who(name: &str, born: &str) -> Who {
    let (given, family) = name.split_once(' ').unwrap_or(("", ""));
    Who {
        given_name: given.into(),
        family_name: family.into(),
        birth_date: born.parse().ok(),
        ..Who::default()
    }
}

fn keyed(name: &str, born: &str, nhs: &str, upn: &str, case: &str) -> Who {
    let case_id = (!case.is_empty()).then(|| CaseId { system: "case-system".into(), id: case.into() });
    Who { nhs_number: nhs.parse().ok(), upn: upn.parse().ok(), case_id, ..who(name, born) }
}

fn mentions(people: &[Who]) -> Vec<Mention> {
    people.iter().map(|who| Mention { identity: who.identity(""), who: who.clone() }).collect()
}

fn come(mentions: &[Mention], ties: &[(Identity, Identity, Tie)]) -> Persons {
    persons(&mentions.iter().collect::<Vec<_>>(), ties, &BTreeSet::new())
}

fn groups(people: &[Who]) -> Vec<Vec<usize>> {
    come(&mentions(people), &[]).clusters.groups()
}

#[test]
fn numbers_join_before_names() {
    let people = [
        keyed("Amber Fernhollow", "2005-05-03", NHS, "", "C1"),
        keyed("Ambre Fern-Hollow", "2005-05-30", NHS, UPN, "C2"),
        keyed("X Y", "", "", UPN, "C9"),
        who("AMBER  fernhollow", "2005-05-03"),
        who("Amber Fernhollow", "2005-05-04"),
    ];
    assert_eq!(groups(&people), [vec![0, 1, 2, 3], vec![4]]);
}

#[test]
fn a_number_against_name_and_birthday_is_a_question() {
    let people = [
        keyed("Amber Fernhollow", "2005-05-03", NHS, "", ""),
        keyed("Jude Marlbeck", "2003-01-22", NHS, "", ""),
        keyed(" ", "", NHS, "", ""),
    ];
    let found = come(&mentions(&people), &[]);
    // The bare number is not the bridge between the two.
    assert_eq!(found.clusters.groups(), [[0], [1], [2]]);
    assert_eq!(found.doubts.len(), 1);
    assert_eq!(found.doubts[0].2, Doubt::KeyAgainstName);
    // A changed surname does not contradict, nor does a slip in the birthday of the same forename.
    let married =
        [keyed("Dana Fernhollow", "1980-05-03", NHS, "", ""), keyed("Dana Hill", "1980-03-05", NHS, "", "")];
    assert_eq!(groups(&married), [[0, 1]]);
}

#[test]
fn a_number_that_everybody_gives_is_a_placeholder() {
    let people: Vec<Who> =
        (0..14).map(|n| keyed(&format!("Child{n} Hill"), "2005-05-03", NHS, "", "")).collect();
    let found = come(&mentions(&people), &[]);
    assert_eq!((found.clusters.groups().len(), found.placeholders), (14, 1));
}

#[test]
fn a_name_joins_nobody_whose_numbers_contradict() {
    let people = [
        keyed("Amber Fernhollow", "2005-05-03", NHS, "", "C1"),
        keyed("Amber Fernhollow", "2005-05-03", OTHER_NHS, "", "C2"),
        who("Amber Fernhollow", "2005-05-03"),
    ];
    let found = come(&mentions(&people), &[]);
    assert_eq!(found.clusters.groups(), [[0], [1], [2]]);
    assert_eq!(found.doubts.iter().filter(|doubt| doubt.2 == Doubt::NameOfSeveral).count(), 2);
}

#[test]
fn twins_and_namesakes_stay_two() {
    let people = [
        keyed("Amber Fernhollow", "2005-05-03", NHS, "", ""),
        keyed("Jade Fernhollow", "2005-05-03", OTHER_NHS, "", ""),
        who("Jade Fernhollow", "2005-05-03"),
        who("Amber Fernhollow", "2001-05-03"),
    ];
    assert_eq!(groups(&people), [vec![0], vec![1, 2], vec![3]]);
}

#[test]
fn a_case_id_needs_the_name_or_the_birthday_to_agree() {
    let first = keyed("Amber Fernhollow", "2005-05-03", "", "", "C1");
    let joined = |other: Who| groups(&[first.clone(), other]).len() == 1;
    assert!(joined(keyed("Amber Marlbeck", "2005-05-03", "", "", "C1")));
    assert!(joined(keyed("Amber Fernhollow", "2005-05-04", "", "", "C1")));
    assert!(!joined(keyed("Jude Marlbeck", "2003-01-22", "", "", "C1")));
    assert!(joined(keyed(" ", "", "", "", "C1")));
    // A source whose numbers hold is believed against the name.
    let people = mentions(&[first.clone(), keyed("Jude Marlbeck", "2003-01-22", "", "", "C1")]);
    let holds = BTreeSet::from(["case-system".to_owned()]);
    assert_eq!(persons(&people.iter().collect::<Vec<_>>(), &[], &holds).clusters.groups(), [[0, 1]]);
}

#[test]
fn decisions_stand_above_everything() {
    let people = [
        keyed("Amber Fernhollow", "2005-05-03", NHS, "", ""),
        keyed("Amber Fernhollow", "2005-05-03", NHS, UPN, ""),
        who("Amber Fernhollov", "2005-05-03"),
    ];
    let mentions = mentions(&people);
    let id = |at: usize| mentions[at].identity;
    let groups = |ties: &[_]| come(&mentions, ties).clusters.groups();
    assert_eq!(groups(&[]), [vec![0, 1], vec![2]]);
    assert_eq!(groups(&[(id(0), id(1), Tie::Different)]), [[0], [1], [2]]);
    assert_eq!(groups(&[(id(2), id(0), Tie::Same)]), [[0, 1, 2]]);
    assert_eq!(groups(&[(id(2), id(0), Tie::Linked)]), [[0, 1, 2]]);
    assert_eq!(groups(&[(id(2), id(0), Tie::Linked), (id(2), id(1), Tie::Different)]), [vec![0, 1], vec![2]]);
}

fn anybody() -> impl Strategy<Value = Who> {
    let name = prop::sample::select(vec!["Amber Hill", "Ambre Hill", "Jude Hill", "Amber Marl", " "]);
    let born = prop::sample::select(vec!["2005-05-03", "2005-03-05", "2003-01-22", ""]);
    let nhs = prop::sample::select(vec!["", "", NHS, OTHER_NHS]);
    let upn = prop::sample::select(vec!["", "", UPN]);
    let case = prop::sample::select(vec!["", "C1", "C2"]);
    (name, born, nhs, upn, case).prop_map(|(name, born, nhs, upn, case)| keyed(name, born, nhs, upn, case))
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(people in prop::collection::vec(anybody(), 1..14), turn in 0_usize..14) {
        let mut people = mentions(&people);
        people.sort_by_key(|mention| mention.identity);
        people.dedup_by_key(|mention| mention.identity);
        let named = |people: &[Mention]| {
            let mut groups: Vec<Vec<Identity>> = come(people, &[]).clusters.groups().into_iter()
                .map(|group| { let mut g: Vec<_> = group.into_iter().map(|at| people[at].identity).collect(); g.sort_unstable(); g })
                .collect();
            groups.sort_unstable();
            groups
        };
        let before = named(&people);
        let length = people.len();
        people.rotate_left(turn % length);
        prop_assert_eq!(&named(&people), &before);
        people.reverse();
        prop_assert_eq!(&named(&people), &before);
    }
}
