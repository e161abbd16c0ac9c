//! Lets a borough call, a handful of calls at a time, and counts what the door itself refuses.

use tenfold_common::{geography::BoroughCode, protocol::ProblemKind};
use tenfold_store::StoreError;

use super::{
    Aggregator, DutyError,
    receive::{self, Peer},
};
use crate::{
    ingest::allowance::Rate,
    store::{self, allowances},
};

/// Takes a handful of calls for a peer, or says how many seconds it has to wait.
///
/// Boroughs have an allowance each. A certificate that is not enrolled or was withdrawn has one of its own, so that
/// whoever holds a stolen one cannot use up the borough's.
///
/// # Errors
/// Where the database cannot be used.
pub fn allow(aggregator: &Aggregator, peer: &Peer, rate: Rate) -> Result<Result<u32, u32>, DutyError> {
    let taken = take(aggregator, peer, rate);
    match taken {
        // Another replica wrote this borough's very first row at the same moment.
        Err(DutyError::Store(StoreError::AlreadyRecorded { .. })) => take(aggregator, peer, rate),
        other => other,
    }
}

fn take(aggregator: &Aggregator, peer: &Peer, rate: Rate) -> Result<Result<u32, u32>, DutyError> {
    let now = aggregator.now();
    aggregator.store.write(|connection| {
        let holder = match receive::enrolled(aggregator, connection, peer) {
            Ok(enrolment) => enrolment.borough.to_string(),
            Err(DutyError::Refused(_)) => peer.fingerprint.clone(),
            Err(error) => return Err(error),
        };
        let kept = allowances::lock(connection, &holder)?;
        let (left, taken) = kept.unwrap_or(rate.full(now)).take(rate, now);
        allowances::keep(connection, &holder, left)?;
        Ok(taken)
    })
}

/// Counts a refusal that was told before any duty began; `borough` is nothing where none is identified.
///
/// # Errors
/// Where the database refuses.
pub fn count(
    aggregator: &Aggregator,
    borough: Option<&BoroughCode>,
    kind: ProblemKind,
) -> Result<(), DutyError> {
    let now = aggregator.now();
    let borough = borough.map_or("", BoroughCode::as_str);
    aggregator
        .store
        .write(|connection| Ok(store::releases::count_rejection(connection, borough, kind.label(), now)?))
}
