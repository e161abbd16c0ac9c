//! Renews the aggregator's own certificate at half of its life.

use tenfold_web::tls;

use super::{Aggregator, DutyError, KEYS, held};
use crate::enrolment;

/// Whose renewals are spread by this name.
const HOLDER: &str = "aggregator";

/// Renews the server certificate if that is due, for the same names and over a new key. Whether it was.
///
/// # Errors
/// Where it cannot be read, issued or written; the old one then stands.
pub fn when_due(aggregator: &Aggregator) -> Result<bool, DutyError> {
    let due = tls::life_of_pem(&certificate(aggregator)?)?.renewal_due(HOLDER);
    if aggregator.now() < due {
        return Ok(false);
    }
    renew(aggregator)?;
    Ok(true)
}

/// Renews it now.
///
/// # Errors
/// As [`when_due`].
pub fn renew(aggregator: &Aggregator) -> Result<(), DutyError> {
    let names = tls::names_of_pem(&certificate(aggregator)?)?;
    let (issuing, days) = (aggregator.issued("issuing")?, aggregator.region.leaf_days);
    let new = enrolment::server(&names, &issuing, aggregator.now(), days)?;
    held::replace(&aggregator.folder.join(KEYS), "server", &new)?;
    tracing::info!("the server certificate is renewed");
    Ok(())
}

/// The chain that is to be shown, as it stands on disk: another process may have renewed it.
///
/// # Errors
/// Where it cannot be read.
pub fn certificate(aggregator: &Aggregator) -> Result<String, DutyError> {
    held::certificate(&aggregator.folder.join(KEYS), "server")
}
