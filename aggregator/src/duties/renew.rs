//! Renews a node certificate over the identity that is there: the same borough, the same release key, a new TLS key.

use tenfold_common::protocol::{
    ProblemKind, RenewalRequest, RenewedCertificate,
    renewal::{CERTIFICATE_FORMAT, CERTIFICATE_TYPE, RENEWAL_FORMAT, RENEWAL_TYPE},
    signature,
};
use tenfold_store::{AnyConnection, acts};
use tenfold_web::tls;

use super::{
    Aggregator, DutyError, log,
    receive::{self, Peer},
    release_keys,
};
use crate::{
    enrolment,
    ingest::Refusal,
    store::{self, enrolments::Enrolment},
};

/// Who stands as the enroller of a certificate that its node renewed.
const ITSELF: &str = "the node itself";

/// Answers a node's signed request with a signed certificate. The same request again gets the same one.
///
/// # Errors
/// `Refused` with the kind the borough is told.
pub fn renew(aggregator: &Aggregator, peer: &Peer, text: &str) -> Result<String, DutyError> {
    // Under the log's lock: two requests of a node are answered one after the other.
    let renewed = aggregator.append(|connection| {
        let enrolment = receive::enrolled(aggregator, connection, peer)?;
        let request = open(connection, text.trim(), &enrolment)?;
        if request.certificate != peer.fingerprint {
            let detail = "the request takes over from another certificate than the one it came with";
            return Err(Refusal::new(ProblemKind::Malformed, detail).into());
        }
        answer(aggregator, connection, &enrolment, &request, text.trim())
    });
    counted(aggregator, peer.borough.as_str(), "renewal", renewed)
}

/// Opens a request with the release key of the enrolment it is made over.
///
/// # Errors
/// `Refused` where it is not signed by that key or is for another borough.
pub(super) fn open(
    connection: &mut AnyConnection,
    text: &str,
    enrolment: &Enrolment,
) -> Result<RenewalRequest, DutyError> {
    let request: RenewalRequest = release_keys::open(connection, enrolment, text, RENEWAL_TYPE)?;
    if request.format != RENEWAL_FORMAT {
        let detail = format!("expected the format {RENEWAL_FORMAT}");
        return Err(Refusal::new(ProblemKind::Malformed, detail).into());
    }
    if request.borough != enrolment.borough {
        let detail = format!("{} asks for {}", enrolment.borough, request.borough);
        return Err(Refusal::new(ProblemKind::WrongBorough, detail).into());
    }
    Ok(request)
}

/// Issues a certificate for a request that was opened, or finds the one that was issued.
///
/// # Errors
/// `Refused` where the request was answered long ago or holds no certificate request.
pub(super) fn answer(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    enrolment: &Enrolment,
    request: &RenewalRequest,
    text: &str,
) -> Result<String, DutyError> {
    let refuse = |detail: String| DutyError::from(Refusal::new(ProblemKind::Malformed, detail));
    let now = aggregator.now();
    let request_sha256 = signature::sha256_hex(text.as_bytes());
    if let Some((fingerprint, answer)) = store::renewals::answer_to(connection, &request_sha256)? {
        let standing = store::enrolments::in_force(connection, &fingerprint)?;
        return match standing.filter(|standing| standing.not_after > now) {
            Some(_) => Ok(answer),
            None => Err(refuse(
                "this request was answered with a certificate that is no longer in force".to_owned(),
            )),
        };
    }
    let issuing = aggregator.issued("issuing")?;
    let (borough, days) = (&enrolment.borough, aggregator.region.leaf_days);
    let certificate =
        enrolment::node(&request.csr_pem, borough, &issuing, now, days).map_err(|error| match error {
            enrolment::EnrolmentError::Certificate(error) => refuse(error.to_string()),
            other => other.into(),
        })?;
    let fingerprint = tls::fingerprint_of_pem(&certificate)?;
    let not_after = tls::life_of_pem(&certificate)?.ends;
    let renewed = RenewedCertificate {
        format: CERTIFICATE_FORMAT.to_owned(),
        borough: borough.clone(),
        request_sha256: request_sha256.clone(),
        certificate_chain_pem: format!("{certificate}{}", issuing.certificate_pem),
        pages_url: aggregator.public_url.clone(),
        not_after,
    };
    let signed = signature::sign(&renewed, CERTIFICATE_TYPE, &aggregator.receipt_key)?;
    let enrolled = Enrolment {
        fingerprint: fingerprint.clone(),
        enrolled_at: now,
        enrolled_by: ITSELF.to_owned(),
        not_after,
        ..enrolment.clone()
    };
    store::enrolments::add(connection, &enrolled)?;
    log::once(connection, now, enrolled.event())?;
    store::renewals::keep(connection, &request_sha256, &fingerprint, &signed, now)?;
    acts::record(connection, now, ITSELF, "certificate-renewed", &format!("{borough} {fingerprint}"))?;
    tracing::info!(%borough, certificate = fingerprint, %not_after, "node certificate renewed");
    Ok(signed)
}

/// Counts a refusal by borough and kind, as every refusal of a node's message.
pub(super) fn counted(
    aggregator: &Aggregator,
    borough: &str,
    what: &str,
    result: Result<String, DutyError>,
) -> Result<String, DutyError> {
    if let Err(DutyError::Refused(refusal)) = &result {
        let now = aggregator.now();
        tracing::warn!(borough, problem = refusal.kind.label(), "{what} refused: {refusal}");
        aggregator.store.write(|connection| {
            Ok::<_, DutyError>(store::releases::count_rejection(
                connection,
                borough,
                refusal.kind.label(),
                now,
            )?)
        })?;
    }
    result
}
