//! How long a borough's quarter takes from what is recorded to sealed bytes, step by step, and how much memory: 1,200
//! families and 100,000, every one in every stream but *withdrawn*. Verdicts have a bench of their own. Prints, asserts
//! nothing.

use std::{fs, time::Instant};

use clap::Parser;
use tenfold_common::{
    calendar::Quarter,
    privacy::{
        VerifiedPolicy,
        policy::{ATTACHED, CLOSED, RESULT},
    },
};
use tenfold_node::duties::{approve, prepare};
use tenfold_tests::{
    federation::{Database, Federation, Member},
    recorded::{self, Features},
};
use tenfold_web::program;

/// Time a borough's quarter from recorded events to sealed bytes, with the region's statement over mutual TLS.
#[derive(Debug, Parser)]
struct Arguments {
    /// Families in the quarter; may be given several times
    #[arg(long, default_values_t = [1_200, 100_000])]
    families: Vec<usize>,
    /// How often each size is played, in a fresh node each time; the best is shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// On PostgreSQL instead of SQLite
    #[arg(long)]
    postgres: bool,
}

const STEPS: [&str; 3] = ["prepare", "approve", "charge, draw, seal"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut headings = vec!["Families"];
    headings.extend(STEPS);
    headings.extend(["All, s", "Peak memory, MiB"]);
    let mut table = program::table(&headings);
    for &families in &arguments.families {
        let mut best: Option<([f64; 3], f64)> = None;
        for _ in 0..arguments.rounds {
            let database = if arguments.postgres { Database::Postgres } else { Database::Sqlite };
            let played = quarter(families, database).await?;
            let all = |(steps, _): &([f64; 3], f64)| steps.iter().sum::<f64>();
            if best.as_ref().is_none_or(|best| all(&played) < all(best)) {
                best = Some(played);
            }
        }
        let Some((steps, memory)) = best else { continue };
        let mut row = vec![families.to_string()];
        row.extend(steps.iter().map(|step| format!("{step:.3}")));
        row.push(format!("{:.3}", steps.iter().sum::<f64>()));
        row.push(format!("{memory:.0}"));
        table.add_row(row);
    }
    println!("{table}");
    println!("asked: 1,200 families under 0.5 s, 100,000 under 10 s, memory under 300 MiB");
    println!("memory is of the whole process, the region's aggregator in it too");
    Ok(())
}

/// One quarter in a fresh federation of one borough: seconds of each step, and the peak of memory in MiB.
async fn quarter(families: usize, database: Database) -> anyhow::Result<([f64; 3], f64)> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let first = federation.quarter(0)?;
    record(member, &federation.policy()?, first, families)?;
    federation.when_recorded(first)?;
    forget_peak()?;
    let mut steps = [0.0; 3];
    let begun = Instant::now();
    let shown = prepare::prepare(&member.node, first, &member.analyst)?.salted_hash;
    steps[0] = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    approve::approve(&member.node, first, &member.signer()?, &shown)?;
    steps[1] = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    member.deliver().await?;
    steps[2] = begun.elapsed().as_secs_f64();
    anyhow::ensure!(member.sealed()?.len() == 1, "the quarter is not sealed");
    Ok((steps, peak()?))
}

/// Records every family as attached, with a result and closed in the quarter.
fn record(member: &Member, policy: &VerifiedPolicy, quarter: Quarter, families: usize) -> anyhow::Result<()> {
    let streams = [ATTACHED, RESULT, CLOSED];
    let events = (0..families).flat_map(|at| streams.map(|stream| (at, stream))).map(|(at, stream)| {
        let features =
            Features { ward: at % 30, problems: (at * 11 % 64) as u8, progress: at % 3 > 0, reason: at };
        recorded::event(policy, member.borough(), quarter, stream, &at.to_string(), features)
    });
    Ok(recorded::record(&member.node, events.collect::<Result<Vec<_>, _>>()?)?)
}

/// Has the kernel forget how much memory this process once had.
fn forget_peak() -> anyhow::Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

/// The most memory since then, in MiB.
fn peak() -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")).map(str::trim);
    Ok(kibibytes.map(str::parse::<f64>).transpose()?.unwrap_or_default() / 1024.0)
}
