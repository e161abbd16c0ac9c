//! Reads what was received: releases in order for the region's sums, and everything that can be proved.

use std::collections::BTreeMap;

use serde::Serialize;
use tenfold_common::{
    privacy::Succession,
    protocol::{ReleaseBody, receipt, release::RELEASE_TYPE, signature},
};
use tenfold_store::acts;

use super::{Aggregator, DutyError, question};
use crate::{
    combine::{Accepted, AcceptedReleases},
    dashboard::Picture,
    ingest,
    store::{self, releases::Received},
};

/// The policies and all accepted releases, by borough and in order.
///
/// # Errors
/// Where there is no policy or a kept release cannot be read back.
pub fn accepted(aggregator: &Aggregator) -> Result<(Succession, AcceptedReleases), DutyError> {
    let policies = aggregator.succession()?;
    let kept = aggregator.store.read(store::releases::all)?;
    let mut releases: AcceptedReleases =
        policies.boroughs().into_iter().map(|borough| (borough, Vec::new())).collect();
    for release in kept {
        // Signature and shape were checked when it was received; `verify` checks them again offline.
        let body: ReleaseBody = signature::peek(&release.bytes)?;
        let accepted = Accepted {
            quarter: release.quarter,
            number: release.number,
            received_at: release.received_at,
            void: body.void,
            streams: body.streams,
            questions: body.questions,
        };
        releases.entry(release.borough).or_default().push(accepted);
    }
    for of_borough in releases.values_mut() {
        of_borough.sort_by_key(|release| release.number);
    }
    Ok((policies, releases))
}

/// Everything the pages and files are made of.
///
/// # Errors
/// As [`accepted`], or where releases do not fit the policy.
pub fn picture(aggregator: &Aggregator) -> Result<Picture, DutyError> {
    let (policies, releases) = accepted(aggregator)?;
    let joined = aggregator.store.read(store::enrolments::joined)?;
    Ok(Picture::new(policies, releases, aggregator.now())?.joined(joined))
}

/// Holds every kept answer against the question it answers, as it was signed.
fn answers(aggregator: &Aggregator, kept: &[Received]) -> Result<(), DutyError> {
    let questions = question::all(aggregator)?;
    if kept.is_empty() {
        return Ok(());
    }
    let policies = aggregator.succession()?;
    for release in kept {
        let body: ReleaseBody = signature::peek(&release.bytes)?;
        ingest::answers_fit(&body, &policies, &questions).map_err(|refusal| DutyError::Unsound {
            what: format!("release {} of {}", release.number, release.borough),
            reason: refusal.detail,
        })?;
    }
    Ok(())
}

/// What was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Releases whose signature, place and receipt verify.
    pub releases: usize,
    /// Acts in the chain.
    pub acts: usize,
}

/// Verifies every kept release and receipt with nothing but what is kept here, and names the first fault.
///
/// # Errors
/// The first fault.
pub fn verify(aggregator: &Aggregator) -> Result<Verified, DutyError> {
    let (kept, enrolments, acts) = aggregator.store.read(|connection| -> Result<_, DutyError> {
        Ok((store::releases::all(connection)?, store::enrolments::all(connection)?, acts::all(connection)?))
    })?;
    let receipt_key = aggregator.receipt_key.public();
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for (expected, release) in (0..).zip(&kept) {
        let fault = |reason: &str| DutyError::Unsound {
            what: format!("release {} of {}", release.number, release.borough),
            reason: reason.to_owned(),
        };
        let keys = enrolments.iter().filter(|enrolment| enrolment.borough == release.borough);
        let body = keys
            .map(|enrolment| {
                signature::open::<ReleaseBody>(&release.bytes, RELEASE_TYPE, &enrolment.release_key)
            })
            .find_map(Result::ok)
            .ok_or_else(|| fault("it is not signed by a key its borough enrolled"))?;
        let receipt = receipt::verify(&release.receipt, &release.bytes, &receipt_key)?;
        if release.log_index != expected || receipt.log_index != expected {
            return Err(fault("its position in the log is not where it stands"));
        }
        let number = numbers.entry(release.borough.to_string()).or_default();
        *number += 1;
        if body.id != receipt.id || body.id.number != *number || body.id.quarter != release.quarter {
            return Err(fault("its number or quarter is not the next of its borough"));
        }
    }
    answers(aggregator, &kept)?;
    if let Some(seq) = acts::first_fault(&acts) {
        return Err(DutyError::Unsound {
            what: format!("act {seq}"),
            reason: "it does not carry the hash of what stands in it and before it".to_owned(),
        });
    }
    Ok(Verified { releases: kept.len(), acts: acts.len() })
}
