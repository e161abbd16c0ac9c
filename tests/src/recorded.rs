//! Recorded events made by hand, where a test must know exactly what a quarter counts.

use std::collections::BTreeMap;

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::{self, BoroughCode},
    privacy::{
        PolicyError, VerifiedPolicy,
        policy::{ATTACHED, CLOSED, PROBLEM, PROGRESS, REASON, REASONS, RESULT, RESULT_TYPE},
    },
};
use tenfold_node::{
    duties::Node,
    register::{FamilyId, LineId},
    release::{
        selection::RecordedEvent,
        tally::{Event, Labels},
    },
    store,
};
use tenfold_store::StoreError;

/// What a family has that a stream counts.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// Its ward by number in its borough; a number beyond is not known.
    pub ward: usize,
    /// Its headline problems as bits, in the policy's order.
    pub problems: u8,
    /// Whether a result of it is progress and no employment.
    pub progress: bool,
    /// Why it was closed, by number.
    pub reason: usize,
}

/// The event of a family, known by a name, in one stream at the end of a quarter.
///
/// # Errors
/// Where the policy has no stream of those who are attached.
pub fn event(
    policy: &VerifiedPolicy,
    borough: &BoroughCode,
    quarter: Quarter,
    stream: &str,
    name: &str,
    features: Features,
) -> Result<RecordedEvent, PolicyError> {
    let problems = policy.stream(ATTACHED)?.label_sets[0].labels.iter().enumerate();
    let present = problems.filter(|(bit, _)| features.problems >> bit & 1 == 1);
    let problems = (PROBLEM.to_owned(), present.map(|(_, problem)| problem.clone()).collect());
    let progress = if features.progress { vec![PROGRESS.to_owned()] } else { Vec::new() };
    let labels = match stream {
        ATTACHED => BTreeMap::from([problems]),
        RESULT => BTreeMap::from([problems, (RESULT_TYPE.to_owned(), progress)]),
        CLOSED => {
            BTreeMap::from([(REASON.to_owned(), vec![REASONS[features.reason % REASONS.len()].to_owned()])])
        }
        _ => BTreeMap::new(),
    };
    let wards = geography::borough(borough).map(|borough| borough.wards.as_slice()).unwrap_or_default();
    Ok(RecordedEvent {
        line: LineId(format!("L{name}")),
        family: FamilyId(format!("F{name}")),
        stream: stream.to_owned(),
        recorded_at: Moment::at_start_of(quarter.last_day()),
        event: Event { ward: wards.get(features.ward).map(|ward| ward.code.clone()), labels: Labels(labels) },
    })
}

/// Records events in a node's register, as the analyst's.
///
/// # Errors
/// Where a line has an event of that stream.
pub fn record(node: &Node, events: impl IntoIterator<Item = RecordedEvent>) -> Result<(), StoreError> {
    node.store.write(|connection| {
        events
            .into_iter()
            .try_for_each(|event| store::events::record(connection, &event, "analyst", "expanded-2015"))
    })
}
