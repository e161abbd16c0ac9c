//! Decides where every family stands and records, once each, who is attached and who has a result.
//!
//! Recording is an officer's act: it puts the family's own line into the quarter of this node's clock.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tenfold_common::{
    framework::{Framework, ResultKind},
    privacy::policy::{ATTACHED, PROBLEM, PROGRESS, RESULT, RESULT_TYPE},
};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, Node, require};
use crate::{
    outcomes::{self, Verdict},
    register::{FamilyFile, LineId, ProblemNumber},
    release::{
        selection::{Merges, RecordedEvent, surviving},
        tally::{Event, Labels},
    },
    store,
};

/// What was decided and recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Families looked at.
    pub families: usize,
    /// How many stand where.
    pub standings: BTreeMap<String, usize>,
    /// Families recorded as attached now.
    pub attached: usize,
    /// Results recorded now.
    pub results: usize,
    /// Families whose streams another borough used.
    pub used_elsewhere: usize,
}

/// Decides every family under the shipped framework and records what is new.
///
/// # Privacy
/// Each line's event depends on that line's own records. Nothing leaves the node.
///
/// # Errors
/// Where the role is another or the store fails; then nothing is recorded.
pub fn decide(node: &Node, by: &Account) -> Result<Decided, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let framework = Framework::shipped();
    let now = node.now();
    node.store.write(|connection| {
        let coverage = store::register::coverage(connection)?;
        let merges = store::register::line_merges(connection)?;
        let mut desk = Desk {
            node,
            framework,
            by: &by.name,
            attached: recorded(connection, ATTACHED, &merges)?,
            results: recorded(connection, RESULT, &merges)?,
            decided: Decided::default(),
        };
        let mut files = Vec::new();
        store::register::families(connection, |file| {
            let verdict = outcomes::decide(&file, &coverage, framework, now.day());
            desk.count(&file, &verdict);
            if is_received(&file) || desk.is_new(&file, &verdict) {
                files.push((file, verdict));
            }
        })?;
        for (file, verdict) in &files {
            desk.record(connection, file, verdict)?;
        }
        acts::record(connection, now, &by.name, "decided", &framework.name)?;
        Ok(desk.decided)
    })
}

/// The surviving lines that have an event in a stream.
fn recorded(
    connection: &mut AnyConnection,
    stream: &str,
    merges: &Merges,
) -> Result<BTreeSet<LineId>, DutyError> {
    let events = store::events::of_stream(connection, stream)?;
    Ok(events.iter().map(|event| surviving(&event.line, merges).clone()).collect())
}

/// Whether another borough attached the family before it came here.
fn is_received(file: &FamilyFile) -> bool {
    file.episodes.iter().any(|episode| episode.received_from.is_some())
}

struct Desk<'a> {
    node: &'a Node,
    framework: &'a Framework,
    by: &'a str,
    attached: BTreeSet<LineId>,
    results: BTreeSet<LineId>,
    decided: Decided,
}

impl Desk<'_> {
    fn count(&mut self, file: &FamilyFile, verdict: &Verdict) {
        self.decided.families += 1;
        let received = is_received(file) && !verdict.is_attached();
        let word = if received { "received from another borough" } else { verdict.status.words() };
        *self.decided.standings.entry(word.to_owned()).or_default() += 1;
    }

    fn is_new(&self, file: &FamilyFile, verdict: &Verdict) -> bool {
        verdict.is_attached() && !self.attached.contains(&file.line)
            || verdict.result.is_some() && !self.results.contains(&file.line)
    }

    fn record(
        &mut self,
        connection: &mut AnyConnection,
        file: &FamilyFile,
        verdict: &Verdict,
    ) -> Result<(), DutyError> {
        if is_received(file) {
            let name = self.node.keys.journal.name(&file.line);
            let new = store::ledger::journal_used_elsewhere(connection, &name, ATTACHED)?;
            self.decided.used_elsewhere += usize::from(new);
        }
        if verdict.is_attached() && self.attached.insert(file.line.clone()) {
            let labels = self.labels(&verdict.problems, None);
            self.write(connection, file, ATTACHED, labels)?;
            self.decided.attached += 1;
        }
        if let Some(result) = &verdict.result
            && self.results.insert(file.line.clone())
        {
            let labels = self.labels(&result.problems, Some(result.kind));
            self.write(connection, file, RESULT, labels)?;
            self.decided.results += 1;
        }
        Ok(())
    }

    fn labels(&self, problems: &[ProblemNumber], kind: Option<ResultKind>) -> Labels {
        let named = problems.iter().filter_map(|&number| self.framework.problem(number));
        let mut labels = BTreeMap::new();
        labels.insert(PROBLEM.to_owned(), named.map(|problem| problem.label.clone()).collect());
        if let Some(kind) = kind {
            let present = match kind {
                ResultKind::Progress => vec![PROGRESS.to_owned()],
                ResultKind::Employment => Vec::new(),
            };
            labels.insert(RESULT_TYPE.to_owned(), present);
        }
        Labels(labels)
    }

    fn write(
        &self,
        connection: &mut AnyConnection,
        file: &FamilyFile,
        stream: &str,
        labels: Labels,
    ) -> Result<(), DutyError> {
        let event = RecordedEvent {
            line: file.line.clone(),
            family: file.family.clone(),
            stream: stream.to_owned(),
            recorded_at: self.node.now(),
            event: Event { ward: file.ward.clone(), labels },
        };
        Ok(store::events::record(connection, &event, self.by, &self.framework.name)?)
    }
}
