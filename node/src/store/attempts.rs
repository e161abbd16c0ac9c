//! Attempts to draw: each with the hash of a nonce written down before the region is asked, and used once.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{calendar::Quarter, clock::Moment};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::draw_attempt;

/// The attempts since the last that was used, it included, oldest first: hash of the nonce, and the nonce where not only
/// the process that asked knows it.
///
/// # Errors
/// Where the database cannot be read.
pub fn since_last(connection: &mut AnyConnection) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let used: Option<i32> = draw_attempt::table
        .filter(draw_attempt::used_at.is_not_null())
        .select(diesel::dsl::max(draw_attempt::number))
        .first(connection)?;
    Ok(draw_attempt::table
        .filter(draw_attempt::number.ge(used.unwrap_or(0)))
        .order(draw_attempt::number.asc())
        .select((draw_attempt::nonce_sha256, draw_attempt::nonce))
        .load(connection)?)
}

/// Writes down an attempt before the region is asked; of one that is carried its nonce, too.
///
/// # Errors
/// `AlreadyRecorded` where another writer wrote one down at once.
pub fn begin(
    connection: &mut AnyConnection,
    quarter: Quarter,
    nonce_sha256: &str,
    carried: Option<&str>,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i32> =
        draw_attempt::table.select(diesel::dsl::max(draw_attempt::number)).first(connection)?;
    diesel::insert_into(draw_attempt::table)
        .values((
            draw_attempt::number.eq(last.unwrap_or(0) + 1),
            draw_attempt::quarter.eq(quarter.to_string()),
            draw_attempt::nonce_sha256.eq(nonce_sha256),
            draw_attempt::nonce.eq(carried),
            draw_attempt::asked_at.eq(now.naive()),
            draw_attempt::carried.eq(i32::from(carried.is_some())),
        ))
        .execute(connection)?;
    Ok(())
}

/// The hash of the newest attempt's nonce and whether it travels as files, if it is for this quarter and was not used.
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
        .select((
            draw_attempt::quarter,
            draw_attempt::nonce_sha256,
            draw_attempt::carried,
            draw_attempt::used_at,
        ))
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
pub fn take(connection: &mut AnyConnection, nonce_sha256: &str, now: Moment) -> Result<bool, StoreError> {
    let taken = diesel::update(draw_attempt::table.filter(draw_attempt::nonce_sha256.eq(nonce_sha256)))
        .filter(draw_attempt::used_at.is_null())
        .set(draw_attempt::used_at.eq(now.naive()))
        .execute(connection)?;
    Ok(taken == 1)
}

/// Writes down the nonce of an attempt that is over.
///
/// # Errors
/// Where the database cannot be written.
pub fn tell(connection: &mut AnyConnection, nonce_sha256: &str, nonce: &str) -> Result<(), StoreError> {
    diesel::update(draw_attempt::table.filter(draw_attempt::nonce_sha256.eq(nonce_sha256)))
        .filter(draw_attempt::nonce.is_null())
        .set(draw_attempt::nonce.eq(nonce))
        .execute(connection)?;
    Ok(())
}

/// The hash of the nonce under whose right a quarter was drawn last, if it was.
///
/// # Errors
/// Where the database cannot be read.
pub fn drawn_under(connection: &mut AnyConnection, quarter: Quarter) -> Result<Option<String>, StoreError> {
    Ok(draw_attempt::table
        .filter(draw_attempt::quarter.eq(quarter.to_string()))
        .filter(draw_attempt::used_at.is_not_null())
        .order(draw_attempt::number.desc())
        .select(draw_attempt::nonce_sha256)
        .first(connection)
        .optional()?)
}
