//! Refusals as HTTP: a problem document for programs, a page for people, a number for what is unmapped.

use std::fmt;

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web,
};
use askama::Template;
use tenfold_common::protocol::{Problem, ProblemKind};

use crate::{Frame, Site, security::RequestNumber};

/// A request that is not answered as asked.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What kind of problem.
    pub kind: ProblemKind,
    /// What was expected and what to do, for the reader; never a value from a record.
    pub detail: Option<String>,
    cause: Option<String>,
}

impl Refusal {
    /// A refusal of a kind.
    pub fn new(kind: ProblemKind) -> Self {
        Self { kind, detail: None, cause: None }
    }

    /// The same refusal with what the reader should know.
    pub fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// Something that has no words for the reader: the cause goes to the log, the reader gets a number.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self { kind: ProblemKind::Internal, detail: None, cause: Some(cause.to_string()) }
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn document(&self) -> HttpResponse {
        let problem = Problem::new(self.kind, self.detail.clone());
        let body = serde_json::to_string(&problem).unwrap_or_default();
        HttpResponse::build(self.status()).content_type("application/problem+json").body(body)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail.as_deref().unwrap_or(self.kind.title()))
    }
}

impl std::error::Error for Refusal {}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.document();
        response.extensions_mut().insert(self.clone());
        response
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    heading: &'static str,
    detail: String,
}

/// Answers refusals in the reader's form and writes what is unmapped to the log, once.
///
/// People get a page (or the sign-in page where nobody is signed in), programs a problem document. An answer
/// of 4xx or 5xx that is no page and no refusal of ours, as for an unknown address, becomes one.
///
/// # Errors
/// As the wrapped service says.
pub async fn answered(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() || is_finished(&response) {
        return Ok(response);
    }
    let refusal = response.response().extensions().get::<Refusal>().cloned();
    let mut refusal = refusal.unwrap_or_else(|| Refusal::new(kind_of(status)));
    let (request, _) = response.into_parts();
    let number = RequestNumber::of(&request);
    if refusal.kind.status() >= 500 {
        let cause = refusal.cause.as_deref().unwrap_or("no cause was given");
        tracing::error!(request = number.0, kind = refusal.kind.label(), cause, "request failed: {cause}");
        refusal.detail.get_or_insert_with(|| format!("This request's number is {}.", number.0));
    }
    let reader = wants_page(&request);
    let site = request.app_data::<web::Data<Site>>().cloned();
    let answer = match (reader, site) {
        (true, Some(_)) if refusal.kind == ProblemKind::NotIdentified => to_sign_in(&request),
        (true, Some(site)) => page(&refusal, &site),
        _ => refusal.document(),
    };
    Ok(ServiceResponse::new(request, answer))
}

fn is_finished(response: &ServiceResponse) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

fn wants_page(request: &actix_web::HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn to_sign_in(request: &actix_web::HttpRequest) -> HttpResponse {
    let path = request.uri().path();
    let location = if request.method() == actix_web::http::Method::GET && path != "/" {
        format!("/sign-in?next={path}")
    } else {
        "/sign-in".to_owned()
    };
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

fn page(refusal: &Refusal, site: &Site) -> HttpResponse {
    let page = ProblemPage {
        frame: site.frame(),
        heading: refusal.kind.title().trim_end_matches('.'),
        detail: refusal.detail.as_deref().map(sentence).unwrap_or_default(),
    };
    match page.render() {
        Ok(html) => HttpResponse::build(refusal.status()).content_type("text/html; charset=utf-8").body(html),
        Err(_) => refusal.document(),
    }
}

/// An error's lower-case words as a sentence on a page: a capital first, a full stop last.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let end = if words.is_empty() || words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

fn kind_of(status: StatusCode) -> ProblemKind {
    let kind = ProblemKind::ALL.iter().copied().find(|kind| kind.status() == status.as_u16());
    kind.unwrap_or(if status == StatusCode::METHOD_NOT_ALLOWED {
        ProblemKind::NotFound
    } else if status.is_client_error() {
        ProblemKind::Malformed
    } else {
        ProblemKind::Internal
    })
}

#[cfg(test)]
mod tests {
    use actix_web::{App, middleware::from_fn, test};

    use super::*;

    async fn asked(path: &str, accept: &str) -> (u16, String, String) {
        let site = Site {
            service: "Tenfold".into(),
            place: "Bolton".into(),
            code: "E08000001".into(),
            rehearsal: false,
            https: false,
        };
        let app = App::new()
            .app_data(web::Data::new(site))
            .wrap(from_fn(answered))
            .route(
                "/broken",
                web::get().to(|| async { Err::<String, _>(Refusal::internal("disk 7 is gone")) }),
            )
            .route(
                "/private",
                web::get().to(|| async { Err::<String, _>(Refusal::new(ProblemKind::NotIdentified)) }),
            )
            .route(
                "/no",
                web::get().to(|| async {
                    Err::<String, _>(Refusal::new(ProblemKind::NotAllowed).because("only approvers approve"))
                }),
            );
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().uri(path).insert_header(("accept", accept)).to_request();
        let answer = test::call_service(&app, request).await;
        let place = answer.headers().get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        let body = String::from_utf8(test::read_body(answer).await.to_vec()).unwrap();
        (status, place.unwrap_or_default(), body)
    }

    #[actix_web::test]
    async fn programs_get_documents() {
        let (status, _, body) = asked("/no", "application/json").await;
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!(status, 403);
        assert_eq!(problem, Problem::new(ProblemKind::NotAllowed, Some("only approvers approve".to_owned())));
        let (status, _, body) = asked("/nowhere", "*/*").await;
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!((status, problem.kind.as_str()), (404, ProblemKind::NotFound.uri()));
    }

    #[actix_web::test]
    async fn people_get_pages_and_the_way_to_sign_in() {
        let (status, _, body) = asked("/no", "text/html,*/*").await;
        assert_eq!(status, 403);
        assert!(body.contains("Only approvers approve."), "{body}");
        let (status, place, _) = asked("/private", "text/html").await;
        assert_eq!((status, place.as_str()), (303, "/sign-in?next=/private"));
        assert_eq!(asked("/private", "*/*").await.0, 401);
    }

    #[actix_web::test]
    async fn what_is_unmapped_shows_a_number_and_no_cause() {
        for accept in ["text/html", "*/*"] {
            let (status, _, body) = asked("/broken", accept).await;
            assert_eq!(status, 500);
            assert!(!body.contains("disk 7") && body.contains("number is "), "{body}");
        }
    }
}
