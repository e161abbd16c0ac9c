//! Joining without files: invitations, and requests that come by themselves and wait for a person.

use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    protocol::{
        EnrolmentRequest, ProblemKind,
        joining::{self, Applied, Invitation},
        signature,
    },
};
use tenfold_store::{AnyConnection, acts};

use super::{Aggregator, DutyError, enrol};
use crate::{
    ingest::Refusal,
    store::{self, applications::Application},
};

/// How many requests of one borough may wait at once.
const MOST_WAITING: usize = 5;
/// For how long a request waits, in days.
const WAITS_DAYS: i64 = 30;

/// Makes an invitation for a borough's node; only its secret's SHA-256 is kept.
///
/// # Errors
/// Where the system has no randomness or the store fails.
pub fn invite(
    aggregator: &Aggregator,
    borough: &BoroughCode,
    days: u16,
    by: &str,
) -> Result<(Invitation, Moment), DutyError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| DutyError::Unsound {
        what: "the system's generator".to_owned(),
        reason: "it gave no random bytes".to_owned(),
    })?;
    let root = tenfold_web::tls::fingerprint_of_pem(&aggregator.root_pem()?)?;
    let invitation = Invitation::new(borough.clone(), &secret, root);
    let now = aggregator.now();
    let ends_at = now.plus_days(i64::from(days));
    aggregator.store.write(|connection| {
        let sha256 = joining::secret_sha256(invitation.secret());
        store::invitations::add(connection, &sha256, borough, by, now, ends_at)?;
        acts::record(connection, now, by, "invited", borough.as_str())
    })?;
    Ok((invitation, ends_at))
}

/// Answers a node that applies: enrolled with its bundle by an invitation or by a person meanwhile, or else waiting. The
/// same request gets the same bundle again.
///
/// # Errors
/// `Refused` or `Request` in words for the borough.
pub fn apply(aggregator: &Aggregator, application: &joining::Application) -> Result<Applied, DutyError> {
    let text = application.request.trim();
    let request = enrol::opened(text)?;
    let policies = aggregator.succession()?;
    let sha256 = signature::sha256_hex(text.as_bytes());
    let secret = joining::secret_sha256(&application.secret);
    aggregator.append(|connection| {
        if let Some((fingerprint, answer)) = store::renewals::answer_to(connection, &sha256)?
            && let Some(standing) = store::enrolments::in_force(connection, &fingerprint)?
            && standing.not_after > aggregator.now()
        {
            let bundle = serde_json::from_str(&answer).map_err(|_| DutyError::Unsound {
                what: "a kept bundle".to_owned(),
                reason: "it cannot be read back".to_owned(),
            })?;
            return Ok(Applied::Enrolled { bundle: Box::new(bundle) });
        }
        if application.secret.is_empty() {
            wait(aggregator, connection, &request, text, &sha256)?;
            return Ok(Applied::Waiting);
        }
        let by = take(aggregator, connection, &request, &secret, &sha256)?;
        let bundle = enrol::issue(aggregator, connection, &policies, text, &request, None, &by)?;
        tracing::info!(borough = %request.borough, "a node joined by invitation");
        Ok(Applied::Enrolled { bundle: Box::new(bundle) })
    })
}

/// Uses an invitation, and names who enrols by it.
fn take(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    request: &EnrolmentRequest,
    secret: &str,
    sha256: &str,
) -> Result<String, DutyError> {
    let refuse = |detail: String| Err(Refusal::new(ProblemKind::Invitation, detail).into());
    let now = aggregator.now();
    let Some(kept) = store::invitations::find(connection, secret)? else {
        return refuse("the region made no such invitation: type it as it was told".to_owned());
    };
    if let Some((_, at)) = kept.used {
        return refuse(format!(
            "it was used on {at} and lets in once: if that was not this node, tell the region at once; else ask for \
             another"
        ));
    }
    if kept.borough != request.borough {
        return refuse(format!("it is for {}, this is the node of {}", kept.borough, request.borough));
    }
    if kept.ends_at <= now {
        return refuse(format!("it ended on {}: ask the region for another", kept.ends_at));
    }
    store::invitations::take(connection, secret, sha256, now)?;
    Ok(format!("{} by invitation", kept.by))
}

/// Lets a request wait for a person, a few of each borough at most.
fn wait(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    request: &EnrolmentRequest,
    text: &str,
    sha256: &str,
) -> Result<(), DutyError> {
    let now = aggregator.now();
    let waiting = store::applications::waiting(connection, now.plus_days(-WAITS_DAYS))?;
    if waiting.iter().any(|waiting| waiting.request == sha256) {
        return Ok(());
    }
    if waiting.iter().filter(|waiting| waiting.borough == request.borough).count() >= MOST_WAITING {
        let detail = format!(
            "{MOST_WAITING} requests for {} wait already: send the request to the region as a file, or ask for an \
             invitation",
            request.borough
        );
        return Err(Refusal::new(ProblemKind::TooMany, detail).into());
    }
    let application = Application {
        request: sha256.to_owned(),
        borough: request.borough.clone(),
        release_key: request.release_key.clone(),
        signed: text.to_owned(),
        received_at: now,
    };
    Ok(store::applications::add(connection, &application)?)
}

/// The requests that wait for a person.
///
/// # Errors
/// Where the store fails.
pub fn all_waiting(aggregator: &Aggregator) -> Result<Vec<Application>, DutyError> {
    let since = aggregator.now().plus_days(-WAITS_DAYS);
    aggregator.store.read(|connection| Ok(store::applications::waiting(connection, since)?))
}

/// The request that waits under a number, of which the beginning is enough.
///
/// # Errors
/// Where none or several begin so.
pub fn waiting(aggregator: &Aggregator, number: &str) -> Result<Application, DutyError> {
    let mut found = all_waiting(aggregator)?;
    found.retain(|waiting| !number.is_empty() && waiting.request.starts_with(number));
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(DutyError::Request { reason: format!("no request {number:?} waits") }),
        (Some(_), false) => {
            Err(DutyError::Request { reason: format!("several requests begin with {number:?}") })
        }
    }
}
