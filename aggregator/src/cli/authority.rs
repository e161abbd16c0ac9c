//! `ca`, `policy`, `enrol`, `deny`: who belongs, and what was agreed.

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::{Args, Subcommand};
use tenfold_common::{
    calendar::Quarter,
    clock::{Clock, RehearsalClock, SystemClock},
    geography::{self, BoroughCode},
    privacy::Rho,
};
use tenfold_web::{policies, println, program, tls};

use super::planning;
use crate::{
    duties::{
        Aggregator, apply, enrol,
        found::{self, Founding},
        issuing, own_ca,
    },
    enrolment,
    settings::Settings,
};

#[derive(Debug, Subcommand)]
pub(super) enum CaCommand {
    /// Found the aggregator: root and issuing certificates, keys, database
    Init(Init),
    /// Print the root's fingerprint, to be told to boroughs another way
    Fingerprint,
    RotateIssuing(RotateIssuing),
    Trust(Trust),
    Distrust(Distrust),
}

/// Trust a council's own certificate authority, for its borough alone.
///
/// A node certificate of that authority is let in if its one URI name is that borough's, and the borough's node was
/// enrolled here before: its release key stays. A running `serve` knows within seconds.
#[derive(Debug, Args)]
pub(super) struct Trust {
    /// The authority's certificate, PEM
    certificate: PathBuf,
    /// The borough it speaks for
    #[arg(long, value_name = "CODE")]
    borough: BoroughCode,
    /// Who trusts it
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Trust a council's own certificate authority no more.
#[derive(Debug, Args)]
pub(super) struct Distrust {
    /// SHA-256 of its certificate, as `ca trust` printed it
    fingerprint: String,
    /// Who ends it
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Sign a new issuing certificate with the root, over a new key, and issue by it from now on.
///
/// Certificates that the old one issued go on until their end, for nodes trust the root; the old key is removed. A running
/// `serve` shows its new certificate within seconds. Do it some years before the issuing certificate ends, and whenever
/// its key may have been seen: then enrol anew what may have been issued with it.
#[derive(Debug, Args)]
pub(super) struct RotateIssuing {
    /// Folder that holds the root's key, root.key.pem, if it is kept offline
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// Who rotates
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Found the aggregator. Running it again with the same answers goes on where it was.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// How pages and certificates name the region
    #[arg(long, default_value = geography::REGION_NAME)]
    region: String,
    /// Where nodes deliver, https://HOST:PORT
    #[arg(long, value_name = "URL")]
    ingest_url: String,
    /// Names or addresses in the server's certificate [default: the host of the URL]
    #[arg(long, value_name = "NAME")]
    server_name: Vec<String>,
    /// How long node and server certificates last, in days
    #[arg(long, value_name = "DAYS", default_value_t = enrolment::LEAF_LIFE_DAYS)]
    leaf_days: u16,
    /// Folder for the root's key, on a medium that is then put away; only its certificate stays here
    #[arg(long, value_name = "FOLDER")]
    offline_root: Option<PathBuf>,
    /// Found a rehearsal that obeys this clock file for ever
    #[arg(long, value_name = "FILE")]
    rehearsal: Option<PathBuf>,
}

impl CaCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let aggregator = match self {
            Self::Init(init) => {
                let clock: Arc<dyn Clock> = match &init.rehearsal {
                    Some(path) => Arc::new(RehearsalClock::open(path)?),
                    None => Arc::new(SystemClock),
                };
                let host = init
                    .ingest_url
                    .strip_prefix("https://")
                    .and_then(|rest| rest.split(['/', ':']).next())
                    .filter(|host| !host.is_empty())
                    .with_context(|| format!("{} is not of the form https://HOST:PORT", init.ingest_url))?
                    .to_owned();
                let names = if init.server_name.is_empty() { vec![host] } else { init.server_name };
                let founding = Founding {
                    region: init.region,
                    ingest_url: init.ingest_url,
                    server_names: names,
                    leaf_days: init.leaf_days,
                    rehearsal_clock: init.rehearsal,
                    offline_root: init.offline_root,
                };
                found::found(&settings.data, &settings.database()?, &founding, clock.now())?
            }
            Self::RotateIssuing(command) => {
                let aggregator = Aggregator::open(&settings.data, &settings.database()?)?;
                let until = issuing::rotate(&aggregator, command.root.as_deref(), &command.by)?;
                println!("Certificates are issued by a new key from now on; its own ends at {until}.");
                return Ok(());
            }
            Self::Trust(command) => {
                let aggregator = Aggregator::open(&settings.data, &settings.database()?)?;
                let pem = fs::read_to_string(&command.certificate)
                    .with_context(|| format!("{} cannot be read", command.certificate.display()))?;
                println!("{}", own_ca::trust(&aggregator, &pem, &command.borough, &command.by)?);
                return Ok(());
            }
            Self::Distrust(command) => {
                let aggregator = Aggregator::open(&settings.data, &settings.database()?)?;
                own_ca::distrust(&aggregator, &command.fingerprint, &command.by)?;
                println!("{} is trusted no more.", command.fingerprint);
                return Ok(());
            }
            Self::Fingerprint => Aggregator::open(&settings.data, &settings.database()?)?,
        };
        println!("{}", tls::fingerprint_of_pem(&aggregator.root_pem()?)?);
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Plan a policy, sign it and put it in force
    Make(Make),
    /// Sign a policy that takes over from the last one: other spending, or a longer horizon
    Change(Change),
    /// Which policy rules which quarters
    List(List),
    /// Write the policy signed last for boroughs to adopt
    Export(Export),
    /// Print the policy signed last as JSON
    Show,
    /// Every number of the policy signed last, with where it comes from
    Explain(planning::Explain),
}

/// Sign a policy that takes over from the one signed last.
///
/// The old series ends with the quarter before, the new one begins with noise of its own; what was released stays
/// readable, and totals to date run over both. No family is counted twice, so a stream that goes on costs a family
/// the dearer of its two charges, not their sum. Each borough adopts it under its own cap, from a file:
/// `policy export`. It must be signed before the recording period of its first quarter ends, with time to adopt it.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// What people call it
    #[arg(long)]
    name: String,
    /// First quarter it rules [default: the one after the horizon's last, which makes it an extension]
    #[arg(long, value_name = "QUARTER")]
    first_quarter: Option<Quarter>,
    /// Total ρ [default: as before]
    #[arg(long, value_name = "RHO")]
    rho: Option<Rho>,
    /// Who signs it
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Which policy rules which quarters, oldest first.
#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Write the signed policy that was signed last; a borough adopts it with `tenfold-node policy adopt --policy FILE`.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn change(aggregator: &Aggregator, change: Change) -> anyhow::Result<()> {
    let before = aggregator.policy()?;
    let first = change.first_quarter.unwrap_or_else(|| before.last_quarter().next());
    let total = change.rho.unwrap_or(before.policy().total);
    let mut policy = planning::default_policy(change.name, aggregator.clock.is_rehearsal(), first, total);
    policy.opening = before.policy().opening;
    policy.succeeds = Some(before.hash().to_owned());
    let verified = found::sign_policy(aggregator, &policy, &change.by)?;
    println!(
        "{} is signed; it takes over from {} at {first}. Its hash is {}.\n\
         Write it for the boroughs with policy export; each adopts it before it prepares {first}.",
        policy.name,
        before.policy().name,
        verified.hash()
    );
    Ok(())
}

