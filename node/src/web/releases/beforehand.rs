//! Standing approvals on the releases page: in words, given and revoked; and the keys that approvers sign with.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};
use chrono::NaiveDate;
use serde::Deserialize;
use tenfold_common::{calendar::Quarter, clock::Moment, protocol::ProblemKind};
use tenfold_store::Role;
use tenfold_web::{Page, Refusal, SignedIn, Site, words};

use super::{
    account,
    acts::{Confirmed, led_to, signed, why_not},
    on_node, overview,
};
use crate::{
    duties::{
        DutyError, Node,
        look::KeptKey,
        standing::{self, StandingState},
    },
    web::view::{KeyLine, StandingLine, Step, Tag, Tone},
};

/// A standing approval in the words of the page.
pub(super) fn line(state: &StandingState) -> StandingLine {
    let terms = &state.granted.terms;
    let step = |at: Moment, by: &str| Step {
        day: words::short_day(at.day()),
        time: words::time(at),
        by: by.to_owned(),
    };
    let tag = match (&state.granted.revoked, state.stands) {
        (Some(_), _) => Tag::new("Revoked", Tone::Plain),
        (None, true) => Tag::new("Stands", Tone::Good),
        (None, false) => Tag::new("Ended", Tone::Plain),
    };
    let uses =
        state.uses.iter().map(|(quarter, by, _): &(Quarter, String, Moment)| format!("{quarter} by {by}"));
    StandingLine {
        number: state.granted.number,
        state: tag,
        given: step(terms.from, &terms.by),
        until: words::moment(terms.until),
        preparer: terms.preparer.clone().unwrap_or_else(|| "any analyst".to_owned()),
        revoked: state.granted.revoked.as_ref().map(|(at, by)| step(*at, by)),
        uses: uses.collect(),
        stands: state.stands,
    }
}

/// A signing key in the words of the page.
pub(super) fn key_line(key: &KeptKey) -> KeyLine {
    KeyLine {
        id: key.public.id(),
        account: key.account.clone(),
        made: words::moment(key.made_at),
        retired: key.retired_at.map(words::moment),
        origin: key.origin.words(),
    }
}

/// The form by which a standing approval is given.
#[derive(Deserialize)]
pub struct Give {
    csrf: String,
    until: NaiveDate,
    preparer: String,
    password: String,
}

/// `POST /releases/standing`
///
/// # Errors
/// `NotAllowed` for other roles than approver.
pub async fn give(
    person: SignedIn,
    form: Form<Give>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    let Give { until, preparer, password, .. } = form.into_inner();
    let until = Moment::at_start_of(until).plus_days(1);
    let preparer = Some(preparer.trim().to_owned()).filter(|name| !name.is_empty());
    let outcome = signed(&person, password, &node, move |node, by| {
        standing::give(node, preparer.as_deref(), until, by).map(drop)
    });
    answered(outcome.await?, &person, &node, &site).await
}

/// `POST /releases/standing/{number}/revoke`
///
/// # Errors
/// `NotAllowed` for other roles than approver.
pub async fn revoke(
    person: SignedIn,
    number: Path<String>,
    form: Form<Confirmed>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    person.must_be(&[Role::Approver])?;
    let number: i64 = number.parse().map_err(|_| Refusal::new(ProblemKind::NotFound))?;
    let by = account(&person);
    let outcome = on_node(&node, move |node| Ok(standing::revoke(node, number, &by))).await?;
    answered(outcome, &person, &node, &site).await
}

async fn answered(
    outcome: Result<(), DutyError>,
    person: &SignedIn,
    node: &Data<Node>,
    site: &Site,
) -> Result<HttpResponse, Refusal> {
    match outcome {
        Ok(()) => Ok(led_to("/releases")),
        Err(error) => {
            let words = why_not(error)?;
            overview(person, node, site, Some(words)).await?.answer_as(StatusCode::CONFLICT)
        }
    }
}
