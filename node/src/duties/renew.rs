//! Renews the node certificate at half of its life, over the one in force; it is swapped in without a restart.

use serde::Serialize;
use tenfold_common::{
    clock::Moment,
    protocol::{
        Bundle, Problem, ProblemKind, RenewalRequest, RenewedCertificate,
        renewal::{CERTIFICATE_FORMAT, CERTIFICATE_TYPE, RENEWAL_FORMAT, RENEWAL_TYPE},
        signature,
    },
};
use tenfold_store::acts;
use tenfold_web::tls::{self, TlsError};

use super::{DutyError, Node, apply, witness};
use crate::{
    front::{Front, FrontError},
    keys::Stands,
    region::{CallError, Way},
    store,
};

/// After how many days a request whose answer never came is made anew.
const REQUEST_LIFE_DAYS: i64 = 7;
/// Who stands as the one who renewed.
const ITSELF: &str = "the node itself";

/// The node certificate, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// SHA-256, by which the region knows it.
    pub fingerprint: String,
    /// Its first second.
    pub begins: Moment,
    /// Its last.
    pub ends: Moment,
    /// When the node renews it by itself.
    pub renewal_due: Moment,
    /// Whether it has ended.
    pub expired: bool,
    /// Where its key stands.
    pub key: Stands,
    /// Why a renewal would fail here; nothing where it would not.
    pub hindrance: Option<String>,
}

/// What the node's certificate says, and whether it can be renewed here.
///
/// # Errors
/// Where the node is not enrolled, or its certificate or key cannot be read.
pub fn certificate(node: &Node) -> Result<Certificate, DutyError> {
    let chain = node.bundle()?.certificate_chain_pem;
    let life = tls::life_of_pem(&chain).map_err(unusable)?;
    Ok(Certificate {
        fingerprint: tls::fingerprint_of_pem(&chain).map_err(unusable)?,
        begins: life.begins,
        ends: life.ends,
        renewal_due: life.renewal_due(node.borough.as_str()),
        expired: life.ends <= node.now(),
        key: node.keys.tls_key_and_place(&chain)?.1,
        hindrance: node.keys.try_folder().err().map(|error| error.to_string()),
    })
}

/// Renews the certificate if that is due; says until when the new one holds.
///
/// # Errors
/// Where the region cannot be reached or refuses, or the new pair cannot be kept; the old one then goes on.
pub async fn when_due(node: &Node, way: &Way) -> Result<Option<Moment>, DutyError> {
    let due = {
        let node = node.clone();
        let store = node.store.clone();
        store.run(move |_| due(&node)).await?
    };
    match due {
        Due::Nothing => Ok(None),
        Due::Renewal => renew(node, way).await.map(Some),
        Due::Return(ended) => come_back(node, way, ended).await.map(Some),
    }
}

/// What the certificate's life asks for now.
enum Due {
    Nothing,
    Renewal,
    Return(Moment),
}

fn due(node: &Node) -> Result<Due, DutyError> {
    let Some(bundle) = node.identity()?.bundle else { return Ok(Due::Nothing) };
    let life = tls::life_of_pem(&bundle.certificate_chain_pem).map_err(unusable)?;
    let now = node.now();
    if is_own(&bundle)? {
        // The council's own authority renews it, not the region.
        return Ok(Due::Nothing);
    }
    Ok(match life.renewal_due(node.borough.as_str()) {
        _ if life.ends <= now => Due::Return(life.ends),
        due if due <= now => Due::Renewal,
        _ => Due::Nothing,
    })
}

/// Comes back after the certificate's end, at the region's pages and once a person there has let this node in.
async fn come_back(node: &Node, way: &Way, ended: Moment) -> Result<Moment, DutyError> {
    let (bundle, request) = prepared(node).await?;
    if bundle.pages_url.is_empty() {
        let how = "ask the region to enrol it again: its enrolment request, as a file, gets a new bundle";
        return Err(DutyError::Expired { ended, how: how.to_owned() });
    }
    let front = Front::open(&bundle.pages_url, way).map_err(apply::in_words)?;
    let answer = front.come_back(request.clone()).await.map_err(Unanswered::from);
    if let Err(Unanswered { problem: Some(problem), .. }) = &answer
        && problem.kind == ProblemKind::NotEnrolled.uri()
    {
        let how = problem.detail.clone().unwrap_or_else(|| problem.title.clone());
        return Err(DutyError::Expired { ended, how });
    }
    finished(node, bundle, request, answer).await
}

