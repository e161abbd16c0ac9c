//! Many programmes at once; and the shortest part of one that still fails.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use anyhow::anyhow;

use super::{Outcome, Programme, play};

/// A programme that broke a promise.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The programme.
    pub programme: Programme,
    /// What was broken, and what the programs said up to it.
    pub error: String,
}

/// What many programmes came to.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Programmes played.
    pub programmes: u64,
    /// Acts by kind.
    pub acts: BTreeMap<String, usize>,
    /// What the programs refused: the step and why.
    pub refusals: BTreeMap<String, usize>,
    /// Releases that the region had before anything was mended, and in the end.
    pub releases: (usize, usize),
    /// What failed.
    pub failures: Vec<Failure>,
}

/// Plays the programmes of seeds one after another, several at once; `told` hears of each.
pub fn play_many(first: u64, programmes: u64, workers: usize, told: impl Fn(u64) + Sync) -> Played {
    let (next, played) = (AtomicU64::new(0), Mutex::new(Played::default()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    if at >= programmes {
                        return;
                    }
                    let programme = Programme::of(first + at);
                    let outcome = played_whole(&programme);
                    let mut played = played.lock().unwrap_or_else(PoisonError::into_inner);
                    played.add(programme, outcome);
                    told(played.programmes);
                }
            });
        }
    });
    played.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Played {
    fn add(&mut self, programme: Programme, outcome: anyhow::Result<Outcome>) {
        self.programmes += 1;
        for act in &programme.acts {
            *self.acts.entry(act.kind()).or_default() += 1;
        }
        match outcome {
            Ok(outcome) => {
                self.releases.0 += outcome.before_mending;
                self.releases.1 += outcome.releases;
                for (refusal, times) in outcome.refusals {
                    *self.refusals.entry(refusal).or_default() += times;
                }
            }
            Err(error) => self.failures.push(Failure { programme, error: in_words(&error) }),
        }
    }
}

/// A panic is a failure like any other.
fn played_whole(programme: &Programme) -> anyhow::Result<Outcome> {
    catch_unwind(AssertUnwindSafe(|| play(programme))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(anyhow!("a panic: {}", text.unwrap_or_default()))
    })
}

/// Drops acts for as long as what is left still fails: halves first, single acts last.
pub fn shrink(failure: &Failure) -> Failure {
    let mut least = failure.clone();
    let mut part = least.programme.acts.len() / 2;
    while part > 0 {
        let mut at = 0;
        while at < least.programme.acts.len() {
            let mut fewer = least.programme.clone();
            fewer.acts.drain(at..(at + part).min(fewer.acts.len()));
            match played_whole(&fewer) {
                Ok(_) => at += part,
                Err(error) => least = Failure { programme: fewer, error: in_words(&error) },
            }
        }
        part /= 2;
    }
    least
}

/// The chain of an error without where in the code it came from.
fn in_words(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
