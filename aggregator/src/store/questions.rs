//! The one-off questions that the region signed.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, privacy::VerifiedQuestion};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::question;

/// Keeps a signed question.
///
/// # Errors
/// `AlreadyRecorded` where its name was used before.
pub fn keep(
    connection: &mut AnyConnection,
    new: &VerifiedQuestion,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(question::table)
        .values((
            question::name.eq(&new.question().name),
            question::hash.eq(new.hash()),
            question::signed.eq(new.signed()),
            question::asked_at.eq(now.naive()),
            question::asked_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// The hash of the question with a name, if one was signed.
///
/// # Errors
/// Where the database cannot be read.
pub fn hash_of(connection: &mut AnyConnection, name: &str) -> Result<Option<String>, StoreError> {
    Ok(question::table.find(name).select(question::hash).first(connection).optional()?)
}

/// The signed questions, by name.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    Ok(question::table.order(question::name.asc()).select(question::signed).load(connection)?)
}

/// The hash of every question, by name.
///
/// # Errors
/// Where the database cannot be read.
pub fn hashes(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    Ok(question::table.order(question::name.asc()).select(question::hash).load(connection)?)
}
