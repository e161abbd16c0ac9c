//! What every request passes before any of it is answered: who calls, how often, over how many connections, with
//! what a head. Whatever is refused here or by a body's limits is counted for the borough and nothing else is kept.

use std::{io, time::Duration};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody as _, SizedStream},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Version,
        header::{DATE, HeaderValue, TRANSFER_ENCODING},
    },
    middleware::Next,
    web::Data,
};
use futures_util::{StreamExt as _, stream};
use tenfold_common::{
    clock::Moment,
    protocol::{ProblemKind, versions::SOFTWARE_HEADER},
};

use super::{Unheard, calls::Calls, lines::Line, refusal, unheard};
use crate::{
    duties::{Aggregator, DutyError, allow, receive::Peer},
    ingest::{
        Refusal,
        limits::{LARGEST_HEAD, Limits, MOST_HEADERS},
    },
};

/// How long the last answer on a connection that is cut has to arrive.
const LAST_WORD: Duration = Duration::from_millis(500);

/// Lets a request through to its route, or answers it with a problem.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let aggregator = request.app_data::<Data<Aggregator>>().cloned();
    let Some(aggregator) = aggregator else { return next.call(request).await };
    let peer = request.conn_data::<Peer>().cloned();
    let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
    let mut response = match admitted(&request, &aggregator, peer.as_ref()).await {
        Ok(()) => next.call(request).await?,
        Err(response) => request.into_response(response),
    };
    if is_chunked && response.status().is_client_error() {
        response = response.map_body(|_, body| hanging_up(body));
    }
    let told = response.response().extensions().get::<Unheard>().copied();
    if let Some(Unheard(kind)) = told {
        count(&aggregator, peer, kind).await;
    }
    // By the region's clock, so that a node of a rehearsal sees no wrong clock.
    if let Ok(date) = HeaderValue::from_str(&http_date(aggregator.now())) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

/// A body after which the connection is cut. Of a body in chunks the library would read on for as long as it comes,
/// refused or not; how long it is nobody said.
fn hanging_up(body: BoxBody) -> BoxBody {
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return body,
    };
    let length = bytes.len() as u64;
    let cut = async {
        // Time for the answer to arrive.
        tokio::time::sleep(LAST_WORD).await;
        Err(io::Error::other("a refused body in chunks goes on"))
    };
    let said = stream::once(std::future::ready(Ok(bytes))).chain(stream::once(cut));
    BoxBody::new(SizedStream::new(length, Box::pin(said)))
}

type Told = actix_web::HttpResponse;

async fn admitted(
    request: &ServiceRequest,
    aggregator: &Data<Aggregator>,
    peer: Option<&Peer>,
) -> Result<(), Told> {
    let Some(peer) = peer else {
        return Err(unheard(&Refusal::new(ProblemKind::NotIdentified, "expected a node certificate"), None));
    };
    let (borough, certificate) = (&peer.borough, &peer.fingerprint);
    // Only the paths that there are: whatever else a caller writes does not go into the log.
    let path = request.match_pattern().unwrap_or_else(|| "another path".to_owned());
    tracing::info!(%borough, certificate, software = software(request), path, "a node calls");
    let limits = request.app_data::<Data<Limits>>().map(|limits| *limits.get_ref()).unwrap_or_default();
    head_fits(request).map_err(|refusal| unheard(&refusal, None))?;
    let nth = request.conn_data::<Line>().map_or(1, |line| line.nth);
    if nth > limits.connections {
        let detail = format!("this node holds {} connections already", limits.connections);
        return Err(unheard(&Refusal::new(ProblemKind::TooMany, detail), Some(1)));
    }
    let Some(calls) = request.app_data::<Data<Calls>>() else { return Ok(()) };
    match calls.one(aggregator, peer, limits.rate).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(wait)) => {
            let detail = format!("this borough called too often; try again in {} s", wait.seconds);
            let refused = Refusal::new(ProblemKind::TooMany, detail);
            let mut response = unheard(&refused, Some(wait.seconds));
            if !wait.first {
                response.extensions_mut().remove::<Unheard>();
            }
            Err(response)
        }
        Err(error) => Err(refusal(&error)),
    }
}

/// The version of its program that a node tells; nothing but a version is taken from it into the log.
fn software(request: &ServiceRequest) -> &str {
    let told = request.headers().get(SOFTWARE_HEADER).and_then(|value| value.to_str().ok());
    let is_version = |text: &&str| {
        text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
    };
    told.filter(is_version).unwrap_or("unknown")
}

fn head_fits(request: &ServiceRequest) -> Result<(), Refusal> {
    let headers = request.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size + request.uri().to_string().len() > LARGEST_HEAD || headers.len() > MOST_HEADERS {
        let detail = format!("expected at most {MOST_HEADERS} headers of {LARGEST_HEAD} bytes in all");
        return Err(Refusal::new(ProblemKind::HeadTooLarge, detail));
    }
    if request.version() != Version::HTTP_11 {
        return Err(Refusal::new(ProblemKind::Malformed, "expected HTTP/1.1"));
    }
    Ok(())
}

async fn count(aggregator: &Aggregator, peer: Option<Peer>, kind: ProblemKind) {
    let counting = aggregator.clone();
    let counted = aggregator
        .store
        .run(move |_| allow::count(&counting, peer.as_ref().map(|peer| &peer.borough), kind))
        .await;
    if let Err(error) = counted {
        let error: DutyError = error;
        tracing::error!("a refusal could not be counted: {error}");
    }
}

/// A moment as HTTP writes it (RFC 9110 section 5.6.7).
fn http_date(moment: Moment) -> String {
    moment.naive().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
