//! `statement`: the privacy statement.

use clap::Args;
use tenfold_web::{println, program};

use crate::duties::{Node, declare};

/// Write the privacy statement from ledger and policy: an annex for the data-protection impact assessment, footnotes
/// for published tables, an entry for a registry of deployments, an answer to a family that asks, and what lies
/// outside the guarantee. It holds no exact figure and no name, and may be published.
#[derive(Debug, Args)]
pub(super) struct StatementCommand {
    /// As JSON instead of Markdown
    #[arg(long)]
    json: bool,
}

impl StatementCommand {
    pub(super) fn run(&self, node: &Node) -> anyhow::Result<()> {
        let statement = declare::declare(node)?;
        if self.json {
            return program::print_json(&statement);
        }
        println!("{}", statement.markdown().trim_end());
        Ok(())
    }
}
