//! The command line: what people type, in the words of their work.

mod audits;
mod certificate;
mod claims;
mod federation;
mod frameworks;
mod keys;
mod loads;
mod mappings;
mod matching;
mod notice;
mod partners;
mod people;
mod preflight;
mod questions;
mod records;
mod releases;
mod serving;
mod statement;
mod witnessing;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use tenfold_store::{Role, accounts};
use tenfold_web::{accounts::AccountCommand, planning::PlanCommand, program, settings};

use crate::{
    duties::{DutyError, Node},
    settings::{SHIPPED, Settings},
};

/// A borough's node of Tenfold: keeps its own families' records, and sends the region only statistics that are
/// differentially private for every family.
///
/// A new node is made with `init`, enrolled with `join`, and from then on used quarter after quarter: `intake`
/// loads extracts, `decide` records who is attached, `claim draft` records who has a result, `release prepare` and
/// `release approve` (by two people) make the quarter's release, `deliver` sends it. `serve` shows all of it as
/// pages.
///
/// Exit codes: 0 done · 1 not done, the reason is on standard error · 2 wrong usage · 75 try again later.
#[derive(Debug, Parser)]
#[command(name = "tenfold-node", version, styles = program::STYLES, max_term_width = 100)]
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
    /// Folder of the node [default: tenfold-node-data]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Settings file; the shipped config/node.toml names every key
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
    Preflight(preflight::Preflight),
    /// Make a new node: its folder, keys, database and enrolment request
    Init(federation::Init),
    /// Join the federation with the bundle the region sent
    Join(federation::Join),
    Enrol(federation::Enrol),
    /// The region's policy: adopt it, or show what it costs
    #[command(subcommand)]
    Policy(federation::PolicyCommand),
    Plan(PlanCommand),
    /// The region's one-off questions: adopt or leave them
    #[command(subcommand)]
    Question(questions::QuestionCommand),
    /// People who sign in here
    #[command(subcommand)]
    Account(AccountCommand),
    /// Sharing agreements, without which nothing is loaded
    #[command(subcommand)]
    Agreement(records::AgreementCommand),
    /// What sources' columns mean: list, show, check, suggest, template
    Mapping(mappings::MappingCommand),
    Intake(records::Intake),
    /// Loads: list, undo, quarantine, questions
    #[command(subcommand)]
    Load(loads::LoadCommand),
    /// Who is one person and one family: what is open, decisions, undoing them
    #[command(subcommand)]
    Match(matching::MatchCommand),
    /// Decide outcomes and record who is attached
    Decide(records::Decide),
    /// People's own say: consent, objection, access requests
    #[command(subcommand)]
    Person(people::PersonCommand),
    /// A family's erasure
    #[command(subcommand)]
    Family(people::FamilyCommand),
    /// Claims: draft, certify, submit, and every total down to its files
    #[command(subcommand)]
    Claim(claims::ClaimCommand),
    /// The internal audit of a window's claims
    #[command(subcommand)]
    Audit(audits::AuditCommand),
    /// Partners that share the money
    #[command(subcommand)]
    Partner(partners::PartnerCommand),
    /// Exact figures that left the borough
    #[command(subcommand)]
    Disclosure(partners::DisclosureCommand),
    /// Where a family stands and why, and what other rules would change
    #[command(subcommand)]
    Verdict(frameworks::VerdictCommand),
    /// The programme's rules as dated data, and a borough's plan over them
    #[command(subcommand)]
    Framework(frameworks::FrameworkCommand),
    /// Write synthetic extracts to try the node with
    Synth(records::Synth),
    /// What is loaded, what was released, what waits and why
    Status(releases::Status),
    /// A quarter's release: prepare, show, return, approve, standing approvals, list
    #[command(subcommand)]
    Release(releases::ReleaseCommand),
    /// Send what is due and collect receipts
    Deliver(releases::Deliver),
    /// Ask the aggregator for its statement: shows that network and certificates work
    Check(serving::Check),
    /// The node certificate: until when it holds, and its renewal
    #[command(subcommand)]
    Certificate(certificate::CertificateCommand),
    Pause(notice::Pause),
    Leave(notice::Leave),
    Resume(notice::Resume),
    /// The privacy ledger
    #[command(subcommand)]
    Ledger(releases::LedgerCommand),
    /// The region's log of everything accepted, as this node keeps it: show, export
    #[command(subcommand)]
    Log(witnessing::LogCommand),
    /// Write the privacy statement from ledger and policy
    Statement(statement::StatementCommand),
    /// The node's own keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Serve the node's pages until Ctrl-C
    Serve(serving::Serve),
    /// Print the effective settings, secrets hidden
    Config,
}

