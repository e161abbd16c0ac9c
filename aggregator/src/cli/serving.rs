//! `serve`: both doors until Ctrl-C.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
};

use tenfold_web::println;

use anyhow::Context;
use clap::Args;

use crate::{duties::Aggregator, settings::Settings, web};

/// Receive releases over mutual TLS and serve the pages until Ctrl-C.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port where nodes deliver
    #[arg(long, value_name = "ADDRESS")]
    ingest: Option<SocketAddr>,
    /// Address and port of the pages, on loopback only
    #[arg(long, value_name = "ADDRESS")]
    pages: Option<SocketAddr>,
}

impl Serve {
    pub(super) fn run(self, aggregator: Aggregator, settings: Settings) -> anyhow::Result<()> {
        let ingest = bind(self.ingest.unwrap_or(settings.ingest_listen))?;
        let pages = bind(self.pages.unwrap_or(settings.pages_listen))?;
        anyhow::ensure!(
            pages.local_addr()?.ip().is_loopback(),
            "pages are served over plain HTTP on loopback addresses only, {} is not one; put a TLS reverse proxy in front",
            pages.local_addr()?
        );
        println!("Receiving at https://{}, pages at http://{}/", ingest.local_addr()?, pages.local_addr()?);
        actix_web::rt::System::new().block_on(async move {
            let ingest = web::ingest::serve(aggregator.clone(), ingest, settings.limits())?;
            let pages = web::pages::serve(aggregator, pages)?;
            let stopped = tokio::signal::ctrl_c();
            let (ingest_handle, pages_handle) = (ingest.handle(), pages.handle());
            let ingest = tokio::spawn(ingest);
            let pages = tokio::spawn(pages);
            stopped.await.context("Ctrl-C cannot be listened for")?;
            ingest_handle.stop(true).await;
            pages_handle.stop(true).await;
            ingest.await??;
            pages.await??;
            Ok(())
        })
    }
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        let why = match error.kind() {
            ErrorKind::PermissionDenied => {
                "ports below 1024 need a privilege: give the service CAP_NET_BIND_SERVICE, or choose another port and \
                 forward this one to it"
            }
            _ => "is the program running already, or another one on that port?",
        };
        anyhow::Error::new(error).context(format!("{address} cannot be listened at: {why}"))
    })
}
