//! `init`, `join`, `policy`: becoming a node of the federation.

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::{Args, Subcommand};
use tenfold_common::{
    clock::{Clock, RehearsalClock, SystemClock},
    geography::{self, BoroughCode},
    privacy::{Every, Rho, StreamPolicy},
    protocol::{Bundle, joining::Invitation},
};
use tenfold_web::{
    planning::{self, PlanCommand},
    policies, println, program, tls,
};

use super::releases::runtime;
use crate::{
    duties::{
        Node, adopt,
        apply::{self, Entry},
        create::{self, Making},
    },
    front::Front,
    ledger,
    settings::Settings,
    store,
};

/// Make a new node. Running it again with the same answers goes on where it was.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The borough's GSS code, such as E08000001; for ever
    #[arg(long, value_name = "CODE")]
    borough: BoroughCode,
    /// The information-governance officer who sets the cap
    #[arg(long, value_name = "NAME")]
    officer: String,
    /// Lifetime cap of every family's privacy loss ρ; no message from the region can raise it
    #[arg(long, value_name = "RHO", default_value = "0.25")]
    cap: Rho,
    /// Make a rehearsal that obeys this clock file for ever
    #[arg(long, value_name = "FILE")]
    rehearsal: Option<PathBuf>,
    /// Where to write the enrolment request [default: enrolment-request.jws in the node's folder]
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let clock: Arc<dyn Clock> = match &self.rehearsal {
            Some(path) => Arc::new(RehearsalClock::open(path)?),
            None => Arc::new(SystemClock),
        };
        let borough = geography::borough(&self.borough)
            .with_context(|| format!("{} is none of the region's boroughs", self.borough))?;
        let making = Making {
            borough: self.borough.clone(),
            rehearsal_clock: self.rehearsal,
            cap: self.cap,
            officer: self.officer,
        };
        let node = create::create(&settings.data, &settings.database()?, &making, clock.now())?;
        let path = self.request.unwrap_or_else(|| settings.data.join("enrolment-request.jws"));
        fs::write(&path, create::enrolment_request(&node)?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        println!(
            "The node of {} is made in {}.\nSend {} to the region; its release key is {}.",
            borough.name,
            settings.data.display(),
            path.display(),
            node.keys.release.public().id(),
        );
        Ok(())
    }
}

/// Join the federation: the bundle comes by any way, the root's fingerprint by another.
#[derive(Debug, Args)]
pub(super) struct Join {
    /// The bundle the region sent
    bundle: PathBuf,
    /// SHA-256 of the region's root certificate, as told by telephone or letter
    #[arg(long, value_name = "HEX")]
    root_fingerprint: String,
    /// Who joins
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Join {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let text = fs::read_to_string(&self.bundle)
            .with_context(|| format!("{} cannot be read", self.bundle.display()))?;
        let bundle: Bundle = serde_json::from_str(&text)
            .map_err(|_| anyhow::anyhow!("{} is not an enrolment bundle", self.bundle.display()))?;
        adopt::join(node, &bundle, &self.root_fingerprint, &self.by)?;
        println!("Joined; releases go to {}. Adopt the policy next: policy adopt.", bundle.ingest_url);
        Ok(())
    }
}