/// Why no certificate came.
pub(super) struct Unanswered {
    problem: Option<Problem>,
    words: String,
}

impl From<CallError> for Unanswered {
    fn from(error: CallError) -> Self {
        let words = error.to_string();
        let problem = if let CallError::Problem(problem) = error { Some(problem) } else { None };
        Self { problem, words }
    }
}

impl From<FrontError> for Unanswered {
    fn from(error: FrontError) -> Self {
        let words = error.to_string();
        let problem = if let FrontError::Problem(problem) = error { Some(problem) } else { None };
        Self { problem, words }
    }
}

/// Renews the certificate now, whenever it is due. The same request goes out until its answer has come.
///
/// # Errors
/// As [`when_due`].
pub async fn renew(node: &Node, way: &Way) -> Result<Moment, DutyError> {
    let region = node.region(way)?;
    let (bundle, request) = prepared(node).await?;
    let answer = region.renew(request.clone()).await.map_err(Unanswered::from);
    if answer.is_ok() {
        // The new certificate's enrolment must be known to more than the region before it takes the old one's place: a
        // region put back from a backup would know neither it nor whom it belongs to.
        witness::follow(node, &region).await?;
    }
    finished(node, bundle, request, answer).await
}

/// The bundle in force and the request made over it, kept before it is sent.
///
/// # Errors
/// Where the node is not enrolled or the request cannot be kept.
pub(super) async fn prepared(node: &Node) -> Result<(Bundle, String), DutyError> {
    let node = node.clone();
    let store = node.store.clone();
    store
        .run(move |_| {
            let bundle = node.bundle()?;
            let request = request(&node, &bundle)?;
            Ok((bundle, request))
        })
        .await
}

/// Keeps what was answered, or says why there is none.
///
/// # Errors
/// Where there was no good answer, or it is not what was asked for.
pub(super) async fn finished(
    node: &Node,
    bundle: Bundle,
    request: String,
    answer: Result<String, Unanswered>,
) -> Result<Moment, DutyError> {
    let node = node.clone();
    let store = node.store.clone();
    store
        .run(move |_| {
            let answer = answer.map_err(|error| {
                // What the region does not take, it does not take the next time either.
                if let Some(problem) = &error.problem
                    && [ProblemKind::Malformed, ProblemKind::BadSignature, ProblemKind::WrongBorough]
                        .iter()
                        .any(|kind| kind.uri() == problem.kind)
                    && let Err(error) = node.keys.forget_pending_renewal()
                {
                    return DutyError::from(error);
                }
                DutyError::Delivery {
                    reason: format!("the node certificate is not renewed: {}", error.words),
                }
            })?;
            keep(&node, bundle, &request, &answer)
        })
        .await
}

/// Whether another authority than the region's vouches for the node certificate: the council's own.
fn is_own(bundle: &Bundle) -> Result<bool, DutyError> {
    let chain = &bundle.certificate_chain_pem;
    let begins = tls::life_of_pem(chain).map_err(unusable)?.begins;
    Ok(tls::verify_node_chain(&bundle.root_pem, chain, begins).is_err())
}

/// A certificate request over a new key made here, in PEM, for the council's own authority. The key waits for it.
///
/// # Errors
/// Where the key cannot be written.
pub fn request_for_own(node: &Node) -> Result<String, DutyError> {
    Ok(node.keys.request_elsewhere()?)
}

/// Takes a certificate of the council's own authority in the place of the one in force.
///
/// # Errors
/// Where it is not this borough's, does not hold now, or its key is not here.
pub fn take_own(node: &Node, chain_pem: &str, by: &str) -> Result<(), DutyError> {
    let refuse =
        |reason: String| DutyError::Bundle { reason: format!("the certificate is not taken: {reason}") };
    let before = node.bundle()?;
    let der = tls::certificates_from_pem(chain_pem, "certificate").map_err(unusable)?;
    let borough = tls::borough_of(&der[0]).map_err(|error| refuse(error.to_string()))?;
    if borough != node.borough {
        return Err(refuse(format!("it is for {borough}, this is the node of {}", node.borough)));
    }
    let (life, now) = (tls::life_of_pem(chain_pem).map_err(unusable)?, node.now());
    if !(life.begins..life.ends).contains(&now) {
        return Err(refuse(format!("it holds from {} until {}", life.begins, life.ends)));
    }
    node.keys.tls_key_of(chain_pem)?;
    let fingerprint = tls::fingerprint_of_pem(chain_pem).map_err(unusable)?;
    let bundle = Bundle { certificate_chain_pem: chain_pem.to_owned(), ..before.clone() };
    node.store.write(|connection| {
        store::identity::keep_bundle(connection, &bundle)?;
        Ok::<_, DutyError>(acts::record(connection, now, by, "certificate-taken", &fingerprint)?)
    })?;
    node.keys.forget_pending_renewal()?;
    Ok(node.keys.forget_request_elsewhere(chain_pem)?)
}

