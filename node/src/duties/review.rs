//! Reviews a prepared quarter: gathers what its approver should see. Changes nothing.

use tenfold_common::{
    calendar::Quarter,
    privacy::{
        VerifiedPolicy,
        planner::{Area, expected_errors},
    },
};
use tenfold_store::AnyConnection;

use super::{DutyError, Node, look, prepare, quality, question, seal};
use crate::{
    ledger,
    release::review::{
        Facts, Fixed, Loss, Precision, Quality, Review, SinceReturn, SourceCoverage, figures,
        leaving::leaving,
    },
    store,
};

/// What an approver sees of a prepared quarter; nothing where it is not prepared under the policy in force.
///
/// # Privacy
/// Holds exact figures, for the borough's own people only: never logged, written or sent.
///
/// # Errors
/// Where the database or the frozen tables cannot be read.
pub fn review(node: &Node, quarter: Quarter) -> Result<Option<Review>, DutyError> {
    let policy = node.policy_of(quarter)?;
    let Some(counts) = look::counts(node, quarter)? else { return Ok(None) };
    let earlier = quarter.plus(-1);
    // The opening position is no quarter to be compared with.
    let before = if policy.is_opening(earlier) { None } else { look::counts(node, earlier)? };
    let streams = figures::beside(&counts, before.as_deref());
    let was = look::counts_returned(node, quarter)?;
    let quality = quality_of(node, quarter)?;
    let errors = expected_errors(policy.policy(), Area::Borough(policy.places(&node.borough)?))
        .map_err(|error| DutyError::Planned { reason: error.to_string() })?;
    let precision = Precision::of(&errors, node.smallest_change);
    node.store.read(|connection| {
        let Some(prepared) = store::releases::preparation_of(connection, quarter)? else { return Ok(None) };
        let loss = Loss::of(&store::ledger::lines(connection)?, policy.policy());
        let charged_already = store::ledger::granted(connection, policy.hash(), quarter)?.is_some();
        let fixed = fixed(connection, &policy, quarter)?;
        let loads = store::loads::standing(connection)?;
        let since = prepared.prepared_at.naive();
        let returns = store::returns::of_quarter(connection, quarter)?;
        let stands = returns.last().filter(|last| last.salted_hash != prepared.salted_hash).zip(was);
        let since_return = stands.map(|(last, was)| SinceReturn {
            figures: figures::changed(&was, &counts),
            files: loads.iter().filter(|load| load.loaded_at > last.returned_at.naive()).count(),
        });
        let void = seal::empty_quarters(connection, &policy, quarter)?;
        let asked = question::of_quarter(node, connection, &policy, quarter)?;
        let year = look::year(node, connection, &policy, quarter, (&void, &precision))?;
        let advice = figures::advice(&streams);
        let facts = Facts {
            fixed: &fixed,
            counted_before: if charged_already { 0 } else { counted_before(connection, quarter)? },
            loaded_since: loads.iter().filter(|load| load.loaded_at > since).count(),
            counts: &counts,
            advice: &advice,
            quality: &quality,
            precision: &precision,
        };
        Ok(Some(Review {
            checks: facts.checks(),
            quarter,
            opening: policy.is_opening(quarter),
            prepared_at: prepared.prepared_at,
            prepared_by: prepared.prepared_by,
            salted_hash: prepared.salted_hash,
            leaving: leaving(&policy, quarter, &void)?,
            questions: asked.iter().map(Into::into).collect(),
            loss,
            streams,
            year,
            precision,
            quality,
            returns,
            since_return,
        }))
    })
}

/// What of a quarter no family can change: all that a standing approval looks at.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn fixed(
    connection: &mut AnyConnection,
    policy: &VerifiedPolicy,
    quarter: Quarter,
) -> Result<Fixed, DutyError> {
    let lines = store::ledger::lines(connection)?;
    let (seq, hash) = store::ledger::head(connection)?;
    let (next, _) = prepare::next_quarter(connection, policy)?;
    let charged_already = store::ledger::granted(connection, policy.hash(), quarter)?.is_some();
    let sources = store::loads::sources(connection)?.into_iter();
    let without = sources.filter(|source| source.newest.is_some() && source.agreement.is_empty());
    Ok(Fixed {
        charged: (ledger::lifetime(&lines), ledger::cap(&lines)),
        ledger_fault: ledger::verify(&lines, (seq, &hash)).err().map(|fault| fault.to_string()),
        is_next: next == quarter || charged_already,
        without_agreement: without.map(|source| source.source).collect(),
    })
}

fn quality_of(node: &Node, quarter: Quarter) -> Result<Quality, DutyError> {
    let sources = quality::report(node)?;
    let queries = node.store.read(|connection| store::queries::all(connection, None))?;
    Ok(Quality {
        quarantined: sources.iter().map(|source| source.quarantined).sum(),
        open_questions: queries.iter().filter(|query| query.explanation.is_none()).count(),
        coverage: sources
            .iter()
            .map(|source| SourceCoverage::of(&source.source, quarter, &source.covered))
            .collect(),
    })
}

/// How many of the lines that a quarter's charge would write stand in the journal already.
fn counted_before(connection: &mut AnyConnection, quarter: Quarter) -> Result<usize, DutyError> {
    let mut found = 0;
    for (stream, lines) in store::releases::frozen_lines(connection, quarter)? {
        let journalled = store::ledger::journalled(connection, &stream)?;
        found += lines.iter().filter(|line| journalled.contains(*line)).count();
    }
    Ok(found)
}
