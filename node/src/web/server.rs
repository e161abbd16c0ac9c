//! The node's server: its pages on loopback, and the outbox looked after while they are served.

use std::net::TcpListener;

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data},
};
use tenfold_common::protocol::ProblemKind;
use tenfold_web::{Desk, Refusal, SignedIn, Site, problems, security, sign_in};

use super::{claim_routes, home, loading, loads::list, refusal, release_routes, site};
use crate::duties::{DutyError, Node, look};

/// Starts the pages on a listener that is already bound.
///
/// # Errors
/// Where the listener fails.
pub fn serve(node: Node, listener: TcpListener) -> std::io::Result<Server> {
    let desk = Data::new(Desk::new(node.store.clone(), node.clock.clone()));
    let site = Data::new(site(&node, false));
    let node = Data::new(node);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(node.clone())
            .app_data(site.clone())
            .app_data(desk.clone())
            .wrap(from_fn(problems::answered))
            .wrap(from_fn(security::headers))
            .configure(sign_in::routes)
            .configure(release_routes)
            .configure(claim_routes)
            .route("/", web::get().to(first_page))
            .route("/loads", web::get().to(list::list))
            .route("/loads/{id}/undo", web::post().to(list::undo))
            .route("/loads/new", web::get().to(loading::ask))
            .route("/loads/new", web::post().to(loading::take))
            .route("/loads/{id}", web::get().to(loading::detail))
            .route("/loads/{id}/quarantine.csv", web::get().to(loading::quarantine))
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

async fn first_page(person: SignedIn, node: Data<Node>, site: Data<Site>) -> Result<HttpResponse, Refusal> {
    let now = node.now();
    let store = node.store.clone();
    let (sources, quarters, budget) = store
        .run(move |_| {
            Ok::<_, DutyError>((look::sources(&node)?, look::quarters(&node)?, look::budget(&node)?))
        })
        .await
        .map_err(refusal)?;
    let sources = sources.into_iter().map(loading::source_line).collect();
    home::page(&site, &person, now, sources, &quarters, &budget)
}
