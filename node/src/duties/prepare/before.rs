//! What was before Tenfold as events of the streams: computed from the register's rows, never recorded.

use std::collections::BTreeMap;

use tenfold_common::{
    clock::Moment,
    framework::{Framework, ResultKind},
    privacy::policy::{ATTACHED, RESULT},
};
use tenfold_store::AnyConnection;

use crate::{
    claims::earlier::{Before, EarlierAttachment},
    duties::{DutyError, Node, record::labels},
    outcomes,
    register::{LineId, ProblemNumber},
    release::{
        selection::{Merges, RecordedEvent, surviving},
        tally::{Event, Labels},
    },
    store,
};

/// Families of before Tenfold, with what their events are labelled by.
pub(super) struct Opening {
    before: Before,
    /// Problems and ward of a line by its own records, where its history does not say them.
    known: BTreeMap<LineId, Event>,
    /// An instant within the period.
    at: Moment,
}

impl Opening {
    /// Reads what was before Tenfold.
    ///
    /// # Privacy
    /// What a line's event says depends on that line's own rows and records.
    pub(super) fn of(
        node: &Node,
        connection: &mut AnyConnection,
        merges: &Merges,
        until: Moment,
    ) -> Result<Self, DutyError> {
        let before = store::history::before(connection)?;
        let mut known = BTreeMap::new();
        if before.attached.values().any(|line| line.problems.is_none() || line.ward.is_none()) {
            let today = node.now().day();
            let framework = node.rules(today)?;
            let coverage = store::register::coverage(connection)?;
            store::register::families(connection, |file| {
                let line = surviving(&file.line, merges);
                if before.attached.contains_key(line) && !known.contains_key(line) {
                    let verdict = outcomes::decide(&file, &coverage, &framework, today);
                    known.insert(line.clone(), (file.ward, verdict.problems));
                }
            })?;
            let event = |(line, (ward, problems)): (LineId, (_, Vec<ProblemNumber>))| {
                Ok((line, Event { ward, labels: labels(&framework, &problems, None)? }))
            };
            let known = known.into_iter().map(event).collect::<Result<_, DutyError>>()?;
            return Ok(Self { before, known, at: until.plus_seconds(-1) });
        }
        Ok(Self { before, known: BTreeMap::new(), at: until.plus_seconds(-1) })
    }

    /// The events of a stream that were before Tenfold, a line each; in the order of the lines.
    pub(super) fn events(&self, stream: &str) -> Result<Vec<RecordedEvent>, DutyError> {
        let event = |line: &LineId, attachment: &EarlierAttachment, kind| {
            Ok(RecordedEvent {
                line: line.clone(),
                family: attachment.family.clone(),
                stream: stream.to_owned(),
                recorded_at: self.at,
                event: Event {
                    ward: attachment.ward.clone().or_else(|| self.known.get(line)?.ward.clone()),
                    labels: self.labels(line, attachment, kind)?,
                },
            })
        };
        match stream {
            ATTACHED => {
                self.before.attached.iter().map(|(line, attached)| event(line, attached, None)).collect()
            }
            RESULT => {
                let results = self.before.results().into_iter();
                let with = results.filter_map(|(line, claim)| {
                    Some((line, self.before.attached.get(line)?, claim.claim.kind))
                });
                with.map(|(line, attached, kind)| event(line, attached, Some(kind))).collect()
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Problems as the history names them by the numbers the region counts, else as the records show them.
    fn labels(
        &self,
        line: &LineId,
        attachment: &EarlierAttachment,
        kind: Option<ResultKind>,
    ) -> Result<Labels, DutyError> {
        if kind == Some(ResultKind::Employment) {
            // No progress on any problem is claimed with it.
            return labels(Framework::shipped(), &[], kind);
        }
        let mut found =
            labels(Framework::shipped(), attachment.problems.as_deref().unwrap_or_default(), kind)?;
        if attachment.problems.is_none()
            && let Some(known) = self.known.get(line)
        {
            found.0.extend(known.labels.0.clone());
        }
        Ok(found)
    }
}