/// Plan a policy: the shipped time matrix for 24 quarters, the shipped streams, noise scales from the share of ρ.
#[derive(Debug, Args)]
pub(super) struct Make {
    /// What people call it
    #[arg(long)]
    name: String,
    /// First period of the horizon, such as 2015-Q1: the opening position, everything up to that quarter's last
    /// day with what boroughs bring from before Tenfold; the quarter after it is the first shown as activity
    #[arg(long, value_name = "QUARTER")]
    first_quarter: Quarter,
    /// Show the first quarter as activity too: no borough brings anything from before Tenfold, and what one brings
    /// is never counted
    #[arg(long)]
    no_opening: bool,
    /// Total ρ: 0.1 (strict), 0.25 or 0.5 (generous) are the studied profiles; `plan --rho` shows what each buys
    #[arg(long, value_name = "RHO", default_value = "0.25")]
    rho: Rho,
    /// Who signs it
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl PolicyCommand {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        match self {
            Self::Make(make) => {
                let rehearsal = aggregator.clock.is_rehearsal();
                let mut policy = planning::default_policy(make.name, rehearsal, make.first_quarter, make.rho);
                policy.opening = !make.no_opening;
                let verified = found::sign_policy(aggregator, &policy, &make.by)?;
                println!("{} is signed and in force; its hash is {}.", policy.name, verified.hash());
                Ok(())
            }
            Self::Change(command) => change(aggregator, command),
            Self::List(command) => {
                policies::print(&*aggregator.succession()?, aggregator.now(), command.json)
            }
            Self::Export(command) => {
                fs::write(&command.out, aggregator.policy()?.signed())
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{}", command.out.display());
                Ok(())
            }
            Self::Show => program::print_json(aggregator.policy()?.policy()),
            Self::Explain(command) => command.run(aggregator),
        }
    }
}

