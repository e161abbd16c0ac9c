//! Reads spoilt messages, node certificates and logs until it is told to stop.

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use tenfold_tests::messages;

/// Read spoilt messages, certificates and logs with the readers of both programs; a panic, a hang or a text taken that
/// nobody signed is a failure, and what was read is kept.
///
/// The keys are drawn anew each time; the rest of what run N reads follows from the seed and N alone.
#[derive(Debug, Parser)]
struct Fuzz {
    /// How many
    #[arg(long, default_value_t = 1_000_000)]
    runs: u64,
    /// The number of the first
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// What everything but the keys follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where what ended badly is kept
    #[arg(long, value_name = "FOLDER", default_value = "target/fuzz")]
    keep: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let fuzz = Fuzz::parse();
    let corpus = messages::corpus().await?;
    let bar = ProgressBar::new(fuzz.runs)
        .with_style(ProgressStyle::with_template("{bar:40} {human_pos} of {human_len}, {per_sec}, {eta}")?);
    let began = Instant::now();
    let fuzzed = messages::fuzz(&corpus, fuzz.first, fuzz.runs, fuzz.seed, |so_far| {
        if so_far.runs % 1_000 == 0 {
            bar.set_position(so_far.runs);
        }
    });
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    for (answer, times) in &fuzzed.answers {
        println!("{times:>10}  {answer}");
    }
    println!("{} runs in {seconds:.0} s: {:.0} a second", fuzzed.runs, fuzzed.runs as f64 / seconds);
    let bad = [("panics", &fuzzed.panics), ("hangs", &fuzzed.slow), ("forgeries", &fuzzed.forged)];
    for (what, runs) in bad {
        println!("{} {what}", runs.len());
        for (run, bytes) in runs {
            fs::create_dir_all(&fuzz.keep)?;
            let path = fuzz.keep.join(format!("message-{run}"));
            fs::write(&path, bytes)?;
            println!("  run {run} is kept as {}", path.display());
        }
    }
    Ok(if bad.iter().all(|(_, runs)| runs.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
