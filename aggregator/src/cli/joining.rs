//! `invite`, `enrolments`, `readmit`: how nodes join and come back without files.

use clap::Args;
use serde::Serialize;
use tenfold_common::{clock::Moment, geography, geography::BoroughCode};
use tenfold_web::{println, program};

use crate::duties::{Aggregator, apply, come_back};

/// Invite a borough's node. Prints an invitation that lets in once; tell it to the borough by a way you trust.
///
/// The borough runs `tenfold-node enrol --invitation TEXT --url ADDRESS`. The invitation names the root's fingerprint, so
/// that the node joins this region and no other; read it out by telephone as well. The secret in it is kept nowhere
/// here: lost, it is made anew.
#[derive(Debug, Args)]
pub(super) struct Invite {
    /// The borough's GSS code
    borough: BoroughCode,
    /// For how many days it lets in
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    days: u16,
    /// Who invites
    #[arg(long, value_name = "NAME")]
    by: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Invited {
    borough: BoroughCode,
    invitation: String,
    ends_at: Moment,
    root_fingerprint: String,
}

impl Invite {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        anyhow::ensure!(
            geography::borough(&self.borough).is_some(),
            "{} is no borough of this region",
            self.borough
        );
        let (invitation, ends_at) = apply::invite(aggregator, &self.borough, self.days, &self.by)?;
        if self.json {
            return program::print_json(&Invited {
                borough: self.borough,
                invitation: invitation.to_string(),
                ends_at,
                root_fingerprint: invitation.root,
            });
        }
        println!("{invitation}");
        println!(
            "It lets in one node of {} once, until {ends_at}. The root's fingerprint, to be read out by telephone:\n{}",
            self.borough, invitation.root
        );
        if aggregator.public_url.is_empty() {
            println!("No public_url is set: nodes have no way to come with it. See config/aggregator.toml.");
        }
        Ok(())
    }
}

/// Enrolment requests that came by themselves and wait for somebody to approve them: `enrol --waiting NUMBER`. Make sure
/// by telephone that the release key is the one the borough sees.
#[derive(Debug, Args)]
pub(super) struct Enrolments {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Waiting {
    number: String,
    borough: BoroughCode,
    release_key: String,
    received_at: Moment,
}

impl Enrolments {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let waiting: Vec<Waiting> = apply::all_waiting(aggregator)?
            .into_iter()
            .map(|waiting| Waiting {
                number: waiting.request[..12].to_owned(),
                borough: waiting.borough,
                release_key: waiting.release_key.id(),
                received_at: waiting.received_at,
            })
            .collect();
        if self.json {
            return program::print_json(&waiting);
        }
        if waiting.is_empty() {
            println!("No request waits.");
            return Ok(());
        }
        let mut table = program::table(&["Number", "Borough", "Release key", "Since"]);
        for waiting in waiting {
            table.add_row([
                waiting.number,
                waiting.borough.to_string(),
                waiting.release_key,
                waiting.received_at.to_string(),
            ]);
        }
        println!("{table}");
        Ok(())
    }
}

/// Let a borough's node come back whose certificate has expired. It renews once, by itself; one that was withdrawn never
/// comes back.
#[derive(Debug, Args)]
pub(super) struct Readmit {
    /// The borough's GSS code
    borough: BoroughCode,
    /// Who lets it in
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Readmit {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let until = come_back::press(aggregator, &self.borough, &self.by)?;
        println!("The node of {} may renew its certificate once, until {until}.", self.borough);
        Ok(())
    }
}
