//! Messages, node certificates and logs that the readers must stand: real ones of a federation, and ways to spoil them.

mod corpus;
mod spoiling;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tenfold_aggregator::ingest::{self, Speaker};
use tenfold_common::{
    log::{self, Checkpoint, HeldLog, LogFile},
    privacy::VerifiedPolicy,
    protocol::{
        Bundle, DrawRequest, EnrolmentRequest, ReleaseBody, Statement,
        draw::DRAW_REQUEST_TYPE,
        receipt, signature,
        statement::STATEMENT_TYPE,
        witness::{LogPage, Remembered},
    },
};
use tenfold_web::tls;

pub use corpus::{Corpus, corpus};
pub use spoiling::{payload, spoil};

/// Which reader reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// A release, at the region.
    Release,
    /// A request for the right to draw, at the region.
    DrawRequest,
    /// A request to be enrolled, at the region.
    EnrolmentRequest,
    /// A receipt, in a node.
    Receipt,
    /// A statement, in a node.
    Statement,
    /// A policy, in a node.
    Policy,
    /// A bundle, in a node.
    Bundle,
    /// A certificate, for the name in it.
    Certificate,
    /// A whole log from a file.
    Log,
    /// A page of the log, in a node.
    LogPage,
    /// What a node gives back of the log, at the region.
    Remembered,
    /// A signed checkpoint of the log.
    Checkpoint,
}

impl Reader {
    /// Every reader.
    pub const ALL: [Self; 12] = [
        Self::Release,
        Self::DrawRequest,
        Self::EnrolmentRequest,
        Self::Receipt,
        Self::Statement,
        Self::Policy,
        Self::Bundle,
        Self::Certificate,
        Self::Log,
        Self::LogPage,
        Self::Remembered,
        Self::Checkpoint,
    ];
}

/// What the readers made of spoilt messages.
#[derive(Debug, Default)]
pub struct Fuzzed {
    /// How many were read.
    pub runs: u64,
    /// How often each reader said what.
    pub answers: BTreeMap<String, u64>,
    /// The runs that ended in a panic, with what was read.
    pub panics: Vec<(u64, Vec<u8>)>,
    /// The runs that took longer than a second, with what was read.
    pub slow: Vec<(u64, Vec<u8>)>,
    /// The runs in which a signed text was taken that nobody signed.
    pub forged: Vec<(u64, Vec<u8>)>,
}

/// Longer than anything may take that is no longer than a few KiB.
const LONGEST: Duration = Duration::from_secs(1);

/// Reads so many spoilt messages; what run `n` reads follows from the seed and `n` alone, and from the keys drawn for
/// this corpus.
pub fn fuzz(corpus: &Corpus, first: u64, runs: u64, seed: u64, mut each: impl FnMut(&Fuzzed)) -> Fuzzed {
    let mut fuzzed = Fuzzed::default();
    for run in first..first + runs {
        let mut dice = ChaCha8Rng::seed_from_u64(seed ^ run.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let spoilt = spoil(corpus, &mut dice);
        let began = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| read(corpus, spoilt.reader, &spoilt.bytes))) {
            Err(_) => fuzzed.panics.push((run, spoilt.bytes)),
            Ok(answer) => {
                let taken = answer == TAKEN;
                *fuzzed.answers.entry(format!("{:?}: {answer}", spoilt.reader)).or_default() += 1;
                if began.elapsed() > LONGEST {
                    fuzzed.slow.push((run, spoilt.bytes));
                } else if taken && spoilt.unsigned {
                    fuzzed.forged.push((run, spoilt.bytes));
                }
            }
        }
        fuzzed.runs += 1;
        each(&fuzzed);
    }
    fuzzed
}

/// The answer where nothing is refused.
pub const TAKEN: &str = "taken";

