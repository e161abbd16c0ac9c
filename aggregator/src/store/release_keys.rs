//! Release keys that followed others, borough by borough.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    geography::BoroughCode,
    protocol::{PublicKey, rotation::KeyLink},
};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{release_key, release_key_lost};

/// A rotation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The borough.
    pub borough: BoroughCode,
    /// Which key follows which.
    pub link: KeyLink,
    /// Since when.
    pub at: Moment,
}

/// Keeps a rotation.
///
/// # Errors
/// `AlreadyRecorded` where the new key is known.
pub fn add(connection: &mut AnyConnection, new: &Kept) -> Result<(), StoreError> {
    let last: Option<i32> =
        release_key::table.select(diesel::dsl::max(release_key::number)).first(connection)?;
    let from = i32::try_from(new.link.from_release)
        .map_err(|_| StoreError::Failed { reason: "no release has such a number".to_owned() })?;
    diesel::insert_into(release_key::table)
        .values((
            release_key::number.eq(last.unwrap_or(0) + 1),
            release_key::borough.eq(new.borough.as_str()),
            release_key::old_key.eq(new.link.old_key.to_string()),
            release_key::new_key.eq(new.link.new_key.to_string()),
            release_key::from_release.eq(from),
            release_key::kept_at.eq(new.at.naive()),
        ))
        .execute(connection)?;
    Ok(())
}

/// Every rotation, in order.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Kept>, StoreError> {
    let rows: Vec<Row> =
        release_key::table.order(release_key::number.asc()).select(COLUMNS).load(connection)?;
    rows.into_iter().map(read).collect()
}

/// The rotations of a borough, in order.
///
/// # Errors
/// Where a row cannot be read back.
pub fn of_borough(connection: &mut AnyConnection, borough: &BoroughCode) -> Result<Vec<KeyLink>, StoreError> {
    let rows: Vec<Row> = release_key::table
        .filter(release_key::borough.eq(borough.as_str()))
        .order(release_key::number.asc())
        .select(COLUMNS)
        .load(connection)?;
    rows.into_iter().map(|row| Ok(read(row)?.link)).collect()
}

/// The rotations of several boroughs, in order.
///
/// # Errors
/// Where a row cannot be read back.
pub fn of_boroughs(connection: &mut AnyConnection, boroughs: &[&str]) -> Result<Vec<Kept>, StoreError> {
    let rows: Vec<Row> = release_key::table
        .filter(release_key::borough.eq_any(boroughs))
        .order(release_key::number.asc())
        .select(COLUMNS)
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

/// Keeps that a key is lost; a repetition changes nothing.
///
/// # Errors
/// Where the database refuses.
pub fn lose(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    key: &PublicKey,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    if lost(connection)?.contains(key) {
        return Ok(());
    }
    let last: Option<i32> =
        release_key_lost::table.select(diesel::dsl::max(release_key_lost::number)).first(connection)?;
    diesel::insert_into(release_key_lost::table)
        .values((
            release_key_lost::number.eq(last.unwrap_or(0) + 1),
            release_key_lost::borough.eq(borough.as_str()),
            release_key_lost::key.eq(key.to_string()),
            release_key_lost::lost_at.eq(now.naive()),
            release_key_lost::lost_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// The keys that are lost, in the order in which that was said.
///
/// # Errors
/// Where a row cannot be read back.
pub fn lost(connection: &mut AnyConnection) -> Result<Vec<PublicKey>, StoreError> {
    let rows: Vec<String> = release_key_lost::table
        .order(release_key_lost::number.asc())
        .select(release_key_lost::key)
        .load(connection)?;
    let key = |text: String| {
        let reason = "no release key".to_owned();
        text.parse().map_err(|_| StoreError::Unreadable { table: "release_key_lost", reason })
    };
    rows.into_iter().map(key).collect()
}

type Row = (String, String, String, i32, ColumnTime);

const COLUMNS: (
    release_key::borough,
    release_key::old_key,
    release_key::new_key,
    release_key::from_release,
    release_key::kept_at,
) = (
    release_key::borough,
    release_key::old_key,
    release_key::new_key,
    release_key::from_release,
    release_key::kept_at,
);

fn read((borough, old, new, from, at): Row) -> Result<Kept, StoreError> {
    let unreadable =
        |reason: &str| StoreError::Unreadable { table: "release_key", reason: reason.to_owned() };
    let key = |text: &str| text.parse::<PublicKey>().map_err(|_| unreadable("no release key"));
    let from_release = u32::try_from(from).map_err(|_| unreadable("no release number"))?;
    Ok(Kept {
        borough: borough.parse().map_err(|_| unreadable("no borough code"))?,
        link: KeyLink { old_key: key(&old)?, new_key: key(&new)?, from_release },
        at: Moment::from_naive(at),
    })
}
