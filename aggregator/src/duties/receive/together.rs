//! Releases that come at the same moment are received in one transaction, as databases do it in a group commit: the
//! disk is waited for once for all of them, and none is told of its receipt before.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, SyncSender},
    },
};

use tenfold_common::{geography::BoroughCode, log::Checkpoint, protocol::release::ReleaseId};

use super::{
    super::{Aggregator, DutyError, log, recover},
    Peer,
    accept::{self, Accepted, Came, Read, Receiving, Under},
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
    queue: Mutex<Queue>,
    /// What is known of the log, left by one turn to the next.
    log: Mutex<Kept>,
    /// By borough, as whose its last release was read.
    last: Mutex<BTreeMap<BoroughCode, Under>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Delivery>,
    /// Whether somebody works for those who wait.
    has_turn: bool,
}

/// A receipt or a refusal; nothing for one that is to be received by itself.
type Answer = Option<Result<String, Refusal>>;

/// What one who waits is told.
#[derive(Debug)]
enum Told {
    Answer(Answer),
    /// To work for all who wait, itself among them.
    YourTurn,
}

#[derive(Debug)]
struct Delivery {
    peer: Peer,
    shown: Option<Checkpoint>,
    text: String,
    claimed: Option<ReleaseId>,
    read: Option<Read>,
    tell: SyncSender<Told>,
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
        let shown = log::shown(aggregator, shown)?;
        let claimed = accept::claimed(text);
        let last = held(&self.last).get(&peer.borough).cloned();
        // Of one who has not delivered since this program began the database is asked.
        let under = last.or_else(|| Under::now(aggregator, peer, claimed.as_ref()));
        let read = under.and_then(|under| Read::before_its_turn(under, peer, text));
        // Told twice at most: that it has the turn, and its answer.
        let (tell, told) = mpsc::sync_channel(2);
        let delivery = Delivery { peer: peer.clone(), shown, text: text.to_owned(), claimed, read, tell };
        let is_first = {
            let mut queue = held(&self.queue);
            queue.waiting.push(delivery);
            !mem::replace(&mut queue.has_turn, true)
        };
        if is_first {
            self.take_turn(aggregator);
        }
        loop {
            match told.recv() {
                Ok(Told::Answer(answer)) => return Ok(answer),
                Ok(Told::YourTurn) => self.take_turn(aggregator),
                // Whoever worked for this one panicked.
                Err(_) => return Ok(None),
            }
        }
    }

    /// Works for all who wait, and hands the turn on, whatever happens.
    fn take_turn(&self, aggregator: &Aggregator) {
        let turn = InTurn(self);
        let some: Vec<Delivery> = {
            let mut queue = held(&self.queue);
            let many = queue.waiting.len().min(AT_ONCE);
            queue.waiting.drain(..many).collect()
        };
        let size = self.receive_all(aggregator, some);
        drop(turn);
        // Nobody but this one waits for it.
        aggregator.remember_size(size);
    }

    /// How large the log is then; 0 where that is not known.
    fn receive_all(&self, aggregator: &Aggregator, deliveries: Vec<Delivery>) -> u64 {
        // Where it fails, nothing is known of the log: what was appended was not kept.
        let before = mem::take(&mut *held(&self.log));
        let (answers, size) = match self.in_one_transaction(aggregator, before, &deliveries) {
            Ok((answers, kept)) => {
                let size = kept.size;
                *held(&self.log) = kept;
                (answers, size)
            }
            Err(error) => {
                tracing::warn!("{} releases are received one by one: {error}", deliveries.len());
                (vec![None; deliveries.len()], 0)
            }
        };
        for (delivery, answer) in deliveries.into_iter().zip(answers) {
            // Whoever asked may have gone; what was stored is stored.
            let _ = delivery.tell.send(Told::Answer(answer));
        }
        size
    }

    fn in_one_transaction(
        &self,
        aggregator: &Aggregator,
        before: Kept,
        deliveries: &[Delivery],
    ) -> Result<(Vec<Answer>, Kept), DutyError> {
        let policies = aggregator.succession()?;
        let remembered = aggregator.remembered_size();
        aggregator.store.write(|connection| {
            let size = store::log::lock(connection)?;
            if size < remembered || store::recovery::find(connection)?.is_some() {
                return Ok((vec![None; deliveries.len()], Kept::default()));
            }
            let turn = Turn::after(connection, size, before)?;
            let came: Vec<Came<'_>> = deliveries.iter().map(Delivery::came).collect();
            let mut receiving = Receiving::begin(aggregator, connection, &policies, turn, &came)?;
            let mut boroughs = BTreeSet::new();
            let mut answers = Vec::new();
            for (came, Delivery { peer, shown, .. }) in came.into_iter().zip(deliveries) {
                let is_of_this_log = recover::is_here(connection, receiving.turn(), shown.as_ref())?;
                answers.push(if is_of_this_log && boroughs.insert(&peer.borough) {
                    match receiving.accept(connection, came) {
                        Ok(Accepted { receipt, under }) => {
                            if let Some(under) = under {
                                held(&self.last).insert(peer.borough.clone(), under);
                            }
                            Some(Ok(receipt))
                        }
                        Err(DutyError::Refused(refusal)) => Some(Err(refusal)),
                        Err(error) => return Err(error),
                    }
                } else {
                    None
                });
            }
            let (_, kept) = receiving.keep(connection)?;
            Ok((answers, kept))
        })
    }
}

impl Delivery {
    fn came(&self) -> Came<'_> {
        Came::new(&self.peer, &self.text, self.claimed.clone(), self.read.as_ref())
    }
}

/// The turn, which the next who waits gets when this one is over, even if it ends in a panic.
struct InTurn<'a>(&'a Together);

impl Drop for InTurn<'_> {
    fn drop(&mut self) {
        let mut queue = held(&self.0.queue);
        queue.has_turn = queue.waiting.iter().any(|next| next.tell.send(Told::YourTurn).is_ok());
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::panic::{self, AssertUnwindSafe};

    use super::*;

    fn ends_in_a_panic(together: &Together) {
        let turn = || {
            let _turn = InTurn(together);
            panic!("planted");
        };
        assert!(panic::catch_unwind(AssertUnwindSafe(turn)).is_err());
    }

    #[test]
    fn a_turn_that_ends_in_a_panic_is_handed_on() {
        let together = Together::default();
        let (tell, told) = mpsc::sync_channel(2);
        let (gone, _) = mpsc::sync_channel(2);
        let delivery = |tell| Delivery {
            peer: Peer { borough: "E08000001".parse().unwrap(), fingerprint: String::new(), own_until: None },
            shown: None,
            text: String::new(),
            claimed: None,
            read: None,
            tell,
        };
        *held(&together.queue) = Queue { waiting: vec![delivery(gone), delivery(tell)], has_turn: true };
        ends_in_a_panic(&together);
        assert!(matches!(told.try_recv(), Ok(Told::YourTurn)), "whoever still waits works next");
        assert!(held(&together.queue).has_turn);
        held(&together.queue).waiting.clear();
        ends_in_a_panic(&together);
        assert!(!held(&together.queue).has_turn, "the next who comes is the first");
    }
}
