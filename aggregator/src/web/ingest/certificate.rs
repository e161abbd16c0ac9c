//! The certificate that the door shows: renewed when due, swapped without a restart.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tenfold_web::tls::{self, ServerIdentity};

use crate::duties::{Aggregator, DutyError, renew_server};

/// How often the door looks whether another certificate is to be shown.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// The chain on disk, and the identity made of it.
pub(super) fn shown(aggregator: &Aggregator) -> Result<(String, Arc<ServerIdentity>), DutyError> {
    let held = aggregator.issued("server")?;
    let chain = tls::certificates_from_pem(&held.certificate_pem, "server certificate")?;
    Ok((held.certificate_pem, ServerIdentity::new(chain, tls::key_from_pem(&held.key_pem)?)?))
}

/// Renews the certificate when that is due and shows whatever stands on disk, as long as the door is there.
pub(super) async fn keep_fresh(aggregator: Aggregator, mut shown: String, identity: Weak<ServerIdentity>) {
    let mut told = String::new();
    loop {
        tokio::time::sleep(LOOKS_EVERY).await;
        let Some(identity) = identity.upgrade() else { return };
        let looked = {
            let (aggregator, shown) = (aggregator.clone(), shown.clone());
            let store = aggregator.store.clone();
            store.run(move |_| look(&aggregator, &shown, &identity)).await
        };
        match looked {
            Ok(now) => (shown, told) = (now, String::new()),
            Err(error) if error.to_string() != told => {
                // A failure that lasts is logged once.
                told = error.to_string();
                tracing::error!("the server certificate cannot be renewed: {told}");
            }
            Err(_) => {}
        }
    }
}

fn look(aggregator: &Aggregator, shown: &str, identity: &ServerIdentity) -> Result<String, DutyError> {
    renew_server::when_due(aggregator)?;
    let stands = renew_server::certificate(aggregator)?;
    if stands != shown {
        let held = aggregator.issued("server")?;
        let chain = tls::certificates_from_pem(&held.certificate_pem, "server certificate")?;
        identity.swap(chain, tls::key_from_pem(&held.key_pem)?)?;
        return Ok(held.certificate_pem);
    }
    Ok(stands)
}
