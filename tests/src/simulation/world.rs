//! A federation in which anything may happen, and what each act does in it.

mod centre;
mod people;
mod wire;

use std::{collections::BTreeMap, path::PathBuf, sync::atomic::Ordering};

use anyhow::{Context, bail};
use tenfold_aggregator::{
    duties::{Aggregator, DutyError as CentreError, issuing},
    store::releases::Received,
};
use tenfold_common::{
    calendar::Quarter,
    clock::{Clock as _, Moment},
    privacy::VerifiedPolicy,
    protocol::notice::{NoticeKind, NoticeReason},
};
use tenfold_node::{
    duties::{AdoptionFault, ApprovalFault, DutyError, renew, rotate},
    region::Way,
    synth,
};

use super::{
    acts::{Act, Point},
    copies::Borough,
    payload::{self},
    relay::{Cut, Relay},
    seen::Seen,
};
use crate::federation::{CENTRE, Federation, OFFICER, Running};

/// A federation in which anything may happen.
#[derive(Debug)]
pub(super) struct World {
    pub(super) running: Running,
    pub(super) boroughs: Vec<Borough>,
    pub(super) first: Quarter,
    pub(super) seen: Seen,
    /// What became of each act, for whoever reads a failure.
    pub(super) told: Vec<String>,
    /// What was refused: the step and why, with how often.
    pub(super) refusals: BTreeMap<String, usize>,
    pub(super) open: bool,
    policies: usize,
    /// Backups of the region's database, each with what stood beside it.
    backups: Vec<(PathBuf, Vec<u8>)>,
    made: usize,
    /// The first policy; all here have the same dates.
    dates: VerifiedPolicy,
}

/// What the region keeps but its counts of refusals.
#[derive(Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) releases: Vec<Received>,
    rights: Vec<tenfold_aggregator::store::draw_rights::Given>,
}

impl World {
    /// Boroughs under a small policy of so many quarters, each with a wire of its own to the region.
    pub(super) fn new(boroughs: usize, quarters: usize) -> anyhow::Result<Self> {
        let start = match quarters {
            4 => Federation::new().adapted(|policy| payload::small(policy, 4)),
            5 => Federation::new().adapted(|policy| payload::small(policy, 5)),
            other => bail!("a horizon of {other} quarters, expected 4 or 5"),
        };
        let running = start.with_nodes(boroughs).without_opening().at("2015-04-01")?;
        let region = running.aggregator.region.ingest_url.trim_start_matches("https://").parse()?;
        let mut made = Vec::new();
        for member in &running.members {
            let folder = running.folder().join(format!("copies-{}", member.borough()));
            made.push(Borough::of(member, Relay::to(region)?, &running.clock, &folder)?);
        }
        let (first, dates) = (running.quarter(0)?, running.policy()?);
        Ok(Self {
            running,
            boroughs: made,
            first,
            seen: Seen::default(),
            told: Vec::new(),
            refusals: BTreeMap::new(),
            open: true,
            policies: 1,
            backups: Vec::new(),
            made: 0,
            dates,
        })
    }

    pub(super) fn aggregator(&self) -> &Aggregator {
        &self.running.aggregator
    }

    /// The quarter whose recording period it is.
    fn present(&self) -> Quarter {
        let mut quarter = self.first;
        while self.now() >= self.ends(quarter) {
            quarter = quarter.next();
        }
        quarter
    }

    pub(super) fn now(&self) -> Moment {
        self.running.clock.now()
    }

    fn ends(&self, quarter: Quarter) -> Moment {
        self.dates.recording_ends(quarter)
    }

    /// What the region keeps but its counts of refusals.
    pub(super) fn kept(&self) -> anyhow::Result<Kept> {
        use tenfold_aggregator::store::{draw_rights, releases};
        Ok(self.aggregator().store.read(|connection| {
            Ok::<_, tenfold_store::StoreError>(Kept {
                releases: releases::all(connection)?,
                rights: draw_rights::all(connection)?,
            })
        })?)
    }

