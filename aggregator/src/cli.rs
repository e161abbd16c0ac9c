//! The command line: what people at the centre type, in the words of their work.

mod authority;
mod carrying;
mod drawing;
mod figures;
mod joining;
mod logging;
mod planning;
mod questions;
mod serving;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use tenfold_store::Role;
use tenfold_web::{accounts::AccountCommand, program, settings};

use crate::{
    duties::Aggregator,
    settings::{SHIPPED, Settings},
};

/// The region's aggregator of Tenfold: receives the boroughs' releases, shows the region's picture with its
/// uncertainty, and makes the national return. It never holds a personal record.
///
/// A new aggregator is founded with `ca init`, signs its policy with `policy make`, and enrols each borough with
/// `enrol`. `serve` then receives releases over mutual TLS and shows the pages.
///
/// Exit codes: 0 done · 1 not done, the reason is on standard error · 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "tenfold-aggregator", version, styles = program::STYLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Where help lists what every command takes.
const EVERYWHERE: &str = "Options of every command";

#[derive(Debug, Args)]
struct Global {
    /// Folder of the aggregator [default: tenfold-aggregator-data]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Settings file; the shipped config/aggregator.toml names every key
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Database, if not an SQLite file in the folder: sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "ADDRESS")]
    database: Option<String>,
    /// What is logged to standard error: error, warn, info, debug
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "LEVEL")]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The region's certificate authority
    #[command(subcommand)]
    Ca(authority::CaCommand),
    /// The region's policy
    #[command(subcommand)]
    Policy(authority::PolicyCommand),
    Plan(planning::Plan),
    /// One-off questions, paid from the policy's reserve: ask, export, answers
    #[command(subcommand)]
    Question(questions::QuestionCommand),
    /// Enrol a borough's node: its request in, its bundle out
    Enrol(authority::Enrol),
    /// Withdraw a node certificate for ever, and every other of its node
    Deny(authority::Deny),
    Invite(joining::Invite),
    Enrolments(joining::Enrolments),
    Readmit(joining::Readmit),
    /// Rights to draw: which node was given which, answers for files, a lost copy
    #[command(subcommand)]
    Draw(drawing::DrawCommand),
    /// People who sign in here
    #[command(subcommand)]
    Account(AccountCommand),
    /// What was received, what is late, what was refused; whether anything is accepted at all
    Status(figures::Status),
    Receive(carrying::Receive),
    /// Every unbiased figure with its standard error, as JSON
    Figures(figures::Figures),
    /// The national return of a quarter
    Return(figures::Return),
    /// Write every table as CSV
    Export(figures::Export),
    /// The log of everything accepted: show, export, put back after a backup
    #[command(subcommand)]
    Log(logging::LogCommand),
    /// Verify the log and every kept release and receipt offline
    Verify(figures::Verify),
    /// Receive releases and serve the pages until Ctrl-C
    Serve(serving::Serve),
    /// Print the effective settings, secrets hidden
    Config,
}

/// Runs the program and ends it.
pub fn main() -> ExitCode {
    program::finish(run(Cli::parse()), |_| false)
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let global = cli.global;
    let data = global.data.map(|path| path.to_string_lossy().into_owned());
    let overrides = [("data", data), ("database", global.database), ("log", global.log)];
    let settings: Settings = settings::load(SHIPPED, global.config.as_deref(), &overrides)?;
    program::trace(&settings.log);
    let open = || -> anyhow::Result<Aggregator> {
        Ok(Aggregator::open(&settings.data, &settings.database()?)?.reached_at(&settings.public_url))
    };
    match cli.command {
        Command::Ca(command) => command.run(&settings),
        Command::Policy(command) => command.run(&open()?),
        Command::Plan(command) => command.run(open),
        Command::Question(command) => command.run(&open()?),
        Command::Enrol(command) => command.run(&open()?),
        Command::Deny(command) => command.run(&open()?),
        Command::Invite(command) => command.run(&open()?),
        Command::Enrolments(command) => command.run(&open()?),
        Command::Readmit(command) => command.run(&open()?),
        Command::Draw(command) => command.run(&open()?),
        Command::Account(command) => {
            let aggregator = open()?;
            command.run(&aggregator.store, Role::AGGREGATOR, aggregator.now())
        }
        Command::Status(command) => command.run(&open()?),
        Command::Receive(command) => command.run(&open()?),
        Command::Figures(command) => command.run(&open()?),
        Command::Return(command) => command.run(&open()?),
        Command::Export(command) => command.run(&open()?),
        Command::Log(command) => command.run(&open()?),
        Command::Verify(command) => command.run(&open()?),
        Command::Serve(command) => command.run(open()?, settings.clone()),
        Command::Config => program::print_toml(&settings.redacted()),
    }
}
