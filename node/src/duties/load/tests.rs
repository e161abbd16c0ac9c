//! Loads on a real database: what is refused, what a resend changes, and who becomes one family.

use std::path::Path;

use tempfile::TempDir;
use tenfold_common::{calendar::Quarter, clock::Moment, privacy::Rho};
use tenfold_store::{DatabaseUrl, StoreError};

use super::*;
use crate::{
    duties::{
        claim,
        create::{self, Making},
        decide::{self, Decided},
    },
    intake::Mapping,
    register::{Days, FamilyFile},
    synth::{self, SynthPlan},
};

mod answers;
mod history;
mod people;
mod undoing;

const TWELVE_ROWS: &[u8] = include_bytes!("../../../../tests/data/twelve_rows.csv");
const NHS: &str = "9434765919";

/// A node with agreements for every source, and its analyst.
struct Office {
    node: Node,
    analyst: Account,
    folder: TempDir,
}

impl Office {
    fn open() -> Self {
        Self::of("E08000001")
    }

    fn of(borough: &str) -> Self {
        let office = Self::without_agreements(borough);
        for &source in SourceKind::ALL {
            record_agreement(&office.node, source, "ISA-1", "ig-officer").unwrap();
        }
        office
    }

    fn without_agreements(borough: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        std::fs::write(&clock, "2015-07-20T09:00:00Z\n").unwrap();
        let making = Making {
            borough: borough.parse().unwrap(),
            rehearsal_clock: Some(clock),
            cap: Rho::from_nano(250_000_000),
            officer: "ig-officer".into(),
        };
        let url = database(&folder);
        let now = "2015-07-20T09:00:00Z".parse().unwrap();
        let node = create::create(&folder.path().join("node"), &url, &making, now).unwrap();
        let (name, display_name) = ("analyst".to_owned(), "An Analyst".to_owned());
        let analyst = Account { name, display_name, role: Role::Analyst };
        Self { node, analyst, folder }
    }

    fn load(&self, files: &[GivenFile]) -> Vec<LoadReport> {
        self.load_as(files, true, false)
    }

    fn load_as(&self, files: &[GivenFile], take_good_rows: bool, dry_run: bool) -> Vec<LoadReport> {
        let day = |text: &str| text.parse().unwrap();
        let covers = Days { from: day("2015-04-01"), to: day("2015-06-30") };
        let request = LoadRequest { take_good_rows, dry_run, ..LoadRequest::new(day("2015-07-01"), covers) };
        load(&self.node, files, &request, &self.analyst, |_, _, _| {}).unwrap()
    }

    /// Loads a quarter's folder of extracts on its day, and decides.
    fn load_quarter(&self, folder: &Path, quarter: Quarter) -> (Vec<LoadReport>, Decided) {
        let now = Moment::at_start_of(synth::load_day(quarter));
        std::fs::write(self.folder.path().join("clock"), now.to_string()).unwrap();
        let given = |entry: std::io::Result<std::fs::DirEntry>| GivenFile::at(&entry.unwrap().path());
        let mut files: Vec<GivenFile> =
            std::fs::read_dir(folder.join(quarter.to_string())).unwrap().map(given).collect();
        files.retain(|file| file.name.ends_with(".csv"));
        files.sort_by(|first, second| first.name.cmp(&second.name));
        let covers = synth::coverage(quarter);
        let request = LoadRequest { take_good_rows: true, ..LoadRequest::new(quarter.last_day(), covers) };
        let reports = load(&self.node, &files, &request, &self.analyst, |_, _, _| {}).unwrap();
        (reports, decide::decide(&self.node, &self.analyst).unwrap())
    }

    fn families(&self) -> Vec<FamilyFile> {
        let mut files = Vec::new();
        let read: Result<(), StoreError> =
            self.node.store.read(|connection| store::register::families(connection, |file| files.push(file)));
        read.unwrap();
        files
    }
}

fn database(folder: &TempDir) -> DatabaseUrl {
    DatabaseUrl::Sqlite(folder.path().join("node.sqlite"))
}

