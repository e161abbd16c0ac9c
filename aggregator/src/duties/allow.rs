//! Lets a borough call, a handful of calls at a time, and counts what the door itself refuses.

use tenfold_common::{
    geography::BoroughCode,
    protocol::{
        ProblemKind,
        rejections::{REJECTIONS_FORMAT, Rejection, Rejections},
    },
};
use tenfold_store::StoreError;

use super::{
    Aggregator, DutyError,
    receive::{self, Peer},
};
use crate::{
    ingest::{
        allowance::Rate,
        expected::{Boroughs, Gaps},
    },
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

/// What was refused of a peer's own borough.
///
/// # Errors
/// `Refused` where its certificate is not enrolled.
pub fn rejections(aggregator: &Aggregator, peer: &Peer) -> Result<Rejections, DutyError> {
    aggregator.store.read(|connection| {
        receive::enrolled(aggregator, connection, peer)?;
        let counted = store::releases::rejections(connection)?.into_iter();
        let rejections = counted
            .filter(|(borough, ..)| borough == peer.borough.as_str())
            .map(|(_, kind, count, last_at)| Rejection { kind, count: count.unsigned_abs(), last_at })
            .collect();
        let (format, borough) = (REJECTIONS_FORMAT.to_owned(), peer.borough.clone());
        Ok(Rejections { format, borough, rejections, told_at: aggregator.now() })
    })
}

/// Where the boroughs that the policy expects, those enrolled and those seen differ.
///
/// # Errors
/// Where the database cannot be read.
pub fn gaps(aggregator: &Aggregator) -> Result<Gaps, DutyError> {
    let expected: Boroughs = match aggregator.policy() {
        Err(DutyError::NoPolicy) => Boroughs::new(),
        policy => policy?.policy().boroughs.iter().map(|places| places.borough.to_string()).collect(),
    };
    aggregator.store.read(|connection| {
        let enrolled = store::enrolments::all(connection)?;
        let enrolled = enrolled.into_iter().map(|enrolment| enrolment.borough.to_string()).collect();
        let mut seen = allowances::holders(connection)?;
        seen.extend(store::releases::all(connection)?.into_iter().map(|kept| kept.borough.to_string()));
        Ok(Gaps::between(&expected, &enrolled, &seen))
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
