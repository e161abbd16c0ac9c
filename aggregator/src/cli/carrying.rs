//! `receive`: a release that a borough carried here as a file.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use tenfold_web::println;

use crate::duties::{Aggregator, log, receive};

/// Take a release that a borough carried here as a file, and write its receipt.
///
/// The borough's own release key speaks for it, and every check is that of the wire. The same file again gets the same
/// receipt. The borough brings the receipt in with `tenfold-node release receipt`.
#[derive(Debug, Args)]
pub(super) struct Receive {
    /// The release, written with `tenfold-node release carry`
    release: PathBuf,
    /// Where to write the receipt
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Who takes it
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Receive {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let release = fs::read_to_string(&self.release)
            .with_context(|| format!("{} cannot be read", self.release.display()))?;
        let receipt = receive::receive_carried(aggregator, release.trim(), &self.by)?;
        let receipt = log::carried(aggregator, &receipt)?;
        fs::write(&self.out, receipt).with_context(|| format!("{} cannot be written", self.out.display()))?;
        println!("Received; carry {} home to the borough.", self.out.display());
        Ok(())
    }
}
