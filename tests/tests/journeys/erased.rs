//! A family that was counted, erased and loaded again is known by keyed hashes of its numbers, and not counted twice.

use std::fs;

use tenfold_common::{calendar::Quarter, privacy::policy::ATTACHED};
use tenfold_node::{
    duties::{DutyError, KEYS, adopt, deliver, forget, look, prepare, rights},
    keys::{self, Places},
    ledger::JournalKey,
    register::{FamilyFile, LineId},
    store, synth,
};
use tenfold_store::acts;
use tenfold_tests::federation::{Database, Federation, Member, OFFICER, Running};

/// The numbers of a family's people, and its people.
fn numbers(member: &Member, file: &FamilyFile) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for person in &file.members {
        let export = rights::export(&member.node, person.id.0[1..].parse()?, &member.analyst)?;
        assert!(export.kept_after_erasure.contains("keyed hashes"));
        for told in export.written_as {
            found.extend([told.nhs_number, told.upn, told.ni_number].into_iter().flatten());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The attached family with the fewest people of whom a number is known.
fn some_family(member: &Member) -> anyhow::Result<(i64, Vec<String>)> {
    let attached = member.recorded_lines(ATTACHED)?;
    for file in member.families()? {
        if attached.contains(&file.line) {
            let numbers = numbers(member, &file)?;
            if !numbers.is_empty() {
                return Ok((file.family.0[1..].parse()?, numbers));
            }
        }
    }
    anyhow::bail!("no attached family has a number")
}

fn counted(member: &Member, quarter: Quarter) -> anyhow::Result<usize> {
    prepare::prepare(&member.node, quarter, &member.analyst)?;
    Ok(look::counts(&member.node, quarter)?.expect("it was prepared")[0].total as usize)
}

/// Whether any of the numbers stands in the node's files.
fn stands_in_a_file(federation: &Running, member: &Member, numbers: &[String]) -> anyhow::Result<bool> {
    let stem = federation.folder().join(format!("{}.sqlite", member.borough()));
    for ending in ["", "-wal", "-shm"] {
        let bytes = fs::read(format!("{}{ending}", stem.display())).unwrap_or_default();
        assert!(!bytes.is_empty() || !ending.is_empty(), "the database is elsewhere");
        let has = |number: &String| bytes.windows(number.len()).any(|part| part == number.as_bytes());
        if numbers.iter().any(has) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[tokio::test]
async fn erased_and_loaded_again_it_is_not_counted_again_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn erased_and_loaded_again_it_is_not_counted_again_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

fn kept_because(member: &Member, reason: &str) -> anyhow::Result<()> {
    let told = forget::destroy_journal(&member.node, &member.approver).unwrap_err().to_string();
    assert!(told.contains(reason) && told.ends_with("nothing was destroyed"), "{told}");
    assert!(member.node.folder.join(KEYS).join("journal.key").exists());
    assert_eq!(member.node.identity()?.journal_destroyed, None);
    Ok(())
}

/// At the end of the horizon, and not before, the journal's names can be made unlinkable; nothing is counted after it.
fn the_journals_key_is_destroyed(federation: &Running, member: &Member) -> anyhow::Result<()> {
    let node = &member.node;
    let key = node.folder.join(KEYS).join("journal.key");
    let journalled = node.store.read(|connection| store::ledger::journalled(connection, ATTACHED))?;
    let linked = |name: &dyn Fn(&LineId) -> String| -> anyhow::Result<usize> {
        Ok(member.recorded_lines(ATTACHED)?.iter().filter(|line| journalled.contains(&name(line))).count())
    };
    let kept = JournalKey::from_bytes(fs::read(&key)?.try_into().expect("a key has 32 bytes"));
    assert!(linked(&|line| kept.name(line))? > 1, "whoever has the key tells who was counted");

    assert!(matches!(forget::destroy_journal(node, &member.analyst), Err(DutyError::Role { .. })));
    let due = federation.policy()?.due_at(federation.quarter(1)?);
    federation.clock.set(due.plus_seconds(-1));
    kept_because(member, &format!("it is due at {due}"))?;
    federation.clock.set(due);
    assert!(!forget::destroy_journal(node, &member.approver)?, "no credential is left");
    assert!(!forget::destroy_journal(node, &member.approver)?, "a repeat is an answer");
    assert!(!key.exists());
    let acts = node.store.read(acts::all)?;
    assert_eq!(acts.iter().filter(|act| act.verb == "journal-key-destroyed").count(), 1);
    let places = Places::with(&node.folder.join(KEYS), None);
    let stands: Vec<bool> = keys::list(&places).iter().map(|(_, stands)| stands.is_ok()).collect();
    assert_eq!(stands, [true, true, false, true], "one of the four is gone");

    // A node that is started without it releases nothing, and takes no other policy.
    let member = member.restarted()?;
    let signed = federation.policy()?.signed().to_owned();
    let told = adopt::adopt_policy(&member.node, &signed, OFFICER).unwrap_err().to_string();
    assert!(told.contains("whom it counted cannot be known any more"), "{told}");
    let none = member.node.keys.journal().unwrap_err().to_string();
    assert!(none.contains("nothing is counted again"), "{none}");
    Ok(())
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().for_quarters(2).on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(first, 2, 0.2), &extracts)?;
    federation.when_loaded(first);
    assert!(member.load_extracts(&extracts, first)?.attached > 1);

    // Before anything counted it, nothing of an erased family stays.
    let (family, own) = some_family(member)?;
    let erased = rights::erase(&member.node, family, &member.approver)?;
    assert!(erased.rows > 0 && erased.remembered == 0, "{erased:?}");
    federation.clock.set(member.node.now().plus_seconds(3600));
    assert_eq!(member.load_extracts(&extracts, first)?.attached, 1, "it is attached anew");
    federation.when_recorded(first)?;
    member.release(first)?;
    member.deliver().await?;
    federation.when_delivered(first)?;
    member.deliver().await?;
    let shape =
        member.newest()?.streams.iter().map(|stream| stream.values.concat().len()).collect::<Vec<_>>();

    // Counted, erased, and loaded again: twice over, so that the second erasure remembers what the first did.
    federation.when_loaded(second);
    for time in 1..=2 {
        let found = member.families()?.into_iter().find(|file| {
            numbers(member, file).is_ok_and(|numbers| numbers.iter().any(|number| own.contains(number)))
        });
        let again: i64 = found.expect("it is in the register").family.0[1..].parse()?;
        let erased = rights::erase(&member.node, again, &member.approver)?;
        assert!(erased.remembered > 0, "{erased:?}, time {time}");
        if database == Database::Sqlite {
            assert!(!stands_in_a_file(&federation, member, &own)?, "a number outlives the erasure");
        }
        federation.clock.set(member.node.now().plus_seconds(3600));
        assert_eq!(member.load_extracts(&extracts, first)?.attached, 1, "it is attached anew, time {time}");
    }
    if database == Database::Sqlite {
        assert!(stands_in_a_file(&federation, member, &own)?, "the search finds nothing at all");
    }
    let new = member.load_extracts(&extracts, second)?.attached;
    federation.when_recorded(second)?;
    assert_eq!(counted(member, second)?, new, "the family that came back is counted again");
    // The check sees something: without the hashes it would be counted.
    let kept = "SELECT 1 FROM remembered";
    assert!(member.sql(&format!("CREATE TABLE aside AS {}", kept.replace('1', "*")))? < 1000);
    member.sql("DELETE FROM remembered")?;
    assert_eq!(counted(member, second)?, new + 1);
    member.sql("INSERT INTO remembered SELECT identifier_hmac, line_hmac FROM aside")?;
    member.release(second)?;
    kept_because(member, "it is not sealed")?;
    member.deliver().await?;
    kept_because(member, "the release for 2015-Q3 has no receipt")?;
    federation.when_delivered(second)?;
    member.deliver().await?;
    let released = member.newest()?;
    let shapes: Vec<_> = released.streams.iter().map(|stream| stream.values.concat().len()).collect();
    assert_eq!((released.id.quarter, shapes), (second, shape), "the released shape is another");

    // The horizon is over: what was remembered is destroyed once its last release is due, and nothing before.
    let left =
        |member: &Member| member.sql("UPDATE node SET id = id WHERE EXISTS (SELECT 1 FROM remembered)");
    assert_eq!(left(member)?, 1);
    federation.clock.set(federation.policy()?.due_at(second));
    deliver::deliver(&member.node, &member.region()?, deliver::Trying::WhenDue).await?;
    assert_eq!(left(member)?, 0);
    the_journals_key_is_destroyed(&federation, member)
}
