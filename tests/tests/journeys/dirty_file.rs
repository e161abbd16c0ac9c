//! A file with bad rows: nothing is taken unasked, the good rows once, and sent again nothing is doubled.

use tenfold_node::{
    duties::{
        decide::{self, Decided},
        load::{self, GivenFile, LoadReport, LoadRequest, Outcome},
    },
    store, synth,
};
use tenfold_tests::federation::{Database, Federation, Member};

const TWELVE_ROWS: &str = include_str!("../../data/twelve_rows.csv");

fn loads(member: &Member) -> anyhow::Result<i64> {
    let sources = member.node.store.read(store::loads::sources)?;
    Ok(sources.iter().map(|source| source.rows).sum())
}

fn decided(member: &Member) -> anyhow::Result<Decided> {
    Ok(decide::decide(&member.node, &member.analyst)?)
}

#[tokio::test]
async fn twelve_rows_of_which_three_are_bad() -> anyhow::Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let (member, quarter) = (&federation.members[0], federation.quarter(0)?);
        federation.when_loaded(quarter);
        let covers = synth::coverage(quarter);
        let careful = LoadRequest::new(covers.to, covers);
        let once = |request: LoadRequest| -> anyhow::Result<LoadReport> {
            let file = GivenFile::of("twelve_rows.csv", TWELVE_ROWS.as_bytes());
            Ok(load::load(&member.node, &[file], &request, &member.analyst, |_, _, _| {})?.remove(0))
        };
        let unasked = once(careful.clone())?;
        assert_eq!((unasked.outcome, unasked.quarantined, unasked.rows), (Outcome::Refused, 3, 0));
        assert!(unasked.faults.iter().all(|fault| fault.line > 1 && !fault.fix.is_empty()));
        let dry = once(LoadRequest { take_good_rows: true, dry_run: true, ..careful })?;
        assert_eq!((dry.outcome, dry.rows, dry.load), (Outcome::WouldLoad, 9, None));
        assert_eq!((loads(member)?, decided(member)?.families), (0, 0), "a refusal or dry run took rows");

        let taken = member.load_text("twelve_rows.csv", TWELVE_ROWS, quarter)?;
        assert_eq!((taken.outcome, taken.rows, taken.quarantined), (Outcome::Loaded, 9, 3));
        let faults = member
            .node
            .store
            .read(|connection| store::loads::faults(connection, taken.load.expect("it was loaded")))?;
        assert_eq!(faults.len(), taken.faults.len(), "quarantine keeps what the analyst was told");
        // Nine children of seven families: two pairs share carer, name and home.
        let first = decided(member)?;
        assert_eq!(first.families, 7);
        assert!(first.attached > 0);

        // The same file under another name: nobody is there twice, and nothing is recorded twice.
        let again = member.load_text("resent.csv", TWELVE_ROWS, quarter)?;
        assert_eq!((again.outcome, again.rows), (Outcome::Loaded, 9));
        let second = decided(member)?;
        assert_eq!((second.families, second.attached), (7, 0));
        assert_eq!(second.standings, first.standings);
        federation.when_recorded(quarter)?;
        member.release(quarter)?;
        member.deliver().await?;
        let names = member.node.store.read(|connection| store::ledger::journalled(connection, "attached"))?;
        assert_eq!(names.len(), first.attached, "each line counted once");
    }
    Ok(())
}

#[test]
fn a_file_that_is_not_what_it_should_be_changes_nothing() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let (member, quarter) = (&federation.members[0], federation.quarter(0)?);
    let headings = TWELVE_ROWS.lines().next().expect("a first line");
    for text in ["", "\u{0}\u{1}\u{2}", "Name,Age\nx,1\n", &headings.replace("NHS Number", "NHS No")] {
        let report = member.load_text("other.csv", text, quarter)?;
        assert_eq!((report.outcome, report.load), (Outcome::Refused, None), "{text:?}");
        assert!(!report.file_faults.is_empty(), "{text:?}");
    }
    assert_eq!((loads(member)?, decided(member)?.families), (0, 0));
    Ok(())
}
