//! Joins the federation with the region's bundle, and adopts its policy under the borough's own cap.

use tenfold_common::{
    privacy::{Rho, VerifiedPolicy},
    protocol::{Bundle, enrolment::BUNDLE_FORMAT},
};
use tenfold_store::acts;

use super::{DutyError, Node};
use crate::{
    ledger::{self, LineKind},
    store::{self, ledger::Entry},
};

/// Accepts the region's bundle, once its root's fingerprint was told another way.
///
/// # Errors
/// Where the bundle is another borough's or its root another.
pub fn join(node: &Node, bundle: &Bundle, root_fingerprint: &str, by: &str) -> Result<(), DutyError> {
    let refuse = |reason: String| Err(DutyError::Bundle { reason });
    if bundle.format != BUNDLE_FORMAT {
        return refuse(format!("its format is {:?}, expected {BUNDLE_FORMAT:?}", bundle.format));
    }
    if bundle.borough != node.borough {
        return refuse(format!("it is for {}, this is the node of {}", bundle.borough, node.borough));
    }
    let found = tenfold_web::tls::fingerprint_of_pem(&bundle.root_pem)
        .map_err(|error| DutyError::Bundle { reason: error.to_string() })?;
    let told = root_fingerprint.to_ascii_lowercase().replace([':', ' '], "");
    if found != told {
        return refuse(format!("its root certificate has the fingerprint {found}, you were told {told}"));
    }
    // The policy in the bundle must be one this node could adopt.
    VerifiedPolicy::open(&bundle.policy, &bundle.policy_key)?.places(&node.borough)?;
    let now = node.now();
    node.store.write(|connection| {
        store::identity::keep_bundle(connection, bundle)?;
        Ok(acts::record(connection, now, by, "joined", &found)?)
    })
}

/// Adopts a policy: charges each of its streams for the whole horizon, in one transaction or not at all.
///
/// # Privacy
/// Afterwards Σ over streams of the largest charge any policy made is at most the borough's cap; the database
/// refuses it otherwise.
///
/// # Errors
/// Where the policy does not verify, is a rehearsal's and the node is not (or the other way round), or would
/// pass the cap.
pub fn adopt_policy(node: &Node, signed: &str, by: &str) -> Result<VerifiedPolicy, DutyError> {
    let policy = VerifiedPolicy::open(signed, &node.bundle()?.policy_key)?;
    if policy.policy().rehearsal != node.clock.is_rehearsal() {
        let word = |rehearsal| {
            if rehearsal { "is a rehearsal" } else { "is not a rehearsal" }
        };
        return Err(DutyError::Rehearsal {
            node: word(node.clock.is_rehearsal()),
            policy: word(policy.policy().rehearsal),
        });
    }
    let streams = policy.policy().streams.iter();
    let charges = streams
        .map(|stream| Ok((stream.name.as_str(), policy.charge(&stream.name, &node.borough)?)))
        .collect::<Result<Vec<(&str, Rho)>, DutyError>>()?;
    let now = node.now();
    node.store.write(|connection| {
        if store::ledger::policy_in_force(connection)?.as_deref() == Some(signed) {
            return Ok(());
        }
        let lines = store::ledger::lines(connection)?;
        for &(stream, amount) in &charges {
            let entry = Entry {
                kind: LineKind::Adoption,
                actor: by,
                policy: policy.hash(),
                stream,
                quarter: None,
                amount,
            };
            match store::ledger::append(connection, entry, now) {
                Err(tenfold_store::StoreError::Refused { .. }) => {
                    let asked = charges.iter().map(|(name, rho)| format!("ρ = {rho} for {name}"));
                    return Err(DutyError::OverCap {
                        name: policy.policy().name.clone(),
                        asked: asked.collect::<Vec<_>>().join(", "),
                        cap: ledger::cap(&lines).to_string(),
                        spent: ledger::lifetime(&lines).to_string(),
                    });
                }
                other => other?,
            };
        }
        store::ledger::keep_policy(connection, policy.hash(), signed, by, now)?;
        Ok(acts::record(connection, now, by, "policy-adopted", policy.hash())?)
    })?;
    Ok(policy)
}
