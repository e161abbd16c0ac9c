//! `status`, `export`, `return`, `verify`: what was received, and what follows from it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
};
use tenfold_web::{println, program};

use super::logging;
use crate::{
    combine::{self, Combined},
    dashboard::tidy,
    duties::{Aggregator, allow, prove, read, recover},
    store, submission,
};

/// What was received, what is late, what was refused; and first, while it lasts, that nothing is accepted.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// How the region stands.
#[derive(Serialize)]
struct RegionStatus {
    /// Why nothing is accepted, how far the log is back and who is waited for; nothing where the log is whole.
    recovering: Option<recover::Progress>,
    boroughs: Vec<BoroughStatus>,
}

#[derive(Serialize)]
struct BoroughStatus {
    borough: String,
    certificate: String,
    until: Option<Moment>,
    releases: usize,
    newest: Option<Quarter>,
    refused: i32,
    says: Option<String>,
}

impl Status {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let (kept, enrolments, rejections, away) =
            aggregator.store.read(|connection| -> anyhow::Result<_> {
                Ok((
                    store::releases::all(connection)?,
                    store::enrolments::all(connection)?,
                    store::releases::rejections(connection)?,
                    store::notices::away(connection)?,
                ))
            })?;
        let boroughs: Vec<BoroughStatus> = geography::boroughs()
            .iter()
            .map(|borough| {
                let enrolment = enrolments.iter().rfind(|enrolment| enrolment.borough == borough.code);
                let own = kept.iter().filter(|release| release.borough == borough.code);
                let refused = rejections.iter().filter(|(code, ..)| code == borough.code.as_str());
                BoroughStatus {
                    borough: borough.name.clone(),
                    certificate: enrolment.map(|enrolment| enrolment.fingerprint.clone()).unwrap_or_default(),
                    until: enrolment.map(|enrolment| enrolment.not_after),
                    releases: own.clone().count(),
                    newest: own.map(|release| release.quarter).max(),
                    refused: refused.map(|(_, _, count, _)| count).sum(),
                    says: away.get(&borough.code).map(|away| {
                        format!("{} since {}: {}", away.kind.as_str(), away.since, away.reason.words())
                    }),
                }
            })
            .collect();
        let recovering = recover::progress(aggregator)?;
        if self.json {
            return program::print_json(&RegionStatus { recovering, boroughs });
        }
        if recovering.is_some() {
            println!("{}", logging::in_words(recovering.as_ref()));
        }
        let mut table = program::table(&[
            "Borough",
            "Releases",
            "Newest",
            "Refused",
            "Says",
            "Enrolled until",
            "Node certificate",
        ]);
        for borough in boroughs {
            let word = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
            table.add_row([
                borough.borough,
                borough.releases.to_string(),
                word(borough.newest.map(|quarter| quarter.to_string())),
                borough.refused.to_string(),
                borough.says.unwrap_or_default(),
                word(borough.until.map(|until| until.to_string())),
                borough.certificate,
            ]);
        }
        println!("{table}");
        for gap in allow::gaps(aggregator)?.in_words(named) {
            println!("{gap}");
        }
        Ok(())
    }
}

/// A borough's name; any other text as it is.
pub(super) fn named(code: &str) -> String {
    let found = geography::boroughs().iter().find(|borough| borough.code.as_str() == code);
    found.map_or_else(|| code.to_owned(), |borough| borough.name.clone())
}

/// Verify the log and every kept release and receipt offline; names the first fault.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let verified = prove::verify(aggregator)?;
        if self.json {
            return program::print_json(&verified);
        }
        println!(
            "Sound: a log of {} entries, {} releases with their receipts, {} acts.",
            verified.entries, verified.releases, verified.acts
        );
        Ok(())
    }
}

/// Print every unbiased figure that is not by ward, with its standard error, as JSON.
#[derive(Debug, Args)]
pub(super) struct Figures;

impl Figures {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let (policy, releases) = read::accepted(aggregator)?;
        let combined = Combined::new(&policy, &releases)?;
        program::print_json(&combine::list(&policy, &combined)?)
    }
}

/// Write every table as CSV: figures with standard errors, and who has sent which quarter.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Folder to write into
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Export {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let picture = read::picture(aggregator)?;
        write(&self.out, "figures.csv", &tidy::figures(&picture)?)?;
        write(&self.out, "completeness.csv", &tidy::arrivals(&picture))?;
        Ok(())
    }
}

/// Make the national return of a quarter: its checks, and with --out its files.
#[derive(Debug, Args)]
pub(super) struct Return {
    /// The quarter, such as 2017-Q1
    quarter: Quarter,
    /// Why a borough's release is not here, such as E08000004="system change"; as often as needed
    #[arg(long, value_name = "BOROUGH=WORDS", value_parser = explanation)]
    explain: Vec<(BoroughCode, String)>,
    /// Folder to write the CSV file and its metadata into
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print the return as JSON
    #[arg(long)]
    json: bool,
}

impl Return {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let explanations = self.explain.into_iter().collect();
        let made = submission::Return::of(&read::picture(aggregator)?, self.quarter, &explanations)?;
        let checks = submission::checks(&made);
        if self.json {
            program::print_json(&made)?;
        } else {
            let mut table = program::table(&["Check", "", "Found"]);
            for check in &checks {
                let holds = if check.holds { "holds" } else { "does not hold" };
                table.add_row([check.name.as_str(), holds, check.found.as_str()]);
            }
            println!("{table}");
        }
        if let Some(out) = &self.out {
            let files = submission::files(&made);
            write(out, &files.csv_name, &files.csv)?;
            write(out, &files.metadata_name, &files.metadata)?;
        }
        let failed: Vec<&str> =
            checks.iter().filter(|check| !check.holds).map(|check| check.name.as_str()).collect();
        anyhow::ensure!(failed.is_empty(), "the return is not ready: {}", failed.join("; "));
        Ok(())
    }
}

fn explanation(text: &str) -> anyhow::Result<(BoroughCode, String)> {
    let (borough, words) =
        text.split_once('=').with_context(|| format!("{text:?} is not a borough's code, '=' and words"))?;
    Ok((borough.parse()?, words.to_owned()))
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, text))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    println!("{}", path.display());
    Ok(())
}
