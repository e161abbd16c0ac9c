//! Planted weights found again, frequencies, thresholds, and who is never joined without a look.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{compare::Levels, *};
use crate::register::{
    Sex,
    matching::{CaseId, Mention, Who},
};

/// `given surname, birth date, sex, property`, each but the name optional, and an NHS number.
fn who(line: &str, nhs: &str) -> (Who, Place) {
    let mut cells = line.split(", ");
    let (given, family) = cells.next().unwrap().split_once(' ').unwrap();
    let who = Who {
        given_name: given.into(),
        family_name: family.into(),
        birth_date: cells.next().and_then(|day| day.parse().ok()),
        sex: cells.next().and_then(Sex::from_word),
        nhs_number: nhs.parse().ok(),
        ..Who::default()
    };
    (who, Place { property: cells.next().map(str::to_owned), postcode: None })
}

fn profile((who, place): (Who, Place)) -> Profile {
    let identity = who.identity("");
    Profile::of(&[&Mention { who, identity }], &[&place]).unwrap()
}

fn profiles(lines: &[&str]) -> Vec<Profile> {
    lines.iter().map(|line| profile(who(line, ""))).collect()
}

/// The shipped parameters with the odds beforehand that two of some two thousand people have.
fn parameters(people: usize) -> Parameters {
    let others_a_person = 0.000_3 * (people as f64 - 1.0);
    Parameters { others_a_person, ..Parameters::shipped().clone() }
}

fn weighed(profiles: &[Profile]) -> Weighing {
    let parameters = parameters(profiles.len());
    let (scored, _) = weigh(profiles, &parameters, 2);
    choose(profiles, scored, &[], &parameters)
}

