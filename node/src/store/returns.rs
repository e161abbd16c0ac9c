//! Releases that an approver returned with a comment, and the tables as they stood then.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{calendar::Quarter, clock::Moment};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{frozen_table, release_return, returned_table};
use crate::release::stages::Returned;

/// Records a return and keeps the tables as they are frozen now, in place of those of an earlier return; its number.
///
/// # Errors
/// Where the database refuses.
pub fn keep(connection: &mut AnyConnection, quarter: Quarter, new: &Returned) -> Result<i64, StoreError> {
    let newest = release_return::table.order(release_return::id.desc()).select(release_return::id);
    let last: Option<i64> = newest.first(connection).optional()?;
    let id = last.unwrap_or(0) + 1;
    let quarter_text = quarter.to_string();
    diesel::insert_into(release_return::table)
        .values((
            release_return::id.eq(id),
            release_return::quarter.eq(&quarter_text),
            release_return::salted_hash.eq(&new.salted_hash),
            release_return::returned_at.eq(new.returned_at.naive()),
            release_return::returned_by.eq(&new.returned_by),
            release_return::comment.eq(&new.comment),
            release_return::signed.eq(&new.signed),
        ))
        .execute(connection)?;
    forget_tables(connection, quarter)?;
    let tables: Vec<(String, String, Vec<u8>)> = frozen_table::table
        .filter(frozen_table::quarter.eq(&quarter_text))
        .select((frozen_table::policy, frozen_table::stream, frozen_table::sealed))
        .load(connection)?;
    for (policy, stream, sealed) in tables {
        diesel::insert_into(returned_table::table)
            .values((
                returned_table::policy.eq(policy),
                returned_table::stream.eq(stream),
                returned_table::quarter.eq(&quarter_text),
                returned_table::sealed.eq(sealed),
            ))
            .execute(connection)?;
    }
    Ok(id)
}

/// Throws away the tables kept at a quarter's last return.
///
/// # Errors
/// Where the database refuses.
pub fn forget_tables(connection: &mut AnyConnection, quarter: Quarter) -> Result<(), StoreError> {
    let kept = returned_table::table.filter(returned_table::quarter.eq(quarter.to_string()));
    diesel::delete(kept).execute(connection)?;
    Ok(())
}

/// A stream's table as it stood at the quarter's last return, if one is kept.
///
/// # Errors
/// Where the database cannot be read.
pub fn table(
    connection: &mut AnyConnection,
    policy: &str,
    stream: &str,
    quarter: Quarter,
) -> Result<Option<Vec<u8>>, StoreError> {
    let kept = returned_table::table.find((policy, stream, quarter.to_string()));
    Ok(kept.select(returned_table::sealed).first(connection).optional()?)
}

/// Every return of a quarter, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn of_quarter(connection: &mut AnyConnection, quarter: Quarter) -> Result<Vec<Returned>, StoreError> {
    Ok(all(connection)?.into_iter().filter(|(of, _)| *of == quarter).map(|(_, returned)| returned).collect())
}

type Row = (String, String, ColumnTime, String, String, String);

/// Every return with its quarter, oldest first.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<(Quarter, Returned)>, StoreError> {
    let rows: Vec<Row> = release_return::table
        .order(release_return::id.asc())
        .select((
            release_return::quarter,
            release_return::salted_hash,
            release_return::returned_at,
            release_return::returned_by,
            release_return::comment,
            release_return::signed,
        ))
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

fn read(
    (quarter, salted_hash, at, returned_by, comment, signed): Row,
) -> Result<(Quarter, Returned), StoreError> {
    let unreadable = || StoreError::Unreadable { table: "release_return", reason: "no quarter".to_owned() };
    let returned =
        Returned { salted_hash, returned_at: Moment::from_naive(at), returned_by, comment, signed };
    Ok((quarter.parse().map_err(|_| unreadable())?, returned))
}
