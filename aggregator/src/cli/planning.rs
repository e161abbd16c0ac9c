//! `plan` and `policy explain`: what a policy buys and where its numbers come from, before it is signed.

use clap::Args;
use tenfold_common::{
    calendar::Quarter,
    framework::Framework,
    geography::BoroughCode,
    privacy::{Policy, Rho, policy::Plan as Planned},
};
use tenfold_web::planning::{self, PlanCommand};

use crate::duties::Aggregator;

/// The default policy at a total ρ.
pub(super) fn default_policy(name: String, rehearsal: bool, first_quarter: Quarter, total: Rho) -> Policy {
    let framework = Framework::shipped();
    Policy::plan(Planned {
        name,
        rehearsal,
        first_quarter,
        opening: true,
        total,
        framework: framework.name.clone(),
        problems: framework.problem_labels(),
    })
}

/// What a policy buys: how far every figure may be off, what a wish needs, what one more table and a correction
/// cost. With `--rho` the default policy at that total, which needs no founded region; else the policy in force.
/// Nothing is signed or spent.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// For this borough [default: for the region as a whole]
    #[arg(long, value_name = "CODE")]
    borough: Option<BoroughCode>,
    #[command(flatten)]
    command: PlanCommand,
}

impl Plan {
    pub(super) fn run(self, open: impl FnOnce() -> anyhow::Result<Aggregator>) -> anyhow::Result<()> {
        let policy = if self.command.names_a_total() {
            default_policy("plan".to_owned(), true, "2015-Q2".parse()?, Rho::from_nano(250_000_000))
        } else {
            open()?.policy()?.policy().clone()
        };
        self.command.run(&policy, self.borough.as_ref())
    }
}

/// Every number of the policy in force as it holds in one borough, with where it comes from.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The borough
    #[arg(long, value_name = "CODE")]
    borough: BoroughCode,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        planning::explain(aggregator.policy()?.policy(), &self.borough, self.json)
    }
}
