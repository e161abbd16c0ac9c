//! A federation in which anything may happen, and what each act does in it.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use anyhow::{Context, bail, ensure};
use diesel::RunQueryDsl as _;
use futures_util::future::join_all;
use tenfold_aggregator::{
    duties::{Aggregator, DutyError as CentreError, draw, enrol, found, issuing, receive, recover},
    store::{enrolments, releases::Received},
};
use tenfold_common::{
    calendar::Quarter,
    clock::{Clock as _, Moment},
    privacy::{VerifiedPolicy, policy::ATTACHED},
    protocol::{
        ProblemKind, RefusalReason, ReleaseBody,
        notice::{NoticeKind, NoticeReason},
        release::RELEASE_TYPE,
        signature,
    },
};
use tenfold_node::{
    duties::{
        DutyError, adopt, approve, carry, create, decide,
        deliver::{self, Trying},
        notice, prepare, refuse, renew, right, rotate, seal,
    },
    region::{CallError, Way},
    store, synth,
};

use tenfold_store::DatabaseUrl;

use super::{
    acts::{Act, Point},
    copies::Borough,
    payload::{self, Exact},
    relay::{Cut, Relay},
    seen::Seen,
};
use crate::{
    federation::{self, CAP, CENTRE, Federation, OFFICER, Running},
    recorded,
};

