//! What the store knows of those whose releases are received in one transaction, read at once for all of them.

use std::collections::BTreeMap;

use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    protocol::{
        PublicKey,
        rotation::{self, KeyLink},
    },
};
use tenfold_store::AnyConnection;

use super::{super::DutyError, Peer, speaks};
use crate::{
    ingest::Refusal,
    store::{
        enrolments::{self, Enrolment},
        release_keys,
        releases::{self, Known},
    },
};

#[derive(Debug)]
pub(super) struct Books {
    enrolments: Vec<Enrolment>,
    links: BTreeMap<BoroughCode, Vec<KeyLink>>,
    lost: Vec<PublicKey>,
    newest: BTreeMap<BoroughCode, Known>,
}

impl Books {
    /// What is known of these peers, in as many queries as for one of them.
    ///
    /// # Errors
    /// Where the store fails.
    pub(super) fn about(connection: &mut AnyConnection, peers: &[&Peer]) -> Result<Self, DutyError> {
        let certificates: Vec<&str> = peers.iter().map(|peer| peer.fingerprint.as_str()).collect();
        let boroughs: Vec<&str> = peers.iter().map(|peer| peer.borough.as_str()).collect();
        let mut links: BTreeMap<BoroughCode, Vec<KeyLink>> = BTreeMap::new();
        for kept in release_keys::of_boroughs(connection, &boroughs)? {
            links.entry(kept.borough).or_default().push(kept.link);
        }
        Ok(Self {
            enrolments: enrolments::all_in_force(connection, &certificates)?,
            links,
            lost: release_keys::lost(connection)?,
            newest: releases::newest_of(connection, &boroughs)?,
        })
    }

    /// The enrolment of a peer, in force now.
    ///
    /// # Errors
    /// Where its certificate is not enrolled, was withdrawn or has expired.
    pub(super) fn enrolled(&self, peer: &Peer, now: Moment) -> Result<Enrolment, Refusal> {
        let found = self.enrolments.iter().find(|enrolment| enrolment.fingerprint == peer.fingerprint);
        speaks(found.cloned(), peer, now)
    }

    /// The key that signs a release of an enrolment's node; the newest where the text names no number.
    pub(super) fn release_key(&self, enrolment: &Enrolment, number: Option<u32>) -> PublicKey {
        let links = self.links.get(&enrolment.borough).map(Vec::as_slice).unwrap_or_default();
        let number = number.unwrap_or(u32::MAX);
        rotation::key_of_release(&enrolment.release_key, links, &self.lost, number).clone()
    }

    /// A borough's newest release.
    pub(super) fn newest(&self, borough: &BoroughCode) -> Option<&Known> {
        self.newest.get(borough)
    }
}
