//! How many receipts a second the region gives, with durable commit over mutual TLS, beside the same door without a
//! store and beside a bare loop of inserts; how long one release waits at half that load; how long 152 boroughs wait
//! that deliver at once; how long a whole log takes to verify. Prints, asserts nothing.

use std::{
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::rt::System;
use anyhow::Context;
use clap::Parser;
use futures_util::future::try_join_all;
use tenfold_aggregator::store::{self, releases::Received};
use tenfold_common::{
    clock::Clock,
    log::{Checkpoint, Entry, Event, HeldLog, LogFile},
    protocol::SigningKey,
};
use tenfold_store::Store;
use tenfold_tests::{
    deliveries::{self, Borough, MOST},
    federation::{Database, Federation, Running},
};
use tenfold_web::program;

/// Measure the region's door for nodes on both databases.
#[derive(Debug, Parser)]
struct Arguments {
    /// Boroughs that deliver
    #[arg(long, default_value_t = MOST)]
    boroughs: usize,
    /// Quarters that each delivers in the measured run
    #[arg(long, default_value_t = 12)]
    quarters: usize,
    /// Boroughs that deliver at the same time in the measured run
    #[arg(long, default_value_t = MOST)]
    at_once: usize,
    /// Entries of the log that is verified
    #[arg(long, default_value_t = 100_000)]
    entries: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut table = program::table(&[
        "Database",
        "Receipts/s",
        "Without store/s",
        "Inserts/s",
        "Of the slower",
        "p50, p99 at half load, ms",
        "152 at once, s",
    ]);
    for database in [Database::Sqlite, Database::Postgres] {
        table.add_row(runtime.block_on(door(&arguments, database))?);
    }
    println!("{table}");
    println!("The callers run on the same two cores; PostgreSQL is the tests' own, with fsync off.");
    whole_log(arguments.entries)
}

async fn door(arguments: &Arguments, database: Database) -> anyhow::Result<Vec<String>> {
    let federation = Federation::new().on(database).adapted(deliveries::for_many).at("2015-04-01")?;
    let boroughs = deliveries::enrol(&federation, arguments.boroughs)?;
    let clock: Arc<dyn Clock> = Arc::new(federation.clock.clone());
    let releases = releases(&federation, &boroughs, arguments.quarters + 3)?;
    // The first quarter warms up; the second is delivered by all at once, each over a new connection.
    let regions = regions(&boroughs, &clock, None)?;
    deliver(&regions, &releases, 0..1, arguments.at_once).await?;
    let fresh = self::regions(&boroughs, &clock, None)?;
    let begun = Instant::now();
    deliver(&fresh, &releases, 1..2, boroughs.len()).await?;
    let together = begun.elapsed();

    let begun = Instant::now();
    let last = 2 + arguments.quarters;
    deliver(&regions, &releases, 2..last, arguments.at_once).await?;
    let full = per_second(boroughs.len() * arguments.quarters, begun.elapsed());

    // Half that load: each release at its own instant, whatever became of those before.
    let pause = Duration::from_secs_f64(2.0 / full);
    let started = Instant::now();
    let waits =
        try_join_all((0_u32..).zip(regions.iter().zip(&releases)).map(|(nth, (region, own))| async move {
            tokio::time::sleep_until((started + pause * nth).into()).await;
            let begun = Instant::now();
            region.deliver(own[last].clone()).await?;
            Ok::<_, anyhow::Error>(begun.elapsed())
        }))
        .await?;

    let bare = without_store(&federation, &boroughs, &clock, &releases, arguments).await?;
    let inserts = inserts(&federation, database, &boroughs, &releases)?;
    let share = full / bare.min(inserts);
    Ok(vec![
        format!("{database:?}"),
        format!("{full:.0}"),
        format!("{bare:.0}"),
        format!("{inserts:.0}"),
        format!("{share:.2}"),
        format!("{:.1}, {:.1}", percentile(&waits, 50), percentile(&waits, 99)),
        format!("{:.2}", together.as_secs_f64()),
    ])
}

fn releases(federation: &Running, boroughs: &[Borough], quarters: usize) -> anyhow::Result<Vec<Vec<String>>> {
    let policy = federation.policy()?;
    let of = |borough: &Borough| {
        (0..quarters)
            .map(|index| borough.release(&policy, federation.quarter(i32::try_from(index)?)?))
            .collect()
    };
    boroughs.iter().map(of).collect()
}

fn regions(
    boroughs: &[Borough],
    clock: &Arc<dyn Clock>,
    url: Option<&str>,
) -> anyhow::Result<Vec<tenfold_node::region::Region>> {
    boroughs.iter().map(|borough| borough.region(clock, url.map(str::to_owned))).collect()
}

/// Each borough's quarters in their order, so many boroughs at the same time.
async fn deliver(
    regions: &[tenfold_node::region::Region],
    releases: &[Vec<String>],
    quarters: std::ops::Range<usize>,
    at_once: usize,
) -> anyhow::Result<()> {
    let all: Vec<_> =
        regions.iter().cloned().zip(releases.iter().map(|own| own[quarters.clone()].to_vec())).collect();
    let share = all.len().div_ceil(at_once);
    let callers = all.chunks(share).map(|chunk| {
        let chunk = chunk.to_vec();
        tokio::spawn(async move {
            let quarters = chunk.first().map_or(0, |(_, own)| own.len());
            for quarter in 0..quarters {
                for (region, own) in &chunk {
                    region.deliver(own[quarter].clone()).await?;
                }
            }
            Ok::<_, anyhow::Error>(())
        })
    });
    for done in callers.collect::<Vec<_>>() {
        done.await??;
    }
    Ok(())
}

async fn without_store(
    federation: &Running,
    boroughs: &[Borough],
    clock: &Arc<dyn Clock>,
    releases: &[Vec<String>],
    arguments: &Arguments,
) -> anyhow::Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("https://{}", listener.local_addr()?);
    let (tell, told) = std::sync::mpsc::channel();
    let handle = std::thread::scope(|scope| -> anyhow::Result<_> {
        let server = scope.spawn(|| deliveries::without_a_store(federation, boroughs, listener));
        server.join().map_err(|_| anyhow::anyhow!("the server panicked"))
    });
    let server = handle??;
    let stop = server.handle();
    let thread = std::thread::spawn(move || {
        let _ = tell.send(());
        System::new().block_on(server)
    });
    told.recv().context("the server did not start")?;
    let regions = regions(boroughs, clock, Some(&url))?;
    deliver(&regions, releases, 0..1, arguments.at_once).await?;
    let begun = Instant::now();
    deliver(&regions, releases, 2..2 + arguments.quarters, arguments.at_once).await?;
    let bare = per_second(boroughs.len() * arguments.quarters, begun.elapsed());
    drop(stop.stop(false));
    thread.join().map_err(|_| anyhow::anyhow!("the server panicked"))??;
    Ok(bare)
}

