//! What the aggregator's door bears from one borough, and that its neighbours do not feel it.

use std::{net::TcpListener, time::Duration};

use tenfold_aggregator::{
    duties::{allow, enrol},
    ingest::{allowance::Rate, limits::Limits},
    store,
};
use tenfold_common::protocol::ProblemKind;
use tenfold_node::duties::{rejected, status};
use tenfold_tests::{
    caller::{Caller, Heard, posted},
    federation::{CENTRE, Database, Door, Federation, Running},
};
use tenfold_web::tls;

fn rejections(federation: &Running) -> anyhow::Result<Vec<(String, String, i32)>> {
    let counted = federation.aggregator.store.read(store::releases::rejections)?;
    Ok(counted.into_iter().map(|(borough, kind, count, _)| (borough, kind, count)).collect())
}

fn is_answered(heard: &Heard) -> bool {
    heard.status() == Some(200)
}

#[test]
fn a_borough_calls_so_often_on_sqlite() -> anyhow::Result<()> {
    rate(Database::Sqlite)
}

#[test]
fn a_borough_calls_so_often_on_postgres() -> anyhow::Result<()> {
    rate(Database::Postgres)
}

fn rate(database: Database) -> anyhow::Result<()> {
    let limits = Limits { rate: Rate { at_once: 4, a_minute: 6 }, ..Limits::default() };
    let federation = Federation::new().with_nodes(2).on(database).within(limits).at("2015-04-01")?;
    let caller = Caller::of(&federation, &federation.members[0])?;
    let neighbour = Caller::of(&federation, &federation.members[1])?;
    for _ in 0..3 {
        assert!(is_answered(&caller.statement()));
    }
    // A second replica over the same database, which knows nothing but what stands there.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let replica = Door::within(limits, federation.aggregator.clone(), listener)?;
    let there = caller.at(replica.address());
    assert!(is_answered(&there.statement()));
    for caller in [&caller, &there, &caller] {
        let told = caller.statement();
        assert_eq!(told.problem(), Some(ProblemKind::TooMany), "{told:?}");
        assert_eq!(told.header("retry-after"), Some("10"));
    }
    // Counted once a wait and replica, or refusing would cost more than answering.
    let borough = federation.members[0].borough().to_string();
    assert_eq!(rejections(&federation)?, [(borough, "too-many".to_owned(), 2)]);
    assert!(is_answered(&neighbour.statement()), "the neighbour does not feel it");
    let now = federation.members[0].node.now();
    federation.clock.set(now.plus_seconds(9));
    assert_eq!(caller.statement().header("retry-after"), Some("1"));
    federation.clock.set(now.plus_seconds(10));
    assert!(is_answered(&there.statement()));
    assert_eq!(caller.statement().problem(), Some(ProblemKind::TooMany));
    // A minute later it has what a minute earns, and no more than at once.
    federation.clock.set(now.plus_days(1));
    let answered = (0..6).filter(|_| is_answered(&caller.statement())).count();
    assert_eq!(answered, 4);
    Ok(())
}

/// Whoever holds a certificate that was withdrawn uses up calls of its own.
#[test]
fn a_withdrawn_certificate_does_not_use_up_the_boroughs_calls() -> anyhow::Result<()> {
    let limits = Limits { rate: Rate { at_once: 2, a_minute: 1 }, ..Limits::default() };
    let federation = Federation::new().within(limits).at("2015-04-01")?;
    let member = &federation.members[0];
    let stolen = Caller::of(&federation, member)?;
    let fingerprint = tls::fingerprint_of_pem(&member.node.bundle()?.certificate_chain_pem)?;
    enrol::deny(&federation.aggregator, &fingerprint, CENTRE)?;
    let bundle = federation.enrol(member)?;
    federation.welcome(member, &bundle)?;
    let own = Caller::of(&federation, member)?;
    let told: Vec<_> = (0..3).map(|_| stolen.statement().problem()).collect();
    let withdrawn = Some(ProblemKind::NotEnrolled);
    assert_eq!(told, [withdrawn, withdrawn, Some(ProblemKind::TooMany)]);
    assert!(is_answered(&own.statement()));
    Ok(())
}

