//! The region's word to a node that has no connection: what the aggregator would sign, signed with its key.

use anyhow::Context;
use tenfold_common::{
    log::{Checkpoint, HeldLog},
    protocol::{
        DrawRequest, DrawRight, LogView, ReleaseBody, SealedQuarter, SigningKey, Statement, signature,
        statement::{STATEMENT_FORMAT, STATEMENT_TYPE},
    },
};
use tenfold_node::{
    duties::{Node, right, seal},
    store,
};

/// Tells a node that the region knows exactly what it sealed last, and gives the right to draw where it asks for it.
///
/// # Errors
/// Where the node refuses.
pub fn hear(node: &Node, receipt_key: &SigningKey) -> anyhow::Result<()> {
    say(node, receipt_key, None)?;
    let Some(request) = right::request(node)? else { return Ok(()) };
    let request: DrawRequest = signature::peek(&request).context("a node signs what it asks")?;
    let nonce_sha256 = request.nonce_sha256();
    let DrawRequest { quarter, policy, ledger_head, .. } = request;
    say(node, receipt_key, Some(DrawRight { quarter, policy, ledger_head, nonce_sha256 }))
}

fn say(node: &Node, receipt_key: &SigningKey, right: Option<DrawRight>) -> anyhow::Result<()> {
    let sealed = node.store.read(store::releases::sealed)?;
    let last = sealed
        .last()
        .map(|release| {
            let body: ReleaseBody = signature::peek(&release.bytes)?;
            let (release_sha256, ledger_head) = (release.sha256.clone(), body.ledger_head);
            Ok::<_, anyhow::Error>(SealedQuarter { id: body.id, release_sha256, ledger_head })
        })
        .transpose()?;
    let statement = Statement {
        format: STATEMENT_FORMAT.into(),
        borough: node.borough.clone(),
        last,
        next: None,
        right,
        log: nothing_yet(node, receipt_key)?,
        issued_at: node.now(),
    };
    seal::keep_statement(node, &signature::sign(&statement, STATEMENT_TYPE, receipt_key)?)?;
    Ok(())
}

/// A log in which nothing stands yet.
fn nothing_yet(node: &Node, receipt_key: &SigningKey) -> anyhow::Result<LogView> {
    let root = HeldLog::default().root_at(0)?;
    let checkpoint = Checkpoint::sign(0, root, node.now(), receipt_key)?;
    Ok(LogView { checkpoint, earlier: 0, consistency: Vec::new() })
}
