//! Releases that come at the same moment are received in one transaction, as databases do it in a group commit: the
//! disk is waited for once for all of them, and none is told of its receipt before.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, SyncSender, TryRecvError},
    },
};

use tenfold_common::log::Checkpoint;

use super::{
    super::{Aggregator, DutyError, log, recover},
    Peer,
    accept::Receiving,
};
use crate::{
    ingest::Refusal,
    store::{self, log::Turn},
};

/// So many releases at most are received in one transaction.
const AT_ONCE: usize = 64;

/// The releases that wait for their turn.
#[derive(Debug, Default)]
pub(crate) struct Together {
    waiting: Mutex<Vec<Delivery>>,
    turn: Mutex<()>,
}

/// A receipt or a refusal; nothing for one that is to be received by itself.
type Answer = Option<Result<String, Refusal>>;

#[derive(Debug)]
struct Delivery {
    peer: Peer,
    shown: Option<Checkpoint>,
    text: String,
    answer: SyncSender<Answer>,
}

impl Together {
    /// Receives a release with all that wait at this moment. Whoever has the turn works for those who wait for it.
    ///
    /// Nothing is answered, and nothing was done, where the log is not whole, the checkpoint that is shown is not of
    /// this log, or the database failed: by itself each is then told what befell it.
    ///
    /// # Errors
    /// `Refused` where the checkpoint was not signed here.
    pub(super) fn receive(
        &self,
        aggregator: &Aggregator,
        peer: &Peer,
        shown: &str,
        text: &str,
    ) -> Result<Answer, DutyError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let shown = log::shown(aggregator, shown)?;
        held(&self.waiting).push(Delivery { peer: peer.clone(), shown, text: text.to_owned(), answer });
        let _turn = held(&self.turn);
        loop {
            match answered.try_recv() {
                Ok(answer) => return Ok(answer),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => {
                    let mut waiting = held(&self.waiting);
                    let many = waiting.len().min(AT_ONCE);
                    let some: Vec<Delivery> = waiting.drain(..many).collect();
                    drop(waiting);
                    receive_all(aggregator, some);
                }
            }
        }
    }
}

fn receive_all(aggregator: &Aggregator, deliveries: Vec<Delivery>) {
    let answers = in_one_transaction(aggregator, &deliveries).unwrap_or_else(|error| {
        tracing::warn!("{} releases are received one by one: {error}", deliveries.len());
        vec![None; deliveries.len()]
    });
    for (delivery, answer) in deliveries.into_iter().zip(answers) {
        // Whoever asked may have gone; what was stored is stored.
        let _ = delivery.answer.send(answer);
    }
}

fn in_one_transaction(aggregator: &Aggregator, deliveries: &[Delivery]) -> Result<Vec<Answer>, DutyError> {
    let policies = aggregator.succession()?;
    let remembered = aggregator.remembered_size();
    let (answers, size) = aggregator.store.write(|connection| {
        let turn = Turn::of_size(store::log::lock(connection)?);
        if turn.size() < remembered || store::recovery::find(connection)?.is_some() {
            return Ok((vec![None; deliveries.len()], 0));
        }
        let mut receiving = Receiving::begin(aggregator, connection, &policies, turn)?;
        let mut boroughs = BTreeSet::new();
        let mut answers = Vec::new();
        for delivery in deliveries {
            let is_of_this_log = recover::is_here(connection, receiving.turn(), delivery.shown.as_ref())?;
            answers.push(if is_of_this_log && boroughs.insert(&delivery.peer.borough) {
                match receiving.accept(connection, &delivery.peer, &delivery.text) {
                    Ok(receipt) => Some(Ok(receipt)),
                    Err(DutyError::Refused(refusal)) => Some(Err(refusal)),
                    Err(error) => return Err(error),
                }
            } else {
                None
            });
        }
        let size = receiving.turn().size();
        receiving.keep(connection)?;
        Ok((answers, size))
    })?;
    aggregator.remember_size(size);
    Ok(answers)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
