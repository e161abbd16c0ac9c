//! Decides where every family stands and records, once each, who is attached and whose work is closed.
//!
//! Recording is an officer's act: it puts the family's own line into the quarter of this node's clock. A
//! result is recorded when an officer drafts the family's claim, not here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tenfold_common::{
    framework::Framework,
    privacy::{
        VerifiedPolicy,
        policy::{ATTACHED, CLOSED, REASON, RESULT, WITHDRAWN},
    },
};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{
    DutyError, Node,
    record::{labels, record, recorded},
    require,
};
use crate::{
    outcomes::{self, Verdict},
    register::{FamilyFile, LineId},
    release::{
        selection::{Merges, surviving},
        tally::Labels,
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
    /// Families whose work is recorded as closed now.
    pub closed: usize,
    /// Families attached before Tenfold: in the opening position, never in a quarter.
    pub attached_before: usize,
    /// Families whose streams another borough used.
    pub used_elsewhere: usize,
    /// Whether a quarter's preparation was thrown away because it may have counted one of these.
    pub preparation: bool,
}

/// Decides every family under the rules of the day and records who is attached anew.
///
/// # Privacy
/// Each line's event depends on that line's own records. Nothing leaves the node.
///
/// # Errors
/// Where the role is another or the store fails; then nothing is recorded.
pub fn decide(node: &Node, by: &Account) -> Result<Decided, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    let framework = &node.rules(now.day())?;
    node.store.write(|connection| {
        let coverage = store::register::coverage(connection)?;
        let merges = store::register::line_merges(connection)?;
        let mut desk = Desk {
            node,
            framework,
            by: &by.name,
            attached: recorded(connection, ATTACHED, &merges)?,
            closed: recorded(connection, CLOSED, &merges)?,
            before: store::history::before(connection)?.attached.into_keys().collect(),
            merges,
            silent: store::rights::silent_lines(connection)?,
            streams: streams(&node.adopted(connection)?),
            decided: Decided::default(),
        };
        let mut files = Vec::new();
        store::register::families(connection, |file| {
            let verdict = outcomes::decide(&file, &coverage, framework, now.day());
            desk.count(&file, &verdict);
            if is_received(&file) || desk.is_new(&file, &verdict) || desk.closing(&file, &verdict).is_some() {
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

/// Every stream that a line may be counted in: the shipped ones, and those of the policies adopted.
fn streams(policies: &[VerifiedPolicy]) -> BTreeSet<String> {
    let shipped = [ATTACHED, RESULT, CLOSED, WITHDRAWN].into_iter();
    let adopted = policies.iter().flat_map(|policy| &policy.policy().streams);
    shipped.chain(adopted.map(|stream| stream.name.as_str())).map(str::to_owned).collect()
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
    closed: BTreeSet<LineId>,
    before: BTreeSet<LineId>,
    merges: Merges,
    silent: BTreeSet<LineId>,
    streams: BTreeSet<String>,
    decided: Decided,
}

impl Desk<'_> {
    fn count(&mut self, file: &FamilyFile, verdict: &Verdict) {
        self.decided.families += 1;
        self.decided.attached_before += usize::from(self.is_of_before(file));
        let received = is_received(file) && !verdict.is_attached();
        let word = match (self.silent.contains(&file.line), received) {
            (true, _) => "objected: neither counted nor claimed",
            (_, true) => "received from another borough",
            _ => verdict.status.words(),
        };
        *self.decided.standings.entry(word.to_owned()).or_default() += 1;
    }

    fn is_of_before(&self, file: &FamilyFile) -> bool {
        self.before.contains(surviving(&file.line, &self.merges))
    }

    fn is_new(&self, file: &FamilyFile, verdict: &Verdict) -> bool {
        verdict.is_attached()
            && !self.is_of_before(file)
            && !self.attached.contains(&file.line)
            && !self.silent.contains(&file.line)
    }

    /// Why the work with a family that joined the programme here is closed anew.
    fn closing(&self, file: &FamilyFile, verdict: &Verdict) -> Option<&'static str> {
        let joined = verdict.is_attached() || self.attached.contains(&file.line) || self.is_of_before(file);
        let open =
            !self.closed.contains(&file.line) && !self.silent.contains(&file.line) && !is_received(file);
        let reason = outcomes::closed(file, self.node.now().day())?;
        (joined && open).then_some(reason)
    }

    fn record(
        &mut self,
        connection: &mut AnyConnection,
        file: &FamilyFile,
        verdict: &Verdict,
    ) -> Result<(), DutyError> {
        if is_received(file) {
            self.leave_to_the_other(connection, file)?;
        }
        if self.is_new(file, verdict) && self.attached.insert(file.line.clone()) {
            let labels = labels(self.framework, &verdict.problems, None)?;
            record(connection, self.node, file, ATTACHED, labels, self.by, &self.framework.name)?;
            self.decided.attached += 1;
        }
        if let Some(reason) = self.closing(file, verdict) {
            let labels = Labels([(REASON.to_owned(), vec![reason.to_owned()])].into());
            record(connection, self.node, file, CLOSED, labels, self.by, &self.framework.name)?;
            self.closed.insert(file.line.clone());
            self.decided.closed += 1;
        }
        Ok(())
    }

    /// Leaves a received family's whole line to the borough it came from.
    ///
    /// # Privacy
    /// The transfer says from where, not which streams were used there; so all are taken as used, and over both
    /// boroughs the family pays for each stream once.
    fn leave_to_the_other(
        &mut self,
        connection: &mut AnyConnection,
        file: &FamilyFile,
    ) -> Result<(), DutyError> {
        // Once the journal's key is destroyed nobody is counted any more, wherever a stream was used.
        let Ok(key) = self.node.keys.journal() else { return Ok(()) };
        let name = key.name(&file.line);
        let mut new = false;
        for stream in &self.streams {
            new |= store::ledger::journal_used_elsewhere(connection, &name, stream)?;
        }
        if new {
            // What is prepared may count it, in a stream or in the answer to a question.
            self.decided.used_elsewhere += 1;
            self.decided.preparation |= store::releases::forget_prepared(connection)?;
        }
        Ok(())
    }
}
