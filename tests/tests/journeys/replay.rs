//! The same bytes again: the same receipt. Other bytes under the same name: refused, and only counted.

use tenfold_aggregator::{duties::prove, store};
use tenfold_common::{
    calendar::Quarter,
    privacy::{Every, Rho},
    protocol::{ProblemKind, ReleaseBody, release::RELEASE_TYPE, signature},
};
use tenfold_node::region::CallError;
use tenfold_tests::federation::{self, CENTRE, Database, Federation, Member, Running};

/// A federation of which every node has delivered its first quarter.
async fn after_one_quarter(nodes: usize) -> anyhow::Result<Running> {
    let federation = Federation::new().with_nodes(nodes).at("2015-04-01")?;
    let quarter = federation.quarter(0)?;
    federation.when_delivered(quarter)?;
    for member in &federation.members {
        member.release(quarter)?;
        assert_eq!(member.deliver().await?.receipted, [quarter]);
    }
    Ok(federation)
}

fn rejections(federation: &Running) -> anyhow::Result<Vec<(String, String, i32)>> {
    let counted = federation.aggregator.store.read(store::releases::rejections)?;
    Ok(counted.into_iter().map(|(borough, kind, count, _)| (borough, kind, count)).collect())
}

async fn refused(member: &Member, bytes: &str) -> anyhow::Result<ProblemKind> {
    match member.region()?.deliver(bytes.to_owned()).await {
        Err(CallError::Problem(problem)) => Ok(ProblemKind::from_uri(&problem.kind).expect("a kind we know")),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn signed(member: &Member, change: impl FnOnce(&mut ReleaseBody)) -> anyhow::Result<String> {
    let mut body = member.newest()?;
    change(&mut body);
    Ok(signature::sign(&body, RELEASE_TYPE, &member.node.keys.release)?)
}

#[tokio::test]
async fn the_same_bytes_get_the_same_receipt_for_ever() -> anyhow::Result<()> {
    let federation = after_one_quarter(1).await?;
    let member = &federation.members[0];
    let kept = member.sealed()?.remove(0);
    for days in [0, 1, 400] {
        federation.clock.set(kept.sealed_at.plus_days(days));
        let again = member.region()?.deliver(kept.bytes.clone()).await?;
        assert_eq!(Some(again), kept.receipt);
    }
    // Another policy comes into force: what was receipted under the earlier one stays receipted.
    federation.clock.set(kept.sealed_at.plus_days(401));
    let quarter = federation.quarter(8)?;
    let mut later = federation::plan("A later policy", quarter, Rho::from_nano(100_000_000));
    later.succeeds = Some(federation.policy()?.hash().to_owned());
    tenfold_aggregator::duties::found::sign_policy(&federation.aggregator, &later, CENTRE)?;
    assert_eq!(Some(member.region()?.deliver(kept.bytes.clone()).await?), kept.receipt);
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 1);
    assert_eq!(rejections(&federation)?, []);
    Ok(())
}

#[tokio::test]
async fn other_bytes_of_the_same_quarter_are_refused_and_only_counted() -> anyhow::Result<()> {
    let federation = after_one_quarter(1).await?;
    let member = &federation.members[0];
    let before = federation.aggregator.store.read(store::releases::all)?;
    let other = signed(member, |body| body.streams[0].values[0][0] += 1)?;
    for _ in 0..2 {
        assert_eq!(refused(member, &other).await?, ProblemKind::OtherBytes);
    }
    assert_eq!(federation.aggregator.store.read(store::releases::all)?, before);
    let borough = member.borough().to_string();
    assert_eq!(rejections(&federation)?, [(borough, "other-bytes".to_owned(), 2)]);
    Ok(())
}

#[tokio::test]
async fn each_fault_of_a_release_has_its_own_answer_and_leaves_nothing() -> anyhow::Result<()> {
    let federation = after_one_quarter(2).await?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    let before = federation.aggregator.store.read(store::releases::all)?;
    let (bytes, next) = (member.sealed()?.remove(0).bytes, federation.quarter(1)?);
    let policy = federation.policy()?;
    let places = policy.places(member.borough())?;
    // A quarter that ends no year, without the groups that leave once a year.
    let at = |body: &mut ReleaseBody, quarter: Quarter, number: u32| {
        (body.id.quarter, body.id.number) = (quarter, number);
        for (stream, released) in policy.policy().streams.iter().zip(&mut body.streams) {
            let groups = stream.shape(places).groups();
            let yearly =
                groups.iter().zip(&mut released.values).filter(|(group, _)| group.every == Every::Year);
            yearly.for_each(|(_, values)| values.clear());
        }
    };
    let onwards = |body: &mut ReleaseBody| at(body, next, 2);
    let strangers = neighbour.borough().clone();
    let cases = [
        (ProblemKind::Malformed, "not a release".to_owned()),
        (ProblemKind::TooLarge, "x".repeat((1 << 20) + 1)),
        // What the neighbour signed, through this borough's connection.
        (ProblemKind::BadSignature, neighbour.sealed()?.remove(0).bytes),
        (ProblemKind::BadSignature, bytes[..bytes.len() - 8].to_owned() + "AAAAAAAA"),
        (ProblemKind::WrongBorough, signed(member, |body| body.id.borough = strangers)?),
        (ProblemKind::WrongPolicy, signed(member, |body| body.policy = "0".repeat(64))?),
        (ProblemKind::WrongPolicy, signed(member, |body| body.rehearsal = false)?),
        (ProblemKind::OutOfOrder, signed(member, |body| at(body, next.next(), 3))?),
        (ProblemKind::OutOfOrder, signed(member, |body| at(body, next, 1))?),
        (ProblemKind::WrongShape, signed(member, |body| body.streams.reverse())?),
        (ProblemKind::WrongShape, signed(member, |body| _ = body.streams[1].values[0].pop())?),
        (
            ProblemKind::WrongShape,
            signed(member, |body| (body.id.quarter, body.id.number) = (next.plus(23), 2))?,
        ),
    ];
    for (kind, bytes) in &cases {
        assert_eq!(refused(member, bytes).await?, *kind, "{}", &bytes[..bytes.len().min(40)]);
    }
    assert_eq!(federation.aggregator.store.read(store::releases::all)?, before);
    let counted: i32 = rejections(&federation)?.iter().map(|(_, _, count)| count).sum();
    assert_eq!(counted as usize, cases.len());
    // The very next quarter in good form is still taken.
    let bytes = signed(member, onwards)?;
    assert!(member.region()?.deliver(bytes).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn ten_boroughs_deliver_at_once_on_sqlite() -> anyhow::Result<()> {
    ten_at_once(Database::Sqlite).await
}

#[tokio::test]
async fn ten_boroughs_deliver_at_once_on_postgres() -> anyhow::Result<()> {
    ten_at_once(Database::Postgres).await
}

/// More at once than the pool has connections: all are received, one after another, and none is told to wait.
async fn ten_at_once(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(10).on(database).at("2015-04-01")?;
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    for member in &federation.members {
        member.release(quarter)?;
        member.deliver().await?;
    }
    federation.when_delivered(quarter)?;
    let mut deliveries = Vec::new();
    for member in &federation.members {
        let member = member.clone();
        deliveries.push(tokio::spawn(async move { member.deliver().await }));
    }
    for delivery in deliveries {
        assert_eq!(delivery.await??.receipted, [quarter]);
    }
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 10);
    Ok(())
}
