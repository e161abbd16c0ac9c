//! The request that a council's network team gets, as text.

use crate::region::Way;

/// What to allow, why, and what would break it.
pub(super) fn request(host: &str, port: u16, way: &Way, addresses: &[String]) -> String {
    let resolved = match addresses {
        [] => "not resolved from this machine".to_owned(),
        found => format!("{} today; the name counts, not the numbers", found.join(", ")),
    };
    let proxy = match (way.proxy(), way.user()) {
        (None, _) => "none; the machine connects straight".to_owned(),
        (Some((proxy, port)), None) => format!("{proxy}:{port}, HTTP CONNECT without sign-in"),
        (Some((proxy, port)), Some(user)) => {
            format!("{proxy}:{port}, HTTP CONNECT, Basic sign-in as {user}")
        }
    };
    format!(
        "Please allow one way out for the machine on which this was printed.

Destination    {host}, TCP port {port}
Addresses      {resolved}
Direction      out only: the machine calls, nothing ever calls it
Protocol       HTTPS (HTTP/1.1 over TLS 1.3), certificates on both ends
Proxy          {proxy}
TLS inspection none: put {host}:{port} on the bypass list. Both ends trust one private authority and show
               certificates to each other; a device that opens the connection breaks it and cannot be trusted by it.
Amount         some calls of a few kilobytes an hour, a message of up to 1 MiB four times a year
Purpose        the council's node of Tenfold sends statistics of the families programme to the region: noised,
               differentially private counts by quarter. No record of a person leaves the council."
    )
}
