//! What people may ask for, check lists, and the borough's own file of places.

use super::*;
use crate::duties::{
    ask, places, quality,
    rights::{self, StandingKind},
};

fn approver() -> Account {
    Account { name: "approver".into(), display_name: "An Approver".into(), role: Role::Approver }
}

/// A family of child and carer that is attached once it is decided.
fn attached(reference: &'static str, case: &'static str, name: &'static str) -> Cells<'static> {
    let more = [
        ("Assessment Completed Date", "20/04/2015"),
        ("Whole Family", "Y"),
        ("Plan Date", "21/04/2015"),
        ("Key Worker", "A Worker"),
        ("Key Worker Start Date", "22/04/2015"),
        ("Crime or ASB", "Y"),
        ("Health", "Y"),
        ("Carer Forename", "Dana"),
        ("Carer Surname", "Fern"),
        ("Carer Date of Birth", "01/02/1980"),
        ("Address", "1 Example Street"),
        ("Postcode", "BL1 1AA"),
    ];
    assessed(reference, case, name, &more)
}

fn decided(office: &Office) -> Decided {
    decide::decide(&office.node, &office.analyst).unwrap()
}

#[test]
fn who_objects_is_neither_counted_nor_claimed_until_it_is_lifted() {
    let office = Office::open();
    office.load(&[early_help(&[attached("EH1", "C1", "Amber Fern")])]);
    let on = "2015-07-01".parse().unwrap();
    let say = |person, kind| rights::record(&office.node, person, kind, "form 2", on, &office.analyst);
    say(1, StandingKind::Consent).unwrap();
    say(2, StandingKind::Objection).unwrap();
    let silent = decided(&office);
    assert_eq!((silent.attached, silent.standings["objected: neither counted nor claimed"]), (0, 1));
    say(2, StandingKind::Lifted).unwrap();
    assert_eq!(decided(&office).attached, 1);
    assert_eq!(rights::said(&office.node, Some(2)).unwrap().len(), 2);
    assert!(say(9, StandingKind::Consent).is_err());
}

#[test]
fn an_access_request_is_answered_with_others_and_danger_marked() {
    let office = Office::open();
    let incident = [
        ("Incident Reference", "GMP1"),
        ("Incident Date", "01/05/2015"),
        ("Category", "Domestic abuse"),
        ("Forename", "Amber"),
        ("Surname", "Fern"),
        ("Date of Birth", "03/05/2005"),
    ];
    office
        .load(&[early_help(&[attached("EH1", "C1", "Amber Fern")]), file("police_incidents", &[&incident])]);
    let export = rights::export(&office.node, 1, &office.analyst).unwrap();
    assert_eq!((export.family.as_deref(), export.rows.len(), export.safety_rows), (Some("F1"), 2, 2));
    let address = export.rows[0].fields.iter().find(|field| field.name == "address").unwrap();
    assert!(address.third_party && export.third_party_fields >= 4);
    assert_eq!((export.rows[0].line, export.rows[0].file.as_str()), (2, "early_help_liquidlogic.csv"));
    assert!(!format!("{export:?}").contains("Amber"));
    let acts = office.node.store.read(acts::all).unwrap();
    assert_eq!(
        acts.last().map(|act| (act.verb.as_str(), act.object.as_str())),
        Some(("person-exported", "P1"))
    );
}

#[test]
fn an_erased_family_leaves_nothing_but_the_trail() {
    let office = Office::open();
    let stays = attached("EH2", "C2", "Noor Salt");
    // Rows that became no record: one speaks of the family's child, one of somebody else.
    let mut faulty = [attached("EH8", "C8", "Amber Fern"), attached("EH9", "C9", "Ivy Hill")];
    for row in &mut faulty {
        row.retain(|(heading, _)| *heading != "Health");
        row.push(("Health", "Maybe"));
    }
    let [own, mut others] = faulty;
    others.retain(|(heading, _)| !heading.starts_with("Carer"));
    office.load(&[early_help(&[attached("EH1", "C1", "Amber Fern"), stays, own, others])]);
    let waiting = |connection: &mut _| store::loads::all_faults(connection);
    assert_eq!(office.node.store.read(waiting).unwrap().len(), 2);
    decided(&office);
    // The carer is one person, so both children are one family: tell them apart first.
    let apart = crate::duties::matching::split_family(&office.node, 1, &[3], "Two families", &office.analyst);
    apart.unwrap();
    assert_eq!(office.families().len(), 2);
    assert!(rights::erase(&office.node, 1, &office.analyst).is_err(), "an analyst does not erase");
    rights::erase(&office.node, 1, &approver()).unwrap();
    let events = |connection: &mut _| store::events::of_stream(connection, "attached");
    // The line is shared with the family that was told apart, whose own event it is not.
    assert!(office.node.store.read(events).unwrap().iter().all(|event| event.family.0 != "F1"));
    let left = office.families();
    assert_eq!((left.len(), left[0].members.len()), (1, 1));
    assert_eq!(left[0].members[0].given_name, "Noor");
    assert!(rights::erase(&office.node, 1, &approver()).is_err());
    let waits = office.node.store.read(waiting).unwrap();
    assert!(waits.len() == 1 && waits[0].2.contains("Ivy"));
    let bytes = std::fs::read(office.folder.path().join("node.sqlite")).unwrap();
    let wal = std::fs::read(office.folder.path().join("node.sqlite-wal")).unwrap_or_default();
    let has = |bytes: &[u8]| bytes.windows(9).any(|part| part == b"Fern Dana" || part == b"AmberFern");
    assert!(!has(&bytes) && !has(&wal));
}

#[test]
fn a_check_list_names_the_adults_and_what_is_missing_of_them() {
    let office = Office::open();
    office.load(&[early_help(&[attached("EH1", "C1", "Amber Fern")])]);
    decided(&office);
    let list = ask::check_list(&office.node, SourceKind::Dwp, &office.analyst).unwrap();
    assert_eq!((list.people, list.incomplete.as_slice()), (1, &[][..]));
    assert!(list.text.contains("Dana") && list.text.contains("BL1 1AA") && !list.text.contains("Amber"));
    let without = Office::without_agreements("E08000001");
    let refused = ask::check_list(&without.node, SourceKind::Dwp, &without.analyst).unwrap_err();
    assert!(refused.to_string().contains("nobody's name goes there"), "{refused}");
}

#[test]
fn the_boroughs_file_of_places_gives_the_ward_that_a_source_does_not() {
    let office = Office::open();
    office.load(&[early_help(&[attached("EH1", "C1", "Amber Fern")])]);
    assert_eq!(office.families()[0].ward, None);
    let path = office.folder.path().join("places.csv");
    std::fs::write(&path, "Postcode,Ward\nbl11aa,E05014818\nM1 1AA,E99999999\n,E05014818\n").unwrap();
    let taken = places::take(&office.node, &path, "2015-07-01".parse().unwrap(), &office.analyst).unwrap();
    assert_eq!((taken.places, taken.passed_over), (1, 2));
    let ward = office.families()[0].ward.as_ref().map(ToString::to_string);
    assert_eq!(ward.as_deref(), Some("E05014818"));
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let refused = places::take(&office.node, &path, "2015-07-01".parse().unwrap(), &office.analyst);
    assert!(refused.unwrap_err().to_string().contains("expected uprn or postcode, and ward"));
}

#[test]
fn the_quality_report_says_what_is_covered_and_how_full_the_columns_are() {
    let office = Office::open();
    office.load(&[twelve_rows()]);
    let report = quality::report(&office.node).unwrap();
    assert_eq!((report.len(), report[0].source.as_str(), report[0].quarantined), (1, "early-help", 3));
    let column = |heading: &str| report[0].columns.iter().find(|c| c.heading == heading).unwrap().clone();
    assert_eq!((column("Child Surname").rows, column("Child Surname").filled), (12, 11));
    assert_eq!(column("Date of Birth").least.as_deref(), Some("2002-03-27"));
    assert!(report[0].gaps.is_empty() && report[0].overlaps.is_empty());
}

#[test]
fn a_boroughs_own_mapping_is_used_and_a_faulty_one_is_named() {
    let office = Office::open();
    let folder = office.folder.path().join("node").join("mappings");
    std::fs::create_dir(&folder).unwrap();
    let shipped = include_str!("../../../../../config/mappings/dwp_spells.toml");
    let own = shipped.replace("dwp_spells", "our_spells").replace("\"NI Number\"", "\"National Insurance\"");
    std::fs::write(folder.join("ours.toml"), &own).unwrap();
    let headings = Mapping::from_toml(&own).unwrap();
    let headings: Vec<&str> = headings.columns.iter().map(|column| column.heading.as_str()).collect();
    let row: Vec<&str> = headings
        .iter()
        .map(|heading| match *heading {
            "National Insurance" => "QQ100001A",
            "Spell Type" => "Benefit",
            "Start Date" => "01/04/2015",
            _ => "",
        })
        .collect();
    let text = format!("{}\n{}\n", headings.join(","), row.join(","));
    let report = &office.load(&[GivenFile::of("ours.csv", text.as_bytes())])[0];
    assert_eq!((report.outcome, report.rows), (Outcome::Loaded, 1), "{report:?}");
    std::fs::write(folder.join("ours.toml"), "name = 1").unwrap();
    let request =
        LoadRequest::new("2015-07-01".parse().unwrap(), synth::coverage("2015-Q2".parse().unwrap()));
    let refused = super::load(&office.node, &[twelve_rows()], &request, &office.analyst, |_, _, _| {});
    assert!(refused.unwrap_err().to_string().contains("ours.toml"));
}
