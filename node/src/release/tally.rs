//! From recorded events to true tables: each line once a stream, each line by its own records alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenfold_common::{
    geography::{BoroughCode, WardCode},
    privacy::{
        Contribution, LabelKind, LabelValue, PolicyError, ShapeError, StreamPolicy, Table, VerifiedPolicy,
    },
};

use super::True;

/// The labels of an event: label set to the labels present.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(pub BTreeMap<String, Vec<String>>);

/// One line's event in one stream, as the node recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Where the family lived, if known.
    pub ward: Option<WardCode>,
    /// Its labels.
    pub labels: Labels,
}

/// Why events cannot be tallied.
#[derive(Debug, thiserror::Error)]
pub enum TallyError {
    /// A label is not in the policy.
    #[error(
        "an event carries a label that stream {stream:?} does not have in its set {set:?}; the framework and the policy disagree"
    )]
    UnknownLabel {
        /// The stream.
        stream: String,
        /// The set.
        set: String,
    },
    /// The policy lacks something.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A contribution does not fit.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

/// What one event adds to its stream: a function of the event and the policy, of nothing else.
///
/// # Errors
/// Where the policy does not know one of its labels.
pub fn contribution(
    policy: &VerifiedPolicy,
    borough: &BoroughCode,
    stream: &StreamPolicy,
    event: &Event,
) -> Result<Contribution, TallyError> {
    let place = policy.place(borough, event.ward.as_ref())?;
    let labels = stream
        .label_sets
        .iter()
        .map(|set| {
            if let LabelKind::Score { most } = set.kind {
                let given = event.labels.0.get(&set.name).and_then(|given| given.first());
                let score: u64 = given.and_then(|given| given.parse().ok()).ok_or_else(|| {
                    TallyError::UnknownLabel { stream: stream.name.clone(), set: set.name.clone() }
                })?;
                // Cut for this family by itself.
                return Ok(LabelValue::Score(u32::try_from(score).unwrap_or(most).min(most)));
            }
            let unknown = || TallyError::UnknownLabel { stream: stream.name.clone(), set: set.name.clone() };
            let mut present = event
                .labels
                .0
                .get(&set.name)
                .map(Vec::as_slice)
                .unwrap_or_default()
                .iter()
                .map(|label| set.labels.iter().position(|known| known == label).ok_or_else(unknown))
                .collect::<Result<Vec<usize>, _>>()?;
            present.sort_unstable();
            present.dedup();
            match (set.kind, present.as_slice()) {
                (LabelKind::Many, _) => Ok(LabelValue::Many(present)),
                (LabelKind::One, [one]) => Ok(LabelValue::One(*one)),
                (LabelKind::One | LabelKind::Score { .. }, _) => Err(unknown()),
            }
        })
        .collect::<Result<_, _>>()?;
    Ok(Contribution { place, labels })
}

/// The true table of one stream and quarter from the events that fall into it, one a line.
///
/// # Privacy
/// Adding or removing one event changes the table by that event's own contribution and nothing else.
///
/// # Errors
/// Where an event does not fit the policy.
pub fn tally<'a>(
    policy: &VerifiedPolicy,
    borough: &BoroughCode,
    stream: &StreamPolicy,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<True<Table>, TallyError> {
    let shape = stream.shape(policy.places(borough)?);
    let mut table = shape.empty_table();
    for event in events {
        shape.add(&mut table, &contribution(policy, borough, stream, event)?)?;
    }
    Ok(True::new(table))
}

/// The tables of a void quarter: zero in every cell of every stream.
///
/// # Errors
/// Where the borough is not in the policy.
pub fn nothing(policy: &VerifiedPolicy, borough: &BoroughCode) -> Result<True<Vec<Table>>, PolicyError> {
    let places = policy.places(borough)?;
    let streams = policy.policy().streams.iter();
    Ok(True::new(streams.map(|stream| stream.shape(places).empty_table()).collect()))
}

/// The tables of all streams as one value.
pub fn together(tables: Vec<True<Table>>) -> True<Vec<Table>> {
    True::new(tables.into_iter().map(|table| table.0).collect())
}
