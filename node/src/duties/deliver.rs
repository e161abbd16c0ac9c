//! Delivers: asks the aggregator for its statement, seals what is approved, and sends what is due.

use serde::Serialize;
use tenfold_common::{calendar::Quarter, clock::Moment};

use super::{DutyError, Node, forget, right, seal, witness};
use crate::{
    outbox,
    region::{CallError, Region},
    release::noise::DiscreteGaussian,
    store::{self, releases::Sealed},
};

/// What became of the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// A quarter that was charged, drawn and sealed now.
    pub sealed: Option<Quarter>,
    /// Quarters receipted now.
    pub receipted: Vec<Quarter>,
    /// Quarters still waiting, with the instant they may leave or why the last try failed.
    pub waiting: Vec<(Quarter, String)>,
}

/// Which releases are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trying {
    /// All that may have left by now, and what is approved is sealed first: a person asked.
    Now,
    /// Those whose next try is due: the program that serves asks by itself. It seals nothing; a process of its own does.
    WhenDue,
}

/// Delivers what may leave. Safe to repeat at any moment: the same bytes get the same receipt.
///
/// # Errors
/// Where the aggregator cannot be reached or refuses; what was receipted before stays receipted.
pub async fn deliver(node: &Node, region: &Region, trying: Trying) -> Result<Delivery, DutyError> {
    let mut delivery = Delivery::default();
    let outcome = attempt(node, region, trying, &mut delivery).await;
    {
        let node = node.clone();
        node.store.clone().run(move |_| forget::when_over(&node)).await?;
    }
    let now = node.now();
    delivery.waiting = releases(node)
        .await?
        .into_iter()
        .filter(|release| release.receipt.is_none())
        .map(|release| {
            let waits = format!("leaves at {}", release.deliver_at);
            let why = release.last_problem.filter(|_| release.deliver_at <= now);
            (release.quarter, why.unwrap_or(waits))
        })
        .collect();
    outcome.map(|()| delivery)
}

async fn attempt(
    node: &Node,
    region: &Region,
    trying: Trying,
    delivery: &mut Delivery,
) -> Result<(), DutyError> {
    if trying == Trying::Now && is_approved(node).await? {
        let sealed = seal_now(node, region).await?;
        delivery.sealed = sealed.map(|release| release.quarter);
    }
    let mut sealed = releases(node).await?;
    // Where a release waits for its next try, so does this: it is the same region that does not answer.
    let is_quiet = outbox::next_due(&sealed).is_none_or(|due| due <= node.now());
    if trying == Trying::WhenDue && is_quiet && shows_itself(node).await? {
        in_passing(witness::call_in(node, region).await.map(|_| ()))?;
        sealed = releases(node).await?;
    }
    let now = node.now();
    let ready = match trying {
        Trying::Now => outbox::waiting_at(&sealed, now),
        Trying::WhenDue => outbox::due(&sealed, now),
    };
    for release in ready {
        send(node, region, release).await?;
        delivery.receipted.push(release.quarter);
    }
    Ok(())
}

/// A node that cannot show itself now does so with its next call.
fn in_passing(done: Result<(), DutyError>) -> Result<(), DutyError> {
    match done {
        Err(error @ DutyError::Delivery { .. }) => {
            tracing::warn!("the region is not shown what is kept here: {error}");
            Ok(())
        }
        other => other,
    }
}

/// Whether the node has not shown itself to the region for so long that it does by itself.
async fn shows_itself(node: &Node) -> Result<bool, DutyError> {
    let node = node.clone();
    node.store.clone().run(move |_| witness::is_due(&node)).await
}

/// When the outbox has to be looked at next; nothing where nothing waits in it.
///
/// # Errors
/// Where the database cannot be read.
pub async fn next_due(node: &Node) -> Result<Option<Moment>, DutyError> {
    Ok(outbox::next_due(&releases(node).await?))
}

