//! Undoing, mending, explaining, deciding: what can be taken back, and what stays.

use tenfold_common::privacy::policy::{ATTACHED, RESULT};

use super::*;
use crate::{
    claims::ladder::State,
    duties::{
        claim::{look, settle},
        matching, quarantine, queries, undo,
    },
};

/// What a register says, free of the numbers it gave and of the order they make: people by name and birthday.
fn canonical(families: &[FamilyFile]) -> Vec<String> {
    let mut texts: Vec<String> = families.iter().map(of_family).collect();
    texts.sort();
    texts
}

fn of_family(file: &FamilyFile) -> String {
    let names: Vec<(String, String)> = file
        .members
        .iter()
        .map(|member| {
            let name = format!("<{} {} {:?}>", member.given_name, member.family_name, member.birth_date);
            (member.id.0.clone(), name)
        })
        .collect();
    let told = |record: &dyn std::fmt::Debug| {
        // Loads are numbered as they came; the lines are those of the files.
        let mut text = without_loads(&format!("{record:?}"));
        for (id, name) in &names {
            text = text.replace(&format!(": {id},"), &format!(": {name},"));
        }
        text
    };
    let mut parts: Vec<String> = names.iter().map(|(_, name)| name.clone()).collect();
    parts.extend(file.assessments.iter().map(|record| told(record)));
    parts.extend(file.sessions.iter().map(|record| told(record)));
    parts.extend(file.incidents.iter().map(|record| told(record)));
    parts.extend(file.benefits.iter().chain(&file.jobs).map(|record| told(record)));
    parts.extend(file.care.iter().map(|record| told(record)));
    parts.extend(file.episodes.iter().map(|record| told(record)));
    parts.sort();
    format!("{:?} {parts:?}", file.ward)
}

pub(super) fn without_loads(text: &str) -> String {
    let mut parts = text.split("load: ");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
    [first].into_iter().chain(rest.map(str::to_owned)).collect()
}

fn synthetic(borough: &str, scale: f64) -> (TempDir, SynthPlan) {
    let folder = tempfile::tempdir().unwrap();
    let plan = SynthPlan { scale, ..SynthPlan::new(borough.parse().unwrap(), 5) };
    synth::write(&plan, folder.path()).unwrap();
    (folder, plan)
}

#[test]
fn undoing_a_load_restores_the_register_and_the_trail_keeps_both_acts() {
    let office = Office::open();
    let (folder, plan) = synthetic("E08000001", 0.1);
    let quarters: Vec<Quarter> = plan.all_quarters();
    office.load_quarter(folder.path(), quarters[0]);
    let before = office.families();
    let (reports, decided) = office.load_quarter(folder.path(), quarters[1]);
    assert!(decided.attached > 0 && office.families() != before);
    let loads: Vec<i64> = reports.iter().filter_map(|report| report.load).collect();
    // In another order than they came.
    for load in [3, 0, 5, 1, 4, 2] {
        undo::undo(&office.node, loads[load], &office.analyst).unwrap();
    }
    assert_eq!(office.families(), before);
    let acts = office.node.store.read(acts::all).unwrap();
    let of = |verb: &str| acts.iter().filter(|act| act.verb == verb).count();
    assert_eq!((of("loaded"), of("load-undone")), (12, 6));
    let twice = undo::undo(&office.node, loads[0], &office.analyst).unwrap_err();
    assert!(twice.to_string().contains("was undone at"), "{twice}");
    // Loaded again it is as it was.
    let (_, again) = office.load_quarter(folder.path(), quarters[1]);
    assert_eq!((again.attached, again.standings), (decided.attached, decided.standings));
}

#[test]
fn the_order_of_loading_changes_nothing_but_numbers() {
    let (one, other) = (Office::open(), Office::open());
    let (folder, plan) = synthetic("E08000001", 0.1);
    let quarters: Vec<Quarter> = plan.all_quarters()[..4].to_vec();
    for quarter in &quarters {
        one.load_quarter(folder.path(), *quarter);
    }
    for quarter in quarters.iter().rev() {
        other.load_quarter(folder.path(), *quarter);
    }
    let (one, other) = (canonical(&one.families()), canonical(&other.families()));
    assert_eq!(one.len(), other.len());
    assert!(one == other, "{:?}", one.iter().zip(&other).find(|(a, b)| a != b));
}

