//! What every answer carries so that browsers hold the line, and the comparison that forms rest on.

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use tenfold_common::protocol::ProblemKind;

use crate::{Refusal, Site};

/// What a page may load and do: itself, its own stylesheet and images, its own forms; no script.
pub const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                                  frame-ancestors 'none'; base-uri 'none'";

/// Puts the security headers on every answer and refuses forms that another site sent.
///
/// Answers are `private, no-store` unless they say otherwise, as the stylesheet does.
///
/// # Errors
/// As the wrapped service says.
pub async fn headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if changes_something(request.method()) && came_from_elsewhere(&request) {
        return Err(Refusal::new(ProblemKind::NotAllowed)
            .because("this form was sent from another site, expected one of our own pages")
            .into());
    }
    let https = request.app_data::<web::Data<Site>>().is_some_and(|site| site.https);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let mut put =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    put(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(header::CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    put(header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    if https {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    Ok(response)
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn came_from_elsewhere(request: &ServiceRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
pub fn same(given: &str, expected: &str) -> bool {
    let difference = given.bytes().zip(expected.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    !expected.is_empty() && given.len() == expected.len() && difference == 0
}

/// A request's number, by which its failure is found in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestNumber(pub String);

impl RequestNumber {
    /// The number of a request, made at its first use.
    ///
    /// # Privacy
    /// Random; nothing of the request goes into it.
    pub fn of(request: &HttpRequest) -> Self {
        if let Some(number) = request.extensions().get::<Self>() {
            return number.clone();
        }
        let number = Self(random_hex::<6>());
        request.extensions_mut().insert(number.clone());
        number
    }
}

/// `N` random bytes in hexadecimal.
pub(crate) fn random_hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => hex::encode(bytes),
        // A secret that equals nothing: `same` refuses the empty text.
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, middleware::from_fn, test};

    use super::*;

    #[test]
    async fn secrets_are_compared_whole() {
        assert!(same("abc", "abc"));
        for (given, expected) in [("abc", "abd"), ("ab", "abc"), ("abc", "ab"), ("", "")] {
            assert!(!same(given, expected), "{given} {expected}");
        }
    }

    #[actix_web::test]
    async fn every_answer_is_guarded_and_foreign_forms_are_refused() {
        let app = App::new()
            .wrap(from_fn(headers))
            .default_service(web::to(|| async { HttpResponse::Ok().body("x") }));
        let app = test::init_service(app).await;
        let answer = test::call_service(&app, test::TestRequest::get().to_request()).await;
        assert_eq!(answer.headers().get("content-security-policy").unwrap(), CONTENT_POLICY);
        assert_eq!(answer.headers().get("cache-control").unwrap(), "private, no-store");
        for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
            let post = test::TestRequest::post().insert_header(("sec-fetch-site", site)).to_request();
            let answer = test::try_call_service(&app, post).await;
            let answer = answer.map_or_else(|error| error.as_response_error().status_code(), |a| a.status());
            assert_eq!(answer, status, "{site}");
        }
    }
}