/// A person who acts, by name and password file.
#[derive(Debug, Args)]
struct Person {
    /// The account that acts
    #[arg(long, value_name = "NAME")]
    by: String,
    /// File that holds its password
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

impl Person {
    fn signed_in(&self, node: &Node) -> anyhow::Result<tenfold_store::Account> {
        let password = program::secret(&self.password_file)?;
        let found = accounts::verify(&node.store, &self.by, &password, node.now())?;
        Ok(found.ok_or(DutyError::SignIn)?)
    }

    fn signer(&self, node: &Node) -> anyhow::Result<tenfold_store::Signer> {
        Ok(node.signer(&self.by, &program::secret(&self.password_file)?)?)
    }

    fn sign_in(&self, node: &Node, needed: Role) -> anyhow::Result<tenfold_store::Account> {
        Ok(node.sign_in(&self.by, &program::secret(&self.password_file)?, needed)?)
    }
}

/// Runs the program and ends it.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    program::finish(run(cli), |error| {
        matches!(
            error.downcast_ref(),
            Some(
                DutyError::Delivery { .. }
                    | DutyError::NoStatement { .. }
                    | DutyError::NoRight { .. }
                    | DutyError::Expired { .. }
                    | DutyError::KeyPending { .. }
                    | DutyError::KeyGivenUp { .. }
                    | DutyError::PeriodOpen { .. }
            )
        )
    })
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let global = cli.global;
    let data = global.data.map(|path| path.to_string_lossy().into_owned());
    let overrides = [("data", data), ("database", global.database), ("log", global.log)];
    let settings: Settings = settings::load(SHIPPED, global.config.as_deref(), &overrides)?;
    program::trace(&settings.log);
    let open = || -> anyhow::Result<Node> {
        Ok(Node::open(&settings.data, &settings.database()?)?
            .under_plan(settings.outcomes_plan())
            .minding(settings.smallest_change()))
    };
    match cli.command {
        Command::Preflight(command) => command.run(&settings, open),
        Command::Init(command) => command.run(&settings),
        Command::Join(command) => command.run(&open()?),
        Command::Enrol(command) => command.run(&open()?, &settings),
        Command::Policy(command) => command.run(&open()?),
        Command::Question(command) => command.run(&open()?),
        Command::Plan(command) => federation::plan(&open()?, &command),
        Command::Account(command) => {
            let node = open()?;
            command.run(&node.store, Role::NODE, node.now())
        }
        Command::Agreement(command) => command.run(&open()?),
        Command::Mapping(command) => command.run(),
        Command::Intake(command) => command.run(&open()?),
        Command::Load(command) => command.run(&open()?),
        Command::Match(command) => command.run(&open()?),
        Command::Decide(command) => command.run(&open()?),
        Command::Person(command) => command.run(&open()?),
        Command::Family(command) => command.run(&open()?),
        Command::Claim(command) => command.run(&open()?),
        Command::Audit(command) => match command.without_node() {
            Some(done) => done,
            None => command.run(&open()?),
        },
        Command::Partner(command) => command.run(&open()?),
        Command::Disclosure(command) => command.run(&open()?),
        Command::Verdict(command) => command.run(&open()?, &settings),
        Command::Framework(command) => command.run(),
        Command::Synth(command) => command.run(),
        Command::Status(command) => command.run(&open()?),
        Command::Release(command) => command.run(&open()?, &settings),
        Command::Deliver(command) => command.run(&open()?, &settings),
        Command::Check(command) => command.run(&open()?, &settings),
        Command::Certificate(command) => command.run(&open()?, &settings),
        Command::Pause(command) => command.run(&open()?, &settings),
        Command::Leave(command) => command.run(&open()?, &settings),
        Command::Resume(command) => command.run(&open()?, &settings),
        Command::Ledger(command) => command.run(&open()?),
        Command::Log(command) => command.run(&open()?),
        Command::Statement(command) => command.run(&open()?),
        Command::Keys(command) => command.run(&settings, open),
        Command::Serve(command) => command.run(open()?, settings.clone()),
        Command::Config => program::print_toml(&settings.redacted()),
    }
}
