//! A node's message, read within the limits: no compression, no trickle, no more than the largest release.

use std::time::{Duration, Instant};

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName},
    web::Payload,
};
use futures_util::StreamExt as _;
use tenfold_common::protocol::ProblemKind;

use crate::ingest::{Refusal, limits::Limits};

/// How often the rate of a body is looked at while nothing comes.
const LOOK: Duration = Duration::from_millis(250);

/// The whole body as text.
///
/// # Errors
/// The kind of problem that the node is told; what its head announces is refused before anything is read.
pub(super) async fn whole(
    request: &HttpRequest,
    body: Payload,
    largest: usize,
    limits: &Limits,
) -> Result<String, Refusal> {
    announced(request, largest)?;
    let took_long = |_| {
        let longest = limits.request.as_secs();
        Refusal::new(ProblemKind::TooSlow, format!("the request took longer than {longest} seconds"))
    };
    tokio::time::timeout(limits.request, read(body, largest, limits)).await.map_err(took_long)?
}

fn announced(request: &HttpRequest, largest: usize) -> Result<(), Refusal> {
    let header = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let unsupported = |detail: &str| Err(Refusal::new(ProblemKind::UnsupportedMediaType, detail));
    if header(CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return unsupported("messages are read as they are, without compression: send no content-encoding");
    }
    let media = header(CONTENT_TYPE).and_then(|media| media.split(';').next()).map(str::trim);
    if !media.is_some_and(|media| ["application/jose", "application/json"].contains(&media)) {
        return unsupported("expected the content-type application/jose");
    }
    let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > largest as u64) {
        return Err(too_large(largest));
    }
    Ok(())
}

async fn read(mut body: Payload, largest: usize, limits: &Limits) -> Result<String, Refusal> {
    let malformed = |detail: &str| Refusal::new(ProblemKind::Malformed, detail);
    let began = Instant::now();
    let mut bytes = Vec::new();
    loop {
        let chunk = tokio::time::timeout(LOOK, body.next()).await;
        let took = began.elapsed();
        if took > limits.grace && (bytes.len() as u64) < limits.least_rate * took.as_secs() {
            return Err(Refusal::new(
                ProblemKind::TooSlow,
                format!(
                    "{} bytes came in {} seconds, expected at least {} a second",
                    bytes.len(),
                    took.as_secs(),
                    limits.least_rate
                ),
            ));
        }
        match chunk {
            Err(_) => {}
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(malformed("the body did not come whole")),
            Ok(Some(Ok(chunk))) if bytes.len() + chunk.len() > largest => return Err(too_large(largest)),
            Ok(Some(Ok(chunk))) => bytes.extend_from_slice(&chunk),
        }
    }
    String::from_utf8(bytes).map_err(|_| malformed("the body is no UTF-8 text"))
}

fn too_large(largest: usize) -> Refusal {
    Refusal::new(ProblemKind::TooLarge, format!("expected at most {largest} bytes"))
}
