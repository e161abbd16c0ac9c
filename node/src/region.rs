//! How the node speaks with the aggregator: it calls out, over mutual TLS, and says in its own words what failed.

use std::{error::Error, sync::Arc, time::Duration};

use reqwest::{Client, Method, Proxy, RequestBuilder, Response};
use rustls::{AlertDescription, CertificateError};
use tenfold_common::{
    clock::Clock,
    protocol::{Bundle, Problem, ProblemKind, witness::CHECKPOINT_HEADER},
};
use tenfold_web::tls::{self, TlsError};

/// A way to the aggregator, with the node certificate as it stands now.
#[derive(Clone, Debug)]
pub struct Region {
    client: Client,
    url: String,
    checkpoint: String,
}

/// Why a call had no good answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody answered.
    #[error(
        "the aggregator cannot be reached at {url}: {reason}; the release stays in the outbox and is tried again"
    )]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
    /// One end refused the other's certificate.
    #[error("{reason}")]
    Certificate {
        /// In the node's words, with what to do.
        reason: String,
    },
    /// The aggregator refused.
    #[error("the aggregator refused: {}{}", .0.title, .0.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    Problem(Problem),
}

impl CallError {
    /// Whether the aggregator says that it was put back from a backup.
    pub fn is_behind(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.kind == ProblemKind::Behind.uri())
    }
}

impl Region {
    /// A way to the aggregator of a bundle, by the clock given; `proxy` is empty for none.
    ///
    /// # Errors
    /// Where certificates, key or proxy cannot be used.
    pub fn open(
        bundle: &Bundle,
        tls_key_pem: &str,
        clock: Arc<dyn Clock>,
        proxy: &str,
    ) -> Result<Self, TlsError> {
        let unusable = |reason: String| TlsError::DoNotFit { reason };
        let config = tls::client_config(
            tls::certificates_from_pem(&bundle.root_pem, "root certificate")?.remove(0),
            tls::certificates_from_pem(&bundle.certificate_chain_pem, "node certificate")?,
            tls::key_from_pem(tls_key_pem)?,
            clock,
        )?;
        tls::install_provider();
        let mut builder = Client::builder()
            .tls_backend_preconfigured(config)
            .https_only(true)
            .timeout(Duration::from_secs(60))
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none());
        builder = if proxy.is_empty() {
            builder.no_proxy()
        } else {
            builder.proxy(Proxy::https(proxy).map_err(|error| unusable(error.to_string()))?)
        };
        let client = builder.build().map_err(|error| unusable(error.to_string()))?;
        let url = bundle.ingest_url.trim_end_matches('/').to_owned();
        Ok(Self { client, url, checkpoint: String::new() })
    }

    /// The same way, on which each call shows a signed checkpoint of the region's log.
    pub fn showing(self, checkpoint: String) -> Self {
        Self { checkpoint, ..self }
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let call = self.client.request(method, format!("{}{path}", self.url));
        if self.checkpoint.is_empty() { call } else { call.header(CHECKPOINT_HEADER, &self.checkpoint) }
    }

    /// The aggregator's signed statement about this borough.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn statement(&self) -> Result<String, CallError> {
        let answer = self.call(Method::GET, "/v1/statement").send().await;
        self.text(answer).await
    }

    /// Asks for the right to draw and returns the signed statement that gives it.
    ///
    /// # Errors
    /// Where there is no good answer, or another copy of this node has the right.
    pub async fn draw_right(&self, request: String) -> Result<String, CallError> {
        let call = self.call(Method::POST, "/v1/draw-rights");
        let answer = call.header("content-type", "application/jose").body(request).send().await;
        self.text(answer).await
    }

    /// Delivers a sealed release and returns the signed receipt.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn deliver(&self, release: String) -> Result<String, CallError> {
        let call = self.call(Method::POST, "/v1/releases");
        let answer = call.header("content-type", "application/jose").body(release).send().await;
        self.text(answer).await
    }

    /// A page of the region's log from an entry on.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn log(&self, from: u64) -> Result<String, CallError> {
        let answer = self.call(Method::GET, &format!("/v1/log?from={from}")).send().await;
        self.text(answer).await
    }

    /// Gives back to the region what its log has lost.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn give_back(&self, remembered: String) -> Result<(), CallError> {
        let call = self.call(Method::POST, "/v1/log");
        let answer = call.header("content-type", "application/json").body(remembered).send().await;
        self.text(answer).await.map(|_| ())
    }

    /// Sends a rotation of the release key and returns the region's signed answer.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn rotate(&self, rotation: String) -> Result<String, CallError> {
        let call = self.call(Method::POST, "/v1/release-key");
        let answer = call.header("content-type", "application/json").body(rotation).send().await;
        self.text(answer).await
    }

    /// Sends a signed notice and returns the region's signed answer.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn tell(&self, notice: String) -> Result<String, CallError> {
        let call = self.call(Method::POST, "/v1/notice");
        let answer = call.header("content-type", "application/jose").body(notice).send().await;
        self.text(answer).await
    }

    /// Sends a signed request for a new node certificate and returns the signed certificate.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn renew(&self, request: String) -> Result<String, CallError> {
        let call = self.call(Method::POST, "/v1/certificate");
        let answer = call.header("content-type", "application/jose").body(request).send().await;
        self.text(answer).await
    }

    async fn text(&self, answer: reqwest::Result<Response>) -> Result<String, CallError> {
        let answer = answer.map_err(|error| self.failure(&error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| self.failure(&error))?;
        if status.is_success() {
            return Ok(text);
        }
        let problem = serde_json::from_str(&text).unwrap_or_else(|_| {
            Problem::new(ProblemKind::Internal, Some(format!("it answered with status {status}")))
        });
        Err(CallError::Problem(problem))
    }

    fn failure(&self, error: &reqwest::Error) -> CallError {
        if let Some(reason) = tls_error(error).and_then(in_our_words) {
            return CallError::Certificate { reason };
        }
        let mut reason: &dyn Error = error;
        while let Some(inner) = reason.source() {
            reason = inner;
        }
        CallError::Unreachable { url: self.url.clone(), reason: reason.to_string() }
    }
}

