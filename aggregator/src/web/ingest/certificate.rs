//! What the door shows and whom it lets in: the server's certificate, renewed when due, and the roots that vouch for
//! nodes; both are swapped without a restart.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use arc_swap::ArcSwap;
use tenfold_common::{clock::Moment, geography::BoroughCode};
use tenfold_web::tls::{self, ClientRoots, PeerCertificate, ServerIdentity};

use crate::duties::{Aggregator, DutyError, own_ca, renew_server};

/// How often the door looks whether something else is to be shown.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// What can change while the door is open.
pub(super) struct Fresh {
    /// What is shown.
    pub(super) identity: Arc<ServerIdentity>,
    /// Who vouches.
    pub(super) roots: Arc<ClientRoots>,
    stands: ArcSwap<Stands>,
}

/// What it was made of.
#[derive(Clone, PartialEq, Eq)]
struct Stands {
    chain: String,
    own: Vec<(BoroughCode, String)>,
}

impl Stands {
    fn read(aggregator: &Aggregator) -> Result<Self, DutyError> {
        let own = own_ca::all(aggregator)?.into_iter().map(|ca| (ca.borough, ca.certificate_pem)).collect();
        Ok(Self { chain: renew_server::certificate(aggregator)?, own })
    }

    fn roots(&self, aggregator: &Aggregator) -> Result<Vec<tls::Certificate>, DutyError> {
        let mut roots = tls::certificates_from_pem(&aggregator.root_pem()?, "root certificate")?;
        for (_, pem) in &self.own {
            roots.extend(tls::certificates_from_pem(pem, "council's root certificate")?);
        }
        Ok(roots)
    }
}

impl Fresh {
    pub(super) fn new(aggregator: &Aggregator) -> Result<Self, DutyError> {
        let held = aggregator.issued("server")?;
        let chain = tls::certificates_from_pem(&held.certificate_pem, "server certificate")?;
        let identity = ServerIdentity::new(chain, tls::key_from_pem(&held.key_pem)?)?;
        let stands = Stands { chain: held.certificate_pem, ..Stands::read(aggregator)? };
        let roots = ClientRoots::new(stands.roots(aggregator)?)?;
        Ok(Self { identity, roots, stands: ArcSwap::from_pointee(stands) })
    }

    /// When a certificate ends that the borough's own authority vouches for; nothing where the region does.
    ///
    /// # Errors
    /// The borough whose authority it is, where that speaks for another.
    pub(super) fn own_until(
        &self,
        certificate: &PeerCertificate,
        borough: &BoroughCode,
        now: Moment,
    ) -> Result<Option<Moment>, BoroughCode> {
        let stands = self.stands.load();
        let vouches = |(_, pem): &&(BoroughCode, String)| certificate.is_vouched_for(pem, now);
        let mut vouching = stands.own.iter().filter(vouches).peekable();
        let Some((first, _)) = vouching.peek() else { return Ok(None) };
        let other = first.clone();
        if vouching.any(|(own, _)| own == borough) { Ok(certificate.not_after().ok()) } else { Err(other) }
    }

    fn look(&self, aggregator: &Aggregator) -> Result<(), DutyError> {
        renew_server::when_due(aggregator)?;
        let (known, stands) = (self.stands.load(), Stands::read(aggregator)?);
        if known.chain != stands.chain {
            let held = aggregator.issued("server")?;
            let chain = tls::certificates_from_pem(&held.certificate_pem, "server certificate")?;
            self.identity.swap(chain, tls::key_from_pem(&held.key_pem)?)?;
        }
        if known.own != stands.own {
            self.roots.swap(stands.roots(aggregator)?)?;
        }
        if **known != stands {
            self.stands.store(Arc::new(stands));
        }
        Ok(())
    }
}

/// Renews the certificate when that is due and goes by whatever stands here now, as long as the door is there.
pub(super) async fn keep_fresh(aggregator: Aggregator, fresh: Weak<Fresh>) {
    let mut told = String::new();
    loop {
        tokio::time::sleep(LOOKS_EVERY).await;
        let Some(fresh) = fresh.upgrade() else { return };
        let looked = {
            let aggregator = aggregator.clone();
            let store = aggregator.store.clone();
            store.run(move |_| fresh.look(&aggregator)).await
        };
        let failure = looked.err().map(|error| error.to_string()).unwrap_or_default();
        // A failure that lasts is logged once.
        if failure != told && !failure.is_empty() {
            tracing::error!("what the door shows cannot be renewed: {failure}");
        }
        told = failure;
    }
}
