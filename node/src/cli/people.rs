//! `person` and `family`: consent and objection, access requests, erasure.

use std::{fs, path::PathBuf};

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use tenfold_store::Role;
use tenfold_web::{println, program};

use super::{Person, matching, records};
use crate::{
    duties::{
        Node, ask,
        rights::{self, StandingKind},
    },
    register::SourceKind,
};

#[derive(Debug, Subcommand)]
pub(super) enum PersonCommand {
    /// Record consent, its withdrawal, an objection, a restriction, or that one was lifted
    Says(Says),
    /// List what people said of their records
    Said(Said),
    /// Write a check list: people of attached families about whom DWP, schools or the police are asked
    Ask(Ask),
    /// Write everything held about a person: the answer to an access request, third parties and safety marked
    Export(Export),
}

/// Record what a person said. From an objection or restriction on the whole family is neither counted nor claimed.
#[derive(Debug, Args)]
pub(super) struct Says {
    /// The person, such as P12
    #[arg(value_parser = matching::person)]
    who: i64,
    /// consent, withdrawal, objection, restriction or lifted
    #[arg(value_parser = kind)]
    what: StandingKind,
    /// Version of the form, or reference of the letter
    #[arg(long, value_name = "TEXT")]
    form: String,
    /// The day it was given
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: NaiveDate,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Said {
    /// Of this person only
    #[arg(value_parser = matching::person)]
    who: Option<i64>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Write a check list, in the layout in which the answer comes back. For DWP that layout has a column Answer:
/// Benefit, Employment, None or Not traced, which is kept apart from None; a blank answer is no answer. Of the
/// others, who is not found is loaded as "Not traced" with the circumstances layout.
#[derive(Debug, Args)]
pub(super) struct Ask {
    /// dwp, school-sessions, police, social-care or housing
    #[arg(value_parser = records::source)]
    source: SourceKind,
    /// File to write
    #[arg(long, value_name = "FILE.csv")]
    out: PathBuf,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The person, such as P12
    #[arg(value_parser = matching::person)]
    who: i64,
    /// File to write, JSON
    #[arg(long, value_name = "FILE.json")]
    out: PathBuf,
    #[command(flatten)]
    person: Person,
}

fn kind(word: &str) -> Result<StandingKind, String> {
    StandingKind::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = StandingKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

impl PersonCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Says(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                rights::record(node, command.who, command.what, &command.form, command.on, &by)?;
                println!("Recorded: {} of P{} on {}.", command.what.as_str(), command.who, command.on);
                Ok(())
            }
            Self::Said(command) => {
                let said = rights::said(node, command.who)?;
                if command.json {
                    return program::print_json(&said);
                }
                let mut table = program::table(&["Person", "What", "Form", "On", "Recorded"]);
                for said in said {
                    table.add_row([
                        said.person,
                        said.kind.as_str().to_owned(),
                        said.form,
                        said.on.to_string(),
                        format!("{} by {}", said.recorded_at, said.recorded_by),
                    ]);
                }
                println!("{table}");
                Ok(())
            }
            Self::Ask(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let list = ask::check_list(node, command.source, &by)?;
                fs::write(&command.out, &list.text)
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{} people are in {}.", list.people, command.out.display());
                if !list.incomplete.is_empty() {
                    let mut table = program::table(&["Person", "Missing"]);
                    for (person, missing) in list.incomplete {
                        table.add_row([person, missing]);
                    }
                    println!("They are found more surely with what is missing here:\n{table}");
                }
                Ok(())
            }
            Self::Export(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let export = rights::export(node, command.who, &by)?;
                let text = serde_json::to_string_pretty(&export)?;
                fs::write(&command.out, text)
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{} rows are in {}.", export.rows.len(), command.out.display());
                println!(
                    "Before it is given: {} fields are about somebody else too, {} rows are marked for safety.",
                    export.third_party_fields, export.safety_rows
                );
                Ok(())
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum FamilyCommand {
    /// Erase a family's records; that it was counted stays under keyed hashes until the horizon ends
    Erase(Erase),
}

/// Erase a family. Refused where a claim was ever made of it: what a claim relied on is kept for audit.
#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The family, such as F7
    #[arg(value_parser = matching::family)]
    family: i64,
    #[command(flatten)]
    person: Person,
}

impl FamilyCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Erase(command) => {
                let by = command.person.sign_in(node, Role::Approver)?;
                let erased = rights::erase(node, command.family, &by)?;
                println!("F{} is erased: {} rows are gone.", command.family, erased.rows);
                if erased.remembered > 0 {
                    println!(
                        "It was counted: keyed hashes of {} of its members' numbers stay until the horizon ends, so \
                         that it is not counted again.",
                        erased.remembered
                    );
                }
                println!("Files on disk were not looked through.");
                println!("The source holds the family still: a load that names it brings it back.");
                Ok(())
            }
        }
    }
}
