//! `log`: the region's log as this node keeps it.

use clap::Subcommand;
use tenfold_web::log as shown;

use crate::duties::{Node, witness};

#[derive(Debug, Subcommand)]
pub(super) enum LogCommand {
    Show(shown::Show),
    Export(shown::Export),
}

impl LogCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let log = witness::file(node)?;
        match self {
            Self::Show(show) => show.print(&log.entries),
            Self::Export(export) => export.write(&log),
        }
    }
}
