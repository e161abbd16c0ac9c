//! Attempts to draw: each with a nonce written down before the region is asked, and used once.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{calendar::Quarter, clock::Moment};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::draw_attempt;

/// The nonces since the last that was used, it included, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn known(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let used: Option<i32> = draw_attempt::table
        .filter(draw_attempt::used_at.is_not_null())
        .select(diesel::dsl::max(draw_attempt::number))
        .first(connection)?;
    Ok(draw_attempt::table
        .filter(draw_attempt::number.ge(used.unwrap_or(0)))
        .order(draw_attempt::number.asc())
        .select(draw_attempt::nonce)
        .load(connection)?)
}

/// Writes down an attempt before the region is asked.
///
/// # Errors
/// `AlreadyRecorded` where another writer wrote one down at once.
pub fn begin(
    connection: &mut AnyConnection,
    quarter: Quarter,
    nonce: &str,
    carried: bool,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i32> =
        draw_attempt::table.select(diesel::dsl::max(draw_attempt::number)).first(connection)?;
    diesel::insert_into(draw_attempt::table)
        .values((
            draw_attempt::number.eq(last.unwrap_or(0) + 1),
            draw_attempt::quarter.eq(quarter.to_string()),
            draw_attempt::nonce.eq(nonce),
            draw_attempt::asked_at.eq(now.naive()),
            draw_attempt::carried.eq(i32::from(carried)),
        ))
        .execute(connection)?;
    Ok(())
}

/// The nonce of the newest attempt and whether it travels as files, if it is for this quarter and was not used.
///
/// # Errors
/// Where the database cannot be read.
pub fn unused(
    connection: &mut AnyConnection,
    quarter: Quarter,
) -> Result<Option<(String, bool)>, StoreError> {
    type Newest = (String, String, i32, Option<tenfold_store::ColumnTime>);
    let newest: Option<Newest> = draw_attempt::table
        .order(draw_attempt::number.desc())
        .select((draw_attempt::quarter, draw_attempt::nonce, draw_attempt::carried, draw_attempt::used_at))
        .first(connection)
        .optional()?;
    Ok(newest
        .filter(|(of, _, _, used)| *of == quarter.to_string() && used.is_none())
        .map(|(_, nonce, carried, _)| (nonce, carried == 1)))
}

/// Marks an attempt as used; whether this writer was the one.
///
/// # Errors
/// Where the database cannot be written.
pub fn take(connection: &mut AnyConnection, nonce: &str, now: Moment) -> Result<bool, StoreError> {
    let taken = diesel::update(draw_attempt::table.filter(draw_attempt::nonce.eq(nonce)))
        .filter(draw_attempt::used_at.is_null())
        .set(draw_attempt::used_at.eq(now.naive()))
        .execute(connection)?;
    Ok(taken == 1)
}
