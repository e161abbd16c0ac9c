//! `pause`, `leave`, `resume`: what the borough says of itself to the region.

use clap::{Args, builder::PossibleValuesParser};
use tenfold_common::protocol::notice::{NoticeKind, NoticeReason};
use tenfold_web::println;

use super::releases::runtime;
use crate::{
    duties::{Node, notice},
    settings::Settings,
};

/// The words a reason is chosen from.
fn reasons() -> PossibleValuesParser {
    PossibleValuesParser::new(NoticeReason::ALL.map(NoticeReason::as_str))
}

/// Tell the region that this borough releases nothing for a while, and why. It is then shown as paused, not as missing.
///
/// What is sealed still leaves, and a release is taken all the same; quarters stay to be released, in order.
#[derive(Debug, Args)]
pub(super) struct Pause {
    /// Why, in one word; no other text leaves the borough
    #[arg(long, value_name = "WORD", value_parser = reasons())]
    reason: String,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Tell the region that this borough releases nothing any more, and why. What it released stays; the region withdraws the
/// node certificate in its own time.
#[derive(Debug, Args)]
pub(super) struct Leave {
    /// Why, in one word; no other text leaves the borough
    #[arg(long, value_name = "WORD", value_parser = reasons())]
    reason: String,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Tell the region that this borough goes on after a pause.
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Pause {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        tell(node, settings, NoticeKind::Paused, NoticeReason::from_word(&self.reason), &self.by)
    }
}

impl Leave {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        tell(node, settings, NoticeKind::Left, NoticeReason::from_word(&self.reason), &self.by)
    }
}

impl Resume {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        tell(node, settings, NoticeKind::Resumed, None, &self.by)
    }
}

fn tell(
    node: &Node,
    settings: &Settings,
    kind: NoticeKind,
    reason: Option<NoticeReason>,
    by: &str,
) -> anyhow::Result<()> {
    runtime()?.block_on(notice::tell(node, &settings.way()?, kind, reason, by))?;
    println!("The region knows: {}.", kind.as_str());
    Ok(())
}
