//! A borough that joins in the middle of the programme: what was before Tenfold is claimed and counted once.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Workbook};
use tenfold_aggregator::{
    combine::Area,
    dashboard::{measure, tidy},
    duties::read,
    submission::{self, Explanations, Return},
};
use tenfold_common::{
    calendar::Quarter,
    privacy::policy::{ATTACHED, RESULT},
};
use tenfold_node::{
    claims::ladder::State,
    duties::{
        DutyError, LoadFault, audit, certify,
        claim::{
            self, ClaimFault, Families, before, look,
            settle::{self, Which},
        },
        decide,
        load::{GivenFile, LoadReport, Outcome},
        look as pages, prepare, undo,
    },
    register::{FamilyFile, LineId},
    store, synth,
};
use tenfold_store::{Account, Role, StoreError};
use tenfold_tests::federation::{Database, Federation, Member, Running};

const HEADINGS: &str = "Family ID,Forename,Surname,Date of Birth,Framework,Attached On,Claim Reference,Result,\
                        Claimed On,Amount Claimed,Claim State";

/// A federation of one borough whose synthetic extracts lie in a folder.
fn borough(federation: Federation) -> anyhow::Result<Running> {
    let federation = federation.at("2015-04-01")?;
    let plan = federation.members[0].synthetic(federation.quarter(0)?, 6, 0.2);
    synth::write(&plan, &federation.folder().join("extracts"))?;
    Ok(federation)
}

/// Loads a quarter's extracts and decides.
fn load(federation: &Running, index: i32) -> anyhow::Result<usize> {
    let quarter = federation.quarter(index)?;
    federation.when_loaded(quarter);
    let decided = federation.members[0].load_extracts(&federation.folder().join("extracts"), quarter)?;
    Ok(decided.attached)
}

/// A row of history about a family, by one of its people; the claim's cells as given.
fn row(number: usize, file: &FamilyFile, claim: &str) -> String {
    let named =
        |who: &&tenfold_node::register::Person| who.birth_date.is_some() && !who.given_name.is_empty();
    let who = file.members.iter().find(named).expect("somebody has a birthday");
    let (given, family, born) = (&who.given_name, &who.family_name, who.birth_date.expect("as asked"));
    format!("H{number},{given},{family},{},Expanded,05/01/2015,{claim}\n", born.format("%d/%m/%Y"))
}

/// Families recorded as attached, the first paid for before Tenfold, the second refused then, the others attached
/// only; and one that no other source knows, paid for too.
struct History {
    text: String,
    paid: FamilyFile,
    refused: FamilyFile,
    lines: BTreeSet<LineId>,
}

fn history(member: &Member) -> anyhow::Result<History> {
    let attached = member.recorded_lines(ATTACHED)?;
    let mut known = member.families()?;
    known.retain(|file| attached.contains(&file.line));
    let [paid, refused, others @ ..] = known.as_slice() else { anyhow::bail!("too few families") };
    let others = &others[..4];
    let mut text = format!("{HEADINGS}\n");
    text += &row(1, paid, "TF-1,Progress,20/03/2015,\"£1,600.50\",Paid");
    text += &row(2, refused, "TF-2,Progress,20/03/2015,800,Refused");
    for (at, file) in others.iter().enumerate() {
        text += &row(3 + at, file, ",,,,");
    }
    text += "H9,Wilmot,Oldbarrow,01/02/2001,Phase 1,03/09/2013,TF-9,Employment,01/10/2014,800,Submitted\n";
    let lines = [paid, refused].into_iter().chain(others).map(|file| file.line.clone()).collect();
    Ok(History { text, paid: paid.clone(), refused: refused.clone(), lines })
}

/// What a prepared quarter counts: families attached, results.
fn counted(member: &Member, quarter: Quarter) -> anyhow::Result<[i64; 2]> {
    prepare::prepare(&member.node, quarter, &member.analyst)?;
    let counts = pages::counts(&member.node, quarter)?.expect("it was prepared");
    Ok([counts[0].total, counts[1].total])
}

fn taken(report: &LoadReport) -> i64 {
    assert_eq!(report.outcome, Outcome::Loaded, "{:?} {:?}", report.file_faults, report.faults);
    report.load.expect("it was loaded")
}

