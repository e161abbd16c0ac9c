//! Random days in the life of a federation, with real servers, TLS and stores, on a clock that is moved by hand.
//!
//! A programme is a list of acts drawn from a seed. After every act both sides' books are verified and nothing that
//! was sealed or kept may have changed; at the end everything broken is mended, everybody must come to receipts, and
//! every number at the region must be the truth: no family lost, none counted twice.

mod acts;
mod copies;
mod many;
mod payload;
mod reckoning;
mod relay;
mod seen;
mod world;

use std::collections::BTreeMap;

use anyhow::Context as _;

pub use acts::{Act, Point, Programme};
pub use many::{Failure, Played, play_many, shrink};

pub(crate) use payload::small;

use world::World;

/// What became of a programme.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Releases that the region had before anything was mended.
    pub before_mending: usize,
    /// Releases in the end.
    pub releases: usize,
    /// What the programs refused: the step and why, with how often.
    pub refusals: BTreeMap<String, usize>,
}

/// Plays a programme to its end.
///
/// # Errors
/// With the first promise that was broken, and what the programs said up to it.
pub fn play(programme: &Programme) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut world = World::new(programme.boroughs, programme.quarters + 1)?;
    let outcome = runtime.block_on(days(&mut world, programme));
    outcome.with_context(|| format!("what was said:\n{}", world.told.join("\n")))
}

async fn days(world: &mut World, programme: &Programme) -> anyhow::Result<Outcome> {
    for (number, act) in programme.acts.iter().enumerate() {
        world.told.push(format!("{number} {act:?}"));
        world.act(*act).await.with_context(|| format!("act {number}, {act:?}"))?;
        world.look().with_context(|| format!("after act {number}, {act:?}"))?;
    }
    let before_mending = world.kept()?.releases.len();
    world.told.push("everything is mended".to_owned());
    world.mend().await.context("when everything was mended")?;
    world.reckon()?;
    let releases = world.kept()?.releases.len();
    Ok(Outcome { before_mending, releases, refusals: std::mem::take(&mut world.refusals) })
}
