//! Routine quarters approved beforehand: by whose word, used by whom, and what it never covers.

use tenfold_common::{calendar::Quarter, clock::Moment};
use tenfold_node::{
    duties::{ApprovalFault, DutyError, adopt, approve, prepare, seal, standing, status, verify},
    release::standing::StandingFault,
    store, synth,
};
use tenfold_store::{Account, Role, StoreError, accounts, acts, passwords};
use tenfold_tests::federation::{CAP, Database, Federation, Member, OFFICER, PASSWORD, Running};

/// Another analyst, who puts standing approvals to use.
fn colleague(member: &Member) -> anyhow::Result<Account> {
    let account = Account { name: "dana".into(), display_name: "Dana".into(), role: Role::Analyst };
    accounts::add(&member.node.store, &account, PASSWORD, member.node.now())?;
    Ok(account)
}

fn ready(federation: &Running, quarter: Quarter) -> anyhow::Result<()> {
    federation.when_recorded(quarter)?;
    let member = &federation.members[0];
    prepare::prepare(&member.node, quarter, &member.analyst)?;
    Ok(())
}

fn days(member: &Member, days: i64) -> Moment {
    member.node.now().plus_days(days)
}

/// What the database itself says to a use behind the program's back.
fn by_sql(member: &Member, quarter: Quarter, standing: i64, used_by: &str) -> Result<usize, StoreError> {
    let at = member.node.now().naive().format("%Y-%m-%d %H:%M:%S");
    member.sql(&format!(
        "INSERT INTO approval (quarter, approved_at, approved_by, salted_hash, standing, used_by) \
         SELECT quarter, '{at}', 'approver', salted_hash, {standing}, '{used_by}' FROM preparation \
         WHERE quarter = '{quarter}'"
    ))
}

fn refused(done: Result<usize, StoreError>, rule: &str) {
    match done {
        Err(StoreError::Refused { rule: found }) => assert!(found.contains(rule), "{found}"),
        other => panic!("expected {rule:?}, got {other:?}"),
    }
}

fn fault(done: Result<i64, DutyError>) -> StandingFault {
    match done {
        Err(DutyError::Standing(fault)) => fault,
        other => panic!("expected a standing approval's fault, got {other:?}"),
    }
}

