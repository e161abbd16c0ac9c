//! `preflight`: whether this machine may call the aggregator, before anything is installed.

use std::{fs, path::PathBuf};
use tenfold_web::println;

use anyhow::{Context, bail};
use clap::Args;
use tenfold_common::{
    clock::{Clock, SystemClock},
    protocol::Bundle,
};
use tenfold_web::program;

use crate::{
    duties::{
        Node,
        preflight::{self, Asked},
    },
    settings::Settings,
};

/// Look whether this machine may call the aggregator, and print what to ask the network team for.
///
/// Needs no node: the address from the region is enough. Tries name, connection, proxy, TLS and clock one after another,
/// sends nothing but a greeting, and prints a firewall request. Exit code 1 where something failed.
#[derive(Debug, Args)]
pub(super) struct Preflight {
    /// The aggregator's address for nodes, such as https://ingest.example:443 [default: the bundle's]
    #[arg(long, value_name = "ADDRESS")]
    url: Option<String>,
    /// The region's bundle: who issued the aggregator's certificate is then checked by the root in it
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Proxy, such as http://proxy.example:3128 [default: the setting]
    #[arg(long, value_name = "ADDRESS")]
    proxy: Option<String>,
    /// The region's pages, if they are to be tried as well: https://…
    #[arg(long, value_name = "ADDRESS")]
    pages: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Preflight {
    pub(super) fn run(
        self,
        settings: &Settings,
        open: impl FnOnce() -> anyhow::Result<Node>,
    ) -> anyhow::Result<()> {
        let node = if settings.data.is_dir() { open().ok() } else { None };
        let bundle: Option<Bundle> = match &self.bundle {
            Some(path) => {
                let text =
                    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
                let read = serde_json::from_str(&text);
                Some(read.with_context(|| format!("{} is no bundle", path.display()))?)
            }
            None => node.as_ref().and_then(|node| node.bundle().ok()),
        };
        let url = self.url.or_else(|| Some(bundle.as_ref()?.ingest_url.clone()));
        let Some(url) = url else { bail!("name the aggregator's address with --url, as the region told it") };
        let mut settings = settings.clone();
        if let Some(proxy) = self.proxy {
            settings.proxy = proxy;
        }
        let root_pem = bundle.map(|bundle| bundle.root_pem);
        let asked = Asked { url, way: settings.way()?, root_pem, pages: self.pages };
        let now = node.as_ref().map_or_else(|| SystemClock.now(), Node::now);
        let looked = preflight::preflight(&asked, now)?;
        if self.json {
            program::print_json(&looked)?;
        } else {
            print(&looked);
        }
        match looked.failures() {
            0 => Ok(()),
            failures => bail!("{failures} of {} checks did not pass", looked.checks.len()),
        }
    }
}

fn print(looked: &preflight::Preflight) {
    let mut table = program::table(&["Check", "Outcome", "Found", "Do"]);
    for check in &looked.checks {
        let advice = check.advice.as_deref().unwrap_or_default();
        table.add_row([check.what, check.outcome.in_words(), &check.found, advice]);
    }
    println!("{table}\n\n{}", looked.firewall_request);
}
