//! Declares what was promised, spent and released: the privacy statement, from the node's own books.

use tenfold_common::{
    geography,
    privacy::planner::{Area, expected_errors},
};

use super::{DutyError, Node, prepare::next_quarter};
use crate::{
    ledger,
    release::review::Precision,
    statement::{Books, ExactPaper, PrivacyStatement},
    store,
};

/// Writes the privacy statement.
///
/// # Errors
/// Where no policy is adopted or the database cannot be read.
pub fn declare(node: &Node) -> Result<PrivacyStatement, DutyError> {
    let policies = node.succession()?;
    let (next, _) = node.store.read(|connection| next_quarter(connection, policies.newest()))?;
    let policy = policies.nearest(next);
    let errors = expected_errors(policy.policy(), Area::Borough(policy.places(&node.borough)?))
        .map_err(|error| DutyError::Planned { reason: error.to_string() })?;
    let borough = geography::borough(&node.borough).map_or(node.borough.as_str(), |borough| &borough.name);
    node.store.read(|connection| {
        let lines = store::ledger::lines(connection)?;
        let (seq, hash) = store::ledger::head(connection)?;
        let fault = ledger::verify(&lines, (seq, &hash)).err().map(|fault| fault.to_string());
        let disclosures = store::claims::certificates::disclosures(connection)?.into_iter();
        let papers: Vec<ExactPaper> = disclosures
            .map(|paper| ExactPaper { number: paper.id, on: paper.disclosed_on, kind: paper.kind })
            .collect();
        Ok(PrivacyStatement::write(&Books {
            borough,
            now: node.now(),
            policy,
            policies: &policies,
            lines: &lines,
            ledger_fault: fault.as_deref(),
            releases: &store::releases::sealed(connection)?,
            papers: &papers,
            precision: &Precision::of(&errors, node.smallest_change),
            software: env!("CARGO_PKG_VERSION"),
        }))
    })
}
