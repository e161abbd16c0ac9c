//! `agreement`, `intake`, `decide`, `synth`: records in, outcomes decided.

use std::{fs, path::PathBuf};

use anyhow::{Context, bail, ensure};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use tenfold_common::{calendar::Quarter, geography::BoroughCode};
use tenfold_store::Role;
use tenfold_web::{println, program};

use super::{Person, matching};
use crate::{
    duties::{
        Node, decide,
        load::{self, GivenFile, LoadReport, LoadRequest, Outcome},
        weigh,
    },
    register::{Days, SourceKind},
    store,
    synth::{self, Moving, SynthPlan},
};

#[derive(Debug, Subcommand)]
pub(super) enum AgreementCommand {
    /// Record the agreement under which a source is loaded
    Record(Record),
    /// List sources and their agreements
    List,
}

/// Record a sharing agreement; a newer one of the same source replaces it.
#[derive(Debug, Args)]
pub(super) struct Record {
    /// early-help, school-sessions, police, dwp, social-care or episodes
    #[arg(value_parser = source)]
    source: SourceKind,
    /// The agreement's own reference
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// Who records it
    #[arg(long, value_name = "NAME")]
    by: String,
}

pub(super) fn source(word: &str) -> Result<SourceKind, String> {
    let known: Vec<&str> = SourceKind::ALL.iter().map(|kind| kind.as_str()).collect();
    SourceKind::from_word(word).ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

impl AgreementCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Record(record) => {
                load::record_agreement(node, record.source, &record.reference, &record.by)?;
                println!("{} may be loaded under {}.", record.source.as_str(), record.reference);
            }
            Self::List => {
                let mut table = program::table(&["Source", "Agreement"]);
                for source in node.store.read(store::loads::sources)? {
                    let missing = source.agreement.is_empty();
                    let agreement =
                        if missing { "none: nothing is loaded".to_owned() } else { source.agreement };
                    table.add_row([source.source, agreement]);
                }
                println!("{table}");
            }
        }
        Ok(())
    }
}

/// Load extracts: CSV files, each recognised by its headings; only the dates are asked.
///
/// A file with bad rows is refused with every place, reason and fix named; with --take-good-rows its good rows
/// are taken and the bad ones wait in quarantine. A row that comes again updates what it said before.
#[derive(Debug, Args)]
pub(super) struct Intake {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The day on which the source made the files
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: NaiveDate,
    /// First day they cover; outside these days no record means not known, never nothing
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: NaiveDate,
    /// Last day they cover
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: NaiveDate,
    /// What part of the borough they cover, if not all of it
    #[arg(long, value_name = "TEXT", default_value = "")]
    area: String,
    /// Take the good rows of a file that also has bad ones, and a file without rows as "nothing happened"
    #[arg(long)]
    take_good_rows: bool,
    /// Say what would happen and change nothing
    #[arg(long)]
    dry_run: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    person: Person,
}

impl Intake {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        ensure!(self.from <= self.to, "the data cover no day: {} comes after {}", self.from, self.to);
        let by = self.person.sign_in(node, Role::Analyst)?;
        let files = self
            .files
            .iter()
            .map(|path| {
                fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
                Ok(GivenFile::at(path))
            })
            .collect::<anyhow::Result<Vec<GivenFile>>>()?;
        let mut request = LoadRequest::new(self.as_of, Days { from: self.from, to: self.to });
        request.area = self.area;
        request.take_good_rows = self.take_good_rows;
        request.dry_run = self.dry_run;
        let bar = program::progress();
        let reports = load::load(node, &files, &request, &by, |file, read, size| bar.show(file, read, size))?;
        bar.done();
        if self.json {
            program::print_json(&reports)?;
            return told(&reports);
        }
        let done = taken(&reports);
        if !self.dry_run {
            matching::hint(weigh::arrived_since(node)?);
        }
        done
    }
}

/// Shows what became of files; an error where one was refused.
pub(super) fn taken(reports: &[LoadReport]) -> anyhow::Result<()> {
    print(reports);
    told(reports)
}

fn told(reports: &[LoadReport]) -> anyhow::Result<()> {
    match reports.iter().find(|report| report.outcome == Outcome::Refused) {
        Some(report) => bail!("{}: {}", report.file, report.file_faults.join("; ")),
        None => Ok(()),
    }
}

