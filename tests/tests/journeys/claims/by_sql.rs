//! What the database itself says to claims, audits and certificates that are moved behind the program's back.

use tenfold_node::duties::claim;
use tenfold_store::StoreError;
use tenfold_tests::federation::{Database, Federation};

/// A claim cannot be made twice, moved off its ladder or rewritten, tried behind the program's back.
#[tokio::test]
async fn the_database_itself_refuses() -> anyhow::Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let day = member.node.now().day();
        claim::open_window(&member.node, "W", (day, day), None, None, &member.analyst)?;
        let new = |id: i64, line: &str, kind: &str, state: &str| {
            format!(
                "INSERT INTO claim SELECT {id}, id, programme, '{line}', 'F1', '{state}', '{kind}', '[1]', 80000, \
                 framework, '0', first_day, 'v', opened_at, opened_by FROM claim_window"
            )
        };
        let stands = |sql: &str| assert_eq!(member.sql(sql).unwrap(), 1, "{database:?}: {sql}");
        let fails = |sql: &str| {
            let tried = member.sql(sql);
            let refused =
                matches!(tried, Err(StoreError::Refused { .. } | StoreError::AlreadyRecorded { .. }));
            assert!(refused, "{database:?}: {sql}: {tried:?}");
        };
        fails(&new(1, "L1", "progress", "audited"));
        stands(&new(1, "L1", "progress", "drafted"));
        // The same line, across both result types.
        fails(&new(2, "L1", "progress", "drafted"));
        fails(&new(2, "L1", "employment", "drafted"));
        stands(&new(2, "L2", "employment", "drafted"));
        let state = |id: i64, state: &str| format!("UPDATE claim SET state = '{state}' WHERE id = {id}");
        for to in ["certified", "submitted", "paid", "refused", "drafted", "audited"] {
            fails(&state(1, to));
        }
        for change in
            ["line = 'L9'", "pence = 1", "kind = 'employment'", "problems = '[]'", "programme = 'p'"]
        {
            fails(&format!("UPDATE claim SET {change} WHERE id = 1"));
            fails(&format!("UPDATE claim SET {change}, state = 'withdrawn' WHERE id = 1"));
        }
        fails("DELETE FROM claim");
        // A withdrawn claim frees the family, and can never come back.
        stands(&state(1, "withdrawn"));
        stands(&new(3, "L1", "employment", "drafted"));
        for to in ["drafted", "audited", "certified", "submitted", "paid"] {
            fails(&state(1, to));
        }
        let evidence = |id: i64, number: i64| {
            format!(
                "INSERT INTO claim_evidence SELECT id, {number}, 'statement', '', NULL, NULL, 'w', drafted_at, 'a' \
                 FROM claim WHERE id = {id}"
            )
        };
        fails(&evidence(1, 1));
        stands(&evidence(3, 1));
        fails("UPDATE claim_evidence SET words = 'x'");
        fails("DELETE FROM claim_evidence");

        // Audit: the seed after the list, by another person, never twice; a finding is for ever.
        let audit = "INSERT INTO audit SELECT 1, id, '', opened_at, opened_by, 's', 'h', 1000, 1000, NULL, NULL, NULL, \
                     NULL, NULL FROM claim_window";
        fails(&audit.replace("1000, 1000, NULL", "1000, 1000, 'seed'"));
        stands(audit);
        let line = |id: i64, line: &str| {
            format!("INSERT INTO audit_line VALUES (1, {id}, '{line}', 0, 0, NULL, '', NULL, NULL)")
        };
        fails(&line(1, "L1"));
        fails(&line(2, "L9"));
        stands(&line(2, "L2"));
        stands(&line(3, "L1"));
        fails("UPDATE audit_line SET drawn = 1 WHERE claim = 2");
        let seed =
            |by: &str| format!("UPDATE audit SET seed = 's', seeded_by = '{by}', seeded_at = frozen_at");
        fails(&seed("analyst"));
        stands(&seed("auditor"));
        fails("UPDATE audit SET seed = 't'");
        fails("UPDATE audit SET share = 999");
        fails("UPDATE audit SET list_hash = 'i'");
        stands("UPDATE audit_line SET drawn = 1 WHERE claim = 2");
        fails("UPDATE audit_line SET drawn = 0 WHERE claim = 2");
        let conclude = "UPDATE audit SET concluded_at = frozen_at, concluded_by = 'auditor'";
        fails(conclude);
        fails("UPDATE audit_line SET finding = 'valid', found_by = 'analyst' WHERE claim = 2");
        stands(
            "UPDATE audit_line SET finding = 'invalid', reason = 'r', found_by = 'auditor' WHERE claim = 2",
        );
        fails("UPDATE audit_line SET finding = 'valid' WHERE claim = 2");
        fails(&state(3, "audited"));
        stands(conclude);
        // Found invalid: it never becomes audited; the other does.
        fails(&state(2, "audited"));
        stands(&state(3, "audited"));
        fails(&state(3, "certified"));
        let certificate = |id: i64, by: &str| {
            format!(
                "INSERT INTO claim_certificate SELECT {id}, id, {id}, opened_at, '{by}', 'j', 's', 'c' FROM claim_window"
            )
        };
        stands(&certificate(1, "analyst"));
        stands(&certificate(2, "approver"));
        fails("INSERT INTO certificate_claim VALUES (1, 3)");
        stands("INSERT INTO certificate_claim VALUES (2, 3)");
        stands(&state(3, "certified"));
        fails(&evidence(3, 2));
        for table in [
            "claim_window",
            "claim_certificate",
            "certificate_claim",
            "audit",
            "audit_line",
            "claim_evidence",
        ] {
            fails(&format!("DELETE FROM {table}"));
        }
        fails("UPDATE claim_certificate SET signed = 'x'");
        stands(&state(3, "submitted"));
        stands(&state(3, "refused"));
        stands(&new(4, "L1", "progress", "drafted"));
    }
    Ok(())
}
