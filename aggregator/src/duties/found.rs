//! Founds an aggregator: the region's certificate authority, its keys, its database, and its first policy.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tenfold_common::{
    clock::Moment,
    log::Event,
    privacy::{Policy, Succession, VerifiedPolicy, policy::POLICY_TYPE},
    protocol::{
        SigningKey,
        signature::{self, write_secret},
    },
};
use tenfold_store::{AnyConnection, DatabaseUrl, Store, acts};

use super::{Aggregator, DutyError, KEYS, POLICY_KEY, RECEIPT_KEY, held, log};
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
    /// Where the root's key is kept, if not among the aggregator's own.
    pub offline_root: Option<PathBuf>,
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
    let root = match &founding.offline_root {
        Some(elsewhere) => offline(&keys, elsewhere, || enrolment::root(&founding.region, now))?,
        None => keep(&keys, "root", || enrolment::root(&founding.region, now))?,
    };
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
    // Of a region that is there already a lost key is restored, never made anew.
    if opened.read(store::region::find)?.is_none() {
        for name in [POLICY_KEY, RECEIPT_KEY] {
            let path = keys.join(name);
            SigningKey::open_or_create(&path).map_err(|source| DutyError::File { path, source })?;
        }
    }
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

/// The root with its key in another folder; here stands its certificate alone.
fn offline(
    keys: &Path,
    elsewhere: &Path,
    make: impl FnOnce() -> Result<Issued, enrolment::EnrolmentError>,
) -> Result<Issued, DutyError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| DutyError::File { path, source }
    };
    let here = keys.join("root.crt.pem");
    if !here.exists() {
        fs::create_dir_all(elsewhere).map_err(file(elsewhere))?;
        let root = keep(elsewhere, "root", make)?;
        fs::write(&here, root.certificate_pem).map_err(file(&here))?;
    }
    // Found again, the issuing certificate is there and the root's key is not asked for.
    match keys.join("issuing.crt.pem").exists() {
        true => Ok(Issued { certificate_pem: held::certificate(keys, "root")?, key_pem: String::new() }),
        false => held::read(elsewhere, "root"),
    }
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
    held::read(folder, name)
}

/// Signs a policy. The first rules from its first quarter; another names the one before and takes over from it.
///
/// # Errors
/// Where the policy does not hold what it says, does not follow the one signed last, or comes too late to rule its
/// first quarter.
pub fn sign_policy(aggregator: &Aggregator, policy: &Policy, by: &str) -> Result<VerifiedPolicy, DutyError> {
    policy.verify()?;
    let signed = signature::sign(policy, POLICY_TYPE, &aggregator.policy_key)?;
    let verified = VerifiedPolicy::open(&signed, &aggregator.policy_key.public())?;
    let now = aggregator.now();
    // Under the log's lock, so that two are not signed after the same one.
    aggregator.append(|connection| {
        let known = aggregator.signed(connection)?;
        if known.iter().any(|known| known.hash() == verified.hash()) {
            return Ok(());
        }
        may_follow(connection, &verified, &known, now)?;
        store::region::keep_policy(connection, verified.hash(), &signed, now)?;
        log::once(connection, now, Event::Policy { hash: verified.hash().to_owned() })?;
        Ok::<_, DutyError>(acts::record(connection, now, by, "policy-signed", verified.hash())?)
    })?;
    Ok(verified)
}

/// Refuses a policy that does not follow the one signed last. One that follows must come before anybody can have
/// frozen a table of its first quarter under the one before: else a borough could spend a quarter that is then refused.
fn may_follow(
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    known: &[VerifiedPolicy],
    now: Moment,
) -> Result<(), DutyError> {
    let refuse = |reason: String| Err(DutyError::NotSigned { name: policy.policy().name.clone(), reason });
    let Some((before, earlier)) = known.split_last() else { return Ok(()) };
    let old = &before.policy().name;
    if policy.policy().succeeds.is_none() && store::enrolments::all(connection)?.is_empty() {
        // Nobody was given the one before.
        return Ok(());
    }
    Succession::up_to(before.clone(), earlier)?.followed_by(policy.clone())?;
    let first = policy.policy().first_quarter;
    let ends = before.recording_ends(first);
    if now >= ends {
        return refuse(format!(
            "the recording period of {first} ended at {ends} and boroughs may have frozen it under {old:?}; expected \
             a later first quarter"
        ));
    }
    Ok(())
}
