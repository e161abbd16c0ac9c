//! `release`, `deliver`, `status`, `ledger`: from prepared to receipted.

mod answers;
mod carrying;
mod showing;
mod standing;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenfold_common::{calendar::Quarter, protocol::rejections::Rejection};
use tenfold_store::Role;

use tenfold_web::{println, program};

use super::Person;
use crate::{
    duties::{
        DutyError, Node, deliver, prepare, renew, rotate,
        status::{self, QuarterState},
        verify,
    },
    settings::Settings,
    store::releases::Sealed,
};

#[derive(Debug, Subcommand)]
pub(super) enum ReleaseCommand {
    /// Freeze a quarter's tables for approval; costs nothing and may be done again
    Prepare(Prepare),
    /// Show a prepared quarter as its approver sees it
    Show(showing::Show),
    /// Return a prepared quarter to its preparer with a comment
    Return(answers::SendBack),
    /// Approve a prepared quarter as it was shown; charges, draws and seals it
    Approve(answers::Approve),
    /// Declare a quarter void, for ever: nothing is drawn, its families count in the next
    Void(answers::Refuse),
    /// Approve routine quarters beforehand, for a year at most: give, revoke, list
    #[command(subcommand)]
    Standing(standing::StandingCommand),
    /// Write the request for the right to draw, for a node that is cut off from the region
    Ask(carrying::AskRight),
    /// Bring in the region's answer and draw: it serves once, for a day
    Answer(carrying::AnswerRight),
    /// Write the oldest sealed release as a file, for a node that is cut off from the region
    Carry(carrying::Carry),
    /// Bring in the region's receipt for a release that was carried
    Receipt(carrying::CarriedReceipt),
    /// Ask the region for the right to draw what is approved, draw and seal; `serve` runs it by itself
    Seal,
    /// List quarters and how far each has come
    List(List),
}

/// Prepare a quarter, once its recording period has ended.
#[derive(Debug, Args)]
pub(super) struct Prepare {
    /// The quarter, such as 2015-Q2
    quarter: Quarter,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl ReleaseCommand {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Prepare(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let prepared = prepare::prepare(node, command.quarter, &by)?;
                println!(
                    "{0} is frozen as {1}…; another person looks at it and answers: release show {0}",
                    prepared.quarter,
                    &prepared.salted_hash[..12],
                );
                Ok(())
            }
            Self::Show(command) => command.run(node),
            Self::Return(command) => command.run(node),
            Self::Approve(command) => command.run(node, settings),
            Self::Void(command) => command.run(node),
            Self::Standing(command) => command.run(node),
            Self::Ask(command) => command.run(node),
            Self::Answer(command) => command.run(node),
            Self::Carry(command) => command.run(node),
            Self::Receipt(command) => command.run(node),
            Self::Seal => {
                let region = node.region(&settings.way()?)?;
                print_sealed(runtime()?.block_on(deliver::seal_now(node, &region))?.as_ref());
                Ok(())
            }
            Self::List(list) => print_quarters(node, list.json),
        }
    }
}

fn print_sealed(sealed: Option<&Sealed>) {
    match sealed {
        Some(sealed) => println!(
            "{} is charged, drawn and sealed as release {}; it leaves at {}.",
            sealed.quarter, sealed.number, sealed.deliver_at
        ),
        None => println!("No quarter is approved and waits to be drawn."),
    }
}

fn print_quarters(node: &Node, json: bool) -> anyhow::Result<()> {
    let quarters = status::quarters(node)?;
    if json {
        return program::print_json(&quarters);
    }
    println!("{}", quarters_table(&quarters));
    Ok(())
}

/// What the region refused of this borough, in the region's words.
pub(super) fn rejections_table(rejections: &[Rejection]) -> comfy_table::Table {
    let mut table = program::table(&["Refused by the region", "Times", "Last", "Why"]);
    for one in rejections {
        let (count, last_at) = (one.count.to_string(), one.last_at.to_string());
        table.add_row([one.kind.as_str(), &count, &last_at, one.words()]);
    }
    table
}

/// A quarter as tables name it.
fn named(quarter: &str, opening: bool) -> String {
    if opening { format!("{quarter} (opening position)") } else { quarter.to_owned() }
}

fn quarters_table(quarters: &[QuarterState]) -> comfy_table::Table {
    let mut table =
        program::table(&["Quarter", "State", "Prepared", "Approved", "Sealed", "Receipted", "Waits for"]);
    let word = |value: &Option<String>| value.clone().unwrap_or_default();
    for quarter in quarters {
        table.add_row([
            named(&quarter.quarter.to_string(), quarter.opening),
            match quarter.void {
                Some(reason) if quarter.state != status::State::Void => {
                    format!("{}, void: {reason}", quarter.state)
                }
                Some(reason) => format!("void: {reason}"),
                None => quarter.state.to_string(),
            },
            word(&quarter.prepared),
            word(&quarter.approved),
            word(&quarter.sealed),
            word(&quarter.receipted),
            word(&quarter.waits_for),
        ]);
    }
    table
}

