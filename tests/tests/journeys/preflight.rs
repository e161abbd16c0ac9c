//! Before anything is installed: what stands between a machine and the aggregator is found and named.

use tenfold_node::{
    duties::preflight::{Asked, Outcome, Preflight, preflight},
    region::{Secret, Way},
};
use tenfold_tests::{
    federation::{Federation, Member, Running},
    network,
};

const BASIC: &str = "Basic YW5uOmNlZGFyLTQ0MTctbGFudGVybg==";

fn asked(federation: &Running) -> anyhow::Result<Asked> {
    let url = format!("https://{}", federation.address());
    let root_pem = Some(federation.aggregator.issued("root")?.certificate_pem);
    Ok(Asked { url, way: Way::straight(), root_pem, pages: None })
}

fn look(asked: &Asked, member: &Member) -> anyhow::Result<Preflight> {
    Ok(preflight(asked, member.node.now())?)
}

fn outcomes(looked: &Preflight) -> Vec<(&str, Outcome)> {
    looked.checks.iter().map(|check| (check.what, check.outcome)).collect()
}

/// The one check that failed: what was found, and what to do.
fn failed<'a>(looked: &'a Preflight, what: &str) -> (&'a str, &'a str) {
    let mut failed = looked.checks.iter().filter(|check| check.outcome == Outcome::Failed);
    let check = failed.next().expect("something failed");
    assert_eq!((check.what, failed.next()), (what, None), "{looked:?}");
    (&check.found, check.advice.as_deref().expect("advice"))
}

#[test]
fn an_open_way_is_found_open() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let ok = ["name", "connection", "TLS", "clock"].map(|what| (what, Outcome::Ok));
    let with_root = asked(&federation)?;
    let looked = look(&with_root, member)?;
    assert_eq!((outcomes(&looked), looked.failures()), (ok.to_vec(), 0), "{looked:?}");
    // Before there is a bundle the issuer's name has to do.
    let without = Asked { root_pem: None, ..with_root.clone() };
    assert_eq!(look(&without, member)?.failures(), 0);
    let address = federation.address();
    for words in [
        format!("Destination    127.0.0.1, TCP port {}", address.port()),
        "out only: the machine calls".to_owned(),
        format!("TLS inspection none: put {address} on the bypass list"),
        "TLS 1.3".to_owned(),
        "certificates on both ends".to_owned(),
        "Purpose ".to_owned(),
    ] {
        assert!(looked.firewall_request.contains(&words), "{words}: {}", looked.firewall_request);
    }
    // Through a proxy with its sign-in, whose password is in nothing that is printed.
    let proxy = format!("http://{}", network::proxy(Some(BASIC))?);
    let way = Way::through(&proxy, "ann", Secret::from("cedar-4417-lantern".to_owned()))?;
    let looked = look(&Asked { way, ..with_root }, member)?;
    let ok = ["name", "connection", "proxy", "TLS", "clock"].map(|what| (what, Outcome::Ok));
    assert_eq!(outcomes(&looked), ok);
    let printed = serde_json::to_string(&looked)?;
    assert!(printed.contains("Basic sign-in as ann") && !printed.contains("cedar"), "{printed}");
    Ok(())
}

#[test]
fn what_stands_in_between_is_named() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let good = asked(&federation)?;
    let at = |url: String| Asked { url, ..good.clone() };
    let through = |proxy: std::net::SocketAddr| -> anyhow::Result<Asked> {
        let way = Way::through(&format!("http://{proxy}"), "", Secret::default())?;
        Ok(Asked { way, ..good.clone() })
    };

    let looked = look(&at("https://aggregator.invalid".to_owned()), member)?;
    assert_eq!(failed(&looked, "name").0, "aggregator.invalid is not found (DNS)");
    assert_eq!(
        outcomes(&looked)[1..],
        ["connection", "TLS", "clock"].map(|what| (what, Outcome::NotReached))
    );
    assert_eq!(looked.failures(), 4);

    let looked = look(&at(format!("https://{}", network::nobody()?)), member)?;
    assert!(failed(&looked, "connection").0.ends_with("nothing listens there, or a firewall refuses it"));

    let looked = look(&through(network::proxy(Some(BASIC))?)?, member)?;
    let (found, advice) = failed(&looked, "proxy");
    assert!(
        found.ends_with("with status 407") && advice == "set proxy_user and proxy_password",
        "{looked:?}"
    );

    let forbids = network::portal("HTTP/1.1 403 Forbidden\r\n\r\n")?;
    let looked = look(&through(forbids)?, member)?;
    assert!(failed(&looked, "proxy").1.contains("to allow CONNECT to 127.0.0.1:"));

    // A box that looks into TLS is found with a root and without.
    let inspector = network::inspector("Council Web Gateway", "HTTP/1.1 200 OK\r\n\r\n")?;
    for root_pem in [good.root_pem.clone(), None] {
        let asked = Asked { root_pem, ..at(format!("https://{inspector}")) };
        let looked = look(&asked, member)?;
        let (found, advice) = failed(&looked, "TLS");
        assert!(found.contains("issued by \"CN=Council Web Gateway\""), "{found}");
        let bypass = format!("a bypass for {inspector}: no TLS inspection, client certificates needed");
        assert!(advice.contains(&bypass), "{advice}");
    }

    let portal = network::portal("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome</html>")?;
    let looked = look(&at(format!("https://{portal}")), member)?;
    assert!(failed(&looked, "TLS").0.contains("does not speak TLS"), "{looked:?}");

    // A door of the region that is not the one for nodes.
    let (server, issuing) =
        (federation.aggregator.issued("server")?, federation.aggregator.issued("issuing")?);
    let door = network::another_door(&server, &issuing, "HTTP/1.1 200 OK\r\n\r\n")?;
    let looked = look(&at(format!("https://{door}")), member)?;
    assert!(failed(&looked, "TLS").0.ends_with("but no client certificate is asked for"), "{looked:?}");
    Ok(())
}

#[test]
fn a_wrong_clock_is_named_with_how_wrong_it_is() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let now = federation.members[0].node.now();
    let without = Asked { root_pem: None, ..asked(&federation)? };
    let looked = preflight(&without, now.plus_days(-30))?;
    let (found, advice) = failed(&looked, "clock");
    assert!(found.contains("days before the aggregator's certificate begins"), "{found}");
    assert!(advice.contains("NTP"), "{advice}");
    let looked = preflight(&without, now.plus_days(4000))?;
    assert!(failed(&looked, "clock").0.contains("days after the aggregator's certificate ended"));
    Ok(())
}
