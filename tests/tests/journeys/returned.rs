//! A prepared release goes back with a comment: it is not approved as it was, and what changed is shown alone.

use tenfold_node::{
    duties::{
        ApprovalFault, DutyError, approve, prepare,
        review::review,
        send_back::{LONGEST, send_back},
        verify,
    },
    ledger,
    release::review::{Outcome, Review},
    store, synth,
};
use tenfold_store::{Account, acts};
use tenfold_tests::federation::{Database, Federation, Member};

fn looked_at(member: &Member, quarter: tenfold_common::calendar::Quarter) -> anyhow::Result<Review> {
    Ok(review(&member.node, quarter)?.expect("it is prepared"))
}

fn to_look_at(review: &Review) -> Vec<&'static str> {
    let checks = review.checks.iter().filter(|check| check.outcome == Outcome::LookAt);
    checks.map(|check| check.name).collect()
}

#[tokio::test]
async fn returned_prepared_again_and_approved() -> anyhow::Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let (quarter, extracts) = (federation.quarter(0)?, federation.folder().join("extracts"));
        synth::write(&member.synthetic(quarter, 1, 0.2), &extracts)?;
        federation.when_loaded(quarter);
        member.load_extracts(&extracts, quarter)?;
        federation.when_recorded(quarter)?;
        assert!(review(&member.node, quarter)?.is_none(), "nothing is prepared yet");
        prepare::prepare(&member.node, quarter, &member.analyst)?;

        // What is shown is the ledger's own, and the true figures.
        let shown = looked_at(member, quarter)?;
        let lines = member.node.store.read(store::ledger::lines)?;
        assert_eq!(shown.loss.charged, ledger::lifetime(&lines));
        assert_eq!(shown.loss.cap, ledger::cap(&lines));
        let sum: u64 = shown.loss.streams.iter().map(|charge| charge.rho.nano()).sum();
        assert_eq!(sum, shown.loss.charged.nano());
        assert!(shown.loss.sentence().contains("17 times in 100"), "{}", shown.loss.sentence());
        assert!(shown.streams[0].total > 0 && shown.streams[0].total_before.is_none());
        assert!(
            shown.precision.tables.len() > 4
                && shown
                    .precision
                    .tables
                    .iter()
                    .all(|row| row.year > 1.0 && row.change.is_none_or(|change| change > 1.0))
        );
        // The opening position ends a year of its own, so that its wards leave with it.
        assert!(shown.leaving.contains("by ward for opening position to "), "{}", shown.leaving);
        assert!(!shown.quality.coverage.is_empty());
        let held = ["The cap holds", "The ledger is sound", "No family is counted twice", "Places add up"];
        let open = to_look_at(&shown);
        assert!(held.iter().all(|name| !open.contains(name)), "{open:?}");
        assert!(shown.since_return.is_none() && shown.returns.is_empty());

        // Who prepared it does not return it, and nobody without words.
        let approver = member.signer()?;
        let back = |comment: &str, shown| send_back(&member.node, quarter, comment, &approver, shown);
        let alone = Account { role: member.analyst.role, ..member.approver.clone() };
        prepare::prepare(&member.node, quarter, &alone)?;
        assert!(matches!(back("no", None), Err(DutyError::Approval(ApprovalFault::SamePerson { .. }))));
        let first = prepare::prepare(&member.node, quarter, &member.analyst)?;
        for comment in ["  ", &"x".repeat(LONGEST + 1)] {
            assert!(matches!(back(comment, None), Err(DutyError::Decision { .. })));
        }
        let other = back("no", Some("other tables"));
        assert!(matches!(other, Err(DutyError::Approval(ApprovalFault::PreparedAgain { .. }))));
        back("The results are missing.", Some(&first.salted_hash))?;
        assert!(matches!(back("Again.", None), Err(DutyError::Approval(ApprovalFault::Returned { .. }))));

        // Returned tables are not approved, by duty or by SQL; what was said is never changed.
        let approved = approve::approve(&member.node, quarter, &approver, &first.salted_hash);
        assert!(matches!(approved, Err(DutyError::Approval(ApprovalFault::Returned { .. }))), "{approved:?}");
        let insert = format!(
            "INSERT INTO approval (quarter, approved_at, approved_by, salted_hash, signed) \
             VALUES ('{quarter}', '2015-08-01 09:00:00', 'approver', '{}', 'a word')",
            first.salted_hash
        );
        for sql in [&insert, "UPDATE release_return SET comment = ''", "DELETE FROM release_return"] {
            assert!(member.sql(sql).is_err(), "{sql}");
        }
        let shown = looked_at(member, quarter)?;
        assert_eq!(shown.returns[0].comment, "The results are missing.");
        assert!(shown.since_return.is_none(), "not prepared again yet");

        // Prepared again from the same register, nothing changed; with the results, those figures alone.
        prepare::prepare(&member.node, quarter, &member.analyst)?;
        let since = looked_at(member, quarter)?.since_return.expect("it was returned and prepared again");
        assert_eq!((since.figures.len(), since.files), (0, 0));
        member.sql(&format!(
            "UPDATE event SET ward = NULL WHERE id = (SELECT MIN(id) FROM event WHERE ward IN ({}))",
            wards(&federation, member)?
        ))?;
        let last = prepare::prepare(&member.node, quarter, &member.analyst)?;
        let since = looked_at(member, quarter)?.since_return.expect("it was returned");
        assert_eq!(since.figures.len(), 2, "one family moved from its ward: {:?}", since.figures);
        let moved: i64 = since.figures.iter().map(|figure| figure.now - figure.was).sum();
        assert!(moved == 0 && since.figures.iter().all(|figure| figure.by == "place"));

        approve::approve(&member.node, quarter, &approver, &last.salted_hash)?;
        assert_eq!(member.sql("DELETE FROM returned_table")?, 0, "thrown away with the approval");
        let acts = member.node.store.read(acts::all)?;
        let returned = acts.iter().find(|act| act.verb == "release-returned").expect("it is in the trail");
        assert_eq!(returned.object, format!("{quarter} return 1"));
        assert!(acts.iter().all(|act| !act.object.contains("results")), "no words of the comment");
        verify::verify(&member.node)?;
    }
    Ok(())
}

/// The wards of the member's borough, quoted for SQL.
fn wards(federation: &tenfold_tests::federation::Running, member: &Member) -> anyhow::Result<String> {
    let policy = federation.policy()?;
    let wards = policy.wards(member.borough())?.iter().map(|ward| format!("'{ward}'"));
    Ok(wards.collect::<Vec<_>>().join(", "))
}
