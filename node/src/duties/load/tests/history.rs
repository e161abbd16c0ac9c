//! History loads once, whole, and onto the right family whatever came first.

use super::*;
use crate::duties::{claim::before, quarantine, undo};

const CHILD: [(&str, &str); 4] =
    [("Family ID", "T1"), ("Forename", "Amber"), ("Surname", "Fernhollow"), ("Date of Birth", "02/03/2004")];
const ATTACHED: [(&str, &str); 2] = [("Framework", "Expanded"), ("Attached On", "05/01/2015")];
const CLAIM: [(&str, &str); 5] = [
    ("Claim Reference", "TF-1"),
    ("Result", "Progress"),
    ("Claimed On", "20/03/2015"),
    ("Amount Claimed", "£1600.50"),
    ("Claim State", "Paid"),
];

fn history(rows: &[&[(&'static str, &'static str)]]) -> GivenFile {
    file("history", rows)
}

fn tracker() -> GivenFile {
    let cells = [("Assessment ID", "A-1"), ("Child ID", "C-1"), ("Assessment Date", "10/04/2015")];
    file("spreadsheet_tracker", &[&[&CHILD[..], &cells].concat()])
}

#[test]
fn a_claim_of_before_is_on_its_family_whatever_came_first() {
    let whole = history(&[&[&CHILD[..], &ATTACHED, &CLAIM].concat()]);
    let mut seen = Vec::new();
    for files in [vec![whole.clone(), tracker()], vec![tracker(), whole.clone()]] {
        let office = Office::open();
        for file in files {
            let report = office.load(&[file]).remove(0);
            assert_eq!((report.outcome, report.rows), (Outcome::Loaded, 1), "{:?}", report.faults);
        }
        assert_eq!(office.families().len(), 1, "the tracker's family is the one of before");
        let before = before::list(&office.node).unwrap();
        seen.push((before.families, before.totals, before.claims[0].line.clone(), before.claims[0].row));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!((seen[0].1[0].claims, seen[0].1[0].pence), (1, 160_050));
}

#[test]
fn history_loads_once_a_resend_is_known_and_an_undone_one_can_come_again() {
    let office = Office::open();
    let whole = history(&[&[&CHILD[..], &ATTACHED, &CLAIM].concat()]);
    let first = office.load(std::slice::from_ref(&whole)).remove(0).load.unwrap();
    let again = office.load(std::slice::from_ref(&whole)).remove(0);
    assert_eq!((again.outcome, again.load, again.rows), (Outcome::TakenBefore, None, 0));
    assert!(again.notes[0].contains("load 1") && again.file_faults.is_empty(), "{:?}", again.notes);
    let other = GivenFile { name: "other.csv".into(), ..history(&[&[&CHILD[..], &ATTACHED].concat()]) };
    let refused = office.load(std::slice::from_ref(&other)).remove(0);
    assert_eq!(refused.outcome, Outcome::Refused);
    assert!(refused.file_faults[0].contains("`tenfold-node load undo 1`"), "{:?}", refused.file_faults);
    undo::undo(&office.node, first, &office.analyst).unwrap();
    assert!(office.families().is_empty() && before::list(&office.node).unwrap().families == 0);
    assert_eq!(office.load(&[other]).remove(0).outcome, Outcome::Loaded);
}

#[test]
fn half_a_claim_waits_in_quarantine_and_comes_in_mended() {
    let office = Office::open();
    let late = [("Claimed On", "01/01/2015")];
    let wrong = [("Amount Claimed", "eight hundred"), ("Claim State", "Lost")];
    let rows: [Vec<(&str, &str)>; 4] = [
        [&CHILD[..], &ATTACHED, &CLAIM[..2]].concat(),
        [&CHILD[..], &ATTACHED, &CLAIM[..2], &late, &CLAIM[3..]].concat(),
        [&CHILD[..], &ATTACHED, &CLAIM[..3], &wrong].concat(),
        [&CHILD[1..], &ATTACHED].concat(),
    ];
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    let report = office.load(&[history(&rows)]).remove(0);
    assert_eq!((report.rows, report.quarantined), (1, 3));
    let faults: Vec<(u64, &str)> =
        report.faults.iter().map(|fault| (fault.line, fault.column.as_deref().unwrap_or_default())).collect();
    let expected = [
        (2, "Claimed On"),
        (2, "Amount Claimed"),
        (2, "Claim State"),
        (3, "Claimed On"),
        (4, "Amount Claimed"),
        (4, "Claim State"),
    ];
    assert_eq!(faults, expected);
    // Its own quarantine mends it, although it is another file.
    let mended = history(&[&[&CHILD[..], &ATTACHED, &CLAIM].concat()]);
    let request = quarantine::mending(&office.node, report.load.unwrap()).unwrap();
    let again = load(&office.node, &[mended], &request, &office.analyst, |_, _, _| {}).unwrap().remove(0);
    assert_eq!((again.outcome, again.rows), (Outcome::Loaded, 1), "{:?}", again.file_faults);
    assert_eq!(before::list(&office.node).unwrap().claims.len(), 1);
}
