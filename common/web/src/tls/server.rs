//! The aggregator's end: nobody passes without a certificate of the region, and each refusal is logged.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime},
    server::{
        ClientHello, NoServerSessionStorage, ResolvesServerCert, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
    version::TLS13,
};
use tenfold_common::clock::Clock;

use super::{ClockTime, TlsError, does_not_fit, identity, provider};

/// What the ingest port listens with.
///
/// `chain` is the server's own certificate followed by the issuing one; `client_roots` are the roots that
/// node certificates must come from.
///
/// # Errors
/// Where the parts do not fit together.
pub fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    client_roots: Vec<CertificateDer<'static>>,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, TlsError> {
    server_config_of(ServerIdentity::new(chain, key)?, ClientRoots::new(client_roots)?, clock)
}

/// The same with a certificate that can be swapped while the port listens.
///
/// # Errors
/// Where the roots cannot be used.
pub fn server_config_of(
    identity: Arc<ServerIdentity>,
    client_roots: Arc<ClientRoots>,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(does_not_fit)?
        .with_client_cert_verifier(client_roots)
        .with_cert_resolver(identity);
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// The certificate the ingest port shows, which can be swapped: open connections go on, new ones see the new one.
pub struct ServerIdentity(ArcSwap<CertifiedKey>);

impl ServerIdentity {
    /// A certificate with its chain and key.
    ///
    /// # Errors
    /// Where they do not fit together.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self(ArcSwap::from_pointee(certified(chain, key)?))))
    }

    /// Shows another certificate from the next handshake on.
    ///
    /// # Errors
    /// Where the parts do not fit together; the old one is then shown on.
    pub fn swap(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<(), TlsError> {
        self.0.store(Arc::new(certified(chain, key)?));
        Ok(())
    }
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, TlsError> {
    CertifiedKey::from_der(chain, key, &provider()).map_err(does_not_fit)
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("server identity")
    }
}

impl ResolvesServerCert for ServerIdentity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// Whose certificates are let in: the ordinary verifier over roots that can be swapped, which tells the log whom it
/// refused and why.
#[derive(Debug)]
pub struct ClientRoots(ArcSwap<Arc<dyn ClientCertVerifier>>);

impl ClientRoots {
    /// The roots that node certificates must come from.
    ///
    /// # Errors
    /// Where they cannot be used.
    pub fn new(roots: Vec<CertificateDer<'static>>) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self(ArcSwap::from_pointee(verifier(roots)?))))
    }

    /// Lets in by other roots from the next handshake on.
    ///
    /// # Errors
    /// Where they cannot be used; the old ones then stay.
    pub fn swap(&self, roots: Vec<CertificateDer<'static>>) -> Result<(), TlsError> {
        self.0.store(Arc::new(verifier(roots)?));
        Ok(())
    }
}

fn verifier(client_roots: Vec<CertificateDer<'static>>) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for root in client_roots {
        roots.add(root).map_err(does_not_fit)?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build().map_err(does_not_fit)
}

impl ClientCertVerifier for ClientRoots {
    // Nodes have one certificate and need no hint which.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.load().verify_client_cert(end_entity, intermediates, now).inspect_err(|error| {
            let claims = identity::claimed_uri(end_entity);
            let reason = in_words(error);
            tracing::warn!(
                reason,
                claims = claims.as_deref().unwrap_or("no readable name"),
                "node certificate refused: {reason}"
            );
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.load().verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.load().verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.load().supported_verify_schemes()
    }
}

/// Why a certificate was refused, in words that hold nothing of its bytes.
fn in_words(error: &Error) -> &'static str {
    let Error::InvalidCertificate(error) = error else {
        return "the certificate cannot be checked";
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet",
        // The second bears this region's name over another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "it was not issued by this region"
        }
        CertificateError::Revoked => "it was withdrawn",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it was not issued for a node"
        }
        CertificateError::BadEncoding => "it is not a certificate",
        _ => "it does not pass the checks of X.509",
    }
}
