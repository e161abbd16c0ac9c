//! A caller at the aggregator's door that says whatever a test wants, byte by byte, over a real connection.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};
use tenfold_common::protocol::{Problem, ProblemKind};
use tenfold_web::tls;

use crate::federation::{Member, Running};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

/// An open connection.
#[derive(Debug)]
pub struct Line(StreamOwned<ClientConnection, TcpStream>);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An answer with its status, head and body.
    Answer {
        /// HTTP status.
        status: u16,
        /// The head in small letters.
        head: String,
        /// The body.
        body: String,
    },
    /// The other end refused in TLS.
    Alert(String),
    /// The other end closed without a word.
    Closed,
}

impl Caller {
    /// A caller with a node's own certificate.
    ///
    /// # Errors
    /// Where the node is not enrolled.
    pub fn of(federation: &Running, member: &Member) -> anyhow::Result<Self> {
        let bundle = member.node.bundle()?;
        let config = tls::client_config(
            tls::certificates_from_pem(&bundle.root_pem, "root")?.remove(0),
            tls::certificates_from_pem(&bundle.certificate_chain_pem, "chain")?,
            tls::key_from_pem(&member.node.keys.tls_key_pem()?)?,
            member.node.clock.clone(),
        )?;
        Ok(Self::with(federation.address(), config))
    }

    /// A caller as configured.
    pub fn with(address: SocketAddr, config: ClientConfig) -> Self {
        Self { address, config: Arc::new(config) }
    }

    /// The same caller at another address.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// Connects. In TLS 1.3 the other end's refusal is heard later.
    ///
    /// # Errors
    /// Where nobody listens, or the handshake fails at once.
    pub fn open(&self) -> io::Result<Line> {
        let socket = TcpStream::connect(self.address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        let connection = ClientConnection::new(Arc::clone(&self.config), ServerName::from(self.address.ip()))
            .map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, socket);
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(Line(stream))
    }

    /// Says something on a new connection and listens.
    pub fn say(&self, bytes: &[u8]) -> Heard {
        match self.open() {
            Ok(mut line) => line.ask(bytes),
            Err(error) => refused(&error),
        }
    }

    /// A request for a statement.
    pub fn statement(&self) -> Heard {
        self.say(b"GET /v1/statement HTTP/1.1\r\nhost: t\r\n\r\n")
    }

    /// Posts a text to a path as a node does.
    pub fn post(&self, path: &str, body: &str) -> Heard {
        self.say(posted(path, body).as_bytes())
    }
}

/// A text as a node posts it.
pub fn posted(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: t\r\ncontent-type: application/jose\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

impl Line {
    /// The TLS connection.
    pub fn tls(&self) -> &ClientConnection {
        &self.0.conn
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// Where the other end has closed.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)?;
        self.0.flush()
    }

    /// Sends bytes, whatever becomes of them, and listens.
    pub fn ask(&mut self, bytes: &[u8]) -> Heard {
        // Who is refused before everything was sent is told why all the same.
        let sent = self.send(bytes);
        match (self.listen(), sent) {
            (Heard::Closed, Err(error)) => refused(&error),
            (heard, _) => heard,
        }
    }

    /// Waits for an answer.
    pub fn listen(&mut self) -> Heard {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            if let Some(answer) = whole(&bytes) {
                return answer;
            }
            match self.0.read(&mut piece) {
                Ok(0) => return Heard::Closed,
                Ok(count) => bytes.extend_from_slice(&piece[..count]),
                Err(error) => return refused(&error),
            }
        }
    }
}

impl Heard {
    /// The problem it is, if it is one.
    pub fn problem(&self) -> Option<ProblemKind> {
        let Self::Answer { status, body, .. } = self else { return None };
        let problem: Problem = serde_json::from_str(body).ok()?;
        ProblemKind::from_uri(&problem.kind).filter(|kind| kind.status() == *status)
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let Self::Answer { head, .. } = self else { return None };
        head.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
    }

    /// The status of the answer.
    pub fn status(&self) -> Option<u16> {
        let Self::Answer { status, .. } = self else { return None };
        Some(*status)
    }
}

fn whole(bytes: &[u8]) -> Option<Heard> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    (body.len() >= length.unwrap_or(0)).then(|| Heard::Answer { status, head, body: body.to_owned() })
}

fn refused(error: &io::Error) -> Heard {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => Heard::Alert(format!("{alert:?}")),
        Some(other) => Heard::Alert(other.to_string()),
        None => Heard::Closed,
    }
}
