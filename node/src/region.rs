//! How the node speaks with the aggregator: it calls out, over mutual TLS, and says in its own words what failed.

mod secret;
mod way;
mod witness;
mod words;

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client, Method, RequestBuilder, Response, Url,
    header::{CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER},
};
use tenfold_common::{
    clock::{Clock, Moment},
    protocol::{
        Bundle, Problem, ProblemKind,
        versions::{SOFTWARE, SOFTWARE_HEADER},
        witness::CHECKPOINT_HEADER,
    },
};
use tenfold_web::tls::{self, TlsError};

pub use secret::Secret;
pub use way::{Way, WayError};
pub use witness::Shown;
pub(crate) use witness::{Seen, Witness};
pub(crate) use words::apart;

use words::Call;

/// The media type of signed messages.
const JOSE: &str = "application/jose";
/// The longest wait that an answer can ask for.
const LONGEST_WAIT_S: u32 = 3600;
/// From when on two clocks are told to differ.
pub(crate) const CLOCKS_DIFFER_S: i64 = 300;

/// A way to the aggregator, with the node certificate as it stands now.
#[derive(Clone, Debug)]
pub struct Region {
    client: Client,
    url: String,
    host: String,
    port: u16,
    way: Way,
    clock: Arc<dyn Clock>,
    seen: Seen,
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
    /// The aggregator asks to wait.
    #[error(
        "the aggregator is busy and asks to wait {}: {}{}; the release stays in the outbox and is tried again",
        apart(i64::from(*.after_s)), .problem.title, detail(.problem)
    )]
    Busy {
        /// For how long, at most an hour.
        after_s: u32,
        /// Why.
        problem: Problem,
    },
    /// The aggregator refused.
    #[error("the aggregator refused: {}{}", .0.title, detail(.0))]
    Problem(Problem),
}

fn detail(problem: &Problem) -> String {
    problem.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default()
}

impl CallError {
    /// Whether the aggregator says that it was put back from a backup.
    pub fn is_behind(&self) -> bool {
        let (Self::Problem(problem) | Self::Busy { problem, .. }) = self else { return false };
        problem.kind == ProblemKind::Behind.uri()
    }

    /// Whether the aggregator says that a quarter before the one it was sent is missing.
    pub fn is_out_of_order(&self) -> bool {
        let (Self::Problem(problem) | Self::Busy { problem, .. }) = self else { return false };
        problem.kind == ProblemKind::OutOfOrder.uri()
    }

    /// Whether the aggregator says that a new release key was said to be lost.
    pub fn is_key_lost(&self) -> bool {
        let Self::Problem(problem) = self else { return false };
        problem.kind == ProblemKind::KeyLost.uri()
    }

    /// Until when not to try again, if the aggregator said so at a moment.
    pub fn not_before(&self, now: Moment) -> Option<Moment> {
        let Self::Busy { after_s, .. } = self else { return None };
        Some(now.plus_seconds(i64::from(*after_s)))
    }
}

