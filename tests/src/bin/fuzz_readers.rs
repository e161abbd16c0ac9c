//! Reads spoilt extracts until it is told to stop: every shipped mapping, as text and as workbooks.

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use tenfold_tests::readers;

/// Read spoilt extracts with the node's readers; a panic is a failure, and its file is kept.
///
/// What run N reads follows from the seed and N alone: `--first N --runs 1` reads it again.
#[derive(Debug, Parser)]
struct Fuzz {
    /// How many
    #[arg(long, default_value_t = 1_000_000)]
    runs: u64,
    /// The number of the first
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// What everything follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where files that ended in a panic are kept
    #[arg(long, value_name = "FOLDER", default_value = "target/fuzz")]
    keep: PathBuf,
}

fn main() -> anyhow::Result<ExitCode> {
    let fuzz = Fuzz::parse();
    let bar = ProgressBar::new(fuzz.runs)
        .with_style(ProgressStyle::with_template("{bar:40} {human_pos} of {human_len}, {per_sec}, {eta}")?);
    let began = Instant::now();
    let fuzzed = readers::fuzz(fuzz.first, fuzz.runs, fuzz.seed, |so_far| {
        if so_far.runs % 1_000 == 0 {
            bar.set_position(so_far.runs);
        }
    })?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} runs, {} of them workbooks, in {seconds:.0} s: {:.0} a second",
        fuzzed.runs,
        fuzzed.workbooks,
        fuzzed.runs as f64 / seconds
    );
    println!("{} opened as tables, {} rows became records", fuzzed.opened, fuzzed.records);
    for (answer, times) in &fuzzed.answers {
        println!("{times:>10}  {answer}");
    }
    println!("{} panics", fuzzed.panics.len());
    for (run, bytes) in &fuzzed.panics {
        fs::create_dir_all(&fuzz.keep)?;
        let path = fuzz.keep.join(format!("{run}"));
        fs::write(&path, bytes)?;
        println!("  run {run} is kept as {}", path.display());
    }
    Ok(if fuzzed.panics.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
