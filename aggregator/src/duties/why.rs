//! Tells a node how it stands: for one that the door refuses without a word.

use tenfold_common::protocol::{
    ProblemKind,
    joining::{Standing, State, WHY_FORMAT, WhyRequest},
};

use super::{Aggregator, DutyError, apply, release_keys};
use crate::{ingest::Refusal, store};

/// How the node stands that asks. Only who holds a release key learns about it.
///
/// # Errors
/// `Refused` where the question is not signed by the key it names.
pub fn why(aggregator: &Aggregator, text: &str) -> Result<Standing, DutyError> {
    let refuse = |kind, detail: String| DutyError::from(Refusal::new(kind, detail));
    let asked = WhyRequest::open(text.trim())
        .map_err(|error| refuse(ProblemKind::BadSignature, error.to_string()))?;
    if asked.format != WHY_FORMAT {
        return Err(refuse(ProblemKind::Malformed, format!("expected the format {WHY_FORMAT}")));
    }
    let waiting = apply::all_waiting(aggregator)?
        .into_iter()
        .find(|waiting| waiting.release_key == asked.release_key && waiting.borough == asked.borough);
    let now = aggregator.now();
    aggregator.store.read(|connection| {
        let known = store::enrolments::of_borough(connection, &asked.borough)?;
        let mut own = Vec::new();
        for enrolment in known {
            if release_keys::ever(connection, &enrolment)?.contains(&asked.release_key) {
                own.push(enrolment);
            }
        }
        let mut known = own;
        let shown = known.iter().position(|enrolment| enrolment.fingerprint == asked.certificate);
        let Some(enrolment) = shown.map(|at| known.remove(at)).or_else(|| known.pop()) else {
            return Ok(match waiting {
                Some(waiting) => Standing {
                    state: State::Waiting,
                    at: Some(waiting.received_at),
                    words: format!(
                        "not enrolled: the request has not been approved yet; the region has it since {}",
                        waiting.received_at
                    ),
                },
                None => Standing {
                    state: State::NotEnrolled,
                    at: None,
                    words: "not enrolled: the region has no request that was made with this node's key; send one"
                        .to_owned(),
                },
            });
        };
        let until = enrolment.not_after;
        let denied = store::enrolments::denied_at(connection, &enrolment.fingerprint)?;
        Ok(match denied {
            Some(at) => Standing {
                state: State::Withdrawn,
                at: Some(at),
                words: format!("withdrawn on {at}: speak with the region's security officer"),
            },
            None if until <= now => Standing {
                state: State::Expired,
                at: Some(until),
                words: format!(
                    "expired on {until}: ask the region to let the node in again, then it comes back by itself"
                ),
            },
            None if store::release_keys::lost(connection)?.contains(&asked.release_key) => Standing {
                state: State::Enrolled,
                at: Some(until),
                words: format!(
                    "enrolled until {until}, but its release key {} was said to be lost and signs nothing: end this copy",
                    asked.release_key.id()
                ),
            },
            None => Standing {
                state: State::Enrolled,
                at: Some(until),
                words: format!("enrolled until {until}: the certificate that was shown is not the reason"),
            },
        })
    })
}
