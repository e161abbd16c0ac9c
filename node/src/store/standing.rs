//! Standing approvals and their revocations in the database.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, geography::BoroughCode};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::{
    identity,
    schema::{standing_approval, standing_revocation},
};
use crate::release::standing::STANDING_FORMAT;
pub use crate::release::standing::{Granted, StandingApproval};

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = standing_approval, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    policy: String,
    preparer: Option<String>,
    granted_at: ColumnTime,
    granted_by: String,
    ends_at: ColumnTime,
    signed: String,
}

/// Keeps a standing approval; its number.
///
/// # Errors
/// Where the database refuses.
pub fn keep(
    connection: &mut AnyConnection,
    terms: &StandingApproval,
    signed: &str,
) -> Result<i64, StoreError> {
    let newest = standing_approval::table.order(standing_approval::id.desc()).select(standing_approval::id);
    let last: Option<i64> = newest.first(connection).optional()?;
    let id = last.unwrap_or(0) + 1;
    let row = Row {
        id,
        policy: terms.policy.clone(),
        preparer: terms.preparer.clone(),
        granted_at: terms.from.naive(),
        granted_by: terms.by.clone(),
        ends_at: terms.until.naive(),
        signed: signed.to_owned(),
    };
    diesel::insert_into(standing_approval::table).values(&row).execute(connection)?;
    Ok(id)
}

/// Ends a standing approval at once.
///
/// # Errors
/// `AlreadyRecorded` where it is revoked.
pub fn revoke(connection: &mut AnyConnection, number: i64, by: &str, now: Moment) -> Result<(), StoreError> {
    diesel::insert_into(standing_revocation::table)
        .values((
            standing_revocation::standing.eq(number),
            standing_revocation::revoked_at.eq(now.naive()),
            standing_revocation::revoked_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// Every standing approval there ever was, by number.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Granted>, StoreError> {
    let rows: Vec<Row> = standing_approval::table.order(standing_approval::id.asc()).load(connection)?;
    let Some(borough) = identity::find(connection)?.map(|identity| identity.borough) else {
        return Ok(Vec::new());
    };
    let revoked: Vec<(i64, ColumnTime, String)> = standing_revocation::table.load(connection)?;
    let mut revoked: BTreeMap<i64, (Moment, String)> =
        revoked.into_iter().map(|(number, at, by)| (number, (Moment::from_naive(at), by))).collect();
    Ok(rows.into_iter().map(|row| row.read(&borough, &mut revoked)).collect())
}

impl Row {
    fn read(self, borough: &BoroughCode, revoked: &mut BTreeMap<i64, (Moment, String)>) -> Granted {
        let terms = StandingApproval {
            format: STANDING_FORMAT.to_owned(),
            borough: borough.clone(),
            policy: self.policy,
            preparer: self.preparer,
            by: self.granted_by,
            from: Moment::from_naive(self.granted_at),
            until: Moment::from_naive(self.ends_at),
        };
        Granted { number: self.id, terms, signed: self.signed, revoked: revoked.remove(&self.id) }
    }
}
