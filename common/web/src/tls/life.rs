//! What a certificate says of itself: its life, its key, its names; and whether a node's would be let in.

use std::sync::Arc;

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, UnixTime},
    server::WebPkiClientVerifier,
};
use tenfold_common::{clock::Moment, protocol::renewal::renewal_due};
use x509_parser::{extensions::GeneralName, prelude::FromDer, prelude::X509Certificate};

use super::{TlsError, certificates_from_pem, does_not_fit, provider};

/// From when to when a certificate holds, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its first second.
    pub begins: Moment,
    /// Its last.
    pub ends: Moment,
}

impl Life {
    /// When its holder renews it.
    pub fn renewal_due(self, holder: &str) -> Moment {
        renewal_due(self.begins, self.ends, holder)
    }
}

/// The life of the first certificate of a PEM text.
///
/// # Errors
/// Where there is none that can be read.
pub fn life_of_pem(pem: &str) -> Result<Life, TlsError> {
    of_first(pem, |certificate| {
        let moment = |time: x509_parser::time::ASN1Time| Moment::from_unix(time.timestamp()).ok();
        let validity = certificate.validity();
        Some(Life { begins: moment(validity.not_before)?, ends: moment(validity.not_after)? })
    })
}

/// A short name for the key of the first certificate of a PEM text: 16 hexadecimal digits of its public half's SHA-256.
///
/// # Errors
/// Where there is none that can be read.
pub fn key_id_of_pem(pem: &str) -> Result<String, TlsError> {
    of_first(pem, |certificate| Some(key_id(&certificate.public_key().subject_public_key.data)))
}

/// The same short name for a public key as it stands in a certificate's bit string.
pub fn key_id(public: &[u8]) -> String {
    tenfold_common::protocol::signature::sha256_hex(public)[..16].to_owned()
}

/// The host names and addresses in the first certificate of a PEM text.
///
/// # Errors
/// Where there is none that can be read.
pub fn names_of_pem(pem: &str) -> Result<Vec<String>, TlsError> {
    of_first(pem, |certificate| {
        let names = certificate.subject_alternative_name().ok()??;
        let names = names.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => match *bytes {
                [a, b, c, d] => Some(std::net::Ipv4Addr::new(*a, *b, *c, *d).to_string()),
                bytes => <[u8; 16]>::try_from(bytes).ok().map(|b| std::net::Ipv6Addr::from(b).to_string()),
            },
            _ => None,
        });
        Some(names.collect())
    })
}

/// Whether a PEM text is one certificate of an authority.
///
/// # Errors
/// Where there is none that can be read.
pub fn is_authority(pem: &str) -> Result<bool, TlsError> {
    let one = certificates_from_pem(pem, "authority's certificate")?.len() == 1;
    Ok(one && of_first(pem, |certificate| Some(certificate.is_ca()))?)
}

/// Whether a door that trusts this root would let in the holder of this chain now.
///
/// # Errors
/// Where it would not.
pub fn verify_node_chain(root_pem: &str, chain_pem: &str, now: Moment) -> Result<(), TlsError> {
    verify_chain(root_pem, &certificates_from_pem(chain_pem, "node certificate")?, now)
}

/// The same of a chain in DER.
///
/// # Errors
/// Where it would not be let in.
pub(super) fn verify_chain(
    root_pem: &str,
    chain: &[CertificateDer<'static>],
    now: Moment,
) -> Result<(), TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(certificates_from_pem(root_pem, "root certificate")?.remove(0)).map_err(does_not_fit)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(does_not_fit)?;
    let Some((leaf, others)) = chain.split_first() else {
        return Err(TlsError::NoCertificate { what: "node certificate" });
    };
    let seconds = u64::try_from(now.unix()).map_err(does_not_fit)?;
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    verifier.verify_client_cert(leaf, others, now).map_err(does_not_fit)?;
    Ok(())
}

fn of_first<T>(pem: &str, read: impl FnOnce(X509Certificate<'_>) -> Option<T>) -> Result<T, TlsError> {
    let chain: Vec<CertificateDer<'static>> = certificates_from_pem(pem, "PEM text")?;
    let (_, certificate) =
        X509Certificate::from_der(&chain[0]).map_err(|_| TlsError::NoCertificate { what: "PEM text" })?;
    read(certificate).ok_or(TlsError::NoCertificate { what: "PEM text" })
}
