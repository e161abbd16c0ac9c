//! Random days in the life of a federation.

use tenfold_tests::simulation::{Programme, play};

/// Programmes that are played.
const PROGRAMMES: u64 = 2;

#[test]
fn random_days_end_with_every_family_counted_once() {
    for seed in 0..PROGRAMMES {
        let programme = Programme::of(seed);
        if let Err(error) = play(&programme) {
            panic!("seed {seed}, {:?}: {error:?}", programme.acts);
        }
    }
}
