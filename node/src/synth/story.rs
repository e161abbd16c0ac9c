//! What becomes of each family: when it is attached, whether and how it comes to a result.

use tenfold_common::geography::BoroughCode;

use super::{SynthPlan, dice::Dice};

/// A family's story; quarters are counted from the plan's first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Story {
    /// The quarter of its first records.
    pub(super) seen: usize,
    /// Whether it is attached, and when.
    pub(super) joining: Joining,
    /// Its problems by rising number.
    pub(super) problems: Vec<u8>,
    /// How it ends.
    pub(super) ending: Ending,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Joining {
    /// In this quarter.
    Attached(usize),
    /// Eligible, but not assessed as a whole family.
    NotWhole,
    /// Eligible, without a plan.
    NoPlan,
    /// Eligible, without a key worker.
    NoKeyWorker,
    /// Only one problem.
    BelowThreshold,
    /// It came from another borough, where it is attached.
    Received(BoroughCode),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Progress on all problems, first seen in this quarter.
    Progress(usize),
    /// Continuous employment, first reached in this quarter.
    Employment(usize),
    /// Nobody looks back.
    NoReview,
    /// A review finds a need still there.
    NeedRemains,
    /// A child goes on missing school.
    PoorAttendance,
    /// Incidents go on.
    Incidents,
    /// A child is looked after.
    LookedAfter,
    /// An adult stays on benefit.
    Benefit,
    /// The family moves away in this quarter.
    MovedAway(usize),
}

impl Story {
    /// The quarter in which the family is attached.
    pub(super) fn attached(&self) -> Option<usize> {
        match self.joining {
            Joining::Attached(quarter) => Some(quarter),
            _ => None,
        }
    }

    pub(super) fn has(&self, problem: u8) -> bool {
        self.problems.contains(&problem)
    }

    /// Quarters from *attached* to the result.
    pub(super) fn lag(&self) -> Option<usize> {
        match self.ending {
            Ending::Progress(at) | Ending::Employment(at) => Some(at - self.attached()?),
            _ => None,
        }
    }
}

/// The stories that begin in a quarter.
pub(super) fn of_quarter(plan: &SynthPlan, borough: usize, size: f64, quarter: usize) -> Vec<Story> {
    let mut dice = Dice::new(plan.seed, borough as u64 + 1, (1 << 39) + quarter as u64);
    // The programme's families over its twenty quarters, some quarters busier than others.
    let mean = size / 20.0 * plan.scale;
    let attached = (mean * (0.9 + 0.2 * dice.unit())).round() as usize;
    let eligible = (mean * 0.08).round() as usize;
    let below = (mean * 0.06).round() as usize;

    let mut stories = Vec::with_capacity(attached + eligible + below);
    for _ in 0..attached {
        // Some families are assessed in one quarter and get their plan in the next.
        let seen = if quarter > 0 && dice.chance(0.15) { quarter - 1 } else { quarter };
        let mut problems = several_problems(&mut dice);
        let ending = ending(plan, &mut dice, quarter, &mut problems);
        stories.push(Story { seen, joining: Joining::Attached(quarter), problems, ending });
    }
    for _ in 0..eligible {
        let joining = [Joining::NotWhole, Joining::NoPlan, Joining::NoKeyWorker][dice.below(3)].clone();
        let problems = several_problems(&mut dice);
        stories.push(Story { seen: quarter, joining, problems, ending: Ending::NoReview });
    }
    for _ in 0..below {
        let problems = vec![1 + dice.below(6) as u8];
        let joining = Joining::BelowThreshold;
        stories.push(Story { seen: quarter, joining, problems, ending: Ending::NoReview });
    }
    stories
}

/// The story of the one family that moves, as this borough sees it.
pub(super) fn of_the_moving_family(plan: &SynthPlan) -> Option<Story> {
    let moving = plan.moving.as_ref()?;
    let leaves = 3.min(plan.quarters - 1);
    let problems = vec![2, 3, 6];
    if plan.borough == moving.from {
        let joining = Joining::Attached(leaves.saturating_sub(2));
        let seen = leaves.saturating_sub(2);
        return Some(Story { seen, joining, problems, ending: Ending::MovedAway(leaves) });
    }
    (plan.borough == moving.to).then(|| Story {
        seen: (leaves + 1).min(plan.quarters - 1),
        joining: Joining::Received(moving.from.clone()),
        problems,
        ending: Ending::NoReview,
    })
}

fn several_problems(dice: &mut Dice) -> Vec<u8> {
    let count = 2 + dice.weighted(&[0.35, 0.35, 0.2, 0.1]);
    let mut weights = [0.3, 0.5, 0.7, 0.6, 0.4, 0.6];
    let mut problems: Vec<u8> = (0..count)
        .map(|_| {
            let at = dice.weighted(&weights);
            weights[at] = 0.0;
            at as u8 + 1
        })
        .collect();
    problems.sort_unstable();
    problems
}

fn ending(plan: &SynthPlan, dice: &mut Dice, attached: usize, problems: &mut Vec<u8>) -> Ending {
    if dice.chance(plan.shares.results) {
        // Six months at least, and the school terms have to come round: 2 to 6 quarters.
        let at = attached + 2 + dice.weighted(&[0.2, 0.3, 0.25, 0.15, 0.1]);
        if dice.chance(plan.shares.employment) {
            if !problems.contains(&4) {
                problems.pop();
                problems.push(4);
                problems.sort_unstable();
            }
            return if at < plan.quarters { Ending::Employment(at) } else { Ending::Benefit };
        }
        return if at < plan.quarters { Ending::Progress(at) } else { Ending::NoReview };
    }
    let mut endings = vec![Ending::NoReview, Ending::NeedRemains];
    for (problem, ending) in [
        (1, Ending::Incidents),
        (2, Ending::PoorAttendance),
        (3, Ending::LookedAfter),
        (4, Ending::Benefit),
        (5, Ending::Incidents),
    ] {
        if problems.contains(&problem) {
            endings.push(ending);
        }
    }
    if attached + 1 < plan.quarters {
        endings.push(Ending::MovedAway((attached + 1 + dice.below(3)).min(plan.quarters - 1)));
    }
    *dice.pick(&endings)
}