fn pairs(found: &[Scored]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<_> =
        found.iter().map(|pair| (pair.one.min(pair.other), pair.one.max(pair.other))).collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn planted_weights_are_found_again() {
    let m =
        [vec![0.03, 0.05, 0.08, 0.01, 0.83], vec![0.1, 0.02, 0.03, 0.05, 0.8], vec![0.02, 0.03, 0.05, 0.9]];
    let u = [
        vec![0.97, 0.02, 0.005, 0.001, 0.004],
        vec![0.98, 0.01, 0.004, 0.003, 0.003],
        vec![0.95, 0.047, 0.002, 0.001],
    ];
    let share = 0.07;
    let mut patterns = BTreeMap::new();
    for forename in 0..5usize {
        for surname in 0..5usize {
            for born in 0..4usize {
                let of = |p: &[Vec<f64>; 3]| p[0][forename] * p[1][surname] * p[2][born];
                let count = 1e9 * (share * of(&m) + (1.0 - share) * of(&u));
                let levels = [forename, surname, born].map(|level| Some(level as u8));
                let [forename, surname, born] = levels;
                patterns.insert(Levels([forename, surname, born, None, None, None]), count.round() as u64);
            }
        }
    }
    let nothing = |levels: usize| vec![1.0 / levels as f64; levels];
    let fixed = [u.to_vec(), vec![nothing(2), nothing(3), nothing(2)]].concat();
    let found = expect(&patterns, &fixed, &[Field::Sex, Field::Place, Field::Case]);
    assert!((found.share - share).abs() < 0.001, "{}", found.share);
    for (found, planted) in found.m.iter().zip(&m) {
        for (found, planted) in found.iter().zip(planted) {
            assert!((found - planted).abs() < 0.005, "{found} for {planted}");
        }
    }
    assert!(found.m[3].is_empty());
    // Had the fields been left out that tell the two apart, nothing like it would be found.
    let blind = expect(&patterns, &fixed, &[Field::Forename, Field::BirthDate]);
    assert!((blind.m[1][0] - 0.1).abs() > 0.001 || (blind.share - share).abs() > 0.001);
}

#[test]
fn agreement_on_a_rare_name_weighs_more() {
    let mut parameters = Parameters::shipped().clone();
    parameters.surnames = Frequencies { rest: 0.0005, values: [("smith".to_owned(), 0.016)].into() };
    let bits = |name: &str| {
        let both = profiles(&[&format!("Amber {name}"), &format!("Amber {name}, 2005-05-03")]);
        parameters.bits(&compare(&both[0], &both[1]))
    };
    assert!((bits("Fernhollow") - bits("Smith") - 5.0).abs() < 1e-9);
    assert!((bits("Fernhollow") - bits("Marlbeck")).abs() < 1e-9);
    // Where nothing is known of frequencies every name weighs the level's own.
    parameters.surnames = Frequencies::default();
    let exact = parameters.weight(Field::Surname, "exact").unwrap().bits();
    let forename = parameters.weight(Field::Forename, "exact").unwrap().bits();
    let both = profiles(&["Amber Smith", "Amber Smith, 2005-05-03"]);
    assert!((parameters.bits(&compare(&both[0], &both[1])) - exact - forename).abs() < 1e-9);
}

#[test]
fn slips_are_joined() {
    for (one, other) in [
        ("Amber Fernhollow, 2005-05-03", "Ambre Fernhollow, 2005-05-03"),
        ("Amber Fernhollow, 2005-05-03", "Amber Fernholow, 2005-03-05"),
        ("Amber Fernhollow, 2005-05-03", "Fernhollow Amber, 2005-05-03"),
        ("Amber Fernhollow, 2005-05-03", "AMBER FERN-HOLLOW, 2005-05-03"),
        ("Dana Marl-Fernhollow, 1980-05-13", "Dana Fernhollow, 1980-05-13"),
        ("Amber Fernhollow, 2005-05-03, female, 100", "Amber Fernhollow, 2005-05-08, female, 100"),
    ] {
        assert_eq!(pairs(&weighed(&profiles(&[one, other])).joined), [(0, 1)], "{one} {other}");
    }
}

#[test]
fn a_married_name_at_one_address_is_joined_and_at_another_is_not() {
    let lines = ["Dana Fern, 1980-05-13, female, 100", "Dana Marlbeck, 1980-05-13, female, 100"];
    assert_eq!(pairs(&weighed(&profiles(&lines)).joined), [(0, 1)]);
    let lines = ["Dana Fern, 1980-05-13, female, 100", "Dana Marlbeck, 1980-05-13, female, 200"];
    assert_eq!(pairs(&weighed(&profiles(&lines)).joined), []);
}

#[test]
fn twins_and_a_parent_of_the_same_name_are_never_joined() {
    let twins = ["Amber Fern, 2005-05-03, female, 100", "Jude Fern, 2005-05-03, female, 100"];
    let found = weighed(&profiles(&twins));
    assert_eq!((pairs(&found.joined), pairs(&found.asked)), (vec![], vec![(0, 1)]));
    let father = ["Piers Fern, 1980-02-13, male, 100", "Piers Fern, 2005-11-24, male, 100"];
    let found = weighed(&profiles(&father));
    assert_eq!((pairs(&found.joined), pairs(&found.asked)), (vec![], vec![(0, 1)]));
    // A brother and a mother are nobody's question.
    let family = [
        "Piers Fern, 2004-02-13, male, 100",
        "Jude Fern, 2004-11-24, male, 100",
        "Pia Fern, 1970-06-30, , 100",
    ];
    assert_eq!(weighed(&profiles(&family)), Weighing::default());
    // Nor by way of a third who says less.
    let third = [father[0], father[1], "Piers Fern, , male, 100"];
    let found = weighed(&profiles(&third));
    assert_eq!((pairs(&found.joined), pairs(&found.asked)), (vec![], vec![(0, 1), (0, 2), (1, 2)]));
}

#[test]
fn thresholds_part_joined_asked_and_left_alone() {
    let all = profiles(&["Amber Fernhollow, 2005-05-03", "Ambre Fernhollow, 2005-05-03"]);
    let mut parameters = parameters(2);
    let of = |parameters: &Parameters| {
        let found = choose(&all, weigh(&all, parameters, 1).0, &[], parameters);
        (pairs(&found.joined), pairs(&found.asked))
    };
    let bits = weigh(&all, &parameters, 1).0[0].bits;
    assert_eq!(of(&parameters), (vec![(0, 1)], vec![]));
    (parameters.accept_bits, parameters.ask_bits) = (bits + 0.1, bits - 0.1);
    assert_eq!(of(&parameters), (vec![], vec![(0, 1)]));
    (parameters.accept_bits, parameters.ask_bits) = (bits + 0.2, bits + 0.1);
    assert_eq!(of(&parameters), (vec![], vec![]));
}

#[test]
fn numbers_and_decisions_stand_above_weights() {
    let line = "Amber Fernhollow, 2005-05-03, female, 100";
    let other = "Ambre Fernhollow, 2005-05-03, female, 100";
    let mut all = profiles(&[line, other]);
    let parameters = parameters(2);
    let (scored, _) = weigh(&all, &parameters, 2);
    assert_eq!(scored.len(), 1);
    assert_eq!(choose(&all, scored, &[(1, 0)], &parameters), Weighing::default());
    (all[0], all[1]) = (profile(who(line, "9434765919")), profile(who(other, "9990000018")));
    assert!(all[0].has_other_number(&all[1]));
    assert_eq!(weighed(&all), Weighing::default());
    // Who fits two that different numbers tell apart is a question.
    all.push(profile(who("Ambr Fernhollow, 2005-05-03, female, 100", "")));
    let found = weighed(&all);
    assert_eq!((pairs(&found.joined), found.asked.len()), (vec![], 2));
}

#[test]
fn two_ids_in_one_case_system_speak_for_two_people() {
    let with_case = |line: &str, id: &str| {
        let (mut who, place) = who(line, "");
        who.case_id = Some(CaseId { system: "early-help".into(), id: id.into() });
        profile((who, place))
    };
    let one = with_case("Jaydn Fern, 2005-05-03", "C1");
    let same = with_case("Jayden Fern, 2005-05-03", "C1");
    let other = with_case("Jayden Fern, 2005-05-03", "C2");
    let bits = |other: &Profile| Parameters::shipped().bits(&compare(&one, other));
    assert!(bits(&other) < bits(&same));
}

#[test]
fn the_shipped_parameters_are_sound_and_say_that_they_are_not_confirmed() {
    let shipped = Parameters::shipped();
    assert!(!shipped.confirmed && shipped.forenames.values.is_empty());
    assert_eq!(Parameters::from_toml(&shipped.to_toml()).as_ref(), Ok(shipped));
    for field in Field::ALL {
        let weights = field.levels().iter().map(|level| shipped.weight(field, level).unwrap());
        let (m, u) = weights.fold((0.0, 0.0), |sums, weight| (sums.0 + weight.m, sums.1 + weight.u));
        assert!((m - 1.0).abs() < 1e-4 && (u - 1.0).abs() < 1e-4, "{field:?}: {m} {u}");
    }
}

#[test]
fn a_file_with_a_fault_is_refused_with_the_place() {
    let text = Parameters::shipped().to_toml();
    for (from, to, said) in [
        ("[fields.sex.same]", "[fields.sex.equal]", "sex: the levels are equal, other, expected other, same"),
        (
            "[fields.sex.same]\n",
            "[fields.shoe.same]\nm = 0.1\nu = 0.1\n[fields.sex.same]\n",
            "\"shoe\" is not a field, expected one of forename, surname, birth-date, sex, place, case",
        ),
        (
            "accept_bits = 5.0",
            "accept_bits = -5.0",
            "accept_bits, ask_bits is out of range, expected numbers, the first not below the second",
        ),
        ("largest_block = 500", "largest_block = 1", "largest_block is out of range, expected 2 to 5000"),
    ] {
        assert!(text.contains(from), "{from}");
        let fault = Parameters::from_toml(&text.replacen(from, to, 1)).unwrap_err();
        assert_eq!(fault.to_string(), said);
    }
    assert!(matches!(Parameters::from_toml("name = 1"), Err(ParametersFault::Unreadable { .. })));
}

#[test]
fn a_profile_shows_nothing_of_whom_it_is() {
    let shown = format!("{:?}", profile(who("Amber Fernhollow, 2005-05-03", "")));
    assert_eq!(shown, "a profile");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_people_does_not_matter(seed in prop::collection::vec((0usize..4, 0usize..3, 1u32..4, 0usize..3), 2..40), turn in 0usize..40) {
        let lines: Vec<(Who, Place)> = seed
            .iter()
            .map(|&(given, family, day, home)| {
                let given = ["Amber", "Ambre", "Jude", "Amber Rose"][given];
                let family = ["Fernhollow", "Fernholow", "Marl"][family];
                who(&format!("{given} {family}, 2005-05-{day:02}, female, {home}"), "")
            })
            .collect();
        let mut these: Vec<Profile> = lines.into_iter().map(profile).collect();
        these.sort_by_key(|profile| profile.identity);
        these.dedup_by_key(|profile| profile.identity);
        let mut those = these.clone();
        let turn = turn % those.len();
        those.rotate_left(turn);
        those.reverse();
        let by_identity = |profiles: &[Profile], found: Vec<Scored>| -> Vec<_> {
            let pairs = found.into_iter();
            pairs.map(|pair| (profiles[pair.one].identity, profiles[pair.other].identity, pair.bits.to_bits())).collect()
        };
        let (one, other) = (weighed(&these), weighed(&those));
        prop_assert_eq!(by_identity(&these, one.joined), by_identity(&those, other.joined));
        prop_assert_eq!(by_identity(&these, one.asked), by_identity(&those, other.asked));
    }
}
