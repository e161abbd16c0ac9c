//! Many boroughs deliver at the same moment: each gets its own answer, as if it had been alone.

use std::{sync::Barrier, thread};

use tenfold_aggregator::{
    duties::{
        DutyError, prove,
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
const BOROUGHS: usize = 12;
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
