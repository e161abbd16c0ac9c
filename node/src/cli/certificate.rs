//! `certificate`: the node certificate, until when it holds, and its renewal.

use clap::{Args, Subcommand};
use tenfold_web::{println, program};

use super::releases::runtime;
use crate::{
    duties::{Node, renew},
    keys::Stands,
    settings::Settings,
};

/// What can be done with the node certificate.
#[derive(Debug, Subcommand)]
pub(super) enum CertificateCommand {
    Show(Show),
    Renew(Renew),
}

/// Until when the node certificate holds, when it renews itself, and what would hinder that.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Renew the node certificate now, over a new key made here. `serve` and `deliver` do it by themselves once half of its
/// life is over; the old certificate goes on until its end.
#[derive(Debug, Args)]
pub(super) struct Renew {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl CertificateCommand {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Show(show) => print(node, show.json),
            Self::Renew(command) => {
                runtime()?.block_on(renew::renew(node, &settings.way()?))?;
                print(node, command.json)
            }
        }
    }
}

fn print(node: &Node, json: bool) -> anyhow::Result<()> {
    let certificate = renew::certificate(node)?;
    if json {
        return program::print_json(&certificate);
    }
    let mut table = program::table(&["Node certificate", ""]);
    table.add_row(["Fingerprint", &certificate.fingerprint]);
    table.add_row(["Holds from", &certificate.begins.to_string()]);
    table.add_row(["Holds until", &certificate.ends.to_string()]);
    table.add_row(["Renews itself from", &certificate.renewal_due.to_string()]);
    table.add_row(["Its key stands in", certificate.key.in_words()]);
    println!("{table}");
    if certificate.expired {
        println!("It has expired.");
    }
    if let Some(hindrance) = certificate.hindrance {
        println!("It cannot be renewed here: {hindrance}.");
    } else if certificate.key == Stands::Credentials {
        println!(
            "A renewed certificate has a new key. It is kept in the node's key folder: a program cannot write credentials."
        );
    }
    Ok(())
}
