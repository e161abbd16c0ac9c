//! The one stylesheet, carried inside the program and kept by browsers until it changes.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, Header, IfNoneMatch},
};
use sha2::{Digest, Sha256};

const CSS: &[u8] = include_bytes!("../assets/tenfold.css");

/// The path at which both programs serve it.
pub const PATH: &str = "/assets/tenfold.css";

static VERSION: LazyLock<String> = LazyLock::new(|| hex::encode(&Sha256::digest(CSS)[..8]));
static HREF: LazyLock<String> = LazyLock::new(|| format!("{PATH}?v={}", *VERSION));

/// The address that pages link to; it names the content, so that it may be kept for ever.
pub fn href() -> &'static str {
    &HREF
}

/// The stylesheet's text, for pages that are written to a file.
pub fn text() -> &'static str {
    std::str::from_utf8(CSS).unwrap_or_default()
}

/// Answers a request for the stylesheet, with 304 where the browser has it.
pub async fn serve(request: HttpRequest) -> HttpResponse {
    let tag = EntityTag::new_strong(VERSION.clone());
    let known = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"));
    if known { response.finish() } else { response.body(CSS) }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test, web};

    use super::*;

    #[actix_web::test]
    async fn is_sent_once_and_then_known() {
        let app = test::init_service(App::new().route(PATH, web::get().to(serve))).await;
        let first = test::call_service(&app, test::TestRequest::get().uri(href()).to_request()).await;
        assert_eq!(first.status(), 200);
        let tag = first.headers().get(ETAG).unwrap().clone();
        assert!(!test::read_body(first).await.is_empty());
        let again = test::TestRequest::get().uri(href()).insert_header(("if-none-match", tag)).to_request();
        let again = test::call_service(&app, again).await;
        assert_eq!(again.status(), 304);
        assert!(test::read_body(again).await.is_empty());
    }

    #[test]
    async fn fetches_nothing_from_elsewhere() {
        assert!(!text().contains("url(") && !text().contains("@import"));
        assert_eq!(text().matches('{').count(), text().matches('}').count());
    }
}
