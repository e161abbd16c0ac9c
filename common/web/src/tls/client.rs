//! The node's end: it trusts the region's root alone and shows its own certificate.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, PrivateKeyDer},
    version::TLS13,
};
use tenfold_common::clock::Clock;

use super::{ClockTime, TlsError, does_not_fit, provider};

/// What a node connects with; for `reqwest::ClientBuilder::tls_backend_preconfigured`.
///
/// `root` is the region's root, `chain` the node certificate followed by the issuing one. A renewed
/// certificate needs a new configuration and a new `reqwest::Client`: pooled connections keep the old one.
///
/// # Errors
/// Where the parts do not fit together.
pub fn client_config(
    root: CertificateDer<'static>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    clock: Arc<dyn Clock>,
) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(root).map_err(does_not_fit)?;
    let mut config = ClientConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(does_not_fit)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(does_not_fit)?;
    config.resumption = Resumption::disabled();
    Ok(config)
}