#[tokio::test]
async fn a_routine_quarter_is_approved_beforehand_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn a_routine_quarter_is_approved_beforehand_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let node = &member.node;
    let dana = colleague(member)?;
    let [first, second, third] = [federation.quarter(0)?, federation.quarter(1)?, federation.quarter(2)?];
    let signer = member.signer()?;

    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(first, 1, 0.1), &extracts)?;
    federation.when_loaded(first);
    member.load_extracts(&extracts, first)?;

    // Nobody gives one for longer than a year, for an account that prepares nothing, or for the own work.
    for (preparer, last) in [(None, 367), (None, 0), (Some("approver"), 90), (Some("nobody"), 90)] {
        assert!(standing::give(node, preparer, days(member, last), &signer).is_err(), "{preparer:?} {last}");
    }
    // The opening position is never routine, by duty and by the database.
    assert_eq!(standing::give(node, Some("analyst"), days(member, 366), &signer)?.number, 1);
    ready(&federation, first)?;
    assert!(matches!(fault(standing::put_to_use(node, first, &dana)), StandingFault::First { .. }));
    refused(by_sql(member, first, 1, "dana"), "the first release is never routine");
    assert_eq!(standing::offered(node, first, &dana)?, None);
    member.release(first)?;
    member.deliver().await?;

    // Prepared by somebody else than the one named; then by the one named, who does not use it either.
    federation.when_recorded(second)?;
    prepare::prepare(node, second, &dana)?;
    assert!(matches!(
        fault(standing::put_to_use(node, second, &member.analyst)),
        StandingFault::Preparer { .. }
    ));
    refused(by_sql(member, second, 1, "analyst"), "does not cover this quarter");
    ready(&federation, second)?;
    let own = fault(standing::put_to_use(node, second, &member.analyst));
    assert!(matches!(own, StandingFault::SamePerson { .. }), "{own}");
    refused(by_sql(member, second, 1, "analyst"), "another person than the one who prepared");
    refused(by_sql(member, second, 2, "dana"), "does not cover this quarter");
    let auditor = Account { role: Role::Auditor, ..dana.clone() };
    assert!(matches!(standing::put_to_use(node, second, &auditor), Err(DutyError::Role { .. })));

    // A source without an agreement makes it no routine: a person looks.
    member.sql("CREATE TABLE kept AS SELECT * FROM agreement")?;
    member.sql("DELETE FROM agreement")?;
    let without = standing::put_to_use(node, second, &dana).unwrap_err();
    assert!(matches!(without, DutyError::Approval(ApprovalFault::NotRoutine { .. })), "{without:?}");
    member.sql("INSERT INTO agreement SELECT * FROM kept")?;

    // Used by another person, in the trail, named by approval and ledger; sealed and sent like any other.
    assert_eq!(standing::offered(node, second, &dana)?, Some((1, "approver".to_owned())));
    assert_eq!(standing::put_to_use(node, second, &dana)?, 1);
    assert!(matches!(
        standing::put_to_use(node, second, &dana),
        Err(DutyError::Approval(ApprovalFault::AlreadyCharged { .. }))
    ));
    let trail = node.store.read(acts::all)?;
    let used = trail.iter().find(|act| act.verb == "standing-approval-used").expect("it is in the trail");
    assert_eq!((used.actor.as_str(), used.object.as_str()), ("dana", "2015-Q3 standing approval 1"));
    assert_eq!(member.deliver().await?.sealed, Some(second));
    let lines = node.store.read(store::ledger::lines)?;
    let named = lines.iter().filter(|line| line.quarter == second.to_string());
    assert!(named.clone().count() > 0);
    for line in named {
        assert!(
            line.actor.starts_with("approver, key ")
                && line.actor.ends_with(", standing approval 1 used by dana")
        );
    }
    let sealed = member.sealed()?;
    let policy = federation.policy()?;
    assert_eq!(sealed[1].deliver_at, policy.delivers_at(second), "at the policy's instant, as a signed one");
    let state = standing::all(node)?.remove(0);
    assert_eq!((state.stands, state.uses.len(), state.uses[0].0), (true, 1, second));
    verify::verify(node)?;

    // Revoked at once, once and for all; the use before it stays good.
    ready(&federation, third)?;
    assert!(matches!(standing::revoke(node, 1, &dana), Err(DutyError::Role { .. })));
    standing::revoke(node, 1, &member.approver)?;
    standing::revoke(node, 1, &member.approver)?;
    assert!(standing::revoke(node, 9, &member.approver).is_err());
    assert!(matches!(fault(standing::put_to_use(node, third, &dana)), StandingFault::Revoked { .. }));
    refused(by_sql(member, third, 1, "dana"), "revoked");
    verify::verify(node)?;

    // One that has ended covers nothing, and one whose key is retired neither.
    standing::give(node, None, days(member, 1), &member.signer()?)?;
    standing::give(node, None, days(member, 300), &member.signer()?)?;
    federation.clock.set(days(member, 2));
    refused(by_sql(member, third, 2, "dana"), "does not cover this quarter");
    passwords::reset(&node.store, "approver", "set by somebody", node.now())?;
    federation.clock.set(member.node.now().plus_seconds(60));
    let retired = standing::put_to_use(node, third, &dana).unwrap_err();
    assert!(
        matches!(&retired, DutyError::Approval(ApprovalFault::NotApproved { reason, .. }) if reason.contains("key")),
        "{retired:?}"
    );
    standing::give(node, None, days(member, 300), &node.signer("approver", "set by somebody")?)?;
    standing::revoke(node, 3, &member.approver)?;
    assert_eq!(standing::put_to_use(node, third, &dana)?, 4);
    assert_eq!(member.deliver().await?.sealed, Some(third));
    assert_eq!(verify::verify(node)?.decisions, 3 + 4);
    Ok(())
}

