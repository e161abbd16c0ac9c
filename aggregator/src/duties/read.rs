//! Reads what was received: releases in order for the region's sums.

use std::sync::Arc;

use tenfold_common::{
    privacy::Succession,
    protocol::{ReleaseBody, signature},
};

use super::{Aggregator, DutyError};
use crate::{
    combine::{Accepted, AcceptedReleases},
    dashboard::Picture,
    store,
};

/// The policies and all accepted releases, by borough and in order.
///
/// # Errors
/// Where there is no policy or a kept release cannot be read back.
pub fn accepted(aggregator: &Aggregator) -> Result<(Arc<Succession>, AcceptedReleases), DutyError> {
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
    let away = aggregator.store.read(store::notices::away)?;
    Ok(Picture::new(Arc::unwrap_or_clone(policies), releases, aggregator.now())?.joined(joined).without(away))
}
