//! The region's log for people, the same in both programs.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use tenfold_common::{
    geography,
    log::{Entry, Event, LogFile},
};

use crate::{println, program};

/// Show the newest entries of the region's log.
#[derive(Debug, Args)]
pub struct Show {
    /// How many, from the end
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    last: usize,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    /// Prints entries.
    ///
    /// # Errors
    /// Where they cannot be written as JSON.
    pub fn print(&self, entries: &[Entry]) -> anyhow::Result<()> {
        let newest = &entries[entries.len().saturating_sub(self.last)..];
        if self.json {
            return program::print_json(&newest);
        }
        let mut table = program::table(&["Entry", "At", "What", "Borough", "Of"]);
        for entry in newest {
            let borough = entry.event.borough();
            let name =
                borough.map(|code| geography::borough(code).map_or(code.as_str(), |known| &known.name));
            table.add_row([
                entry.index.to_string(),
                entry.at.to_string(),
                entry.event.kind().to_string(),
                name.unwrap_or("").to_owned(),
                spoken_of(&entry.event),
            ]);
        }
        println!("{table}");
        Ok(())
    }
}

fn spoken_of(event: &Event) -> String {
    let short = |hash: &str| hash.chars().take(16).collect();
    match event {
        Event::Policy { hash } | Event::Question { hash } => short(hash),
        Event::Enrolment { fingerprint, .. } | Event::Denial { fingerprint } => short(fingerprint),
        Event::ReleaseKey { new_key, from_release, .. } => {
            format!("key {} from release {from_release}", new_key.id())
        }
        Event::ReleaseKeyLost { key, .. } => format!("key {} signs nothing", key.id()),
        Event::Right { quarter: Some(quarter), .. } => quarter.to_string(),
        Event::Right { quarter: None, nonce_sha256, .. } => {
            format!("copy {} by a person's word", nonce_sha256.get(..8).unwrap_or_default())
        }
        Event::Release { quarter, number, .. } => format!("{quarter}, release {number}"),
        Event::Receipt { quarter, .. } => quarter.to_string(),
    }
}

/// Write the whole log with its signed checkpoints as a file; `tenfold-log FILE` checks it anywhere.
#[derive(Debug, Args)]
pub struct Export {
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Export {
    /// Writes a log.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, log: &LogFile) -> anyhow::Result<()> {
        fs::write(&self.out, log.write()?)
            .with_context(|| format!("{} cannot be written", self.out.display()))?;
        println!(
            "{}: {} entries, {} signed checkpoints. Check it anywhere with `tenfold-log`.",
            self.out.display(),
            log.entries.len(),
            log.checkpoints.len()
        );
        Ok(())
    }
}