/// Join the federation over the network: by an invitation, or after a person at the centre has approved the request.
///
/// Sends the enrolment request to the region's pages. With an invitation the bundle comes at once, and its root must have
/// the fingerprint in the invitation; hear it by telephone too. Without one the request waits: run the same again.
#[derive(Debug, Args)]
pub(super) struct Enrol {
    /// The invitation, as the region told it
    #[arg(long, value_name = "TEXT", required_unless_present = "root_fingerprint")]
    invitation: Option<Invitation>,
    /// Without an invitation: SHA-256 of the region's root certificate, as told by telephone or letter
    #[arg(long, value_name = "HEX", conflicts_with = "invitation")]
    root_fingerprint: Option<String>,
    /// Address of the region's pages, https://HOST
    #[arg(long, value_name = "URL")]
    url: String,
    /// Who joins
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Enrol {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        let front = Front::open(&self.url, &settings.way()?)?;
        let entry = match self.invitation {
            Some(invitation) => Entry::Invited(invitation),
            None => Entry::Approved(self.root_fingerprint.unwrap_or_default()),
        };
        let Some(bundle) = runtime()?.block_on(apply::apply(node, &front, &entry, &self.by))? else {
            println!(
                "Not enrolled: the request has not been approved yet. Tell the region by telephone that its release key \
                 is {}, and run the same again later.",
                node.keys.release.public().id()
            );
            return Ok(());
        };
        println!(
            "Joined; releases go to {}. The root's fingerprint, to be heard by telephone as well:\n{}\nAdopt the policy \
             next: policy adopt.",
            bundle.ingest_url,
            tls::fingerprint_of_pem(&bundle.root_pem)?,
        );
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Adopt the region's policy under this borough's cap
    Adopt(Adopt),
    /// Which adopted policy rules which quarters
    List(List),
    /// Show the policy adopted last, what each stream charges, and what is left
    Explain(Explain),
}

/// Which adopted policy rules which quarters, oldest first.
#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Adopt a policy: charges each of its streams once, for the whole horizon.
///
/// One that takes over from the policy in force begins at its own first quarter; no family that a stream has counted
/// is counted in it again, so a stream that goes on costs the dearer of its charges.
#[derive(Debug, Args)]
pub(super) struct Adopt {
    /// The signed policy [default: the one in the bundle]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The information-governance officer who adopts it
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Show the policy adopted last, what each stream charges, and what is left.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Every number of the policy, with where it comes from
    #[arg(long)]
    numbers: bool,
    /// Every number as JSON
    #[arg(long)]
    json: bool,
}

/// Plans with the policy in force, for this borough.
pub(super) fn plan(node: &Node, command: &PlanCommand) -> anyhow::Result<()> {
    command.run(node.policy()?.policy(), Some(&node.borough))
}

impl PolicyCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        if let Self::List(list) = &self {
            return policies::print(&node.succession()?, node.now(), list.json);
        }
        if let Self::Explain(explain) = &self
            && (explain.numbers || explain.json)
        {
            return planning::explain(node.policy()?.policy(), &node.borough, explain.json);
        }
        if let Self::Adopt(adopt) = self {
            let signed = match &adopt.policy {
                Some(path) => fs::read_to_string(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?
                    .trim()
                    .to_owned(),
                None => node.bundle()?.policy,
            };
            let policy = adopt::adopt_policy(node, &signed, &adopt.by)?;
            println!("{} is adopted; it rules from {}.", policy.policy().name, policy.policy().first_quarter);
        }
        explain(node)
    }
}

fn counted_in(stream: &StreamPolicy, places: usize) -> String {
    match (stream.by_place, stream.places_every) {
        (false, _) => "the borough".to_owned(),
        (true, Every::Quarter) => format!("{places} places"),
        (true, Every::Year) => format!("{places} places once a year"),
    }
}

fn explain(node: &Node) -> anyhow::Result<()> {
    let policy = node.policy()?;
    let lines = node.store.read(store::ledger::lines)?;
    let places = policy.places(&node.borough)?;
    let mut table =
        program::table(&["Stream", "Counted by", "Noise σ (N, places, …)", "Charge ρ", "Share ρ"]);
    for stream in &policy.policy().streams {
        let sets = stream.label_sets.iter().map(|set| format!("{} ({} labels)", set.name, set.labels.len()));
        let sigma = stream.scales(places)?.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        table.add_row([
            stream.title.clone(),
            std::iter::once(counted_in(stream, places)).chain(sets).collect::<Vec<_>>().join(", "),
            sigma,
            policy.charge(&stream.name, &node.borough)?.to_string(),
            stream.share.to_string(),
        ]);
    }
    println!("{table}");
    let matrix = &policy.policy().time_matrix;
    println!(
        "Policy {} ({} quarters from {}{}), hash {}.\nTime matrix: {}; S = {}.",
        policy.policy().name,
        matrix.size(),
        policy.policy().first_quarter,
        if policy.policy().opening { ", the first being the opening position" } else { "" },
        policy.hash(),
        policy.policy().time_matrix_provenance,
        matrix.largest_column_sum(),
    );
    if policy.policy().releases_by_year() {
        println!(
            "What is released once a year, over {} years: {}; S = {}.",
            policy.policy().years().count(),
            policy.policy().yearly_matrix_provenance,
            policy.policy().yearly_matrix.largest_column_sum(),
        );
    }
    let (cap, spent) = (ledger::cap(&lines), ledger::lifetime(&lines));
    let left = cap.checked_sub(spent).unwrap_or_default();
    println!(
        "Every family line loses at most ρ = {spent} over its lifetime here; the borough's cap is {cap}, {left} is left.\n\
         ρ = {spent} is (ε, δ)-differential privacy with ε below {:.2} at δ = {}.\n\
         Someone who wrongly suspects 5 families in 100 would rightly pick this one {:.0} times in 100; without \
         these statistics, 5.",
        spent.epsilon(policy.policy().delta.parse().unwrap_or(1e-6)),
        policy.policy().delta,
        100.0 * spent.detection(0.05),
    );
    Ok(())
}
