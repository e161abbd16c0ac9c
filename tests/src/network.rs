//! What stands between a council and the world: proxies, boxes that look into TLS, sign-in pages, lines that break.
//! Real sockets, each in threads of its own that end with the process.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};
use tenfold_aggregator::enrolment::Issued;
use tenfold_web::tls;

/// Serves every connection at a free port with the same hand.
fn serve(hand: impl Fn(TcpStream) + Send + Sync + 'static) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let hand = Arc::new(hand);
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let hand = Arc::clone(&hand);
            thread::spawn(move || hand(socket));
        }
    });
    Ok(address)
}

/// A proxy by HTTP CONNECT that demands a Basic sign-in, if any.
///
/// # Errors
/// Where no port is free.
pub fn proxy(sign_in: Option<&'static str>) -> anyhow::Result<SocketAddr> {
    serve(move |mut socket| {
        let head = head(&mut socket).to_lowercase();
        let signed_in =
            |basic: &str| head.contains(&format!("proxy-authorization: {basic}\r\n").to_lowercase());
        if sign_in.is_some_and(|basic| !signed_in(basic)) {
            let told = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"council\"\r\n\
                        Content-Length: 0\r\n\r\n";
            let _ = socket.write_all(told.as_bytes());
            return;
        }
        let Some(to) = head.strip_prefix("connect ").and_then(|rest| rest.split(' ').next()) else { return };
        let Ok(out) = TcpStream::connect(to) else { return };
        let _ = socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
        pass(&socket, &out);
    })
}

/// Something that answers everything with the same HTTP text, without TLS: a sign-in page, a proxy that refuses.
///
/// # Errors
/// Where no port is free.
pub fn portal(answer: &'static str) -> anyhow::Result<SocketAddr> {
    serve(move |mut socket| {
        let mut some = [0; 1024];
        let _ = socket.read(&mut some);
        let _ = socket.write_all(answer.as_bytes());
        thread::sleep(Duration::from_millis(200));
    })
}

/// A box that ends TLS under an authority of its own and answers with a text.
///
/// # Errors
/// Where its certificates cannot be made.
pub fn inspector(issuer: &str, answer: &'static str) -> anyhow::Result<SocketAddr> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, issuer);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (authority.not_before, authority.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2100, 1, 1));
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
    (leaf.not_before, leaf.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2100, 1, 1));
    let leaf = leaf.signed_by(&key, &authority)?;
    ending_tls(&format!("{}{}", leaf.pem(), authority.pem()), &key.serialize_pem(), answer)
}

/// The same with the region's own certificates: a door of the region that leads to something else.
///
/// # Errors
/// Where the certificates do not fit.
pub fn another_door(server: &Issued, issuing: &Issued, answer: &'static str) -> anyhow::Result<SocketAddr> {
    let chain = format!("{}{}", server.certificate_pem, issuing.certificate_pem);
    ending_tls(&chain, &server.key_pem, answer)
}

fn ending_tls(chain_pem: &str, key_pem: &str, answer: &'static str) -> anyhow::Result<SocketAddr> {
    tls::install_provider();
    let chain = tls::certificates_from_pem(chain_pem, "chain")?;
    let key: PrivateKeyDer<'static> = tls::key_from_pem(key_pem)?;
    let config = Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?);
    serve(move |socket| {
        let Ok(connection) = ServerConnection::new(Arc::clone(&config)) else { return };
        let mut stream = StreamOwned::new(connection, socket);
        let mut some = [0; 4096];
        let _ = stream.read(&mut some);
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.flush();
    })
}

/// A line to an address that can lose every answer on its way back, after the other side acted.
#[derive(Clone, Debug)]
pub struct Relay {
    address: SocketAddr,
    losing: Arc<AtomicBool>,
}

impl Relay {
    /// A line that loses nothing yet.
    ///
    /// # Errors
    /// Where no port is free.
    pub fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let losing = Arc::new(AtomicBool::new(false));
        let loses = Arc::clone(&losing);
        let address = serve(move |socket| {
            let Ok(out) = TcpStream::connect(address) else { return };
            if loses.load(Ordering::SeqCst) { lose_answers(&socket, &out) } else { pass(&socket, &out) }
        })?;
        Ok(Self { address, losing })
    }

    /// Where the line begins.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// From the next connection on, answers are lost or not.
    pub fn lose(&self, losing: bool) {
        self.losing.store(losing, Ordering::SeqCst);
    }
}

/// Carries bytes both ways until one end closes.
fn pass(one: &TcpStream, other: &TcpStream) {
    let (Ok(mut from), Ok(mut to)) = (one.try_clone(), other.try_clone()) else { return };
    let there = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (other, one);
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
    let _ = there.join();
}

/// Carries a handshake and a request; what comes back after the request is lost, and the line with it. In TLS 1.3 the
/// caller speaks a second time only when the handshake is complete on its side.
fn lose_answers(caller: &TcpStream, called: &TcpStream) {
    let (heard, requested) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (Ok(mut from), Ok(mut to)) = (caller.try_clone(), called.try_clone()) else { return };
    let (was_heard, has_requested) = (Arc::clone(&heard), Arc::clone(&requested));
    thread::spawn(move || {
        let mut piece = [0; 16_384];
        while let Ok(count @ 1..) = from.read(&mut piece) {
            if was_heard.load(Ordering::SeqCst) {
                has_requested.store(true, Ordering::SeqCst);
            }
            if to.write_all(&piece[..count]).is_err() {
                break;
            }
        }
    });
    let (mut from, mut to) = (called, caller);
    let mut piece = [0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if requested.load(Ordering::SeqCst) {
            break;
        }
        heard.store(true, Ordering::SeqCst);
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = caller.shutdown(Shutdown::Both);
    let _ = called.shutdown(Shutdown::Both);
}

/// The head of a request.
fn head(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut one = [0];
    while !bytes.ends_with(b"\r\n\r\n") && socket.read(&mut one).is_ok_and(|count| count == 1) {
        bytes.push(one[0]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A port at which nobody listens.
///
/// # Errors
/// Where none is free.
pub fn nobody() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    Ok(listener.local_addr()?)
}
