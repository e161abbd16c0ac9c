//! Forgets what was kept of erased families, once no quarter can be released any more.

use tenfold_store::acts;

use super::{DutyError, Node, prepare::next_quarter};
use crate::store;

/// Destroys the keyed hashes of erased families' identifiers when the last quarter of the newest policy is sealed and
/// due; how many. They serve no purpose then: nobody is counted any more.
///
/// # Errors
/// Where the store fails.
pub fn when_over(node: &Node) -> Result<usize, DutyError> {
    let policy = match node.policy() {
        Err(DutyError::NoPolicy | DutyError::NotEnrolled) => return Ok(0),
        other => other?,
    };
    let (last, now) = (policy.last_quarter(), node.now());
    if now < policy.due_at(last) {
        return Ok(0);
    }
    let destroyed = node.store.write(|connection| {
        if next_quarter(connection, &policy)?.0 <= last {
            return Ok(0);
        }
        let destroyed = store::remembered::destroy(connection)?;
        if destroyed > 0 {
            acts::record(connection, now, "retention", "erased-identifiers-destroyed", &last.to_string())?;
        }
        Ok::<_, DutyError>(destroyed)
    })?;
    if destroyed > 0 {
        node.store.empty_log()?;
    }
    Ok(destroyed)
}
