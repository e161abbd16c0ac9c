//! One connection, looked at step by step: TCP, a proxy's CONNECT, a TLS handshake without a certificate of our own.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{ServerName, UnixTime},
    time_provider::TimeProvider,
    version::TLS13,
};
use tenfold_common::clock::Moment;

use crate::region::{Seen, Shown, Witness, http_date};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a step came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProbeError {
    /// No connection, or it broke.
    #[error("{}", in_words(.0))]
    Io(#[from] io::Error),
    /// The proxy opened no way.
    #[error("it answered the request for a way out with status {status}")]
    Proxy {
        /// HTTP status.
        status: u16,
    },
    /// What answers does not speak HTTP.
    #[error("what answers is no proxy for HTTP CONNECT")]
    NoProxy,
    /// The handshake failed.
    #[error("{reason}")]
    Tls {
        /// Why.
        reason: String,
        /// The certificate shown, if it came so far.
        shown: Option<Shown>,
    },
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "nothing listens there, or a firewall refuses it".to_owned(),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            "no answer within 10 seconds, as when a firewall drops what is sent".to_owned()
        }
        ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => {
            "the connection was cut off".to_owned()
        }
        _ => error.to_string(),
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Line(TcpStream);

/// What a greeting in TLS brought.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) shown: Shown,
    /// Whether the other end wanted to see a certificate of ours, as the aggregator does.
    pub(super) wants_certificate: bool,
}

impl Line {
    /// Connects to the first of a name's addresses that answers.
    pub(super) fn open(host: &str, port: u16) -> Result<Self, ProbeError> {
        let mut last = io::Error::from(ErrorKind::NotFound);
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(socket) => {
                    socket.set_read_timeout(Some(PATIENCE))?;
                    socket.set_write_timeout(Some(PATIENCE))?;
                    return Ok(Self(socket));
                }
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    /// Asks a proxy for a way to a host; also returns the proxy's date, where it tells one.
    pub(super) fn through_proxy(
        mut self,
        basic: Option<&str>,
        host: &str,
        port: u16,
    ) -> Result<(Self, Option<Moment>), ProbeError> {
        let sign_in = basic.map(|basic| format!("Proxy-Authorization: {basic}\r\n")).unwrap_or_default();
        let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{sign_in}\r\n");
        self.0.write_all(request.as_bytes())?;
        let head = head(&mut self.0)?;
        match status(&head) {
            Some(200) => Ok((self, date(&head))),
            Some(status) => Err(ProbeError::Proxy { status }),
            None => Err(ProbeError::NoProxy),
        }
    }

    /// Greets in TLS 1.3 without a certificate of our own, and looks at what is shown. Nothing else is sent.
    pub(super) fn greet(self, host: &str, root_pem: Option<&str>, now: Moment) -> Result<Heard, ProbeError> {
        let (mut stream, seen) = self.secured(host, root_pem, now)?;
        let shown = seen.last().ok_or_else(|| failed("no readable certificate was shown", None))?;
        // In TLS 1.3 the other end says only afterwards that it wanted a certificate.
        let refused = stream.read(&mut [0]).err().and_then(alert);
        Ok(Heard { shown, wants_certificate: refused == Some(AlertDescription::CertificateRequired) })
    }

    /// The date that a page's server tells.
    pub(super) fn date_of_page(self, host: &str, now: Moment) -> Result<Option<Moment>, ProbeError> {
        let (mut stream, _) = self.secured(host, None, now)?;
        stream
            .write_all(format!("HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())?;
        Ok(date(&head(&mut stream)?))
    }

    fn secured(
        self,
        host: &str,
        root_pem: Option<&str>,
        now: Moment,
    ) -> Result<(StreamOwned<ClientConnection, TcpStream>, Seen), ProbeError> {
        let seen = Seen::default();
        let witness = match root_pem {
            Some(root) => {
                Witness::of(root, seen.clone()).map_err(|error| failed(&error.to_string(), None))?
            }
            None => Witness::of_anybody(seen.clone()),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_details(provider, Arc::new(At(now)))
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| failed(&error.to_string(), None))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_no_client_auth();
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|_| failed("the host has no name that a certificate could bear", None))?;
        let connection = ClientConnection::new(Arc::new(config), name)
            .map_err(|error| failed(&error.to_string(), None))?;
        let mut stream = StreamOwned::new(connection, self.0);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).map_err(|error| refused(error, &seen))?;
        }
        Ok((stream, seen))
    }
}

fn failed(reason: &str, shown: Option<Shown>) -> ProbeError {
    ProbeError::Tls { reason: reason.to_owned(), shown }
}

fn refused(error: io::Error, seen: &Seen) -> ProbeError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let reason = match inner {
        Some(Error::InvalidMessage(_)) => {
            "what answers does not speak TLS, as a sign-in page of the network does"
        }
        Some(Error::AlertReceived(AlertDescription::ProtocolVersion)) => {
            "what answers does not speak TLS 1.3"
        }
        Some(Error::InvalidCertificate(_)) => "the certificate shown is not one of the region's authority",
        Some(_) => "the handshake failed",
        None => return error.into(),
    };
    failed(reason, seen.last())
}

fn alert(error: io::Error) -> Option<AlertDescription> {
    match error.get_ref()?.downcast_ref::<Error>()? {
        Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}

/// A head that came, up to its empty line.
fn head(from: &mut impl Read) -> Result<String, ProbeError> {
    let mut bytes = Vec::new();
    let mut one = [0];
    while !bytes.ends_with(b"\r\n\r\n") && bytes.len() < 16_384 {
        match from.read(&mut one)? {
            0 => break,
            _ => bytes.push(one[0]),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn status(head: &str) -> Option<u16> {
    head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()
}

fn date(head: &str) -> Option<Moment> {
    let of_date = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim().to_owned())
    };
    http_date(&head.lines().find_map(of_date)?)
}

/// The moment at which certificates must hold.
#[derive(Debug)]
struct At(Moment);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.unix()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
