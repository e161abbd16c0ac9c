//! An approval is its approver's own signature over the tables that were seen: nobody else's key, word or table will do,
//! before the charge and for ever after.

use tenfold_common::calendar::Quarter;
use tenfold_node::{
    duties::{ApprovalFault, DutyError, approve, prepare, verify},
    ledger::LedgerFault,
    release::{
        decision::{Answer, DECISION_FORMAT, Decision},
        stages::Preparation,
    },
    store,
};
use tenfold_store::{Account, AccountError, Role, Signer, accounts, passwords, signing};
use tenfold_tests::federation::{Database, Federation, Member, PASSWORD, Running};

const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];
const OTHER: &str = "cara";

/// A borough whose first quarter is prepared, with a second approver.
fn prepared(database: Database) -> anyhow::Result<(Running, Preparation)> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    add(member, OTHER, Role::Approver)?;
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    let prepared = prepare::prepare(&member.node, quarter, &member.analyst)?;
    Ok((federation, prepared))
}

fn add(member: &Member, name: &str, role: Role) -> anyhow::Result<()> {
    let account = Account { name: name.into(), display_name: name.into(), role };
    Ok(accounts::add(&member.node.store, &account, PASSWORD, member.node.now())?)
}

/// What an approver would sign now.
fn decision(member: &Member, prepared: &Preparation) -> Decision {
    Decision {
        format: DECISION_FORMAT.into(),
        borough: member.borough().clone(),
        policy: prepared.policy.clone(),
        quarter: prepared.quarter,
        salted_hash: Some(prepared.salted_hash.clone()),
        answer: Answer::Approved,
        by: member.approver.name.clone(),
        at: member.node.now(),
    }
}

/// Puts an approval beside the preparation behind the program's back.
fn forge(member: &Member, prepared: &Preparation, signed: &str) -> anyhow::Result<()> {
    let at = member.node.now().naive().format("%Y-%m-%d %H:%M:%S");
    member.sql(&format!(
        "INSERT INTO approval (quarter, approved_at, approved_by, salted_hash, signed) \
         VALUES ('{}', '{at}', '{}', '{}', '{signed}')",
        prepared.quarter, member.approver.name, prepared.salted_hash
    ))?;
    Ok(())
}

/// Takes away what keeps a table's rows as they are: the guard of the database itself.
fn unguard(member: &Member, database: Database, table: &str, triggers: &[&str]) -> anyhow::Result<()> {
    for trigger in triggers {
        member.sql(&match database {
            Database::Sqlite => format!("DROP TRIGGER {trigger}"),
            Database::Postgres => format!("DROP TRIGGER {trigger} ON {table}"),
        })?;
    }
    Ok(())
}

fn unguard_approvals(member: &Member, database: Database) -> anyhow::Result<()> {
    let triggers: &[&str] = match database {
        Database::Sqlite => &["approval_is_never_changed", "approval_is_never_deleted"],
        Database::Postgres => &["approval_is_never_changed"],
    };
    unguard(member, database, "approval", triggers)
}

fn charged(member: &Member) -> anyhow::Result<usize> {
    let lines = member.node.store.read(store::ledger::lines)?;
    Ok(lines.iter().filter(|line| line.kind == "release").count())
}

#[tokio::test]
async fn what_the_approver_did_not_sign_is_neither_charged_nor_drawn() -> anyhow::Result<()> {
    for database in BOTH {
        let (federation, prepared) = prepared(database)?;
        let member = &federation.members[0];
        unguard_approvals(member, database)?;
        let own = member.signer()?;
        let other = member.node.signer(OTHER, PASSWORD)?;
        let right = || decision(member, &prepared);
        let next = prepared.quarter.next();
        let by_other = |decision: Decision, by: &Signer| decision.sign(by.key());
        for (signed, reason) in [
            (by_other(right(), &other)?, "not signed by a key that approver held"),
            (by_other(Decision { by: OTHER.into(), ..right() }, &other)?, "not signed by a key"),
            (by_other(Decision { quarter: next, ..right() }, &own)?, "another quarter"),
            (
                by_other(Decision { salted_hash: Some("ab".repeat(32)), ..right() }, &own)?,
                "another preparation",
            ),
            (by_other(Decision { policy: "ab".repeat(32), ..right() }, &own)?, "another policy"),
            (by_other(Decision { borough: "E08000010".parse()?, ..right() }, &own)?, "another borough"),
            (by_other(Decision { answer: Answer::returned("no"), ..right() }, &own)?, "another answer"),
            ("a word".to_owned(), "not signed by a key"),
        ] {
            forge(member, &prepared, &signed)?;
            let told = member.deliver().await.unwrap_err();
            assert!(matches!(told, DutyError::Approval(ApprovalFault::NotApproved { .. })), "{told:?}");
            let told = told.to_string();
            assert!(told.contains(reason) && told.contains("nothing was charged or drawn"), "{told}");
            assert_eq!((charged(member)?, member.sealed()?.len()), (0, 0));
            let fault = verify::verify(&member.node).unwrap_err().to_string();
            assert!(fault.contains("the approval of 2015-Q2: ") && fault.contains(reason), "{fault}");
            member.sql("DELETE FROM approval")?;
        }
        approve::approve(&member.node, prepared.quarter, &own, &prepared.salted_hash)?;
        assert_eq!(member.deliver().await?.sealed, Some(prepared.quarter));
        assert_eq!(verify::verify(&member.node)?.decisions, 1);
    }
    Ok(())
}