/// A file with the headings of a shipped mapping and these cells by heading.
fn file(mapping: &str, rows: &[&[(&str, &str)]]) -> GivenFile {
    let mapping = Mapping::shipped().iter().find(|known| known.name == mapping).unwrap();
    let headings: Vec<&str> = mapping.columns.iter().map(|column| column.heading.as_str()).collect();
    let mut text = headings.join(",");
    for row in rows {
        assert!(row.iter().all(|(heading, _)| headings.contains(heading)));
        let cell = |heading: &&str| row.iter().find(|(named, _)| named == heading).map_or("", |cell| cell.1);
        let cells: Vec<&str> = headings.iter().map(cell).collect();
        text += &format!("\n{}", cells.join(","));
    }
    GivenFile::of(&format!("{}.csv", mapping.name), format!("{text}\n").as_bytes())
}

type Cells<'a> = Vec<(&'a str, &'a str)>;

/// An initial assessment of a child born on 3 May 2005, with more cells.
fn assessed<'a>(reference: &'a str, case: &'a str, name: &'a str, more: &[(&'a str, &'a str)]) -> Cells<'a> {
    let (given, family) = name.split_once(' ').unwrap();
    let mut cells = vec![
        ("Early Help Number", reference),
        ("Child ID", case),
        ("Child Forename", given),
        ("Child Surname", family),
        ("Date of Birth", "03/05/2005"),
        ("Assessment Type", "Initial"),
    ];
    cells.extend(more);
    if !more.iter().any(|(heading, _)| *heading == "Assessment Start Date") {
        cells.push(("Assessment Start Date", "10/04/2015"));
    }
    cells
}

