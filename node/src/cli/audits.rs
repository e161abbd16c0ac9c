//! `audit`: the list frozen, the seed given, lines checked, and the draw made again by anybody.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use tenfold_store::Role;
use tenfold_web::{print, println, program, words};

use super::Person;
use crate::{
    claims::sample::{self, Seed, Share},
    duties::{
        Node,
        audit::{self, AuditState},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    Freeze(Freeze),
    /// Give the seed as the auditor; draws the sample
    Seed(GiveSeed),
    /// Record what was found about a drawn claim
    Find(Find),
    /// Conclude: what was not found invalid is audited
    Conclude(Conclude),
    /// The newest audit of a window: share, findings, validity
    Show(Show),
    /// The worksheet of the drawn claims, as CSV
    Worksheet(OfWindow),
    /// The frozen list, one family line a row, to be printed before the seed is given
    List(OfWindow),
    /// Draw again from a printed list and seed; needs no node
    Redraw(Redraw),
}

/// Freeze the list of a window's drafted claims. Its salted hash is logged; from then on the auditor may give the
/// seed.
#[derive(Debug, Args)]
pub(super) struct Freeze {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// Why a list is frozen again while an audit is open: this leaves a trace
    #[arg(long, value_name = "REASON")]
    because: Option<String>,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct GiveSeed {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// 16 to 200 characters that nobody else could know: hexadecimal digits or words
    #[arg(long, value_name = "TEXT")]
    seed: String,
    #[command(flatten)]
    person: Person,
}

/// Record a finding. An invalid claim is withdrawn and the share grows.
#[derive(Debug, Args)]
pub(super) struct Find {
    /// The claim's number
    claim: i64,
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// Its evidence holds
    #[arg(long, required_unless_present = "invalid", conflicts_with = "invalid")]
    valid: bool,
    /// Why it does not
    #[arg(long, value_name = "REASON")]
    invalid: Option<String>,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Conclude {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct OfWindow {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
}

/// Draw again. Prints the lines drawn and, with the salt, the list's hash to compare with the log.
#[derive(Debug, Args)]
pub(super) struct Redraw {
    /// The printed list, one line a row
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// The printed seed
    #[arg(long, value_name = "TEXT")]
    seed: String,
    /// The printed share, in hundredths of a per cent
    #[arg(long, value_name = "0..10000")]
    share: u32,
    /// The printed salt, to check the list against its hash
    #[arg(long, value_name = "HEX", value_parser = salt)]
    salt: Option<[u8; 32]>,
}

fn salt(text: &str) -> Result<[u8; 32], String> {
    let mut salt = [0; 32];
    hex::decode_to_slice(text, &mut salt).map_err(|_| "expected 64 hexadecimal digits".to_owned())?;
    Ok(salt)
}

impl AuditCommand {
    /// What needs no node.
    pub(super) fn without_node(&self) -> Option<anyhow::Result<()>> {
        match self {
            Self::Redraw(command) => Some(command.run()),
            _ => None,
        }
    }

    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Freeze(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let state = audit::freeze(node, &command.window, command.because.as_deref(), &by)?;
                println!(
                    "Audit {}: {} frozen as {}. Share {}, set beforehand.",
                    state.id,
                    words::counted(state.lines.len() as u64, "line is", "lines are"),
                    state.list_hash,
                    state.share.in_words()
                );
                confirm(&state);
            }
            Self::Seed(command) => {
                let by = command.person.sign_in(node, Role::Auditor)?;
                let state = audit::seed(node, &command.window, &command.seed, &by)?;
                println!("{} to be checked.", words::counted(u64::from(state.unchecked), "claim", "claims"));
            }
            Self::Find(command) => {
                let by = command.person.sign_in(node, Role::Auditor)?;
                let state =
                    audit::find(node, &command.window, command.claim, command.invalid.as_deref(), &by)?;
                println!(
                    "Recorded. Share {}; {} left to be checked.",
                    state.share.in_words(),
                    words::counted(u64::from(state.unchecked), "claim", "claims")
                );
            }
            Self::Conclude(command) => {
                let by = command.person.sign_in(node, Role::Auditor)?;
                print(&audit::conclude(node, &command.window, &by)?);
            }
            Self::Show(command) => {
                let state = audit::state(node, &command.window)?;
                if command.json {
                    return program::print_json(&state);
                }
                print(&state);
            }
            Self::Worksheet(command) => print!("{}", audit::worksheet(node, &command.window)?),
            Self::List(command) => {
                for line in audit::state(node, &command.window)?.lines {
                    println!("{}", line.line);
                }
            }
            Self::Redraw(command) => return command.run(),
        }
        Ok(())
    }
}

fn confirm(state: &AuditState) {
    if !state.rules_confirmed {
        println!("Share, least number and growth are a local setting, please confirm.");
    }
}

fn print(state: &AuditState) {
    println!("Audit {} of {}, list {}, salt {}.", state.id, state.window, state.list_hash, state.salt);
    let seed = state.seeded.as_ref().map_or("not given yet", |(seed, ..)| seed.as_str());
    println!(
        "Share {} ({} hundredths of a per cent), beforehand {}; seed: {seed}.",
        state.share.in_words(),
        state.share.basis_points(),
        state.share_beforehand.in_words()
    );
    let mut table = program::table(&["Claim", "Line", "Discretion", "Drawn", "Finding", "Reason"]);
    let yes = |yes: bool| if yes { "yes" } else { "" }.to_owned();
    for line in &state.lines {
        table.add_row([
            line.claim.to_string(),
            line.line.clone(),
            yes(line.discretionary),
            yes(line.drawn),
            line.finding.clone(),
            line.reason.clone(),
        ]);
    }
    println!("{table}");
    match state.validity {
        Some(validity) => {
            println!(
                "Valid: {} to {} of {} (95 per cent, exact).",
                validity.least, validity.most, validity.lines
            );
        }
        None => {
            println!("{} left to be checked.", words::counted(u64::from(state.unchecked), "claim", "claims"))
        }
    }
    confirm(state);
}

impl Redraw {
    fn run(&self) -> anyhow::Result<()> {
        let text = fs::read_to_string(&self.list)
            .with_context(|| format!("the list {} cannot be read", self.list.display()))?;
        let lines: Vec<String> =
            text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        let seed = Seed::new(&self.seed)?;
        let share = Share::of_basis_points(self.share);
        if let Some(salt) = &self.salt {
            eprintln!("The list's hash is {}.", sample::list_hash(salt, &lines));
        }
        for line in lines.iter().filter(|line| seed.draws(line, share)) {
            println!("{line}");
        }
        Ok(())
    }
}
