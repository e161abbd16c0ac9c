//! Reading ahead: one thread reads and checks rows while another takes them.

use std::{
    mem, panic,
    sync::mpsc::{self, SyncSender},
    thread,
};

use super::{Extract, ReadContext, ReadError, ReadRow};
use crate::intake::{mapping::Mapping, summary::Summary};

/// So many rows are handed over at once.
const AT_ONCE: usize = 512;

/// So many of these may wait to be taken; then the reader waits, so that memory stays bounded.
const WAITING: usize = 4;

/// Nobody takes rows any more.
struct Closed;

impl Extract {
    /// As [`Extract::read`], with the reading done in a thread of its own while `each` takes rows in this one.
    ///
    /// # Errors
    /// As [`Extract::read`].
    pub fn read_ahead<E>(
        &self,
        mapping: &Mapping,
        context: ReadContext,
        mut each: impl FnMut(ReadRow) -> Result<(), E>,
    ) -> Result<Summary, ReadError<E>> {
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel(WAITING);
            let reader = scope.spawn(move || self.hand_over(mapping, context, &sender));
            let taken = receiver.iter().flatten().try_for_each(&mut each);
            // A reader that waits to hand over learns that nobody takes.
            drop(receiver);
            let read = reader.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
            match (taken, read) {
                (Err(error), _) => Err(ReadError::Stopped(error)),
                (Ok(()), Ok(summary)) => Ok(summary),
                (Ok(()), Err(ReadError::File(faults))) => Err(ReadError::File(faults)),
                (Ok(()), Err(ReadError::Stopped(Closed))) => {
                    unreachable!("rows are taken until the reader has handed over its last")
                }
            }
        })
    }

    fn hand_over(
        &self,
        mapping: &Mapping,
        context: ReadContext,
        to: &SyncSender<Vec<ReadRow>>,
    ) -> Result<Summary, ReadError<Closed>> {
        let mut held = Vec::with_capacity(AT_ONCE);
        let summary = self.read(mapping, context, |row| {
            held.push(row);
            if held.len() < AT_ONCE {
                return Ok(());
            }
            to.send(mem::replace(&mut held, Vec::with_capacity(AT_ONCE))).map_err(|_| Closed)
        })?;
        to.send(held).map_err(|_| ReadError::Stopped(Closed))?;
        Ok(summary)
    }
}
