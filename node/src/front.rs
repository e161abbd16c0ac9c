//! The region's pages as a node reaches them: no node certificate is needed there, so a node that is refused asks there
//! why, joins there, and comes back there. What counts is signed, or held against the root's fingerprint.

use std::time::Duration;

use reqwest::{Client, Url};
use tenfold_common::protocol::{
    Problem, ProblemKind,
    joining::{Application, Applied, Standing},
};
use tenfold_web::tls;

use crate::region::Way;

/// A way to the region's pages.
#[derive(Clone, Debug)]
pub struct Front {
    client: Client,
    url: String,
}

/// Why a question there had no good answer.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// The address is not one that is called.
    #[error(
        "{url:?} is no address of the region's pages, expected https://HOST (plain http:// on this machine only)"
    )]
    Address {
        /// What was given.
        url: String,
    },
    /// The proxy or TLS cannot be set up.
    #[error("the region's pages cannot be called: {reason}")]
    Unusable {
        /// Why.
        reason: String,
    },
    /// Nobody answered.
    #[error("the region's pages cannot be reached at {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
    /// Something else than a region's pages answered.
    #[error("what answers at {url} is not the region's pages (status {status}): check the address")]
    Stranger {
        /// Where.
        url: String,
        /// What it answered with.
        status: u16,
    },
    /// The region refused.
    #[error("the region refused: {}{}", .0.title, .0.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    Problem(Problem),
}

impl Front {
    /// A way to the pages at an address; by the council's way out. Their certificate is judged as a browser would:
    /// by this machine's authorities and its own clock.
    ///
    /// # Errors
    /// Where the address is not one, or the proxy cannot be used.
    pub fn open(url: &str, way: &Way) -> Result<Self, FrontError> {
        let address = || FrontError::Address { url: url.to_owned() };
        let parsed: Url = url.parse().map_err(|_| address())?;
        let here = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if parsed.scheme() != "https" && !(parsed.scheme() == "http" && here) {
            return Err(address());
        }
        let unusable = |error: reqwest::Error| FrontError::Unusable { reason: error.to_string() };
        tls::install_provider();
        let mut builder = Client::builder()
            .timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let proxy = way.as_proxy().map_err(|error| FrontError::Unusable { reason: error.to_string() })?;
        if let Some(proxy) = proxy.filter(|_| !here) {
            builder = builder.proxy(proxy);
        }
        let client = builder.build().map_err(unusable)?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned() })
    }

    /// Asks to be enrolled.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn enrol(&self, application: &Application) -> Result<Applied, FrontError> {
        let text = serde_json::to_string(application)
            .map_err(|error| FrontError::Unusable { reason: error.to_string() })?;
        self.read(&self.post("/node/enrol", "application/json", text).await?)
    }

    /// Asks for a new certificate where the old one has ended; returns it signed.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn come_back(&self, request: String) -> Result<String, FrontError> {
        self.post("/node/return", "application/jose", request).await
    }

    /// Asks how this node stands.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn why(&self, question: String) -> Result<Standing, FrontError> {
        self.read(&self.post("/node/why", "application/jose", question).await?)
    }

    fn read<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, FrontError> {
        serde_json::from_str(text).map_err(|_| FrontError::Stranger { url: self.url.clone(), status: 200 })
    }

    async fn post(&self, path: &str, kind: &str, body: String) -> Result<String, FrontError> {
        let call = self.client.post(format!("{}{path}", self.url)).header("content-type", kind).body(body);
        let answer = call.send().await.map_err(|error| self.failure(&error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| self.failure(&error))?;
        if status.is_success() {
            return Ok(text);
        }
        let problem: Option<Problem> = serde_json::from_str(&text).ok();
        Err(match problem.filter(|problem| ProblemKind::from_uri(&problem.kind).is_some()) {
            Some(problem) => FrontError::Problem(problem),
            None => FrontError::Stranger { url: self.url.clone(), status: status.as_u16() },
        })
    }

    fn failure(&self, error: &reqwest::Error) -> FrontError {
        let mut reason: &dyn std::error::Error = error;
        while let Some(inner) = reason.source() {
            reason = inner;
        }
        FrontError::Unreachable { url: self.url.clone(), reason: reason.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_called_beyond_this_machine() {
        for good in ["https://region.example", "http://127.0.0.1:8180/", "http://localhost", "http://[::1]:1"]
        {
            assert!(Front::open(good, &Way::straight()).is_ok(), "{good}");
        }
        for bad in
            ["http://region.example", "region.example", "", "ftp://127.0.0.1", "http://127.0.0.1.example"]
        {
            assert!(matches!(Front::open(bad, &Way::straight()), Err(FrontError::Address { .. })), "{bad}");
        }
    }
}
