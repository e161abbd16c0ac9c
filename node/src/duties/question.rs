//! One-off questions of the region: adopts them under the borough's own cap, and counts what they ask.

use std::collections::{BTreeMap, BTreeSet};

use tenfold_common::{
    calendar::Quarter,
    privacy::{Characteristic, QuestionError, VerifiedPolicy, VerifiedQuestion},
};
use tenfold_store::{AnyConnection, acts};

use super::{AdoptionFault, DutyError, Node};
use crate::{
    ledger::LineKind,
    register::{FamilyFile, LineId},
    release::{
        Tables, True,
        freeze::Place,
        question::{asked, label, tally},
        selection::{self, Merges, RecordedEvent, surviving},
        tally::together,
    },
    store::{self, ledger::Entry},
};

/// Reads a question without adopting it.
///
/// # Errors
/// Where it does not verify or another policy rules its quarter.
pub fn read(node: &Node, signed: &str) -> Result<VerifiedQuestion, DutyError> {
    let key = node.bundle()?.policy_key;
    let adopted = node.store.read(|connection| node.adopted(connection))?;
    let question = VerifiedQuestion::open(signed, &key, &adopted)?;
    question.is_ruled(&node.succession()?)?;
    Ok(question)
}

/// Adopts a question: charges what it costs, in one transaction or not at all.
///
/// # Privacy
/// What was charged for questions is never more than their policy's reserve, and the lifetime charge never more than
/// the borough's cap. It is taken only before the recording period of its answer ends: until then nobody can have
/// frozen what it will count.
///
/// # Errors
/// Where it does not verify, another rules its quarter, its name was used, its time is over, or reserve or cap would
/// be passed.
pub fn adopt(node: &Node, signed: &str, by: &str) -> Result<VerifiedQuestion, DutyError> {
    let key = node.bundle()?.policy_key;
    let policies = node.succession()?;
    let now = node.now();
    node.store.write(|connection| {
        // One after another: of two adoptions the second sees what the first took of the reserve.
        acts::take_turn(connection)?;
        let adopted = node.adopted(connection)?;
        let question = VerifiedQuestion::open(signed, &key, &adopted)?;
        let name = &question.question().name;
        match store::questions::hash_of(connection, name)? {
            Some(known) if known == question.hash() => return Ok(question),
            Some(_) => return Err(DutyError::Adoption(AdoptionFault::QuestionKnown { name: name.clone() })),
            None => {}
        }
        question.is_ruled(&policies)?;
        let (to, policy) = (question.question().to, policies.nearest(question.question().to));
        let ended = policy.recording_ends(to);
        if now >= ended {
            return Err(DutyError::Adoption(AdoptionFault::QuestionLate {
                name: name.clone(),
                quarter: to,
                ended,
            }));
        }
        question.within_reserve(policy, &all(node, connection)?)?;
        let entry = Entry {
            kind: LineKind::Adoption,
            actor: by,
            policy: question.hash(),
            stream: &question.ledger_name(),
            quarter: None,
            amount: question.cost(),
        };
        let lines = store::ledger::lines(connection)?;
        match store::ledger::append(connection, entry, now) {
            Err(tenfold_store::StoreError::Refused { .. }) => {
                return Err(super::adopt::over_cap(
                    name,
                    &[(&question.ledger_name(), question.cost())],
                    &lines,
                    &adopted,
                ));
            }
            other => other?,
        };
        store::questions::keep(connection, &question, by, now)?;
        acts::record(connection, now, by, "question-adopted", name)?;
        Ok(question)
    })
}

/// Every question that was adopted, by name.
///
/// # Errors
/// Where one no longer verifies.
pub fn all(node: &Node, connection: &mut AnyConnection) -> Result<Vec<VerifiedQuestion>, DutyError> {
    let signed = store::questions::all(connection)?;
    if signed.is_empty() {
        return Ok(Vec::new());
    }
    let (key, adopted) = (node.bundle()?.policy_key, node.adopted(connection)?);
    let open = |signed: &String| VerifiedQuestion::open(signed, &key, &adopted);
    Ok(signed.iter().map(open).collect::<Result<_, QuestionError>>()?)
}

/// The questions that a quarter's release answers, by name.
///
/// # Errors
/// As [`all`].
pub(super) fn of_quarter(
    node: &Node,
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
) -> Result<Vec<VerifiedQuestion>, DutyError> {
    let answers = |question: &VerifiedQuestion| {
        (question.question().to, question.question().policy.as_str()) == (quarter, policy.hash())
    };
    Ok(all(node, connection)?.into_iter().filter(answers).collect())
}

