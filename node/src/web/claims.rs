//! Claims: the work list, a window's total with its lines, a claim with its evidence, an audit.
//!
//! These pages read; drafting, auditing and certifying are acts on the command line.

use std::borrow::Borrow;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use chrono::NaiveDate;
use tenfold_common::{clock::Moment, protocol::ProblemKind};
use tenfold_web::{Frame, Page, Refusal, SignedIn, Site, words};

use super::{
    frame, refusal,
    view::{Tag, Tone},
};
use crate::{
    claims::ladder::State,
    duties::{
        DutyError, Node,
        audit::{self, AuditState},
        certify::{self, Certified},
        claim::{
            ClaimFault, before,
            look::{self, ClaimLine, ClaimedBefore, DoubleCase, WindowState, WorkLine},
            trace::{self, ClaimDetail},
        },
    },
};

/// How many families the work list shows; `claim work-list` has all.
const MOST_FAMILIES: usize = 200;

#[derive(Template)]
#[template(path = "claims.html")]
struct ClaimsPage {
    frame: Frame,
    windows: Vec<WindowState>,
    double_cases: Vec<DoubleCase>,
    work: Vec<WorkLine>,
    not_shown: usize,
    before: ClaimedBefore,
}

#[derive(Template)]
#[template(path = "claims_window.html")]
struct WindowPage {
    frame: Frame,
    window: WindowState,
    claims: Vec<ClaimLine>,
    certificates: Vec<Certified>,
    audited: bool,
}

#[derive(Template)]
#[template(path = "claims_line.html")]
struct LinePage {
    frame: Frame,
    detail: ClaimDetail,
    window: i64,
}

#[derive(Template)]
#[template(path = "claims_audit.html")]
struct AuditPage {
    frame: Frame,
    window: WindowState,
    audit: AuditState,
}

/// A state as a tag.
fn tag(state: &str) -> Tag {
    let tone = match state.parse() {
        Ok(State::Drafted | State::Audited) => Tone::Waits,
        Ok(State::Certified | State::Submitted) => Tone::Moves,
        Ok(State::Paid) => Tone::Good,
        Ok(State::Refused) => Tone::Stops,
        Ok(State::Withdrawn) | Err(()) => Tone::Plain,
    };
    Tag::new(state, tone)
}

// Askama hands some values over and some by reference: these take either.

fn money(pence: impl Borrow<i64>) -> String {
    words::pounds(*pence.borrow())
}

/// Money that is never negative.
fn pounds_of(pence: impl Borrow<u64>) -> String {
    words::pounds(i64::try_from(*pence.borrow()).unwrap_or(i64::MAX))
}

fn moment(at: impl Borrow<Moment>) -> String {
    words::moment(*at.borrow())
}

fn day(day: impl Borrow<NaiveDate>) -> String {
    words::short_day(*day.borrow())
}

/// `GET /claims`
///
/// # Errors
/// Where the node cannot be read.
pub async fn list(person: SignedIn, node: Data<Node>, site: Data<Site>) -> Result<HttpResponse, Refusal> {
    let (windows, double_cases, mut work, before) = on_node(&node, |node| {
        let double_cases = look::double_cases(node)?;
        Ok((look::windows(node)?, double_cases, look::work_list(node)?, before::list(node)?))
    })
    .await?;
    let not_shown = work.len().saturating_sub(MOST_FAMILIES);
    work.truncate(MOST_FAMILIES);
    let frame = frame(&site, &person, "/claims");
    ClaimsPage { frame, windows, double_cases, work, not_shown, before }.answer()
}

/// `GET /claims/windows/{id}`
///
/// # Errors
/// `NotFound` where there is no such window.
pub async fn window(
    person: SignedIn,
    id: Path<i64>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let id = id.into_inner();
    let (window, claims, certificates, audited) = on_node(&node, move |node| {
        let window = window_of(node, id)?;
        let claims = look::list(node, Some(&window.name))?;
        let certificates = certify::certificates(node, &window.name)?;
        let audited = audit::state(node, &window.name).is_ok();
        Ok((window, claims, certificates, audited))
    })
    .await?;
    let frame = frame(&site, &person, "/claims");
    WindowPage { frame, window, claims, certificates, audited }.answer()
}

/// `GET /claims/lines/{id}`
///
/// # Errors
/// `NotFound` where there is no such claim.
pub async fn line(
    person: SignedIn,
    id: Path<i64>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let id = id.into_inner();
    let (detail, window) = on_node(&node, move |node| {
        let detail = trace::show(node, id)?;
        let windows = look::windows(node)?;
        let window = windows.into_iter().find(|window| window.name == detail.claim.window);
        Ok((detail, window.map_or(0, |window| window.id)))
    })
    .await?;
    LinePage { frame: frame(&site, &person, "/claims"), detail, window }.answer()
}

/// `GET /claims/windows/{id}/audit`
///
/// # Errors
/// `NotFound` where there is no such window, or it has no audit.
pub async fn audit_page(
    person: SignedIn,
    id: Path<i64>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let id = id.into_inner();
    let (window, audit) = on_node(&node, move |node| {
        let window = window_of(node, id)?;
        let audit = audit::state(node, &window.name)?;
        Ok((window, audit))
    })
    .await?;
    AuditPage { frame: frame(&site, &person, "/claims"), window, audit }.answer()
}

fn window_of(node: &Node, id: i64) -> Result<WindowState, DutyError> {
    let found = look::windows(node)?.into_iter().find(|window| window.id == id);
    found.ok_or_else(|| ClaimFault::NoWindow { name: id.to_string() }.into())
}

/// How a claim's error is answered, where it is not the program's own fault.
pub(super) fn kind(fault: &ClaimFault) -> ProblemKind {
    match fault {
        ClaimFault::NoClaim { .. } | ClaimFault::NoWindow { .. } | ClaimFault::NoAudit { .. } => {
            ProblemKind::NotFound
        }
        ClaimFault::NotIndependent { .. } | ClaimFault::OwnClaim { .. } => ProblemKind::NotAllowed,
        _ => ProblemKind::OutOfOrder,
    }
}

async fn on_node<T: Send + 'static>(
    node: &Data<Node>,
    duty: impl FnOnce(&Node) -> Result<T, DutyError> + Send + 'static,
) -> Result<T, Refusal> {
    let here = node.clone();
    node.store.run(move |_| duty(&here)).await.map_err(refusal)
}
