//! Lets a node come back whose certificate ended: after one press of a person, and never after a withdrawal.

use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    protocol::{ProblemKind, RenewalRequest, signature},
};
use tenfold_store::{AnyConnection, acts};

use super::{Aggregator, DutyError, release_keys, renew};
use crate::{
    ingest::Refusal,
    store::{self, enrolments::Enrolment},
};

/// For how long a press lets in, in days.
pub const PRESS_DAYS: i64 = 14;

/// Lets a borough's expired node renew once; says until when.
///
/// # Errors
/// Where nothing of the borough has expired, or its certificate was withdrawn.
pub fn press(aggregator: &Aggregator, borough: &BoroughCode, by: &str) -> Result<Moment, DutyError> {
    let now = aggregator.now();
    let refuse = |reason: String| Err(DutyError::NotReadmitted { borough: borough.clone(), reason });
    aggregator.append(|connection| {
        let Some(newest) = store::enrolments::of_borough(connection, borough)?.pop() else {
            return refuse("it was never enrolled".to_owned());
        };
        if let Some(at) = withdrawn(connection, &newest)? {
            return refuse(format!(
                "its certificate was withdrawn on {at}, and what was withdrawn never comes back: enrol a new request"
            ));
        }
        if newest.not_after > now {
            return refuse(format!(
                "its certificate holds until {}, it needs nobody to let it in",
                newest.not_after
            ));
        }
        store::readmissions::press(connection, borough, by, now)?;
        acts::record(connection, now, by, "readmitted", borough.as_str())?;
        Ok(now.plus_days(PRESS_DAYS))
    })
}

/// Answers the request of a node whose certificate ended. The same request again gets the same certificate.
///
/// # Errors
/// `Refused` in words for the borough: withdrawn, or nobody has pressed yet.
pub fn come_back(aggregator: &Aggregator, text: &str) -> Result<String, DutyError> {
    let text = text.trim();
    let claimed: RenewalRequest =
        signature::peek(text).map_err(|error| Refusal::new(ProblemKind::Malformed, error.to_string()))?;
    let answered = aggregator.append(|connection| {
        let all = store::enrolments::of_borough(connection, &claimed.borough)?;
        let Some(ended) = all.into_iter().find(|known| known.fingerprint == claimed.certificate) else {
            let detail = "the region never enrolled the certificate that this request takes over from";
            return Err(Refusal::new(ProblemKind::NotEnrolled, detail).into());
        };
        let request = renew::open(connection, text, &ended)?;
        let sha256 = signature::sha256_hex(text.as_bytes());
        if store::renewals::answer_to(connection, &sha256)?.is_none() {
            let_in(aggregator, connection, &ended)?;
            store::readmissions::take(connection, &ended.borough, &sha256, aggregator.now())?;
        }
        renew::answer(aggregator, connection, &ended, &request, text)
    });
    // Who is no borough of the region is counted under none.
    let known = tenfold_common::geography::borough(&claimed.borough).is_some();
    renew::counted(aggregator, if known { claimed.borough.as_str() } else { "" }, "return", answered)
}

fn let_in(
    aggregator: &Aggregator,
    connection: &mut AnyConnection,
    ended: &Enrolment,
) -> Result<(), DutyError> {
    let refuse = |detail: String| Err(Refusal::new(ProblemKind::NotEnrolled, detail).into());
    let now = aggregator.now();
    if let Some(at) = withdrawn(connection, ended)? {
        return refuse(format!(
            "the certificate of this node was withdrawn on {at}; speak with the region's security officer"
        ));
    }
    if ended.not_after > now {
        return refuse(format!(
            "by the region's clock the certificate holds until {}: check this node's clock",
            ended.not_after
        ));
    }
    let pressed = store::readmissions::pressed(connection, &ended.borough)?;
    if pressed.is_none_or(|at| now >= at.plus_days(PRESS_DAYS)) {
        return refuse(format!(
            "the certificate of this node expired on {}; ask the region to let it in again (there it is \
             `tenfold-aggregator readmit {}`), then this node comes back by itself",
            ended.not_after, ended.borough
        ));
    }
    Ok(())
}

/// When a certificate of this node was withdrawn, this one or another that was issued to one of its release keys.
///
/// # Errors
/// Where the store fails.
pub(super) fn withdrawn(
    connection: &mut AnyConnection,
    enrolment: &Enrolment,
) -> Result<Option<Moment>, DutyError> {
    let keys = release_keys::ever(connection, enrolment)?;
    let same = store::enrolments::of_borough(connection, &enrolment.borough)?
        .into_iter()
        .filter(|other| keys.contains(&other.release_key));
    let mut last = None;
    for other in same {
        last = last.max(store::enrolments::denied_at(connection, &other.fingerprint)?);
    }
    Ok(last)
}
