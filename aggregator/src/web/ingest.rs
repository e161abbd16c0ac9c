//! The door for nodes: mutual TLS, a few calls within limits, the borough taken from the verified certificate alone.

mod body;
mod calls;
mod certificate;
mod guard;
mod lines;

use std::{any::Any, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::{Extensions, Server},
    http::{StatusCode, header::RETRY_AFTER},
    middleware::from_fn,
    web::{self, Data, Payload},
};
use socket2::SockRef;
use tenfold_common::{
    clock::Moment,
    protocol::{Problem, ProblemKind, versions},
};
use tenfold_web::tls;

use self::{calls::Calls, certificate::Fresh, lines::Lines};
use super::witness;
use crate::{
    duties::{
        Aggregator, DutyError, allow, draw, notice, own_ca,
        receive::{self, Peer},
        recover, release_keys, renew,
    },
    ingest::{LARGEST_RELEASE, Refusal, limits::Limits},
};

/// How long a handshake may take.
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(5);
/// Connections of everybody together that one worker serves at once.
const MOST_CONNECTIONS: usize = 512;
/// Connections that may wait to be taken. With the standard library's 128, of boroughs that all come at one instant some
/// would try again after a second.
const MOST_WAITING: i32 = 1024;

/// Starts the door for nodes on a listener that is already bound.
///
/// # Errors
/// Where certificates cannot be used or the listener fails.
pub fn serve(aggregator: Aggregator, listener: TcpListener, limits: Limits) -> anyhow::Result<Server> {
    let fresh = Arc::new(Fresh::new(&aggregator)?);
    let (identity, roots) = (fresh.identity.clone(), fresh.roots.clone());
    let config = tls::server_config_of(identity, roots, aggregator.clock.clone())?;
    actix_web::rt::spawn(certificate::keep_fresh(aggregator.clone(), Arc::downgrade(&fresh)));
    let clock = aggregator.clock.clone();
    let data = Data::new(aggregator);
    let calls = Data::new(Calls::default());
    let lines = Lines::default();
    SockRef::from(&listener).listen(MOST_WAITING)?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(calls.clone())
            .app_data(Data::new(limits))
            .wrap(from_fn(guard::guard))
            .route("/v1/statement", web::get().to(statement))
            .route("/v1/rejections", web::get().to(rejections))
            .route("/v1/draw-rights", web::post().to(draw_right))
            .route("/v1/releases", web::post().to(release))
            .route("/v1/log", web::get().to(witness::page))
            .route("/v1/log", web::post().to(witness::take_back))
            .route("/v1/certificate", web::post().to(renewal))
            .route("/v1/release-key", web::post().to(release_key))
            .route("/v1/notice", web::post().to(heard))
            .default_service(web::to(nothing_here))
    })
    .on_connect(move |connection, extensions| {
        remember_peer(&fresh, &lines, clock.now(), connection, extensions)
    })
    .tcp_nodelay(true)
    .workers(2)
    .max_connections(MOST_CONNECTIONS)
    .tls_handshake_timeout(LONGEST_HANDSHAKE)
    .client_request_timeout(limits.head)
    .disable_signals()
    .listen_rustls_0_23(listener, config)?
    .run();
    Ok(server)
}

fn remember_peer(
    fresh: &Fresh,
    lines: &Lines,
    now: Moment,
    connection: &dyn Any,
    extensions: &mut Extensions,
) {
    let Some(certificate) = tls::peer_of(connection) else { return };
    match certificate.borough() {
        Ok(borough) => match fresh.own_until(&certificate, &borough, now) {
            Ok(own_until) => {
                let fingerprint = certificate.fingerprint();
                extensions.insert(lines.open(&fingerprint));
                extensions.insert(Peer { borough, fingerprint, own_until });
            }
            Err(other) => {
                tracing::warn!(%borough, "the authority of {other} spoke for another borough: refused");
            }
        },
        Err(error) => tracing::warn!("a certificate of the region was refused: {error}"),
    }
}

async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let refused = match versions::path_refusal(request.path()) {
        Some(told) => Refusal::new(ProblemKind::UnsupportedVersion, told),
        None => Refusal::new(ProblemKind::NotFound, "no such path, or not with this method"),
    };
    unheard(&refused, None)
}

/// Who calls; the guard let nobody else through.
pub(super) fn peer(request: &HttpRequest) -> Option<Peer> {
    request.conn_data::<Peer>().cloned()
}

