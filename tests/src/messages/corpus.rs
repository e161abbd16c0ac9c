//! Real messages of a federation of two boroughs after two quarters, with the keys that sign them.

use std::sync::Arc;

use anyhow::Context as _;
use tenfold_common::{
    geography::BoroughCode,
    privacy::Succession,
    protocol::{SigningKey, witness::REMEMBERED_FORMAT, witness::Remembered},
};
use tenfold_node::{
    duties::{create, witness},
    keys::Keys,
    store,
};
use tenfold_web::tls;

use super::Reader;
use crate::{federation::Federation, simulation};

/// Messages by the reader that reads them, and who signed them.
#[derive(Debug)]
pub struct Corpus {
    /// A real one of each.
    pub real: Vec<(Reader, Vec<u8>)>,
    /// The borough whose messages they are.
    pub borough: BoroughCode,
    /// The policy they obey.
    pub policies: Succession,
    /// A release that a receipt is for.
    pub release: String,
    /// The node's keys: one signs releases and requests.
    pub keys: Arc<Keys>,
    /// Signs receipts, statements and checkpoints.
    pub receipt_key: Arc<SigningKey>,
    /// Signs policies.
    pub policy_key: Arc<SigningKey>,
}

/// Plays two quarters and keeps what was said.
///
/// # Errors
/// Where a part of the federation fails.
pub async fn corpus() -> anyhow::Result<Corpus> {
    let federation = Federation::new()
        .with_nodes(2)
        .adapted(|policy| simulation::small(policy, 4))
        .without_opening()
        .at("2015-04-01")?;
    let members: Vec<_> = federation.members.iter().collect();
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    federation.release(&members, first).await?;
    federation.when_recorded(second)?;
    let (member, aggregator) = (members[0], &federation.aggregator);
    member.release(second)?;
    let region = member.region()?;
    let statement = region.statement().await?;
    witness::call_in(&member.node, &region).await?;
    let asked = tenfold_node::duties::right::request(&member.node)?.context("a quarter waits")?;
    let sealed = member.sealed()?.remove(0);
    let receipt = sealed.receipt.clone().context("it is receipted")?;
    let bundle = member.node.bundle()?;
    let file = witness::file(&member.node)?;
    let page = region.log(0).await?;
    let checkpoint = file.checkpoints.last().context("a checkpoint is kept")?.clone();
    let remembered = Remembered {
        format: REMEMBERED_FORMAT.to_owned(),
        entries: file.entries.clone(),
        checkpoint: checkpoint.clone(),
        policies: member.node.store.read(store::ledger::policies)?,
        questions: Vec::new(),
    };
    let mut real = vec![
        (Reader::Release, sealed.bytes.clone().into_bytes()),
        (Reader::DrawRequest, asked.into_bytes()),
        (Reader::EnrolmentRequest, create::enrolment_request(&member.node)?.into_bytes()),
        (Reader::Receipt, receipt.into_bytes()),
        (Reader::Statement, statement.into_bytes()),
        (Reader::Policy, bundle.policy.clone().into_bytes()),
        (Reader::Bundle, serde_json::to_vec(&bundle)?),
        (Reader::Log, file.write()?.into_bytes()),
        (Reader::LogPage, page.into_bytes()),
        (Reader::Remembered, serde_json::to_vec(&remembered)?),
        (Reader::Checkpoint, checkpoint.into_bytes()),
    ];
    for certificate in tls::certificates_from_pem(&bundle.certificate_chain_pem, "node certificate")? {
        real.push((Reader::Certificate, certificate.to_vec()));
    }
    Ok(Corpus {
        real,
        borough: member.borough().clone(),
        policies: (*aggregator.succession()?).clone(),
        release: sealed.bytes,
        keys: Arc::clone(&member.node.keys),
        receipt_key: Arc::clone(&aggregator.receipt_key),
        policy_key: Arc::clone(&aggregator.policy_key),
    })
}
