//! Random days in the life of a federation.

use std::thread;

use tenfold_tests::simulation::{play_many, shrink};

/// Programmes that are played; the bench plays 500.
const PROGRAMMES: u64 = 30;

#[test]
fn random_days_end_with_every_family_counted_once() {
    let workers = thread::available_parallelism().map_or(2, usize::from).min(4);
    let played = play_many(0, PROGRAMMES, workers, |_| {});
    if let Some(failure) = played.failures.first() {
        let least = shrink(failure);
        let acts = serde_json::to_string(&least.programme).expect("a programme can be written");
        panic!("seed {}: {}\nThe least that fails: {acts}", least.programme.seed, least.error);
    }
    // They did something: most releases were receipted before anything was mended, and every kind of act occurred.
    let (before, all) = played.releases;
    assert!(before * 2 > all, "{before} of {all} releases came before mending");
    assert!(played.acts.len() >= 30, "{:?}", played.acts);
}
