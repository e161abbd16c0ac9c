//! The aggregator is out of reach, and comes back: nothing is lost, nothing is doubled, nothing was drawn.

use tenfold_aggregator::duties::prove;
use tenfold_node::duties::{
    deliver::{self, Trying},
    status::{self, State},
    verify,
};
use tenfold_tests::federation::{Database, Federation};

#[tokio::test]
async fn approved_during_an_outage_and_delivered_after_it_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn approved_during_an_outage_and_delivered_after_it_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(1).on(database).at("2015-04-01")?;
    let member = federation.members[0].clone();
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    federation.break_off().await?;
    member.release(quarter)?;
    for _ in 0..3 {
        let told = member.deliver().await.unwrap_err().to_string();
        assert!(told.starts_with("the aggregator cannot be reached at https://127.0.0.1:"), "{told}");
    }
    // It is approved and waits: nothing was charged, nothing drawn.
    assert_eq!(member.sealed()?, []);
    let states = status::status(&member.node)?.quarters;
    let state = states.iter().find(|state| state.quarter == quarter).map(|state| state.state);
    assert_eq!(state, Some(State::Approved));
    assert!(!lines(&member)?.iter().any(|kind| kind == "release"));

    federation.mend().await?;
    let delivery = member.deliver().await?;
    assert_eq!((delivery.sealed, delivery.receipted.as_slice()), (Some(quarter), &[][..]));
    let sealed = member.sealed()?;

    // A second outage, now with sealed bytes in the outbox: they wait, and are the same ever after.
    federation.break_off().await?;
    federation.when_delivered(quarter)?;
    for tries in 1..=3 {
        assert!(member.deliver().await.is_err());
        let waiting = member.sealed()?.remove(0);
        assert_eq!((waiting.attempts, waiting.receipt.as_deref()), (tries, None));
        let problem = waiting.last_problem.unwrap_or_default();
        assert!(problem.ends_with("the release stays in the outbox and is tried again"), "{problem}");
    }
    // By itself the program waits before it tries again, longer each time.
    let by_itself = deliver::deliver(&member.node, &member.region()?, Trying::WhenDue).await?;
    assert_eq!(by_itself.receipted, []);
    federation.mend().await?;
    federation.clock.set(federation.policy()?.delivers_at(quarter).plus_days(1));
    let by_itself = deliver::deliver(&member.node, &member.region()?, Trying::WhenDue).await?;
    assert_eq!(by_itself.receipted, [quarter]);

    let after = member.sealed()?;
    assert_eq!((after.len(), &after[0].bytes), (1, &sealed[0].bytes));
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 1);
    assert_eq!(verify::verify(&member.node)?.receipts, 1);
    let charged = lines(&member)?.iter().filter(|kind| *kind == "release").count();
    assert_eq!(charged, federation.policy()?.policy().streams.len(), "one charge a stream");
    Ok(())
}

fn lines(member: &tenfold_tests::federation::Member) -> anyhow::Result<Vec<String>> {
    let lines = member.node.store.read(tenfold_node::store::ledger::lines)?;
    Ok(lines.into_iter().map(|line| line.kind).collect())
}
