//! What the database itself refuses, on either kind: spending twice, approving alone, rewriting the past.

use tenfold_common::{
    calendar::Quarter,
    clock::Clock as _,
    privacy::{Rho, policy::POLICY_TYPE},
    protocol::signature,
};
use tenfold_node::duties::{AdoptionFault, ApprovalFault, DutyError, adopt, approve, prepare, verify};
use tenfold_store::{Account, Role, StoreError};
use tenfold_tests::federation::{self, CAP, Database, Federation, Member, OFFICER, PASSWORD, Running};

const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

fn refused(member: &Member, sql: &str, rule: &str) {
    match member.sql(sql) {
        Err(StoreError::Refused { rule: found }) => assert!(found.contains(rule), "{sql}: {found}"),
        other => panic!("{sql}: expected {rule:?}, got {other:?}"),
    }
}

/// A signed policy over its own streams, so that its charge comes on top of what was charged before.
fn further_policy(
    federation: &Running,
    total: Rho,
    rename: impl Fn(&str) -> String,
) -> anyhow::Result<String> {
    let mut policy = federation::plan("A further policy", Quarter::of(federation.clock.now().day()), total);
    for stream in &mut policy.streams {
        stream.name = rename(&stream.name);
    }
    Ok(signature::sign(&policy, POLICY_TYPE, &federation.aggregator.policy_key)?)
}

#[test]
fn no_policy_passes_the_cap_by_duty_or_by_sql() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let lines = |member: &Member| member.node.store.read(tenfold_node::store::ledger::lines);
        let before = lines(member)?;
        let own = further_policy(&federation, CAP, |name| format!("another-{name}"))?;
        let told = match adopt::adopt_policy(&member.node, &own, OFFICER) {
            Err(error @ DutyError::Adoption(AdoptionFault::OverCap { .. })) => error.to_string(),
            other => panic!("expected a refusal, got {other:?}"),
        };
        for words in ["charge ρ = 0.1", "lifetime cap is ρ = 0.25", "is charged already: nothing was adopted"]
        {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert_eq!(lines(member)?, before, "one stream of the refused policy stayed charged");
        // The same streams at the same price cost nothing more: a line pays the dearest charge of each.
        let same = further_policy(&federation, CAP, str::to_owned)?;
        federation.clock.set(federation.clock.now().plus_days(1));
        adopt::adopt_policy(&member.node, &same, OFFICER)?;
        assert!(verify::verify(&member.node).is_ok());
        // 0.2375 is charged for the four streams; 0.0125 is left to the last billionth.
        let left = CAP.nano() - charged(member)?;
        let adopt = |stream: &str, nano: u64| {
            format!(
                "INSERT INTO ledger (seq, at, kind, actor, policy, stream, quarter, nano_rho, hash) VALUES \
                 (900, '2015-04-02 09:00:00', 'adoption', 'x', 'p', '{stream}', '', {nano}, 'h')"
            )
        };
        refused(member, &adopt("new", left + 1), "lifetime cap");
        refused(member, &adopt("attached", CAP.nano()), "lifetime cap");
        let uncharged = "INSERT INTO ledger (seq, at, kind, actor, policy, stream, quarter, nano_rho, hash) \
                         VALUES (900, '2015-04-02 09:00:00', 'release', 'x', 'p', 'new', '2015-Q2', 0, 'h')";
        refused(member, uncharged, "needs the charge of its stream");
        // What fits is let through by the same rule, and the chain then tells that it was not the program.
        assert_eq!(member.sql(&adopt("new", left))?, 1, "{database:?}");
        assert!(verify::verify(&member.node).is_err());
    }
    Ok(())
}

/// What a line may have lost at most, by the ledger.
fn charged(member: &Member) -> anyhow::Result<u64> {
    let lines = member.node.store.read(tenfold_node::store::ledger::lines)?;
    Ok(tenfold_node::ledger::lifetime(&lines).nano())
}

