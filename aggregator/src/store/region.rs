//! The region itself and the policies it signed.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{policy, region};

/// The region, fixed when the aggregator is founded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// How pages name it.
    pub name: String,
    /// Where nodes deliver.
    pub ingest_url: String,
    /// How long node and server certificates last, in days.
    pub leaf_days: u16,
    /// The clock file of a rehearsal, for ever.
    pub rehearsal_clock: Option<String>,
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = region, treat_none_as_default_value = false)]
struct Row {
    id: i32,
    name: String,
    ingest_url: String,
    leaf_days: i32,
    rehearsal_clock: Option<String>,
    created_at: ColumnTime,
}

/// Records the region.
///
/// # Errors
/// `AlreadyRecorded` where it is recorded.
pub fn create(connection: &mut AnyConnection, new: &Region, now: Moment) -> Result<(), StoreError> {
    let row = Row {
        id: 1,
        name: new.name.clone(),
        ingest_url: new.ingest_url.clone(),
        leaf_days: i32::from(new.leaf_days),
        rehearsal_clock: new.rehearsal_clock.clone(),
        created_at: now.naive(),
    };
    diesel::insert_into(region::table).values(&row).execute(connection)?;
    Ok(())
}

/// The region, if it was founded.
///
/// # Errors
/// Where the database cannot be read.
pub fn find(connection: &mut AnyConnection) -> Result<Option<Region>, StoreError> {
    let row: Option<Row> = region::table.find(1).first(connection).optional()?;
    Ok(row.map(|row| Region {
        name: row.name,
        ingest_url: row.ingest_url,
        leaf_days: u16::try_from(row.leaf_days).unwrap_or(u16::MAX),
        rehearsal_clock: row.rehearsal_clock,
    }))
}

/// Keeps a signed policy as the newest.
///
/// # Errors
/// `AlreadyRecorded` where it is kept.
pub fn keep_policy(
    connection: &mut AnyConnection,
    hash: &str,
    signed: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i32> = policy::table.select(diesel::dsl::max(policy::number)).first(connection)?;
    diesel::insert_into(policy::table)
        .values((
            policy::hash.eq(hash),
            policy::signed.eq(signed),
            policy::in_force_from.eq(now.naive()),
            policy::number.eq(last.unwrap_or(0) + 1),
        ))
        .execute(connection)?;
    Ok(())
}

/// The signed policies in the order of signing.
///
/// # Errors
/// Where the database cannot be read.
pub fn policies(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    Ok(policy::table.order(policy::number.asc()).select(policy::signed).load(connection)?)
}

/// The hash of every policy, in the order of signing.
///
/// # Errors
/// Where the database cannot be read.
pub fn policy_hashes(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    Ok(policy::table.order(policy::number.asc()).select(policy::hash).load(connection)?)
}
