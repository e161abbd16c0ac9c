//! Renewals that were answered: the same request gets the same answer.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, StoreError};

use super::schema::renewal;

/// The answer that a request got, and the certificate issued with it.
///
/// # Errors
/// Where the database cannot be read.
pub fn answer_to(
    connection: &mut AnyConnection,
    request: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let found = renewal::table.find(request).select((renewal::fingerprint, renewal::answer));
    Ok(found.first(connection).optional()?)
}

/// Keeps the answer to a request.
///
/// # Errors
/// `AlreadyRecorded` where it was answered.
pub fn keep(
    connection: &mut AnyConnection,
    request: &str,
    fingerprint: &str,
    answer: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(renewal::table)
        .values((
            renewal::request.eq(request),
            renewal::fingerprint.eq(fingerprint),
            renewal::answer.eq(answer),
            renewal::renewed_at.eq(now.naive()),
        ))
        .execute(connection)?;
    Ok(())
}