/// Send what is due and collect receipts. Safe to repeat: the same bytes get the same receipt.
#[derive(Debug, Args)]
pub(super) struct Deliver {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Deliver {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        let (runtime, way) = (runtime()?, settings.way()?);
        // What stands in the way of a new certificate does not stand in the way of a release: the old one goes on.
        match runtime.block_on(renew::when_due(node, &way)) {
            Err(error @ DutyError::Expired { .. }) => return Err(error.into()),
            Err(error) => tracing::warn!("{error}"),
            Ok(_) => {}
        }
        if let Some(link) = runtime.block_on(rotate::when_pending(node, &way))? {
            println!(
                "Releases are signed by key {} from number {} on.",
                link.new_key.id(),
                link.from_release
            );
        }
        let region = node.region(&way)?;
        let delivery = runtime.block_on(deliver::deliver(node, &region, deliver::Trying::Now))?;
        if self.json {
            return program::print_json(&delivery);
        }
        if let Some(quarter) = delivery.sealed {
            println!("{quarter}: charged, drawn and sealed.");
        }
        for quarter in &delivery.receipted {
            println!("{quarter}: received by the aggregator, receipt verified and kept.");
        }
        for (quarter, why) in &delivery.waiting {
            println!("{quarter}: waits, {why}.");
        }
        if delivery == deliver::Delivery::default() {
            println!("Nothing is due.");
        }
        Ok(())
    }
}

/// What is loaded, what was released, what waits and why.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let status = status::status(node)?;
        if self.json {
            return program::print_json(&status);
        }
        println!("Node of {} at {}.\n", status.borough, status.now);
        let mut table = program::table(&["Loaded", "Rows", "In quarantine", "Covers", "As of"]);
        for source in &status.sources {
            table.add_row([
                source.source.clone(),
                source.rows.to_string(),
                source.quarantined.to_string(),
                source.covers.map(|(from, to)| format!("{from} to {to}")).unwrap_or_default(),
                source.as_of.map(|day| day.to_string()).unwrap_or_default(),
            ]);
        }
        println!("{table}\n{}", quarters_table(&status.quarters));
        if !status.rejections.is_empty() {
            println!("{}", rejections_table(&status.rejections));
        }
        println!("Privacy: ρ = {} of this borough's cap {} is charged.", status.charged, status.cap);
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// Verify ledger, acts, signed decisions, sealed releases and receipts offline; names the first fault
    Verify(Verify),
    /// Print the ledger's lines
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct ShownLine {
    seq: i64,
    at: String,
    kind: String,
    by: String,
    stream: String,
    quarter: String,
    opening: bool,
    rho: String,
    hash: String,
}

impl LedgerCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Verify(command) => {
                let verified = verify::verify(node)?;
                if command.json {
                    return program::print_json(&verified);
                }
                println!(
                    "Sound: {} ledger lines, {} acts, {} signed decisions, {} sealed releases, {} receipts, \
                     {} entries of the region's log under {} signed checkpoints.",
                    verified.lines,
                    verified.acts,
                    verified.decisions,
                    verified.releases,
                    verified.receipts,
                    verified.log.entries,
                    verified.log.checkpoints
                );
            }
            Self::Show(command) => {
                let lines = node.store.read(crate::store::ledger::lines)?;
                let policies = node.succession().ok();
                let is_opening = |line: &crate::ledger::LedgerLine| {
                    let quarter = line.quarter.parse().ok();
                    let ruled = policies.as_ref().zip(quarter);
                    ruled.is_some_and(|(policies, quarter)| policies.nearest(quarter).is_opening(quarter))
                };
                let lines: Vec<ShownLine> = lines
                    .into_iter()
                    .map(|line| ShownLine {
                        opening: is_opening(&line),
                        seq: line.seq,
                        at: line.at.to_string(),
                        kind: line.kind,
                        by: line.actor,
                        stream: line.stream,
                        quarter: line.quarter,
                        rho: line.amount.to_string(),
                        hash: line.hash,
                    })
                    .collect();
                if command.json {
                    return program::print_json(&lines);
                }
                let mut table =
                    program::table(&["Line", "At", "Kind", "By", "Stream", "Quarter", "ρ", "Hash"]);
                for line in lines {
                    let hash = line.hash[..12].to_owned();
                    let seq = line.seq.to_string();
                    table.add_row([
                        seq,
                        line.at,
                        line.kind,
                        line.by,
                        line.stream,
                        named(&line.quarter, line.opening),
                        line.rho,
                        hash,
                    ]);
                }
                println!("{table}");
            }
        }
        Ok(())
    }
}

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
