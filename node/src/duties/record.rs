//! Records an event of a family line: once a line and stream, in the quarter of this node's clock.

use std::collections::{BTreeMap, BTreeSet};

use tenfold_common::{
    framework::{Framework, Mapping, ResultKind},
    privacy::policy::{PROBLEM, PROGRESS, RESULT_TYPE},
};
use tenfold_store::AnyConnection;

use super::{DutyError, Node};
use crate::{
    register::{FamilyFile, LineId, ProblemNumber},
    release::{
        selection::{Merges, RecordedEvent, surviving},
        tally::{Event, Labels},
    },
    store,
};

/// The surviving lines that have an event in a stream.
pub(super) fn recorded(
    connection: &mut AnyConnection,
    stream: &str,
    merges: &Merges,
) -> Result<BTreeSet<LineId>, DutyError> {
    let events = store::events::of_stream(connection, stream)?;
    Ok(events.iter().map(|event| surviving(&event.line, merges).clone()).collect())
}

/// The labels of an event: the problems by the names that policies count by, and the type of a result.
///
/// # Errors
/// Where the framework's problems are others than those, and no mapping says which stands for which.
pub(super) fn labels(
    framework: &Framework,
    problems: &[ProblemNumber],
    kind: Option<ResultKind>,
) -> Result<Labels, DutyError> {
    let counted = Framework::shipped();
    let mapping = match framework.base_name() == counted.name {
        true => None,
        false => Some(Mapping::between(framework.base_name(), &counted.name).ok_or_else(|| {
            let (rules, counted) = (framework.name.clone(), counted.name.clone());
            DutyError::Rules {
                reason: format!(
                    "the region counts the problems of {counted}, and no mapping leads there from {rules}"
                ),
            }
        })?),
    };
    let number = |number: u8| mapping.as_ref().map_or(Some(number), |mapping| mapping.number(number));
    let named = problems.iter().filter_map(|&own| counted.problem(number(own)?));
    let mut labels = BTreeMap::new();
    labels.insert(PROBLEM.to_owned(), named.map(|problem| problem.label.clone()).collect());
    if let Some(kind) = kind {
        let present = match kind {
            ResultKind::Progress => vec![PROGRESS.to_owned()],
            ResultKind::Employment => Vec::new(),
        };
        labels.insert(RESULT_TYPE.to_owned(), present);
    }
    Ok(Labels(labels))
}

/// Records a family's event.
pub(super) fn record(
    connection: &mut AnyConnection,
    node: &Node,
    file: &FamilyFile,
    stream: &str,
    labels: Labels,
    by: &str,
    framework: &str,
) -> Result<(), DutyError> {
    let event = RecordedEvent {
        line: file.line.clone(),
        family: file.family.clone(),
        stream: stream.to_owned(),
        recorded_at: node.now(),
        event: Event { ward: file.ward.clone(), labels },
    };
    Ok(store::events::record(connection, &event, by, framework)?)
}
