//! An approver's answers on the pages: each asks for the password, and is of the tables that the page showed.

use std::sync::Arc;

use actix_web::{App, cookie::Cookie, middleware::from_fn, test, web};
use tenfold_common::clock::Clock;
use tenfold_node::{
    duties::{prepare, standing, verify},
    store,
    web::{release_routes, site},
};
use tenfold_store::{Account, Role, accounts, sessions};
use tenfold_tests::federation::{Federation, Member, PASSWORD};
use tenfold_web::{Desk, problems, security, sign_in};

/// A session of somebody: the cookie, and its forms' token.
fn session(member: &Member, account: &Account) -> anyhow::Result<(Cookie<'static>, String)> {
    let (store, now) = (&member.node.store, member.node.now());
    let token = sessions::open(store, account, now)?;
    let session = sessions::find(store, token.reveal(), now)?.expect("it was opened");
    let name = site(&member.node, false).session_cookie_name();
    Ok((Cookie::new(name, token.reveal().to_owned()), session.form_token))
}

macro_rules! post {
    ($app:expr, $session:expr, $path:expr, $($field:expr => $value:expr),*) => {{
        let form = [("csrf", $session.1.as_str()), $(($field, $value)),*];
        let request = test::TestRequest::post().uri(&$path).cookie($session.0.clone()).set_form(form);
        let answer = test::call_service($app, request.insert_header(("accept", "text/html")).to_request()).await;
        let status = answer.status().as_u16();
        (status, String::from_utf8(test::read_body(answer).await.to_vec())?)
    }};
}

macro_rules! get {
    ($app:expr, $session:expr, $path:expr) => {{
        let request = test::TestRequest::get().uri(&$path).cookie($session.0.clone()).to_request();
        String::from_utf8(test::read_body(test::call_service($app, request).await).await.to_vec())?
    }};
}

#[actix_web::test]
async fn pressed_with_the_password_and_of_what_was_shown() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let clock: Arc<dyn Clock> = member.node.clock.clone();
    let app = test::init_service(
        App::new()
            .app_data(web::Data::new(site(&member.node, false)))
            .app_data(web::Data::new(Desk::new(member.node.store.clone(), clock)))
            .app_data(web::Data::new(member.node.clone()))
            .wrap(from_fn(problems::answered))
            .wrap(from_fn(security::headers))
            .configure(sign_in::routes)
            .configure(release_routes),
    )
    .await;
    let (first, second) = (federation.quarter(0)?, federation.quarter(1)?);
    let approval =
        |quarter| member.node.store.read(|connection| store::releases::approval_of(connection, quarter));
    federation.when_recorded(first)?;
    let seen = prepare::prepare(&member.node, first, &member.analyst)?;
    let approver = session(member, &member.approver)?;
    let shown = seen.salted_hash.as_str();

    // The password is asked for, and a wrong one signs nothing.
    let page = get!(&app, approver, format!("/releases/{first}"));
    assert!(page.contains(&format!("value=\"{shown}\"")) && page.contains("password-approve"), "{page}");
    let path = |what: &str| format!("/releases/{first}/{what}");
    let (status, page) =
        post!(&app, approver, path("approve"), "shown" => shown, "password" => "not the password");
    assert!(
        status == 409 && page.contains("The password is not right. Nothing was signed."),
        "{status}: {page}"
    );
    assert!(approval(first)?.is_none());

    // Approval and return say in one way that the tables are others now.
    let now = prepare::prepare(&member.node, first, &member.analyst)?;
    let anew = "Look at the tables below anew.";
    let (status, page) = post!(&app, approver, path("approve"), "shown" => shown, "password" => PASSWORD);
    assert!(status == 409 && page.contains(anew) && page.contains(&now.salted_hash), "{status}: {page}");
    let (status, page) =
        post!(&app, approver, path("return"), "shown" => shown, "comment" => "no", "password" => PASSWORD);
    assert!(status == 409 && page.contains(anew), "{status}: {page}");

    // Five wrong passwords lock the account here as at the sign-in.
    let shown = now.salted_hash.as_str();
    for _ in 0..5 {
        post!(&app, approver, path("approve"), "shown" => shown, "password" => "not the password");
    }
    let (status, page) = post!(&app, approver, path("approve"), "shown" => shown, "password" => PASSWORD);
    assert!(status == 409 && page.contains("locked"), "{status}: {page}");
    assert!(approval(first)?.is_none());
    federation.clock.set(member.node.now().plus_seconds(1800));
    let (status, _) = post!(&app, approver, path("approve"), "shown" => shown, "password" => PASSWORD);
    assert_eq!(status, 303);
    assert!(approval(first)?.is_some());
    member.deliver().await?;

    // A standing approval is given with the password, used without it by another person, and seen by everybody.
    let give = |last: &'static str| ("/releases/standing".to_owned(), last);
    let (path, last) = give("2017-12-31");
    let (status, page) =
        post!(&app, approver, path, "until" => last, "preparer" => "", "password" => PASSWORD);
    assert!(status == 409 && page.contains("at most 366 days later"), "{status}: {page}");
    let (path, last) = give("2016-03-31");
    let (status, _) =
        post!(&app, approver, path, "until" => last, "preparer" => "analyst", "password" => PASSWORD);
    assert_eq!(status, 303);
    let dana = Account { name: "dana".into(), display_name: "Dana".into(), role: Role::Analyst };
    accounts::add(&member.node.store, &dana, PASSWORD, member.node.now())?;
    federation.when_recorded(second)?;
    prepare::prepare(&member.node, second, &member.analyst)?;
    let (own, other) = (session(member, &member.analyst)?, session(member, &dana)?);
    let page = format!("/releases/{second}");
    assert!(!get!(&app, own, page).contains("Use standing approval 1"), "not offered to the preparer");
    assert!(get!(&app, other, page).contains("Use standing approval 1"));
    let (status, refused) = post!(&app, own, format!("/releases/{second}/routine"),);
    assert!(status == 409 && refused.contains("another person puts a standing approval to use"), "{refused}");
    let (status, _) = post!(&app, other, format!("/releases/{second}/routine"),);
    assert_eq!(status, 303);
    let list = get!(&app, other, "/releases");
    assert!(
        list.contains("2015-Q3 by dana") && list.contains("approver, standing approval 1 used by dana"),
        "{list}"
    );
    let approver = session(member, &member.approver)?;
    assert!(get!(&app, approver, "/releases").contains("/releases/standing/1/revoke"));
    let (status, _) = post!(&app, approver, "/releases/standing/1/revoke",);
    assert_eq!((status, standing::all(&member.node)?[0].stands), (303, false));
    verify::verify(&member.node)?;
    Ok(())
}
