//! SIGKILL at random instants, and 64 writers at once: books that hold, one draw a quarter, no overspend.

use std::{collections::BTreeSet, path::Path, thread, time::Duration};

use tenfold_common::privacy::{GroupScale, Rho};
use tenfold_node::{
    duties::{AdoptionFault, DutyError, adopt, seal, verify},
    ledger,
    release::noise::DiscreteGaussian,
    store,
};
use tenfold_tests::{
    federation::{CAP, Database, OFFICER},
    kill::{Subject, kill},
};

const WRITERS: usize = 64;

/// 50 deaths on a database. After each the books verify and have lost nothing; at a horizon's end the figures are
/// the truth with fresh noise (false alarm 3·10⁻⁷ a horizon), and would not be had a quarter been lost.
fn killed_fifty_times(database: Database) -> anyhow::Result<()> {
    let worker = Path::new(env!("CARGO_BIN_EXE_kill_worker"));
    let sum = kill(worker, database, 50, Duration::from_millis(400), |_| ())?;
    assert_eq!(sum.killed, 50);
    assert!(sum.sealed > 0, "every process died before it sealed anything: {sum:?}");
    Ok(())
}

#[test]
fn a_node_killed_at_any_instant_loses_nothing_on_sqlite() -> anyhow::Result<()> {
    killed_fifty_times(Database::Sqlite)
}

#[test]
fn a_node_killed_at_any_instant_loses_nothing_on_postgres() -> anyhow::Result<()> {
    killed_fifty_times(Database::Postgres)
}

/// 64 policies, each with a stream of its own that the cap has room for twice: two are adopted.
fn sixty_four_adoptions(database: Database) -> anyhow::Result<()> {
    let subject = Subject::new(database)?;
    let node = subject.open()?;
    let policy = node.policy()?;
    let extra = CAP.checked_sub(policy.policy().streams.iter().map(|stream| stream.share).sum()).unwrap();
    let share = Rho::from_nano(extra.nano() / 5 * 2);
    let signed: Vec<String> = (0..WRITERS)
        .map(|at| {
            let mut policy = policy.policy().clone();
            let mut stream = policy.streams[0].clone();
            stream.name = format!("extra-{at}");
            // The same noise, enlarged to the smaller share.
            let larger = (policy.streams[0].share.as_f64() / share.as_f64()).sqrt();
            for GroupScale { sigma, .. } in &mut stream.scales {
                sigma.iter_mut().for_each(|sigma| *sigma = (*sigma as f64 * larger).ceil() as u64 + 1);
            }
            stream.share = share;
            policy.streams.push(stream);
            policy.reserve = Rho::ZERO;
            subject.sign(&policy)
        })
        .collect::<anyhow::Result<_>>()?;
    let adopted = thread::scope(|scope| {
        let writers: Vec<_> =
            signed.iter().map(|signed| scope.spawn(|| adopt::adopt_policy(&node, signed, OFFICER))).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect::<Vec<_>>()
    });
    for refused in adopted.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(refused, DutyError::Adoption(AdoptionFault::OverCap { .. })), "{refused}");
    }
    assert_eq!(adopted.iter().filter(|result| result.is_ok()).count(), 2);
    let lines = node.store.read(store::ledger::lines)?;
    assert!(ledger::lifetime(&lines) <= CAP);
    verify::verify(&node)?;
    Ok(())
}

/// 64 draws of one approved quarter: one charge, one release, and nobody gets other bytes.
fn sixty_four_draws(database: Database) -> anyhow::Result<()> {
    let subject = Subject::new(database)?;
    let node = subject.make_ready()?;
    let drawn = thread::scope(|scope| {
        let writers: Vec<_> =
            (0..WRITERS).map(|_| scope.spawn(|| seal::seal_next(&node, &DiscreteGaussian))).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect::<Vec<_>>()
    });
    let mut bytes = BTreeSet::new();
    for result in drawn {
        match result {
            Ok(Some(sealed)) => bytes.extend([sealed.bytes]),
            Ok(None) | Err(DutyError::AlreadyReleased { .. } | DutyError::NoRight { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let sealed = node.store.read(store::releases::sealed)?;
    assert_eq!(bytes, sealed.iter().map(|release| release.bytes.clone()).collect());
    assert_eq!(sealed.len(), 1);
    let lines = node.store.read(store::ledger::lines)?;
    assert_eq!(lines.iter().filter(|line| !line.quarter.is_empty()).count(), 4, "one line a stream");
    verify::verify(&node)?;
    Ok(())
}

#[test]
fn sixty_four_writers_do_not_overspend_on_sqlite() -> anyhow::Result<()> {
    sixty_four_adoptions(Database::Sqlite)?;
    sixty_four_draws(Database::Sqlite)
}

#[test]
fn sixty_four_writers_do_not_overspend_on_postgres() -> anyhow::Result<()> {
    sixty_four_adoptions(Database::Postgres)?;
    sixty_four_draws(Database::Postgres)
}
