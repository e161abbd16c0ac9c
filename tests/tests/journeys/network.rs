//! What a council's network does to a node's calls, and what the node says of it: the cause, and what to ask for.

use std::sync::Arc;

use tenfold_common::{clock::SteppedClock, protocol::Bundle};
use tenfold_node::region::{CallError, Region, Secret, Way};
use tenfold_tests::{
    federation::{self, Federation, Member, Running},
    network,
};

const PASSWORD: &str = "cedar-4417-lantern";
/// `ann` and the password above.
const BASIC: &str = "Basic YW5uOmNlZGFyLTQ0MTctbGFudGVybg==";

fn federation() -> anyhow::Result<Running> {
    Federation::new().at("2015-04-01")
}

/// The way of a member to an address that is not the aggregator's own.
fn region(member: &Member, url: &str, way: &Way) -> anyhow::Result<Region> {
    let bundle = Bundle { ingest_url: url.to_owned(), ..member.node.bundle()? };
    Ok(Region::open(&bundle, &member.node.keys.tls_key_pem()?, member.node.clock.clone(), way)?)
}

async fn told(member: &Member, url: &str, way: &Way) -> anyhow::Result<String> {
    Ok(region(member, url, way)?.statement().await.unwrap_err().to_string())
}

fn through(proxy: std::net::SocketAddr, user: &str, password: &str) -> anyhow::Result<Way> {
    Ok(Way::through(&format!("http://{proxy}"), user, Secret::from(password.to_owned()))?)
}

#[tokio::test]
async fn a_proxy_that_asks_for_a_sign_in() -> anyhow::Result<()> {
    let federation = federation()?;
    let member = &federation.members[0];
    let url = member.node.bundle()?.ingest_url;
    let proxy = network::proxy(Some(BASIC))?;
    let without = told(member, &url, &through(proxy, "", "")?).await?;
    assert!(
        without.contains(&format!("the proxy {proxy} asks for a sign-in (407): set proxy_user")),
        "{without}"
    );
    let wrong = told(member, &url, &through(proxy, "ann", "cedar-4418")?).await?;
    assert!(wrong.contains(&format!("the proxy {proxy} does not accept the sign-in of \"ann\"")), "{wrong}");
    assert!(!wrong.contains("cedar"), "{wrong}");
    let right = region(member, &url, &through(proxy, "ann", PASSWORD)?)?;
    assert!(right.statement().await.is_ok());
    // Neither shown nor logged.
    assert!(!format!("{right:?}").contains(PASSWORD));
    for secret in [PASSWORD, BASIC.trim_start_matches("Basic ")] {
        assert_eq!(federation::logged(&[secret]), Vec::<String>::new());
    }
    Ok(())
}

#[tokio::test]
async fn a_proxy_without_a_sign_in_and_some_that_help_nobody() -> anyhow::Result<()> {
    let federation = federation()?;
    let member = &federation.members[0];
    let url = member.node.bundle()?.ingest_url;
    let host_port = url.trim_start_matches("https://");
    let open = through(network::proxy(None)?, "", "")?;
    assert!(region(member, &url, &open)?.statement().await.is_ok());

    let forbids =
        network::portal("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>no</html>")?;
    let words = told(member, &url, &through(forbids, "", "")?).await?;
    let expected =
        format!("the proxy {forbids} answered and opened no way to {host_port}: ask your network team");
    assert!(words.contains(&expected), "{words}");

    let portal = network::portal("HTTP/1.1 302 Found\r\nLocation: http://sign-in.example/\r\n\r\n")?;
    let words = told(member, &url, &through(portal, "", "")?).await?;
    assert!(words.contains("opened no way to"), "{words}");

    let nobody = network::nobody()?;
    let words = told(member, &url, &through(nobody, "", "")?).await?;
    assert!(words.contains(&format!("the proxy {nobody} itself does not answer")), "{words}");
    Ok(())
}

