//! What the region said it refused of this borough, as it was last told.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, protocol::rejections::Rejection};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::rejection;

/// Keeps what was told in place of what was told before.
///
/// # Errors
/// Where the database refuses.
pub fn keep(connection: &mut AnyConnection, told: &[Rejection]) -> Result<(), StoreError> {
    diesel::delete(rejection::table).execute(connection)?;
    for one in told {
        diesel::insert_into(rejection::table)
            .values((
                rejection::kind.eq(&one.kind),
                rejection::count.eq(one.count.cast_signed()),
                rejection::last_at.eq(one.last_at.naive()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// What was told last, by kind.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Rejection>, StoreError> {
    let rows: Vec<(String, i32, ColumnTime)> =
        rejection::table.order(rejection::kind.asc()).load(connection)?;
    let read = |(kind, count, at): (String, i32, ColumnTime)| Rejection {
        kind,
        count: count.unsigned_abs(),
        last_at: Moment::from_naive(at),
    };
    Ok(rows.into_iter().map(read).collect())
}
