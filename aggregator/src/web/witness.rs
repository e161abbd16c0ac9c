//! The log over the wire: nodes read its entries, and give back what a restored aggregator forgot.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload, Query},
};
use serde::Deserialize;
use tenfold_common::protocol::{
    ProblemKind,
    canonical::canonical,
    witness::{CHECKPOINT_HEADER, LARGEST_REMEMBERED, REMEMBERED_FORMAT, Remembered},
};

use super::ingest::{peer, problem, refusal, unheard, whole};
use crate::duties::{Aggregator, log, recover};

/// How long giving back may take.
const LONGEST: Duration = Duration::from_secs(300);

/// The checkpoint that a node shows with its call; empty where it shows none.
pub(super) fn shown(request: &HttpRequest) -> String {
    let header = request.headers().get(CHECKPOINT_HEADER);
    header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// From which entry on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    from: u64,
}

/// Entries from a place on.
pub(super) async fn page(
    request: HttpRequest,
    from: Result<Query<From>, actix_web::Error>,
    aggregator: Data<Aggregator>,
) -> HttpResponse {
    let Some(peer) = peer(&request) else { return problem(ProblemKind::NotIdentified, None) };
    let Ok(from) = from else {
        return problem(ProblemKind::Malformed, Some("expected ?from= and a number".to_owned()));
    };
    let store = aggregator.store.clone();
    let read = store.run(move |_| log::page(&aggregator, &peer, from.from)).await;
    match read.map(|page| canonical(&page)) {
        Ok(Ok(bytes)) => HttpResponse::Ok().content_type("application/json").body(bytes),
        Ok(Err(_)) => problem(ProblemKind::Internal, None),
        Err(error) => refusal(&error),
    }
}

/// What a node gives back.
pub(super) async fn take_back(
    request: HttpRequest,
    body: Payload,
    aggregator: Data<Aggregator>,
) -> HttpResponse {
    let Some(peer) = peer(&request) else { return problem(ProblemKind::NotIdentified, None) };
    let text = match whole(&request, body, LARGEST_REMEMBERED, Some(LONGEST)).await {
        Ok(text) => text,
        Err(refusal) => return unheard(&refusal, None),
    };
    let remembered: Option<Remembered> = serde_json::from_str(&text).ok();
    let Some(remembered) = remembered.filter(|remembered| remembered.format == REMEMBERED_FORMAT) else {
        return problem(ProblemKind::Malformed, Some(format!("expected the format {REMEMBERED_FORMAT}")));
    };
    let store = aggregator.store.clone();
    match store.run(move |_| recover::take_back(&aggregator, &peer, &remembered)).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => refusal(&error),
    }
}
