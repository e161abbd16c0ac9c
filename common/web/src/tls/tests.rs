//! Real handshakes on loopback, everything in 2016 by a stepped clock.

use std::{error::Error as _, net::TcpListener};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::ClientConfig;
use tenfold_common::clock::{Moment, SteppedClock};

use super::*;

struct Region {
    root: CertifiedIssuer<'static, KeyPair>,
    clock: SteppedClock,
}

struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

impl Region {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.not_before = date_time_ymd(2015, 1, 1);
        params.not_after = date_time_ymd(2030, 1, 1);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { root, clock: SteppedClock::at(moment("2016-04-01T09:00:00Z")) }
    }

    fn issue(&self, names: Vec<SanType>, purpose: ExtendedKeyUsagePurpose) -> Leaf {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names;
        params.extended_key_usages = vec![purpose];
        params.not_before = date_time_ymd(2016, 1, 1);
        params.not_after = date_time_ymd(2017, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.root).unwrap();
        Leaf { chain: vec![certificate.der().clone()], key: key_from_pem(&key.serialize_pem()).unwrap() }
    }

    fn node(&self, uris: &[&str]) -> Leaf {
        let names = uris.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())).collect();
        self.issue(names, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn client(&self, leaf: Leaf) -> ClientConfig {
        let root = self.root.der().clone();
        client_config(root, leaf.chain, leaf.key, Arc::new(self.clock.clone())).unwrap()
    }

    fn serve(&self) -> (String, ServerHandle) {
        let own = self.issue(
            vec![SanType::DnsName("localhost".try_into().unwrap())],
            ExtendedKeyUsagePurpose::ServerAuth,
        );
        let roots = vec![self.root.der().clone()];
        let config = server_config(own.chain, own.key, roots, Arc::new(self.clock.clone())).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        let server = HttpServer::new(|| App::new().route("/", web::get().to(who)))
            .on_connect(|io, data| {
                if let Some(peer) = peer_of(io) {
                    data.insert(peer);
                }
            })
            .workers(1)
            .disable_signals()
            .listen_rustls_0_23(listener, config)
            .unwrap()
            .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        (address, handle)
    }
}

async fn who(request: HttpRequest) -> HttpResponse {
    let Some(peer) = request.conn_data::<PeerCertificate>() else {
        return HttpResponse::Unauthorized().finish();
    };
    match peer.borough() {
        Ok(borough) => HttpResponse::Ok().body(format!("{borough} until {}", peer.not_after().unwrap())),
        Err(error) => HttpResponse::Forbidden().body(error.to_string()),
    }
}

async fn get(address: &str, config: ClientConfig) -> Result<String, String> {
    let client = reqwest::Client::builder().tls_backend_preconfigured(config).build().unwrap();
    let causes = |error: reqwest::Error| {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text += &format!(": {error}");
            cause = error.source();
        }
        text
    };
    let response = client.get(address).send().await.map_err(causes)?;
    response.text().await.map_err(causes)
}

const BOLTON: &str = "urn:tenfold:borough:E08000001";

#[actix_web::test]
async fn the_certificate_alone_says_which_borough_speaks() {
    let region = Region::new("here");
    let (address, server) = region.serve();
    for (names, answer) in [
        (vec![BOLTON], "E08000001 until 2017-01-01T00:00:00Z"),
        (vec!["urn:tenfold:borough:E08000002"], "E08000002 until 2017-01-01T00:00:00Z"),
        (
            vec![BOLTON, "urn:tenfold:borough:E08000002"],
            "the node certificate carries 2 URI names, expected exactly one",
        ),
        (vec![], "the node certificate carries 0 URI names, expected exactly one"),
        (
            vec!["urn:tenfold:borough:E080000010"],
            "the node certificate's URI name is no borough's, expected urn:tenfold:borough: and a GSS code",
        ),
        (
            vec!["urn:tenfold:borough:xE08000001"],
            "the node certificate's URI name is no borough's, expected urn:tenfold:borough: and a GSS code",
        ),
    ] {
        let config = region.client(region.node(&names));
        assert_eq!(get(&address, config).await.as_deref(), Ok(answer), "{names:?}");
    }
    server.stop(false).await;
}

