//! What a failed call means for a borough, and what to do: one sentence a cause.

use std::{error::Error, io::ErrorKind};

use rustls::{AlertDescription, CertificateError};
use tenfold_common::clock::Moment;

use super::{CallError, Way, witness::Shown};

/// What is known of a call that failed.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    /// The aggregator's address.
    pub(super) url: &'a str,
    /// Its host.
    pub(super) host: &'a str,
    /// Its port.
    pub(super) port: u16,
    /// How the call left.
    pub(super) way: &'a Way,
    /// The certificate that was shown, if it came so far.
    pub(super) shown: Option<Shown>,
    /// The node's time.
    pub(super) now: Moment,
}

impl Call<'_> {
    /// The cause of an error in words.
    pub(super) fn explain(&self, error: &reqwest::Error) -> CallError {
        if let Some(error) = tls_error(error) {
            if let Some(reason) = self.of_certificates(error) {
                return CallError::Certificate { reason };
            }
            if let rustls::Error::InvalidMessage(_) = error {
                return self.unreachable(self.no_tls());
            }
        }
        self.unreachable(self.of_the_network(error))
    }

    /// An answer that is none of the aggregator's.
    pub(super) fn stranger(&self, status: u16, media: Option<&str>, leads_to: Option<&str>) -> CallError {
        let came = match (leads_to, media) {
            (Some(place), _) => format!("leads to {}", short(place)),
            (None, Some(media)) => format!("is of the type {}", short(media)),
            (None, None) => "says nothing of its type".to_owned(),
        };
        self.unreachable(format!(
            "an answer with status {status} came that {came} and is none of the aggregator's: a sign-in page of the \
             network (captive portal) or a proxy stands in between; ask your network team to let this machine out to \
             {}:{} without one",
            self.host, self.port
        ))
    }

    fn unreachable(&self, reason: String) -> CallError {
        CallError::Unreachable { url: self.url.to_owned(), reason }
    }

    fn no_tls(&self) -> String {
        format!(
            "what answers does not speak TLS: a sign-in page of the network (captive portal), a proxy, or another \
             program on that port; ask your network team to let this machine out to {}:{} without one",
            self.host, self.port
        )
    }

    fn of_the_network(&self, error: &reqwest::Error) -> String {
        let (host, port) = (self.host, self.port);
        let causes = causes(error);
        let says = |words: &str| causes.iter().any(|cause| cause.contains(words));
        let io = io_kind(error);
        if let Some((proxy, proxy_port)) = self.way.proxy() {
            if says("proxy authorization required") {
                return match self.way.user() {
                    None => format!(
                        "the proxy {proxy}:{proxy_port} asks for a sign-in (407): set proxy_user and proxy_password"
                    ),
                    Some(user) => format!(
                        "the proxy {proxy}:{proxy_port} does not accept the sign-in of {user:?} (407): the password \
                         is wrong or has expired, or the proxy wants another kind of sign-in than Basic"
                    ),
                };
            }
            if says("tunnel error: unsuccessful") {
                return format!(
                    "the proxy {proxy}:{proxy_port} answered and opened no way to {host}:{port}: ask your network \
                     team to allow CONNECT to it from this machine"
                );
            }
            if says("tunnel error: unexpected end of file") || says("io error establishing tunnel") {
                return format!(
                    "the proxy {proxy}:{proxy_port} hung up: is it the right port, and a proxy for HTTP CONNECT?"
                );
            }
            if says("failed to create underlying connection") || says("dns error") {
                return format!(
                    "the proxy {proxy}:{proxy_port} itself does not answer ({}): check the setting `proxy`",
                    causes.last().map_or("", String::as_str)
                );
            }
        }
        if says("dns error") {
            return format!(
                "the name {host} is not found (DNS): check the network, or ask your network team whether this machine \
                 may resolve outside names; behind a proxy set `proxy`"
            );
        }
        match io {
            Some(ErrorKind::ConnectionRefused) => format!(
                "nothing listens at {host}:{port}, or a firewall refuses it: ask the region whether it is up, and \
                 your network team to allow it"
            ),
            Some(ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe) => format!(
                "the connection to {host}:{port} was cut off: a firewall or a proxy that does not know TLS 1.3 with \
                 client certificates may have done it"
            ),
            _ if error.is_timeout() && error.is_connect() => format!(
                "no answer from {host}:{port} within 10 seconds: a firewall drops the connection without a word; ask \
                 your network team to allow it"
            ),
            _ if error.is_timeout() => format!(
                "{host}:{port} was reached and gave no answer within a minute: the line is very slow or the region \
                 very busy"
            ),
            _ => causes.last().cloned().unwrap_or_else(|| error.to_string()),
        }
    }

    /// What a TLS refusal means for a borough, and what to do.
    fn of_certificates(&self, error: &rustls::Error) -> Option<String> {
        Some(match error {
            rustls::Error::AlertReceived(alert) => refused_by_them(*alert),
            rustls::Error::InvalidCertificate(error) => self.refused_by_us(error),
            _ => return None,
        })
    }

    fn refused_by_us(&self, error: &CertificateError) -> String {
        let theirs = "this node refused the aggregator's certificate: ";
        let shown = self.shown.as_ref();
        match error {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                let issuer = shown.map_or("an unknown authority", |shown| &shown.issuer);
                format!(
                    "{theirs}it was issued by \"{issuer}\" and not by the region's authority: a device of the \
                     network that inspects TLS, or somebody else, stands in between; ask your network team for a \
                     bypass for {}:{} (no TLS inspection, client certificates needed)",
                    self.host, self.port
                )
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                let (until, late) = shown.map_or((String::new(), String::new()), |shown| {
                    (shown.not_after.to_string(), apart(self.now.unix() - shown.not_after.unix()))
                });
                format!(
                    "{theirs}it was valid until {until}, and this node's clock says {}, {late} later: if that is not \
                     the time, set the clock; else tell the region that its certificate has expired",
                    self.now
                )
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                let (from, early) = shown.map_or((String::new(), String::new()), |shown| {
                    (shown.not_before.to_string(), apart(shown.not_before.unix() - self.now.unix()))
                });
                format!(
                    "{theirs}it is valid from {from} on, and this node's clock says {}, {early} earlier: set the clock",
                    self.now
                )
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
                "{theirs}it is not one for {}: the name leads to another server of the region; tell the region",
                self.host
            ),
            other => format!("{theirs}{other}"),
        }
    }
}