    /// Does what an act says. What a program refuses is written down; what it must not do is an error.
    pub(super) async fn act(&mut self, act: Act) -> anyhow::Result<()> {
        if act.borough().is_some_and(|of| self.boroughs[of].away) && !matches!(act, Act::Return(_)) {
            return Ok(());
        }
        match act {
            Act::Until(quarter, point) => self.until(quarter, point)?,
            Act::Wait(hours) => self.running.clock.set(self.now().plus_seconds(i64::from(hours) * 3600)),
            Act::Load(of) => self.load(of)?,
            Act::Prepare(of) => self.prepare(of)?,
            Act::Approve(of) => self.approve(of)?,
            Act::Void(of) => self.void(of)?,
            Act::Deliver(of) => self.deliver(of, Cut::Nothing, None).await?,
            Act::Ask(of) => self.ask(of).await?,
            Act::Draw(of) => self.draw(of)?,
            Act::Race(of) => self.race(of).await?,
            Act::DropRequest(of, call) => self.deliver(of, Cut::Request(call), None).await?,
            Act::DropResponse(of, call) => self.deliver(of, Cut::Answer(call), None).await?,
            Act::DieInTheDraw(of, groups) => self.deliver(of, Cut::Nothing, Some(groups)).await?,
            Act::Replay(of) => self.replay(of).await?,
            Act::ReplayBy(of, other) => self.replay_by(of, other).await?,
            Act::Alter(of) => self.alter(of).await?,
            Act::RestartNode(of) => {
                self.boroughs[of].running().into_iter().try_for_each(|at| self.boroughs[of].restart(at))?;
            }
            Act::RestartAggregator => self.restart_aggregator().await?,
            Act::Outage if self.open => {
                self.running.break_off().await?;
                self.open = false;
            }
            Act::Mend if !self.open => {
                self.running.mend().await?;
                self.open = true;
            }
            Act::Outage | Act::Mend => {}
            Act::Revoke(of) => self.revoke(of)?,
            Act::Enrol(of) => self.enrol(of)?,
            Act::Renew(of) => {
                for at in self.boroughs[of].running() {
                    let node = self.boroughs[of].copies[at].member.node.clone();
                    let renewed = renew::renew(&node, &Way::straight()).await;
                    self.allowed(of, at, "renew", renewed)?;
                }
            }
            Act::RotateReleaseKey(of) => {
                if let Some(&at) = self.boroughs[of].running().first() {
                    let node = self.boroughs[of].copies[at].member.node.clone();
                    let rotated = rotate::rotate(&node, &Way::straight(), OFFICER).await;
                    self.allowed(of, at, "rotate", rotated)?;
                }
            }
            Act::RotateIssuingKey => drop(issuing::rotate(self.aggregator(), None, CENTRE)?),
            Act::Pause(of) => self.tell(of, NoticeKind::Paused, Some(NoticeReason::Staff)).await?,
            Act::Resume(of) => self.tell(of, NoticeKind::Resumed, None).await?,
            Act::BackUp(of) => {
                if let Some(&at) = self.boroughs[of].running().first() {
                    let backup = self.boroughs[of].back_up(at)?;
                    self.boroughs[of].backups.push(backup);
                }
            }
            Act::Restore(of) => {
                if let Some(backup) = self.boroughs[of].backups.last().cloned() {
                    self.boroughs[of].start(&backup)?;
                }
            }
            Act::Revert(of) => {
                if let Some(backup) = self.boroughs[of].backups.last().cloned() {
                    self.boroughs[of].copies.iter_mut().for_each(|copy| copy.runs = false);
                    self.boroughs[of].start(&backup)?;
                }
            }
            Act::Clone(of) => {
                if let Some(&at) = self.boroughs[of].running().first() {
                    let backup = self.boroughs[of].back_up(at)?;
                    self.boroughs[of].start(&backup)?;
                }
            }
            Act::BackUpRegion => self.back_up_region()?,
            Act::RestoreRegion(whole) => self.restore_region(whole).await?,
            Act::EndCopies(of) => self.end_copies(of)?,
            Act::Skew(of, hours) => {
                self.boroughs[of].wrong_by.store(i64::from(hours) * 3600, Ordering::SeqCst);
            }
            Act::Succeed => self.succeed()?,
            Act::Adopt(of) => self.adopt(of)?,
            Act::CarryDraw(of) => self.carry_draw(of)?,
            Act::CarryRelease(of) => self.carry_release(of)?,
            Act::CarryReceipt(of) => self.carry_receipt(of)?,
            Act::Leave(of) => self.boroughs[of].away = true,
            Act::Return(of) => self.boroughs[of].away = false,
        }
        Ok(())
    }

