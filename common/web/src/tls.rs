//! Mutual TLS for both ends: TLS 1.3 only, no resumption, time from our clock, identity by one exact name.
//!
//! A resumed session never calls the verifier and would outlive a withdrawal, an expiry and our own new
//! certificate, so none is offered. The handshake's check is a courtesy; whoever acts on a peer asks again.
//!
//! # Source
//! RFC 8446; NCSC, Using TLS to protect data. Key exchange X25519MLKEM768 is preferred by the provider's order.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
    client::WebPkiServerVerifier,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{
        NoServerSessionStorage, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    time_provider::TimeProvider,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject};
use tenfold_common::{
    clock::Clock,
    geography::BoroughCode,
    protocol::{enrolment::borough_of_uri, signature::sha256_hex},
};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// Why certificates or keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Not PEM of the expected kind.
    #[error("{what} is not in the expected form (PEM)")]
    NotPem {
        /// Which part.
        what: &'static str,
    },
    /// The library refused them.
    #[error("the certificate or key cannot be used: {0}")]
    Rustls(#[from] rustls::Error),
    /// The verifier could not be built.
    #[error("the root certificate cannot be used: {reason}")]
    Root {
        /// Why.
        reason: String,
    },
    /// The certificate does not name exactly one borough.
    #[error("the certificate does not carry exactly one name of the form urn:tenfold:borough:CODE")]
    NoBorough,
}

/// A certificate chain with its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TLS identity")
    }
}

impl Identity {
    /// A chain and its key from PEM.
    ///
    /// # Errors
    /// Where one is not PEM of its kind.
    pub fn from_pem(chain: &str, key: &str) -> Result<Self, TlsError> {
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|_| TlsError::NotPem { what: "the TLS key" })?;
        Ok(Self {
            chain: certificates(chain)?,
            key,
        })
    }
}

#[derive(Debug)]
struct OurTime(Arc<dyn Clock>);

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().unix()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The server's side: every client must show a certificate issued under `root_pem`.
///
/// # Errors
/// Where root, chain or key cannot be used.
pub fn server_config(
    root_pem: &str,
    identity: Identity,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(root_pem)?, provider.clone())
        .build()
        .map_err(|error| TlsError::Root {
            reason: error.to_string(),
        })?;
    let verifier = Arc::new(TellingVerifier(verifier));
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(OurTime(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// The client's side: the server must show a certificate issued under `root_pem`; ours is shown to it.
///
/// # Errors
/// Where root, chain or key cannot be used.
pub fn client_config(
    root_pem: &str,
    identity: Identity,
    clock: Arc<dyn Clock>,
) -> Result<ClientConfig, TlsError> {
    let mut config = client(root_pem, clock)?.with_client_auth_cert(identity.chain, identity.key)?;
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// A client that shows no certificate, for tests of what a server refuses.
///
/// # Errors
/// Where the root cannot be used.
pub fn anonymous_client_config(root_pem: &str, clock: Arc<dyn Clock>) -> Result<ClientConfig, TlsError> {
    Ok(client(root_pem, clock)?.with_no_client_auth())
}

fn client(
    root_pem: &str,
    clock: Arc<dyn Clock>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots(root_pem)?, provider.clone())
        .build()
        .map_err(|error| TlsError::Root {
            reason: error.to_string(),
        })?;
    Ok(
        ClientConfig::builder_with_details(provider, Arc::new(OurTime(clock)))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_webpki_verifier(verifier),
    )
}

/// Makes our provider the process's own, for libraries that ask for one. A second call changes nothing.
pub fn install_provider() {
    let _ = CryptoProvider::install_default(aws_lc_rs::default_provider());
}

/// Verifies as webpki does, and says in the log whom it refused and why.
#[derive(Debug)]
struct TellingVerifier(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for TellingVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.0.verify_client_cert(end_entity, intermediates, now).inspect_err(|error| {
            let name = borough_of(end_entity).map_or_else(|_| "nobody".to_owned(), |code| code.to_string());
            let fingerprint = fingerprint(end_entity);
            tracing::warn!(claims = %name, %fingerprint, "node certificate refused in the handshake: {error}");
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The certificate a client showed on a connection, in actix's `on_connect`.
pub fn peer_certificate(connection: &dyn Any) -> Option<CertificateDer<'static>> {
    use actix_web::rt::net::TcpStream;
    let stream = connection.downcast_ref::<actix_tls::accept::rustls_0_23::TlsStream<TcpStream>>()?;
    Some(
        stream
            .get_ref()
            .1
            .peer_certificates()?
            .first()?
            .clone()
            .into_owned(),
    )
}

/// The borough that a certificate names: exactly one URI name, matched whole.
///
/// # Errors
/// Where it carries none, another or several.
pub fn borough_of(certificate: &[u8]) -> Result<BoroughCode, TlsError> {
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| TlsError::NoBorough)?;
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| TlsError::NoBorough)?;
    match names.map(|names| names.value.general_names.as_slice()) {
        Some([GeneralName::URI(uri)]) => borough_of_uri(uri).ok_or(TlsError::NoBorough),
        _ => Err(TlsError::NoBorough),
    }
}

/// SHA-256 of a certificate, in hexadecimal.
pub fn fingerprint(certificate: &[u8]) -> String {
    sha256_hex(certificate)
}

/// SHA-256 of the first certificate of a PEM text, in hexadecimal.
///
/// # Errors
/// Where there is none.
pub fn fingerprint_of_pem(pem: &str) -> Result<String, TlsError> {
    Ok(fingerprint(&certificates(pem)?[0]))
}

/// The serial number of the first certificate of a PEM text, in hexadecimal.
///
/// # Errors
/// Where there is none.
pub fn serial_of_pem(pem: &str) -> Result<String, TlsError> {
    let chain = certificates(pem)?;
    let (_, certificate) = X509Certificate::from_der(&chain[0]).map_err(|_| TlsError::NotPem {
        what: "the certificate",
    })?;
    Ok(hex::encode(certificate.raw_serial()))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(TlsError::NotPem {
            what: "the certificate",
        }),
    }
}

fn roots(pem: &str) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate)?;
    }
    Ok(Arc::new(roots))
}
