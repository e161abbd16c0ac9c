//! `draw`: rights to draw, of which each quarter of a borough needs one.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use tenfold_common::{geography::BoroughCode, protocol::PublicKey};
use tenfold_web::{println, program};

use crate::{
    combine::borough_name,
    duties::{Aggregator, draw, log, release_keys},
    store,
};

#[derive(Debug, Subcommand)]
pub(super) enum DrawCommand {
    /// Every right that was given, oldest first
    List(List),
    /// Answer a request that a borough carried here as a file
    Answer(Answer),
    /// Let one copy of a borough's node, which was refused, be the borough's node
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

/// Let one copy of a borough's node, which was refused, be the borough's node. For a node that was restored from a
/// backup older than its last right or its release key: only once the borough has said, by telephone, that no other
/// copy will ever run again. It serves that copy alone.
#[derive(Debug, Args)]
pub(super) struct Renew {
    /// The borough
    #[arg(long, value_name = "CODE")]
    borough: BoroughCode,
    /// The copy that goes on, by the code that its refusal named
    #[arg(long, value_name = "CODE", required_unless_present = "release_key")]
    copy: Option<String>,
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
                        draw::code(&right.nonce_sha256).to_owned(),
                    ]);
                }
                println!("{table}");
            }
            Self::Answer(command) => {
                let request = fs::read_to_string(&command.request)
                    .with_context(|| format!("{} cannot be read", command.request.display()))?;
                let answer = draw::give_carried(aggregator, request.trim(), &command.by)?;
                fs::write(&command.out, log::carried(aggregator, &answer)?)
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{}", command.out.display());
            }
            Self::Renew(command) => {
                if let Some(key) = &command.release_key {
                    let lost = release_keys::lose_after(aggregator, &command.borough, key, &command.by)?;
                    let lost: Vec<String> = lost.iter().map(PublicKey::id).collect();
                    let lost = if lost.is_empty() { "none".to_owned() } else { lost.join(", ") };
                    println!("Key {key} signs from here on. Lost, signing nothing for ever: {lost}.");
                }
                if let Some(copy) = &command.copy {
                    draw::renew(aggregator, &command.borough, copy, &command.by)?;
                    println!("Copy {copy} of {}'s node is its node.", borough_name(&command.borough));
                }
            }
        }
        Ok(())
    }
}
