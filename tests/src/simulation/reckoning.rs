//! The end of a programme: everything broken is mended, everybody comes to receipts, and every number is the truth.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use anyhow::{Context, ensure};
use tenfold_aggregator::{
    combine::{self, Combined},
    duties::{read, recover},
};
use tenfold_common::{
    calendar::Quarter,
    privacy::StreamPolicy,
    protocol::{ReleaseBody, signature},
};
use tenfold_node::{
    duties::{rotate, verify, witness},
    region::Way,
};

use super::{
    acts::{Act, Point},
    payload::{self, Origin},
    relay::Cut,
    world::World,
};
use crate::{definition, federation::CENTRE};

impl World {
    /// Mends the network, the clocks and the enrolments, leaves one copy a borough, and releases every quarter of the
    /// horizon.
    ///
    /// # Errors
    /// Where a borough does not come to a receipt.
    pub(super) async fn mend(&mut self) -> anyhow::Result<()> {
        self.act(Act::Mend).await?;
        for of in 0..self.boroughs.len() {
            self.boroughs[of].away = false;
            self.boroughs[of].relay.will(Cut::Nothing);
            self.boroughs[of].wrong_by.store(0, Ordering::SeqCst);
        }
        self.give_back().await?;
        for of in 0..self.boroughs.len() {
            self.boroughs[of].copies[0].runs = true;
            self.end_copies(of)?;
            self.enrol(of)?;
            self.end_copies(of)?;
            // A rotation that was not answered is sent again.
            let node = self.boroughs[of].copies[0].member.node.clone();
            let rotated = rotate::when_pending(&node, &Way::straight()).await;
            self.allowed(of, 0, "rotate", rotated)?;
            self.look()?;
        }
        let quarters = self.aggregator().succession()?.size();
        for index in 0..quarters {
            let quarter = self.first.plus(i32::try_from(index)?);
            self.act(Act::Until(index, Point::Loaded)).await?;
            for of in 0..self.boroughs.len() {
                self.load(of)?;
            }
            self.act(Act::Until(index, Point::Recorded)).await?;
            for of in 0..self.boroughs.len() {
                self.release(of, quarter).await?;
            }
            self.act(Act::Until(index, Point::Delivered)).await?;
            for of in 0..self.boroughs.len() {
                self.deliver(of, Cut::Nothing, None).await?;
                let sealed = self.boroughs[of].copies[0].member.sealed()?;
                let own = sealed.iter().find(|release| release.quarter == quarter);
                let own = own.with_context(|| format!("borough {of} comes to no release for {quarter}"))?;
                ensure!(own.receipt.is_some(), "borough {of} comes to no receipt for {quarter}");
            }
            self.look()?;
        }
        Ok(())
    }

    /// Every copy there is shows the region what it knows; then the region goes on.
    async fn give_back(&mut self) -> anyhow::Result<()> {
        for _ in 0..2 {
            for of in 0..self.boroughs.len() {
                for at in 0..self.boroughs[of].copies.len() {
                    let node = self.boroughs[of].copies[at].member.node.clone();
                    let called = witness::call_in(&node, &node.region(&Way::straight())?).await;
                    self.allowed(of, at, "call in", called)?;
                }
            }
        }
        if let Some(progress) = recover::progress(self.aggregator())? {
            self.told.push(format!("  the region waits: {progress:?}"));
            // Every copy was asked that there is: what none of them has, nobody can give back. Whoever renewed a
            // certificate that the region has forgotten is enrolled again.
            recover::resume(self.aggregator(), recover::Word::Whole, CENTRE)
                .context("the region cannot go on")?;
        }
        Ok(())
    }

    /// A quarter of one borough that works: nothing may refuse it for good.
    async fn release(&mut self, of: usize, quarter: Quarter) -> anyhow::Result<()> {
        let borough = self.boroughs[of].copies[0].member.borough().clone();
        if self.boroughs[of].copies[0].member.sealed()?.iter().any(|release| release.quarter == quarter) {
            return Ok(());
        }
        self.adopt(of)?;
        if self.boroughs[of].copies[0].member.node.policy_of(quarter)?.hash()
            != self.aggregator().succession()?.of(quarter)?.hash()
        {
            // Approved under the policy before: said to be void, as the program tells the borough.
            self.act(Act::Void(of)).await?;
            self.adopt(of)?;
        }
        self.prepare(of)?;
        self.approve(of)?;
        self.deliver(of, Cut::Nothing, None).await?;
        let sealed = self.boroughs[of].copies[0].member.sealed()?;
        ensure!(
            sealed.iter().any(|release| release.quarter == quarter),
            "borough {of} ({borough}) does not come to seal {quarter}"
        );
        Ok(())
    }