#[tokio::test]
async fn what_was_before_is_the_opening_position_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn what_was_before_is_the_opening_position_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = borough(Federation::new().on(database))?;
    let member = &federation.members[0];
    let first = federation.quarter(0)?;
    let here = load(&federation, 0)?;
    let history = history(member)?;
    federation.clock.set(member.node.now().plus_seconds(3_600));
    let load_history = || member.load_text("history.csv", &history.text, first);
    let number = taken(&load_history()?);
    assert_eq!(decide::decide(&member.node, &member.analyst)?.attached_before, 7);

    // Before its release it is undone as a whole, and loaded again.
    federation.when_recorded(first)?;
    let with = [here as i64 + 1, 2];
    assert_eq!(counted(member, first)?, with, "six of the seven were recorded here too");
    assert!(undo::undo(&member.node, number, &member.analyst)?.preparation);
    assert!(before::list(&member.node)?.claims.is_empty());
    decide::decide(&member.node, &member.analyst)?;
    assert_eq!(counted(member, first)?, [here as i64, 0]);
    let number = taken(&load_history()?);
    assert_eq!(counted(member, first)?, with);

    member.release(first)?;
    federation.when_delivered(first)?;
    assert_eq!(member.deliver().await?.receipted, [first]);
    let refused = undo::undo(&member.node, number, &member.analyst).unwrap_err();
    assert!(matches!(refused, DutyError::Load(LoadFault::ReleasedSince { .. })), "{refused}");
    shown_as_such(&federation)?;

    // A later quarter counts who is new, and nobody of before again.
    let new = load(&federation, 1)?;
    let second = federation.quarter(1)?;
    federation.when_recorded(second)?;
    assert!(new > 0, "nobody joined in this quarter: it shows nothing");
    assert_eq!(counted(member, second)?, [new as i64, 0]);
    member.release(second)?;
    federation.when_delivered(second)?;
    assert_eq!(member.deliver().await?.receipted, [second]);
    not_claimed_twice(&federation, &history)
}

/// The region's pages, file and return name it and show it as no quarter's activity.
fn shown_as_such(federation: &Running) -> anyhow::Result<()> {
    let picture = read::picture(&federation.aggregator)?;
    assert_eq!(picture.quarter_name(0), "Opening position to 30 June 2015");
    let each = measure::over_time(&picture, &Area::Region, ATTACHED)?;
    assert_eq!((each.svg.matches("<circle").count(), each.table.rows.len()), (0, 1));
    let to_date = measure::running_total(&picture, &Area::Region, ATTACHED)?;
    assert_eq!(to_date.svg.matches("<circle").count(), 1);
    let figures = tidy::figures(&picture)?;
    assert!(figures.contains(",opening position,") && !figures.contains(",quarter,"));
    let made = Return::of(&picture, federation.quarter(0)?, &Explanations::new())?;
    let files = submission::files(&made);
    let mut rows = csv::Reader::from_reader(files.csv.as_bytes());
    let headings = rows.headers()?.clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let own = federation.members[0].borough().as_str();
    let row = rows.records().find(|row| row.as_ref().is_ok_and(|row| &row[at("area_code")] == own));
    let row = row.expect("the borough has a row")?;
    assert_eq!(&row[at("period")], "opening position to 2015-06-30");
    assert_eq!(&row[at("attached_in_quarter")], "x");
    assert!(row[at("attached_to_date")].parse::<i64>().is_ok(), "{row:?}");
    Ok(())
}