/// Approved are tables, not a quarter: others that were frozen under the node's own key do not take their place.
#[tokio::test]
async fn other_tables_than_those_approved_are_not_drawn() -> anyhow::Result<()> {
    for database in BOTH {
        let (federation, first) = prepared(database)?;
        let (member, quarter) = (&federation.members[0], first.quarter);
        member.sql("CREATE TABLE kept AS SELECT * FROM frozen_table")?;
        member.sql(
            "INSERT INTO event (id, line, family, stream, recorded_at, recorded_by, labels, framework) \
             VALUES (1, 'L1', 'F1', 'attached', '2015-05-01 09:00:00', 'analyst', '{\"problem\":[]}', 'x')",
        )?;
        let second = prepare::prepare(&member.node, quarter, &member.analyst)?;
        // What was shown is not what is frozen now; too few digits show nothing.
        let signer = member.signer()?;
        for shown in [&first.salted_hash, &second.salted_hash[..11], ""] {
            let told = approve::approve(&member.node, quarter, &signer, shown);
            assert!(
                matches!(told, Err(DutyError::Approval(ApprovalFault::PreparedAgain { .. }))),
                "{shown}: {told:?}"
            );
        }
        approve::approve(&member.node, quarter, &signer, &second.salted_hash[..12])?;
        member.sql("DELETE FROM frozen_table")?;
        member.sql("INSERT INTO frozen_table SELECT * FROM kept")?;
        let told = member.deliver().await.unwrap_err().to_string();
        assert!(told.contains("the frozen tables are others"), "{told}");
        assert_eq!((charged(member)?, member.sealed()?.len()), (0, 0));
    }
    Ok(())
}

/// Every column of a kept approval is held against its signature; a key that was made later cannot sign anew what the
/// ledger says was charged under another.
#[tokio::test]
async fn an_altered_approval_is_the_first_fault_named() -> anyhow::Result<()> {
    for database in BOTH {
        let (federation, prepared) = prepared(database)?;
        let member = &federation.members[0];
        approve::approve(&member.node, prepared.quarter, &member.signer()?, &prepared.salted_hash)?;
        member.deliver().await?;
        verify::verify(&member.node)?;
        unguard_approvals(member, database)?;
        member.sql("CREATE TABLE kept AS SELECT * FROM approval")?;
        let restore = || -> anyhow::Result<()> {
            member.sql("DELETE FROM approval")?;
            // The guard of the database asks for a preparation by another and nothing else.
            member.sql("INSERT INTO approval SELECT * FROM kept")?;
            verify::verify(&member.node)?;
            Ok(())
        };
        let fault = || verify::verify(&member.node).unwrap_err().to_string();
        for (column, value, reason) in [
            ("approved_at", "'2015-07-30 09:00:00'", "another time"),
            ("approved_by", "'cara'", "not signed by a key that cara held"),
            ("salted_hash", "'ab'", "another preparation"),
        ] {
            member.sql(&format!("UPDATE approval SET {column} = {value}"))?;
            let fault = fault();
            assert!(fault.contains("the approval of 2015-Q2: ") && fault.contains(reason), "{fault}");
            restore()?;
        }
        // An administrator sets a password, and signs with the new key what the approver signed before.
        federation.clock.set(member.node.now().plus_seconds(3600));
        passwords::reset(&member.node.store, &member.approver.name, "set by somebody", member.node.now())?;
        let forger = member.node.signer(&member.approver.name, "set by somebody")?;
        member.sql("DELETE FROM approval")?;
        forge(member, &prepared, &decision(member, &prepared).sign(forger.key())?)?;
        let told = fault();
        assert!(told.contains("in another name or under another key than its approval"), "{told}");
        restore()?;
        // A key that nobody was told of.
        let now = member.node.now().naive().format("%Y-%m-%d %H:%M:%S");
        member.sql(&format!(
            "INSERT INTO signing_key (public_key, account, origin, made_at, retired_at) \
             VALUES ('{}', 'approver', 'own', '2015-04-01 09:00:00', '{now}')",
            tenfold_common::protocol::SigningKey::generate()?.public()
        ))?;
        let told = fault();
        assert!(told.contains("no act tells that it was made"), "{told}");
    }
    Ok(())
}

