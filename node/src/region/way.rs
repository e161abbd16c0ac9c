//! The way out of a council's network: straight, or through its proxy, with or without a sign-in.

use reqwest::{Proxy, Url};

use super::secret::Secret;

/// How calls leave the network.
#[derive(Clone, Debug, Default)]
pub struct Way {
    proxy: Option<Url>,
    sign_in: Option<(String, Secret)>,
}

/// Why a proxy cannot be used as it is set.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// Not an address.
    #[error("the proxy in the settings is not an address, expected one such as http://proxy.example:3128")]
    NoAddress,
    /// The address holds a sign-in.
    #[error(
        "the proxy's address holds a sign-in: put it into proxy_user and proxy_password, which are never shown"
    )]
    SignInInAddress,
    /// A password without a name.
    #[error("the settings have a proxy_password and no proxy_user, expected both or neither")]
    NobodySignsIn,
    /// The library does not take it.
    #[error("the proxy in the settings cannot be used: {reason}")]
    Unusable {
        /// Why.
        reason: String,
    },
}

impl Way {
    /// Straight out, through no proxy.
    pub fn straight() -> Self {
        Self::default()
    }

    /// Through a proxy by HTTP CONNECT, with a sign-in where `user` is not empty; straight where `proxy` is empty.
    ///
    /// # Errors
    /// Where the address is not one or holds a sign-in itself.
    pub fn through(proxy: &str, user: &str, password: Secret) -> Result<Self, WayError> {
        if proxy.is_empty() {
            return Ok(Self::straight());
        }
        let url = Url::parse(proxy).map_err(|_| WayError::NoAddress)?;
        if url.host_str().is_none() || !["http", "https"].contains(&url.scheme()) {
            return Err(WayError::NoAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WayError::SignInInAddress);
        }
        if user.is_empty() && !password.is_empty() {
            return Err(WayError::NobodySignsIn);
        }
        let sign_in = (!user.is_empty()).then(|| (user.to_owned(), password));
        Ok(Self { proxy: Some(url), sign_in })
    }

    /// Host and port of the proxy, if there is one.
    pub fn proxy(&self) -> Option<(String, u16)> {
        let url = self.proxy.as_ref()?;
        // The port by the scheme: there is one for both.
        Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
    }

    /// Who signs in at the proxy.
    pub fn user(&self) -> Option<&str> {
        self.sign_in.as_ref().map(|(user, _)| user.as_str())
    }

    /// Name and password for the proxy as HTTP's Basic sign-in writes them (RFC 7617).
    pub(crate) fn basic(&self) -> Option<String> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let (user, password) = self.sign_in.as_ref()?;
        Some(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.reveal()))))
    }

    pub(crate) fn as_proxy(&self) -> Result<Option<Proxy>, WayError> {
        let Some(url) = &self.proxy else { return Ok(None) };
        let unusable = |error: reqwest::Error| WayError::Unusable { reason: error.to_string() };
        let proxy = Proxy::https(url.clone()).map_err(unusable)?;
        Ok(Some(match &self.sign_in {
            Some((user, password)) => proxy.basic_auth(user, password.reveal()),
            None => proxy,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(proxy: &str, user: &str, password: &str) -> Result<Way, String> {
        let password = Secret::from(password.to_owned());
        Way::through(proxy, user, password).map_err(|error| error.to_string())
    }

    #[test]
    fn a_password_is_never_shown() {
        let way = through("http://proxy.example:3128", "ann", "cedar-4417").unwrap();
        assert!(!format!("{way:?}").contains("cedar-4417"));
        assert_eq!((way.proxy(), way.user()), (Some(("proxy.example".into(), 3128)), Some("ann")));
        assert_eq!(way.basic().as_deref(), Some("Basic YW5uOmNlZGFyLTQ0MTc="));
        let told = through("http://ann:cedar-4417@proxy.example:3128", "", "").unwrap_err();
        assert!(told.contains("proxy_user") && !told.contains("cedar"), "{told}");
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        assert!(through("", "", "").unwrap().proxy().is_none());
        assert!(through("proxy.example:3128", "", "").is_err());
        assert!(through("http://proxy.example", "", "cedar-4417").is_err());
        assert_eq!(
            through("http://proxy.example", "", "").unwrap().proxy(),
            Some(("proxy.example".into(), 80))
        );
    }
}