    fn until(&mut self, quarter: usize, point: Point) -> anyhow::Result<()> {
        let quarter = self.first.plus(i32::try_from(quarter)?);
        let at = match point {
            Point::Loaded => Moment::at_start_of(synth::load_day(quarter)),
            Point::Recorded => self.ends(quarter),
            Point::Delivered => self.dates.delivers_at(quarter),
            Point::Due => self.dates.due_at(quarter),
        };
        self.running.clock.set(at.plus_seconds(9 * 3600).max(self.now()));
        Ok(())
    }

    pub(super) fn is_of(&self, release: &Received, of: usize) -> bool {
        release.borough == *self.boroughs[of].copies[0].member.borough()
    }

    pub(super) fn note(&mut self, of: usize, at: usize, step: &str, told: impl std::fmt::Display) {
        let copy = self.boroughs[of].copies[at].number;
        let told = told.to_string();
        *self.refusals.entry(format!("{step}: {}", without_names(&told))).or_default() += 1;
        self.told.push(format!("  borough {of}, copy {copy}, {step}: {told}"));
    }

    /// What came of a step: nothing where the program refused as it may.
    pub(super) fn allowed<T>(
        &mut self,
        of: usize,
        at: usize,
        step: &str,
        result: Result<T, DutyError>,
    ) -> anyhow::Result<Option<T>> {
        match result {
            Ok(done) => Ok(Some(done)),
            Err(error) if may_refuse(&error) => {
                self.note(of, at, step, &error);
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| format!("borough {of}: {step}")),
        }
    }

    fn centre(&mut self, of: usize, at: usize, step: &str, error: CentreError) -> anyhow::Result<()> {
        match error {
            CentreError::Refused(refusal) => self.note(of, at, step, refusal),
            other => bail!("the region, asked by borough {of} to {step}: {other}"),
        }
        Ok(())
    }
}

/// Whether a step may end so in some order of acts: what was asked cannot be done now, and the program says so.
fn may_refuse(error: &DutyError) -> bool {
    match error {
        // A failure inside the region comes home in its problem's words.
        DutyError::Delivery { reason } => !reason.contains("Something failed here"),
        DutyError::NoStatement { .. }
        | DutyError::RegionBehind { .. }
        | DutyError::KeyPending { .. }
        // A certificate that does not hold at a wrong clock's time.
        | DutyError::Bundle { .. }
        | DutyError::NoRight { .. }
        | DutyError::Behind { .. }
        | DutyError::OtherPolicy { .. }
        | DutyError::Adoption(AdoptionFault::NotAdopted { .. })
        | DutyError::PeriodOpen { .. }
        | DutyError::AlreadyReleased { .. }
        | DutyError::Approval(ApprovalFault::AlreadyCharged { .. })
        | DutyError::Void { .. }
        | DutyError::OpeningVoid { .. }
        | DutyError::OutOfOrder { .. }
        | DutyError::Approval(ApprovalFault::NotPrepared { .. })
        | DutyError::NotYet { .. } => true,
        // The noise source that dies.
        DutyError::Release(tenfold_node::release::ReleaseError::Noise(_)) => true,
        _ => false,
    }
}

/// The first words of a refusal, without numbers and what stands in brackets, so that like ones can be counted.
fn without_names(told: &str) -> String {
    let words = told.split('(').next().unwrap_or_default().split_whitespace();
    let plain = words.filter(|word| !word.contains(|letter: char| letter.is_ascii_digit()));
    plain.take(12).collect::<Vec<_>>().join(" ")
}
