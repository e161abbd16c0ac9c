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
        signature,
    },
};
use tenfold_store::{AnyConnection, acts};
use tenfold_web::tls;

use super::{Aggregator, DutyError, log, release_keys};
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
    let text = request.trim();
    let request = opened(text)?;
    // Read before the transaction: one that asked for a second connection could exhaust the pool and stand still.
    let policies = aggregator.succession()?;
    aggregator.append(|connection| issue(aggregator, connection, &policies, text, &request, from, by))
}

/// Opens a request, which must be signed by the key it names and be for a borough of the region.
///
/// # Errors
/// Where it is not.
pub(super) fn opened(text: &str) -> Result<EnrolmentRequest, DutyError> {
    let refuse = |reason: String| DutyError::Request { reason };
    let request = EnrolmentRequest::open(text).map_err(|error| refuse(error.to_string()))?;
    if request.format != REQUEST_FORMAT {
        return Err(refuse(format!("its format is {:?}, expected {REQUEST_FORMAT:?}", request.format)));
    }
    if geography::borough(&request.borough).is_none() {
        return Err(refuse(format!("{} is no borough of this region", request.borough)));
    }
    Ok(request)
}

/// Issues a certificate for an opened request and makes the bundle; the same request is answered with it again.
///
/// # Errors
/// As [`enrol_from`].
pub(super) fn issue(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    policies: &Succession,
    text: &str,
    request: &EnrolmentRequest,
    from: Option<Quarter>,
    by: &str,
) -> Result<Bundle, DutyError> {
    let refuse = |reason: String| DutyError::Request { reason };
    let (now, borough) = (aggregator.now(), &request.borough);
    let name =
        geography::borough(borough).map_or_else(|| borough.to_string(), |borough| borough.name.clone());
    let known = store::enrolments::joined(connection)?.get(borough).copied();
    if let (Some(known), Some(from)) = (known, from)
        && known != from
    {
        return Err(refuse(format!("{name} releases from {known}, which is never moved")));
    }
    let first_quarter = match known.or(from) {
        Some(quarter) => quarter,
        None => not_due(policies, now).ok_or_else(|| {
            refuse("every quarter of the horizon is due already: extend it first".to_owned())
        })?,
    };
    if store::release_keys::lost(connection)?.contains(&request.release_key) {
        let key = request.release_key.id();
        return Err(refuse(format!(
            "{name} said that its release key {key} is lost, and it signs nothing: the copy of the node that has the key \
             before it goes on, or a new node in a fresh folder"
        )));
    }
    let policy = policies.of(first_quarter)?;
    policy.places(borough)?;
    let issuing = aggregator.issued("issuing")?;
    let certificate = enrolment::node(&request.csr_pem, borough, &issuing, now, aggregator.region.leaf_days)?;
    let fingerprint = tls::fingerprint_of_pem(&certificate)?;
    let enrolment = Enrolment {
        fingerprint: fingerprint.clone(),
        borough: borough.clone(),
        release_key: request.release_key.clone(),
        enrolled_at: now,
        enrolled_by: by.to_owned(),
        not_after: tls::life_of_pem(&certificate)?.ends,
        first_quarter,
    };
    store::enrolments::add(connection, &enrolment)?;
    log::once(connection, now, enrolment.event())?;
    acts::record(connection, now, by, "enrolled", borough.as_str())?;
    let bundle = Bundle {
        format: BUNDLE_FORMAT.to_owned(),
        borough: borough.clone(),
        certificate_chain_pem: format!("{certificate}{}", issuing.certificate_pem),
        root_pem: aggregator.root_pem()?,
        ingest_url: aggregator.region.ingest_url.clone(),
        pages_url: aggregator.public_url.clone(),
        policy_key: aggregator.policy_key.public(),
        receipt_key: aggregator.receipt_key.public(),
        policy: policy.signed().to_owned(),
        first_quarter,
    };
    let sha256 = signature::sha256_hex(text.as_bytes());
    if store::renewals::answer_to(connection, &sha256)?.is_none() {
        let answer =
            serde_json::to_string(&bundle).map_err(|_| refuse("its bundle cannot be written".to_owned()))?;
        store::renewals::keep(connection, &sha256, &fingerprint, &answer, now)?;
    }
    Ok(bundle)
}

/// The first quarter of which no release is late yet.
fn not_due(policies: &Succession, now: Moment) -> Option<Quarter> {
    let quarters = (0..policies.size()).map(|index| policies.first_quarter().plus(index as i32));
    quarters.into_iter().find(|&quarter| now < policies.due_at(quarter))
}

/// Withdraws a node certificate for ever, with every other that was issued to the same node: a renewed certificate and
/// the one before it are both in force. How many were withdrawn.
///
/// # Errors
/// Where the store fails.
pub fn deny(aggregator: &Aggregator, fingerprint: &str, by: &str) -> Result<usize, DutyError> {
    let now = aggregator.now();
    aggregator.append(|connection| {
        let all = store::enrolments::all(connection)?;
        let keys = match all.iter().find(|enrolment| enrolment.fingerprint == fingerprint) {
            Some(named) => release_keys::ever(connection, named)?,
            None => Vec::new(),
        };
        let others = all.iter().filter(|enrolment| keys.contains(&enrolment.release_key));
        let others =
            others.map(|enrolment| enrolment.fingerprint.as_str()).filter(|other| *other != fingerprint);
        let mut withdrawn = 0;
        for fingerprint in std::iter::once(fingerprint).chain(others) {
            if store::enrolments::denied_at(connection, fingerprint)?.is_none() {
                store::enrolments::deny(connection, fingerprint, by, now)?;
                log::once(connection, now, Event::Denial { fingerprint: fingerprint.to_owned() })?;
                acts::record(connection, now, by, "denied", fingerprint)?;
                withdrawn += 1;
            }
        }
        Ok(withdrawn)
    })
}