/// Enrol a borough's node. Make sure by telephone that the request's release key is the one the borough sees.
#[derive(Debug, Args)]
pub(super) struct Enrol {
    /// The enrolment request the borough sent as a file
    #[arg(required_unless_present = "waiting")]
    request: Option<PathBuf>,
    /// A request that came by itself and waits, by its number as `enrolments` shows it
    #[arg(long, value_name = "NUMBER", conflicts_with = "request")]
    waiting: Option<String>,
    /// Where to write the bundle for the borough; a node whose request came by itself fetches it by itself
    #[arg(long, value_name = "FILE", required_unless_present = "waiting")]
    out: Option<PathBuf>,
    /// Quarter of the borough's first release [default: the first that is not due yet; it is never moved]
    #[arg(long, value_name = "QUARTER")]
    first_quarter: Option<Quarter>,
    /// Who enrols it
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Enrol {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let request = match (&self.request, &self.waiting) {
            (Some(path), _) => {
                fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?
            }
            (None, number) => apply::waiting(aggregator, number.as_deref().unwrap_or_default())?.signed,
        };
        let bundle = enrol::enrol_from(aggregator, &request, self.first_quarter, &self.by)?;
        let how = match &self.out {
            Some(out) => {
                fs::write(out, serde_json::to_vec_pretty(&bundle)?)
                    .with_context(|| format!("{} cannot be written", out.display()))?;
                format!("Send {} to the borough", out.display())
            }
            None => "The borough runs its `tenfold-node enrol` again and is given its bundle".to_owned(),
        };
        println!(
            "{} is enrolled; its first release is for {}. {how}, and tell it the root's fingerprint another way:\n{}",
            bundle.borough,
            bundle.first_quarter,
            tls::fingerprint_of_pem(&bundle.root_pem)?,
        );
        Ok(())
    }
}

/// Withdraw a node certificate, and every other that the same node was given; the deny list only grows.
#[derive(Debug, Args)]
pub(super) struct Deny {
    /// SHA-256 of the node certificate, as `status` shows it
    fingerprint: String,
    /// Who withdraws it
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Deny {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let withdrawn = enrol::deny(aggregator, &self.fingerprint, &self.by)?;
        println!("{} is withdrawn for ever.", self.fingerprint);
        if withdrawn > 1 {
            println!("With it {} more that its node was given.", withdrawn - 1);
        }
        Ok(())
    }
}