/// A policy that is adopted and does not rule yet is not what the next quarter is prepared under.
#[tokio::test]
async fn a_standing_approval_is_for_the_policy_of_the_next_quarter() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let (member, old) = (&federation.members[0], federation.policy()?);
    let node = &member.node;
    let dana = colleague(member)?;
    let quarters = [0, 1, 2].map(|index| old.policy().first_quarter.plus(index));
    federation.when_recorded(quarters[0])?;
    member.release(quarters[0])?;
    let waits = || status::quarters(node).map(|states| states[0].waits_for.clone());
    assert_eq!(waits()?.as_deref(), Some("the region's statement and its right to draw"));
    let stated = member.region()?.statement().await?;
    seal::keep_statement(node, &stated)?;
    assert_eq!(waits()?.as_deref(), Some("the region's right to draw"));
    member.deliver().await?;
    let new = federation.succeed("The second policy", quarters[2], CAP)?;
    adopt::adopt_policy(node, new.signed(), OFFICER)?;

    let given = standing::give(node, Some("analyst"), days(member, 300), &member.signer()?)?;
    assert_eq!(given.terms.policy, old.hash());
    ready(&federation, quarters[1])?;
    assert_eq!(standing::put_to_use(node, quarters[1], &dana)?, 1);
    member.deliver().await?;
    let given = standing::give(node, Some("analyst"), days(member, 300), &member.signer()?)?;
    assert_eq!(given.terms.policy, new.hash());
    federation.clock.set(new.recording_ends(quarters[2]).plus_seconds(3_600));
    prepare::prepare(node, quarters[2], &member.analyst)?;
    assert_eq!(standing::put_to_use(node, quarters[2], &dana)?, 2);
    Ok(())
}

/// Behind the program's back the database takes what looks right; the seal and `ledger verify` look at signatures.
#[tokio::test]
async fn a_forged_standing_approval_seals_nothing() -> anyhow::Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let node = &member.node;
        colleague(member)?;
        let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
        federation.when_recorded(first)?;
        member.release(first)?;
        member.deliver().await?;
        let given = standing::give(node, Some("analyst"), days(member, 30), &member.signer()?)?;
        ready(&federation, second)?;
        // The one that was signed has ended; a longer one with the same words is put beside it.
        let longer = given.terms.until.plus_days(300).naive().format("%Y-%m-%d %H:%M:%S");
        member.sql(&format!(
            "INSERT INTO standing_approval SELECT 2, policy, preparer, granted_at, granted_by, '{longer}', signed \
             FROM standing_approval"
        ))?;
        by_sql(member, second, 2, "dana")?;
        let told = member.deliver().await.unwrap_err();
        assert!(matches!(told, DutyError::Approval(ApprovalFault::NotApproved { .. })), "{told:?}");
        assert!(told.to_string().contains("another standing approval"), "{told}");
        assert_eq!(member.sealed()?.len(), 1);
        let told = verify::verify(node).unwrap_err().to_string();
        assert!(told.contains("standing approval 2: "), "{told}");
        // A signed approval does not help a quarter that is approved already.
        let prepared = node.store.read(|connection| store::releases::preparation_of(connection, second))?;
        let shown = prepared.expect("it is prepared").salted_hash;
        approve::approve(node, second, &member.signer()?, &shown)?;
        assert!(member.deliver().await.is_err());
        for sql in [
            "UPDATE standing_approval SET ends_at = '2016-01-01 00:00:00'",
            "DELETE FROM standing_approval WHERE id = 2",
        ] {
            assert!(matches!(member.sql(sql), Err(StoreError::Refused { .. })), "{sql}");
        }
    }
    Ok(())
}