#[tokio::test]
async fn a_box_that_looks_into_tls() -> anyhow::Result<()> {
    let federation = federation()?;
    let member = &federation.members[0];
    let inspector = network::inspector("Council Web Gateway", "HTTP/1.1 200 OK\r\n\r\n")?;
    let words = told(member, &format!("https://{inspector}"), &Way::straight()).await?;
    let issuer = "it was issued by \"CN=Council Web Gateway\" and not by the region's authority";
    let bypass = format!("a bypass for {inspector} (no TLS inspection, client certificates needed)");
    assert!(words.contains(issuer) && words.contains(&bypass), "{words}");
    Ok(())
}

#[tokio::test]
async fn sign_in_pages_of_the_network() -> anyhow::Result<()> {
    let federation = federation()?;
    let member = &federation.members[0];
    // Before TLS, as a network does that lets nobody out.
    let portal = network::portal("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome</html>")?;
    let words = told(member, &format!("https://{portal}"), &Way::straight()).await?;
    assert!(words.contains("what answers does not speak TLS: a sign-in page of the network"), "{words}");
    // Behind the region's own certificates.
    let (server, issuing) =
        (federation.aggregator.issued("server")?, federation.aggregator.issued("issuing")?);
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nWelcome";
    let leads = "HTTP/1.1 302 Found\r\nLocation: http://sign-in.example/\r\nContent-Length: 0\r\n\r\n";
    for (answer, expected) in [
        (
            page,
            "an answer with status 200 came that is of the type text/html and is none of the aggregator's",
        ),
        (leads, "an answer with status 302 came that leads to http://sign-in.example/ and is none of"),
    ] {
        let door = network::another_door(&server, &issuing, answer)?;
        let words = told(member, &format!("https://{door}"), &Way::straight()).await?;
        assert!(words.contains(expected) && words.contains("captive portal"), "{words}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_there() -> anyhow::Result<()> {
    let federation = federation()?;
    let member = &federation.members[0];
    let nobody = network::nobody()?;
    let words = told(member, &format!("https://{nobody}"), &Way::straight()).await?;
    assert!(words.contains(&format!("nothing listens at {nobody}, or a firewall refuses it")), "{words}");
    let words = told(member, "https://aggregator.invalid", &Way::straight()).await?;
    assert!(words.contains("the name aggregator.invalid is not found (DNS)"), "{words}");
    // A line that is cut in the middle.
    let cut = network::portal("")?;
    let words = told(member, &format!("https://{cut}"), &Way::straight()).await?;
    assert!(words.contains(&format!("the connection to {cut} was cut off")), "{words}");
    Ok(())
}

#[tokio::test]
async fn a_clock_that_is_wrong() -> anyhow::Result<()> {
    let federation = federation()?;
    let member = &federation.members[0];
    let (bundle, key) = (member.node.bundle()?, member.node.keys.tls_key_pem()?);
    let at = |days, seconds| {
        let now = member.node.now();
        let clock = SteppedClock::at(now.plus_days(days).plus_seconds(seconds));
        Region::open(&bundle, &key, Arc::new(clock), &Way::straight())
    };
    let early = at(-40, 0)?.statement().await.unwrap_err().to_string();
    assert!(early.contains("days earlier: set the clock"), "{early}");
    let late = at(3650, 0)?.statement().await.unwrap_err().to_string();
    assert!(late.contains("days later: if that is not the time, set the clock"), "{late}");
    federation.clock.set(member.node.now().plus_days(2));
    // Within the certificates' time only the answer's date tells.
    assert!(at(0, 3 * 3600)?.statement().await.is_ok());
    assert_eq!(federation::logged(&["this node's clock is 3 hours ahead of the region's: set it"]).len(), 1);
    assert!(at(0, -5 * 3600)?.statement().await.is_ok());
    assert_eq!(federation::logged(&["this node's clock is 5 hours behind the region's: set it"]).len(), 1);
    Ok(())
}

/// A problem of the aggregator is told as before, whoever stands in between.
#[tokio::test]
async fn a_refusal_is_no_fault_of_the_network() -> anyhow::Result<()> {
    let federation = federation()?;
    let member = &federation.members[0];
    let region = member.region()?;
    assert!(matches!(region.deliver("no release".to_owned()).await, Err(CallError::Problem(_))));
    Ok(())
}
