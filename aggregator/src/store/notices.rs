//! What boroughs say of themselves: paused, left, going on.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    protocol::notice::{Away, Notice, NoticeKind, NoticeReason},
};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::notice;

/// When a notice was kept, if it was.
///
/// # Errors
/// Where the database cannot be read.
pub fn kept_at(connection: &mut AnyConnection, sha256: &str) -> Result<Option<Moment>, StoreError> {
    let found = notice::table.filter(notice::sha256.eq(sha256)).select(notice::at);
    let at: Option<ColumnTime> = found.first(connection).optional()?;
    Ok(at.map(Moment::from_naive))
}

/// Keeps a notice.
///
/// # Errors
/// `AlreadyRecorded` where it is kept.
pub fn add(
    connection: &mut AnyConnection,
    new: &Notice,
    sha256: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i32> = notice::table.select(diesel::dsl::max(notice::number)).first(connection)?;
    diesel::insert_into(notice::table)
        .values((
            notice::number.eq(last.unwrap_or(0) + 1),
            notice::borough.eq(new.borough.as_str()),
            notice::kind.eq(new.kind.as_str()),
            notice::reason.eq(new.reason.map_or("", NoticeReason::as_str)),
            notice::sha256.eq(sha256),
            notice::at.eq(now.naive()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The boroughs that are away now.
///
/// # Errors
/// Where a row cannot be read back.
pub fn away(connection: &mut AnyConnection) -> Result<BTreeMap<BoroughCode, Away>, StoreError> {
    let rows: Vec<(String, String, String, ColumnTime)> = notice::table
        .order(notice::number.asc())
        .select((notice::borough, notice::kind, notice::reason, notice::at))
        .load(connection)?;
    let unreadable = |reason: &str| StoreError::Unreadable { table: "notice", reason: reason.to_owned() };
    let mut away = BTreeMap::new();
    for (borough, kind, reason, at) in rows {
        let borough: BoroughCode = borough.parse().map_err(|_| unreadable("no borough code"))?;
        match NoticeKind::from_word(&kind).ok_or_else(|| unreadable("no kind"))? {
            NoticeKind::Resumed => {
                away.remove(&borough);
            }
            kind => {
                let reason = NoticeReason::from_word(&reason).ok_or_else(|| unreadable("no reason"))?;
                away.insert(borough, Away { kind, reason, since: Moment::from_naive(at) });
            }
        }
    }
    Ok(away)
}
