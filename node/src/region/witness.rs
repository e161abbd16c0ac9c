//! Looks at the certificate that the other end shows, so that a refusal can name who issued it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tenfold_common::clock::Moment;
use tenfold_web::tls::{self, TlsError};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The longest name that is repeated.
const LONGEST_NAME: usize = 120;

/// What the other end showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Who issued it, as the certificate says itself.
    pub issuer: String,
    /// From when it is valid.
    pub not_before: Moment,
    /// Until when.
    pub not_after: Moment,
}

impl Shown {
    /// What a certificate says of itself; nothing where it cannot be read.
    pub fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let name = certificate.issuer().to_string();
        let issuer = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        let validity = certificate.validity();
        Some(Self {
            issuer,
            not_before: Moment::from_unix(validity.not_before.timestamp()).ok()?,
            not_after: Moment::from_unix(validity.not_after.timestamp()).ok()?,
        })
    }
}

/// A verifier that remembers what it was shown.
#[derive(Debug)]
pub(crate) struct Witness {
    trusted: Trusted,
    provider: CryptoProvider,
    seen: Seen,
}

/// Whose certificate is let through.
#[derive(Debug)]
enum Trusted {
    /// One that the ordinary verifier accepts.
    Root(Arc<dyn ServerCertVerifier>),
    /// Any.
    Anybody,
}

/// The certificate seen last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Option<Shown>>>);

impl Seen {
    pub(crate) fn last(&self) -> Option<Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Witness {
    /// A verifier that trusts one root.
    ///
    /// # Errors
    /// Where the root cannot be used.
    pub(crate) fn of(root_pem: &str, seen: Seen) -> Result<Self, TlsError> {
        let does_not_fit = |reason: String| TlsError::DoNotFit { reason };
        let provider = aws_lc_rs::default_provider();
        let mut roots = RootCertStore::empty();
        for root in tls::certificates_from_pem(root_pem, "root certificate")? {
            roots.add(root).map_err(|error| does_not_fit(error.to_string()))?;
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider.clone())).build();
        let verifier = verifier.map_err(|error| does_not_fit(error.to_string()))?;
        Ok(Self { trusted: Trusted::Root(verifier), provider, seen })
    }

    /// One that only looks, before any root is known: what it lets through is proved by nobody.
    pub(crate) fn of_anybody(seen: Seen) -> Self {
        Self { trusted: Trusted::Anybody, provider: aws_lc_rs::default_provider(), seen }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = Shown::of(end_entity);
        match &self.trusted {
            Trusted::Root(verifier) => {
                verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now)
            }
            Trusted::Anybody => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
