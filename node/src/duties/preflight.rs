//! Looks before anything is installed: whether this machine may call the aggregator, and what to ask a network team for.

mod firewall;
mod probe;

use std::net::ToSocketAddrs;

use reqwest::Url;
use serde::Serialize;
use tenfold_common::clock::Moment;

use super::DutyError;
use crate::region::{CLOCKS_DIFFER_S, Shown, Way, apart, clock_words};
use probe::{Heard, Line, ProbeError};

/// How the region's authority calls itself at the end of its name.
const AUTHORITY: &str = "Tenfold issuing";

/// What is looked at.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The aggregator's address for nodes, such as `https://ingest.example:443`.
    pub url: String,
    /// How calls leave the network.
    pub way: Way,
    /// The region's root from a bundle; without one the issuer's name has to do.
    pub root_pem: Option<String>,
    /// The address of the region's pages, if it is to be tried as well.
    pub pages: Option<String>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Failed,
    /// Not looked at, because something before it failed.
    NotReached,
}

impl Outcome {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::NotReached => "not reached",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub what: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found.
    pub found: String,
    /// What to do, where it failed.
    pub advice: Option<String>,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preflight {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
    /// What a council's network team needs to know, as text.
    pub firewall_request: String,
}

impl Preflight {
    /// How many checks failed or were not reached.
    pub fn failures(&self) -> usize {
        self.checks.iter().filter(|check| check.outcome != Outcome::Ok).count()
    }
}

/// The checks in order; what comes after a failure is not reached.
#[derive(Debug, Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn ok(&mut self, what: &'static str, found: impl Into<String>) {
        self.0.push(Check { what, outcome: Outcome::Ok, found: found.into(), advice: None });
    }

    fn failed(&mut self, what: &'static str, found: impl Into<String>, advice: impl Into<String>) {
        let advice = Some(advice.into());
        self.0.push(Check { what, outcome: Outcome::Failed, found: found.into(), advice });
    }
}

/// What is looked at on the way to the aggregator, in order.
const STEPS: [&str; 5] = ["name", "connection", "proxy", "TLS", "clock"];

/// Looks at everything between this machine and the aggregator; sends nothing but a greeting.
///
/// # Errors
/// Where the address is not one; whatever else is wrong stands in the checks.
pub fn preflight(asked: &Asked, now: Moment) -> Result<Preflight, DutyError> {
    let (host, port) = host_and_port(&asked.url)?;
    let mut checks = Checks::default();
    let _ = aggregator(asked, &host, port, now, &mut checks);
    for step in STEPS {
        let is_there = checks.0.iter().any(|check| check.what == step);
        if !is_there && (step != "proxy" || asked.way.proxy().is_some()) {
            let found = "something before it failed".to_owned();
            checks.0.push(Check { what: step, outcome: Outcome::NotReached, found, advice: None });
        }
    }
    if let Some(pages) = &asked.pages {
        look_at_pages(pages, &asked.way, now, &mut checks)?;
    }
    let firewall_request = firewall::request(&host, port, &asked.way, &addresses(&host, port));
    Ok(Preflight { checks: checks.0, firewall_request })
}

fn host_and_port(url: &str) -> Result<(String, u16), DutyError> {
    let no_address = || DutyError::Delivery {
        reason: format!(
            "{url:?} is no address of an aggregator, expected one such as https://ingest.example:443"
        ),
    };
    let url = Url::parse(url).map_err(|_| no_address())?;
    match (url.scheme(), url.host_str(), url.port_or_known_default()) {
        ("https", Some(host), Some(port)) => Ok((host.to_owned(), port)),
        _ => Err(no_address()),
    }
}

fn addresses(host: &str, port: u16) -> Vec<String> {
    let found = (host, port).to_socket_addrs().map(|found| found.map(|address| address.ip().to_string()));
    found.map(Iterator::collect).unwrap_or_default()
}

/// Goes as far as it comes; nothing once something failed.
fn aggregator(asked: &Asked, host: &str, port: u16, now: Moment, checks: &mut Checks) -> Option<()> {
    let (line, proxy_date) = connected(&asked.way, host, port, checks)?;
    let shown = handshake(line, asked, host, port, now, checks)?;
    clock(&shown, proxy_date, now, checks);
    Some(())
}

