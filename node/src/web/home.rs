//! The first page: what waits and why, what is loaded, what was released, what was charged.

use actix_web::HttpResponse;
use askama::Template;
use tenfold_common::clock::Moment;
use tenfold_store::Role;
use tenfold_web::{Frame, Page, Refusal, SignedIn, Site};

use super::{
    frame,
    releases::line,
    view::{Budget, ReleaseLine, SourceLine, Tone, Waiting},
};
use crate::duties::look::{BudgetState, QuarterState};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    waiting: Vec<Waiting>,
    sources: Vec<SourceLine>,
    released: Vec<ReleaseLine>,
    budget: Budget,
    may_load: bool,
}

/// How many releases the first page shows.
const NEWEST: usize = 4;

/// The first page, from what the duties found; `sources` in the order they are shown.
///
/// # Errors
/// Where the template fails.
pub fn page(
    site: &Site,
    person: &SignedIn,
    now: Moment,
    sources: Vec<SourceLine>,
    quarters: &[QuarterState],
    budget: &BudgetState,
) -> Result<HttpResponse, Refusal> {
    let lines: Vec<ReleaseLine> = quarters.iter().rev().map(|state| line(state, now)).collect();
    HomePage {
        frame: frame(site, person, "/"),
        waiting: waiting(&sources, &lines),
        released: lines.iter().filter(|line| line.sealed.is_some()).take(NEWEST).cloned().collect(),
        sources,
        budget: budget_line(budget),
        may_load: person.role == Role::Analyst,
    }
    .answer()
}

/// What waits for somebody or has gone wrong: releases first, then rows in quarantine.
fn waiting(sources: &[SourceLine], lines: &[ReleaseLine]) -> Vec<Waiting> {
    let releases = lines.iter().filter(|line| line.state.tone != Tone::Good).map(|line| Waiting {
        what: format!("Release of {}", line.name),
        why: line.next.clone(),
        href: Some(format!("/releases/{}", line.quarter)),
        tag: line.state.clone(),
    });
    let quarantine = sources.iter().filter(|source| source.rows_quarantined > 0).map(|source| Waiting {
        what: format!("{}: rows in quarantine", source.title),
        why: "They count for nothing until they are mended and loaded again.".to_owned(),
        href: source.newest.clone(),
        tag: super::view::Tag::new(
            tenfold_web::words::counted(source.rows_quarantined, "row", "rows"),
            Tone::Waits,
        ),
    });
    releases.chain(quarantine).collect()
}

fn budget_line(state: &BudgetState) -> Budget {
    let left = state.cap.checked_sub(state.spent).unwrap_or_default();
    let (cap, spent) = (state.cap.as_f64(), state.spent.as_f64());
    Budget {
        cap: state.cap.to_string(),
        spent: state.spent.to_string(),
        left: left.to_string(),
        spent_percent: if cap > 0.0 { (100.0 * spent / cap).round() as u32 } else { 0 },
        streams: state.streams.iter().map(|(stream, rho)| (stream.clone(), rho.to_string())).collect(),
    }
}
