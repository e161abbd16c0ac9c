//! Signing in and out, and who is signed in: one desk for both programs.

use std::{future::Future, pin::Pin, sync::Arc};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::StatusCode, http::header, web};
use askama::Template;
use serde::Deserialize;
use tenfold_common::{clock::Clock, protocol::ProblemKind};
use tenfold_store::{AccountError, Role, Store, accounts, sessions, sessions::Session};
use tokio::sync::Semaphore;

use crate::{
    Frame, Page, Refusal, Site,
    layout::SignedInAs,
    security::{random_hex, same},
    stylesheet,
};

/// What a reader is told whenever signing in fails, whatever the cause.
pub const REFUSED: &str = "The name or the password is not right, or the account is locked after repeated failures. A \
                           locked account opens again after a quarter of an hour.";

/// How many passwords are checked at once: each takes 19 MiB and some 40 ms.
const GATE: usize = 2;

/// Where names and passwords are checked and sessions kept.
pub struct Desk {
    store: Store,
    clock: Arc<dyn Clock>,
    gate: Semaphore,
}

impl Desk {
    /// A desk over a store, by a clock.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, gate: Semaphore::new(GATE) }
    }
}

/// Adds the sign-in pages and the stylesheet. Needs `Data<Site>` and `Data<Desk>`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(stylesheet::PATH, web::get().to(stylesheet::serve))
        .service(web::resource("/sign-in").route(web::get().to(show)).route(web::post().to(sign_in)))
        .route("/sign-out", web::post().to(sign_out));
}

/// The person signed in; a handler that takes one is closed to everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// What the person types to sign in; the name that acts are recorded under.
    pub name: String,
    /// How pages name the person.
    pub display_name: String,
    /// What the person may do.
    pub role: Role,
    csrf: String,
}

impl SignedIn {
    /// Refuses a form that does not carry this session's token.
    ///
    /// # Errors
    /// `NotAllowed` where it does not.
    pub fn sent(&self, csrf: &str) -> Result<(), Refusal> {
        if same(csrf, &self.csrf) {
            Ok(())
        } else {
            Err(Refusal::new(ProblemKind::NotAllowed)
                .because("the form does not belong to this session; open its page again and send it anew"))
        }
    }

    /// Refuses roles other than those named.
    ///
    /// # Errors
    /// `NotAllowed` where the role is another.
    pub fn must_be(&self, roles: &[Role]) -> Result<(), Refusal> {
        if roles.contains(&self.role) {
            return Ok(());
        }
        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        Err(Refusal::new(ProblemKind::NotAllowed).because(format!(
            "this is for the role {}; you are signed in as {}",
            names.join(" or "),
            self.role
        )))
    }

    /// The person for a page's frame.
    pub fn for_frame(&self) -> SignedInAs {
        SignedInAs {
            name: self.display_name.clone(),
            role: self.role.as_str().replace('-', " "),
            csrf: self.csrf.clone(),
        }
    }
}

impl From<Session> for SignedIn {
    fn from(session: Session) -> Self {
        Self {
            name: session.account.name,
            display_name: session.account.display_name,
            role: session.account.role,
            csrf: session.form_token,
        }
    }
}

impl FromRequest for SignedIn {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (site, desk) = site_and_desk(&request)?;
            let nobody = || Refusal::new(ProblemKind::NotIdentified);
            let token = request.cookie(&site.session_cookie_name()).ok_or_else(nobody)?;
            let (token, now) = (token.value().to_owned(), desk.clock.now());
            let session = desk.store.run(move |store| sessions::find(store, &token, now)).await;
            let session = session.map_err(Refusal::internal)?.ok_or_else(nobody)?;
            Ok(session.into())
        })
    }
}

fn site_and_desk(request: &HttpRequest) -> Result<(web::Data<Site>, web::Data<Desk>), Refusal> {
    let site = request.app_data::<web::Data<Site>>().cloned();
    let desk = request.app_data::<web::Data<Desk>>().cloned();
    site.zip(desk).ok_or_else(|| Refusal::internal("the server was started without site or desk"))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    csrf: String,
    next: String,
    name: String,
    refused: bool,
}

#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
}

async fn show(asked: web::Query<Asked>, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    page(&site, asked.into_inner().next.unwrap_or_default(), String::new(), false)
}

#[derive(Deserialize)]
struct Given {
    csrf: String,
    next: String,
    name: String,
    password: String,
}

async fn sign_in(
    request: HttpRequest,
    given: web::Form<Given>,
    site: web::Data<Site>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse, Refusal> {
    let Given { csrf, next, name, password } = given.into_inner();
    let ours = request.cookie(&site.cookie_name("-form"));
    if !ours.is_some_and(|cookie| same(&csrf, cookie.value())) {
        // The page was open for longer than its cookie: show it anew.
        return page(&site, next, name, false);
    }
    let now = desk.clock.now();
    let permit = desk.gate.acquire().await.map_err(Refusal::internal)?;
    let typed = name.clone();
    let opened = desk
        .store
        .run(move |store| match accounts::verify(store, &typed, &password, now) {
            Ok(Some(account)) => sessions::open(store, &account, now).map(Some),
            Ok(None) | Err(AccountError::Locked { .. }) => Ok(None),
            Err(error) => Err(error),
        })
        .await
        .map_err(Refusal::internal)?;
    drop(permit);
    let Some(token) = opened else {
        return page(&site, next, name, true);
    };
    let next = if is_local(&next) { next } else { "/".to_owned() };
    let mut forgotten = site.cookie("-form", String::new());
    forgotten.make_removal();
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, next))
        .cookie(site.cookie("", token.reveal().to_owned()))
        .cookie(forgotten)
        .finish())
}

#[derive(Deserialize)]
struct SignOut {
    csrf: String,
}

async fn sign_out(
    request: HttpRequest,
    person: SignedIn,
    form: web::Form<SignOut>,
    site: web::Data<Site>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    if let Some(token) = request.cookie(&site.session_cookie_name()) {
        let token = token.value().to_owned();
        desk.store.run(move |store| sessions::close(store, &token)).await.map_err(Refusal::internal)?;
    }
    let mut forgotten = site.cookie("", String::new());
    forgotten.make_removal();
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/sign-in")).cookie(forgotten).finish())
}

fn page(site: &Site, next: String, name: String, refused: bool) -> Result<HttpResponse, Refusal> {
    let csrf = random_hex::<32>();
    let next = if is_local(&next) { next } else { String::new() };
    let page = SignInPage { frame: site.frame(), csrf: csrf.clone(), next, name, refused };
    let status = if refused { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let mut answer = page.answer_as(status)?;
    answer.add_cookie(&site.cookie("-form", csrf)).map_err(Refusal::internal)?;
    Ok(answer)
}

/// Whether an address stays on this site: a path, not another host in disguise.
fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

#[cfg(test)]
mod tests;