/// A return and a void quarter are signed too, each with its comment.
#[tokio::test]
async fn an_altered_return_or_void_quarter_is_named() -> anyhow::Result<()> {
    use tenfold_common::protocol::RefusalReason;
    use tenfold_node::duties::{refuse, send_back::send_back};
    for database in BOTH {
        let (federation, prepared) = prepared(database)?;
        let member = &federation.members[0];
        let approver = member.signer()?;
        send_back(&member.node, prepared.quarter, "Ward 3 has no results.", &approver, None)?;
        member.release(prepared.quarter)?;
        member.deliver().await?;
        let next = prepared.quarter.next();
        federation.when_recorded(next)?;
        prepare::prepare(&member.node, next, &member.analyst)?;
        refuse::void(&member.node, next, RefusalReason::Records, "Two schools.", &approver)?;
        assert_eq!(verify::verify(&member.node)?.decisions, 3);
        for (table, what) in
            [("release_return", "a return of 2015-Q2"), ("refusal", "the void quarter 2015-Q3")]
        {
            let triggers = [format!("{table}_is_never_changed")];
            unguard(member, database, table, &triggers.each_ref().map(String::as_str))?;
            member.sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))?;
            member.sql(&format!("UPDATE {table} SET comment = 'Nothing at all.'"))?;
            let fault = verify::verify(&member.node).unwrap_err();
            assert!(
                matches!(&fault, DutyError::Ledger(LedgerFault::Decision { what: found, .. }) if found == what),
                "{fault}"
            );
            if table == "refusal" {
                // Nobody is told of a void quarter that no approver signed.
                let told = member.deliver().await.unwrap_err();
                assert!(matches!(told, DutyError::Approval(ApprovalFault::NotApproved { .. })), "{told:?}");
                assert_eq!(member.sealed()?.len(), 1);
            }
            let back = format!("UPDATE {table} SET comment = (SELECT comment FROM kept_{table})");
            member.sql(&back)?;
            verify::verify(&member.node)?;
        }
        assert_eq!(member.deliver().await?.sealed, Some(next));
    }
    Ok(())
}

/// Passwords come and go; what was signed stays signed. An account without a key is told what to do.
#[tokio::test]
async fn a_reset_is_seen_and_changes_nothing_that_was_signed() -> anyhow::Result<()> {
    let (federation, prepared) = prepared(Database::Sqlite)?;
    let (member, quarter) = (&federation.members[0], prepared.quarter);
    let store = &member.node.store;
    member.sql("DROP TRIGGER signing_key_is_never_deleted")?;
    member.sql("DELETE FROM signing_key WHERE account = 'approver'")?;
    let told = member.signer().unwrap_err();
    assert!(
        matches!(&told, DutyError::Account(AccountError::NoKey { name }) if name == "approver"),
        "{told:?}"
    );
    signing::make(store, "approver", PASSWORD, member.node.now())?.expect("the password is right");
    approve::approve(&member.node, quarter, &member.signer()?, &prepared.salted_hash)?;
    // The password is set anew before the draw: the approval was signed by a key that was held then.
    federation.clock.set(member.node.now().plus_seconds(60));
    passwords::reset(store, "approver", "set by somebody", member.node.now())?;
    assert_eq!(member.deliver().await?.sealed, Some(quarter));
    assert!(matches!(member.signer(), Err(DutyError::SignIn)));
    let next: Quarter = quarter.next();
    federation.when_recorded(next)?;
    let prepared = prepare::prepare(&member.node, next, &member.analyst)?;
    let signer = member.node.signer("approver", "set by somebody")?;
    approve::approve(&member.node, next, &signer, &prepared.salted_hash)?;
    assert_eq!(member.deliver().await?.sealed, Some(next));
    verify::verify(&member.node)?;
    let keys = store.read(signing::all)?;
    let own: Vec<_> = keys.iter().filter(|key| key.account == "approver").collect();
    assert_eq!(own.iter().map(|key| key.origin.as_str()).collect::<Vec<_>>(), ["own", "given"]);
    assert!(own[0].retired_at.is_some() && own[1].retired_at.is_none());
    let actors: Vec<String> = store.read(store::ledger::lines)?.into_iter().map(|line| line.actor).collect();
    for key in own {
        let named = format!("approver, key {}", key.public.id());
        assert!(actors.contains(&named), "the ledger names {named}: {actors:?}");
    }
    Ok(())
}
