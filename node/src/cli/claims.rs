//! `claim`: windows, drafts, evidence, certificates, and every total down to its files.

mod looking;

use std::path::PathBuf;

use anyhow::ensure;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use tenfold_store::Role;
use tenfold_web::{println, program, words};

use super::Person;
use crate::{
    claims::{evidence::Kind, ladder::State},
    duties::{
        Node, certify,
        claim::{
            self, Families,
            settle::{self, Which},
        },
    },
    register::FamilyId,
    store::claims::NewEvidence,
};

#[derive(Debug, Subcommand)]
pub(super) enum ClaimCommand {
    /// Claim windows: open one, list them
    #[command(subcommand)]
    Window(WindowCommand),
    Draft(Draft),
    /// Tie evidence to a claim
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Certify a window: exact counts and money, signed; only a commitment travels
    Certify(Certify),
    /// The certificates of a window, opened and verified
    Certificates(looking::OfWindow),
    /// Hand a window's certified claims in
    Submit(Submit),
    /// Record what became of claims: paid, refused or withdrawn
    Settle(Settle),
    /// List claims
    List(looking::List),
    /// One claim with its steps, evidence, files and shares
    Show(looking::Show),
    /// A window's total down to claims, evidence and files, and added up again
    Trace(looking::OfWindow),
    /// Families without a claim, the closest to claimable first, with what is missing
    WorkList(looking::Json),
    /// What each window can be expected to bring, against its target
    Forecast(looking::Json),
    /// Lines claimed twice because two families turned out to be one, or were claimed before Tenfold
    DoubleCases(looking::Json),
    /// Claims made before Tenfold: totals by programme, each line with its file; they come in with a load of history
    Before(looking::Json),
}

impl ClaimCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Window(command) => command.run(node),
            Self::Draft(command) => command.run(node),
            Self::Evidence(EvidenceCommand::Add(command)) => command.run(node),
            Self::Certify(command) => command.run(node),
            Self::Submit(command) => command.run(node),
            Self::Settle(command) => command.run(node),
            Self::Certificates(command) => command.certificates(node),
            Self::List(command) => command.run(node),
            Self::Show(command) => command.run(node),
            Self::Trace(command) => command.trace(node),
            Self::WorkList(command) => command.work_list(node),
            Self::Forecast(command) => command.forecast(node),
            Self::DoubleCases(command) => command.double_cases(node),
            Self::Before(command) => command.before(node),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum WindowCommand {
    /// Open a window in which claims are drafted
    Open(OpenWindow),
    /// List windows with what is claimed in them
    List(looking::Json),
}

/// Open a claim window. Its framework is the one this program ships; a family has one result a programme.
#[derive(Debug, Args)]
pub(super) struct OpenWindow {
    /// Its name, such as 2016-January
    name: String,
    /// First day on which claims are drafted
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: NaiveDate,
    /// Last such day
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: NaiveDate,
    /// The programme, where it is not the framework's name: frameworks of one programme share its one result
    #[arg(long, value_name = "NAME")]
    programme: Option<String>,
    /// Claims aimed at
    #[arg(long, value_name = "COUNT")]
    target: Option<u32>,
    #[command(flatten)]
    person: Person,
}

impl WindowCommand {
    fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Open(new) => {
                let by = new.person.sign_in(node, Role::Analyst)?;
                let days = (new.from, new.to);
                let window =
                    claim::open_window(node, &new.name, days, new.programme.as_deref(), new.target, &by)?;
                println!(
                    "{} is open for drafts from {} to {}, decided by {}.",
                    window.name, window.first_day, window.last_day, window.framework
                );
                Ok(())
            }
            Self::List(list) => list.windows(node),
        }
    }
}

/// Draft claims: decides on the node's own day, keeps the verdict and the values relied on, and records each
/// family's result, once for ever.
#[derive(Debug, Args)]
pub(super) struct Draft {
    /// Families by their number here, such as F12
    #[arg(
        value_name = "FAMILY",
        required_unless_present = "all_claimable",
        conflicts_with = "all_claimable"
    )]
    families: Vec<String>,
    /// Every claimable family without a live claim
    #[arg(long)]
    all_claimable: bool,
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// Why an officer finds equivalent progress where the rules find too little; such a claim is always checked
    #[arg(long, value_name = "REASON", conflicts_with = "all_claimable")]
    discretion: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    person: Person,
}

