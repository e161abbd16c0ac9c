//! The region's log: the same for everybody, never rewritten unnoticed, and whole again after a backup was put back.

use std::{collections::BTreeMap, fs, process::Command};

use diesel::RunQueryDsl as _;
use tenfold_aggregator::{
    duties::{
        DutyError as CentreError, enrol, log, prove,
        recover::{self, Word},
    },
    store as centre,
};
use tenfold_common::{
    geography,
    log::{Checkpoint, Entry, HeldLog, LogFile},
    protocol::{LogView, ProblemKind, Statement, signature, statement::STATEMENT_TYPE},
};
use tenfold_node::{
    duties::{DutyError, seal, verify, witness},
    region::CallError,
};
use tenfold_store::StoreError;
use tenfold_tests::{
    federation::{CENTRE, Database, Federation, Member, OFFICER, Restored, Running},
    programs,
};
use tenfold_web::tls;

const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

fn kinds(entries: &[Entry]) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for entry in entries {
        *kinds.entry(entry.event.kind().as_str()).or_default() += 1;
    }
    kinds
}

fn exported(federation: &Running) -> anyhow::Result<LogFile> {
    let (entries, checkpoint) = log::whole(&federation.aggregator)?;
    let receipt_key = federation.aggregator.receipt_key.public();
    Ok(LogFile { receipt_key, entries, checkpoints: vec![checkpoint] })
}

async fn all_call_in(federation: &Running) -> anyhow::Result<()> {
    for member in &federation.members {
        witness::call_in(&member.node, &member.region()?).await?;
    }
    Ok(())
}

#[tokio::test]
async fn everything_accepted_is_an_entry_and_everybody_keeps_the_same_log() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().with_nodes(2).on(database).at("2015-04-01")?;
        let members: Vec<&Member> = federation.members.iter().collect();
        for index in 0..2 {
            federation.release(&members, federation.quarter(index)?).await?;
        }
        let fingerprint = tls::fingerprint_of_pem(&members[1].node.bundle()?.certificate_chain_pem)?;
        all_call_in(&federation).await?;
        enrol::deny(&federation.aggregator, &fingerprint, CENTRE)?;
        let region = exported(&federation)?;
        region.verify()?;
        let expected =
            [("denial", 1), ("enrolment", 2), ("policy", 1), ("receipt", 4), ("release", 4), ("right", 4)];
        assert_eq!(kinds(&region.entries), BTreeMap::from(expected));
        let proved = prove::verify(&federation.aggregator)?;
        assert_eq!((proved.entries, proved.releases), (16, 4));
        // Each borough keeps what it has seen, and can prove it without the region.
        for (member, seen) in members.iter().zip([15, 15]) {
            let kept = witness::file(&member.node)?;
            kept.verify()?;
            assert_eq!(kept.entries, region.entries[..seen]);
            let verified = verify::verify(&member.node)?;
            assert_eq!((verified.receipts, verified.log.entries), (2, seen as u64));
            assert!(verified.log.checkpoints >= 4, "{verified:?}");
        }
    }
    Ok(())
}

