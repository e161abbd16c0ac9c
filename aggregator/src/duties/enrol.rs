//! Enrols a borough's node: its request in, its bundle out; and withdraws a node certificate.

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography,
    log::Event,
    privacy::Succession,
    protocol::{
        Bundle, EnrolmentRequest,
        enrolment::{BUNDLE_FORMAT, REQUEST_FORMAT},
    },
};
use tenfold_store::acts;
use tenfold_web::tls;

use super::{Aggregator, DutyError, log};
use crate::{
    enrolment,
    store::{self, enrolments::Enrolment},
};

/// Issues a node certificate for a request and makes the bundle the borough is given. A borough that is new here
/// releases from the first quarter that is not due yet.
///
/// # Errors
/// As [`enrol_from`].
pub fn enrol(aggregator: &Aggregator, request: &str, by: &str) -> Result<Bundle, DutyError> {
    enrol_from(aggregator, request, None, by)
}

/// The same with the quarter of the borough's first release, where people agreed on another.
///
/// # Errors
/// Where the request is not signed by the key it names, is for no borough of the region, or the quarter is ruled by
/// no policy or is not the one the borough was enrolled with before.
pub fn enrol_from(
    aggregator: &Aggregator,
    request: &str,
    from: Option<Quarter>,
    by: &str,
) -> Result<Bundle, DutyError> {
    let refuse = |reason: String| DutyError::Request { reason };
    let request = EnrolmentRequest::open(request.trim()).map_err(|error| refuse(error.to_string()))?;
    if request.format != REQUEST_FORMAT {
        return Err(refuse(format!("its format is {:?}, expected {REQUEST_FORMAT:?}", request.format)));
    }
    let borough = geography::borough(&request.borough)
        .ok_or_else(|| refuse(format!("{} is no borough of this region", request.borough)))?;
    let policies = aggregator.succession()?;
    let now = aggregator.now();
    let known = aggregator.store.read(store::enrolments::joined)?.get(&borough.code).copied();
    if let (Some(known), Some(from)) = (known, from)
        && known != from
    {
        return Err(refuse(format!("{} releases from {known}, which is never moved", borough.name)));
    }
    let first_quarter = match known.or(from) {
        Some(quarter) => quarter,
        None => not_due(&policies, now).ok_or_else(|| {
            refuse("every quarter of the horizon is due already: extend it first".to_owned())
        })?,
    };
    let policy = policies.of(first_quarter)?;
    policy.places(&borough.code)?;
    let days = aggregator.region.leaf_days;
    let issuing = aggregator.issued("issuing")?;
    let certificate = enrolment::node(&request.csr_pem, &borough.code, &issuing, now, days)?;
    let enrolment = Enrolment {
        fingerprint: tls::fingerprint_of_pem(&certificate)?,
        borough: borough.code.clone(),
        release_key: request.release_key,
        enrolled_at: now,
        enrolled_by: by.to_owned(),
        not_after: tls::life_of_pem(&certificate)?.ends,
        first_quarter,
    };
    aggregator.append(|connection| {
        store::enrolments::add(connection, &enrolment)?;
        log::once(connection, now, enrolment.event())?;
        Ok(acts::record(connection, now, by, "enrolled", borough.code.as_str())?)
    })?;
    Ok(Bundle {
        format: BUNDLE_FORMAT.to_owned(),
        borough: borough.code.clone(),
        certificate_chain_pem: format!("{certificate}{}", issuing.certificate_pem),
        root_pem: aggregator.root_pem()?,
        ingest_url: aggregator.region.ingest_url.clone(),
        policy_key: aggregator.policy_key.public(),
        receipt_key: aggregator.receipt_key.public(),
        policy: policy.signed().to_owned(),
        first_quarter,
    })
}

/// The first quarter of which no release is late yet.
fn not_due(policies: &Succession, now: Moment) -> Option<Quarter> {
    let quarters = (0..policies.size()).map(|index| policies.first_quarter().plus(index as i32));
    quarters.into_iter().find(|&quarter| now < policies.due_at(quarter))
}

/// Withdraws a node certificate for ever.
///
/// # Errors
/// Where the store fails.
pub fn deny(aggregator: &Aggregator, fingerprint: &str, by: &str) -> Result<(), DutyError> {
    let now = aggregator.now();
    aggregator.append(|connection| {
        store::enrolments::deny(connection, fingerprint, by, now)?;
        log::once(connection, now, Event::Denial { fingerprint: fingerprint.to_owned() })?;
        Ok(acts::record(connection, now, by, "denied", fingerprint)?)
    })
}
