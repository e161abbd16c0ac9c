//! Invitations by the SHA-256 of their secrets, and the one use of each.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, geography::BoroughCode};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{invitation, invitation_use};

/// An invitation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The borough it is for.
    pub borough: BoroughCode,
    /// Who made it.
    pub by: String,
    /// When it ends.
    pub ends_at: Moment,
    /// SHA-256 of the request that used it, and when; nothing while it is unused.
    pub used: Option<(String, Moment)>,
}

/// Keeps a new invitation.
///
/// # Errors
/// `AlreadyRecorded` where the secret is known.
pub fn add(
    connection: &mut AnyConnection,
    secret: &str,
    borough: &BoroughCode,
    by: &str,
    now: Moment,
    ends_at: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(invitation::table)
        .values((
            invitation::secret.eq(secret),
            invitation::borough.eq(borough.as_str()),
            invitation::made_at.eq(now.naive()),
            invitation::made_by.eq(by),
            invitation::ends_at.eq(ends_at.naive()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The invitation of a secret's SHA-256.
///
/// # Errors
/// Where a row cannot be read back.
pub fn find(connection: &mut AnyConnection, secret: &str) -> Result<Option<Kept>, StoreError> {
    let found: Option<(String, String, ColumnTime)> = invitation::table
        .find(secret)
        .select((invitation::borough, invitation::made_by, invitation::ends_at))
        .first(connection)
        .optional()?;
    let Some((borough, by, ends_at)) = found else { return Ok(None) };
    let used: Option<(String, ColumnTime)> = invitation_use::table
        .find(secret)
        .select((invitation_use::request, invitation_use::used_at))
        .first(connection)
        .optional()?;
    let unreadable = |_| StoreError::Unreadable { table: "invitation", reason: "no borough code".to_owned() };
    Ok(Some(Kept {
        borough: borough.parse().map_err(unreadable)?,
        by,
        ends_at: Moment::from_naive(ends_at),
        used: used.map(|(request, at)| (request, Moment::from_naive(at))),
    }))
}

/// Uses an invitation with a request, for ever.
///
/// # Errors
/// `AlreadyRecorded` where it was used.
pub fn take(
    connection: &mut AnyConnection,
    secret: &str,
    request: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(invitation_use::table)
        .values((
            invitation_use::secret.eq(secret),
            invitation_use::request.eq(request),
            invitation_use::used_at.eq(now.naive()),
        ))
        .execute(connection)?;
    Ok(())
}