/// Reads something as the program does; the answer is the error's kind, or [`TAKEN`].
pub fn read(corpus: &Corpus, reader: Reader, bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes);
    // The doors refuse what is no text before anything reads it.
    let Ok(text) = (if reader == Reader::Certificate { Ok("") } else { text }) else {
        return "no text".to_owned();
    };
    match reader {
        Reader::Release => release(corpus, text),
        Reader::DrawRequest => told(signature::open::<DrawRequest>(
            text.trim(),
            DRAW_REQUEST_TYPE,
            &corpus.keys.release.public(),
        )),
        Reader::EnrolmentRequest => told(EnrolmentRequest::open(text)),
        Reader::Receipt => told(receipt::verify(text, &corpus.release, &corpus.receipt_key.public())),
        Reader::Statement => {
            told(signature::open::<Statement>(text, STATEMENT_TYPE, &corpus.receipt_key.public()))
        }
        Reader::Policy => told(VerifiedPolicy::open(text, &corpus.policy_key.public())),
        Reader::Bundle => bundle(text),
        Reader::Certificate => told(tls::borough_of(bytes)),
        Reader::Log => told(LogFile::read(text).and_then(|file| file.verify())),
        Reader::LogPage => page(corpus, text),
        Reader::Remembered => match serde_json::from_str::<Remembered>(text) {
            Err(_) => "not remembered".to_owned(),
            Ok(remembered) => told(HeldLog::of(&remembered.entries)),
        },
        Reader::Checkpoint => told(Checkpoint::open(text, &corpus.receipt_key.public())),
    }
}

fn release(corpus: &Corpus, text: &str) -> String {
    let key = corpus.keys.release.public();
    let first = corpus.policies.first_quarter();
    let speaker = Speaker { borough: &corpus.borough, release_key: &key, newest: None, first };
    match ingest::read(text, speaker, &corpus.policies) {
        Ok(body) => {
            let refused = ingest::answers_fit(&body, &corpus.policies, &[]).err();
            let refused = refused.or_else(|| ingest::is_next(&body, speaker).err());
            refused.map_or_else(|| TAKEN.to_owned(), |refusal| refusal.kind.label().to_owned())
        }
        Err(refusal) => {
            // Whoever is told must be able to show it.
            let _ = (refusal.to_string(), signature::peek::<ReleaseBody>(text).map(drop));
            refusal.kind.label().to_owned()
        }
    }
}

fn bundle(text: &str) -> String {
    let Ok(bundle) = serde_json::from_str::<Bundle>(text) else { return "no bundle".to_owned() };
    let chain = tls::certificates_from_pem(&bundle.certificate_chain_pem, "node certificate").map(drop);
    let root = tls::fingerprint_of_pem(&bundle.root_pem).map(drop);
    told(chain.and(root))
}

fn page(corpus: &Corpus, text: &str) -> String {
    let Ok(page) = serde_json::from_str::<LogPage>(text) else { return "no page".to_owned() };
    let checkpoint = match Checkpoint::open(&page.checkpoint, &corpus.receipt_key.public()) {
        Err(error) => return told::<(), _>(Err(error)),
        Ok(checkpoint) => checkpoint,
    };
    let held = HeldLog::of(&page.entries);
    let proof: Vec<_> = page.entries.iter().filter_map(|entry| entry.leaf().ok()).collect();
    // A proof of anything at all must be refused or taken, never trip the library beneath.
    let _ = log::check_consistency(&proof, checkpoint.tree(), (page.size, checkpoint.root));
    told(held.and_then(|held| held.holds(checkpoint.tree())))
}

/// The first word of an error.
fn told<T, E: std::fmt::Debug + std::fmt::Display>(result: Result<T, E>) -> String {
    match result {
        Ok(_) => TAKEN.to_owned(),
        Err(error) => {
            let _ = error.to_string();
            let debug = format!("{error:?}");
            let end = debug.find([' ', '{', '(']).unwrap_or(debug.len());
            debug[..end].to_owned()
        }
    }
}
