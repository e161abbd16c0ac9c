//! What happens at the region: backups and their return, restarts, certificates, copies, policies.

use std::{fs, sync::Arc};

use anyhow::Context;
use diesel::RunQueryDsl as _;
use tenfold_aggregator::{
    duties::{Aggregator, DutyError as CentreError, enrol, found, recover, release_keys},
    store::{enrolments, releases::Received},
};
use tenfold_common::protocol::PublicKey;
use tenfold_node::{duties::create, store::release_keys as own_keys};

use tenfold_store::DatabaseUrl;

use super::super::payload::{self};
use crate::federation::{self, CAP, CENTRE};

use super::World;

/// Where the region writes beside its database how long its log was.
const SIZE: &str = "log.size";

impl World {
    pub(super) fn back_up_region(&mut self) -> anyhow::Result<()> {
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

    pub(super) async fn restore_region(&mut self, whole: bool) -> anyhow::Result<()> {
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

    pub(super) async fn restart_aggregator(&mut self) -> anyhow::Result<()> {
        let database = self.aggregator().store.url().clone();
        self.reopen_region(&database).await
    }

    pub(super) async fn reopen_region(&mut self, database: &DatabaseUrl) -> anyhow::Result<()> {
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

    pub(super) fn revoke(&mut self, of: usize) -> anyhow::Result<()> {
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

    pub(in crate::simulation) fn enrol(&mut self, of: usize) -> anyhow::Result<()> {
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
    pub(in crate::simulation) fn end_copies(&mut self, of: usize) -> anyhow::Result<()> {
        // While the region asks its boroughs what they know, nobody destroys what may know it.
        if recover::progress(self.aggregator())?.is_some() {
            return Ok(());
        }
        let farthest = self.farthest(of)?;
        let mut kept = self.boroughs[of].copies.swap_remove(farthest);
        kept.runs = true;
        self.boroughs[of].copies = vec![kept];
        self.seen.forget_lost(of, self.boroughs[of].copies[0].number);
        self.lose_later_keys(of)
    }

    /// Where another copy rotated the release key and is destroyed, its key is lost: said by telephone with the rest.
    fn lose_later_keys(&mut self, of: usize) -> anyhow::Result<()> {
        let node = self.boroughs[of].copies[0].member.node.clone();
        let Ok(known) = release_keys::of_borough(self.aggregator(), &node.borough) else { return Ok(()) };
        let own = node.release_key()?.public();
        let waiting = node.store.read(own_keys::pending)?;
        let has =
            |key: &PublicKey| own == *key || waiting.as_ref().is_some_and(|kept| kept.link.new_key == *key);
        if known.last().is_some_and(has) {
            return Ok(());
        }
        match release_keys::lose_after(self.aggregator(), &node.borough, &own.id(), CENTRE) {
            Ok(_) => Ok(()),
            Err(error) => self.centre(of, 0, "lose a key", error),
        }
    }

    /// The copy that knows everything the region keeps, and has sealed most.
    pub(super) fn farthest(&self, of: usize) -> anyhow::Result<usize> {
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

    pub(super) fn succeed(&mut self) -> anyhow::Result<()> {
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
}
