//! `release approve`, `return`, `void`: an approver's answers, each signed with the approver's own key.

use clap::Args;
use tenfold_common::{calendar::Quarter, protocol::RefusalReason};
use tenfold_web::println;

use super::runtime;
use crate::{
    cli::Person,
    duties::{
        ApprovalFault, DutyError, Node,
        approve::{self, SHOWN_DIGITS},
        deliver, refuse, send_back, standing,
    },
    settings::Settings,
};

/// Approve a quarter that another person prepared: the tables that `release show` showed, signed with your own key.
/// Under a standing approval another person than the preparer says that the quarter is routine, and nobody signs.
#[derive(Debug, Args)]
pub(in crate::cli) struct Approve {
    /// The quarter, such as 2015-Q2
    quarter: Quarter,
    /// What `release show` printed as the tables' hash: its first 12 digits or more
    #[arg(long, value_name = "HASH", value_parser = shown)]
    shown: Option<String>,
    /// Put a standing approval to use instead
    #[arg(long, conflicts_with = "shown")]
    standing: bool,
    #[command(flatten)]
    person: Person,
}

/// Return a quarter that another person prepared. The comment never leaves the node; name no family in it.
#[derive(Debug, Args)]
pub(in crate::cli) struct SendBack {
    /// The quarter, such as 2015-Q2
    quarter: Quarter,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    comment: String,
    #[command(flatten)]
    person: Person,
}

/// Declare a quarter void.
///
/// The region learns the reason, one of four words: records, matching, agreement, other. The comment never leaves
/// the node. To have a quarter prepared again, return it instead.
#[derive(Debug, Args)]
pub(in crate::cli) struct Refuse {
    /// The quarter, such as 2015-Q2
    quarter: Quarter,
    /// records, matching, agreement or other
    #[arg(long)]
    reason: RefusalReason,
    /// For the borough's own people
    #[arg(long, default_value = "")]
    comment: String,
    #[command(flatten)]
    person: Person,
}

fn shown(text: &str) -> Result<String, String> {
    let digits =
        text.len() >= SHOWN_DIGITS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if digits { Ok(text.to_owned()) } else { Err(format!("expected {SHOWN_DIGITS} or more of 0-9 and a-f")) }
}

impl Approve {
    pub(in crate::cli) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        let quarter = self.quarter;
        if self.standing {
            let by = self.person.signed_in(node)?;
            let number = standing::put_to_use(node, quarter, &by)?;
            println!("{quarter} is approved under standing approval {number}.");
        } else {
            let shown = self.shown.ok_or(DutyError::Approval(ApprovalFault::NotShown { quarter }))?;
            approve::approve(node, quarter, &self.person.signer(node)?, &shown)?;
        }
        let region = node.region(&settings.way()?)?;
        match runtime()?.block_on(deliver::seal_now(node, &region)) {
            Ok(Some(sealed)) => println!(
                "{} is charged, drawn and sealed as release {}; it leaves at {}.",
                sealed.quarter, sealed.number, sealed.deliver_at
            ),
            Ok(None) => println!("{quarter} is approved."),
            Err(DutyError::Delivery { reason }) => {
                println!("{quarter} is approved. It is drawn once the aggregator can be asked: {reason}");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

impl SendBack {
    pub(in crate::cli) fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.signer(node)?;
        send_back::send_back(node, self.quarter, &self.comment, &by, None)?;
        println!("{0} is returned; an analyst prepares it again: release prepare {0}", self.quarter);
        Ok(())
    }
}

impl Refuse {
    pub(in crate::cli) fn run(self, node: &Node) -> anyhow::Result<()> {
        let by = self.person.signer(node)?;
        refuse::void(node, self.quarter, self.reason, &self.comment, &by)?;
        println!(
            "{} is void: nothing is drawn for it, its families are counted in the next quarter.\n\
             The region is told by the next delivery, at the policy's instant.",
            self.quarter
        );
        Ok(())
    }
}
