//! Quarters declared void, in the database.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{calendar::Quarter, clock::Moment, protocol::RefusalReason};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::refusal;
pub use crate::release::stages::Refusal;

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = refusal, treat_none_as_default_value = false)]
struct Row {
    quarter: String,
    reason: String,
    comment: String,
    refused_at: ColumnTime,
    refused_by: String,
    salted_hash: Option<String>,
    signed: String,
}

/// Records a refusal.
///
/// # Errors
/// `Refused` where a charged quarter was to be void, `AlreadyRecorded` where it is void.
pub fn record(connection: &mut AnyConnection, new: &Refusal) -> Result<(), StoreError> {
    let row = Row {
        quarter: new.quarter.to_string(),
        reason: new.reason.to_string(),
        comment: new.comment.clone(),
        refused_at: new.refused_at.naive(),
        refused_by: new.refused_by.clone(),
        salted_hash: new.salted_hash.clone(),
        signed: new.signed.clone(),
    };
    diesel::insert_into(refusal::table).values(&row).execute(connection)?;
    Ok(())
}

/// All refusals, in the order they were made.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Refusal>, StoreError> {
    let rows: Vec<Row> = refusal::table.order(refusal::quarter.asc()).load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

/// The quarters declared void, with why.
///
/// # Errors
/// As [`all`].
pub fn void(connection: &mut AnyConnection) -> Result<BTreeMap<Quarter, RefusalReason>, StoreError> {
    Ok(all(connection)?.into_iter().map(|refusal| (refusal.quarter, refusal.reason)).collect())
}

impl Row {
    fn read(self) -> Result<Refusal, StoreError> {
        let unreadable = |what: &str| StoreError::Unreadable { table: "refusal", reason: what.to_owned() };
        Ok(Refusal {
            quarter: self.quarter.parse().map_err(|_| unreadable("no quarter"))?,
            reason: self.reason.parse().map_err(|_| unreadable("no reason"))?,
            comment: self.comment,
            refused_at: Moment::from_naive(self.refused_at),
            refused_by: self.refused_by,
            salted_hash: self.salted_hash,
            signed: self.signed,
        })
    }
}