    /// Holds every number at the region against the families that came.
    ///
    /// # Errors
    /// With the first that is not the truth.
    pub(super) fn reckon(&self) -> anyhow::Result<()> {
        let succession = self.aggregator().succession()?;
        let (quarters, kept) = (succession.size(), self.kept()?.releases);
        let mut figures: BTreeMap<(String, Quarter), usize> = BTreeMap::new();
        for of in 0..self.boroughs.len() {
            let own: Vec<_> = kept.iter().filter(|release| self.is_of(release, of)).collect();
            ensure!(own.len() == quarters, "borough {of} has {} of {quarters} quarters", own.len());
            let bodies = own
                .iter()
                .map(|release| signature::peek::<ReleaseBody>(&release.bytes))
                .collect::<Result<Vec<_>, _>>()?;
            self.each_family_once(of, quarters)?;
            for term in succession.terms() {
                let policy = term.policy.policy();
                let at = usize::try_from(policy.first_quarter.quarters_since(self.first))?;
                let bodies = &bodies[at..at + term.quarters];
                let void: Vec<usize> = (0..term.quarters).filter(|&t| bodies[t].void.is_some()).collect();
                for (index, body) in bodies.iter().enumerate().filter(|(_, body)| body.void.is_none()) {
                    ensure!(body.policy == term.policy.hash(), "{} under another policy", body.id.quarter);
                    for (stream, released) in policy.streams.iter().zip(&body.streams) {
                        let said = self.said(of, stream, policy, index, &void)?;
                        let what = format!("borough {of}, {}, {}", stream.name, body.id.quarter);
                        ensure!(
                            released.values == said,
                            "{what}: {:?} was released, {said:?} is the truth",
                            released.values
                        );
                    }
                }
            }
            for index in 0..quarters {
                let quarter = self.first.plus(i32::try_from(index)?);
                let families = payload::total(self.seen.counts(of, quarter)?.len());
                for area in [self.boroughs[of].copies[0].member.borough().as_str(), "E47000001"] {
                    *figures.entry((area.to_owned(), quarter)).or_default() += families;
                }
            }
            let member = &self.boroughs[of].copies[0].member;
            for (own, sealed) in own.iter().zip(member.sealed()?) {
                ensure!(sealed.receipt.as_ref() == Some(&own.receipt), "{} has two receipts", sealed.quarter);
            }
            let verified = verify::verify(&member.node)?;
            ensure!(verified.receipts == quarters, "borough {of} has {} receipts", verified.receipts);
        }
        self.dashboard(&figures)
    }

    /// Over the horizon every family is counted once, and none that came is missing.
    fn each_family_once(&self, of: usize, quarters: usize) -> anyhow::Result<()> {
        let mut times: BTreeMap<Origin, usize> = BTreeMap::new();
        for index in 0..quarters {
            for &origin in self.seen.counts(of, self.first.plus(i32::try_from(index)?))? {
                *times.entry(origin).or_default() += 1;
            }
        }
        // Those of the last quarter were declared void with it, if they were: nobody is left to count them.
        for &origin in self.boroughs[of].copies[0].expected.loaded.keys() {
            let times = times.get(&origin).copied().unwrap_or_default();
            ensure!(times == 1, "families that came in quarter {origin} are counted {times} times");
        }
        Ok(())
    }

    /// What a stream says in a quarter of its policy, by the definition.
    fn said(
        &self,
        of: usize,
        stream: &StreamPolicy,
        policy: &tenfold_common::privacy::Policy,
        index: usize,
        void: &[usize],
    ) -> anyhow::Result<tenfold_common::privacy::Table> {
        let truths = (0..=index)
            .map(|at| {
                let quarter = policy.first_quarter.plus(i32::try_from(at)?);
                payload::truth(stream, self.seen.counts(of, quarter)?)
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let groups = stream.shape(payload::PLACES).groups();
        let group = |(at, group): (usize, tenfold_common::privacy::shape::Group)| {
            let weights = definition::weights(policy, group.every, index, void)?;
            let cell = |cell: usize| weights.iter().zip(&truths).map(|(c, x)| c * x[at][cell]).sum();
            Some((0..group.cells).map(cell).collect())
        };
        Ok(groups.into_iter().enumerate().map(|each| group(each).unwrap_or_default()).collect())
    }

    /// What the region's pages show is the truth: without noise every estimate is exact.
    fn dashboard(&self, figures: &BTreeMap<(String, Quarter), usize>) -> anyhow::Result<()> {
        let (policies, releases) = read::accepted(self.aggregator())?;
        let listed = combine::list(&policies, &Combined::new(&policies, &releases)?)?;
        let mut compared = 0;
        for figure in listed.iter().filter(|figure| figure.breakdown == "total" && !figure.to_date) {
            let Some(&truth) = figures.get(&(figure.area.clone(), figure.quarter)) else { continue };
            // A region's figure leaves out the boroughs that are void; those with none are all there.
            if figure.void == 0 {
                ensure!(
                    (figure.estimate - truth as f64).abs() < 1e-6,
                    "{} of {} in {} is shown as {}, the truth is {truth}",
                    figure.measure,
                    figure.area,
                    figure.quarter,
                    figure.estimate
                );
                compared += 1;
            }
        }
        ensure!(compared > 0, "no figure was compared");
        Ok(())
    }
}
