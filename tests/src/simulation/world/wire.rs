//! What goes over the wire: asking, drawing, delivering, and what somebody sends who should not.

use anyhow::{bail, ensure};
use futures_util::future::join_all;
use tenfold_aggregator::{duties::draw, store::releases::Received};
use tenfold_common::protocol::{
    ProblemKind, ReleaseBody,
    notice::{NoticeKind, NoticeReason},
    release::RELEASE_TYPE,
    signature,
};
use tenfold_node::{
    duties::{
        DutyError,
        deliver::{self, Trying},
        notice, seal,
    },
    region::{CallError, Way},
};

use super::super::{payload::Exact, relay::Cut};
use crate::federation::{CENTRE, OFFICER, copy_refused};

use super::{Kept, World};

impl World {
    /// Every running copy asks, draws, seals and sends, over a wire that may break, in a process that may die.
    pub(in crate::simulation) async fn deliver(
        &mut self,
        of: usize,
        cut: Cut,
        dies: Option<u32>,
    ) -> anyhow::Result<()> {
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

    pub(super) async fn tell(
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

    pub(super) async fn ask(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let asked = self.ask_for_the_right(of, at).await;
            self.allowed(of, at, "ask", asked)?;
        }
        Ok(())
    }

    /// Where another copy was given the right, and all others were ended, the borough says so by telephone, the region
    /// renews it, and the node asks again.
    async fn ask_for_the_right(&self, of: usize, at: usize) -> Result<(), DutyError> {
        let member = &self.boroughs[of].copies[at].member;
        let asked = member.ask().await;
        let alone = self.boroughs[of].copies.len() == 1;
        let told = match &asked {
            Err(DutyError::Delivery { reason }) => copy_refused(reason),
            _ => None,
        };
        match told {
            Some(copy) if alone && draw::renew(self.aggregator(), member.borough(), copy, CENTRE).is_ok() => {
                member.ask().await
            }
            _ => asked,
        }
    }

    pub(super) fn draw(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let sealed = seal::seal_next(&self.boroughs[of].copies[at].member.node, &Exact::default());
            self.allowed(of, at, "draw", sealed)?;
        }
        Ok(())
    }

    /// All running copies ask and draw at the same time.
    pub(super) async fn race(&mut self, of: usize) -> anyhow::Result<()> {
        let running = self.boroughs[of].running();
        let sealed = join_all(running.iter().map(|&at| self.seal(of, at, None))).await;
        for (at, sealed) in running.into_iter().zip(sealed) {
            self.allowed(of, at, "race", sealed)?;
        }
        Ok(())
    }

    pub(super) async fn seal(&self, of: usize, at: usize, dies: Option<u32>) -> Result<(), DutyError> {
        let member = &self.boroughs[of].copies[at].member;
        if seal::is_approved(&member.node)? {
            self.ask_for_the_right(of, at).await?;
            let noise = dies.map_or_else(Exact::default, Exact::dying_after);
            seal::seal_next(&member.node, &noise)?;
        }
        Ok(())
    }

    /// The same bytes get the same receipt, whoever may have them.
    pub(super) async fn replay(&mut self, of: usize) -> anyhow::Result<()> {
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
    pub(super) async fn replay_by(&mut self, of: usize, other: usize) -> anyhow::Result<()> {
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
    pub(super) async fn alter(&mut self, of: usize) -> anyhow::Result<()> {
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

    /// The releases that the region keeps of a borough.
    pub(super) fn own(&self, kept: &Kept, of: usize) -> Vec<Received> {
        kept.releases.iter().filter(|release| self.is_of(release, of)).cloned().collect()
    }

    pub(super) fn nothing_but_refusals(&self, before: &Kept) -> anyhow::Result<()> {
        ensure!(self.kept()? == *before, "what was refused or repeated changed something");
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
