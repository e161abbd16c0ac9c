//! Asks a one-off question, and puts together what boroughs answered.

use tenfold_common::{
    calendar::Quarter,
    log::Event,
    privacy::{
        Characteristic, Question, QuestionError, Succession, VerifiedPolicy, VerifiedQuestion,
        question::{QUESTION_FORMAT, QUESTION_TYPE},
    },
    protocol::signature,
};
use tenfold_store::{AnyConnection, acts};

use super::{Aggregator, DutyError, log, read};
use crate::{
    combine::answers::{AnsweredQuestion, answers},
    store,
};

/// What is to be asked.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Its name, for ever.
    pub name: String,
    /// The words readers see.
    pub title: String,
    /// The stream whose families are asked about.
    pub stream: String,
    /// The first quarter of their recording.
    pub from: Quarter,
    /// The last; the answer is part of its release.
    pub to: Quarter,
    /// By what they are counted.
    pub by: Characteristic,
    /// Whether also by place.
    pub by_place: bool,
    /// Scale of the noise.
    pub sigma: u64,
}

/// Signs a question, before anybody can have looked: boroughs adopt it while the recording period of its answer runs.
///
/// # Errors
/// Where it is no question of the policy, its name was used, it comes too late, or the reserve cannot pay for it.
pub fn ask(aggregator: &Aggregator, asking: Asking, by: &str) -> Result<VerifiedQuestion, DutyError> {
    let policies = aggregator.succession()?;
    let now = aggregator.now();
    let policy = policies.nearest(asking.to);
    let question = Question {
        format: QUESTION_FORMAT.to_owned(),
        name: asking.name,
        title: asking.title,
        policy: policy.hash().to_owned(),
        stream: asking.stream,
        from: asking.from,
        to: asking.to,
        by: asking.by,
        labels: asking.by.labels().iter().map(|label| (*label).to_owned()).collect(),
        by_place: asking.by_place,
        sigma: asking.sigma,
    };
    let signed = signature::sign(&question, QUESTION_TYPE, &aggregator.policy_key)?;
    // Under the log's lock, so that two do not share what is left of the reserve.
    aggregator.append(|connection| {
        let known = aggregator.signed(connection)?;
        let question = VerifiedQuestion::open(&signed, &aggregator.policy_key.public(), &known)?;
        let name = &question.question().name;
        match store::questions::hash_of(connection, name)? {
            Some(hash) if hash == question.hash() => return Ok(question),
            Some(_) => return Err(DutyError::QuestionKnown { name: name.clone() }),
            None => {}
        }
        let (to, ended) = (question.question().to, policy.recording_ends(question.question().to));
        if now >= ended {
            return Err(DutyError::QuestionLate { name: name.clone(), quarter: to, ended });
        }
        question.within_reserve(policy, &asked(aggregator, connection)?)?;
        store::questions::keep(connection, &question, by, now)?;
        log::once(connection, now, Event::Question { hash: question.hash().to_owned() })?;
        acts::record(connection, now, by, "question-signed", name)?;
        Ok(question)
    })
}

/// Every question that was signed, by name.
///
/// # Errors
/// Where one no longer verifies.
pub fn all(aggregator: &Aggregator) -> Result<Vec<VerifiedQuestion>, DutyError> {
    aggregator.store.read(|connection| asked(aggregator, connection))
}

/// The same within a transaction.
///
/// # Errors
/// As [`all`].
pub(super) fn asked(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
) -> Result<Vec<VerifiedQuestion>, DutyError> {
    let signed = store::questions::all(connection)?;
    if signed.is_empty() {
        return Ok(Vec::new());
    }
    let (key, known) = (aggregator.policy_key.public(), aggregator.signed(connection)?);
    let open = |signed: &String| VerifiedQuestion::open(signed, &key, &known);
    Ok(signed.iter().map(open).collect::<Result<_, QuestionError>>()?)
}

/// Every question with what boroughs answered, by name.
///
/// # Errors
/// Where a kept release cannot be read back.
pub fn answered(aggregator: &Aggregator) -> Result<Vec<AnsweredQuestion>, DutyError> {
    let questions = all(aggregator)?;
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let (policies, releases) = read::accepted(aggregator)?;
    let put_together =
        |question: &VerifiedQuestion| answers(question, paid_from(question, &policies), &releases);
    Ok(questions.iter().map(put_together).collect::<Result<_, _>>()?)
}

/// Places never change within a succession, so any of its policies names them.
fn paid_from<'a>(question: &VerifiedQuestion, policies: &'a Succession) -> &'a VerifiedPolicy {
    policies.nearest(question.question().to)
}