/// The small reader, on files alone: what two boroughs and the region exported fits; one changed line does not.
#[tokio::test]
async fn a_whole_log_is_checked_from_files_by_a_program_of_its_own() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let members: Vec<&Member> = federation.members.iter().collect();
    federation.release(&members, federation.quarter(0)?).await?;
    all_call_in(&federation).await?;
    let at = |name: &str| federation.folder().join(name);
    let (region, one, other) =
        (exported(&federation)?, witness::file(&members[0].node)?, witness::file(&members[1].node)?);
    for (name, log) in [("region", &region), ("one", &one), ("other", &other)] {
        fs::write(at(name), log.write()?)?;
    }
    let sealed = members[0].sealed()?.remove(0);
    fs::write(at("release"), &sealed.bytes)?;
    fs::write(at("receipt"), sealed.receipt.unwrap_or_default())?;
    let reader = programs::built().join("tenfold-log");
    let check = |log: &str, further: &[&str]| -> anyhow::Result<(bool, String)> {
        let mut command = Command::new(&reader);
        command.arg(at(log)).args(["--key", &region.receipt_key.to_string(), "--against"]).arg(at("other"));
        for word in further {
            command.arg(if word.starts_with("--") { (*word).into() } else { at(word) });
        }
        let done = command.output()?;
        let told = if done.status.success() { done.stdout } else { done.stderr };
        Ok((done.status.success(), String::from_utf8(told)?))
    };
    for log in ["region", "one"] {
        let (sound, told) = check(log, &["--receipt", "receipt", "release"])?;
        assert!(sound && told.contains(" 1 receipts."), "{told}");
    }
    // The region forges a log for one reader: a release less, everything else as it was, signed anew.
    let mut forged = region.clone();
    forged.entries.retain(|entry| entry.event.borough() != Some(members[1].borough()));
    for (index, entry) in (0..).zip(&mut forged.entries) {
        entry.index = index;
    }
    let root = HeldLog::of(&forged.entries)?.root_at(forged.entries.len() as u64)?;
    let now = members[0].node.now();
    forged.checkpoints =
        vec![Checkpoint::sign(forged.entries.len() as u64, root, now, &federation.aggregator.receipt_key)?];
    fs::write(at("forged"), forged.write()?)?;
    forged.verify()?;
    let (sound, told) = check("forged", &[])?;
    assert!(!sound && (told.contains("the history was changed") || told.contains("speaks of")), "{told}");
    Ok(())
}

/// What a dishonest region could say instead of the truth, each properly signed: the node keeps none of it and draws
/// nothing.
#[tokio::test]
async fn a_rewritten_history_is_found_by_the_node_that_looks() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    federation.release(&[member], federation.quarter(0)?).await?;
    witness::call_in(&member.node, &member.region()?).await?;
    let kept = witness::file(&member.node)?;
    let (size, now) = (kept.entries.len() as u64, member.node.now());
    let key = &federation.aggregator.receipt_key;
    let truth = member.region()?.statement().await?;
    let said = |size: u64, root, earlier, consistency| -> anyhow::Result<Result<Statement, DutyError>> {
        let checkpoint = Checkpoint::sign(size, root, now.plus_seconds(1), key)?;
        let log = LogView { checkpoint, earlier, consistency };
        let statement = Statement { log, ..signature::peek(&truth)? };
        Ok(seal::keep_statement(&member.node, &signature::sign(&statement, STATEMENT_TYPE, key)?))
    };
    let held = HeldLog::of(&kept.entries)?;
    let mut other = kept.entries.clone();
    other[0].at = other[0].at.plus_seconds(1);
    other.push(Entry { index: size, ..other[1].clone() });
    let other = HeldLog::of(&other)?;
    let forked = |told: Result<Statement, DutyError>| matches!(told, Err(DutyError::RegionForked { .. }));
    // Another root for a size it signed; a longer log that does not go on from it, with proof and without.
    assert!(forked(said(size, other.root_at(size)?, size, Vec::new())?));
    let proof = tenfold_common::log::consistency(size + 1, size, &other)?;
    assert!(forked(said(size + 1, other.root_at(size + 1)?, size, proof)?));
    let unproved = said(size + 1, other.root_at(size + 1)?, 0, Vec::new())?;
    assert!(matches!(unproved, Err(DutyError::Delivery { .. })), "{unproved:?}");
    // A shorter log, said later.
    let shorter = said(size - 1, held.root_at(size - 1)?, 0, Vec::new())?;
    assert!(matches!(shorter, Err(DutyError::RegionBehind { .. })), "{shorter:?}");
    // The truth is still taken.
    seal::keep_statement(&member.node, &truth)?;
    assert_eq!(witness::file(&member.node)?, kept);
    Ok(())
}

