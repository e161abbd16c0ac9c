//! Releases that come at the same moment are received in one transaction, as databases do it in a group commit: the
//! disk is waited for once for all of them, and none is told of its receipt before.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, SyncSender, TryRecvError},
    },
};

use tenfold_common::log::Checkpoint;

use super::{
    super::{Aggregator, DutyError, log, recover},
    Peer,
    accept::{Read, Receiving},
};
use crate::{
    ingest::Refusal,
    store::{
        self,
        log::{Kept, Turn},
    },
};

/// So many releases at most are received in one transaction.
const AT_ONCE: usize = 64;

/// The releases that wait for their turn.
#[derive(Debug, Default)]
pub(crate) struct Together {
    waiting: Mutex<Vec<Delivery>>,
    /// Whoever holds it works, and leaves what is known of the log to the next.
    turn: Mutex<Kept>,
}

/// A receipt or a refusal; nothing for one that is to be received by itself.
type Answer = Option<Result<String, Refusal>>;

#[derive(Debug)]
struct Delivery {
    peer: Peer,
    shown: Option<Checkpoint>,
    text: String,
    read: Option<Read>,
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
        let read = Read::before_its_turn(aggregator, peer, text);
        let (peer, text) = (peer.clone(), text.to_owned());
        held(&self.waiting).push(Delivery { peer, shown, text, read, answer });
        let mut turn = held(&self.turn);
        loop {
            match answered.try_recv() {
                Ok(answer) => return Ok(answer),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => {
                    let mut waiting = held(&self.waiting);
                    let many = waiting.len().min(AT_ONCE);
                    let some: Vec<Delivery> = waiting.drain(..many).collect();
                    drop(waiting);
                    receive_all(aggregator, &mut turn, some);
                }
            }
        }
    }
}

fn receive_all(aggregator: &Aggregator, log: &mut Kept, mut deliveries: Vec<Delivery>) {
    // Where it fails, nothing is known of the log: what was appended was not kept.
    let before = mem::take(log);
    let answers = match in_one_transaction(aggregator, before, &mut deliveries) {
        Ok((answers, kept)) => {
            *log = kept;
            answers
        }
        Err(error) => {
            tracing::warn!("{} releases are received one by one: {error}", deliveries.len());
            vec![None; deliveries.len()]
        }
    };
    for (delivery, answer) in deliveries.into_iter().zip(answers) {
        // Whoever asked may have gone; what was stored is stored.
        let _ = delivery.answer.send(answer);
    }
}

fn in_one_transaction(
    aggregator: &Aggregator,
    before: Kept,
    deliveries: &mut [Delivery],
) -> Result<(Vec<Answer>, Kept), DutyError> {
    let policies = aggregator.succession()?;
    let remembered = aggregator.remembered_size();
    let (answers, kept) = aggregator.store.write(|connection| {
        let size = store::log::lock(connection)?;
        if size < remembered || store::recovery::find(connection)?.is_some() {
            return Ok((vec![None; deliveries.len()], Kept::default()));
        }
        let turn = Turn::after(connection, size, before)?;
        let mut receiving = Receiving::begin(aggregator, connection, &policies, turn)?;
        let mut boroughs = BTreeSet::new();
        let mut answers = Vec::new();
        for delivery in deliveries {
            let is_of_this_log = recover::is_here(connection, receiving.turn(), delivery.shown.as_ref())?;
            answers.push(if is_of_this_log && boroughs.insert(&delivery.peer.borough) {
                match receiving.accept(connection, &delivery.peer, &delivery.text, delivery.read.take()) {
                    Ok(receipt) => Some(Ok(receipt)),
                    Err(DutyError::Refused(refusal)) => Some(Err(refusal)),
                    Err(error) => return Err(error),
                }
            } else {
                None
            });
        }
        let (_, kept) = receiving.keep(connection)?;
        Ok::<_, DutyError>((answers, kept))
    })?;
    aggregator.remember_size(kept.size);
    Ok((answers, kept))
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
