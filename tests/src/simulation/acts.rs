//! What can happen on a day, and programmes of it drawn from a seed.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// One thing that happens. Boroughs and quarters are numbers, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Time goes on to a point of a quarter, if that is not past.
    Until(usize, Point),
    /// Time goes on by so many hours.
    Wait(u16),
    /// A borough records the families of the quarter.
    Load(usize),
    /// An analyst prepares the next quarter.
    Prepare(usize),
    /// An approver approves it.
    Approve(usize),
    /// An approver declares it void: the quarter is skipped.
    Void(usize),
    /// Asks for the right to draw, draws, seals, and sends what may leave.
    Deliver(usize),
    /// Only asks for the right to draw.
    Ask(usize),
    /// Draws and seals without asking anew.
    Draw(usize),
    /// As deliver, all copies at the same time.
    Race(usize),
    /// As deliver, and the wire breaks before the request of that number comes through.
    DropRequest(usize, u32),
    /// The same, and the wire breaks after the region acted on the request of that number.
    DropResponse(usize, u32),
    /// The process dies in the draw, after so many groups of cells.
    DieInTheDraw(usize, u32),
    /// Sends everything that was ever sealed once more.
    Replay(usize),
    /// Sends a borough's bytes over another borough's connection.
    ReplayBy(usize, usize),
    /// Sends a release of the same quarter with other values, rightly signed.
    Alter(usize),
    /// A node's program ends and is started again.
    RestartNode(usize),
    /// The region's program ends and is started again.
    RestartAggregator,
    /// Nobody answers at the region.
    Outage,
    /// The region answers again.
    Mend,
    /// The region withdraws a borough's node certificates.
    Revoke(usize),
    /// The region enrols the borough's node again.
    Enrol(usize),
    /// The node renews its certificate.
    Renew(usize),
    /// The borough makes a new release key.
    RotateReleaseKey(usize),
    /// The region makes a new issuing key.
    RotateIssuingKey,
    /// The borough says that it pauses.
    Pause(usize),
    /// It says that it goes on.
    Resume(usize),
    /// A borough's node is backed up.
    BackUp(usize),
    /// An old backup is started beside the node.
    Restore(usize),
    /// The database alone goes back to an old snapshot; what it was is kept by the machine's host.
    Revert(usize),
    /// A copy of the node is started beside it.
    Clone(usize),
    /// A person ends all copies but the one that has come farthest; where it is refused, the region renews its right.
    EndCopies(usize),
    /// The region's database is backed up.
    BackUpRegion,
    /// The region's last backup is put back: its database alone, or the file beside it that says how far it was, too.
    RestoreRegion(bool),
    /// A node's clock goes wrong by so many hours.
    Skew(usize, i32),
    /// The region signs a policy that takes over with the quarter after this one.
    Succeed,
    /// A borough adopts the newest policy.
    Adopt(usize),
    /// The request for the right to draw, and the answer, travel as files.
    CarryDraw(usize),
    /// A sealed release travels as a file.
    CarryRelease(usize),
    /// Its receipt comes home as a file.
    CarryReceipt(usize),
    /// A borough does nothing any more, until it is back.
    Leave(usize),
    /// It is back.
    Return(usize),
}

/// A point in the life of a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Point {
    /// Its extracts are loaded.
    Loaded,
    /// Its recording period has ended.
    Recorded,
    /// Its releases leave.
    Delivered,
    /// Its releases are due.
    Due,
}

impl Act {
    /// Its kind, in words of the programme.
    pub fn kind(&self) -> String {
        let text = format!("{self:?}");
        text.split(['(', ' ']).next().unwrap_or_default().to_owned()
    }

    /// The borough it is about.
    pub(super) fn borough(&self) -> Option<usize> {
        use Act::*;
        match *self {
            Until(..) | Wait(_) | RotateIssuingKey | RestartAggregator | Outage | Mend | Succeed
            | BackUpRegion | RestoreRegion(_) => None,
            Load(of)
            | Ask(of)
            | Draw(of)
            | Race(of)
            | Prepare(of)
            | Approve(of)
            | Void(of)
            | Deliver(of)
            | DropRequest(of, _)
            | DropResponse(of, _)
            | DieInTheDraw(of, _)
            | Replay(of)
            | ReplayBy(of, _)
            | Alter(of)
            | RestartNode(of)
            | Revoke(of)
            | Enrol(of)
            | Renew(of)
            | RotateReleaseKey(of)
            | Pause(of)
            | Resume(of)
            | BackUp(of)
            | Restore(of)
            | Revert(of)
            | Clone(of)
            | EndCopies(of)
            | Skew(of, _)
            | Adopt(of)
            | CarryDraw(of)
            | CarryRelease(of)
            | CarryReceipt(of)
            | Leave(of)
            | Return(of) => Some(of),
        }
    }
}

/// Random days in the life of a federation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programme {
    /// What it was drawn from.
    pub seed: u64,
    /// How many boroughs there are.
    pub boroughs: usize,
    /// How many quarters the acts fill; the horizon has one more.
    pub quarters: usize,
    /// What happens.
    pub acts: Vec<Act>,
}