#[test]
fn a_mended_quarantine_is_loaded_and_no_longer_waits() {
    let office = Office::open();
    let load = office.load(&[twelve_rows()])[0].load.unwrap();
    let exported = quarantine::export(&office.node, load).unwrap();
    assert_eq!(exported.rows, 3);
    let wrong = quarantine::mending(&office.node, load).unwrap();
    assert_eq!(wrong.mends, Some(load));
    // One row mended, two left as they are.
    let text = exported.text.replace("31/04/2015", "30/04/2015");
    let request = quarantine::mending(&office.node, load).unwrap();
    let files = [GivenFile::of("mended.csv", text.as_bytes())];
    let report = &super::load(&office.node, &files, &request, &office.analyst, |_, _, _| {}).unwrap()[0];
    assert_eq!((report.outcome, report.rows, report.quarantined), (Outcome::Loaded, 1, 2), "{report:?}");
    let waiting =
        |load| office.node.store.read(|connection| store::loads::waiting(connection, load)).unwrap();
    let (old, new): (i64, i64) = (waiting(load), waiting(report.load.unwrap()));
    assert_eq!((old, new), (0, 2));
    undo::undo(&office.node, report.load.unwrap(), &office.analyst).unwrap();
    assert_eq!(waiting(load), 3);
}

#[test]
fn an_explanation_survives_a_resend_of_the_row() {
    let office = Office::open();
    let odd = || {
        let more = [("Assessment Start Date", "10/04/2015"), ("UPRN", "100")];
        let mut row = assessed("EH1", "C1", "Amber Fern", &more);
        row.iter_mut().filter(|cell| cell.0 == "Date of Birth").for_each(|cell| cell.1 = "03/05/1975");
        early_help(&[row])
    };
    assert_eq!(office.load(&[odd()])[0].queried, 1);
    let open = || {
        let found = queries::list(&office.node, None).unwrap();
        found.into_iter().filter(|query| query.explanation.is_none()).count()
    };
    assert_eq!(open(), 1);
    queries::explain(&office.node, 1, 1, "A grown-up sibling", &office.analyst).unwrap();
    assert_eq!(open(), 0);
    assert_eq!(office.load(&[odd()])[0].queried, 1);
    assert_eq!((open(), queries::list(&office.node, None).unwrap().len()), (0, 2));
    assert!(queries::explain(&office.node, 1, 7, "x", &office.analyst).is_err());
}

#[test]
fn an_old_file_is_not_news_of_other_days() {
    let office = Office::open();
    assert_eq!(office.load(&[twelve_rows()])[0].outcome, Outcome::Loaded);
    let day = |text: &str| text.parse().unwrap();
    let covers = Days { from: day("2015-07-01"), to: day("2015-09-30") };
    let request = LoadRequest { take_good_rows: true, ..LoadRequest::new(day("2015-10-01"), covers) };
    let reports =
        super::load(&office.node, &[twelve_rows()], &request, &office.analyst, |_, _, _| {}).unwrap();
    assert_eq!(reports[0].outcome, Outcome::Refused);
    assert!(reports[0].file_faults[0].contains("taken before as load 1"), "{:?}", reports[0].file_faults);
}

#[test]
fn a_file_without_rows_is_taken_on_the_analysts_word() {
    let office = Office::open();
    let empty = || file("police_incidents", &[]);
    assert_eq!(office.load_as(&[empty()], false, false)[0].outcome, Outcome::Refused);
    let taken = &office.load(&[empty()])[0];
    assert_eq!((taken.outcome, taken.rows), (Outcome::Loaded, 0), "{:?}", taken.file_faults);
}