/// Where the region writes beside its database how long its log was.
const SIZE: &str = "log.size";

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

    /// Loads and records the families of every quarter that is over and of which a running copy has none. In the first
    /// borough those who joined come in as an extract.
    pub(super) fn load(&mut self, of: usize) -> anyhow::Result<()> {
        let policy = self.running.policy()?;
        for origin in 0..payload::ORIGINS {
            let quarter = self.first.plus(i32::try_from(origin)?);
            if self.now().day() <= quarter.last_day() {
                break;
            }
            for at in self.boroughs[of].running() {
                let copy = &mut self.boroughs[of].copies[at];
                let (member, now) = (&copy.member, copy.member.node.now());
                if copy.expected.loaded.contains_key(&origin) || now.day() <= quarter.last_day() {
                    continue;
                }
                let by_extract = of == 0;
                if by_extract {
                    let text = payload::extract(member.borough(), origin, quarter);
                    let report = member.load_text(&format!("{quarter}.csv"), &text, quarter)?;
                    ensure!(report.rows == 3, "{} rows were taken: {:?}", report.rows, report.faults);
                    let decided = decide::decide(&member.node, &member.analyst)?;
                    ensure!(decided.attached == 3, "{} of three families joined", decided.attached);
                }
                let wanted = |stream: &str| !by_extract || stream != ATTACHED;
                recorded::record(
                    &member.node,
                    payload::families(&policy, member.borough(), origin, now, wanted),
                )?;
                copy.expected.loaded.insert(origin, now);
            }
        }
        Ok(())
    }

    pub(super) fn prepare(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let Some(quarter) = self.next(of, at)? else { continue };
            let ends = self.ends(quarter);
            let member = &self.boroughs[of].copies[at].member;
            let prepared = prepare::prepare(&member.node, quarter, &member.analyst);
            if self.allowed(of, at, "prepare", prepared)?.is_some() {
                self.boroughs[of].copies[at].expected.prepare(quarter, ends);
            }
        }
        Ok(())
    }

    pub(super) fn approve(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let Some(quarter) = self.next(of, at)? else { continue };
            let node = &self.boroughs[of].copies[at].member.node;
            let prepared =
                node.store.read(|connection| store::releases::preparation_of(connection, quarter))?;
            let Some(prepared) = prepared else { continue };
            let approved = approve::approve(node, quarter, &self.boroughs[of].signer, &prepared.salted_hash);
            self.allowed(of, at, "approve", approved)?;
        }
        Ok(())
    }

    fn void(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let Some(quarter) = self.next(of, at)? else { continue };
            let node = &self.boroughs[of].copies[at].member.node;
            let void = refuse::void(node, quarter, RefusalReason::Records, "", &self.boroughs[of].signer);
            self.allowed(of, at, "void", void)?;
        }
        Ok(())
    }

    /// The quarter a copy releases next, if a policy that it adopted rules it.
    pub(super) fn next(&self, of: usize, at: usize) -> anyhow::Result<Option<Quarter>> {
        let node = &self.boroughs[of].copies[at].member.node;
        let policy = node.policy()?;
        let (next, _) = node.store.read(|connection| prepare::next_quarter(connection, &policy))?;
        Ok(node.succession()?.of(next).is_ok().then_some(next))
    }

    /// Every running copy asks, draws, seals and sends, over a wire that may break, in a process that may die.
    pub(super) async fn deliver(&mut self, of: usize, cut: Cut, dies: Option<u32>) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            self.boroughs[of].relay.will(cut);
            let sealed = self.seal(of, at, dies).await;
            if dies.is_some() {
                self.boroughs[of].restart(at)?;
            }
            self.allowed(of, at, "seal", sealed)?;
            let member = self.boroughs[of].copies[at].member.clone();
            // What could not be sealed waits; what is sealed is sent as the program that serves sends it.
            let trying = if seal::is_approved(&member.node)? { Trying::WhenDue } else { Trying::Now };
            let sent = match member.region() {
                Ok(region) => deliver::deliver(&member.node, &region, trying).await,
                Err(error) => Err(error),
            };
            self.boroughs[of].relay.will(Cut::Nothing);
            self.allowed(of, at, "send", sent)?;
        }
        Ok(())
    }

    async fn tell(
        &mut self,
        of: usize,
        kind: NoticeKind,
        reason: Option<NoticeReason>,
    ) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let node = self.boroughs[of].copies[at].member.node.clone();
            let told = notice::tell(&node, &Way::straight(), kind, reason, OFFICER).await;
            self.allowed(of, at, "tell", told)?;
        }
        Ok(())
    }

    async fn ask(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let member = self.boroughs[of].copies[at].member.clone();
            let asked = member.ask().await;
            self.allowed(of, at, "ask", asked)?;
        }
        Ok(())
    }

    fn draw(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let sealed = seal::seal_next(&self.boroughs[of].copies[at].member.node, &Exact::default());
            self.allowed(of, at, "draw", sealed)?;
        }
        Ok(())
    }

    /// All running copies ask and draw at the same time.
    async fn race(&mut self, of: usize) -> anyhow::Result<()> {
        let running = self.boroughs[of].running();
        let sealed = join_all(running.iter().map(|&at| self.seal(of, at, None))).await;
        for (at, sealed) in running.into_iter().zip(sealed) {
            self.allowed(of, at, "race", sealed)?;
        }
        Ok(())
    }

    async fn seal(&self, of: usize, at: usize, dies: Option<u32>) -> Result<(), DutyError> {
        let member = &self.boroughs[of].copies[at].member;
        if seal::is_approved(&member.node)? {
            member.ask().await?;
            let noise = dies.map_or_else(Exact::default, Exact::dying_after);
            seal::seal_next(&member.node, &noise)?;
        }
        Ok(())
    }

    /// The same bytes get the same receipt, whoever may have them.
    async fn replay(&mut self, of: usize) -> anyhow::Result<()> {
        let before = self.kept()?;
        for release in self.own(&before, of) {
            for at in self.boroughs[of].running() {
                let region = self.boroughs[of].copies[at].member.region()?;
                match region.deliver(release.bytes.clone()).await {
                    Ok(receipt) if receipt == release.receipt => {}
                    Ok(_) => bail!("the same bytes got another receipt"),
                    Err(error) => self.note(of, at, "replay", refused(error)?),
                }
            }
        }
        self.nothing_but_refusals(&before)
    }

    /// A borough's bytes over another borough's connection are refused.
    async fn replay_by(&mut self, of: usize, other: usize) -> anyhow::Result<()> {
        let before = self.kept()?;
        let sealed = self.boroughs[of].copies[0].member.sealed()?;
        for release in sealed {
            let at = 0;
            let region = self.boroughs[other].copies[at].member.region()?;
            match region.deliver(release.bytes).await {
                Ok(_) => bail!("borough {other} delivered in the name of borough {of}"),
                Err(error) => self.note(other, at, "replay another's", refused(error)?),
            }
        }
        self.nothing_but_refusals(&before)
    }

    /// Other values for a quarter that is kept, rightly signed.
    async fn alter(&mut self, of: usize) -> anyhow::Result<()> {
        let before = self.kept()?;
        let member = self.boroughs[of].copies[0].member.clone();
        for release in self.own(&before, of) {
            let mut body: ReleaseBody = signature::peek(&release.bytes)?;
            let Some(stream) = body.streams.first_mut() else { continue };
            stream.values[0][0] += 1;
            let bytes = signature::sign(&body, RELEASE_TYPE, &*member.node.release_key()?)?;
            match member.region()?.deliver(bytes).await {
                Ok(_) => bail!("a second release of one quarter was taken"),
                Err(error) => self.note(of, 0, "alter", refused(error)?),
            }
        }
        self.nothing_but_refusals(&before)
    }

    pub(super) fn is_of(&self, release: &Received, of: usize) -> bool {
        release.borough == *self.boroughs[of].copies[0].member.borough()
    }

    /// The releases that the region keeps of a borough.
    fn own(&self, kept: &Kept, of: usize) -> Vec<Received> {
        kept.releases.iter().filter(|release| self.is_of(release, of)).cloned().collect()
    }

    fn nothing_but_refusals(&self, before: &Kept) -> anyhow::Result<()> {
        ensure!(self.kept()? == *before, "what was refused or repeated changed something");
        Ok(())
    }

    fn back_up_region(&mut self) -> anyhow::Result<()> {
        self.made += 1;
        let region = self.aggregator();
        let file = self.running.folder().join(format!("region-{}.sqlite", self.made));
        let copy = format!("VACUUM INTO '{}'", file.display());
        region.store.read(|connection| {
            diesel::sql_query(copy).execute(connection)?;
            Ok::<_, tenfold_store::StoreError>(())
        })?;
        self.backups.push((file, fs::read(region.folder.join(SIZE)).unwrap_or_default()));
        Ok(())
    }

    async fn restore_region(&mut self, whole: bool) -> anyhow::Result<()> {
        let Some((backup, size)) = self.backups.pop() else { return Ok(()) };
        if whole {
            fs::write(self.aggregator().folder.join(SIZE), size)?;
        }
        self.reopen_region(&DatabaseUrl::Sqlite(backup)).await?;
        // Where the database alone was put back the program notices. Of a whole machine nothing remembers: whoever puts
        // it back says so before anything else.
        if whole {
            recover::restored(self.aggregator(), CENTRE)?;
        }
        self.seen.goes_back(&self.kept()?.releases);
        Ok(())
    }

    async fn restart_aggregator(&mut self) -> anyhow::Result<()> {
        let database = self.aggregator().store.url().clone();
        self.reopen_region(&database).await
    }

    async fn reopen_region(&mut self, database: &DatabaseUrl) -> anyhow::Result<()> {
        let mut aggregator = Aggregator::open(&self.aggregator().folder, database)?;
        aggregator.clock = Arc::new(self.running.clock.clone());
        if self.open {
            self.running.break_off().await?;
        }
        self.running.aggregator = aggregator;
        self.running.mend().await?;
        self.open = true;
        Ok(())
    }

    fn revoke(&mut self, of: usize) -> anyhow::Result<()> {
        let all = self.aggregator().store.read(enrolments::all)?;
        for enrolment in all {
            let own = enrolment.borough == *self.boroughs[of].copies[0].member.borough();
            if own {
                let known = self
                    .aggregator()
                    .store
                    .read(|connection| enrolments::in_force(connection, &enrolment.fingerprint))?;
                if known.is_some()
                    && let Err(error) = enrol::deny(self.aggregator(), &enrolment.fingerprint, CENTRE)
                {
                    self.centre(of, 0, "deny", error)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn enrol(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let member = self.boroughs[of].copies[at].member.clone();
            let request = create::enrolment_request(&member.node)?;
            let bundle = match enrol::enrol(self.aggregator(), &request, CENTRE) {
                Ok(bundle) => bundle,
                Err(error) => return self.centre(of, at, "enrol", error),
            };
            self.running.welcome(&member, &bundle)?;
            self.boroughs[of].through_the_relay(&self.boroughs[of].copies[at])?;
        }
        Ok(())
    }

    /// A person's word that only the copy that has come farthest will go on; the others are destroyed.
    pub(super) fn end_copies(&mut self, of: usize) -> anyhow::Result<()> {
        // While the region asks its boroughs what they know, nobody destroys what may know it.
        if recover::progress(self.aggregator())?.is_some() {
            return Ok(());
        }
        let farthest = self.farthest(of)?;
        let mut kept = self.boroughs[of].copies.swap_remove(farthest);
        kept.runs = true;
        self.boroughs[of].copies = vec![kept];
        self.seen.forget_lost(of, self.boroughs[of].copies[0].number);
        let borough = self.boroughs[of].copies[0].member.borough().clone();
        match draw::renew(self.aggregator(), &borough, CENTRE) {
            Ok(()) => Ok(()),
            Err(error) => self.centre(of, 0, "renew", error),
        }
    }

    /// The copy that knows everything the region keeps, and has sealed most.
    fn farthest(&self, of: usize) -> anyhow::Result<usize> {
        let kept = self.kept()?.releases;
        let mut best: Option<(usize, usize)> = None;
        for (at, copy) in self.boroughs[of].copies.iter().enumerate() {
            let sealed = copy.member.sealed()?;
            let knows = |release: &Received| sealed.iter().any(|own| own.bytes == release.bytes);
            let all = kept.iter().filter(|release| self.is_of(release, of)).all(knows);
            if all && best.is_none_or(|(_, most)| sealed.len() > most) {
                best = Some((at, sealed.len()));
            }
        }
        Ok(best.context("no copy of the node knows everything that the region keeps")?.0)
    }

    fn succeed(&mut self) -> anyhow::Result<()> {
        let (before, first) = (self.running.policy()?, self.present().next());
        let name = format!("Policy {}", self.policies + 1);
        let policy = payload::small(federation::plan(&name, first, CAP), 4);
        let mut policy = policy;
        (policy.opening, policy.succeeds) = (before.policy().opening, Some(before.hash().to_owned()));
        match found::sign_policy(self.aggregator(), &policy, CENTRE) {
            Ok(_) => self.policies += 1,
            Err(CentreError::Policy(error)) => self.told.push(format!("  not signed: {error}")),
            Err(CentreError::Refused(refusal)) => self.told.push(format!("  not signed: {refusal}")),
            Err(CentreError::NotSigned { reason, .. }) => self.told.push(format!("  not signed: {reason}")),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    pub(super) fn adopt(&mut self, of: usize) -> anyhow::Result<()> {
        // A borough that slept through one policy adopts them one after another.
        let terms = self.aggregator().succession()?;
        for term in terms.terms() {
            for at in self.boroughs[of].running() {
                let node = &self.boroughs[of].copies[at].member.node;
                let adopted = adopt::adopt_policy(node, term.policy.signed(), OFFICER);
                self.allowed(of, at, "adopt", adopted)?;
            }
        }
        Ok(())
    }

    /// Only one copy is given the answer: two that share a carried answer are a limit that PRIVACY.md names.
    fn carry_draw(&mut self, of: usize) -> anyhow::Result<()> {
        let Some(&at) = self.boroughs[of].running().first() else { return Ok(()) };
        let node = self.boroughs[of].copies[at].member.node.clone();
        let asked = right::request_carried(&node);
        let Some(Some(request)) = self.allowed(of, at, "ask by file", asked)? else { return Ok(()) };
        let given = match draw::give_carried(self.aggregator(), &request, CENTRE) {
            Ok(given) => given,
            Err(error) => return self.centre(of, at, "give by file", error),
        };
        let kept = seal::keep_statement(&node, &given);
        if self.allowed(of, at, "keep the right", kept)?.is_some() {
            let sealed = seal::seal_next(&node, &Exact::default());
            self.allowed(of, at, "seal by file", sealed)?;
        }
        Ok(())
    }

    fn carry_release(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let node = self.boroughs[of].copies[at].member.node.clone();
            let next = self.allowed(of, at, "carry", carry::next(&node))?;
            let Some(Some(sealed)) = next else { continue };
            match receive::receive_carried(self.aggregator(), &sealed.bytes, CENTRE) {
                Ok(receipt) => self.boroughs[of].receipt = Some(receipt),
                Err(error) => self.centre(of, at, "take by file", error)?,
            }
        }
        Ok(())
    }

    fn carry_receipt(&mut self, of: usize) -> anyhow::Result<()> {
        let Some(receipt) = self.boroughs[of].receipt.clone() else { return Ok(()) };
        for at in self.boroughs[of].running() {
            let node = self.boroughs[of].copies[at].member.node.clone();
            let kept = carry::receipt(&node, &receipt, OFFICER);
            self.allowed(of, at, "keep a receipt", kept)?;
        }
        Ok(())
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

/// What a call was refused with; a failure inside the region is none.
fn refused(error: CallError) -> anyhow::Result<String> {
    match &error {
        CallError::Problem(problem)
            if ProblemKind::from_uri(&problem.kind) == Some(ProblemKind::Internal) =>
        {
            bail!("the region failed: {error}")
        }
        _ => Ok(error.to_string()),
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
        | DutyError::NotAdopted { .. }
        | DutyError::PeriodOpen { .. }
        | DutyError::AlreadyReleased { .. }
        | DutyError::AlreadyCharged { .. }
        | DutyError::Void { .. }
        | DutyError::OpeningVoid { .. }
        | DutyError::OutOfOrder { .. }
        | DutyError::NotPrepared { .. }
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