#[test]
fn a_release_needs_two_people_by_duty_and_by_sql() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let quarter = federation.quarter(0)?;
        federation.when_recorded(quarter)?;
        assert!(matches!(
            member.node.signer(&member.analyst.name, PASSWORD),
            Err(DutyError::Role { needed: Role::Approver, .. })
        ));
        let approver = member.signer()?;
        let alone = Account { role: Role::Analyst, ..member.approver.clone() };
        let prepared = prepare::prepare(&member.node, quarter, &alone)?;
        let told = approve::approve(&member.node, quarter, &approver, &prepared.salted_hash);
        let told = told.unwrap_err().to_string();
        assert!(told.starts_with("approver prepared 2015-Q2; a release is approved by another"), "{told}");
        let prepared = prepare::prepare(&member.node, quarter, &member.analyst)?;
        let insert = |by: &str, hash: &str| {
            format!(
                "INSERT INTO approval (quarter, approved_at, approved_by, salted_hash, signed) \
                 VALUES ('2015-Q2', '2015-08-01 09:00:00', '{by}', '{hash}', 'a word')"
            )
        };
        refused(member, &insert("analyst", &prepared.salted_hash), "another person");
        refused(member, &insert("approver", "of other tables"), "as it was shown");
        approve::approve(&member.node, quarter, &approver, &prepared.salted_hash)?;
        refused(member, "UPDATE approval SET approved_by = 'analyst'", "never changed");
        refused(member, "DELETE FROM approval", "never");
        if database == Database::Sqlite {
            let again = insert("somebody", &prepared.salted_hash).replace("INSERT", "INSERT OR REPLACE");
            refused(member, &again, "never");
        }
        // Once approved, what was shown is not replaced.
        assert!(matches!(
            prepare::prepare(&member.node, quarter, &member.analyst),
            Err(DutyError::Approval(ApprovalFault::AlreadyCharged { .. }))
        ));
        refused(member, "UPDATE preparation SET prepared_by = 'somebody'", "never changed");
    }
    Ok(())
}

#[tokio::test]
async fn the_past_is_never_rewritten() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let quarter = federation.quarter(0)?;
        federation.when_delivered(quarter)?;
        member.release(quarter)?;
        member.deliver().await?;
        member.sql("INSERT INTO journal VALUES ('name of a line', 'attached', 'p', '2015-Q2', 'counted')")?;
        let sealed = member.sealed()?;
        for (table, column) in [("ledger", "actor"), ("journal", "quarter"), ("release", "bytes")] {
            refused(member, &format!("UPDATE {table} SET {column} = 'x'"), "never");
            refused(member, &format!("DELETE FROM {table}"), "never");
            match database {
                Database::Sqlite => {
                    let replace = format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}");
                    refused(member, &replace, "never");
                }
                Database::Postgres => {
                    refused(member, &format!("TRUNCATE {table} CASCADE"), "never");
                    let overwrite = format!(
                        "INSERT INTO {table} SELECT * FROM {table} \
                         ON CONFLICT ON CONSTRAINT {table}_pkey DO UPDATE SET {column} = 'x'"
                    );
                    refused(member, &overwrite, "never");
                }
            }
        }
        refused(member, "UPDATE frozen_table SET stream = 'x'", "never");
        refused(member, "DELETE FROM frozen_table", "never replaced once it is charged");
        assert_eq!(member.sealed()?, sealed);
        assert!(verify::verify(&member.node).is_ok());
        // A second release of the quarter names the first.
        let told = prepare::prepare(&member.node, quarter, &member.analyst).unwrap_err().to_string();
        let first = format!("2015-Q2 was released before, as number 1, sealed at {}", sealed[0].sealed_at);
        assert!(told.starts_with(&first) && told.ends_with("nothing was drawn"), "{told}");
        let told = approve::approve(&member.node, quarter, &member.signer()?, "0123456789ab");
        let told = told.unwrap_err().to_string();
        assert!(told.starts_with(&first), "{told}");
    }
    Ok(())
}
