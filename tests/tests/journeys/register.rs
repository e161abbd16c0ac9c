//! The register on both databases: loaded, undone, loaded again, parted, joined, weighed, silent, erased.

use tenfold_node::{
    duties::{
        ask, decide, look, matching, quality, quarantine,
        rights::{self, StandingKind},
        undo, weigh,
    },
    register::{SourceKind, linkage::Parameters},
};
use tenfold_store::{Account, Role};
use tenfold_tests::federation::{Database, Federation};

const TWELVE_ROWS: &str = include_str!("../../data/twelve_rows.csv");

#[tokio::test]
async fn what_is_done_to_the_register_can_be_taken_back_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite)
}

#[tokio::test]
async fn what_is_done_to_the_register_can_be_taken_back_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres)
}

fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let (member, quarter) = (&federation.members[0], federation.quarter(0)?);
    let (node, analyst) = (&member.node, &member.analyst);
    federation.when_loaded(quarter);
    let taken = member.load_text("twelve_rows.csv", TWELVE_ROWS, quarter)?;
    let first = member.families()?;
    assert_eq!(first.len(), 7);

    // A second file changes a family; undone, the register is as it was, and loaded again as it would be.
    let text = TWELVE_ROWS.replacen("12/05/2015", "13/05/2015", 1).replacen("Quarrydene", "Newname", 1);
    let second = member.load_text("again.csv", &text, quarter)?;
    let changed = member.families()?;
    assert_ne!(changed, first);
    let load = second.load.expect("it was taken");
    let undone = undo::undo(node, load, analyst)?;
    assert_eq!((undone.rows, member.families()? == first), (9, true));
    assert!(undo::obstacle(node, load)?.is_some_and(|why| why.contains("was undone")));
    let again = member.load_text("again.csv", &text, quarter)?.load.expect("it was taken");
    // Only the load that each row came with is another.
    let loaded =
        format!("{:?}", member.families()?).replace(&format!("load: {again},"), &format!("load: {load},"));
    assert_eq!(loaded, format!("{changed:?}"));
    let changed = member.families()?;
    assert_eq!(look::loads(node)?.len(), 3);
    assert_eq!(quarantine::export(node, taken.load.expect("it was taken"))?.rows, 3);
    assert_eq!(quality::report(node)?[0].rows, 18);

    // Decisions and weighing.
    let split = changed.iter().find(|file| file.members.len() > 2).expect("two children and a carer");
    let number = |id: &str| id[1..].parse::<i64>();
    let (family, person) = (number(&split.family.0)?, number(&split.members[0].id.0)?);
    let decision = matching::split_family(node, family, &[person], "Two families", analyst)?;
    assert_eq!(member.families()?.len(), changed.len() + 1);
    matching::revoke(node, decision, analyst)?;
    assert_eq!(member.families()?, changed);
    weigh::weigh(node, Parameters::shipped(), analyst)?;
    let queue = matching::queue(node)?;
    assert!(queue.most.1 >= queue.fewest.1 && queue.most.1 == member.families()?.len());

    // What people may ask for.
    let attached = decide::decide(node, analyst)?.attached;
    assert!(attached > 0);
    assert!(ask::check_list(node, SourceKind::Dwp, analyst)?.people > 0);
    rights::record(node, person, StandingKind::Objection, "letter", "2015-06-01".parse()?, analyst)?;
    assert_eq!(decide::decide(node, analyst)?.standings["objected: neither counted nor claimed"], 1);
    let export = rights::export(node, person, analyst)?;
    assert!(!export.rows.is_empty() && export.said.len() == 1);
    let approver = Account { name: "ben".into(), display_name: "Ben".into(), role: Role::Approver };
    rights::erase(node, family, &approver)?;
    let left = member.families()?;
    assert!(left.len() == changed.len() - 1 && left.iter().all(|file| file.family != split.family));
    Ok(())
}
