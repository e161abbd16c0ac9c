//! `certificate`: the node certificate, until when it holds, and its renewal.

use std::{fs, path::PathBuf};

use anyhow::Context;
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
    Request(Request),
    Use(Use),
}

/// Write a certificate request over a new key, for the council's own certificate authority. The certificate needs one URI
/// name, urn:tenfold:borough:CODE, and the usage client authentication.
#[derive(Debug, Args)]
pub(super) struct Request {
    /// File to write, PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Use a certificate of the council's own authority, which the region trusts for this borough. The council renews it.
#[derive(Debug, Args)]
pub(super) struct Use {
    /// The certificate, and those between it and the authority, PEM
    chain: PathBuf,
    /// Who decides so
    #[arg(long, value_name = "NAME")]
    by: String,
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
            Self::Request(command) => {
                fs::write(&command.out, renew::request_for_own(node)?)
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{}", command.out.display());
                Ok(())
            }
            Self::Use(command) => {
                let chain = fs::read_to_string(&command.chain)
                    .with_context(|| format!("{} cannot be read", command.chain.display()))?;
                renew::take_own(node, &chain, &command.by)?;
                print(node, false)
            }
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
