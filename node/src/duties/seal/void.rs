//! Seals a void quarter: in place of drawn values, that there are none and will never be.

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    privacy::{Rho, VerifiedPolicy},
    protocol::{RefusalReason, release::ReleaseId},
};
use tenfold_store::acts;

use super::keep;
use crate::{
    duties::{DutyError, Node, prepare::is_next},
    ledger::LineKind,
    release,
    store::{self, ledger::Entry, releases::Sealed},
};

/// Writes the void into the ledger, stream by stream, and seals the word for it under the quarter's number.
///
/// # Privacy
/// Nothing is drawn and nothing of the register is read.
///
/// # Errors
/// Where the store fails.
pub(super) fn seal_void(
    node: &Node,
    policy: &VerifiedPolicy,
    quarter: Quarter,
    reason: RefusalReason,
    now: Moment,
) -> Result<Sealed, DutyError> {
    node.store.write(|connection| {
        let number = is_next(connection, policy, quarter)?;
        let mut ledger_head = String::new();
        for stream in &policy.policy().streams {
            let entry = Entry {
                kind: LineKind::Void,
                actor: "seal",
                policy: policy.hash(),
                stream: &stream.name,
                quarter: Some(quarter),
                amount: Rho::ZERO,
            };
            ledger_head = store::ledger::append(connection, entry, now)?;
        }
        let id = ReleaseId { borough: node.borough.clone(), quarter, number };
        let body = release::void_body(policy, id, ledger_head, env!("CARGO_PKG_VERSION"), reason);
        acts::record(connection, now, "seal", "void-sealed", &quarter.to_string())?;
        keep(node, connection, policy, &body, now)
    })
}
