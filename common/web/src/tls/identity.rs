//! Who is at the other end: the borough a verified certificate names, by exact match of the whole name.

use std::any::Any;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::rt::net::TcpStream;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use tenfold_common::{clock::Moment, geography::BoroughCode, protocol::enrolment::borough_of_uri};
use x509_parser::{extensions::GeneralName, prelude::FromDer, prelude::X509Certificate};

use super::life::verify_chain;

/// Why a certificate names no borough.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IdentityError {
    /// Not a certificate that can be read.
    #[error("the node certificate cannot be read, expected X.509 in DER")]
    Unreadable,
    /// None or several names.
    #[error("the node certificate carries {count} URI names, expected exactly one")]
    NotOneName {
        /// How many there are.
        count: usize,
    },
    /// The name is no borough's.
    #[error("the node certificate's URI name is no borough's, expected urn:tenfold:borough: and a GSS code")]
    NoBorough,
}

/// The certificate that the peer of a connection proved to hold.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    der: CertificateDer<'static>,
    chain: Vec<CertificateDer<'static>>,
}

impl std::fmt::Debug for PeerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "peer certificate {}", self.fingerprint())
    }
}

impl PeerCertificate {
    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate in hexadecimal, by which it is enrolled.
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.der))
    }

    /// The borough it names.
    ///
    /// # Errors
    /// Where it does not name exactly one.
    pub fn borough(&self) -> Result<BoroughCode, IdentityError> {
        borough_of(&self.der)
    }

    /// Whether an authority, by its certificate in PEM, vouches for it now.
    pub fn is_vouched_for(&self, root_pem: &str, now: Moment) -> bool {
        verify_chain(root_pem, &self.chain, now).is_ok()
    }

    /// The last moment at which it is valid; TLS does not ask again on an open connection.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn not_after(&self) -> Result<Moment, IdentityError> {
        let certificate = parse(&self.der)?;
        Moment::from_unix(certificate.validity().not_after.timestamp()).map_err(|_| IdentityError::Unreadable)
    }
}

/// The peer's certificate, for `HttpServer::on_connect`; nothing on a connection without TLS.
///
/// `server.on_connect(|io, data| { if let Some(peer) = peer_of(io) { data.insert(peer); } })`, then
/// `request.conn_data::<PeerCertificate>()`.
pub fn peer_of(connection: &dyn Any) -> Option<PeerCertificate> {
    let stream = connection.downcast_ref::<TlsStream<TcpStream>>()?;
    let (_, tls) = stream.get_ref();
    let chain: Vec<_> = tls.peer_certificates()?.iter().map(|der| der.clone().into_owned()).collect();
    Some(PeerCertificate { der: chain.first()?.clone(), chain })
}

/// The borough that a certificate names: exactly one URI name, matched whole.
///
/// # Errors
/// Where it cannot be read, carries none or several URI names, or the name is no borough's.
pub fn borough_of(der: &[u8]) -> Result<BoroughCode, IdentityError> {
    let uris = uris(der)?;
    let [uri] = uris.as_slice() else {
        return Err(IdentityError::NotOneName { count: uris.len() });
    };
    borough_of_uri(uri).ok_or(IdentityError::NoBorough)
}

/// What a certificate that was refused claims to be, for the log: a borough's name or nothing.
pub(super) fn claimed_uri(der: &[u8]) -> Option<String> {
    let uris = uris(der).ok()?;
    let uri = uris.into_iter().find(|uri| borough_of_uri(uri).is_some())?;
    Some(uri)
}

fn uris(der: &[u8]) -> Result<Vec<String>, IdentityError> {
    let certificate = parse(der)?;
    let names = certificate.subject_alternative_name().map_err(|_| IdentityError::Unreadable)?;
    let Some(names) = names else {
        return Ok(Vec::new());
    };
    Ok(names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some((*uri).to_owned()),
            _ => None,
        })
        .collect())
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, IdentityError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(IdentityError::Unreadable),
    }
}