#[test]
fn a_family_is_parted_and_joined_by_decisions_that_can_be_taken_back() {
    let office = Office::open();
    let at = |reference, case, name| assessed(reference, case, name, &[("UPRN", "100")]);
    office.load(&[early_help(&[at("EH1", "C1", "Amber Fern"), at("EH2", "C2", "Jude Fern")])]);
    let before = office.families();
    assert_eq!(before.len(), 1);
    let part =
        matching::split_family(&office.node, 1, &[2], "A cousin of that name", &office.analyst).unwrap();
    let parted = office.families();
    assert_eq!((parted.len(), parted[0].line == parted[1].line), (2, true));
    // A resend does not join them again.
    office.load(&[early_help(&[at("EH3", "C2", "Jude Fern")])]);
    assert_eq!(office.families().len(), 2);
    matching::revoke(&office.node, part, &office.analyst).unwrap();
    assert_eq!(office.families().len(), 1);
    assert!(matching::revoke(&office.node, part, &office.analyst).is_err());
    let strangers = matching::split_family(&office.node, 1, &[9], "x", &office.analyst);
    assert!(strangers.unwrap_err().to_string().contains("P9 is not of family F1"));
}

#[test]
fn two_people_are_joined_by_a_decision_and_told_apart_by_another() {
    let office = Office::open();
    let at = |reference, case, name| assessed(reference, case, name, &[]);
    office.load(&[early_help(&[at("EH1", "C1", "Amber Fern"), at("EH2", "C2", "Amba Fern")])]);
    assert_eq!(office.families().len(), 2);
    let same =
        matching::decide_people(&office.node, 1, 2, true, "A slip of the pen", &office.analyst).unwrap();
    assert_eq!((office.families().len(), office.families()[0].members.len()), (1, 1));
    let again = matching::decide_people(&office.node, 1, 1, true, "x", &office.analyst);
    assert!(again.is_err());
    matching::revoke(&office.node, same, &office.analyst).unwrap();
    assert_eq!(office.families().len(), 2);
    let merges = office.node.store.read(store::register::line_merges).unwrap();
    assert_eq!(merges.len(), 1, "lines that were one stay one");
}

#[test]
fn undoing_takes_back_who_was_attached_and_never_a_result() {
    let office = Office::open();
    let (folder, plan) = synthetic("E08000001", 0.4);
    let quarters: Vec<Quarter> = plan.all_quarters();
    for quarter in &quarters[..5] {
        office.load_quarter(folder.path(), *quarter);
    }
    let stream = |name| {
        let events: Result<_, StoreError> =
            office.node.store.read(|connection| store::events::of_stream(connection, name));
        events.unwrap().len()
    };
    let (reports, _) = office.load_quarter(folder.path(), quarters[5]);
    crate::duties::claim::draft_quarter(&office.node, &office.analyst).unwrap();
    let claims = look::list(&office.node, None).unwrap();
    let (attached, results) = (stream(ATTACHED), stream(RESULT));
    assert!(results > 0 && attached > results, "{attached} attached, {results} results");
    assert_eq!(results, claims.len());
    // A file that no claim relies on, of families that are claimed.
    let housing = [
        ("Tenant Forename", "Nobody"),
        ("Tenant Surname", "Known"),
        ("Date of Birth", "01/01/1980"),
        ("Stage", "Notice"),
        ("From", "01/04/2015"),
    ];
    let load = office.load(&[file("housing", &[&housing])])[0].load.unwrap();
    undo::undo(&office.node, load, &office.analyst).unwrap();
    assert_eq!((stream(ATTACHED), stream(RESULT)), (attached, results));
    let relied = reports.iter().find(|report| report.file.starts_with("early_help")).unwrap().load.unwrap();
    let refused = undo::undo(&office.node, relied, &office.analyst).unwrap_err();
    assert!(refused.to_string().contains("relies on it"), "{refused}");
    let which = settle::Which::Claims(claims.iter().map(|claim| claim.claim).collect());
    settle::settle(&office.node, &which, State::Withdrawn, "a try", &office.analyst).unwrap();
    let undone = undo::undo(&office.node, relied, &office.analyst).unwrap();
    assert!(undone.events > 0, "families of this quarter's first assessments were attached since");
    assert_eq!((stream(ATTACHED), stream(RESULT)), (attached - undone.events, results));
}