impl Region {
    /// A way to the aggregator of a bundle, by the clock given.
    ///
    /// # Errors
    /// Where certificates, key or proxy cannot be used.
    pub fn open(
        bundle: &Bundle,
        tls_key_pem: &str,
        clock: Arc<dyn Clock>,
        way: &Way,
    ) -> Result<Self, TlsError> {
        let unusable = |reason: String| TlsError::DoNotFit { reason };
        tls::install_provider();
        let mut config = tls::client_config(
            tls::certificates_from_pem(&bundle.root_pem, "root certificate")?.remove(0),
            tls::certificates_from_pem(&bundle.certificate_chain_pem, "node certificate")?,
            tls::key_from_pem(tls_key_pem)?,
            clock.clone(),
        )?;
        let seen = Seen::default();
        let witness = Witness::of(&bundle.root_pem, seen.clone())?;
        config.dangerous().set_certificate_verifier(Arc::new(witness));
        let builder = Client::builder()
            .tls_backend_preconfigured(config)
            .https_only(true)
            .timeout(Duration::from_secs(60))
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none());
        let builder = match way.as_proxy().map_err(|error| unusable(error.to_string()))? {
            Some(proxy) => builder.proxy(proxy),
            None => builder.no_proxy(),
        };
        let client = builder.build().map_err(|error| unusable(error.to_string()))?;
        let url = bundle.ingest_url.trim_end_matches('/').to_owned();
        let parsed = Url::parse(&url).map_err(|error| unusable(error.to_string()))?;
        let host = parsed.host_str().unwrap_or_default().to_owned();
        let port = parsed.port_or_known_default().unwrap_or(443);
        Ok(Self { client, url, host, port, way: way.clone(), clock, seen, checkpoint: String::new() })
    }

    /// The same way, on which each call shows a signed checkpoint of the region's log.
    pub fn showing(self, checkpoint: String) -> Self {
        Self { checkpoint, ..self }
    }

    /// The aggregator's signed statement about this borough.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn statement(&self) -> Result<String, CallError> {
        self.get("/v1/statement").await
    }

    /// Asks for the right to draw and returns the signed statement that gives it.
    ///
    /// # Errors
    /// Where there is no good answer, or another copy of this node has the right.
    pub async fn draw_right(&self, request: String) -> Result<String, CallError> {
        self.post("/v1/draw-rights", JOSE, request).await
    }

    /// Delivers a sealed release and returns the signed receipt.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn deliver(&self, release: String) -> Result<String, CallError> {
        self.post("/v1/releases", JOSE, release).await
    }

    /// What the region refused of this borough.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn rejections(&self) -> Result<String, CallError> {
        self.get("/v1/rejections").await
    }

    /// A page of the region's log from an entry on.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn log(&self, from: u64) -> Result<String, CallError> {
        self.get(&format!("/v1/log?from={from}")).await
    }

    /// Gives back to the region what its log has lost.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn give_back(&self, remembered: String) -> Result<(), CallError> {
        self.post("/v1/log", "application/json", remembered).await.map(|_| ())
    }

    async fn get(&self, path: &str) -> Result<String, CallError> {
        let answer = self.request(Method::GET, path).send().await;
        self.text(answer).await
    }

    async fn post(&self, path: &str, media: &'static str, body: String) -> Result<String, CallError> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, media);
        self.text(request.body(body).send().await).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let request = request.header(SOFTWARE_HEADER, SOFTWARE);
        if self.checkpoint.is_empty() { request } else { request.header(CHECKPOINT_HEADER, &self.checkpoint) }
    }

    /// Sends a rotation of the release key and returns the region's signed answer.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn rotate(&self, rotation: String) -> Result<String, CallError> {
        self.post("/v1/release-key", "application/json", rotation).await
    }

    /// Sends a signed notice and returns the region's signed answer.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn tell(&self, notice: String) -> Result<String, CallError> {
        self.post("/v1/notice", JOSE, notice).await
    }

    /// Sends a signed request for a new node certificate and returns the signed certificate.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn renew(&self, request: String) -> Result<String, CallError> {
        self.post("/v1/certificate", JOSE, request).await
    }

    async fn text(&self, answer: reqwest::Result<Response>) -> Result<String, CallError> {
        let answer = answer.map_err(|error| self.call().explain(&error))?;
        let status = answer.status();
        let header = |name: HeaderName| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let media = header(CONTENT_TYPE);
        let is = |expected: &str| media.as_deref().is_some_and(|media| media.starts_with(expected));
        let is_ours = match status.as_u16() {
            204 => true,
            200..300 => is("application/jose") || is("application/json"),
            _ => is("application/problem+json"),
        };
        if !is_ours {
            return Err(self.call().stranger(status.as_u16(), media.as_deref(), header(LOCATION).as_deref()));
        }
        if let Some(ahead) = header(DATE).and_then(|date| self.ahead_of(&date)) {
            tracing::warn!("{}", clock_words(ahead));
        }
        let wait = header(RETRY_AFTER).and_then(|text| retry_after_s(&text, self.clock.now()));
        let text = answer.text().await.map_err(|error| self.call().explain(&error))?;
        if status.is_success() {
            return Ok(text);
        }
        let problem: Problem = serde_json::from_str(&text)
            .map_err(|_| self.call().stranger(status.as_u16(), media.as_deref(), None))?;
        Err(match wait {
            Some(after_s) if [429, 503].contains(&problem.status) => CallError::Busy { after_s, problem },
            _ => CallError::Problem(problem),
        })
    }

    /// By how many seconds this node's clock is ahead of a `Date`, if that is more than a little.
    fn ahead_of(&self, date: &str) -> Option<i64> {
        let ahead = self.clock.now().unix() - http_date(date)?.unix();
        (ahead.abs() > CLOCKS_DIFFER_S).then_some(ahead)
    }

    fn call(&self) -> Call<'_> {
        Call {
            url: &self.url,
            host: &self.host,
            port: self.port,
            way: &self.way,
            shown: self.seen.last(),
            now: self.clock.now(),
        }
    }
}

/// What two clocks that differ mean, and what to do.
pub(crate) fn clock_words(ahead_s: i64) -> String {
    let direction = if ahead_s > 0 { "ahead of" } else { "behind" };
    format!(
        "this node's clock is {} {direction} the region's: set it, or certificates and statements will be refused",
        apart(ahead_s)
    )
}

/// The moment of an HTTP date (RFC 9110 section 5.6.7).
pub(crate) fn http_date(text: &str) -> Option<Moment> {
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Moment::from_unix(date.timestamp()).ok()
}

/// The seconds that a `Retry-After` asks for (RFC 9110 section 10.2.3): a number, or the time until a date.
fn retry_after_s(text: &str, now: Moment) -> Option<u32> {
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => u64::try_from(http_date(text)?.unix() - now.unix()).unwrap_or(0),
    };
    Some(u32::try_from(seconds).unwrap_or(u32::MAX).min(LONGEST_WAIT_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_both_forms_and_is_an_hour_at_most() {
        let now: Moment = "2015-08-05T00:00:00Z".parse().unwrap();
        assert_eq!(retry_after_s("120", now), Some(120));
        assert_eq!(retry_after_s("Wed, 05 Aug 2015 00:02:00 GMT", now), Some(120));
        assert_eq!(retry_after_s("Tue, 04 Aug 2015 00:00:00 GMT", now), Some(0));
        assert_eq!(retry_after_s("99999999999", now), Some(3600));
        assert_eq!(retry_after_s("soon", now), None);
    }
}
