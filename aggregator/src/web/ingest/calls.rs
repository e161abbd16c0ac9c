//! The calls that each certificate may still make before the database is asked again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tenfold_common::clock::Moment;

use crate::{
    duties::{Aggregator, DutyError, allow, receive::Peer},
    ingest::allowance::Rate,
};

/// What was taken out of the database and not used up yet, by certificate.
#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<HashMap<String, Taken>>);

#[derive(Clone, Copy, Debug)]
enum Taken {
    Handful(u32),
    /// Nothing was left; until when not to ask again.
    Nothing(Moment),
}

impl Calls {
    /// Lets a peer make one call, or says how many seconds it has to wait. It is told so once a wait in the log's count.
    ///
    /// # Errors
    /// Where the database cannot be used.
    pub(super) async fn one(
        &self,
        aggregator: &Aggregator,
        peer: &Peer,
        rate: Rate,
    ) -> Result<Result<(), Wait>, DutyError> {
        if let Some(answer) = self.in_hand(aggregator, peer) {
            return Ok(answer);
        }
        let taken = {
            let (asking, peer) = (aggregator.clone(), peer.clone());
            aggregator.store.run(move |_| allow::allow(&asking, &peer, rate)).await?
        };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, answer) = match taken {
            Ok(handful) => (Taken::Handful(handful - 1), Ok(())),
            Err(seconds) => {
                let until = aggregator.now().plus_seconds(i64::from(seconds));
                (Taken::Nothing(until), Err(Wait { seconds, first: true }))
            }
        };
        held.insert(peer.fingerprint.clone(), kept);
        Ok(answer)
    }

    fn in_hand(&self, aggregator: &Aggregator, peer: &Peer) -> Option<Result<(), Wait>> {
        let now = aggregator.now();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&peer.fingerprint)? {
            Taken::Handful(0) => None,
            Taken::Handful(left) => {
                *left -= 1;
                Some(Ok(()))
            }
            Taken::Nothing(until) => {
                let seconds = u32::try_from(until.unix() - now.unix()).ok().filter(|seconds| *seconds > 0)?;
                // After a clock was set back the database is asked.
                (seconds <= 60).then_some(Err(Wait { seconds, first: false }))
            }
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    /// In seconds.
    pub(super) seconds: u32,
    /// Whether it is the first answer of this wait; the others are not counted, or refusing would cost more than
    /// answering.
    pub(super) first: bool,
}
