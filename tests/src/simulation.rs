//! Random days in the life of a federation, with real servers, TLS and stores, on a clock that is moved by hand.
//!
//! A programme is a list of acts drawn from a seed. After every act both sides' books are verified and nothing that
//! was sealed or kept may have changed; at the end everything broken is mended, everybody must come to receipts, and
//! every number at the region must be the truth: no family lost, none counted twice.

mod acts;
mod copies;
mod payload;
mod reckoning;
mod relay;
mod seen;
mod world;

use anyhow::Context as _;

pub use acts::{Act, Point, Programme};

use world::World;

/// Plays a programme to its end.
///
/// # Errors
/// With the first promise that was broken, and what the programs said up to it.
pub fn play(programme: &Programme) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut world = World::new(programme.boroughs, programme.quarters + 1)?;
    let outcome = runtime.block_on(days(&mut world, programme));
    outcome.with_context(|| format!("what was said:\n{}", world.told.join("\n")))
}

async fn days(world: &mut World, programme: &Programme) -> anyhow::Result<()> {
    for (number, act) in programme.acts.iter().enumerate() {
        world.told.push(format!("{number} {act:?}"));
        world.act(*act).await.with_context(|| format!("act {number}, {act:?}"))?;
        world.look().with_context(|| format!("after act {number}, {act:?}"))?;
    }
    world.told.push("everything is mended".to_owned());
    world.mend().await.context("when everything was mended")?;
    world.reckon()
}