/// Somebody with the region's database rewrites an entry and every hash after it. The aggregator that signed the
/// other history is told so by the first node that calls, and accepts nothing more.
#[tokio::test]
async fn a_rewritten_database_is_found_at_the_first_call() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    federation.release(&[member], federation.quarter(0)?).await?;
    let mut entries = log::whole(&federation.aggregator)?.0;
    entries[0].at = entries[0].at.plus_seconds(1);
    federation.aggregator.store.write(|connection| {
        for sql in ["DROP TRIGGER log_entry_is_never_deleted", "DROP TRIGGER log_hash_is_never_deleted"] {
            diesel::sql_query(sql).execute(connection)?;
        }
        for sql in ["DELETE FROM log_entry", "DELETE FROM log_hash", "UPDATE log_head SET size = 0"] {
            diesel::sql_query(sql).execute(connection)?;
        }
        entries.iter().try_for_each(|entry| centre::log::keep(connection, entry))
    })?;
    let told = member.region()?.statement().await.unwrap_err();
    let CallError::Problem(problem) = &told else { panic!("{told}") };
    assert_eq!(problem.kind, ProblemKind::Forked.uri());
    assert!(prove::verify(&federation.aggregator).is_err());
    let refused = recover::resume(&federation.aggregator, Word::Whole, CENTRE);
    assert!(matches!(refused, Err(CentreError::Refused(refusal)) if refusal.kind == ProblemKind::Forked));
    Ok(())
}

#[test]
fn the_database_lets_nobody_change_the_log() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        for table in ["log_entry", "log_hash"] {
            let column = if table == "log_entry" { "body" } else { "hash" };
            for sql in [format!("UPDATE {table} SET {column} = 'x'"), format!("DELETE FROM {table}")] {
                let tried = federation
                    .aggregator
                    .store
                    .write(|connection| Ok::<_, StoreError>(diesel::sql_query(&sql).execute(connection)?));
                assert!(matches!(tried, Err(StoreError::Refused { .. })), "{sql}: {tried:?}");
            }
        }
    }
    Ok(())
}

/// A backup of the region is put back, of its database or of the whole machine. What it forgot comes back from the
/// boroughs: releases with their very receipts, a withdrawal, an enrolment, rights to draw. Then everything goes on.
#[tokio::test]
async fn a_restored_region_takes_back_what_it_forgot() -> anyhow::Result<()> {
    for database in BOTH {
        for restored in [Restored::Database, Restored::Machine] {
            restored_region(database, restored).await?;
        }
    }
    Ok(())
}

