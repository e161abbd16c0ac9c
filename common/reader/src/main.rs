//! `tenfold-log`: checks a whole log of the region from files alone.
//!
//! The trees are built by another library than node and aggregator use, so that one fault cannot hide in both.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;
use tenfold_common::{
    log::{Checkpoint, LogFile},
    protocol::{PublicKey, receipt},
};

/// Check a whole log of the region from files alone: needs no node, no aggregator, no network.
///
/// Every entry is put into the tree again and every signed checkpoint held against it. With checkpoints from another
/// borough, or receipts with their releases, the log is held against those too: a history that was changed for one
/// reader does not fit what another one keeps.
///
/// Exit codes: 0 sound · 1 not sound, the reason is on standard error · 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "tenfold-log", version)]
struct Cli {
    /// The log, written with `tenfold-node log export` or `tenfold-aggregator log export`
    log: PathBuf,
    /// The region's receipt key, as its bundle has it [default: the one the file names, which proves less]
    #[arg(long, value_name = "KEY")]
    key: Option<PublicKey>,
    /// Another borough's exported log, whose checkpoints are held against this one; may be repeated
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// A receipt, followed by the release it is for; may be repeated
    #[arg(long, num_args = 2, value_names = ["RECEIPT", "RELEASE"])]
    receipt: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn read(path: &PathBuf) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn run(cli: &Cli) -> anyhow::Result<String> {
    let log = LogFile::read(&read(&cli.log)?).with_context(|| cli.log.display().to_string())?;
    let key = cli.key.as_ref().unwrap_or(&log.receipt_key);
    ensure!(*key == log.receipt_key, "the log names another receipt key than the one given");
    log.verify()?;

    let mut checkpoints: Vec<(String, Checkpoint)> = Vec::new();
    let mut add = |from: String, signed: &str| -> anyhow::Result<()> {
        let opened = Checkpoint::open(signed, key).with_context(|| format!("a checkpoint of {from}"))?;
        checkpoints.push((from, opened));
        Ok(())
    };
    for signed in &log.checkpoints {
        add(cli.log.display().to_string(), signed)?;
    }
    for path in &cli.against {
        let other = LogFile::read(&read(path)?).with_context(|| path.display().to_string())?;
        for signed in &other.checkpoints {
            add(path.display().to_string(), signed)?;
        }
    }
    let mut receipts = 0;
    for pair in cli.receipt.chunks(2) {
        let [receipt, release] = pair else { bail!("expected a release after each receipt") };
        // One that was carried home has the log after it.
        let signed = read(receipt)?;
        let signed = signed.trim().lines().next().unwrap_or_default();
        let verified = receipt::verify(signed, read(release)?.trim(), key)
            .with_context(|| receipt.display().to_string())?;
        let entry = usize::try_from(verified.receipt.log_index).ok().and_then(|index| log.entries.get(index));
        ensure!(
            entry == Some(&verified.receipt.entry()),
            "{}: the log does not have its release where it says",
            receipt.display()
        );
        checkpoints.push((receipt.display().to_string(), verified.checkpoint));
        receipts += 1;
    }
    checkpoints.sort_by_key(|(_, checkpoint)| checkpoint.size);
    roots(&log, &checkpoints)?;
    let (entries, checkpoints) = (log.entries.len(), checkpoints.len());
    Ok(format!("Sound: {entries} entries, {checkpoints} signed checkpoints, {receipts} receipts."))
}

/// Builds the tree a second time, with the other library, and holds each checkpoint against it on the way.
fn roots(log: &LogFile, checkpoints: &[(String, Checkpoint)]) -> anyhow::Result<()> {
    let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut size = 0;
    for (from, checkpoint) in checkpoints {
        while size < checkpoint.size {
            let entry = usize::try_from(size).ok().and_then(|index| log.entries.get(index));
            let entry = entry.with_context(|| {
                format!("a checkpoint of {from} speaks of {} entries, the log has {size}", checkpoint.size)
            })?;
            tree.push(entry.bytes()?);
            size += 1;
        }
        let root = hex::encode(tree.root().as_bytes());
        ensure!(
            root == checkpoint.root.to_string(),
            "a checkpoint of {from} for {size} entries has the root {}, this log {root}: the history was changed",
            checkpoint.root
        );
    }
    Ok(())
}
