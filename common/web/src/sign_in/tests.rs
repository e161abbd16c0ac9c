//! The desk as people use it: real store, real cookies.

use actix_web::{App, body::MessageBody, cookie::Cookie, dev::ServiceResponse, middleware::from_fn, test};
use diesel_migrations::EmbeddedMigrations;
use tenfold_common::clock::SteppedClock;
use tenfold_store::{Account, DatabaseUrl, migrations::MigrationSet};

use super::*;
use crate::{problems, security};

const PASSWORD: &str = "correct horse battery";

fn site() -> Site {
    Site {
        service: "Tenfold node".into(),
        place: "Bolton".into(),
        code: "E08000001".into(),
        rehearsal: true,
        https: false,
    }
}

async fn hello(person: SignedIn) -> Result<String, Refusal> {
    person.must_be(&[Role::Analyst])?;
    Ok(format!("hello {}", person.display_name))
}

struct World {
    _folder: tempfile::TempDir,
    store: Store,
    clock: SteppedClock,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let none = MigrationSet { sqlite: EmbeddedMigrations::new(&[]), postgres: EmbeddedMigrations::new(&[]) };
    let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("db")), none).unwrap();
    let clock = SteppedClock::at("2016-04-01T09:00:00Z".parse().unwrap());
    for (name, role) in [("amina", Role::Analyst), ("ben", Role::Auditor)] {
        let account = Account { name: name.into(), display_name: format!("{name} of Bolton"), role };
        accounts::add(&store, &account, PASSWORD, clock.now()).unwrap();
    }
    World { _folder: folder, store, clock }
}

macro_rules! app {
    ($world:expr) => {
        test::init_service(
            App::new()
                .app_data(web::Data::new(site()))
                .app_data(web::Data::new(Desk::new($world.store.clone(), Arc::new($world.clock.clone()))))
                .wrap(from_fn(problems::answered))
                .wrap(from_fn(security::headers))
                .configure(routes)
                .route("/hello", web::get().to(hello)),
        )
        .await
    };
}

fn cookie(answer: &ServiceResponse<impl MessageBody>, name: &str) -> Option<Cookie<'static>> {
    answer.response().cookies().find(|cookie| cookie.name() == name).map(Cookie::into_owned)
}

macro_rules! sign_in {
    ($app:expr, $name:expr, $password:expr) => {{
        let page = test::call_service($app, test::TestRequest::get().uri("/sign-in").to_request()).await;
        let form = cookie(&page, "tenfold-E08000001-form").unwrap();
        let request = test::TestRequest::post()
            .uri("/sign-in")
            .set_form([("csrf", form.value()), ("next", "/hello"), ("name", $name), ("password", $password)])
            .cookie(form.clone())
            .to_request();
        test::call_service($app, request).await
    }};
}

macro_rules! get {
    ($app:expr, $path:expr, $session:expr) => {{
        let request = test::TestRequest::get().uri($path).cookie($session.clone()).to_request();
        test::call_service($app, request).await
    }};
}

#[actix_web::test]
async fn a_person_signs_in_works_and_signs_out() {
    let world = world();
    let app = app!(world);
    let answer = sign_in!(&app, "amina", PASSWORD);
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers().get("location").unwrap(), "/hello");
    let session = cookie(&answer, "tenfold-E08000001").unwrap();
    assert!(session.http_only().unwrap() && session.same_site() == Some(actix_web::cookie::SameSite::Lax));
    let body = test::read_body(get!(&app, "/hello", session)).await;
    assert_eq!(body, "hello amina of Bolton");

    let token = sessions::find(&world.store, session.value(), world.clock.now()).unwrap().unwrap().form_token;
    for (csrf, status, after) in [("forged", 403, 200), (token.as_str(), 303, 401)] {
        let request = test::TestRequest::post()
            .uri("/sign-out")
            .set_form([("csrf", csrf)])
            .cookie(session.clone())
            .to_request();
        assert_eq!(test::call_service(&app, request).await.status(), status);
        assert_eq!(get!(&app, "/hello", session).status(), after);
    }
}

#[actix_web::test]
async fn failure_has_one_sentence_whatever_the_cause() {
    let world = world();
    let app = app!(world);
    let mut pages = Vec::new();
    for name in ["amina", "nobody"] {
        for _ in 0..6 {
            let answer = sign_in!(&app, name, "a wrong password");
            assert_eq!(answer.status(), 401);
            pages.push(test::read_body(answer).await.len());
        }
    }
    // The two names differ by one letter in length; nothing else on the pages differs.
    assert!(pages[..6].iter().all(|length| *length == pages[0]));
    assert!(pages[6..].iter().all(|length| *length == pages[0] + 1));
    assert_eq!(sign_in!(&app, "amina", PASSWORD).status(), 401, "locked");
    world.clock.set(world.clock.now().plus_seconds(3600));
    assert_eq!(sign_in!(&app, "amina", PASSWORD).status(), 303);
}

#[actix_web::test]
async fn another_role_and_an_old_session_stay_outside() {
    let world = world();
    let app = app!(world);
    let session = cookie(&sign_in!(&app, "ben", PASSWORD), "tenfold-E08000001").unwrap();
    assert_eq!(get!(&app, "/hello", session).status(), 403);
    world.clock.set(world.clock.now().plus_seconds(sessions::SESSION_LIFE_S));
    assert_eq!(get!(&app, "/hello", session).status(), 401);
}

#[actix_web::test]
async fn a_form_without_our_cookie_signs_nobody_in() {
    let world = world();
    let app = app!(world);
    let request = test::TestRequest::post()
        .uri("/sign-in")
        .set_form([("csrf", "x"), ("next", ""), ("name", "amina"), ("password", PASSWORD)])
        .to_request();
    let answer = test::call_service(&app, request).await;
    assert!(answer.status() == 200 && cookie(&answer, "tenfold-E08000001").is_none());
}

#[actix_web::test]
async fn the_page_is_as_reviewed() {
    let site = site();
    let page = |refused| {
        SignInPage {
            frame: site.frame(),
            csrf: "00ff".into(),
            next: "/releases".into(),
            name: "amina".into(),
            refused,
        }
        .render()
        .unwrap()
        .replace(stylesheet::href(), "/assets/tenfold.css")
    };
    insta::assert_snapshot!(page(true));
    assert!(!page(false).contains("error-summary"));
}

#[test]
async fn only_paths_of_this_site_are_gone_to() {
    for path in ["/", "/releases/2015-Q2", "/loads/7?x=1"] {
        assert!(is_local(path), "{path}");
    }
    for path in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a b", "/a\r\nb"] {
        assert!(!is_local(path), "{path}");
    }
}
