//! Whether a policy may be adopted after those that were.

use tenfold_common::{
    calendar::Quarter,
    privacy::{Succession, VerifiedPolicy},
};
use tenfold_store::AnyConnection;

use crate::{
    duties::{AdoptionFault, DutyError},
    store,
};

/// Refuses a policy that does not follow the one adopted last, and throws away what was prepared for the quarters it
/// takes over.
///
/// # Errors
/// `NotAdopted` or the policy's own fault, each with what was expected.
pub(super) fn follows(
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    adopted: &[VerifiedPolicy],
) -> Result<(), DutyError> {
    let refuse = |reason: String| {
        Err(DutyError::Adoption(AdoptionFault::NotAdopted { name: policy.policy().name.clone(), reason }))
    };
    let first = policy.policy().first_quarter;
    let Some(before) = adopted.last() else {
        let own = policy.first_release();
        return match first <= own && own <= policy.last_quarter() {
            true => Ok(()),
            false => refuse(format!(
                "this borough's first release is for {own}, and the policy rules {first} to {}; expected the one \
                 that rules that quarter, as it stands in the bundle",
                policy.last_quarter()
            )),
        };
    };
    if policy.policy().succeeds.as_deref() != Some(before.hash()) {
        return match used(connection, None)? {
            // Nothing was approved yet: the region mended its policy, and the one before never ruled.
            None => Ok(store::releases::forget_prepared_from(connection, policy.first_release())?),
            Some(quarter) => refuse(format!(
                "{quarter} is approved or released under {:?}{}; expected a policy that names it as the one before \
                 and takes over at a later quarter",
                before.policy().name,
                if policy.policy().opening { ", and nothing opens an opening position again" } else { "" },
            )),
        };
    }
    let known = &adopted[..adopted.len() - 1];
    Succession::up_to(before.clone(), known)?.followed_by(policy.clone())?;
    if let Some(quarter) = used(connection, Some(first))? {
        return refuse(format!(
            "it takes over at {first}, and {quarter} is approved or released under {:?} already; ask the region for \
             one that takes over later, or declare the quarter void if it is not charged",
            before.policy().name
        ));
    }
    Ok(store::releases::forget_prepared_from(connection, first)?)
}

/// The first quarter from one on that is sealed, charged or approved, and not void.
fn used(connection: &mut AnyConnection, from: Option<Quarter>) -> Result<Option<Quarter>, DutyError> {
    let sealed = store::releases::sealed(connection)?.into_iter().map(|release| release.quarter);
    let lines = store::ledger::lines(connection)?.into_iter().filter_map(|line| line.quarter.parse().ok());
    let void = store::refusals::void(connection)?;
    let approved = store::releases::approved(connection)?;
    let approved = approved.into_iter().filter(|quarter| !void.contains_key(quarter));
    let used = sealed.chain(lines).chain(approved);
    Ok(used.filter(|quarter| from.is_none_or(|from| *quarter >= from)).min())
}