/// The TLS error inside an error, however deep; an I/O error hides the one it carries from `source`.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    let carried = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    carried.and_then(|inner| tls_error(inner)).or_else(|| tls_error(error.source()?))
}

/// What a TLS refusal means for a borough, and what to do.
fn in_our_words(error: &rustls::Error) -> Option<String> {
    let ours = "the aggregator refused this node's certificate: ";
    let theirs = "this node refused the aggregator's certificate: ";
    Some(match error {
        rustls::Error::AlertReceived(alert) => match alert {
            // The second is what an authority gets that goes by the region's name and has another key.
            AlertDescription::UnknownCA | AlertDescription::DecryptError => format!(
                "{ours}it was not issued by the region's authority; ask the region to enrol this node"
            ),
            AlertDescription::CertificateExpired => {
                format!("{ours}it has expired; ask the region to enrol this node again")
            }
            AlertDescription::CertificateRevoked => {
                format!("{ours}it was withdrawn; speak with the region's security officer")
            }
            AlertDescription::CertificateRequired => {
                format!("{ours}none was shown; join with the region's bundle first")
            }
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied => {
                format!("{ours}it is not one for nodes; ask the region to enrol this node")
            }
            other => format!("the aggregator ended the connection ({other:?})"),
        },
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => format!(
            "{theirs}it was not issued by the region's authority; you may be speaking with somebody else"
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => format!("{theirs}it is not valid at this node's time; check the clock, then ask the region"),
        rustls::Error::InvalidCertificate(other) => format!("{theirs}{other}"),
        _ => return None,
    })
}
