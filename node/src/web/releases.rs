//! Releases quarter by quarter, and the page on which one is reviewed, prepared or approved.

mod standing;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, Path, Query},
};
use askama::Template;
use serde::Deserialize;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    protocol::{ProblemKind, RefusalReason},
};
use tenfold_store::{Account, Role};
use tenfold_web::{
    Frame, Page, Refusal, SignedIn, Site,
    policies::{self, PolicyLine},
    problems::sentence,
    words,
};

use standing::answered;
pub use standing::line;

use super::{
    frame, loading, prepares, refusal,
    view::{RefusedLine, ReleaseLine, Step, Tag, Tone},
};
use crate::{
    duties::{
        DutyError, Node, approve as approval, look, look::QuarterState, prepare as preparation,
        refuse as refusing, review::review, send_back as returning,
    },
    register::Days,
    release::review::{Check, Outcome, Review},
};

#[derive(Template)]
#[template(path = "releases.html")]
struct ReleasesPage {
    frame: Frame,
    releases: Vec<ReleaseLine>,
    policies: Vec<PolicyLine>,
}

#[derive(Template)]
#[template(path = "release.html")]
struct ReleasePage {
    frame: Frame,
    release: ReleaseLine,
    done: Option<String>,
    refused: Option<String>,
    review: Option<Review>,
    void: Option<RefusedLine>,
    action: Action,
    may_void: bool,
    reasons: [RefusalReason; 4],
}

impl ReleasePage {
    fn counted(&self) -> &'static str {
        if self.release.opening { "Families in the opening position" } else { "Families this quarter" }
    }

    fn outcome(&self, check: &Check) -> Tag {
        match check.outcome {
            Outcome::Pass => Tag::new("Pass", Tone::Good),
            Outcome::LookAt => Tag::new("Look at it", Tone::Waits),
        }
    }

    fn moment(&self, at: &Moment) -> String {
        words::moment(*at)
    }

    fn source(&self, source: &str) -> String {
        loading::title(source)
    }

    fn spans(&self, days: &[Days]) -> String {
        let span = |days: &Days| match days.from == days.to {
            true => words::short_day(days.from),
            false => format!("{} to {}", words::short_day(days.from), words::short_day(days.to)),
        };
        days.iter().map(span).collect::<Vec<_>>().join(", ")
    }

    fn steps(&self) -> [(&'static str, &Option<Step>); 4] {
        let release = &self.release;
        [
            ("Prepared", &release.prepared),
            ("Approved", &release.approved),
            ("Sealed", &release.sealed),
            ("Receipt", &release.receipted),
        ]
    }
}

