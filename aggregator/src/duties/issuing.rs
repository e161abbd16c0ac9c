//! Rotates the issuing key: the root signs a new one, the region goes on under it, and what the old one issued lives on.

use std::path::Path;

use tenfold_common::clock::Moment;
use tenfold_store::acts;
use tenfold_web::tls;

use super::{Aggregator, DutyError, KEYS, held, renew_server};
use crate::enrolment;

/// Signs a new issuing certificate with the root, whose key may be in another folder; says until when it holds.
///
/// # Errors
/// Where the root's key is not there or is another root's, or a file cannot be written; the old pair then stands.
pub fn rotate(aggregator: &Aggregator, root: Option<&Path>, by: &str) -> Result<Moment, DutyError> {
    let keys = aggregator.folder.join(KEYS);
    let root = held::read(root.unwrap_or(&keys), "root")?;
    if root.certificate_pem != aggregator.root_pem()? {
        return Err(DutyError::Unsound {
            what: "the root certificate in that folder".to_owned(),
            reason: "it is another than the one that boroughs were told of".to_owned(),
        });
    }
    let now = aggregator.now();
    let new = enrolment::issuer(&aggregator.region.name, &root, now)?;
    held::replace(&keys, "issuing", &new)?;
    let fingerprint = tls::fingerprint_of_pem(&new.certificate_pem)?;
    aggregator
        .store
        .write(|connection| acts::record(connection, now, by, "issuing-rotated", &fingerprint))?;
    renew_server::renew(aggregator)?;
    Ok(tls::life_of_pem(&new.certificate_pem)?.ends)
}
