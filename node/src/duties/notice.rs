//! Tells the region that this borough pauses, leaves or goes on.

use tenfold_common::protocol::{
    notice::{NOTED_FORMAT, NOTED_TYPE, NOTICE_FORMAT, NOTICE_TYPE, Noted, Notice, NoticeKind, NoticeReason},
    signature,
};
use tenfold_store::acts;

use super::{DutyError, Node};
use crate::region::Way;

/// Says so to the region; nothing is kept here but that a person did.
///
/// # Errors
/// Where the region cannot be reached or refuses.
pub async fn tell(
    node: &Node,
    way: &Way,
    kind: NoticeKind,
    reason: Option<NoticeReason>,
    by: &str,
) -> Result<(), DutyError> {
    let region = node.region(way)?;
    let notice = {
        let node = node.clone();
        let store = node.store.clone();
        store.run(move |_| signed(&node, kind, reason)).await?
    };
    let answer = region.tell(notice.clone()).await.map_err(|error| DutyError::Delivery {
        reason: format!("the region does not know of it: {error}"),
    })?;
    let (node, by) = (node.clone(), by.to_owned());
    let store = node.store.clone();
    store
        .run(move |_| {
            let noted: Noted = signature::open(answer.trim(), NOTED_TYPE, &node.bundle()?.receipt_key)?;
            if noted.format != NOTED_FORMAT || noted.notice_sha256 != signature::sha256_hex(notice.as_bytes())
            {
                let reason = "the region answered another notice than the one it was sent".to_owned();
                return Err(DutyError::Delivery { reason });
            }
            let why = reason.map_or("", NoticeReason::as_str);
            let now = node.now();
            Ok(node.store.write(|connection| acts::record(connection, now, &by, kind.as_str(), why))?)
        })
        .await
}

fn signed(node: &Node, kind: NoticeKind, reason: Option<NoticeReason>) -> Result<String, DutyError> {
    let notice = Notice {
        format: NOTICE_FORMAT.to_owned(),
        borough: node.borough.clone(),
        kind,
        reason,
        made_at: node.now(),
    };
    Ok(signature::sign(&notice, NOTICE_TYPE, &*node.release_key()?)?)
}