/// What the aggregator's alert means.
fn refused_by_them(alert: AlertDescription) -> String {
    let ours = "the aggregator refused this node's certificate: ";
    match alert {
        // The second is what an authority gets that goes by the region's name and has another key.
        AlertDescription::UnknownCA | AlertDescription::DecryptError => {
            format!("{ours}it was not issued by the region's authority; ask the region to enrol this node")
        }
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

/// The kind of the innermost I/O error.
fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    let own = error.downcast_ref::<std::io::Error>();
    // One that wraps another hides it from `source`.
    let wrapped = own.and_then(std::io::Error::get_ref).and_then(|inner| io_kind(inner));
    wrapped.or_else(|| error.source().and_then(io_kind)).or_else(|| own.map(std::io::Error::kind))
}

/// What an error and everything behind it say, outermost first.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes = vec![error.to_string()];
    let mut behind = error.source();
    while let Some(cause) = behind {
        causes.push(cause.to_string());
        behind = cause.source();
    }
    causes
}

/// A stranger's text, cut so that it fits a sentence.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// A time between two clocks, in the largest unit that says enough.
pub(crate) fn apart(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn times_apart_read_as_people_say_them() {
        let told: Vec<String> = [1, 90, -300, 7200, 86_400 * 3].into_iter().map(apart).collect();
        assert_eq!(told, ["1 second", "90 seconds", "5 minutes", "2 hours", "3 days"]);
    }
}