fn early_help(rows: &[Cells<'_>]) -> GivenFile {
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    file("early_help_liquidlogic", &rows)
}

fn twelve_rows() -> GivenFile {
    GivenFile::of("twelve_rows.csv", TWELVE_ROWS)
}

#[test]
fn without_an_agreement_nothing_is_loaded() {
    let office = Office::without_agreements("E08000001");
    let report = &office.load(&[twelve_rows()])[0];
    assert_eq!((report.outcome, report.rows), (Outcome::Refused, 0));
    assert!(report.file_faults[0].contains("tenfold-node agreement record early-help --reference"));
    assert!(office.families().is_empty());
}

#[test]
fn bad_rows_stop_a_file_until_the_analyst_takes_the_good_ones() {
    let office = Office::open();
    let report = &office.load_as(&[twelve_rows()], false, false)[0];
    assert_eq!((report.outcome, report.quarantined, report.faults.len()), (Outcome::Refused, 3, 4));
    assert!(report.file_faults[0].starts_with("3 of 12 rows cannot be taken"));
    let dry = &office.load_as(&[twelve_rows()], true, true)[0];
    assert_eq!((dry.outcome, dry.rows, dry.load), (Outcome::WouldLoad, 9, None));
    assert!(office.families().is_empty());
    let taken = &office.load(&[twelve_rows()])[0];
    assert_eq!((taken.outcome, taken.rows, taken.load), (Outcome::Loaded, 9, Some(1)));
    assert_eq!(office.families().len(), 7);
    let read: Result<_, StoreError> = office.node.store.read(|connection| {
        Ok((
            store::loads::faults(connection, 1)?,
            acts::all(connection)?,
            store::loads::coverage(connection)?,
        ))
    });
    let (kept, acts, coverage) = read.unwrap();
    assert_eq!(kept.len(), 4);
    assert!(kept[3].raw.starts_with("EH1010,") && kept[3].column == "Work and Money");
    assert_eq!(acts.last().map(|act| (act.verb.as_str(), act.object.as_str())), Some(("loaded", "load 1")));
    assert_eq!(coverage.0[&SourceKind::EarlyHelp].len(), 1);
    let shown = format!("{taken:?} {kept:?}");
    assert!(!shown.contains("Maybe") && !shown.contains("Example Street"));
}

#[test]
fn a_resend_updates_and_never_duplicates() {
    let office = Office::open();
    let sessions = |count| {
        let row = [
            ("Pupil Forename", "Amber"),
            ("Pupil Surname", "Fernhollow"),
            ("Date of Birth", "03/05/2005"),
            ("Term Start", "13/04/2015"),
            ("Term End", "17/07/2015"),
            ("Sessions Possible", "120"),
            ("Reason Code", "I"),
            ("Sessions", count),
        ];
        file("school_sessions", &[&row])
    };
    office.load(&[sessions("7"), twelve_rows()]);
    let first = office.families();
    assert_eq!(first.iter().map(|family| family.sessions.len()).sum::<usize>(), 1);
    office.load(&[twelve_rows(), sessions("7")]);
    // What stands is the same; the rows of the newer loads say it.
    let said = |families: &[FamilyFile]| undoing::without_loads(&format!("{families:?}"));
    assert_eq!(said(&office.families()), said(&first));
    let text = String::from_utf8(TWELVE_ROWS.to_vec()).unwrap().replacen("12/05/2015", "13/05/2015", 1);
    office.load(&[GivenFile::of("again.csv", text.as_bytes()), sessions("9")]);
    let second = office.families();
    assert_eq!(second.len(), first.len());
    assert_eq!(second[0].assessments.len(), first[0].assessments.len());
    assert_eq!(second[0].assessments[0].completed, "2015-05-13".parse().ok());
    assert_eq!(second[0].sessions[0].absent, 9);
}

#[test]
fn the_same_child_twice_is_one_child() {
    let office = Office::open();
    let file = early_help(&[
        assessed("EH1", "C1", "Amber Fernhollow", &[("NHS Number", NHS), ("UPRN", "100")]),
        assessed("EH2", "C2", "Ambre Fern-Hollow", &[("NHS Number", "943 476 5919"), ("UPRN", "200")]),
    ]);
    office.load(&[file]);
    let families = office.families();
    assert_eq!((families.len(), families[0].members.len(), families[0].assessments.len()), (1, 1, 2));
}

#[test]
fn a_row_that_bridges_two_families_makes_them_one_for_good() {
    let office = Office::open();
    let dana = [("Carer Forename", "Dana"), ("Carer Surname", "Fern"), ("Carer NI Number", "QQ100001A")];
    let piers = [("Carer Forename", "Piers"), ("Carer Surname", "Marl"), ("Carer NI Number", "QQ100002A")];
    office.load(&[early_help(&[
        assessed("EH1", "C1", "Amber Fern", &dana),
        assessed("EH2", "C2", "Jude Marl", &piers),
    ])]);
    assert_eq!(office.families().len(), 2);
    office.load(&[early_help(&[assessed("EH3", "C2", "Jude Marl", &dana)])]);
    let families = office.families();
    assert_eq!((families.len(), families[0].members.len()), (1, 4));
    assert_eq!((families[0].family.0.as_str(), families[0].line.0.as_str()), ("F1", "L1"));
    let merges: Result<_, StoreError> = office.node.store.read(store::register::line_merges);
    assert_eq!(merges.unwrap().len(), 1);
    // A new family never gets the number of the one that went up.
    office.load(&[early_help(&[assessed("EH4", "C4", "Noor Salt", &[])])]);
    assert_eq!(office.families()[1].family.0, "F3");
}

#[test]
fn a_withheld_address_joins_nobody() {
    let office = Office::open();
    let rows = ["", "withheld", "0", "999999999999", "n/a"].map(|uprn| [("UPRN", uprn)]);
    let names = ["A Marl", "B Marl", "C Marl", "D Marl", "E Marl"];
    let numbers = ["1", "2", "3", "4", "5"];
    let rows: Vec<Cells<'_>> =
        (0..5).map(|at| assessed(numbers[at], numbers[at], names[at], &rows[at])).collect();
    assert_eq!(office.load(&[early_help(&rows)])[0].faults, []);
    assert_eq!(office.families().len(), 5);
}

#[test]
fn an_unknown_file_is_told_what_it_is_nearest_to_and_the_others_load() {
    let office = Office::open();
    let stranger = GivenFile::of("x.csv", b"UPN,Term,Marks\nA,B,C\n");
    let reports = office.load(&[stranger, twelve_rows()]);
    assert_eq!((reports[0].outcome, reports[1].outcome), (Outcome::Refused, Outcome::Loaded));
    assert!(reports[0].file_faults[0].contains("nearest to School sessions"));
}

#[test]
fn one_number_may_stand_for_several_children_and_people() {
    let office = Office::open();
    let incident = |given| {
        vec![
            ("Incident Reference", "GMP1"),
            ("Incident Date", "01/05/2015"),
            ("Category", "Domestic abuse"),
            ("Forename", given),
            ("Surname", "Fern"),
            ("Date of Birth", "03/05/2005"),
        ]
    };
    let incidents = file("police_incidents", &[&incident("Amber"), &incident("Robin")]);
    // The incidents come before the family does, and are looked at again once it is known.
    assert_eq!(office.load(std::slice::from_ref(&incidents))[0].unmatched, 2);
    let children = [
        assessed("EH1", "C1", "Amber Fern", &[("UPRN", "100")]),
        assessed("EH1", "C2", "Robin Fern", &[("UPRN", "100")]),
    ];
    office.load(&[early_help(&children)]);
    office.load(&[incidents]);
    let families = office.families();
    assert_eq!((families.len(), families[0].assessments.len(), families[0].incidents.len()), (1, 2, 2));
}

#[test]
fn two_benefits_that_begin_on_one_day_are_two() {
    let office = Office::open();
    let spell = |description, end| {
        vec![
            ("NI Number", "QQ100001A"),
            ("Spell Type", "Benefit"),
            ("Description", description),
            ("Start Date", "01/04/2015"),
            ("End Date", end),
        ]
    };
    let spells = file("dwp_spells", &[&spell("JSA", ""), &spell("Carer's", "01/06/2015")]);
    let carer = [("Carer Forename", "Dana"), ("Carer Surname", "Fern"), ("Carer NI Number", "QQ100001")];
    office.load(&[spells, early_help(&[assessed("EH1", "C1", "Amber Fern", &carer)])]);
    assert_eq!(office.families()[0].benefits.len(), 2);
}

#[test]
fn a_later_row_takes_back_nothing_that_it_leaves_blank() {
    let office = Office::open();
    let care = [
        ("Child ID", "C1"),
        ("Date of Birth", "03/05/2005"),
        ("Status", "CIN"),
        ("Start Date", "01/04/2015"),
    ];
    office.load(&[file("social_care", &[&care])]);
    let nameless = [
        ("Early Help Number", "EH1"),
        ("Child ID", "C1"),
        ("Child Forename", "Amber"),
        ("Child Surname", "Fern"),
        ("Assessment Type", "Initial"),
        ("Assessment Start Date", "10/04/2015"),
    ];
    office.load(&[file("early_help_liquidlogic", &[&nameless])]);
    let child = office.families()[0].members[0].clone();
    assert_eq!((child.given_name.as_str(), child.birth_date), ("Amber", "2005-05-03".parse().ok()));
}

#[test]
fn the_ward_is_that_of_the_newest_assessment_whatever_comes_again() {
    let office = Office::open();
    let at = |reference, started, uprn, ward| {
        let more = [("Assessment Start Date", started), ("UPRN", uprn), ("Ward Code", ward)];
        early_help(&[assessed(reference, "C1", "Amber Fern", &more)])
    };
    let ward = || office.families()[0].ward.as_ref().map(ToString::to_string);
    let first = at("EH1", "10/04/2015", "100", "E05014818");
    office.load(std::slice::from_ref(&first));
    assert_eq!(ward().as_deref(), Some("E05014818"));
    office.load(&[at("EH2", "10/06/2015", "200", "E05014819")]);
    office.load(&[first]);
    assert_eq!(ward().as_deref(), Some("E05014819"));
    office.load(&[at("EH3", "11/06/2015", "200", "")]);
    assert_eq!(ward().as_deref(), Some("E05014819"));
    office.load(&[at("EH4", "12/06/2015", "300", "")]);
    assert_eq!(ward(), None);
}

#[test]
fn what_the_extracts_were_made_from_is_found_again() {
    // One borough with each way of writing, and the one that receives the family that moves.
    for borough in ["E08000002", "E08000004"] {
        let office = Office::of(borough);
        let folder = tempfile::tempdir().unwrap();
        let plan = SynthPlan { scale: 0.3, ..SynthPlan::new(borough.parse().unwrap(), 11) };
        synth::write(&plan, folder.path()).unwrap();
        let mut truth = csv::Reader::from_path(folder.path().join("truth.csv")).unwrap();
        let mut rows = truth.records().map(Result::unwrap);
        let (mut quarantined, mut unmatched) = (0, 0);
        for quarter in plan.all_quarters() {
            let (reports, decided) = office.load_quarter(folder.path(), quarter);
            assert!(reports.iter().all(|report| report.outcome == Outcome::Loaded), "{reports:?}");
            quarantined += reports.iter().map(|report| report.quarantined).sum::<u64>();
            unmatched += reports.iter().map(|report| report.unmatched).sum::<u64>();
            let row = rows.find(|row| row[1] == quarter.to_string()).unwrap();
            let expected: [usize; 2] = [row[2].parse().unwrap(), row[3].parse().unwrap()];
            let results = claim::draft_quarter(&office.node, &office.analyst).unwrap().results;
            assert_eq!([decided.attached, results], expected, "{borough} {quarter}");
        }
        assert!(quarantined > 0 && unmatched == 0, "{borough}: {quarantined} {unmatched}");
    }
}
