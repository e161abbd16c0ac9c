//! The black-box audit: one family in and out of a register, everything else alike, and how well whoever sees
//! all that is sent can tell the two apart, against what the policy says is possible.
//!
//! An attacker who knows everything but whether the family is there reduces what was sent to one number and
//! compares it with a threshold. From the share of wrong and right alarms follows an empirical μ: the distance
//! of two normal distributions of unit variance that are as hard to tell apart. ρ-zCDP by Gaussian noise allows
//! μ = √(2ρ) and no more.
//!
//! # Source
//! Dong, Roth and Su 2022 for μ as the measure of a test's power; Clopper and Pearson 1934 for the bounds.

mod attack;
mod pipeline;
mod setting;

pub use attack::{Attack, Bounds};
pub use pipeline::Bug;
pub use setting::{Setting, Target};

use attack::{Linear, learned};
use pipeline::{World, programme};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// What an audit of one variant found.
#[derive(Clone, Debug)]
pub struct Audited {
    /// √(2ρ) of everything this target was charged, exactly summed.
    pub promised: f64,
    /// μ of this very target by the definition of what it adds; at most `promised`.
    pub defined: f64,
    /// Numbers sent in one programme.
    pub outputs: usize,
    /// Programmes of each arm.
    pub programmes: usize,
    /// What the attackers reached: first who knows the definition, then who also measures the noise, then who
    /// learned from examples (left out where there are too many numbers to learn from).
    pub attacks: Vec<Attack>,
    /// The chance that figures move on average as these did, if they move as the definition says under the
    /// planned noise.
    pub moves: f64,
}

/// What is wrong, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// More can be told apart than was promised.
    Leak,
    /// The figures do not move as the definition says, so that they are wrong or noisier than was planned.
    Direction,
}

impl Audited {
    /// The largest lower bound of μ over the attackers, all bounds together wrong with at most this probability.
    pub fn lower(&self, false_alarm: f64) -> f64 {
        self.bounds(false_alarm).map(|bounds| bounds.lower).fold(f64::NEG_INFINITY, f64::max)
    }

    fn bounds(&self, false_alarm: f64) -> impl Iterator<Item = Bounds> {
        let each = false_alarm / self.attacks.len() as f64;
        self.attacks.iter().map(move |attack| attack.bounds(each))
    }

    /// What is wrong; a correct program is found wrong with at most twice this probability.
    pub fn fault(&self, false_alarm: f64) -> Option<Fault> {
        if self.lower(false_alarm) > self.promised {
            return Some(Fault::Leak);
        }
        (self.moves < false_alarm).then_some(Fault::Direction)
    }

    /// By how much μ would have to pass the promise for these numbers of programmes to show it at 99 %: the
    /// half-width of the informed attacker's interval over the promise.
    pub fn detectable_excess(&self) -> f64 {
        let bounds = self.attacks[0].bounds(0.01);
        (bounds.estimate - bounds.lower) / self.promised
    }
}

/// Plays so many programmes with the target and as many without it, and attacks them. Half of them choose
/// threshold and weights, the other half is judged.
///
/// # Errors
/// Where the pipeline refuses.
pub fn audit(
    setting: &Setting,
    bug: Bug,
    programmes: usize,
    mut played: impl FnMut(usize),
) -> anyhow::Result<Audited> {
    let mut arms = [Vec::with_capacity(programmes), Vec::with_capacity(programmes)];
    for at in 0..programmes {
        for (arm, world) in arms.iter_mut().zip([World::Without, World::With]) {
            arm.push(programme(setting, world, bug)?);
        }
        played(at + 1);
    }
    let outputs = arms[0][0].len();
    let train = programmes / 2;
    let [without, with] = &arms;
    let (without, with) = (without.split_at(train), with.split_at(train));
    let informed = Linear::informed(setting, outputs);
    let measuring = informed.measuring(without.0);
    let mut attackers = vec![informed, measuring];
    // A direction in more dimensions than there are examples is noise.
    if outputs * 4 <= train * 2 {
        attackers.push(learned(without.0, with.0)?);
    }
    let attacks = attackers
        .iter()
        .map(|attacker| {
            let threshold = attacker.threshold(without.0, with.0);
            attacker.attack(threshold, without.1, with.1)
        })
        .collect();
    let moves = moves(setting, &arms);
    Ok(Audited {
        promised: setting.promised(),
        defined: setting.defined(),
        outputs,
        programmes,
        attacks,
        moves,
    })
}

/// How surprising the mean differences of the two arms are, number by number, beside what the target adds.
fn moves(setting: &Setting, [without, with]: &[Vec<Vec<i64>>; 2]) -> f64 {
    let n = with.len() as f64;
    let planned = setting.direction().into_iter().zip(setting.variances());
    let squares = planned.enumerate().map(|(at, (direction, variance))| {
        let sum = |arm: &[Vec<i64>]| arm.iter().map(|sent| sent[at] as f64).sum::<f64>();
        let off = (sum(with) - sum(without)) / n - direction * variance;
        off * off / (2.0 * variance / n)
    });
    let (count, sum) = squares.fold((0.0, 0.0), |(count, sum), square| (count + 1.0, sum + square));
    ChiSquared::new(count).map_or(0.0, |law| law.sf(sum))
}