/// What the person may do on the page.
enum Action {
    /// Approve the tables with this salted hash.
    Approve(String),
    /// Prepare, perhaps not for the first time.
    Prepare(bool),
    /// Nothing, and why; empty where that needs no words.
    Nothing(&'static str),
}

/// `GET /releases`
///
/// # Errors
/// Where the node cannot be read.
pub async fn list(person: SignedIn, node: Data<Node>, site: Data<Site>) -> Result<HttpResponse, Refusal> {
    let now = node.now();
    let quarters = on_node(&node, look::quarters).await?;
    let releases = quarters.iter().rev().map(|state| line(state, now)).collect();
    let policies = match on_node(&node, |node| match node.succession() {
        Err(DutyError::NoPolicy | DutyError::NotEnrolled) => Ok(None),
        other => other.map(Some),
    })
    .await?
    {
        Some(policies) => policies::lines(&policies, now),
        None => Vec::new(),
    };
    ReleasesPage { frame: frame(&site, &person, "/releases"), releases, policies }.answer()
}

/// What a redirect tells the page it leads to.
#[derive(Deserialize)]
pub struct Told {
    done: Option<String>,
}

/// `GET /releases/{quarter}`
///
/// # Errors
/// `NotFound` where the quarter is not the node's.
pub async fn show(
    person: SignedIn,
    quarter: Path<String>,
    told: Query<Told>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let quarter = parse(&quarter)?;
    let done = match told.done.as_deref() {
        Some("approved") => {
            Some("You approved this release. It will be drawn and sealed without anybody seeing it.".into())
        }
        Some("returned") => Some("You returned this release. Its preparer sees your comment.".into()),
        Some("void") => Some(
            "You declared this quarter void. Nothing is drawn for it; its families are counted in the next."
                .into(),
        ),
        Some("prepared") => Some("The tables are frozen. Another person reviews and approves them.".into()),
        _ => None,
    };
    page(&person, quarter, &node, &site, done, None).await?.answer()
}

/// The form of an approval: the tables that were shown.
#[derive(Deserialize)]
pub struct Approve {
    csrf: String,
    shown: String,
}

/// `POST /releases/{quarter}/approve`
///
/// # Errors
/// `NotAllowed` for other roles than approver.
pub async fn approve(
    person: SignedIn,
    quarter: Path<String>,
    form: Form<Approve>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    person.must_be(&[Role::Approver])?;
    let quarter = parse(&quarter)?;
    let (account, shown) = (account(&person), form.into_inner().shown);
    let outcome =
        on_node(&node, move |node| Ok(approval::approve_shown(node, quarter, &account, &shown))).await?;
    match outcome {
        Ok(()) => Ok(told(quarter, "approved")),
        Err(DutyError::PreparedAgain { .. }) => {
            let words =
                "The quarter was prepared again since this page was opened. Look at the tables below anew.";
            let page = page(&person, quarter, &node, &site, None, Some(words.to_owned())).await?;
            page.answer_as(StatusCode::CONFLICT)
        }
        Err(error) => not_done(&person, quarter, &node, &site, error).await,
    }
}

/// The form of a return.
#[derive(Deserialize)]
pub struct SendBack {
    csrf: String,
    shown: String,
    comment: String,
}

/// `POST /releases/{quarter}/return`
///
/// # Errors
/// `NotAllowed` for other roles than approver.
pub async fn send_back(
    person: SignedIn,
    quarter: Path<String>,
    form: Form<SendBack>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    person.must_be(&[Role::Approver])?;
    let quarter = parse(&quarter)?;
    let (account, form) = (account(&person), form.into_inner());
    let returned = move |node: &Node| {
        Ok(returning::send_back(node, quarter, &form.comment, &account, Some(&form.shown)))
    };
    match on_node(&node, returned).await? {
        Ok(()) => Ok(told(quarter, "returned")),
        Err(error) => not_done(&person, quarter, &node, &site, error).await,
    }
}

/// The form by which a quarter is declared void.
#[derive(Deserialize)]
pub struct Refuse {
    csrf: String,
    reason: RefusalReason,
    comment: String,
    #[serde(default)]
    sure: String,
}

/// `POST /releases/{quarter}/void`
///
/// # Errors
/// `NotAllowed` for other roles than approver.
pub async fn refuse(
    person: SignedIn,
    quarter: Path<String>,
    form: Form<Refuse>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    person.must_be(&[Role::Approver])?;
    let quarter = parse(&quarter)?;
    let (account, form) = (account(&person), form.into_inner());
    if form.sure != "yes" {
        let words = "Nothing was done: tick that you are sure. A void quarter stays void for ever.";
        let page = page(&person, quarter, &node, &site, None, Some(words.to_owned())).await?;
        return page.answer_as(StatusCode::CONFLICT);
    }
    let void = move |node: &Node| Ok(refusing::void(node, quarter, form.reason, &form.comment, &account));
    match on_node(&node, void).await? {
        Ok(()) => Ok(told(quarter, "void")),
        Err(error) => not_done(&person, quarter, &node, &site, error).await,
    }
}

/// A form with nothing but its token.
#[derive(Deserialize)]
pub struct Confirmed {
    csrf: String,
}

/// `POST /releases/{quarter}/prepare`
///
/// # Errors
/// `NotAllowed` for other roles than analyst.
pub async fn prepare(
    person: SignedIn,
    quarter: Path<String>,
    form: Form<Confirmed>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    person.must_be(&[Role::Analyst])?;
    let quarter = parse(&quarter)?;
    let account = account(&person);
    let outcome = on_node(&node, move |node| Ok(preparation::prepare(node, quarter, &account))).await?;
    match outcome {
        Ok(_) => Ok(told(quarter, "prepared")),
        Err(error) => not_done(&person, quarter, &node, &site, error).await,
    }
}

async fn not_done(
    person: &SignedIn,
    quarter: Quarter,
    node: &Data<Node>,
    site: &Site,
    error: DutyError,
) -> Result<HttpResponse, Refusal> {
    let refused = refusal(error);
    if refused.kind == ProblemKind::Internal {
        return Err(refused);
    }
    let words = sentence(&refused.to_string());
    page(person, quarter, node, site, None, Some(words)).await?.answer_as(StatusCode::CONFLICT)
}

async fn page(
    person: &SignedIn,
    quarter: Quarter,
    node: &Data<Node>,
    site: &Site,
    done: Option<String>,
    refused: Option<String>,
) -> Result<ReleasePage, Refusal> {
    let now = node.now();
    let (state, review) = on_node(node, move |node| {
        let state = look::quarters(node)?.into_iter().find(|state| state.quarter == quarter);
        let review = if state.is_some() { review(node, quarter)? } else { None };
        Ok((state, review))
    })
    .await?;
    let nothing = || Refusal::new(ProblemKind::NotFound).because("this node releases no such quarter now");
    let state = state.ok_or_else(nothing)?;
    Ok(ReleasePage {
        frame: frame(site, person, "/releases"),
        release: line(&state, now),
        done,
        refused,
        review,
        void: answered(&state),
        action: action(&state, person, now),
        may_void: may_void(&state, person, now),
        reasons: RefusalReason::ALL,
    })
}

/// Whether the person may declare the quarter void.
fn may_void(state: &QuarterState, person: &SignedIn, now: Moment) -> bool {
    let open = state.is_next && state.sealed.is_none() && state.void.is_none() && !state.opening;
    open && person.role == Role::Approver && now >= state.recording_ends
}

fn action(state: &QuarterState, person: &SignedIn, now: Moment) -> Action {
    if state.approval.is_some() || state.void.is_some() || !state.is_next {
        return Action::Nothing("");
    }
    match (&state.preparation, person.role) {
        (Some(prepared), Role::Approver) if prepared.prepared_by == person.name => {
            Action::Nothing("You prepared this quarter; another person approves it.")
        }
        (Some(_), Role::Approver) if state.returned().is_some() => {
            Action::Nothing("It was returned; an analyst prepares it again.")
        }
        (Some(prepared), Role::Approver) => Action::Approve(prepared.salted_hash.clone()),
        (None, Role::Approver) => Action::Nothing("An analyst prepares this quarter first."),
        (prepared, _) if prepares(person) && now >= state.recording_ends => {
            Action::Prepare(prepared.is_some())
        }
        _ => Action::Nothing(""),
    }
}

async fn on_node<T: Send + 'static>(
    node: &Data<Node>,
    duty: impl FnOnce(&Node) -> Result<T, DutyError> + Send + 'static,
) -> Result<T, Refusal> {
    let here = node.clone();
    node.store.run(move |_| duty(&here)).await.map_err(refusal)
}

fn parse(quarter: &str) -> Result<Quarter, Refusal> {
    quarter.parse().map_err(|_| Refusal::new(ProblemKind::NotFound))
}

fn account(person: &SignedIn) -> Account {
    Account { name: person.name.clone(), display_name: person.display_name.clone(), role: person.role }
}

fn told(quarter: Quarter, word: &str) -> HttpResponse {
    let location = format!("/releases/{quarter}?done={word}");
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

#[cfg(test)]
mod tests;