async fn restored_region(database: Database, restored: Restored) -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(3).on(database).at("2015-04-01")?;
    let [first, second, third] = [0, 1, 2].map(|index| federation.quarter(index).expect("a horizon"));
    let all = |federation: &Running| federation.members.clone();
    let members = all(&federation);
    federation.release(&members.iter().collect::<Vec<_>>(), first).await?;
    let backup = federation.back_up("backup")?;

    // What the backup does not know.
    federation.release(&[&members[0], &members[1]], second).await?;
    let last = geography::boroughs().last().expect("ten boroughs");
    let newcomer = federation.newcomer(&last.code, "newcomer")?;
    let bundle = federation.enrol(&newcomer)?;
    federation.welcome(&newcomer, &bundle)?;
    let fingerprint = tls::fingerprint_of_pem(&members[2].node.bundle()?.certificate_chain_pem)?;
    enrol::deny(&federation.aggregator, &fingerprint, CENTRE)?;
    witness::call_in(&members[0].node, &members[0].region()?).await?;
    let before = federation.aggregator.store.read(centre::releases::all)?;
    let entries = log::whole(&federation.aggregator)?.0;

    federation.put_back(&backup, restored).await?;
    // The certificate that was withdrawn would be good again, and another certificate could be issued: neither is.
    // A machine that remembers nothing at all learns it from whoever calls; here it is said by a person.
    if restored == Restored::Machine {
        recover::restored(&federation.aggregator, OFFICER)?;
    }
    assert!(recover::progress(&federation.aggregator)?.is_some(), "noticed by itself");
    let told = enrol::deny(&federation.aggregator, "0000", CENTRE).unwrap_err();
    assert!(told.to_string().contains("the log has"), "{told}");
    // Who knows less than the others gives what there is, and everybody waits for the rest.
    let told = witness::call_in(&members[1].node, &members[1].region()?).await.unwrap_err().to_string();
    assert!(told.contains("put back from a backup"), "{told}");
    let progress = recover::progress(&federation.aggregator)?.expect("it still lasts");
    assert_eq!(progress.unheard.len(), 2, "{progress:?}");
    // The withdrawn node is heard neither now nor later, so nobody waits for it once the withdrawal is back.
    witness::call_in(&members[0].node, &members[0].region()?).await.unwrap_err();
    newcomer.region()?.statement().await?;
    assert!(recover::progress(&federation.aggregator)?.is_none(), "everybody was heard");
    let refused = members[2].region()?.statement().await.unwrap_err();
    assert!(
        matches!(&refused, CallError::Problem(told) if told.kind == ProblemKind::NotEnrolled.uri()),
        "{refused}"
    );
    assert_eq!(recover::awaited(&federation.aggregator)?.len(), 2);
    for member in &members[..2] {
        witness::call_in(&member.node, &member.region()?).await?;
    }
    assert_eq!(recover::awaited(&federation.aggregator)?, Vec::<String>::new());
    assert_eq!(
        federation.aggregator.store.read(centre::releases::all)?,
        before,
        "the same places, the same receipts"
    );
    assert_eq!(log::whole(&federation.aggregator)?.0, entries);
    prove::verify(&federation.aggregator)?;

    federation.release(&[&members[0], &members[1]], third).await?;
    prove::verify(&federation.aggregator)?;
    for member in &members[..2] {
        verify::verify(&member.node)?;
    }
    Ok(())
}

/// A right to draw that the backup does not know of is not given a second time to an older copy of the node.
#[tokio::test]
async fn a_restored_region_gives_no_right_twice() -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(1).at("2015-04-01")?;
    let member = federation.members[0].clone();
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    let copy = super::restored::back_up(&federation, &member)?;
    let backup = federation.back_up("backup")?;
    assert_eq!(member.deliver().await?.sealed, Some(quarter));
    federation.put_back(&backup, Restored::Database).await?;
    // The older copy asks while the region does not remember: nothing is given.
    let told = copy.deliver().await.unwrap_err().to_string();
    assert!(told.contains("put back from a backup"), "{told}");
    witness::call_in(&member.node, &member.region()?).await?;
    let told = copy.deliver().await.unwrap_err().to_string();
    assert!(told.contains("given to another copy of this node"), "{told}");
    assert_eq!(copy.sealed()?, []);
    Ok(())
}

/// A borough that cannot be heard is left out on a person's word, but not against a checkpoint that knows of more.
#[tokio::test]
async fn a_person_may_go_on_without_a_borough_that_cannot_be_heard() -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let members = federation.members.clone();
    let quarter = federation.quarter(0)?;
    let backup = federation.back_up("backup")?;
    federation.release(&[&members[0]], quarter).await?;
    federation.put_back(&backup, Restored::Database).await?;
    // Before anybody was heard nothing is known against it; but the folder remembers how large the log was.
    let region = members[0].region()?;
    let told = region.deliver("shows its checkpoint".to_owned()).await.unwrap_err();
    assert!(told.is_behind(), "{told}");
    let refused = recover::resume(&federation.aggregator, Word::Whole, CENTRE);
    assert!(matches!(refused, Err(CentreError::Refused(refusal)) if refusal.kind == ProblemKind::Behind));
    witness::call_in(&members[0].node, &region).await.unwrap_err();
    recover::resume(&federation.aggregator, Word::Whole, CENTRE)?;
    witness::call_in(&members[0].node, &region).await?;
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 1);
    Ok(())
}
