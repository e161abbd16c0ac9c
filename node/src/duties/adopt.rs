//! Joins the federation with the region's bundle, and adopts its policies under the borough's own cap.

pub(super) mod fault;
mod follows;

use tenfold_common::{
    privacy::{Rho, VerifiedPolicy},
    protocol::{Bundle, enrolment::BUNDLE_FORMAT},
};
use tenfold_store::acts;

use super::{AdoptionFault, DutyError, Node};
use crate::{
    keys::KeysError,
    ledger::{self, LedgerLine, LineKind},
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
        // Enrolled again, it goes on where it was: its first release is not moved.
        let known = store::identity::find(connection)?.and_then(|identity| identity.bundle);
        if let Some(known) = known.filter(|known| known.first_quarter != bundle.first_quarter) {
            return Err(DutyError::Bundle {
                reason: format!(
                    "its first release is to be for {}, this node's is for {}",
                    bundle.first_quarter, known.first_quarter
                ),
            });
        }
        store::identity::keep_bundle(connection, bundle)?;
        Ok(acts::record(connection, now, by, "joined", &found)?)
    })
}

/// Adopts a policy: charges each of its streams for the whole horizon, in one transaction or not at all. One that
/// takes over from the policy in force begins at its first quarter; until then the one before goes on.
///
/// # Privacy
/// Afterwards Σ over streams of the largest charge any policy made is at most the borough's cap; the database
/// refuses it otherwise. The journal spans policies: whom a stream has counted is never counted in it again.
///
/// # Errors
/// Where the policy does not verify, is a rehearsal's and the node is not (or the other way round), does not follow
/// the policy in force, or would pass the cap; or where the journal's key was destroyed.
pub fn adopt_policy(node: &Node, signed: &str, by: &str) -> Result<VerifiedPolicy, DutyError> {
    let bundle = node.bundle()?;
    if node.identity()?.journal_destroyed.is_some() {
        return Err(KeysError::JournalDestroyed.into());
    }
    let policy = VerifiedPolicy::open(signed, &bundle.policy_key)?.joined_with(bundle.first_quarter);
    if policy.policy().rehearsal != node.clock.is_rehearsal() {
        let word = |rehearsal| {
            if rehearsal { "is a rehearsal" } else { "is not a rehearsal" }
        };
        return Err(DutyError::Adoption(AdoptionFault::Rehearsal {
            node: word(node.clock.is_rehearsal()),
            policy: word(policy.policy().rehearsal),
        }));
    }
    let streams = policy.policy().streams.iter();
    let charges = streams
        .map(|stream| Ok((stream.name.as_str(), policy.charge(&stream.name, &node.borough)?)))
        .collect::<Result<Vec<(&str, Rho)>, DutyError>>()?;
    let now = node.now();
    node.store.write(|connection| {
        let adopted = node.adopted(connection)?;
        if adopted.iter().any(|known| known.hash() == policy.hash()) {
            return Ok(());
        }
        follows::follows(connection, &policy, &adopted)?;
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
                    return Err(over_cap(&policy.policy().name, &charges, &lines, &adopted));
                }
                other => other?,
            };
        }
        store::ledger::keep_policy(connection, policy.hash(), signed, by, now)?;
        Ok(acts::record(connection, now, by, "policy-adopted", policy.hash())?)
    })?;
    Ok(policy)
}

/// What was asked, what is left, and which policy used it for which stream.
pub(super) fn over_cap(
    name: &str,
    charges: &[(&str, Rho)],
    lines: &[LedgerLine],
    adopted: &[VerifiedPolicy],
) -> DutyError {
    let (cap, spent) = (ledger::cap(lines), ledger::lifetime(lines));
    let dearest = ledger::dearest(lines);
    let charged_by = |stream: &str, most: Rho| {
        let adoption = |line: &&LedgerLine| line.kind == LineKind::Adoption.as_str() && line.stream == stream;
        let line = lines.iter().filter(adoption).find(|line| line.amount == most);
        let known = line.and_then(|line| adopted.iter().find(|policy| policy.hash() == line.policy));
        known.map_or("an earlier policy", |policy| policy.policy().name.as_str()).to_owned()
    };
    let asked = charges.iter().map(|(stream, rho)| {
        match dearest.iter().find(|(known, _)| known == stream).map(|(_, most)| *most) {
            Some(most) => {
                let more = rho.checked_sub(most).unwrap_or_default();
                format!("ρ = {rho} for {stream} ({more} more than before)")
            }
            None => format!("ρ = {rho} for {stream}"),
        }
    });
    let used = dearest
        .iter()
        .map(|(stream, most)| format!("{:?} used ρ = {most} for {stream}", charged_by(stream, *most)));
    DutyError::Adoption(AdoptionFault::OverCap {
        name: name.to_owned(),
        asked: asked.collect::<Vec<_>>().join(", "),
        cap,
        spent,
        left: cap.checked_sub(spent).unwrap_or_default(),
        used: used.collect::<Vec<_>>().join(", "),
    })
}
