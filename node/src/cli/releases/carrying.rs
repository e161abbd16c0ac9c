//! `release ask`, `answer`, `carry`, `receipt`: what somebody carries to the region and back for a node cut off.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use tenfold_web::println;

use super::{print_sealed, runtime};
use crate::duties::{Node, carry, deliver, right};

/// Write the request for the right to draw what is approved, for a node that is cut off from the region.
///
/// Carry the file to the region, which answers with `tenfold-aggregator draw answer`, and bring the answer in with
/// `release answer`. Where the aggregator can be reached, `deliver` does all of it.
#[derive(Debug, Args)]
pub(in crate::cli) struct AskRight {
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl AskRight {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match right::request_carried(node)? {
            Some(request) => {
                fs::write(&self.out, request)
                    .with_context(|| format!("{} cannot be written", self.out.display()))?;
                println!("Carry {} to the region; its answer serves once.", self.out.display());
            }
            None => println!("No quarter is approved and waits to be drawn."),
        }
        Ok(())
    }
}

/// Bring in the region's answer and draw at once. It serves once, for a day; after a crash ask again.
#[derive(Debug, Args)]
pub(in crate::cli) struct AnswerRight {
    /// The region's answer
    file: PathBuf,
}

impl AnswerRight {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let answer = fs::read_to_string(&self.file)
            .with_context(|| format!("{} cannot be read", self.file.display()))?;
        let sealed = runtime()?.block_on(deliver::seal_carried(node, carry::with_log(node, &answer)?))?;
        print_sealed(sealed.as_ref());
        Ok(())
    }
}

/// Write the oldest sealed release that has no receipt as a file, once its instant has come.
///
/// Carry the file to the region, which takes it with `tenfold-aggregator receive` and writes a receipt; bring that in
/// with `release receipt`. The bytes are those that `deliver` would send: carrying and sending both is no accident.
#[derive(Debug, Args)]
pub(in crate::cli) struct Carry {
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Carry {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match carry::next(node)? {
            Some(release) => {
                fs::write(&self.out, &release.bytes)
                    .with_context(|| format!("{} cannot be written", self.out.display()))?;
                println!(
                    "Carry {} to the region: release {} for {}.",
                    self.out.display(),
                    release.number,
                    release.quarter
                );
            }
            None => println!("Every sealed release has its receipt."),
        }
        Ok(())
    }
}

/// Bring in the region's receipt for a release that was carried.
#[derive(Debug, Args)]
pub(in crate::cli) struct CarriedReceipt {
    /// The receipt
    file: PathBuf,
    /// Who brings it
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl CarriedReceipt {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let signed = fs::read_to_string(&self.file)
            .with_context(|| format!("{} cannot be read", self.file.display()))?;
        let quarter = carry::receipt(node, &carry::with_log(node, &signed)?, &self.by)?;
        println!("{quarter}: received by the aggregator, receipt verified and kept.");
        Ok(())
    }
}