/// What each question counts, one table a question.
///
/// # Privacy
/// Which lines are counted, and in which cell, depends on each line's own rows and the question.
///
/// # Errors
/// Where the register cannot be read.
pub(super) fn tables(
    node: &Node,
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    questions: &[VerifiedQuestion],
    merges: &Merges,
) -> Result<True<Tables>, DutyError> {
    if questions.is_empty() {
        return Ok(together(Vec::new()));
    }
    let silent = store::rights::silent_lines(connection)?;
    let before: BTreeSet<_> = store::history::before(connection)?.attached.into_keys().collect();
    let (key, elsewhere) = (node.keys.journal()?, store::ledger::used_elsewhere(connection)?);
    let mut events = Vec::new();
    for question in questions {
        let mut of_stream = store::events::of_stream(connection, &question.question().stream)?;
        of_stream.retain(|event| !silent.contains(surviving(&event.line, merges)));
        selection::without(&mut of_stream, &before, merges);
        // Whom another borough counts answers there, though it was recorded here before that was known.
        let lines = of_stream.iter().map(|event| &event.line).chain(merges.keys()).chain(merges.values());
        let known = |line: &&LineId| elsewhere.contains(&key.name(line));
        let received = lines.filter(|line| !elsewhere.is_empty() && known(line));
        let received = received.map(|line| surviving(line, merges).clone()).collect();
        selection::without(&mut of_stream, &received, merges);
        events.push(of_stream);
    }
    let mut wanted: BTreeMap<&LineId, Vec<Wanted<'_>>> = BTreeMap::new();
    for (at, (question, events)) in questions.iter().zip(&events).enumerate() {
        let says = question.question();
        // Whatever was recorded before the first period of all belongs to that period.
        let first = says.from == policy.first_release() && !policy.is_opening(says.from);
        let from = (!first).then(|| policy.recording_ends(says.from.plus(-1)));
        for event in asked(events, merges, from, policy.recording_ends(says.to)) {
            let line = surviving(&event.line, merges);
            wanted.entry(line).or_default().push(Wanted { question: at, by: says.by, event, label: None });
        }
    }
    store::register::families(connection, |file| {
        let of_line = wanted.get_mut(surviving(&file.line, merges)).into_iter().flatten();
        of_line.for_each(|wanted| wanted.look(&file));
    })?;
    let tables = questions.iter().enumerate().map(|(at, question)| {
        let families = wanted.values().flatten().filter(|wanted| wanted.question == at).map(|wanted| {
            let not_recorded = label(wanted.by, None, wanted.event.recorded_at.day());
            let place = policy.place(&node.borough, wanted.event.event.ward.as_ref())?;
            Ok((place, wanted.label.unwrap_or(not_recorded)))
        });
        let families = families.collect::<Result<Vec<_>, DutyError>>()?;
        Ok(tally(question, question.cells(policy, &node.borough)?, families))
    });
    Ok(together(tables.collect::<Result<_, DutyError>>()?))
}

/// A family that a question asks about, and its label once its file was seen.
struct Wanted<'a> {
    question: usize,
    by: Characteristic,
    event: &'a RecordedEvent,
    label: Option<usize>,
}

impl Wanted<'_> {
    /// Of a line that was split the part speaks for which the event was recorded.
    fn look(&mut self, file: &FamilyFile) {
        if self.label.is_none() || file.family == self.event.family {
            self.label = Some(label(self.by, Some(file), self.event.recorded_at.day()));
        }
    }
}

/// The frozen tables of a quarter's questions.
///
/// # Errors
/// Where they are not there or were frozen under another key.
pub(super) fn thaw(
    node: &Node,
    connection: &mut AnyConnection,
    questions: &[VerifiedQuestion],
    quarter: Quarter,
) -> Result<True<Tables>, DutyError> {
    let mut sealed = Vec::with_capacity(questions.len());
    let names: Vec<String> = questions.iter().map(VerifiedQuestion::ledger_name).collect();
    for (question, name) in questions.iter().zip(&names) {
        let place = Place { policy: question.hash(), stream: name, quarter };
        sealed.push((place, store::releases::frozen(connection, question.hash(), name, quarter)?));
    }
    Ok(True::thaw(&sealed, &node.keys.freeze)?)
}
