//! Many boroughs deliver at the same moment: each gets its own answer, as if it had been alone.

use std::{sync::Barrier, thread};

use tenfold_aggregator::{
    duties::{
        Aggregator, DutyError, enrol, prove,
        receive::{self, Peer},
    },
    store,
};
use tenfold_common::{geography::BoroughCode, protocol::ProblemKind};
use tenfold_tests::{
    deliveries,
    federation::{Database, Federation, Running},
};

/// Boroughs that deliver.
const BOROUGHS: usize = 20;
/// How often each delivers the same bytes at the same time.
const TIMES: usize = 3;

#[test]
fn many_at_once_on_sqlite() -> anyhow::Result<()> {
    at_once(Database::Sqlite)
}

#[test]
fn many_at_once_on_postgres() -> anyhow::Result<()> {
    at_once(Database::Postgres)
}

fn at_once(database: Database) -> anyhow::Result<()> {
    let federation =
        Federation::new().with_nodes(1).on(database).adapted(deliveries::for_many).at("2015-04-01")?;
    let centre = &federation.aggregator;
    let boroughs = deliveries::enrol(&federation, BOROUGHS)?;
    let policy = federation.policy()?;
    let size = || centre.store.read(store::log::size);
    for quarter in 0..3 {
        let quarter = federation.quarter(quarter)?;
        let mut calls: Vec<(Peer, String)> = Vec::new();
        for (nth, borough) in boroughs.iter().enumerate() {
            let (peer, text) = (peer(&federation, &borough.code)?, borough.release(&policy, quarter)?);
            // Another borough's release, and one of a quarter too early, among those that are sound.
            let neighbour = &boroughs[(nth + 1) % BOROUGHS];
            calls.push((peer.clone(), neighbour.release(&policy, quarter)?));
            calls.push((peer.clone(), borough.release(&policy, quarter.plus(2))?));
            calls.extend(std::iter::repeat_n((peer, text), TIMES));
        }
        let before = size()?;
        let start = Barrier::new(calls.len());
        let answers: Vec<Result<String, DutyError>> = thread::scope(|scope| {
            let started: Vec<_> = calls
                .iter()
                .map(|(peer, text)| {
                    scope.spawn(|| {
                        start.wait();
                        receive::receive(centre, peer, "", text)
                    })
                })
                .collect();
            started.into_iter().map(|call| call.join().expect("it does not panic")).collect()
        });
        for told in answers.chunks(TIMES + 2) {
            let [foreign, early, sound @ ..] = told else { unreachable!("of that size") };
            assert_eq!(kind(foreign), Some(ProblemKind::BadSignature), "{foreign:?}");
            assert_eq!(kind(early), Some(ProblemKind::OutOfOrder), "{early:?}");
            let receipts: Vec<&String> = sound.iter().filter_map(|told| told.as_ref().ok()).collect();
            assert_eq!(receipts, [receipts[0]; TIMES], "the same bytes, the same receipt");
        }
        assert_eq!(size()? - before, 2 * BOROUGHS as u64, "a release and its receipt each, once");
    }
    assert_eq!(prove::verify(centre)?.releases, 3 * BOROUGHS);
    let counted = centre.store.read(store::releases::rejections)?;
    assert!(counted.iter().all(|(.., count, _)| *count == 3), "each refusal once: {counted:?}");
    assert_eq!(counted.len(), 2 * BOROUGHS);
    Ok(())
}

