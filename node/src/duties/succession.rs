//! The policies this node adopted, one after another, and which of them rules a quarter.

use tenfold_common::{
    calendar::Quarter,
    privacy::{Succession, VerifiedPolicy},
};
use tenfold_store::AnyConnection;

use super::{DutyError, Node};
use crate::store;

impl Node {
    /// The adopted policies up to the one adopted last, as this borough lives under them.
    ///
    /// # Errors
    /// Where none is adopted, or one no longer verifies.
    pub fn succession(&self) -> Result<Succession, DutyError> {
        let mut adopted = self.store.read(|connection| self.adopted(connection))?;
        let newest = adopted.pop().ok_or(DutyError::NoPolicy)?;
        Ok(Succession::up_to(newest, &adopted)?)
    }

    /// The policy adopted last; it may not rule yet.
    ///
    /// # Errors
    /// As [`Self::succession`].
    pub fn policy(&self) -> Result<VerifiedPolicy, DutyError> {
        Ok(self.succession()?.newest().clone())
    }

    /// The policy under which a quarter is released.
    ///
    /// # Errors
    /// As [`Self::succession`].
    pub fn policy_of(&self, quarter: Quarter) -> Result<VerifiedPolicy, DutyError> {
        Ok(self.succession()?.nearest(quarter).clone())
    }

    /// Every policy that was adopted, the one charged last at the end.
    ///
    /// # Errors
    /// Where one no longer verifies.
    pub(super) fn adopted(&self, connection: &mut AnyConnection) -> Result<Vec<VerifiedPolicy>, DutyError> {
        let signed = store::ledger::policies(connection)?;
        if signed.is_empty() {
            return Ok(Vec::new());
        }
        let identity = store::identity::find(connection)?;
        let bundle = identity.and_then(|identity| identity.bundle).ok_or(DutyError::NotEnrolled)?;
        let open = |signed: &String| {
            Ok(VerifiedPolicy::open(signed, &bundle.policy_key)?.joined_with(bundle.first_quarter))
        };
        signed.iter().map(open).collect()
    }
}
