//! Kills a node's process at random instants, 2,000 times by default, on both databases, and says what was found
//! after each death. Ends with 1 at the first thing that does not hold.

use std::{env, time::Duration};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use tenfold_tests::{
    federation::Database,
    kill::{kill, worker_beside},
};
use tenfold_web::program;

/// Kill a node at random instants and look at its books.
#[derive(Debug, Parser)]
struct Arguments {
    /// Deaths on each database
    #[arg(long, default_value_t = 2_000)]
    deaths: usize,
    /// Longest life of a process in milliseconds
    #[arg(long, default_value_t = 400)]
    within_ms: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let worker = worker_beside(&env::current_exe()?)?;
    let mut table = program::table(&[
        "Database",
        "Deaths",
        "Quarters sealed",
        "Found approved, not charged",
        "Found charged, not sealed",
        "Whole horizons",
    ]);
    for database in [Database::Sqlite, Database::Postgres] {
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}")?;
        let bar =
            ProgressBar::new(arguments.deaths as u64).with_style(style).with_message(format!("{database:?}"));
        let within = Duration::from_millis(arguments.within_ms);
        let sum =
            kill(&worker, database, arguments.deaths, within, |sum| bar.set_position(sum.killed as u64))?;
        bar.finish_and_clear();
        let row = [sum.killed, sum.sealed, sum.approved_only, sum.charged_only, sum.horizons];
        let mut cells = vec![format!("{database:?}")];
        cells.extend(row.map(|number| number.to_string()));
        table.add_row(cells);
    }
    println!("{table}\nNever two sealed or sendable draws, never a lost charge, never a lost quarter.");
    Ok(())
}
