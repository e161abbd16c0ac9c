//! A door of the aggregator, for nodes or for people, in a thread of its own; it can be closed and opened at the same port.

use std::{
    fmt,
    net::{SocketAddr, TcpListener},
    sync::mpsc,
    thread::{self, JoinHandle},
};

use actix_web::{
    dev::{Server, ServerHandle},
    rt::System,
};
use anyhow::{Context, anyhow};
use tenfold_aggregator::{
    duties::Aggregator,
    ingest::limits::Limits,
    web::{ingest, pages},
};
use tokio::net::TcpSocket;

/// The door.
pub struct Door {
    address: SocketAddr,
    limits: Limits,
    state: State,
}

enum State {
    Open {
        handle: ServerHandle,
        thread: JoinHandle<anyhow::Result<()>>,
    },
    /// Bound and not listening: the port stays ours, and whoever calls is refused.
    Closed(TcpSocket),
    Gone,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "door at {}", self.address)
    }
}

impl Door {
    /// Serves at a listener, within the limits of the shipped settings.
    ///
    /// # Errors
    /// Where the server does not start.
    pub fn open(aggregator: Aggregator, listener: TcpListener) -> anyhow::Result<Self> {
        Self::within(Limits::default(), aggregator, listener)
    }

    /// Serves at a listener, within limits.
    ///
    /// # Errors
    /// Where the server does not start.
    pub fn within(limits: Limits, aggregator: Aggregator, listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let state = serve(move || ingest::serve(aggregator, listener, limits))?;
        Ok(Self { address, limits, state })
    }

    /// Serves the pages at a listener.
    ///
    /// # Errors
    /// Where the server does not start.
    pub fn of_pages(aggregator: Aggregator, listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let state = serve(move || pages::serve(aggregator, listener))?;
        Ok(Self { address, limits: Limits::default(), state })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn close(&mut self) -> anyhow::Result<()> {
        self.end()?;
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        self.state = State::Closed(socket);
        Ok(())
    }

    pub(super) async fn reopen(&mut self, aggregator: Aggregator) -> anyhow::Result<()> {
        let State::Closed(socket) = std::mem::replace(&mut self.state, State::Gone) else {
            return Err(anyhow!("the door was not closed"));
        };
        let (listener, limits) = (socket.listen(128)?.into_std()?, self.limits);
        self.state = serve(move || ingest::serve(aggregator, listener, limits))?;
        Ok(())
    }

    fn end(&mut self) -> anyhow::Result<()> {
        if let State::Open { handle, thread } = std::mem::replace(&mut self.state, State::Gone) {
            // The order is given here; the thread ends when it is carried out.
            drop(handle.stop(false));
            thread.join().map_err(|_| anyhow!("the aggregator's server panicked"))??;
        }
        Ok(())
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // What a test found out before matters more than how its server ended.
        let _ = self.end();
    }
}

fn serve(start: impl FnOnce() -> anyhow::Result<Server> + Send + 'static) -> anyhow::Result<State> {
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        System::new().block_on(async move {
            let server = start()?;
            tell.send(server.handle()).context("nobody waits for the server")?;
            server.await.context("the server failed")
        })
    });
    match told.recv() {
        Ok(handle) => Ok(State::Open { handle, thread }),
        Err(_) => {
            thread.join().map_err(|_| anyhow!("the aggregator's server panicked"))??;
            Err(anyhow!("the aggregator's server ended at once"))
        }
    }
}