/// Whether a quarter is approved or void and waits to be sealed.
///
/// # Errors
/// Where the database cannot be read.
pub async fn is_approved(node: &Node) -> Result<bool, DutyError> {
    let node = node.clone();
    node.store.clone().run(move |_| seal::is_approved(&node)).await
}

/// Seals at once what is approved, if the aggregator can be asked; otherwise it waits for the next delivery.
///
/// # Errors
/// As [`deliver`].
pub async fn seal_now(node: &Node, region: &Region) -> Result<Option<Sealed>, DutyError> {
    if ask_right(node, region).await? { seal_next(node).await } else { Ok(None) }
}

/// Charges what waits and brings the region's right to draw it; whether there is one.
///
/// # Errors
/// As [`deliver`].
pub async fn ask_right(node: &Node, region: &Region) -> Result<bool, DutyError> {
    witness::call_in(node, region).await?;
    let asked = {
        let node = node.clone();
        node.store.clone().run(move |_| right::request(&node)).await?
    };
    let Some(asked) = asked else { return Ok(false) };
    let kept = right_kept(node, region, asked).await;
    if kept.is_err() {
        // Nothing will be drawn under it: whoever asks next may know that it was asked.
        let node = node.clone();
        node.store.clone().run(move |_| right::let_go(&node)).await?;
    }
    kept.map(|()| true)
}

async fn right_kept(node: &Node, region: &Region, asked: String) -> Result<(), DutyError> {
    let given = region.draw_right(asked).await.map_err(in_words)?;
    // Before the draw: that the right was given must be known to more than the region.
    witness::follow(node, region).await?;
    let node = node.clone();
    node.store.clone().run(move |_| seal::keep_statement(&node, &given).map(|_| ())).await
}

/// Seals what waits under a right that the region gave, however it came here.
///
/// # Errors
/// As [`seal::seal_next`].
pub async fn seal_carried(node: &Node, given: String) -> Result<Option<Sealed>, DutyError> {
    {
        let node = node.clone();
        node.store.clone().run(move |_| seal::keep_statement(&node, &given)).await?;
    }
    seal_next(node).await
}

async fn seal_next(node: &Node) -> Result<Option<Sealed>, DutyError> {
    let node = node.clone();
    node.store.clone().run(move |_| seal::seal_next(&node, &DiscreteGaussian)).await
}

async fn send(node: &Node, region: &Region, release: &Sealed) -> Result<(), DutyError> {
    let mut answer = region.deliver(release.bytes.clone()).await;
    let mut called = Ok(());
    if answer.as_ref().is_err_and(|error| error.is_behind() || error.is_out_of_order()) {
        // It was put back from a backup: what it forgot goes back to it, and the quarters that it receipted before,
        // even where it has gone on meanwhile; and then the release.
        called = witness::call_in(node, region).await.map(|_| ());
        if called.is_ok() {
            answer = region.deliver(release.bytes.clone()).await;
        }
    }
    // Where that fails the receipt is fetched again, with what it speaks of.
    let followed = if answer.is_ok() { witness::follow(node, region).await } else { Ok(()) };
    let (node, release) = (node.clone(), release.clone());
    node.store
        .clone()
        .run(move |_| {
            let now = node.now();
            let not_before = answer.as_ref().err().and_then(|error| error.not_before(now));
            let kept = called.and_then(|()| answer.map_err(in_words)).and_then(|signed| {
                followed?;
                node.store.write(|connection| witness::keep_receipt(&node, connection, &release, &signed))
            });
            if let Err(error) = &kept {
                let told = error.to_string();
                node.store.write(|connection| {
                    store::releases::tried(connection, release.number, &told, not_before, now)
                })?;
            }
            kept
        })
        .await
}

async fn releases(node: &Node) -> Result<Vec<Sealed>, DutyError> {
    node.store
        .run(|store| store.read(|connection| Ok::<_, DutyError>(store::releases::sealed(connection)?)))
        .await
}

fn in_words(error: CallError) -> DutyError {
    DutyError::Delivery { reason: error.to_string() }
}