fn print(reports: &[LoadReport]) {
    let mut table =
        program::table(&["File", "Recognised as", "", "Rows", "Not matched", "Asked", "In quarantine"]);
    for report in reports {
        let outcome = match report.outcome {
            Outcome::Loaded => "loaded",
            Outcome::WouldLoad => "would load",
            Outcome::TakenBefore => "taken before",
            Outcome::Refused => "refused",
        };
        table.add_row([
            report.file.clone(),
            report.recognised_as.clone().unwrap_or_else(|| "not recognised".to_owned()),
            outcome.to_owned(),
            report.rows.to_string(),
            report.unmatched.to_string(),
            report.queried.to_string(),
            report.quarantined.to_string(),
        ]);
    }
    println!("{table}");
    for report in reports {
        for note in &report.notes {
            println!("{}: {note}", report.file);
        }
    }
    for report in reports.iter().filter(|report| !report.faults.is_empty()) {
        println!("\n{}", report.file);
        let mut table = program::table(&["Line", "Column", "What is wrong", "Fix"]);
        for fault in &report.faults {
            table.add_row([
                fault.line.to_string(),
                fault.column.clone().unwrap_or_default(),
                fault.reason.clone(),
                fault.fix.clone(),
            ]);
        }
        println!("{table}");
    }
}

/// Decide where every family stands, and record who is attached. Results are recorded by `claim draft`.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    person: Person,
}

impl Decide {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.sign_in(node, Role::Analyst)?;
        let decided = decide::decide(node, &by)?;
        if self.json {
            return program::print_json(&decided);
        }
        let mut table = program::table(&["Where families stand", "Families"]);
        for (standing, count) in &decided.standings {
            table.add_row([standing.clone(), count.to_string()]);
        }
        println!("{table}");
        println!("Recorded now: {} attached.", decided.attached);
        if decided.closed > 0 {
            println!("{} recorded as closed now.", decided.closed);
        }
        if decided.attached_before > 0 {
            println!(
                "{} attached before Tenfold; counted in the opening position or not at all.",
                decided.attached_before
            );
        }
        if decided.used_elsewhere > 0 {
            println!("{} received from another borough; counted there, not here.", decided.used_elsewhere);
        }
        if decided.preparation {
            println!("The quarter that was prepared may count one of them: prepare it again.");
        }
        Ok(())
    }
}

/// Write synthetic extracts: what a borough's systems would export, by our own reading, and the truth beside them.
#[derive(Debug, Args)]
pub(super) struct Synth {
    /// The borough's GSS code
    #[arg(long, value_name = "CODE")]
    borough: BoroughCode,
    /// Folder to write into
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The first quarter
    #[arg(long, value_name = "QUARTER", default_value = "2015-Q2")]
    first_quarter: Quarter,
    /// How many quarters, at most 24
    #[arg(long, default_value_t = 8)]
    quarters: usize,
    /// What everything follows from
    #[arg(long, default_value_t = 2015)]
    seed: u64,
    /// Size of the programme against the published one
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Share of families with a child recorded twice
    #[arg(long)]
    duplicates: Option<f64>,
    /// Share of families that move within the borough
    #[arg(long)]
    moves: Option<f64>,
    /// Share of fields left blank where a record can do without
    #[arg(long)]
    missing: Option<f64>,
    /// Share of extra rows that cannot be read
    #[arg(long)]
    malformed: Option<f64>,
    /// The boroughs between which one family moves, FROM:TO [default: E08000001:E08000002]
    #[arg(long, value_name = "FROM:TO", value_parser = moving)]
    moving: Option<Moving>,
}

fn moving(text: &str) -> Result<Moving, String> {
    let refuse = || "expected two GSS codes, such as E08000001:E08000002".to_owned();
    let (from, to) = text.split_once(':').ok_or_else(refuse)?;
    Ok(Moving { from: from.parse().map_err(|_| refuse())?, to: to.parse().map_err(|_| refuse())? })
}

impl Synth {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let shares = [self.duplicates, self.moves, self.missing, self.malformed];
        let fits = |share: &f64| (0.0..=1.0).contains(share);
        ensure!(shares.iter().flatten().all(fits), "a share lies between 0 and 1");
        ensure!(
            self.scale > 0.0 && self.scale <= 10.0,
            "the scale is {}, expected above 0 and up to 10",
            self.scale
        );
        let mut plan = SynthPlan::new(self.borough, self.seed);
        plan.first_quarter = self.first_quarter;
        plan.quarters = self.quarters;
        plan.scale = self.scale;
        plan.shares.duplicates = self.duplicates.unwrap_or(plan.shares.duplicates);
        plan.shares.moves = self.moves.unwrap_or(plan.shares.moves);
        plan.shares.missing = self.missing.unwrap_or(plan.shares.missing);
        plan.shares.malformed = self.malformed.unwrap_or(plan.shares.malformed);
        if self.moving.is_some() {
            plan.moving = self.moving;
        }
        let written = synth::write(&plan, &self.out)?;
        println!(
            "{} families in {} rows under {}; {} are attached and {} come to a result.",
            written.families,
            written.rows,
            self.out.display(),
            written.attached,
            written.results
        );
        Ok(())
    }
}
