//! The demo: real programs as separate processes, real certificates, synthetic extracts, eight quarters.

mod cast;
mod quarters;
mod reckoning;
mod stage;
mod story;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Parser;
use tenfold_common::calendar::Quarter;

use cast::Cast;
use stage::Stage;

/// Run a whole federation: a region's aggregator and ten boroughs' nodes, from extracts to national return.
#[derive(Debug, Parser)]
#[command(name = "demo")]
pub struct Demo {
    /// End after the table, and fail unless everything verifies
    #[arg(long)]
    pub once: bool,
    /// Folder for everything the demo writes; emptied first
    #[arg(long, default_value = "demo-data")]
    pub folder: PathBuf,
    /// Size of the programme against the published one
    #[arg(long, default_value_t = 1.0)]
    pub scale: f64,
    /// Quarters to release
    #[arg(long, default_value_t = 8)]
    pub quarters: usize,
    /// What the synthetic extracts follow from
    #[arg(long, default_value_t = 2015)]
    pub seed: u64,
    /// First port of the pages: the region's, then ten boroughs'
    #[arg(long, default_value_t = 8180)]
    pub port: u16,
}

/// The first quarter of the demo's horizon.
pub(crate) fn first_quarter() -> Quarter {
    "2015-Q2".parse().expect("a literal quarter")
}

/// Runs the demo.
///
/// # Errors
/// Where a command fails; with `once` also where anything does not verify.
pub fn run(demo: &Demo) -> anyhow::Result<()> {
    let began = Instant::now();
    let stage = Stage::set(demo)?;
    println!(
        "Tenfold demo: one region, ten boroughs, {} quarters, in {}",
        demo.quarters,
        stage.folder.display()
    );
    println!(
        "Everything is synthetic, and a rehearsal: the programs obey a clock file that the demo moves.\n"
    );
    let mut cast = Cast::assemble(&stage)?;
    quarters::play(&stage, &cast)?;
    story::play(&stage, &cast)?;
    let reckoning = reckoning::reckon(&stage, &cast)?;
    reckoning.print();
    println!(
        "\n{:.0} s in all; peak memory of one program {} MiB.",
        began.elapsed().as_secs_f64(),
        stage::peak_memory()
    );
    if demo.once {
        cast.close();
        return reckoning.judge();
    }
    cast.open_pages(&stage)?;
    println!("Ctrl-C ends the demo; {} keeps everything it wrote.", stage.folder.display());
    wait_for_ctrl_c()?;
    cast.close();
    Ok(())
}

fn wait_for_ctrl_c() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::signal::ctrl_c()).context("Ctrl-C cannot be listened for")?;
    std::thread::sleep(Duration::from_millis(200));
    Ok(())
}
