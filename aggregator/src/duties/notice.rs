//! Hears a borough say of itself that it pauses, leaves or goes on.

use tenfold_common::protocol::{
    ProblemKind,
    notice::{NOTED_FORMAT, NOTED_TYPE, NOTICE_FORMAT, NOTICE_TYPE, Noted, Notice, NoticeKind},
    signature,
};
use tenfold_store::acts;

use super::{
    Aggregator, DutyError,
    receive::{self, Peer},
    release_keys, renew,
};
use crate::{ingest::Refusal, store};

/// Keeps a notice and answers that it is kept. The same notice again gets the same answer.
///
/// # Errors
/// `Refused` with the kind the borough is told.
pub fn hear(aggregator: &Aggregator, peer: &Peer, text: &str) -> Result<String, DutyError> {
    let text = text.trim();
    let heard = aggregator.append(|connection| {
        let refuse = |kind, detail: &str| DutyError::from(Refusal::new(kind, detail));
        let enrolment = receive::enrolled(aggregator, connection, peer)?;
        let notice: Notice = release_keys::open(connection, &enrolment, text, NOTICE_TYPE)?;
        if notice.format != NOTICE_FORMAT || notice.reason.is_none() != (notice.kind == NoticeKind::Resumed) {
            return Err(refuse(
                ProblemKind::Malformed,
                "expected tenfold-notice/1, with a reason unless resumed",
            ));
        }
        if notice.borough != peer.borough {
            return Err(refuse(ProblemKind::WrongBorough, "the notice speaks for another borough"));
        }
        let sha256 = signature::sha256_hex(text.as_bytes());
        let at = match store::notices::kept_at(connection, &sha256)? {
            Some(at) => at,
            None => {
                let now = aggregator.now();
                store::notices::add(connection, &notice, &sha256, now)?;
                acts::record(
                    connection,
                    now,
                    "the node itself",
                    notice.kind.as_str(),
                    peer.borough.as_str(),
                )?;
                now
            }
        };
        let noted =
            Noted { format: NOTED_FORMAT.to_owned(), borough: notice.borough, notice_sha256: sha256, at };
        Ok(signature::sign(&noted, NOTED_TYPE, &aggregator.receipt_key)?)
    });
    renew::counted(aggregator, peer.borough.as_str(), "notice", heard)
}
