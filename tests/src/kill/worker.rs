//! The process that is killed: it records, prepares, approves, charges, draws, seals and puts on a stick, quarter
//! after quarter, from wherever the last one died.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography,
    privacy::{
        VerifiedPolicy,
        policy::{ATTACHED, CLOSED, PROBLEM, PROGRESS, REASON, REASONS, RESULT, RESULT_TYPE, WITHDRAWN},
    },
};
use tenfold_node::{
    duties::{Node, approve, prepare, seal},
    register::{FamilyId, LineId},
    release::{
        noise::DiscreteGaussian,
        selection::RecordedEvent,
        tally::{Event, Labels},
    },
    store,
};
use tenfold_store::{Account, DatabaseUrl, Role, Signer, StoreError};

use super::{FAMILIES, receipt_key};
use crate::{federation::PASSWORD, word};

/// Works until the horizon is over. What is done already is not done again.
///
/// # Errors
/// Where a duty refuses what it should do.
pub fn work(folder: &Path, url: &str) -> anyhow::Result<()> {
    let url: DatabaseUrl = url.parse()?;
    let node = Node::open(&folder.join("node"), &url)?;
    let policy = node.policy()?;
    let mut by = None;
    while let Some(quarter) = next(&node, &policy)? {
        set_clock(folder, policy.recording_ends(quarter))?;
        make_ready(&node, &policy, quarter, folder, &mut by)?;
        if let Some(sealed) = seal::seal_next(&node, &DiscreteGaussian)? {
            carry(folder, quarter, &sealed.bytes)?;
        }
    }
    Ok(())
}

/// Records, prepares and approves a quarter unless that is done, and brings the region's word.
pub(super) fn make_ready(
    node: &Node,
    policy: &VerifiedPolicy,
    quarter: Quarter,
    folder: &Path,
    by: &mut Option<Signer>,
) -> anyhow::Result<()> {
    let person = |name: &str, role| Account { name: name.into(), display_name: name.into(), role };
    if node.store.read(|connection| store::releases::approval_of(connection, quarter))?.is_none() {
        record(node, policy, quarter)?;
        let prepared = prepare::prepare(node, quarter, &person("analyst", Role::Analyst))?;
        approve::approve(node, quarter, signer(node, by)?, &prepared.salted_hash)?;
    }
    word::hear(node, &receipt_key(folder)?)
}

/// The approver's own key, opened once in a process's life.
fn signer<'s>(node: &Node, open: &'s mut Option<Signer>) -> anyhow::Result<&'s Signer> {
    if open.is_none() {
        *open = Some(node.signer("approver", PASSWORD)?);
    }
    Ok(open.as_ref().expect("it was opened above"))
}

fn next(node: &Node, policy: &VerifiedPolicy) -> anyhow::Result<Option<Quarter>> {
    let (quarter, _) = node.store.read(|connection| prepare::next_quarter(connection, policy))?;
    Ok(policy.quarter_index(quarter).ok().map(|_| quarter))
}

/// Replaces the clock file as a whole, so that no death leaves half of one.
pub(super) fn set_clock(folder: &Path, moment: Moment) -> anyhow::Result<()> {
    let new = folder.join("clock.new");
    fs::write(&new, moment.to_string())?;
    Ok(fs::rename(new, folder.join("clock.txt"))?)
}

/// What is recorded in a quarter: the same families whoever asks, so that the truth is known.
pub(super) fn events(policy: &VerifiedPolicy, quarter: Quarter, stream: &str) -> Vec<RecordedEvent> {
    let wards = &geography::boroughs()[1].wards;
    let problems =
        policy.stream(ATTACHED).map(|stream| stream.label_sets[0].labels.clone()).unwrap_or_default();
    (0..FAMILIES)
        .map(|at| {
            let present = problems.iter().enumerate().filter(|(bit, _)| (at * 11 + 3) >> bit & 1 == 1);
            let present = present.map(|(_, problem)| problem.clone()).collect();
            let mut labels = BTreeMap::from([(PROBLEM.to_owned(), present)]);
            if stream == CLOSED {
                labels.insert(REASON.to_owned(), vec![REASONS[at % REASONS.len()].to_owned()]);
            }
            if stream == RESULT {
                let progress = (at % 3 > 0).then(|| PROGRESS.to_owned());
                labels.insert(RESULT_TYPE.to_owned(), progress.into_iter().collect());
            }
            RecordedEvent {
                line: LineId(format!("L{quarter}-{at}")),
                family: FamilyId(format!("F{quarter}-{at}")),
                stream: stream.to_owned(),
                recorded_at: Moment::at_start_of(quarter.last_day()).plus_seconds(at as i64),
                // The last of them lives nobody knows where.
                event: Event { ward: wards.get(at).map(|ward| ward.code.clone()), labels: Labels(labels) },
            }
        })
        .collect()
}

fn record(node: &Node, policy: &VerifiedPolicy, quarter: Quarter) -> anyhow::Result<()> {
    let streams = [ATTACHED, RESULT, CLOSED, WITHDRAWN].map(|stream| events(policy, quarter, stream));
    let recorded = node.store.write(|connection| {
        for event in streams.iter().flatten() {
            store::events::record(connection, event, "analyst", "expanded-2015")?;
        }
        Ok::<_, StoreError>(())
    });
    match recorded {
        Err(StoreError::AlreadyRecorded { .. }) => Ok(()),
        other => Ok(other?),
    }
}

/// Puts sealed bytes on a stick, once: what stands there is never replaced.
fn carry(folder: &Path, quarter: Quarter, bytes: &str) -> anyhow::Result<()> {
    match fs::File::create_new(folder.join(format!("stick-{quarter}.jws"))) {
        Ok(mut file) => Ok(std::io::Write::write_all(&mut file, bytes.as_bytes())?),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}