#[test]
fn a_node_holds_so_many_connections() -> anyhow::Result<()> {
    let limits = Limits { connections: 2, ..Limits::default() };
    let federation = Federation::new().with_nodes(2).within(limits).at("2015-04-01")?;
    let caller = Caller::of(&federation, &federation.members[0])?;
    let request = b"GET /v1/statement HTTP/1.1\r\nhost: t\r\n\r\n";
    let (mut first, mut second) = (caller.open()?, caller.open()?);
    assert!(is_answered(&first.ask(request)) && is_answered(&second.ask(request)));
    let told = caller.statement();
    assert_eq!(told.problem(), Some(ProblemKind::TooMany));
    assert_eq!(told.header("retry-after"), Some("1"));
    assert!(is_answered(&Caller::of(&federation, &federation.members[1])?.statement()));
    drop(first);
    // The other end notices the end of a connection a little later.
    let again = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        is_answered(&caller.statement())
    });
    assert!(again);
    assert!(is_answered(&second.ask(request)));
    Ok(())
}

/// A body may pause, as long as it is fast enough on average; one that is not is cut off.
#[test]
fn a_body_that_comes_too_slowly_is_cut_off() -> anyhow::Result<()> {
    let limits = Limits { grace: Duration::from_secs(1), least_rate: 100, ..Limits::default() };
    let federation = Federation::new().within(limits).at("2015-04-01")?;
    let caller = Caller::of(&federation, &federation.members[0])?;
    let request = posted("/v1/releases", &"x".repeat(1000));
    let (fast, rest) = request.split_at(request.len() - 500);
    let mut line = caller.open()?;
    line.send(fast.as_bytes())?;
    std::thread::sleep(Duration::from_millis(2000));
    assert_eq!(line.ask(rest.as_bytes()).problem(), Some(ProblemKind::Malformed), "read whole");
    let (slow, _) = request.split_at(request.len() - 990);
    let mut line = caller.open()?;
    line.send(slow.as_bytes())?;
    let told = line.listen();
    assert_eq!(told.problem(), Some(ProblemKind::TooSlow), "{told:?}");
    Ok(())
}

/// One whole request has its time, however fast it is.
#[test]
fn a_request_that_takes_too_long_is_cut_off() -> anyhow::Result<()> {
    let limits = Limits { request: Duration::from_secs(1), ..Limits::default() };
    let federation = Federation::new().within(limits).at("2015-04-01")?;
    let caller = Caller::of(&federation, &federation.members[0])?;
    let request = posted("/v1/releases", &"x".repeat(100_000));
    let mut line = caller.open()?;
    line.send(&request.as_bytes()[..50_000])?;
    let told = line.listen();
    assert_eq!(told.problem(), Some(ProblemKind::TooSlow), "{told:?}");
    let Heard::Answer { body, .. } = told else { panic!("an answer") };
    assert!(body.contains("longer than 1 seconds"), "{body}");
    Ok(())
}

/// What was refused is told to the borough itself, and to no other; it stands in its status from then on.
#[tokio::test]
async fn a_borough_hears_what_was_refused_of_it() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let [member, neighbour] = &federation.members[..] else { panic!("two members") };
    for _ in 0..2 {
        assert!(member.region()?.deliver("no release".to_owned()).await.is_err());
    }
    assert_eq!(rejected::hear(&neighbour.node, &neighbour.region()?).await?, []);
    let heard = rejected::hear(&member.node, &member.region()?).await?;
    let [one] = &heard[..] else { panic!("one kind: {heard:?}") };
    assert_eq!((one.kind.as_str(), one.count, one.last_at), ("malformed", 2, member.node.now()));
    assert_eq!(one.words(), ProblemKind::Malformed.title());
    assert_eq!(status::status(&member.restarted()?.node)?.rejections, heard);
    Ok(())
}

/// The region sees at once which boroughs its policy expects and nobody enrolled, and which never called.
#[tokio::test]
async fn the_region_sees_who_is_missing() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let gaps = allow::gaps(&federation.aggregator)?;
    assert_eq!((gaps.never_enrolled.len(), gaps.never_seen.len(), gaps.not_expected.len()), (8, 2, 0));
    federation.members[0].region()?.statement().await?;
    let silent = federation.members[1].borough().to_string();
    let gaps = allow::gaps(&federation.aggregator)?;
    assert_eq!(gaps.never_seen.into_iter().collect::<Vec<_>>(), [silent]);
    Ok(())
}