/// Two replicas over one database, each with what it knows of the log from its own last turn: the same release at both
/// at one instant is one row and one receipt, and neither appends to a log that it remembers otherwise.
#[test]
fn two_replicas_receive_in_turn() -> anyhow::Result<()> {
    let federation = Federation::new()
        .with_nodes(1)
        .on(Database::Postgres)
        .adapted(deliveries::for_many)
        .at("2015-04-01")?;
    let centre = &federation.aggregator;
    let mut replica = Aggregator::open(&centre.folder, centre.store.url())?;
    replica.clock = centre.clock.clone();
    let boroughs = deliveries::enrol(&federation, 6)?;
    let policy = federation.policy()?;
    for quarter in 0..4 {
        let quarter = federation.quarter(quarter)?;
        for (nth, borough) in boroughs.iter().enumerate() {
            let (peer, text) = (&peer(&federation, &borough.code)?, borough.release(&policy, quarter)?);
            // Of some only one of the two hears, so that each has turns that the other knows nothing of.
            let both: &[&Aggregator] = match nth % 3 {
                0 => &[centre],
                1 => &[&replica],
                _ => &[centre, &replica],
            };
            let start = Barrier::new(both.len());
            let receipts: Vec<String> = thread::scope(|scope| {
                let text = &text;
                let start = &start;
                let started: Vec<_> = both
                    .iter()
                    .map(|door| {
                        scope.spawn(move || {
                            start.wait();
                            receive::receive(door, peer, "", text)
                        })
                    })
                    .collect();
                started
                    .into_iter()
                    .map(|call| call.join().expect("it does not panic"))
                    .collect::<Result<_, _>>()
            })?;
            assert!(
                receipts.iter().all(|receipt| *receipt == receipts[0]),
                "the same bytes, the same receipt"
            );
        }
    }
    assert_eq!(prove::verify(centre)?.releases, 4 * boroughs.len());
    Ok(())
}

/// What was read of a borough's last release is no reason to take its next: it was withdrawn since.
#[test]
fn what_was_taken_before_lets_nobody_in() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(1).adapted(deliveries::for_many).at("2015-04-01")?;
    let centre = &federation.aggregator;
    let boroughs = deliveries::enrol(&federation, 1)?;
    let policy = federation.policy()?;
    let peer = peer(&federation, &boroughs[0].code)?;
    let deliver = |quarter| -> anyhow::Result<_> {
        Ok(receive::receive(centre, &peer, "", &boroughs[0].release(&policy, federation.quarter(quarter)?)?))
    };
    deliver(0)??;
    deliver(1)??;
    enrol::deny(centre, &peer.fingerprint, "the centre")?;
    let told = deliver(2)?;
    assert_eq!(kind(&told), Some(ProblemKind::NotEnrolled), "{told:?}");
    assert_eq!(prove::verify(centre)?.releases, 2);
    Ok(())
}

/// The database fails under the transaction of all: each is told by itself, and nothing is half kept.
#[test]
fn a_database_that_fails_keeps_nothing() -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(1).adapted(deliveries::for_many).at("2015-04-01")?;
    let centre = &federation.aggregator;
    let boroughs = deliveries::enrol(&federation, 2)?;
    let (policy, quarter) = (federation.policy()?, federation.quarter(0)?);
    let before = centre.store.read(store::log::size)?;
    let (peer, text) = (peer(&federation, &boroughs[0].code)?, boroughs[0].release(&policy, quarter)?);
    let sql = |sql: &'static str| {
        centre.store.write(|connection| {
            diesel::RunQueryDsl::execute(diesel::sql_query(sql), connection)?;
            Ok::<_, DutyError>(())
        })
    };
    sql("CREATE TRIGGER broken BEFORE INSERT ON release BEGIN SELECT RAISE (ABORT, 'broken'); END")?;
    let told = receive::receive(centre, &peer, "", &text);
    assert!(matches!(&told, Err(DutyError::Store(_))), "{told:?}");
    assert_eq!(centre.store.read(store::log::size)?, before, "its entry is not kept either");
    sql("DROP TRIGGER broken")?;
    receive::receive(centre, &peer, "", &text)?;
    assert_eq!(centre.store.read(store::log::size)?, before + 2);
    assert_eq!(prove::verify(centre)?.releases, 1);
    Ok(())
}

fn kind(told: &Result<String, DutyError>) -> Option<ProblemKind> {
    match told {
        Err(DutyError::Refused(refusal)) => Some(refusal.kind),
        _ => None,
    }
}

fn peer(federation: &Running, borough: &BoroughCode) -> anyhow::Result<Peer> {
    let own =
        federation.aggregator.store.read(|connection| store::enrolments::of_borough(connection, borough))?;
    let fingerprint = own.last().map(|enrolment| enrolment.fingerprint.clone()).unwrap_or_default();
    Ok(Peer { borough: borough.clone(), fingerprint, own_until: None })
}
