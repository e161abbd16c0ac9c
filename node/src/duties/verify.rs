//! Verifies the node's own books offline: ledger, acts, sealed releases and their receipts.

use tenfold_common::protocol::{ReleaseBody, receipt, release::RELEASE_TYPE, signature};
use tenfold_store::acts;

use super::{DutyError, Node};
use crate::{
    ledger::{self, LedgerFault},
    store,
};

/// What was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// Lines of the ledger.
    pub lines: usize,
    /// Acts of people.
    pub acts: usize,
    /// Sealed releases.
    pub releases: usize,
    /// Receipts among them.
    pub receipts: usize,
}

/// Verifies everything this node can prove by itself, and names the first fault.
///
/// # Errors
/// The first fault.
pub fn verify(node: &Node) -> Result<Verified, DutyError> {
    let (lines, head, acts, sealed) = node.store.read(|connection| -> Result<_, DutyError> {
        Ok((
            store::ledger::lines(connection)?,
            store::ledger::head(connection)?,
            acts::all(connection)?,
            store::releases::sealed(connection)?,
        ))
    })?;
    ledger::verify(&lines, (head.0, &head.1))?;
    if let Some(seq) = acts::first_fault(&acts) {
        return Err(LedgerFault::Chain { seq }.into());
    }
    let bundle = node.identity()?.bundle;
    let own = node.keys.release.public();
    let mut receipts = 0;
    for release in &sealed {
        let quarter = release.quarter.to_string();
        let fault =
            |reason: &str| LedgerFault::Release { quarter: quarter.clone(), reason: reason.to_owned() };
        let body: ReleaseBody = signature::open(&release.bytes, RELEASE_TYPE, &own)?;
        if signature::sha256_hex(release.bytes.as_bytes()) != release.sha256
            || body.id.number != release.number
        {
            return Err(fault("its bytes are not those that were sealed").into());
        }
        if !lines.iter().any(|line| line.hash == body.ledger_head && line.quarter == quarter) {
            return Err(LedgerFault::NoSuchLine { quarter }.into());
        }
        if let (Some(signed), Some(bundle)) = (&release.receipt, &bundle) {
            let receipt = receipt::verify(signed, &release.bytes, &bundle.receipt_key)?;
            if receipt.id != body.id || receipt.ledger_head != body.ledger_head {
                return Err(fault("its receipt is for another release").into());
            }
            receipts += 1;
        }
    }
    Ok(Verified { lines: lines.len(), acts: acts.len(), releases: sealed.len(), receipts })
}
