//! A node that was restored from a backup stops before it draws, and says what it and the aggregator know.

use std::{fs, sync::Arc};

use tenfold_node::{
    duties::{DutyError, Node, deliver},
    store,
};
use tenfold_store::DatabaseUrl;
use tenfold_tests::federation::{Federation, Member, Running};

/// The node as yesterday's backup has it: its keys and its database, in another folder.
fn back_up(federation: &Running, member: &Member) -> anyhow::Result<Member> {
    let folder = federation.folder().join("restored");
    fs::create_dir_all(folder.join("keys"))?;
    for key in fs::read_dir(member.node.folder.join("keys"))? {
        let key = key?;
        fs::copy(key.path(), folder.join("keys").join(key.file_name()))?;
    }
    let database = folder.join("node.sqlite");
    let copy = format!("VACUUM INTO '{}'", database.display());
    member.node.store.read(|connection| {
        Ok::<_, DutyError>(diesel::RunQueryDsl::execute(diesel::sql_query(copy), connection)?)
    })?;
    let mut node = Node::open(&folder, &DatabaseUrl::Sqlite(database))?;
    node.clock = Arc::new(federation.clock.clone());
    Ok(Member { node, ..member.clone() })
}

#[tokio::test]
async fn behind_the_aggregator_nothing_is_drawn() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    federation.when_recorded(first)?;
    member.release(first)?;
    let restored = back_up(&federation, member)?;
    member.deliver().await?;
    federation.when_delivered(first)?;
    member.deliver().await?;

    let told = restored.deliver().await.unwrap_err().to_string();
    let words = "the aggregator holds release 1 for 2015-Q2 of this borough, this node knows none";
    assert!(told.starts_with(words), "{told}");
    assert!(told.contains("nothing was drawn"), "{told}");
    assert_eq!(restored.sealed()?, []);
    let lines = restored.node.store.read(store::ledger::lines)?;
    assert!(lines.iter().all(|line| line.kind != "release"), "nothing was charged either");

    // The node that was not restored goes on.
    federation.when_delivered(second)?;
    member.release(second)?;
    assert_eq!(member.deliver().await?.receipted, [second]);
    Ok(())
}

/// Two copies of a machine: whichever delivers first is the borough, the other stops at its next draw.
#[tokio::test]
async fn of_two_copies_only_one_goes_on() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    federation.when_recorded(first)?;
    member.release(first)?;
    let copy = back_up(&federation, member)?;
    // Before anything was received both draw: the aggregator then keeps the one and refuses the other.
    member.deliver().await?;
    copy.deliver().await?;
    federation.when_delivered(first)?;
    assert_eq!(member.deliver().await?.receipted, [first]);
    let told = copy.deliver().await.unwrap_err().to_string();
    assert!(
        told.contains("A release of this borough and quarter with other bytes is already kept"),
        "{told}"
    );
    assert_eq!(copy.sealed()?[0].receipt, None);
    federation.when_recorded(second)?;
    copy.release(second)?;
    let told = deliver::seal_now(&copy.node, &copy.region()?).await;
    assert!(matches!(told, Err(DutyError::Behind { .. })), "{told:?}");
    assert_eq!(copy.sealed()?.len(), 1);
    Ok(())
}

/// A statement that was carried in or kept serves for a day and no longer, and only its own borough.
#[tokio::test]
async fn an_old_or_anothers_statement_allows_no_draw() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    member.release(quarter)?;
    use tenfold_node::{duties::seal, release::noise::DiscreteGaussian};
    let none = seal::seal_next(&member.node, &DiscreteGaussian);
    assert!(matches!(none, Err(DutyError::NoStatement { .. })), "{none:?}");
    let of_neighbour = neighbour.region()?.statement().await?;
    assert!(matches!(seal::keep_statement(&member.node, &of_neighbour), Err(DutyError::Delivery { .. })));
    seal::keep_statement(&member.node, &member.region()?.statement().await?)?;
    let now = member.node.now();
    federation.clock.set(now.plus_seconds(24 * 3600 + 1));
    let old = seal::seal_next(&member.node, &DiscreteGaussian);
    assert!(matches!(old, Err(DutyError::NoStatement { .. })), "{old:?}");
    assert_eq!(member.sealed()?, []);
    federation.clock.set(now.plus_seconds(24 * 3600));
    assert!(seal::seal_next(&member.node, &DiscreteGaussian)?.is_some());
    Ok(())
}
