//! Answers to a check list: traced with a benefit, traced with none, not traced, and no answer at all.

use tenfold_common::framework::{Framework, Indicator};

use super::*;
use crate::{
    intake::Mapping,
    outcomes::{Absence, Answer, Unknown, decide},
    register::{CircumstanceKind, Coverage},
};

/// One row of the answer about a carer without numbers.
fn answer<'a>(surname: &'a str, said: &'a str, start: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("Forename", "Dana"),
        ("Surname", surname),
        ("Date of Birth", "12/04/1980"),
        ("Answer", said),
        ("Start Date", start),
    ]
}

/// Four families, each a child and a carer.
fn four() -> Office {
    let office = Office::open();
    let names = [
        ["C1", "Amber Fern", "Fern"],
        ["C2", "Ivy Lark", "Lark"],
        ["C3", "Robin Marl", "Marl"],
        ["C4", "Jude Oak", "Oak"],
    ];
    let carer = |surname| {
        [("Carer Forename", "Dana"), ("Carer Surname", surname), ("Carer Date of Birth", "12/04/1980")]
    };
    let carers = names.map(|[.., surname]| carer(surname));
    let rows: Vec<Cells<'_>> =
        names.iter().zip(&carers).map(|([case, name, _], carer)| assessed(case, case, name, carer)).collect();
    office.load(&[early_help(&rows)]);
    office
}

#[test]
fn yes_no_not_traced_and_blank_are_four_answers() {
    let office = four();
    let rows = [
        answer("Fern", "Benefit", "01/02/2015"),
        answer("Lark", "None", ""),
        answer("Marl", "Not traced", ""),
        answer("Oak", "", ""),
    ];
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    let report = &office.load(&[file("dwp_answer", &rows)])[0];
    assert_eq!((report.outcome, report.rows, report.quarantined), (Outcome::Loaded, 3, 1), "{report:?}");
    assert_eq!((report.faults[0].line, report.faults[0].column.as_deref()), (5, Some("Answer")));
    let families = office.families();
    let said: Vec<(usize, Vec<CircumstanceKind>)> = families
        .iter()
        .map(|file| (file.benefits.len(), file.circumstances.iter().map(|c| c.kind).collect()))
        .collect();
    use CircumstanceKind::{NotTraced, Traced};
    assert_eq!(said, [(1, vec![Traced]), (0, vec![Traced]), (0, vec![NotTraced]), (0, vec![])]);
    let asked = &families[1].circumstances[0];
    assert_eq!((asked.from, asked.to), ("2015-04-01".parse().unwrap(), "2015-06-30".parse().ok()));
    assert_eq!(asked.source, Some(SourceKind::Dwp));
    assert_eq!((families[0].benefits[0].origin.line, families[2].circumstances[0].origin.line), (2, 4));
    // The list speaks of nobody else: for the borough no day of DWP is covered by it.
    let coverage = office.node.store.read(store::register::coverage).unwrap();
    assert_eq!(coverage.0.get(&SourceKind::Dwp), None);

    // Work and money: present at the start, none in a window that ends with the days asked about.
    let framework = three_months();
    let stands = |at: usize| {
        let mut file = families[at].clone();
        file.benefits.extend(ended(&file));
        benefit_answer(&file, &coverage, &framework)
    };
    assert!(matches!(stands(0), Answer::NotMet { .. }), "a benefit that goes on: {:?}", stands(0));
    assert!(stands(1).is_met(), "asked, traced and none: {:?}", stands(1));
    let not_traced = Absence::Circumstance(NotTraced);
    let away = Unknown::Away { why: not_traced, until: "2015-06-30".parse().ok() };
    assert_eq!(stands(2), Answer::NotKnown(away));
    assert_eq!(stands(3), Answer::NotKnown(Unknown::NotCovered), "no answer is no answer");
}

#[test]
fn a_newer_answer_about_the_same_days_stands() {
    let office = four();
    office.load(&[file("dwp_answer", &[&answer("Marl", "Not traced", "")])]);
    office.load(&[file("dwp_answer", &[&answer("Marl", "None", "")])]);
    let kinds: Vec<_> = office.families()[2].circumstances.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [CircumstanceKind::Traced]);
    office.load(&[file("dwp_answer", &[&answer("Marl", "Not traced", "")])]);
    let kinds: Vec<_> = office.families()[2].circumstances.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [CircumstanceKind::NotTraced]);
}

#[test]
fn a_found_benefit_needs_its_first_day() {
    let office = four();
    let report = &office.load_as(&[file("dwp_answer", &[&answer("Fern", "Benefit", "")])], false, false)[0];
    assert_eq!(report.faults[0].column.as_deref(), Some("Start Date"), "{report:?}");
    let mapping = Mapping::shipped().iter().find(|mapping| mapping.name == "dwp_answer").unwrap();
    assert!(mapping.is_answer() && !mapping.requires(crate::intake::field::Field::From));
}

/// The framework of the day with a plan that asks for no benefit in a month.
fn three_months() -> Framework {
    let plan = "name = \"north\"\nframework = \"expanded-2015\"\n[[problem]]\nnumber = 4\n[[problem.sign]]\n\
                indicator = \"out-of-work-benefit\"\nwithin_months = 12\nsource = \"ours\"\n\
                confirmed_by = \"board\"\nconfirmed_on = 2014-09-01\n[[problem.progress]]\n\
                indicator = \"out-of-work-benefit\"\ncomparison = \"none-in-window\"\nwindow_months = 1\n\
                source = \"ours\"\nconfirmed_by = \"board\"\nconfirmed_on = 2014-09-01\n";
    Framework::with_plan(plan).unwrap()
}

/// A benefit of the carer that ended before the window, so that the problem is there to be judged.
fn ended(file: &FamilyFile) -> Option<crate::register::Spell> {
    let carer = file.members.iter().find(|member| member.given_name == "Dana")?;
    let (from, to) = ("2014-10-01".parse().ok()?, "2015-04-20".parse().ok());
    Some(crate::register::Spell { person: carer.id.clone(), from, to, origin: Default::default() })
}

fn benefit_answer(file: &FamilyFile, coverage: &Coverage, framework: &Framework) -> Answer {
    let mut file = file.clone();
    for assessment in &mut file.assessments {
        let joined = "2015-04-25".parse().ok();
        (assessment.completed, assessment.plan_made, assessment.key_worker_from) = (joined, joined, joined);
        assessment.whole_family = Some(true);
        assessment.needs = [(3, true), (5, true)].into();
    }
    let verdict = decide(&file, coverage, framework, "2015-07-05".parse().unwrap());
    let finding = verdict.findings.iter().find(|finding| finding.problem == 4).expect("it is shown");
    let judged = finding.criteria.iter().find(|judged| judged.indicator == Indicator::OutOfWorkBenefit);
    judged.unwrap_or_else(|| panic!("{verdict:?}")).answer
}