#[actix_web::test]
async fn strangers_and_the_expired_are_refused() {
    let region = Region::new("here");
    let (address, server) = region.serve();
    let foreign = Region::new("elsewhere").node(&[BOLTON]);
    let refused = get(&address, region.client(foreign)).await.unwrap_err();
    assert!(refused.contains("UnknownCA") || refused.contains("DecryptError"), "{refused}");

    let not_a_node =
        region.issue(vec![SanType::URI(BOLTON.try_into().unwrap())], ExtendedKeyUsagePurpose::ServerAuth);
    assert!(get(&address, region.client(not_a_node)).await.is_err());

    let bolton = region.node(&[BOLTON]);
    region.clock.set(moment("2015-12-31T23:59:59Z"));
    assert!(get(&address, region.client(bolton)).await.is_err());
    // The server's certificate expires on the same day, so only the server's clock is moved.
    let region = Region { clock: SteppedClock::at(moment("2016-12-31T23:59:59Z")), root: region.root };
    let (later, other) = region.serve();
    let bolton = region.client(region.node(&[BOLTON]));
    let still = Arc::new(SteppedClock::at(moment("2016-06-01T00:00:00Z")));
    let mut config = bolton.clone();
    assert!(get(&later, bolton).await.is_ok());
    region.clock.set(moment("2017-01-01T00:00:01Z"));
    config.time_provider = Arc::new(ClockTime(still));
    let refused = get(&later, config).await.unwrap_err();
    assert!(refused.contains("CertificateExpired"), "{refused}");
    server.stop(false).await;
    other.stop(false).await;
}

#[actix_web::test]
async fn without_a_certificate_or_with_tls_1_2_nobody_passes() {
    let region = Region::new("here");
    let (address, server) = region.serve();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(region.root.der().clone()).unwrap();
    let time = Arc::new(ClockTime(Arc::new(region.clock.clone())));
    let bare = ClientConfig::builder_with_details(provider(), time.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    let refused = get(&address, bare).await.unwrap_err();
    assert!(refused.contains("CertificateRequired"), "{refused}");

    let leaf = region.node(&[BOLTON]);
    let old = ClientConfig::builder_with_details(provider(), time)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(leaf.chain, leaf.key)
        .unwrap();
    let refused = get(&address, old).await.unwrap_err();
    assert!(refused.contains("ProtocolVersion"), "{refused}");
    server.stop(false).await;
}

/// A whole handshake in memory, on this thread; the server's error where it refuses.
fn handshake(
    client: &Arc<ClientConfig>,
    server: &Arc<rustls::ServerConfig>,
) -> Result<rustls::ServerConnection, rustls::Error> {
    let mut client = rustls::ClientConnection::new(client.clone(), "localhost".try_into().unwrap()).unwrap();
    let mut server = rustls::ServerConnection::new(server.clone()).unwrap();
    for _ in 0..6 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets().unwrap();
    }
    Ok(server)
}

impl Region {
    fn server(&self) -> Arc<rustls::ServerConfig> {
        let name = SanType::DnsName("localhost".try_into().unwrap());
        let own = self.issue(vec![name], ExtendedKeyUsagePurpose::ServerAuth);
        let roots = vec![self.root.der().clone()];
        Arc::new(server_config(own.chain, own.key, roots, Arc::new(self.clock.clone())).unwrap())
    }
}

#[test]
fn every_connection_is_a_full_post_quantum_handshake() {
    let region = Region::new("here");
    let (server, client) = (region.server(), Arc::new(region.client(region.node(&[BOLTON]))));
    for _ in 0..2 {
        let server = handshake(&client, &server).unwrap();
        assert!(!server.is_handshaking());
        assert_eq!(server.handshake_kind(), Some(rustls::HandshakeKind::Full));
        let group = server.negotiated_key_exchange_group().unwrap().name();
        assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
    }
}

/// Log lines, kept in memory.
#[derive(Clone, Default)]
struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_refusal_is_logged_in_words_with_the_name_it_claims() {
    let region = Region::new("here");
    let server = region.server();
    let stranger = Arc::new(region.client(Region::new("elsewhere").node(&[BOLTON])));
    let nameless = Arc::new(region.client(Region::new("elsewhere").node(&["urn:other:name"])));
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        assert!(handshake(&stranger, &server).is_err());
        assert!(handshake(&nameless, &server).is_err());
    });
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let told: Vec<&str> = text.lines().collect();
    assert_eq!(told.len(), 2, "{text}");
    let words = "node certificate refused: it was not issued by this region";
    assert!(told[0].contains(words) && told[0].contains(BOLTON), "{text}");
    // A name that is no borough's is not repeated: a stranger writes nothing into our log.
    assert!(told[1].contains(words) && !text.contains("urn:other"), "{text}");
}
