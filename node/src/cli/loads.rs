//! `load`: what was taken, its quarantine and questions, and undoing it.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use tenfold_common::clock::Moment;
use tenfold_store::Role;
use tenfold_web::{println, program};

use super::{Person, records};
use crate::duties::{
    Node,
    load::{self, GivenFile, LoadRequest},
    look, places, quality,
    quarantine::{self, Exported},
    queries, undo,
};
use crate::register::Days;

#[derive(Debug, Subcommand)]
pub(super) enum LoadCommand {
    /// List loads, undone ones too
    List(Listing),
    /// One load: where it came from, what it holds, what waits
    Show(Show),
    /// Undo a load as a whole; the trail keeps both acts
    Undo(Undo),
    /// Write the rows in quarantine as a file to be mended, with what is wrong beside each
    Quarantine(Quarantine),
    /// Load a mended quarantine; dates and agreement are those of the load it mends
    Mend(Mend),
    /// List questions that good rows raised, with their explanations
    Queries(Queries),
    /// Take the borough's own file of places: uprn or postcode, and ward; for rows whose source gives no ward
    Places(Places),
    /// The data-quality report: coverage, gaps, overlaps, how full each column is
    Quality(Listing),
    /// Explain a question; the explanation stands when the same row is sent again
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(super) struct Listing {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The load's number
    load: i64,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Undo a load. It is refused once a quarter was approved after the load: what was counted cannot be taken back.
#[derive(Debug, Args)]
pub(super) struct Undo {
    /// The load's number
    load: i64,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Quarantine {
    /// The load's number
    load: i64,
    /// File to write; the headings are those of the source, two columns say place and fix
    #[arg(long, value_name = "FILE.csv")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Mend {
    /// The load whose quarantine is mended
    load: i64,
    /// The mended file
    file: PathBuf,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Queries {
    /// Of this load only
    #[arg(long)]
    load: Option<i64>,
    /// Also those that are explained
    #[arg(long)]
    all: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Places {
    /// CSV with the headings uprn or postcode (or both), and ward
    file: PathBuf,
    /// The day the file is current as of
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: chrono::NaiveDate,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The load's number
    load: i64,
    /// The question's number within the load
    number: i64,
    /// The explanation
    #[arg(long, value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    person: Person,
}

impl LoadCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::List(command) => list(node, command.json),
            Self::Show(command) => show(node, command.load, command.json),
            Self::Undo(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let undone = undo::undo(node, command.load, &by)?;
                println!("Load {} ({}) is undone: {} rows are gone.", undone.load, undone.file, undone.rows);
                if undone.events > 0 {
                    println!(
                        "{} families recorded as attached since are so no longer; decide again.",
                        undone.events
                    );
                }
                if undone.preparation {
                    println!("The quarter prepared since was thrown away; prepare it again.");
                }
                Ok(())
            }
            Self::Quarantine(command) => {
                let Exported { text, rows } = quarantine::export(node, command.load)?;
                fs::write(&command.out, text)
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!(
                    "{rows} rows are in {}. Mend them there and load them: load mend {} {}",
                    command.out.display(),
                    command.load,
                    command.out.display()
                );
                Ok(())
            }
            Self::Mend(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let request = quarantine::mending(node, command.load)?;
                records::taken(&take(node, &command.file, &request, &by)?)
            }
            Self::Queries(command) => {
                let mut found = queries::list(node, command.load)?;
                found.retain(|query| command.all || query.explanation.is_none());
                if command.json {
                    return program::print_json(&found);
                }
                let mut table = program::table(&["Load", "No", "Line", "Column", "Question", "Explanation"]);
                for query in found {
                    table.add_row([
                        query.load.to_string(),
                        query.number.to_string(),
                        query.line.to_string(),
                        query.column,
                        query.question,
                        query.explanation.unwrap_or_default(),
                    ]);
                }
                println!("{table}");
                Ok(())
            }
            Self::Places(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let taken = places::take(node, &command.file, command.as_of, &by)?;
                println!("{} places were taken, {} lines passed over.", taken.places, taken.passed_over);
                Ok(())
            }
            Self::Quality(command) => quality(node, command.json),
            Self::Explain(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                queries::explain(node, command.load, command.number, &command.text, &by)?;
                println!("Explained; it stands when the same row is sent again.");
                Ok(())
            }
        }
    }
}

fn take(
    node: &Node,
    file: &std::path::Path,
    request: &LoadRequest,
    by: &tenfold_store::Account,
) -> anyhow::Result<Vec<load::LoadReport>> {
    let bar = program::progress();
    let reports =
        load::load(node, &[GivenFile::at(file)], request, by, |name, read, size| bar.show(name, read, size))?;
    bar.done();
    Ok(reports)
}

fn quality(node: &Node, json: bool) -> anyhow::Result<()> {
    let report = quality::report(node)?;
    if json {
        return program::print_json(&report);
    }
    for source in report {
        let spans = |days: &[Days]| match days {
            [] => "none".to_owned(),
            days => days.iter().map(|d| format!("{} to {}", d.from, d.to)).collect::<Vec<_>>().join(", "),
        };
        println!("{}", source.source);
        println!("  covered {}; gaps {}", spans(&source.covered), spans(&source.gaps));
        println!("  covered twice {}", spans(&source.overlaps));
        println!(
            "  {} rows, {} about nobody of a family here, {} wait in quarantine",
            source.rows, source.unmatched, source.quarantined
        );
        let mut table = program::table(&["Column", "Filled", "Of", "From", "To"]);
        for column in source.columns {
            table.add_row([
                column.heading,
                column.filled.to_string(),
                column.rows.to_string(),
                column.least.unwrap_or_default(),
                column.greatest.unwrap_or_default(),
            ]);
        }
        println!("{table}");
    }
    Ok(())
}

fn list(node: &Node, json: bool) -> anyhow::Result<()> {
    let loads = look::loads(node)?;
    if json {
        return program::print_json(&loads);
    }
    let mut table =
        program::table(&["Load", "File", "Source", "As of", "Covers", "Rows", "Waiting", "Loaded", ""]);
    for (load, waiting) in loads {
        table.add_row([
            load.id.to_string(),
            load.file_name,
            load.source,
            load.as_of.to_string(),
            format!("{} to {}", load.covers_from, load.covers_to),
            load.rows_taken.to_string(),
            waiting.to_string(),
            format!("{} by {}", Moment::from_naive(load.loaded_at), load.loaded_by),
            load.undone_at.map(|at| format!("undone {}", Moment::from_naive(at))).unwrap_or_default(),
        ]);
    }
    println!("{table}");
    Ok(())
}

fn show(node: &Node, id: i64, json: bool) -> anyhow::Result<()> {
    let (load, faults) = look::load(node, id)?.with_context(|| format!("there is no load {id}"))?;
    if json {
        return program::print_json(&load);
    }
    let mut table = program::table(&["", ""]);
    let mended = faults.iter().filter(|fault| fault.mended_by.is_some()).count();
    for (name, value) in [
        ("File", load.file_name),
        ("SHA-256", load.file_sha256),
        ("Source", format!("{} by the mapping {}", load.source, load.mapping)),
        ("Agreement", load.agreement),
        ("As of", load.as_of.to_string()),
        ("Covers", format!("{} to {}", load.covers_from, load.covers_to)),
        ("Area", if load.area.is_empty() { "the whole borough".to_owned() } else { load.area }),
        ("Loaded", format!("{} by {}", Moment::from_naive(load.loaded_at), load.loaded_by)),
        ("Rows taken", load.rows_taken.to_string()),
        ("About nobody of a family here", load.rows_unmatched.to_string()),
        ("Faults in quarantine", format!("{} of which {mended} came again", faults.len())),
    ] {
        table.add_row([name.to_owned(), value]);
    }
    println!("{table}");
    let mut table = program::table(&["Line", "Column", "What is wrong", "Fix"]);
    for fault in faults.into_iter().filter(|fault| fault.mended_by.is_none()) {
        table.add_row([fault.line.to_string(), fault.column, fault.reason, fault.fix]);
    }
    println!("{table}");
    Ok(())
}
