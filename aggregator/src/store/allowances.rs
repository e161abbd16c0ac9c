//! How many calls each borough may still make; every replica takes from the same rows.

use std::collections::BTreeSet;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::allowance;
use crate::ingest::allowance::Allowance;

/// Locks a holder's allowance against all other taking and returns it, if there is one.
///
/// # Errors
/// Where the database refuses.
pub fn lock(connection: &mut AnyConnection, holder: &str) -> Result<Option<Allowance>, StoreError> {
    diesel::update(allowance::table.find(holder))
        .set(allowance::calls.eq(allowance::calls))
        .execute(connection)?;
    let row: Option<(i32, ColumnTime)> = allowance::table
        .find(holder)
        .select((allowance::calls, allowance::since))
        .first(connection)
        .optional()?;
    Ok(row.map(|(calls, since)| Allowance { calls: calls.unsigned_abs(), since: Moment::from_naive(since) }))
}

/// The holders that have ever called.
///
/// # Errors
/// Where the database cannot be read.
pub fn holders(connection: &mut AnyConnection) -> Result<BTreeSet<String>, StoreError> {
    let holders: Vec<String> = allowance::table.select(allowance::holder).load(connection)?;
    Ok(holders.into_iter().collect())
}

/// Keeps what is left of an allowance that [`lock`] returned, or the first of a holder.
///
/// # Errors
/// `AlreadyRecorded` where another replica kept the first of this holder meanwhile.
pub fn keep(connection: &mut AnyConnection, holder: &str, left: Allowance) -> Result<(), StoreError> {
    let (calls, since) = (left.calls.cast_signed(), left.since.naive());
    let changed = diesel::update(allowance::table.find(holder))
        .set((allowance::calls.eq(calls), allowance::since.eq(since)))
        .execute(connection)?;
    if changed == 0 {
        diesel::insert_into(allowance::table)
            .values((allowance::holder.eq(holder), allowance::calls.eq(calls), allowance::since.eq(since)))
            .execute(connection)?;
    }
    Ok(())
}