/// A family that was paid for before Tenfold is not claimed again; one that was refused can be.
fn not_claimed_twice(federation: &Running, history: &History) -> anyhow::Result<()> {
    let member = &federation.members[0];
    for index in 2..6 {
        load(federation, index)?;
    }
    let today = member.node.now().day();
    claim::open_window(&member.node, "W", (today, today), None, None, &member.analyst)?;
    let named = Families::Named(vec![history.paid.family.clone()]);
    let refused = claim::draft(&member.node, "W", &named, &member.analyst).unwrap_err();
    assert!(matches!(refused, DutyError::Claims(ClaimFault::ClaimedBefore { .. })), "{refused}");
    let words = refused.to_string();
    assert!(words.contains("TF-1 of expanded-2015 is paid (history.csv, line 2, load"), "{words}");
    let drafted = claim::draft(&member.node, "W", &Families::AllClaimable, &member.analyst)?;
    let families: BTreeSet<&str> = drafted.claims.iter().map(|(_, family)| family.as_str()).collect();
    assert!(families.len() > 10 && !families.contains(history.paid.family.0.as_str()));
    assert!(look::work_list(&member.node)?.iter().all(|line| line.family != history.paid.family.0));
    // The database itself refuses it, and takes the family that was refused then.
    let insert = |line: &LineId| {
        format!(
            "INSERT INTO claim SELECT 9000, id, programme, '{line}', 'F1', 'drafted', 'progress', '[1]', 1, framework, \
             '0', first_day, 'v', opened_at, opened_by FROM claim_window"
        )
    };
    let behind = member.sql(&insert(&history.paid.line));
    assert!(matches!(behind, Err(StoreError::Refused { .. })), "{behind:?}");
    if !families.contains(history.refused.family.0.as_str()) {
        assert_eq!(member.sql(&insert(&history.refused.line))?, 1);
    }

    // The listing has what was before, added up and traced to its lines.
    let listed = before::list(&member.node)?;
    let totals: Vec<(&str, u32, i64, u32)> =
        listed.totals.iter().map(|t| (t.programme.as_str(), t.claims, t.pence, t.freed)).collect();
    assert_eq!(totals, [("expanded-2015", 1, 160_050, 1), ("phase-1-2012", 1, 80_000, 0)]);
    assert_eq!(listed.families, 7);
    let places: Vec<(&str, i64)> = listed.claims.iter().map(|c| (c.reference.as_str(), c.row)).collect();
    assert_eq!(places.into_iter().collect::<BTreeSet<_>>(), [("TF-1", 2), ("TF-2", 3), ("TF-9", 8)].into());
    Ok(())
}

/// History that comes after a family was claimed here is a case for the analyst.
#[tokio::test]
async fn history_after_a_claim_is_a_double_case() -> anyhow::Result<()> {
    let federation = borough(Federation::new())?;
    let member = &federation.members[0];
    for index in 0..6 {
        load(&federation, index)?;
    }
    let today = member.node.now().day();
    claim::open_window(&member.node, "W", (today, today), None, None, &member.analyst)?;
    let drafted = claim::draft(&member.node, "W", &Families::AllClaimable, &member.analyst)?;
    assert!(look::double_cases(&member.node)?.is_empty());
    let (id, family) = &drafted.claims[0];
    let files = member.families()?;
    let file = files.iter().find(|file| &file.family.0 == family).expect("it was drafted");
    let text = format!("{HEADINGS}\n{}", row(1, file, "TF-7,Progress,20/03/2015,800,Paid"));
    let report = member.load_text("late.csv", &text, federation.quarter(5)?)?;
    taken(&report);
    assert!(report.notes.iter().any(|note| note.starts_with("1 claims of this file")), "{:?}", report.notes);
    let cases = look::double_cases(&member.node)?;
    assert_eq!((cases.len(), cases[0].claims[0].claim), (1, *id));
    assert_eq!((cases[0].before[0].reference.as_str(), cases[0].before[0].row), ("TF-7", 2));

    // The officer cannot certify it, audited or not, until one of the two is given up.
    find_all_valid(member, "W")?;
    let refused = certify::certify(&member.node, "W", None, &member.approver).unwrap_err();
    assert!(matches!(refused, DutyError::Claims(ClaimFault::ClaimedBefore { .. })), "{refused}");
    assert!(
        refused.to_string().contains("TF-7 of expanded-2015 is paid (late.csv, line 2, load"),
        "{refused}"
    );
    let given_up = Which::Claims(vec![*id]);
    settle::settle(&member.node, &given_up, State::Withdrawn, "paid before Tenfold", &member.analyst)?;
    let certified = certify::certify(&member.node, "W", None, &member.approver)?;
    assert_eq!(certified.body.totals.claims() as usize, drafted.claims.len() - 1);
    Ok(())
}

/// An audit of a window that finds every line valid.
fn find_all_valid(member: &Member, window: &str) -> anyhow::Result<()> {
    let (node, auditor) = (
        &member.node,
        Account { name: "auditor".into(), display_name: "auditor".into(), role: Role::Auditor },
    );
    audit::freeze(node, window, None, &member.analyst)?;
    let drawn = audit::seed(node, window, "nine green bottles 3 3 3", &auditor)?;
    for line in drawn.lines.iter().filter(|line| line.drawn) {
        audit::find(node, window, line.claim, None, &auditor)?;
    }
    audit::conclude(node, window, &auditor)?;
    Ok(())
}

