//! The door for people: sign-in and the region's pages.

use std::net::TcpListener;

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data},
};
use tenfold_common::{geography::REGION_CODE, protocol::ProblemKind};
use tenfold_web::{Desk, Refusal, Site, problems, security, sign_in};

use crate::duties::Aggregator;

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
    let server = HttpServer::new(move || {
        App::new()
            .app_data(aggregator.clone())
            .app_data(site.clone())
            .app_data(desk.clone())
            .wrap(from_fn(problems::answered))
            .wrap(from_fn(security::headers))
            .configure(sign_in::routes)
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
