//! What nodes ask at the pages' port, where no node certificate is needed: to join, to come back, and why they are
//! refused. Every question is signed by a release key; nothing here takes a release.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use actix_web::{
    HttpResponse,
    web::{self, Data, Payload, ServiceConfig},
};
use tenfold_common::{
    clock::Moment,
    geography,
    protocol::{ProblemKind, joining::Application, signature},
};
use tenfold_web::Refusal;

use crate::duties::{Aggregator, DutyError, apply, come_back, why};

/// The largest question that is read, in bytes; an enrolment request needs a tenth.
const LARGEST: usize = 16 * 1024;
/// How long one whole question may take.
const LONGEST: Duration = Duration::from_secs(10);
/// How many questions a borough may ask in a minute, and how many those may that name none.
const A_MINUTE: u32 = 30;

/// Counts questions by the borough they name, minute by minute. It holds back, it does not identify: of requests for
/// one borough an outsider can use up the minute, and the node asks again in the next.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<String, (i64, u32)>>);

impl Pace {
    /// Whether another question of this borough is heard now.
    fn hears(&self, borough: &str, now: Moment) -> bool {
        let minute = now.unix().div_euclid(60);
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let entry = counts.entry(borough.to_owned()).or_insert((minute, 0));
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        entry.1 += 1;
        entry.1 <= A_MINUTE
    }
}

pub(super) fn routes(routes: &mut ServiceConfig, pace: Data<Pace>) {
    routes
        .app_data(pace)
        .route("/node/enrol", web::post().to(enrol))
        .route("/node/return", web::post().to(return_))
        .route("/node/why", web::post().to(why_refused));
}

async fn enrol(
    body: Payload,
    aggregator: Data<Aggregator>,
    pace: Data<Pace>,
) -> Result<HttpResponse, Refusal> {
    let text = whole(body).await?;
    let application: Application = serde_json::from_str(&text).map_err(|_| {
        Refusal::new(ProblemKind::Malformed).because("expected a request and an invitation's secret, as JSON")
    })?;
    heard(&aggregator, &pace, &application.request)?;
    let applied = asked(&aggregator, move |aggregator| apply::apply(aggregator, &application)).await?;
    Ok(HttpResponse::Ok().json(applied))
}

async fn return_(
    body: Payload,
    aggregator: Data<Aggregator>,
    pace: Data<Pace>,
) -> Result<HttpResponse, Refusal> {
    let text = whole(body).await?;
    heard(&aggregator, &pace, &text)?;
    let signed = asked(&aggregator, move |aggregator| come_back::come_back(aggregator, &text)).await?;
    Ok(HttpResponse::Ok().content_type("application/jose").body(signed))
}

async fn why_refused(
    body: Payload,
    aggregator: Data<Aggregator>,
    pace: Data<Pace>,
) -> Result<HttpResponse, Refusal> {
    let text = whole(body).await?;
    heard(&aggregator, &pace, &text)?;
    let standing = asked(&aggregator, move |aggregator| why::why(aggregator, &text)).await?;
    Ok(HttpResponse::Ok().json(standing))
}

async fn whole(body: Payload) -> Result<String, Refusal> {
    let read = tokio::time::timeout(LONGEST, body.to_bytes_limited(LARGEST)).await;
    let bytes = match read {
        Ok(Ok(Ok(bytes))) => bytes,
        Ok(Ok(Err(_))) => return Err(Refusal::new(ProblemKind::Malformed)),
        Ok(Err(_)) => return Err(Refusal::new(ProblemKind::TooLarge)),
        Err(_) => {
            return Err(
                Refusal::new(ProblemKind::Malformed).because("the request took longer than ten seconds")
            );
        }
    };
    String::from_utf8(bytes.to_vec()).map_err(|_| Refusal::new(ProblemKind::Malformed))
}

/// The one field that every question here has.
#[derive(serde::Deserialize)]
struct Names {
    borough: String,
}

fn heard(aggregator: &Aggregator, pace: &Pace, signed: &str) -> Result<(), Refusal> {
    let named = signature::peek::<Names>(signed.trim()).ok().and_then(|names| names.borough.parse().ok());
    let named = named.filter(|code| geography::borough(code).is_some());
    let borough = named.map(|code| code.to_string()).unwrap_or_default();
    if pace.hears(&borough, aggregator.now()) {
        Ok(())
    } else {
        Err(Refusal::new(ProblemKind::TooMany)
            .because(format!("more than {A_MINUTE} questions in a minute: ask again in the next")))
    }
}

async fn asked<T: Send + 'static>(
    aggregator: &Data<Aggregator>,
    duty: impl FnOnce(&Aggregator) -> Result<T, DutyError> + Send + 'static,
) -> Result<T, Refusal> {
    let aggregator = aggregator.clone();
    let store = aggregator.store.clone();
    store.run(move |_| duty(&aggregator)).await.map_err(|error: DutyError| match error {
        DutyError::Refused(refusal) => Refusal::new(refusal.kind).because(refusal.detail),
        DutyError::Request { reason } => Refusal::new(ProblemKind::Malformed).because(reason),
        DutyError::NoPolicy => Refusal::new(ProblemKind::Unavailable).because(error.to_string()),
        other => Refusal::internal(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_questions_and_the_next_as_many() {
        let pace = Pace::default();
        let now: Moment = "2015-04-01T09:00:30Z".parse().unwrap();
        let heard = |borough: &str, now| (0..40).filter(|_| pace.hears(borough, now)).count();
        assert_eq!((heard("E08000001", now), heard("E08000002", now), heard("", now)), (30, 30, 30));
        assert_eq!(heard("E08000001", now.plus_seconds(29)), 0);
        assert_eq!(heard("E08000001", now.plus_seconds(30)), 30);
    }
}
