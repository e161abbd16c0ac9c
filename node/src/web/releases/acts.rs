//! What is pressed on the release pages: an approver's answers, signed under the password given with each, and a
//! quarter's preparation.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, Path},
};
use serde::Deserialize;
use tenfold_common::{
    calendar::Quarter,
    protocol::{ProblemKind, RefusalReason},
};
use tenfold_store::{Role, Signer};
use tenfold_web::{Page, Refusal, SignedIn, Site, problems::sentence};

use super::{account, on_node, page, parse};
use crate::{
    duties::{
        ApprovalFault, DutyError, Node, approve as approval, prepare as preparation, refuse as refusing,
        send_back as returning, standing,
    },
    web::refusal,
};

/// The form of an approval: the tables that were shown, and the approver's password.
#[derive(Deserialize)]
pub struct Approve {
    csrf: String,
    shown: String,
    password: String,
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
    let (quarter, form) = (parse(&quarter)?, form.into_inner());
    let sign = move |node: &Node, by: &Signer| approval::approve(node, quarter, by, &form.shown);
    let outcome = signed(&person, form.password, &node, sign).await?;
    answered(outcome, "approved", &person, quarter, &node, &site).await
}

/// The form of a return.
#[derive(Deserialize)]
pub struct SendBack {
    csrf: String,
    shown: String,
    comment: String,
    password: String,
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
    let (quarter, form) = (parse(&quarter)?, form.into_inner());
    let sign = move |node: &Node, by: &Signer| {
        returning::send_back(node, quarter, &form.comment, by, Some(&form.shown))
    };
    let outcome = signed(&person, form.password, &node, sign).await?;
    answered(outcome, "returned", &person, quarter, &node, &site).await
}

/// The form by which a quarter is declared void.
#[derive(Deserialize)]
pub struct Refuse {
    csrf: String,
    reason: RefusalReason,
    comment: String,
    password: String,
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
    let (quarter, form) = (parse(&quarter)?, form.into_inner());
    if form.sure != "yes" {
        let words = "Nothing was done: tick that you are sure. A void quarter stays void for ever.";
        let page = page(&person, quarter, &node, &site, None, Some(words.to_owned())).await?;
        return page.answer_as(StatusCode::CONFLICT);
    }
    let sign = move |node: &Node, by: &Signer| refusing::void(node, quarter, form.reason, &form.comment, by);
    let outcome = signed(&person, form.password, &node, sign).await?;
    answered(outcome, "void", &person, quarter, &node, &site).await
}

/// A form with nothing but its token.
#[derive(Deserialize)]
pub struct Confirmed {
    pub(super) csrf: String,
}

/// `POST /releases/{quarter}/routine`: puts a standing approval to use.
///
/// # Errors
/// `NotAllowed` for other roles than analyst and approver.
pub async fn use_standing(
    person: SignedIn,
    quarter: Path<String>,
    form: Form<Confirmed>,
    node: Data<Node>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    person.must_be(&[Role::Analyst, Role::Approver])?;
    let (quarter, by) = (parse(&quarter)?, account(&person));
    let outcome = on_node(&node, move |node| Ok(standing::put_to_use(node, quarter, &by))).await?;
    answered(outcome.map(drop), "routine", &person, quarter, &node, &site).await
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
    let (quarter, by) = (parse(&quarter)?, account(&person));
    let outcome = on_node(&node, move |node| Ok(preparation::prepare(node, quarter, &by))).await?;
    answered(outcome.map(drop), "prepared", &person, quarter, &node, &site).await
}

/// Opens the approver's own key for one act and does it.
pub(super) async fn signed<T: Send + 'static>(
    person: &SignedIn,
    password: String,
    node: &Data<Node>,
    act: impl FnOnce(&Node, &Signer) -> Result<T, DutyError> + Send + 'static,
) -> Result<Result<T, DutyError>, Refusal> {
    person.must_be(&[Role::Approver])?;
    let name = person.name.clone();
    on_node(node, move |node| Ok(node.signer(&name, &password).and_then(|by| act(node, &by)))).await
}

/// Leads on to the quarter's page, or shows it anew with why nothing was done.
async fn answered(
    outcome: Result<(), DutyError>,
    done: &str,
    person: &SignedIn,
    quarter: Quarter,
    node: &Data<Node>,
    site: &Site,
) -> Result<HttpResponse, Refusal> {
    let error = match outcome {
        Ok(()) => return Ok(led_to(&format!("/releases/{quarter}?done={done}"))),
        Err(error) => error,
    };
    let words = why_not(error)?;
    page(person, quarter, node, site, None, Some(words)).await?.answer_as(StatusCode::CONFLICT)
}

/// Why nothing was done, in the words of a page.
pub(super) fn why_not(error: DutyError) -> Result<String, Refusal> {
    match error {
        DutyError::Approval(ApprovalFault::PreparedAgain { .. }) => {
            Ok("The quarter was prepared again since this page was opened. Look at the tables below anew."
                .to_owned())
        }
        DutyError::SignIn => Ok("The password is not right. Nothing was signed.".to_owned()),
        error => {
            let refused = refusal(error);
            if refused.kind == ProblemKind::Internal {
                Err(refused)
            } else {
                Ok(sentence(&refused.to_string()))
            }
        }
    }
}

pub(super) fn led_to(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}