/// A line to a host, by name, connection and proxy; and the proxy's date.
fn connected(way: &Way, host: &str, port: u16, checks: &mut Checks) -> Option<(Line, Option<Moment>)> {
    let (first, first_port) = way.proxy().unwrap_or((host.to_owned(), port));
    let found = addresses(&first, first_port);
    if found.is_empty() {
        let advice = match way.proxy() {
            Some(_) => "check the setting proxy",
            None => {
                "check the name with the region; if this machine may not resolve outside names, calls go through a \
                 proxy: ask your network team for its address and set proxy"
            }
        };
        checks.failed("name", format!("{first} is not found (DNS)"), advice);
        return None;
    }
    checks.ok("name", format!("{first} is {}", found.join(", ")));
    let line = match Line::open(&first, first_port) {
        Ok(line) => line,
        Err(error) => {
            let advice = "hand the firewall request below to your network team";
            checks.failed("connection", format!("{first}:{first_port}: {error}"), advice);
            return None;
        }
    };
    checks.ok("connection", format!("{first}:{first_port} takes connections"));
    let Some((proxy, proxy_port)) = way.proxy() else { return Some((line, None)) };
    match line.through_proxy(way.basic().as_deref(), host, port) {
        Ok((line, date)) => {
            checks.ok("proxy", format!("{proxy}:{proxy_port} opened a way to {host}:{port}"));
            Some((line, date))
        }
        Err(error) => {
            let advice = match (&error, way.user()) {
                (ProbeError::Proxy { status: 407 }, None) => "set proxy_user and proxy_password".to_owned(),
                (ProbeError::Proxy { status: 407 }, Some(user)) => {
                    format!(
                        "the password of {user:?} is wrong or has expired, or the proxy wants another sign-in than Basic"
                    )
                }
                _ => format!("ask your network team to allow CONNECT to {host}:{port} from this machine"),
            };
            checks.failed("proxy", format!("{proxy}:{proxy_port}: {error}"), advice);
            None
        }
    }
}

fn handshake(
    line: Line,
    asked: &Asked,
    host: &str,
    port: u16,
    now: Moment,
    checks: &mut Checks,
) -> Option<Shown> {
    let bypass = format!(
        "ask your network team for a bypass for {host}:{port}: no TLS inspection, client certificates needed"
    );
    let heard = match line.greet(host, asked.root_pem.as_deref(), now) {
        Ok(heard) => heard,
        Err(ProbeError::Tls { reason, shown }) => {
            let issuer = shown.as_ref().map(|shown| format!("; it was issued by \"{}\"", shown.issuer));
            let found = format!("{reason}{}", issuer.unwrap_or_default());
            checks.failed("TLS", found, bypass);
            // A certificate out of its time is a matter of the clock.
            return shown.filter(|shown| now < shown.not_before || now > shown.not_after);
        }
        Err(error) => {
            checks.failed("TLS", error.to_string(), bypass);
            return None;
        }
    };
    let Heard { shown, wants_certificate } = heard;
    let issuer = &shown.issuer;
    if asked.root_pem.is_none() && !issuer.ends_with(AUTHORITY) {
        let found = format!("the certificate was issued by \"{issuer}\", not by a region's authority");
        checks.failed("TLS", found, bypass);
        return Some(shown);
    }
    if !wants_certificate {
        let found = format!("TLS 1.3, issued by \"{issuer}\", but no client certificate is asked for");
        checks.failed("TLS", found, format!("check the address with the region; else {bypass}"));
        return Some(shown);
    }
    checks.ok("TLS", format!("TLS 1.3, issued by \"{issuer}\", a node certificate is asked for"));
    Some(shown)
}

fn clock(shown: &Shown, date: Option<Moment>, now: Moment, checks: &mut Checks) {
    let set = "set this machine's clock by the network's time (NTP)";
    if now < shown.not_before {
        let early = apart(shown.not_before.unix() - now.unix());
        let found = format!("it says {now}, {early} before the aggregator's certificate begins");
        return checks.failed("clock", found, set);
    }
    if now > shown.not_after {
        let late = apart(now.unix() - shown.not_after.unix());
        let found = format!("it says {now}, {late} after the aggregator's certificate ended");
        return checks.failed("clock", found, format!("{set}; if it is right, tell the region"));
    }
    if let Some(ahead) =
        date.map(|date| now.unix() - date.unix()).filter(|ahead| ahead.abs() > CLOCKS_DIFFER_S)
    {
        return checks.failed("clock", clock_words(ahead).replace("the region's", "the network's"), set);
    }
    let by = if date.is_some() { " and agrees with the network's" } else { "" };
    checks.ok("clock", format!("it says {now}, within the certificate's time{by}"));
}

fn look_at_pages(pages: &str, way: &Way, now: Moment, checks: &mut Checks) -> Result<(), DutyError> {
    let (host, port) = host_and_port(pages)?;
    let mut steps = Checks::default();
    let reached = connected(way, &host, port, &mut steps);
    let Some((line, _)) = reached else {
        let why = steps.0.pop().map_or_else(String::new, |check| check.found);
        checks.failed(
            "pages",
            why,
            format!("people who read the region's pages need a way to {host}:{port}"),
        );
        return Ok(());
    };
    match line.date_of_page(&host, now) {
        Ok(Some(date)) if (now.unix() - date.unix()).abs() > CLOCKS_DIFFER_S => {
            checks.failed("pages", clock_words(now.unix() - date.unix()), "set this machine's clock (NTP)");
        }
        Ok(_) => checks.ok("pages", format!("{host}:{port} answers")),
        Err(error) => checks.failed("pages", error.to_string(), "check the address with the region"),
    }
    Ok(())
}
