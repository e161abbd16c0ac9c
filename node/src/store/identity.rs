//! Whose node this is: fixed when it is made, and the bundle it was enrolled with.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, geography::BoroughCode, protocol::Bundle};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::node;

/// Whose node this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The borough, for ever.
    pub borough: BoroughCode,
    /// The clock file of a rehearsal, for ever.
    pub rehearsal_clock: Option<String>,
    /// What the centre gave it, once enrolled.
    pub bundle: Option<Bundle>,
    /// When the key under which the journal names lines was destroyed, if it was.
    pub journal_destroyed: Option<Moment>,
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = node, treat_none_as_default_value = false)]
struct Row {
    id: i32,
    borough: String,
    rehearsal_clock: Option<String>,
    created_at: ColumnTime,
    bundle: Option<String>,
    journal_destroyed_at: Option<ColumnTime>,
}

/// Records whose node this is; a node never changes its borough.
///
/// # Errors
/// `AlreadyRecorded` where it is recorded.
pub fn create(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    rehearsal_clock: Option<&str>,
    now: Moment,
) -> Result<(), StoreError> {
    let row = Row {
        id: 1,
        borough: borough.to_string(),
        rehearsal_clock: rehearsal_clock.map(str::to_owned),
        created_at: now.naive(),
        bundle: None,
        journal_destroyed_at: None,
    };
    diesel::insert_into(node::table).values(&row).execute(connection)?;
    Ok(())
}

/// Whose node this is, if it was made.
///
/// # Errors
/// Where the row cannot be read back.
pub fn find(connection: &mut AnyConnection) -> Result<Option<Identity>, StoreError> {
    let row: Option<Row> = node::table.find(1).first(connection).optional()?;
    let unreadable = |reason: String| StoreError::Unreadable { table: "node", reason };
    row.map(|row| {
        let bundle = row.bundle.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Identity {
            borough: row.borough.parse().map_err(|_| unreadable("no borough code".to_owned()))?,
            rehearsal_clock: row.rehearsal_clock,
            bundle: bundle.map_err(|_| unreadable("no enrolment bundle".to_owned()))?,
            journal_destroyed: row.journal_destroyed_at.map(Moment::from_naive),
        })
    })
    .transpose()
}

/// Records that the journal's key is destroyed.
///
/// # Errors
/// Where the database refuses.
pub fn journal_destroyed(connection: &mut AnyConnection, now: Moment) -> Result<(), StoreError> {
    diesel::update(node::table.find(1))
        .set(node::journal_destroyed_at.eq(now.naive()))
        .execute(connection)?;
    Ok(())
}

/// Keeps the bundle the centre gave.
///
/// # Errors
/// Where the database refuses.
pub fn keep_bundle(connection: &mut AnyConnection, bundle: &Bundle) -> Result<(), StoreError> {
    let text = serde_json::to_string(bundle)
        .map_err(|_| StoreError::Failed { reason: "the bundle cannot be written".to_owned() })?;
    diesel::update(node::table.find(1)).set(node::bundle.eq(text)).execute(connection)?;
    Ok(())
}
