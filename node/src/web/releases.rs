//! Releases quarter by quarter, and the page on which one is reviewed, prepared or approved.

pub mod acts;
mod beforehand;
mod standing;

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
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
    words,
};

pub use beforehand::{give, revoke};
use standing::answered;
pub use standing::line;

use super::{
    frame, loading, prepares, refusal,
    view::{KeyLine, RefusedLine, ReleaseLine, StandingLine, Step, Tag, Tone},
};
use crate::{
    duties::{DutyError, Node, look, look::QuarterState, review::review, standing as routine},
    register::Days,
    release::review::{Check, Outcome, Review, StreamReview},
};

#[derive(Template)]
#[template(path = "releases.html")]
struct ReleasesPage {
    frame: Frame,
    releases: Vec<ReleaseLine>,
    policies: Vec<PolicyLine>,
    standing: Vec<StandingLine>,
    keys: Vec<KeyLine>,
    may_give: bool,
    refused: Option<String>,
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
    routine: Option<(i64, String)>,
}

impl ReleasePage {
    fn counted(&self, stream: &StreamReview) -> String {
        match &stream.quarters {
            Some(quarters) => format!("Families {quarters}"),
            None if self.release.opening => "Families in the opening position".to_owned(),
            None => "Families this quarter".to_owned(),
        }
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
    overview(&person, &node, &site, None).await?.answer()
}

async fn overview(
    person: &SignedIn,
    node: &Data<Node>,
    site: &Site,
    refused: Option<String>,
) -> Result<ReleasesPage, Refusal> {
    let now = node.now();
    let (quarters, standing, keys, policies) = on_node(node, |node| {
        let policies = match node.succession() {
            Err(DutyError::NoPolicy | DutyError::NotEnrolled) => None,
            other => Some(other?),
        };
        Ok((look::quarters(node)?, routine::all(node)?, look::signing_keys(node)?, policies))
    })
    .await?;
    Ok(ReleasesPage {
        frame: frame(site, person, "/releases"),
        releases: quarters.iter().rev().map(|state| line(state, now)).collect(),
        policies: policies.map_or_else(Vec::new, |policies| policies::lines(&policies, now)),
        standing: standing.iter().rev().map(beforehand::line).collect(),
        keys: keys.iter().rev().map(beforehand::key_line).collect(),
        may_give: person.role == Role::Approver && !quarters.is_empty(),
        refused,
    })
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
        Some("routine") => {
            Some("You put a standing approval to use. The release will be drawn and sealed without anybody seeing it.".into())
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

async fn page(
    person: &SignedIn,
    quarter: Quarter,
    node: &Data<Node>,
    site: &Site,
    done: Option<String>,
    refused: Option<String>,
) -> Result<ReleasePage, Refusal> {
    let now = node.now();
    let by = account(person);
    let (state, review, routine) = on_node(node, move |node| {
        let state = look::quarters(node)?.into_iter().find(|state| state.quarter == quarter);
        let review = if state.is_some() { review(node, quarter)? } else { None };
        let routine = if review.is_some() { routine::offered(node, quarter, &by)? } else { None };
        Ok((state, review, routine))
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
        routine,
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

#[cfg(test)]
mod tests;