async fn statement(request: HttpRequest, aggregator: Data<Aggregator>) -> HttpResponse {
    let Some(peer) = peer(&request) else { return problem(ProblemKind::NotIdentified, None) };
    let state = {
        let aggregator = aggregator.clone();
        let store = aggregator.store.clone();
        let shown = witness::shown(&request);
        store
            .run(move |_| {
                own_ca::seen(&aggregator, &peer)?;
                let shown = recover::hear(&aggregator, &peer, &shown)?;
                receive::state(&aggregator, &peer, shown.as_ref())
            })
            .await
    };
    match state {
        Ok(statement) => HttpResponse::Ok().content_type("application/jose").body(statement),
        Err(error) => refusal(&error),
    }
}

async fn rejections(request: HttpRequest, aggregator: Data<Aggregator>) -> HttpResponse {
    let Some(peer) = peer(&request) else { return problem(ProblemKind::NotIdentified, None) };
    let store = aggregator.store.clone();
    match store.run(move |_| allow::rejections(&aggregator, &peer)).await {
        Ok(rejections) => HttpResponse::Ok().json(rejections),
        Err(error) => refusal(&error),
    }
}

async fn release(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, receive::receive).await
}

async fn draw_right(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, heard_first(draw::give)).await
}

async fn renewal(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, heard_first(renew::renew)).await
}

async fn release_key(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, heard_first(release_keys::rotate)).await
}

async fn heard(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, heard_first(notice::hear)).await
}

/// A duty before which the checkpoint that a node shows is heard.
fn heard_first(
    duty: impl FnOnce(&Aggregator, &Peer, &str) -> Result<String, DutyError>,
) -> impl FnOnce(&Aggregator, &Peer, &str, &str) -> Result<String, DutyError> {
    move |aggregator, peer, shown, text| {
        recover::hear(aggregator, peer, shown)?;
        duty(aggregator, peer, text)
    }
}

/// A node's signed text in, a signed text out; the duty gets the checkpoint that is shown, and the text.
async fn answer(
    request: HttpRequest,
    body: Payload,
    aggregator: Data<Aggregator>,
    duty: impl FnOnce(&Aggregator, &Peer, &str, &str) -> Result<String, DutyError> + Send + 'static,
) -> HttpResponse {
    let Some(peer) = peer(&request) else { return problem(ProblemKind::NotIdentified, None) };
    let text = match whole(&request, body, LARGEST_RELEASE, None).await {
        Ok(text) => text,
        Err(refusal) => return unheard(&refusal, None),
    };
    let answered = {
        let aggregator = aggregator.clone();
        let store = aggregator.store.clone();
        let shown = witness::shown(&request);
        store
            .run(move |_| {
                own_ca::seen(&aggregator, &peer)?;
                duty(&aggregator, &peer, &shown, &text)
            })
            .await
    };
    match answered {
        Ok(signed) => HttpResponse::Ok().content_type("application/jose").body(signed),
        Err(error) => refusal(&error),
    }
}

/// A body of at most so many bytes, within the limits of this door and, where given, a time of its own.
pub(super) async fn whole(
    request: &HttpRequest,
    body: Payload,
    largest: usize,
    longest: Option<Duration>,
) -> Result<String, Refusal> {
    let limits = request.app_data::<Data<Limits>>().map(|limits| *limits.get_ref()).unwrap_or_default();
    let limits = Limits { request: longest.unwrap_or(limits.request), ..limits };
    body::whole(request, body, largest, &limits).await
}

/// The one place where an error becomes an answer to a node.
pub(super) fn refusal(error: &DutyError) -> HttpResponse {
    match error {
        DutyError::Refused(refusal) => problem(refusal.kind, Some(refusal.detail.clone())),
        other => {
            tracing::error!("a node's request failed: {other}");
            problem(ProblemKind::Internal, None)
        }
    }
}

pub(super) fn problem(kind: ProblemKind, detail: Option<String>) -> HttpResponse {
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type("application/problem+json").json(Problem::new(kind, detail))
}

/// A refusal told before any duty began; whoever answers counts it.
#[derive(Clone, Copy, Debug)]
struct Unheard(ProblemKind);

/// A refusal before any duty began, with the seconds to wait where waiting helps. The connection ends with it: what
/// is left of the request is not read.
pub(super) fn unheard(refusal: &Refusal, retry_after_s: Option<u32>) -> HttpResponse {
    let kind = refusal.kind;
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type("application/problem+json").force_close();
    if let Some(seconds) = retry_after_s {
        response.insert_header((RETRY_AFTER, seconds));
    }
    let mut response = response.json(Problem::new(kind, refusal.detail.clone()));
    response.extensions_mut().insert(Unheard(kind));
    response
}
