//! Founds an aggregator: the region's certificate authority, its keys, its database, and its first policy.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tenfold_common::{
    clock::Moment,
    privacy::{Policy, VerifiedPolicy, policy::POLICY_TYPE},
    protocol::signature::{self, write_secret},
};
use tenfold_store::{DatabaseUrl, Store, StoreError, acts};

use super::{Aggregator, DutyError, KEYS};
use crate::{
    enrolment::{self, Issued},
    store::{self, region::Region},
};

/// What an aggregator is founded with.
#[derive(Clone, Debug)]
pub struct Founding {
    /// How pages name the region.
    pub region: String,
    /// Where nodes deliver, `https://…`.
    pub ingest_url: String,
    /// The names or addresses in the server's certificate.
    pub server_names: Vec<String>,
    /// How long node and server certificates last, in days.
    pub leaf_days: u16,
    /// The clock file of a rehearsal, for ever.
    pub rehearsal_clock: Option<PathBuf>,
}

/// Founds an aggregator, or finds the very same one founded and goes on.
///
/// # Errors
/// Where another region's is there, or something cannot be written.
pub fn found(
    folder: &Path,
    database: &DatabaseUrl,
    founding: &Founding,
    now: Moment,
) -> Result<Aggregator, DutyError> {
    let keys = folder.join(KEYS);
    let file = |source| DutyError::File { path: keys.clone(), source };
    fs::create_dir_all(&keys).map_err(file)?;
    #[cfg(unix)]
    fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(file)?;
    let root = keep(&keys, "root", || enrolment::root(&founding.region, now))?;
    let issuing = keep(&keys, "issuing", || enrolment::issuer(&founding.region, &root, now))?;
    keep(&keys, "server", || enrolment::server(&founding.server_names, &issuing, now, founding.leaf_days))?;
    let clock = founding.rehearsal_clock.as_ref().map(|path| path.canonicalize().unwrap_or(path.clone()));
    let region = Region {
        name: founding.region.clone(),
        ingest_url: founding.ingest_url.clone(),
        leaf_days: founding.leaf_days,
        rehearsal_clock: clock.map(|path| path.to_string_lossy().into_owned()),
    };
    let opened = Store::open(database, store::MIGRATIONS)?;
    opened.write(|connection| match store::region::find(connection)? {
        Some(there) if there == region => Ok(()),
        Some(there) => Err(DutyError::Exists { what: format!("the aggregator of {}", there.name) }),
        None => {
            store::region::create(connection, &region, now)?;
            Ok(acts::record(connection, now, "ca init", "founded", &region.name)?)
        }
    })?;
    Aggregator::open(folder, database)
}

fn keep(
    folder: &Path,
    name: &str,
    make: impl FnOnce() -> Result<Issued, enrolment::EnrolmentError>,
) -> Result<Issued, DutyError> {
    let (certificate, key) = (folder.join(format!("{name}.crt.pem")), folder.join(format!("{name}.key.pem")));
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| DutyError::File { path, source }
    };
    if !certificate.exists() {
        let issued = make()?;
        // A key without its certificate is what an interrupted founding leaves: it was never used.
        let _ = fs::remove_file(&key);
        write_secret(&key, issued.key_pem.as_bytes()).map_err(file(&key))?;
        fs::write(&certificate, issued.certificate_pem).map_err(file(&certificate))?;
    }
    Ok(Issued {
        certificate_pem: fs::read_to_string(&certificate).map_err(file(&certificate))?,
        key_pem: fs::read_to_string(&key).map_err(file(&key))?,
    })
}

/// Signs a policy and puts it in force.
///
/// # Errors
/// Where the policy does not hold what it says.
pub fn sign_policy(aggregator: &Aggregator, policy: &Policy, by: &str) -> Result<VerifiedPolicy, DutyError> {
    policy.verify()?;
    let signed = signature::sign(policy, POLICY_TYPE, &aggregator.policy_key)?;
    let verified = VerifiedPolicy::open(&signed, &aggregator.policy_key.public())?;
    let now = aggregator.now();
    aggregator.store.write(|connection| {
        match store::region::keep_policy(connection, verified.hash(), &signed, now) {
            Err(StoreError::AlreadyRecorded { .. }) => Ok(()),
            Err(error) => Err(DutyError::from(error)),
            Ok(()) => Ok(acts::record(connection, now, by, "policy-signed", verified.hash())?),
        }
    })?;
    Ok(verified)
}
