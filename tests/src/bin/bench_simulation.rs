//! Plays random days in the life of a federation, 500 programmes by default, and says what happened in them. Ends
//! with 1 where a promise was broken: each such programme is printed with its acts, to be played again.

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use tenfold_tests::simulation::{Failure, Programme, play, play_many, shrink};
use tenfold_web::program;

/// Play random programmes of a federation, each from its seed alone.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many
    #[arg(long, default_value_t = 500)]
    programmes: u64,
    /// Seed of the first
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// How many at once
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Play the programme in this file instead, as one that failed was printed
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Leave out what a failure does not need, before it is printed
    #[arg(long)]
    shrink: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(file) = &arguments.replay {
        let programme: Programme = serde_json::from_str(&fs::read_to_string(file)?)?;
        let outcome = play(&programme)?;
        println!("{} releases, every family counted once", outcome.releases);
        return Ok(ExitCode::SUCCESS);
    }
    let bar = ProgressBar::new(arguments.programmes)
        .with_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} {eta}")?);
    let began = Instant::now();
    let played =
        play_many(arguments.first, arguments.programmes, arguments.workers, |count| bar.set_position(count));
    bar.finish_and_clear();
    let mut acts = program::table(&["Act", "Times"]);
    for (kind, times) in &played.acts {
        acts.add_row([kind.clone(), times.to_string()]);
    }
    let mut refusals = program::table(&["Refused", "Times"]);
    for (refusal, times) in &played.refusals {
        refusals.add_row([refusal.clone(), times.to_string()]);
    }
    println!("{acts}\n{refusals}");
    for failure in &played.failures {
        let shown = if arguments.shrink { shrink(failure) } else { failure.clone() };
        let Failure { programme, error } = &shown;
        println!("seed {}: {error}\n{}\n", programme.seed, serde_json::to_string(programme)?);
    }
    println!(
        "{} programmes with {} acts of {} kinds in {:.0} s: {} releases, {} of them before anything was mended; {} failures",
        played.programmes,
        played.acts.values().sum::<usize>(),
        played.acts.len(),
        began.elapsed().as_secs_f64(),
        played.releases.1,
        played.releases.0,
        played.failures.len()
    );
    Ok(if played.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
