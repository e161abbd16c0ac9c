//! The door for nodes: mutual TLS, few calls, the borough taken from the verified certificate alone.

mod certificate;

use std::{any::Any, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::{Extensions, Server},
    http::StatusCode,
    web::{self, Data, Payload},
};
use futures_util::StreamExt as _;
use tenfold_common::protocol::{Problem, ProblemKind};
use tenfold_web::tls;

use super::witness;
use crate::{
    duties::{
        Aggregator, DutyError, draw, notice,
        receive::{self, Peer},
        recover, release_keys, renew,
    },
    ingest::LARGEST_RELEASE,
};

/// How long one whole request may take.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);

/// Starts the door for nodes on a listener that is already bound.
///
/// # Errors
/// Where certificates cannot be used or the listener fails.
pub fn serve(aggregator: Aggregator, listener: TcpListener) -> anyhow::Result<Server> {
    let (shown, identity) = certificate::shown(&aggregator)?;
    let root = tls::certificates_from_pem(&aggregator.root_pem()?, "root certificate")?;
    let config = tls::server_config_of(identity.clone(), root, aggregator.clock.clone())?;
    actix_web::rt::spawn(certificate::keep_fresh(aggregator.clone(), shown, Arc::downgrade(&identity)));
    let data = Data::new(aggregator);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/v1/statement", web::get().to(statement))
            .route("/v1/draw-rights", web::post().to(draw_right))
            .route("/v1/releases", web::post().to(release))
            .route("/v1/log", web::get().to(witness::page))
            .route("/v1/log", web::post().to(witness::take_back))
            .route("/v1/certificate", web::post().to(renewal))
            .route("/v1/release-key", web::post().to(release_key))
            .route("/v1/notice", web::post().to(heard))
            .default_service(web::to(|| async { problem(ProblemKind::NotFound, None) }))
    })
    .on_connect(remember_peer)
    .tcp_nodelay(true)
    .workers(2)
    .client_request_timeout(Duration::from_secs(10))
    .disable_signals()
    .listen_rustls_0_23(listener, config)?
    .run();
    Ok(server)
}

fn remember_peer(connection: &dyn Any, extensions: &mut Extensions) {
    let Some(certificate) = tls::peer_of(connection) else { return };
    match certificate.borough() {
        Ok(borough) => {
            extensions.insert(Peer { borough, fingerprint: certificate.fingerprint() });
        }
        Err(error) => tracing::warn!("a certificate of the region was refused: {error}"),
    }
}

/// Who calls; each call is one line of the log, so that what a network sees can be counted.
pub(super) fn peer(request: &HttpRequest) -> Option<Peer> {
    let peer = request.conn_data::<Peer>().cloned()?;
    tracing::info!(borough = %peer.borough, certificate = peer.fingerprint, path = request.path(), "a node calls");
    Some(peer)
}

async fn statement(request: HttpRequest, aggregator: Data<Aggregator>) -> HttpResponse {
    let Some(peer) = peer(&request) else { return problem(ProblemKind::NotIdentified, None) };
    let state = {
        let aggregator = aggregator.clone();
        let store = aggregator.store.clone();
        let shown = witness::shown(&request);
        store
            .run(move |_| {
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

async fn release(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, receive::receive).await
}

async fn draw_right(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, draw::give).await
}

async fn renewal(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, renew::renew).await
}

async fn release_key(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, release_keys::rotate).await
}

async fn heard(request: HttpRequest, body: Payload, aggregator: Data<Aggregator>) -> HttpResponse {
    answer(request, body, aggregator, notice::hear).await
}

/// A node's signed text in, a signed text out.
async fn answer(
    request: HttpRequest,
    body: Payload,
    aggregator: Data<Aggregator>,
    duty: fn(&Aggregator, &Peer, &str) -> Result<String, DutyError>,
) -> HttpResponse {
    let Some(peer) = peer(&request) else { return problem(ProblemKind::NotIdentified, None) };
    let text = match tokio::time::timeout(LONGEST_REQUEST, whole(body, LARGEST_RELEASE)).await {
        Ok(Ok(text)) => text,
        Ok(Err(kind)) => return problem(kind, None),
        Err(_) => {
            return problem(ProblemKind::Malformed, Some("the request took longer than a minute".into()));
        }
    };
    let answered = {
        let aggregator = aggregator.clone();
        let store = aggregator.store.clone();
        let shown = witness::shown(&request);
        store
            .run(move |_| {
                recover::hear(&aggregator, &peer, &shown)?;
                duty(&aggregator, &peer, &text)
            })
            .await
    };
    match answered {
        Ok(signed) => HttpResponse::Ok().content_type("application/jose").body(signed),
        Err(error) => refusal(&error),
    }
}

/// The whole body as text; actix limits the time of a request's head only.
pub(super) async fn whole(mut body: Payload, largest: usize) -> Result<String, ProblemKind> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| ProblemKind::Malformed)?;
        if bytes.len() + chunk.len() > largest {
            return Err(ProblemKind::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| ProblemKind::Malformed)
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
