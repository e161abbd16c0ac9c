//! `release standing`: approvals of routine quarters given beforehand, with an end.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::Role;
use tenfold_web::{println, program};

use crate::{
    cli::Person,
    duties::{
        Node,
        standing::{self, StandingState},
    },
};

/// Standing approvals of routine quarters. One covers quarters under the policy in force that another person prepares,
/// while every source has its agreement and the ledger is sound; never the first release or the opening position.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StandingCommand {
    /// Give one, signed with your own key, for a year at most
    Give(Give),
    /// End one at once
    Revoke(Revoke),
    /// List them with every use
    List(List),
}

/// Give a standing approval. To use it is another person's act: `release approve QUARTER --standing`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Give {
    /// The last day it covers, at most a year from now
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: NaiveDate,
    /// Only quarters that this account prepares; any analyst's otherwise
    #[arg(long, value_name = "NAME")]
    preparer: Option<String>,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Revoke {
    /// Its number
    number: i64,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listed {
    number: i64,
    stands: bool,
    by: String,
    preparer: Option<String>,
    from: Moment,
    until: Moment,
    policy: String,
    revoked_at: Option<Moment>,
    revoked_by: Option<String>,
    uses: Vec<ListedUse>,
}

#[derive(Serialize)]
struct ListedUse {
    quarter: String,
    at: Moment,
    by: String,
}

impl From<StandingState> for Listed {
    fn from(state: StandingState) -> Self {
        let StandingState { granted, stands, uses } = state;
        let (revoked_at, revoked_by) = granted.revoked.unzip();
        let terms = granted.terms;
        Self {
            number: granted.number,
            stands,
            by: terms.by,
            preparer: terms.preparer,
            from: terms.from,
            until: terms.until,
            policy: terms.policy,
            revoked_at,
            revoked_by,
            uses: uses
                .into_iter()
                .map(|(quarter, by, at)| ListedUse { quarter: quarter.to_string(), at, by })
                .collect(),
        }
    }
}

impl StandingCommand {
    pub(in crate::cli) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Give(command) => {
                let by = command.person.signer(node)?;
                let until = Moment::at_start_of(command.until).plus_days(1);
                let granted = standing::give(node, command.preparer.as_deref(), until, &by)?;
                println!(
                    "Standing approval {} covers routine quarters until {}; end it at any time: release standing revoke {0}",
                    granted.number, granted.terms.until
                );
            }
            Self::Revoke(command) => {
                let by = command.person.sign_in(node, Role::Approver)?;
                standing::revoke(node, command.number, &by)?;
                println!("Standing approval {} covers nothing from now on.", command.number);
            }
            Self::List(command) => {
                let listed: Vec<Listed> = standing::all(node)?.into_iter().map(Listed::from).collect();
                if command.json {
                    return program::print_json(&listed);
                }
                let mut table =
                    program::table(&["Number", "By", "Prepared by", "Covers", "State", "Used for"]);
                for one in listed {
                    let state = match (&one.revoked_at, &one.revoked_by) {
                        (Some(at), Some(by)) => format!("revoked {at} by {by}"),
                        _ => if one.stands { "stands" } else { "ended" }.to_owned(),
                    };
                    let uses = one.uses.iter().map(|used| format!("{} by {}", used.quarter, used.by));
                    table.add_row([
                        one.number.to_string(),
                        one.by,
                        one.preparer.unwrap_or_else(|| "any analyst".to_owned()),
                        format!("{} to {}", one.from, one.until),
                        state,
                        uses.collect::<Vec<_>>().join(", "),
                    ]);
                }
                println!("{table}");
            }
        }
        Ok(())
    }
}
