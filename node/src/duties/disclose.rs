//! Enters exact figures that left the borough: they are outside the privacy guarantee and must be known.

use tenfold_store::{Account, Role, acts};

use super::{DutyError, Node, claim::ClaimFault, require};
use crate::store::{self, claims::certificates::Disclosure};

/// Enters a disclosure in the register; who enters it and its number are set here.
///
/// # Errors
/// Where the role is another, words are missing, or its kind is not known.
pub fn disclose(node: &Node, mut new: Disclosure, by: &Account) -> Result<Disclosure, DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    if new.figures.trim().is_empty() || new.recipient.trim().is_empty() {
        return Err(ClaimFault::NoReason { what: "a disclosure (its figures and recipient)" }.into());
    }
    new.recorded_by = by.name;
    let now = node.now();
    node.store.write(|connection| {
        acts::record(connection, now, &new.recorded_by, "disclosure-entered", &new.kind)?;
        new.id = store::claims::certificates::disclose(connection, &new, now)?;
        Ok(new)
    })
}

/// All disclosures.
///
/// # Errors
/// Where the store fails.
pub fn disclosures(node: &Node) -> Result<Vec<Disclosure>, DutyError> {
    Ok(node.store.read(store::claims::certificates::disclosures)?)
}
