//! What people in a borough do: load, prepare, approve, declare void, adopt, carry files.

use anyhow::ensure;
use tenfold_aggregator::duties::{draw, log, receive};
use tenfold_common::{calendar::Quarter, privacy::policy::ATTACHED, protocol::RefusalReason};
use tenfold_node::{
    duties::{adopt, approve, carry, decide, prepare, refuse, right, seal},
    store,
};

use super::super::payload::{self, Exact};
use crate::{
    federation::{CENTRE, OFFICER},
    recorded,
};

use super::World;

impl World {
    /// Loads and records the families of every quarter that is over and of which a running copy has none. In the first
    /// borough those who joined come in as an extract.
    pub(in crate::simulation) fn load(&mut self, of: usize) -> anyhow::Result<()> {
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

    pub(in crate::simulation) fn prepare(&mut self, of: usize) -> anyhow::Result<()> {
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

    pub(in crate::simulation) fn approve(&mut self, of: usize) -> anyhow::Result<()> {
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

    pub(super) fn void(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let Some(quarter) = self.next(of, at)? else { continue };
            let node = &self.boroughs[of].copies[at].member.node;
            let void = refuse::void(node, quarter, RefusalReason::Records, "", &self.boroughs[of].signer);
            self.allowed(of, at, "void", void)?;
        }
        Ok(())
    }

    /// The quarter a copy releases next, if a policy that it adopted rules it.
    pub(in crate::simulation) fn next(&self, of: usize, at: usize) -> anyhow::Result<Option<Quarter>> {
        let node = &self.boroughs[of].copies[at].member.node;
        let policy = node.policy()?;
        let (next, _) = node.store.read(|connection| prepare::next_quarter(connection, &policy))?;
        Ok(node.succession()?.of(next).is_ok().then_some(next))
    }

    pub(in crate::simulation) fn adopt(&mut self, of: usize) -> anyhow::Result<()> {
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
    pub(super) fn carry_draw(&mut self, of: usize) -> anyhow::Result<()> {
        let Some(&at) = self.boroughs[of].running().first() else { return Ok(()) };
        let node = self.boroughs[of].copies[at].member.node.clone();
        let asked = right::request_carried(&node);
        let Some(Some(request)) = self.allowed(of, at, "ask by file", asked)? else { return Ok(()) };
        let given = match draw::give_carried(self.aggregator(), &request, CENTRE) {
            Ok(given) => given,
            Err(error) => return self.centre(of, at, "give by file", error),
        };
        let given = log::carried(self.aggregator(), &given)?;
        let kept = carry::with_log(&node, &given).and_then(|given| seal::keep_statement(&node, &given));
        if self.allowed(of, at, "keep the right", kept)?.is_some() {
            let sealed = seal::seal_next(&node, &Exact::default());
            self.allowed(of, at, "seal by file", sealed)?;
        }
        Ok(())
    }

    pub(super) fn carry_release(&mut self, of: usize) -> anyhow::Result<()> {
        for at in self.boroughs[of].running() {
            let node = self.boroughs[of].copies[at].member.node.clone();
            let next = self.allowed(of, at, "carry", carry::next(&node))?;
            let Some(Some(sealed)) = next else { continue };
            match receive::receive_carried(self.aggregator(), &sealed.bytes, CENTRE) {
                Ok(receipt) => self.boroughs[of].receipt = Some(log::carried(self.aggregator(), &receipt)?),
                Err(error) => self.centre(of, at, "take by file", error)?,
            }
        }
        Ok(())
    }

    pub(super) fn carry_receipt(&mut self, of: usize) -> anyhow::Result<()> {
        let Some(receipt) = self.boroughs[of].receipt.clone() else { return Ok(()) };
        for at in self.boroughs[of].running() {
            let node = self.boroughs[of].copies[at].member.node.clone();
            let kept =
                carry::with_log(&node, &receipt).and_then(|receipt| carry::receipt(&node, &receipt, OFFICER));
            self.allowed(of, at, "keep a receipt", kept)?;
        }
        Ok(())
    }
}