fn request(node: &Node, bundle: &Bundle) -> Result<String, DutyError> {
    let certificate = tls::fingerprint_of_pem(&bundle.certificate_chain_pem).map_err(unusable)?;
    let now = node.now();
    if let Some(waiting) = node.keys.pending_renewal()? {
        let made = signature::open::<RenewalRequest>(&waiting, RENEWAL_TYPE, &node.release_key()?.public());
        let young = |made: &RenewalRequest| made.made_at.plus_days(REQUEST_LIFE_DAYS) > now;
        if made.is_ok_and(|made| made.certificate == certificate && young(&made)) {
            return Ok(waiting);
        }
        node.keys.forget_pending_renewal()?;
    }
    let pair = node.keys.new_tls_key()?;
    let csr = rcgen::CertificateParams::default().serialize_request(&pair).and_then(|csr| csr.pem());
    let request = RenewalRequest {
        format: RENEWAL_FORMAT.to_owned(),
        borough: node.borough.clone(),
        certificate,
        csr_pem: csr.map_err(|error| DutyError::Bundle { reason: error.to_string() })?,
        made_at: now,
    };
    let signed = signature::sign(&request, RENEWAL_TYPE, &*node.release_key()?)?;
    Ok(node.keys.keep_pending_renewal(&signed)?)
}

/// Swaps the new certificate in, in one write; its key stands in the folder already.
fn keep(node: &Node, before: Bundle, request: &str, answer: &str) -> Result<Moment, DutyError> {
    let refuse =
        |reason: String| DutyError::Bundle { reason: format!("the new certificate is not kept: {reason}") };
    let renewed: RenewedCertificate = signature::open(answer.trim(), CERTIFICATE_TYPE, &before.receipt_key)?;
    let chain = &renewed.certificate_chain_pem;
    let now = node.now();
    if renewed.format != CERTIFICATE_FORMAT
        || renewed.request_sha256 != signature::sha256_hex(request.as_bytes())
    {
        return Err(refuse("it answers another request".to_owned()));
    }
    let der = tls::certificates_from_pem(chain, "new certificate").map_err(unusable)?;
    match tls::borough_of(&der[0]) {
        Ok(borough) if borough == node.borough => {}
        Ok(other) => return Err(refuse(format!("it is for {other}, this is the node of {}", node.borough))),
        Err(error) => return Err(refuse(error.to_string())),
    }
    // A pair that does not work must never take the place of one that does.
    tls::verify_node_chain(&before.root_pem, chain, now).map_err(|error| refuse(error.to_string()))?;
    node.keys.tls_key_of(chain)?;
    let ends = tls::life_of_pem(chain).map_err(unusable)?.ends;
    let fingerprint = tls::fingerprint_of_pem(chain).map_err(unusable)?;
    // A region that names none has not taken back the one it named.
    let pages_url = Some(renewed.pages_url.clone()).filter(|url| !url.is_empty());
    let pages_url = pages_url.unwrap_or_else(|| before.pages_url.clone());
    let bundle = Bundle { certificate_chain_pem: chain.clone(), pages_url, ..before.clone() };
    node.store.write(|connection| {
        let known = store::identity::find(connection)?.and_then(|identity| identity.bundle);
        match known {
            // Another process of this node was as quick.
            Some(known) if known == bundle => return Ok(()),
            Some(known) if known == before => {}
            _ => return Err(refuse("the node joined anew meanwhile".to_owned())),
        }
        store::identity::keep_bundle(connection, &bundle)?;
        Ok(acts::record(connection, now, ITSELF, "certificate-renewed", &fingerprint)?)
    })?;
    node.keys.forget_pending_renewal()?;
    node.keys.keep_only_keys_of(&[chain, &before.certificate_chain_pem])?;
    tracing::info!("the node certificate is renewed; it holds until {ends}");
    Ok(ends)
}

fn unusable(error: TlsError) -> DutyError {
    DutyError::Bundle { reason: error.to_string() }
}
