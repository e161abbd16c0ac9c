//! `draw`: rights to draw, of which each quarter of a borough needs one.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use tenfold_common::geography::BoroughCode;
use tenfold_web::{println, program};

use crate::{
    combine::borough_name,
    duties::{Aggregator, draw, release_keys},
    store,
};

#[derive(Debug, Subcommand)]
pub(super) enum DrawCommand {
    /// Every right that was given, oldest first
    List(List),
    /// Answer a request that a borough carried here as a file
    Answer(Answer),
    /// Let whatever copy of a borough's node asks next be the borough's node
    Renew(Renew),
}

/// Every right that was given, oldest first. A borough's newest belongs to the copy of its node that draws.
#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Answer a request that a borough carried here as a file; the answer serves once, for a day.
#[derive(Debug, Args)]
pub(super) struct Answer {
    /// The request, made with `tenfold-node release ask`
    request: PathBuf,
    /// Where to write the answer
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Who answers
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Let whatever copy of a borough's node asks next be the borough's node. For a node that was restored from a backup
/// older than its last right: only once the borough has said, by telephone, that no other copy will ever run again.
#[derive(Debug, Args)]
pub(super) struct Renew {
    /// The borough
    #[arg(long, value_name = "CODE")]
    borough: BoroughCode,
    /// The release key that the copy has which goes on, where later ones are lost with the copies that made them: they
    /// sign nothing then
    #[arg(long, value_name = "KEY")]
    release_key: Option<String>,
    /// Who takes the borough's word
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl DrawCommand {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        match self {
            Self::List(list) => {
                let rights = aggregator.store.read(store::draw_rights::all)?;
                if list.json {
                    return program::print_json(&rights);
                }
                let mut table = program::table(&["Right", "Borough", "Quarter", "At", "By", "Asked with"]);
                for right in rights {
                    let quarter = right.quarter.map_or("renewed".to_owned(), |quarter| quarter.to_string());
                    let by = if right.by.is_empty() { "the node".to_owned() } else { right.by };
                    table.add_row([
                        right.number.to_string(),
                        borough_name(&right.borough).to_owned(),
                        quarter,
                        right.at.to_string(),
                        by,
                        right.nonce_sha256[..12].to_owned(),
                    ]);
                }
                println!("{table}");
            }
            Self::Answer(command) => {
                let request = fs::read_to_string(&command.request)
                    .with_context(|| format!("{} cannot be read", command.request.display()))?;
                let answer = draw::give_carried(aggregator, request.trim(), &command.by)?;
                fs::write(&command.out, answer)
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{}", command.out.display());
            }
            Self::Renew(command) => {
                if let Some(key) = &command.release_key {
                    let lost = release_keys::lose_after(aggregator, &command.borough, key, &command.by)?;
                    println!("Key {key} signs from here on; {lost} that followed it sign nothing.");
                }
                draw::renew(aggregator, &command.borough, &command.by)?;
                println!("The next copy of {}'s node that asks is its node.", borough_name(&command.borough));
            }
        }
        Ok(())
    }
}