/// The same rows as a workbook, its dates and amounts as a spreadsheet keeps them, say the same.
#[tokio::test]
async fn history_comes_as_a_workbook_too() -> anyhow::Result<()> {
    let federation = borough(Federation::new())?;
    let member = &federation.members[0];
    let first = federation.quarter(0)?;
    load(&federation, 0)?;
    let history = history(member)?;
    let claims = || -> anyhow::Result<Vec<String>> {
        let listed = before::list(&member.node)?.claims.into_iter();
        // A family that no other source knows gets a new number with each load.
        let claims = listed.map(|claim| match history.lines.contains(&LineId(claim.line.clone())) {
            true => before::BeforeLine { load: 0, file: String::new(), ..claim },
            false => before::BeforeLine {
                load: 0,
                file: String::new(),
                family: String::new(),
                line: String::new(),
                ..claim
            },
        });
        Ok(claims.map(|claim| format!("{claim:?}")).collect())
    };
    let number = taken(&member.load_text("history.csv", &history.text, first)?);
    let by_text = claims()?;
    assert_eq!(by_text.len(), 3);
    undo::undo(&member.node, number, &member.analyst)?;
    assert_eq!(claims()?, Vec::<String>::new());

    let workbook = GivenFile::of("history.xlsx", &workbook(&history.text)?);
    taken(&member.load(&[workbook], first)?[0]);
    assert_eq!(claims()?, by_text);
    Ok(())
}

/// Rows as a workbook: days as days, amounts as numbers, all else as text.
fn workbook(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let days = Format::new().set_num_format("dd/mm/yyyy");
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for (at, row) in (0..).zip(rows.records()) {
        for (column, cell) in (0..).zip(&row?) {
            let day = NaiveDate::parse_from_str(cell, "%d/%m/%Y");
            let amount = cell.trim_start_matches('£').replace(',', "").parse::<f64>();
            match (day, amount) {
                // Spreadsheets count days from this one.
                (Ok(day), _) => {
                    let serial = (day - NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day")).num_days();
                    sheet.write_with_format(at, column, serial as f64, &days)?
                }
                (_, Ok(amount)) => sheet.write(at, column, amount)?,
                _ => sheet.write(at, column, cell)?,
            };
        }
    }
    Ok(workbook.save_to_buffer()?)
}

/// Where the policy has no opening position, or that is released, history is never counted: not now, not later.
#[tokio::test]
async fn history_without_an_opening_position_is_never_counted() -> anyhow::Result<()> {
    for opening in [true, false] {
        let region = if opening { Federation::new() } else { Federation::new().without_opening() };
        let federation = borough(region)?;
        let member = &federation.members[0];
        let here = load(&federation, 0)?;
        let quarter = federation.quarter(i32::from(opening))?;
        if opening {
            federation.when_recorded(federation.quarter(0)?)?;
            member.release(federation.quarter(0)?)?;
            federation.when_delivered(federation.quarter(0)?)?;
            member.deliver().await?;
            load(&federation, 1)?;
        }
        let history = history(member)?;
        let number = taken(&member.load_text("history.csv", &history.text, quarter)?);
        federation.when_recorded(quarter)?;
        let [attached, results] = counted(member, quarter)?;
        assert_eq!(results, 0);
        if !opening {
            assert_eq!(attached, here as i64 - 6, "the six of before are no activity");
        }
        member.release(quarter)?;
        federation.when_delivered(quarter)?;
        assert_eq!(member.deliver().await?.receipted, [quarter]);
        assert!(undo::undo(&member.node, number, &member.analyst).is_err());
        for (stream, lines) in [(ATTACHED, &history.lines), (RESULT, &[history.paid.line.clone()].into())] {
            let journalled = member.node.store.read(|c| store::ledger::journalled(c, stream))?;
            let key = member.node.keys.journal()?;
            let name = |line: &LineId| key.name(line);
            assert!(lines.iter().all(|line| journalled.contains(&name(line))), "{stream} {opening}");
        }
    }
    Ok(())
}