impl Draft {
    fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.sign_in(node, Role::Analyst)?;
        let mut named: Vec<FamilyId> = self.families.into_iter().map(FamilyId).collect();
        let families = match self.discretion {
            _ if self.all_claimable => Families::AllClaimable,
            None => Families::Named(named),
            Some(reason) => {
                ensure!(
                    named.len() == 1,
                    "discretion is used for one family at a time, {} are named",
                    named.len()
                );
                Families::Discretion(named.remove(0), reason)
            }
        };
        let drafted = claim::draft(node, &self.window, &families, &by)?;
        if self.json {
            return program::print_json(&drafted);
        }
        println!(
            "Drafted in {}: {}, {}. Results recorded now: {}.",
            drafted.window,
            words::counted(drafted.claims.len() as u64, "claim", "claims"),
            words::pounds(drafted.pence),
            drafted.results
        );
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum EvidenceCommand {
    /// Tie a document, statement, case study, discretion, confirmation or record to a claim
    Add(AddEvidence),
}

/// Tie evidence to a claim that is not certified yet. Of a document its name and SHA-256 are kept.
#[derive(Debug, Args)]
pub(super) struct AddEvidence {
    /// The claim's number
    claim: i64,
    /// record, document, statement, case-study, discretion or confirmation
    #[arg(long, value_parser = kind)]
    kind: Kind,
    /// The document's file
    #[arg(long, value_name = "FILE", required_if_eq("kind", "document"))]
    file: Option<PathBuf>,
    /// Load and line of a record, or where a statement is kept
    #[arg(long, value_name = "TEXT", default_value = "")]
    reference: String,
    /// What it says; of a discretion, its reason
    #[arg(long, value_name = "TEXT", default_value = "")]
    words: String,
    #[command(flatten)]
    person: Person,
}

fn kind(word: &str) -> Result<Kind, String> {
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    Kind::from_word(word).ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

impl AddEvidence {
    fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.sign_in(node, Role::Analyst)?;
        let number = match (self.kind, self.file) {
            (Kind::Document, Some(file)) => settle::add_document(node, self.claim, &file, &self.words, &by)?,
            (kind, file) => {
                ensure!(file.is_none(), "only a document has a file");
                let new = NewEvidence {
                    kind,
                    reference: self.reference,
                    sha256: None,
                    relied: None,
                    words: self.words,
                };
                settle::add_evidence(node, self.claim, &new, &by)?
            }
        };
        println!("Claim {}: evidence {number} is tied to it.", self.claim);
        Ok(())
    }
}

/// Certify a window as the certifying officer, who drafted none of its claims. For no claims too.
#[derive(Debug, Args)]
pub(super) struct Certify {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// Why it is issued again: a correction is a new issue
    #[arg(long, value_name = "REASON")]
    because: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    person: Person,
}

impl Certify {
    fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.sign_in(node, Role::Approver)?;
        let certified = certify::certify(node, &self.window, self.because.as_deref(), &by)?;
        if self.json {
            return program::print_json(&certified);
        }
        let totals = certified.body.totals;
        println!(
            "{}, issue {}: {}, {}. Commitment {}.",
            self.window,
            certified.issue,
            words::counted(u64::from(totals.claims()), "claim", "claims"),
            words::pounds(totals.pence()),
            certified.commitment
        );
        println!("The figures stay here until they are opened; enter an opening with `disclosure add`.");
        Ok(())
    }
}

/// Hand in a window's certified claims.
#[derive(Debug, Args)]
pub(super) struct Submit {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// The submission's own reference
    #[arg(long, value_name = "TEXT")]
    reference: String,
    #[command(flatten)]
    person: Person,
}

impl Submit {
    fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.sign_in(node, Role::Analyst)?;
        let which = Which::Window(self.window);
        let moved = settle::settle(node, &which, State::Submitted, &self.reference, &by)?;
        println!("{} submitted.", words::counted(moved as u64, "claim is", "claims are"));
        Ok(())
    }
}

/// Record that claims were paid, refused or withdrawn. A refused or withdrawn claim frees its family for a later
/// one; it is not counted a second time.
#[derive(Debug, Args)]
pub(super) struct Settle {
    /// Claims by number
    #[arg(value_name = "CLAIM", required_unless_present = "window", conflicts_with = "window")]
    claims: Vec<i64>,
    /// All claims of a window that were submitted
    #[arg(long, value_name = "NAME")]
    window: Option<String>,
    /// paid, refused or withdrawn
    #[arg(long = "as", value_name = "STATE", value_parser = settled)]
    to: State,
    /// The payment's reference, or why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    person: Person,
}

fn settled(word: &str) -> Result<State, String> {
    match word.parse() {
        Ok(state @ (State::Paid | State::Refused | State::Withdrawn)) => Ok(state),
        _ => Err("expected paid, refused or withdrawn".to_owned()),
    }
}

impl Settle {
    fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.sign_in(node, Role::Analyst)?;
        let which = self.window.map_or(Which::Claims(self.claims), Which::Window);
        let moved = settle::settle(node, &which, self.to, &self.reason, &by)?;
        println!("{} {}.", words::counted(moved as u64, "claim is", "claims are"), self.to);
        Ok(())
    }
}
