//! `serve` and `check`: the node's pages, and whether the aggregator can be reached.

mod apart;

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};
use tenfold_web::println;

use anyhow::{Context, ensure};
use clap::Args;

use super::releases::{rejections_table, runtime};
use crate::{
    duties::{
        DutyError, Node, apply,
        deliver::{self, Trying},
        rejected, renew, rotate, witness,
    },
    region::Way,
    settings::Settings,
    web::server,
};

/// Serve the node's pages until Ctrl-C, and deliver what becomes due meanwhile.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port of the pages, on loopback only
    #[arg(long, value_name = "ADDRESS")]
    pages: Option<SocketAddr>,
}

impl Serve {
    pub(super) fn run(self, node: Node, settings: Settings) -> anyhow::Result<()> {
        let address = self.pages.unwrap_or(settings.pages_listen);
        ensure!(
            address.ip().is_loopback(),
            "pages are served over plain HTTP on loopback addresses only, {address} is not one; \
             put the council's TLS reverse proxy in front"
        );
        let listener = TcpListener::bind(address).with_context(|| {
            format!("{address} cannot be listened at: is the node running already, or another program on that port?")
        })?;
        let way = settings.way()?;
        println!("Pages at http://{}/", listener.local_addr()?);
        actix_web::rt::System::new().block_on(async move {
            let server = server::serve(node.clone(), listener)?;
            let handle = server.handle();
            let pages = tokio::spawn(server);
            let outbox = tokio::spawn(look_after_outbox(node, settings, way));
            tokio::signal::ctrl_c().await.context("Ctrl-C cannot be listened for")?;
            outbox.abort();
            handle.stop(true).await;
            pages.await??;
            Ok(())
        })
    }
}

/// The outermost loop: does what is due, then sleeps. Everything else is a function of the moment.
async fn look_after_outbox(node: Node, settings: Settings, way: Way) {
    let mut told = String::new();
    loop {
        let renewed = renew::when_due(&node, &way).await.map(|_| ());
        let rotated = rotate::when_pending(&node, &way).await.map(|_| ());
        let sealed = match deliver::is_approved(&node).await {
            Ok(true) => apart::seal(&settings).await,
            other => other.map(|_| ()),
        };
        let sent = match node.region(&way) {
            Ok(region) => deliver::deliver(&node, &region, Trying::WhenDue).await.map(|_| ()),
            Err(error) => Err(error),
        };
        let attempt = renewed.and(rotated).and(sealed).and(sent);
        let failure = match attempt {
            Ok(()) | Err(DutyError::NotEnrolled) => String::new(),
            Err(error) => error.to_string(),
        };
        // A failure that lasts is logged once.
        if failure != told && !failure.is_empty() {
            tracing::warn!("{failure}");
        }
        told = failure;
        tokio::time::sleep(until_next(&node, settings.deliver_every_s).await).await;
    }
}

/// How long to sleep: until the next release is due, and `every_s` at most, for what people approve meanwhile.
async fn until_next(node: &Node, every_s: u64) -> Duration {
    let due = deliver::next_due(node).await.ok().flatten();
    let seconds = due.and_then(|due| u64::try_from(due.unix() - node.now().unix()).ok());
    Duration::from_secs(seconds.unwrap_or(every_s).min(every_s).max(1))
}

/// Ask the aggregator for its statement about this borough: shows that network and certificates work.
#[derive(Debug, Args)]
pub(super) struct Check;

impl Check {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        let way = settings.way()?;
        let region = node.region(&way)?;
        let runtime = runtime()?;
        let statement = match runtime.block_on(witness::call_in(node, &region)) {
            Ok(statement) => statement,
            Err(DutyError::Delivery { reason }) => {
                // A refusal in the handshake says little or nothing; the region's pages say why.
                let why = match runtime.block_on(apply::standing(node, &way)) {
                    Ok(Some(standing)) => format!("; the region says of this node: {}", standing.words),
                    Ok(None) => String::new(),
                    Err(other) => format!("; why, could not be asked: {other}"),
                };
                return Err(DutyError::Delivery { reason: format!("{reason}{why}") }.into());
            }
            Err(error) => return Err(error.into()),
        };
        let rejections = runtime.block_on(rejected::hear(node, &region))?;
        match statement.last {
            Some(last) => println!(
                "The aggregator answers; it last received release {} for {}.",
                last.id.number, last.id.quarter
            ),
            None => println!("The aggregator answers; it has received nothing from this borough yet."),
        }
        if !rejections.is_empty() {
            println!("{}", rejections_table(&rejections));
        }
        Ok(())
    }
}