impl Programme {
    /// The programme of a seed: the routine of each quarter, of which something is left out now and then, and
    /// disturbances in between.
    pub fn of(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let boroughs = random.random_range(2..=3);
        let quarters = random.random_range(3..=4);
        let mut acts = Vec::new();
        for quarter in 0..quarters {
            let mut of_quarter = routine(&mut random, quarter, boroughs);
            for _ in 0..random.random_range(5..=12) {
                let some = disturbance(&mut random, boroughs);
                let at = random.random_range(0..=of_quarter.len());
                // What is broken is mostly mended soon.
                let mended = remedy(some[0]).filter(|_| random.random_bool(0.8));
                let after = (at + random.random_range(1..6)).min(of_quarter.len());
                of_quarter.splice(after..after, mended);
                of_quarter.splice(at..at, some);
            }
            acts.extend(of_quarter);
        }
        Self { seed, boroughs, quarters, acts }
    }
}

fn routine(random: &mut ChaCha8Rng, quarter: usize, boroughs: usize) -> Vec<Act> {
    let mut acts = vec![Act::Until(quarter, Point::Loaded)];
    let mut for_most = |acts: &mut Vec<Act>, steps: &[fn(usize) -> Act]| {
        for borough in 0..boroughs {
            acts.extend(steps.iter().filter(|_| random.random_bool(0.9)).map(|step| step(borough)));
        }
    };
    for_most(&mut acts, &[Act::Load]);
    acts.push(Act::Until(quarter, Point::Recorded));
    for_most(&mut acts, &[Act::Adopt, Act::Prepare, Act::Approve, Act::Deliver]);
    acts.push(Act::Until(quarter, Point::Delivered));
    for_most(&mut acts, &[Act::Deliver]);
    // Where something is asked, drawn and sent, it goes wrong most easily, and is tried again.
    let mut tried = Vec::new();
    for act in acts {
        if let Act::Deliver(of) = act {
            let call = random.random_range(0..4);
            match random.random_range(0..12) {
                0 | 1 => tried.push(Act::DropRequest(of, call)),
                2 | 3 => tried.push(Act::DropResponse(of, call)),
                4 => tried.push(Act::DieInTheDraw(of, random.random_range(0..9))),
                5 => tried.extend([Act::Ask(of), Act::BackUp(of)]),
                6 => tried.extend([Act::Clone(of), Act::Race(of), Act::EndCopies(of)]),
                7 => tried.extend([Act::Ask(of), Act::Clone(of), Act::Draw(of)]),
                _ => {}
            }
        }
        tried.push(act);
    }
    tried
}

fn remedy(broken: Act) -> Option<Act> {
    match broken {
        Act::Outage => Some(Act::Mend),
        Act::Revoke(of) => Some(Act::Enrol(of)),
        Act::Skew(of, _) => Some(Act::Skew(of, 0)),
        Act::Pause(of) => Some(Act::Resume(of)),
        Act::Clone(of) | Act::Restore(of) | Act::Revert(of) => Some(Act::EndCopies(of)),
        _ => None,
    }
}

fn disturbance(random: &mut ChaCha8Rng, boroughs: usize) -> Vec<Act> {
    let of = random.random_range(0..boroughs);
    let other = (of + random.random_range(1..boroughs.max(2))) % boroughs;
    match random.random_range(0..31) {
        0 => vec![Act::Renew(of)],
        1 => vec![Act::RotateReleaseKey(of)],
        2 if random.random_bool(0.5) => vec![Act::RotateIssuingKey],
        2 => vec![Act::Pause(of)],
        3 => vec![Act::BackUpRegion],
        4 => vec![Act::RestoreRegion(random.random_bool(0.5))],
        5 => vec![Act::Void(of)],
        6 => vec![Act::CarryDraw(of), Act::RestartNode(of)],
        7 => vec![Act::Wait(random.random_range(1..72))],
        8 => vec![Act::Replay(of)],
        9 => vec![Act::ReplayBy(of, other)],
        10 => vec![Act::Alter(of)],
        11 => vec![Act::RestartNode(of)],
        12 => vec![Act::RestartAggregator],
        13 => vec![Act::Outage],
        14 => vec![Act::Mend],
        15 => vec![Act::Revoke(of)],
        16 => vec![Act::Enrol(of)],
        17 | 18 => vec![Act::BackUp(of)],
        19 => vec![Act::Restore(of), Act::Deliver(of)],
        20 => vec![Act::Revert(of), Act::Deliver(of)],
        21 | 22 => vec![Act::Clone(of), Act::Prepare(of), Act::Approve(of), Act::Deliver(of)],
        23 => vec![Act::EndCopies(of)],
        24 => vec![Act::Skew(of, [-200, -30, -1, 1, 6, 30, 200][random.random_range(0..7)])],
        25 => vec![Act::Succeed],
        26 => vec![Act::Void(of)],
        27 => vec![Act::CarryDraw(of), Act::CarryRelease(of)],
        28 => vec![Act::CarryRelease(of), Act::CarryReceipt(of)],
        29 => vec![Act::Leave(of), Act::Wait(random.random_range(1..500)), Act::Return(of)],
        _ => vec![Act::Wait(random.random_range(1..72))],
    }
}
