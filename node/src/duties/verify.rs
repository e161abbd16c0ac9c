//! Verifies the node's own books offline: ledger, acts, signed decisions, sealed releases and their receipts.

use std::collections::BTreeMap;

use tenfold_common::protocol::{ReleaseBody, receipt, release::RELEASE_TYPE, signature};
use tenfold_store::acts;

use super::{
    DutyError, Node,
    sign::{self, Books},
    witness::{self, Witnessed},
};
use crate::{
    ledger::{self, LedgerFault, LedgerLine, LineKind},
    release::decision::DecisionFault,
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
    /// Approvals, returns, void quarters and standing approvals, each signed with its approver's own key.
    pub decisions: usize,
    /// What is kept of the region's log.
    pub log: Witnessed,
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
    let decisions = decisions(node, &lines, &acts)?;
    let bundle = node.identity()?.bundle;
    let mut receipts = 0;
    for release in &sealed {
        let quarter = release.quarter.to_string();
        let fault =
            |reason: &str| LedgerFault::Release { quarter: quarter.clone(), reason: reason.to_owned() };
        let body: ReleaseBody =
            signature::open(&release.bytes, RELEASE_TYPE, &node.key_of_release(release.number)?)?;
        if signature::sha256_hex(release.bytes.as_bytes()) != release.sha256
            || body.id.number != release.number
        {
            return Err(fault("its bytes are not those that were sealed").into());
        }
        if !lines.iter().any(|line| line.hash == body.ledger_head && line.quarter == quarter) {
            return Err(LedgerFault::NoSuchLine { quarter }.into());
        }
        if let (Some(signed), Some(bundle)) = (&release.receipt, &bundle) {
            let receipt = receipt::verify(signed, &release.bytes, &bundle.receipt_key)?.receipt;
            if receipt.id != body.id || receipt.ledger_head != body.ledger_head {
                return Err(fault("its receipt is for another release").into());
            }
            receipts += 1;
        }
    }
    let log = node.store.read(|connection| witness::verify(node, connection))?;
    let (lines, acts, releases) = (lines.len(), acts.len(), sealed.len());
    Ok(Verified { lines, acts, releases, receipts, decisions, log })
}

/// Holds every kept decision against the key its approver held on its day, and the ledger against the decisions.
fn decisions(node: &Node, lines: &[LedgerLine], acts: &[acts::Act]) -> Result<usize, DutyError> {
    node.store.read(|connection| {
        let books = Books::read(node, connection)?;
        if let Some(key) = sign::key_without_act(&books.keys, acts) {
            return Err(LedgerFault::Key { id: key.public.id(), account: key.account.clone() }.into());
        }
        let fault = |what: String| {
            move |fault: DecisionFault| LedgerFault::Decision { what, reason: fault.to_string() }
        };
        let mut count = books
            .standing()
            .map_err(|(number, error)| fault(format!("standing approval {number}"))(error))?;
        let mut deciders = BTreeMap::new();
        for (quarter, approval) in store::releases::approvals(connection)? {
            let what = || format!("the approval of {quarter}");
            let prepared = store::releases::preparation_of(connection, quarter)?;
            let prepared = prepared.ok_or_else(|| LedgerFault::Decision {
                what: what(),
                reason: "what was approved is gone".to_owned(),
            })?;
            deciders
                .insert(quarter.to_string(), books.approval(&prepared, &approval).map_err(fault(what()))?);
            count += 1;
        }
        for (quarter, returned) in store::returns::all(connection)? {
            books.returned(quarter, &returned).map_err(fault(format!("a return of {quarter}")))?;
            count += 1;
        }
        for refusal in store::refusals::all(connection)? {
            books.refusal(&refusal).map_err(fault(format!("the void quarter {}", refusal.quarter)))?;
            count += 1;
        }
        for line in lines.iter().filter(|line| line.kind == LineKind::Release.as_str()) {
            if deciders.get(&line.quarter) != Some(&line.actor) {
                return Err(LedgerFault::Decided { seq: line.seq, quarter: line.quarter.clone() }.into());
            }
        }
        Ok(count)
    })
}