/// The same rows into an empty database, a transaction each.
fn inserts(
    federation: &Running,
    database: Database,
    boroughs: &[Borough],
    releases: &[Vec<String>],
) -> anyhow::Result<f64> {
    let url = database.fresh(federation.folder(), "bare")?;
    let bare = Store::open(&url, store::MIGRATIONS)?;
    let (policy, now) = (federation.policy()?, federation.aggregator.now());
    let receipt = "0".repeat(2500);
    let mut rows = Vec::new();
    for (borough, own) in boroughs.iter().zip(releases) {
        for (index, bytes) in own.iter().enumerate() {
            rows.push(Received {
                log_index: rows.len() as u64,
                borough: borough.code.clone(),
                quarter: federation.quarter(i32::try_from(index)?)?,
                number: u32::try_from(index + 1)?,
                policy: policy.hash().to_owned(),
                sha256: "0".repeat(64),
                bytes: bytes.clone(),
                receipt: receipt.clone(),
                received_at: now,
            });
        }
    }
    let begun = Instant::now();
    for row in &rows {
        bare.write(|connection| store::releases::keep(connection, std::slice::from_ref(row)))?;
    }
    Ok(per_second(rows.len(), begun.elapsed()))
}

fn whole_log(entries: u64) -> anyhow::Result<()> {
    let key = SigningKey::generate()?;
    let at = "2015-04-01T00:00:00Z".parse()?;
    let entry = |index: u64| Entry { index, at, event: Event::Policy { hash: format!("{index:064x}") } };
    let entries: Vec<Entry> = (0..entries).map(entry).collect();
    let held = HeldLog::of(&entries)?;
    let signed =
        |size: u64| -> anyhow::Result<String> { Ok(Checkpoint::sign(size, held.root_at(size)?, at, &key)?) };
    let checkpoints = (1..=20).map(|part| signed(held.size() * part / 20)).collect::<Result<_, _>>()?;
    let text = LogFile { receipt_key: key.public(), entries, checkpoints }.write()?;
    let begun = Instant::now();
    LogFile::read(&text)?.verify()?;
    println!(
        "A log of {} entries ({} MiB) with 20 checkpoints is read and verified in {:.2} s.",
        held.size(),
        text.len() >> 20,
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

fn per_second(count: usize, taken: Duration) -> f64 {
    count as f64 / taken.as_secs_f64()
}

fn percentile(waits: &[Duration], percent: usize) -> f64 {
    let mut waits = waits.to_vec();
    waits.sort_unstable();
    let at = (waits.len() * percent / 100).min(waits.len().saturating_sub(1));
    waits.get(at).map_or(0.0, |wait| wait.as_secs_f64() * 1000.0)
}
