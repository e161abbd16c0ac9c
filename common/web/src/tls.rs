//! Mutual TLS between nodes and aggregator: 1.3 only, no resumption, by our own clock, every refusal logged.
//!
//! A resumed session would never call the verifier and would outlive revocation, expiry and a new certificate
//! of our own; so nothing is ever resumed. An open connection does not notice that a certificate expires:
//! whoever answers a request asks [`PeerCertificate::not_after`] too.

mod client;
mod identity;
mod life;
mod server;

use std::{fmt, sync::Arc, time::Duration};

use rustls::{
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    time_provider::TimeProvider,
};
use tenfold_common::{clock::Clock, protocol::signature::sha256_hex};

pub use client::client_config;
pub use identity::{IdentityError, PeerCertificate, borough_of, peer_of};
pub use life::{Life, is_authority, key_id, key_id_of_pem, life_of_pem, names_of_pem, verify_node_chain};
pub use server::{ClientRoots, ServerIdentity, server_config, server_config_of};

/// Why TLS cannot be set up from the files given.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No certificate in the PEM text.
    #[error("the {what} holds no certificate, expected PEM blocks that begin with BEGIN CERTIFICATE")]
    NoCertificate {
        /// Which file.
        what: &'static str,
    },
    /// No key in the PEM text.
    #[error("the key file holds no private key, expected one PEM block that begins with BEGIN PRIVATE KEY")]
    NoKey,
    /// The parts do not fit together.
    #[error("certificate, key and roots do not fit together: {reason}")]
    DoNotFit {
        /// What the library said; holds no key material.
        reason: String,
    },
}

/// A certificate in DER.
pub type Certificate = CertificateDer<'static>;

/// Reads every certificate of a PEM text, in order.
///
/// # Errors
/// Where there is none or one of them is damaged.
pub fn certificates_from_pem(
    pem: &str,
    what: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NoCertificate { what })?;
    if chain.is_empty() { Err(TlsError::NoCertificate { what }) } else { Ok(chain) }
}

/// Reads the private key of a PEM text.
///
/// # Errors
/// Where there is none.
pub fn key_from_pem(pem: &str) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| TlsError::NoKey)
}

/// SHA-256 of the first certificate of a PEM text, in hexadecimal: what is told another way.
///
/// # Errors
/// Where there is none.
pub fn fingerprint_of_pem(pem: &str) -> Result<String, TlsError> {
    let chain = certificates_from_pem(pem, "PEM text")?;
    Ok(sha256_hex(&chain[0]))
}

/// Makes our provider the process's own, for libraries that ask for one; a second call changes nothing.
pub fn install_provider() {
    let _ = CryptoProvider::install_default(aws_lc_rs::default_provider());
}

fn provider() -> Arc<CryptoProvider> {
    // The default groups begin with X25519MLKEM768.
    Arc::new(aws_lc_rs::default_provider())
}

fn does_not_fit(error: impl fmt::Display) -> TlsError {
    TlsError::DoNotFit { reason: error.to_string() }
}

/// Lets TLS read the program's clock, so that a rehearsal's certificates hold at the rehearsal's time.
#[derive(Debug)]
struct ClockTime(Arc<dyn Clock>);

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().unix()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

#[cfg(test)]
mod tests;
