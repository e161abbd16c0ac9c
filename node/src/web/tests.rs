//! The release pages by their addresses: who may open them, who may press what.

use std::sync::Arc;

use actix_web::{App, cookie::Cookie, middleware::from_fn, test};
use tenfold_common::{clock::Clock, privacy::Rho};
use tenfold_store::{Account, DatabaseUrl, accounts, sessions};
use tenfold_web::{Desk, problems, security, sign_in};

use super::*;
use crate::duties::{
    claim,
    create::{Making, create},
};

struct Made {
    _folder: tempfile::TempDir,
    node: Node,
}

impl Made {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let making = Making {
            borough: "E08000001".parse().unwrap(),
            rehearsal_clock: None,
            cap: Rho::from_nano(250_000_000),
            officer: "officer".into(),
        };
        let now = tenfold_common::clock::SystemClock.now();
        let database = DatabaseUrl::Sqlite(folder.path().join("node.sqlite"));
        let node = create(&folder.path().join("node"), &database, &making, now).unwrap();
        Self { _folder: folder, node }
    }

    /// A session of somebody with a role: its cookie, and its forms' token.
    fn session(&self, name: &str, role: Role) -> (Cookie<'static>, String) {
        let account = Account { name: name.into(), display_name: name.into(), role };
        let now = self.node.now();
        accounts::add(&self.node.store, &account, "a long password", now).unwrap();
        let token = sessions::open(&self.node.store, &account, now).unwrap();
        let session = sessions::find(&self.node.store, token.reveal(), now).unwrap().unwrap();
        let name = site(&self.node, false).session_cookie_name();
        (Cookie::new(name, token.reveal().to_owned()), session.form_token)
    }
}

macro_rules! app {
    ($made:expr) => {{
        let node = &$made.node;
        let clock: Arc<dyn Clock> = node.clock.clone();
        test::init_service(
            App::new()
                .app_data(web::Data::new(site(node, false)))
                .app_data(web::Data::new(Desk::new(node.store.clone(), clock)))
                .app_data(web::Data::new(node.clone()))
                .wrap(from_fn(problems::answered))
                .wrap(from_fn(security::headers))
                .configure(sign_in::routes)
                .configure(release_routes)
                .configure(claim_routes),
        )
        .await
    }};
}

macro_rules! status {
    ($app:expr, $request:expr) => {
        test::call_service($app, $request.insert_header(("accept", "text/html")).to_request()).await.status()
    };
}

#[actix_web::test]
async fn without_a_policy_the_list_is_empty_and_no_quarter_is_there() {
    let made = Made::new();
    let app = app!(made);
    let (cookie, _) = made.session("carol", Role::Auditor);
    let list = test::TestRequest::get().uri("/releases").cookie(cookie.clone()).to_request();
    let answer = test::call_service(&app, list).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers().get("cache-control").unwrap(), "private, no-store");
    let body = test::read_body(answer).await;
    assert!(std::str::from_utf8(&body).unwrap().contains("No policy is adopted yet"));
    let quarter = test::TestRequest::get().uri("/releases/2015-Q2").cookie(cookie.clone());
    assert_eq!(status!(&app, quarter), 404);
    assert_eq!(status!(&app, test::TestRequest::get().uri("/releases/nonsense").cookie(cookie)), 404);
    assert_eq!(status!(&app, test::TestRequest::get().uri("/releases")), 303);
}

#[actix_web::test]
async fn nobody_presses_another_roles_button_or_sends_a_foreign_form() {
    let made = Made::new();
    let app = app!(made);
    let (analyst, analyst_form) = made.session("amina", Role::Analyst);
    let (approver, approver_form) = made.session("ben", Role::Approver);
    for (path, cookie, token, expected) in [
        ("/releases/2015-Q2/approve", &analyst, &analyst_form, 403),
        ("/releases/2015-Q2/prepare", &approver, &approver_form, 403),
        ("/releases/standing/1/revoke", &analyst, &analyst_form, 403),
        ("/releases/standing/1/revoke", &approver, &approver_form, 409),
        ("/releases/standing/1/revoke", &approver, &analyst_form, 403),
        ("/releases/2015-Q2/approve", &approver, &analyst_form, 403),
        ("/releases/2015-Q2/approve", &approver, &approver_form, 404),
    ] {
        let request = test::TestRequest::post().uri(path).cookie(cookie.clone()).set_form([
            ("csrf", token.as_str()),
            ("shown", "ab12"),
            ("password", "a long password"),
        ]);
        assert_eq!(status!(&app, request), expected, "{path}");
    }
}

#[actix_web::test]
async fn claims_are_shown_to_who_is_signed_in_and_unknown_ones_are_not_found() {
    let made = Made::new();
    let app = app!(made);
    let (cookie, _) = made.session("carol", Role::Auditor);
    macro_rules! page {
        ($path:expr) => {{
            let request = test::TestRequest::get().uri($path).cookie(cookie.clone());
            let answer =
                test::call_service(&app, request.insert_header(("accept", "text/html")).to_request()).await;
            let status = answer.status().as_u16();
            let body = test::read_body(answer).await;
            (status, std::str::from_utf8(&body).unwrap().to_owned())
        }};
    }
    let (status, body) = page!("/claims");
    assert!(status == 200 && body.contains("No claim window is open"), "{status}: {body}");
    let analyst = Account { name: "amina".into(), display_name: "Amina".into(), role: Role::Analyst };
    let today = made.node.now().day();
    let window = claim::open_window(&made.node, "May <b>", (today, today), None, Some(12), &analyst).unwrap();
    let (status, body) = page!("/claims");
    assert!(status == 200 && body.contains("May &#60;b&#62;") && body.contains(">12<"), "{status}: {body}");
    let (status, body) = page!(&format!("/claims/windows/{}", window.id));
    assert!(status == 200 && body.contains("Nothing is drafted in this window"), "{status}: {body}");
    for path in ["/claims/windows/1/audit", "/claims/windows/2", "/claims/lines/1"] {
        assert_eq!(page!(path).0, 404, "{path}");
    }
    assert_eq!(status!(&app, test::TestRequest::get().uri("/claims")), 303);
}
