//! The door for people: sign-in and the region's pages, each with its tables as CSV.

mod reading;
mod returning;

use std::net::TcpListener;

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    http::header,
    middleware::from_fn,
    web::{self, Data},
};
use tenfold_common::{geography::REGION_CODE, protocol::ProblemKind};
use tenfold_web::{Desk, Frame, Refusal, SignedIn, Site, problems, security, sign_in};

use crate::{
    combine::{CombineError, answers::AnsweredQuestion},
    dashboard::Picture,
    duties::{Aggregator, DutyError, question, read},
    web::joining,
};

const NAV: &[(&str, &str)] = &[
    ("/", "Overview"),
    ("/measure/attached", "Attached"),
    ("/measure/result-recorded", "Results"),
    ("/measure/closed", "Closed"),
    ("/measure/withdrawn", "Withdrawn"),
    ("/boroughs", "Boroughs"),
    ("/questions", "Questions"),
    ("/completeness", "Completeness"),
    ("/return", "Return"),
];

/// Starts the pages on a listener that is already bound.
///
/// # Errors
/// Where the listener fails.
pub fn serve(aggregator: Aggregator, listener: TcpListener) -> anyhow::Result<Server> {
    let desk = Data::new(Desk::new(aggregator.store.clone(), aggregator.clock.clone()));
    let site = Data::new(Site {
        service: "Tenfold".to_owned(),
        place: aggregator.region.name.clone(),
        code: REGION_CODE.to_owned(),
        rehearsal: aggregator.clock.is_rehearsal(),
        https: false,
    });
    let aggregator = Data::new(aggregator);
    let pace = Data::new(joining::Pace::default());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(aggregator.clone())
            .app_data(site.clone())
            .app_data(desk.clone())
            .wrap(from_fn(problems::answered))
            .wrap(from_fn(security::headers))
            .configure(|routes| joining::routes(routes, pace.clone()))
            .configure(sign_in::routes)
            .configure(reading::routes)
            .configure(returning::routes)
            .default_service(web::to(|| async {
                Err::<HttpResponse, _>(Refusal::new(ProblemKind::NotFound))
            }))
    })
    .workers(2)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

/// The frame of a page for the person signed in.
fn frame(site: &Site, person: &SignedIn, path: &str) -> Frame {
    site.frame().for_person(person.for_frame()).with_nav(NAV, path)
}

/// What was received, as it stands now.
async fn picture(aggregator: &Data<Aggregator>) -> Result<Picture, Refusal> {
    let aggregator = aggregator.clone();
    let store = aggregator.store.clone();
    store.run(move |_| read::picture(&aggregator)).await.map_err(refusal)
}

/// The questions with what boroughs answered, as it stands now.
async fn answered(aggregator: &Data<Aggregator>) -> Result<Vec<AnsweredQuestion>, Refusal> {
    let aggregator = aggregator.clone();
    let store = aggregator.store.clone();
    store.run(move |_| question::answered(&aggregator)).await.map_err(refusal)
}

/// The one place where a duty's error becomes an answer of a page.
fn refusal(error: DutyError) -> Refusal {
    match error {
        DutyError::NoPolicy => Refusal::new(ProblemKind::Unavailable).because(error.to_string()),
        other => Refusal::internal(other),
    }
}

/// A figure that cannot be made: what was asked for is not there.
fn not_there(error: CombineError) -> Refusal {
    match error {
        CombineError::Policy { .. } | CombineError::NoCell { .. } | CombineError::NotReleased { .. } => {
            Refusal::new(ProblemKind::NotFound)
        }
        other => Refusal::internal(other),
    }
}

/// A file to be kept.
fn file(name: &str, content_type: &'static str, body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(body)
}

const CSV: &str = "text/csv; charset=utf-8";
