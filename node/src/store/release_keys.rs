//! Release keys that followed others: made here, and in force once the region has answered.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{
    clock::Moment,
    protocol::{PublicKey, rotation::KeyLink},
};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::release_key;

/// A rotation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// From 1.
    pub number: i32,
    /// Which key follows which.
    pub link: KeyLink,
    /// As both keys signed it.
    pub request: String,
    /// The region's answer; nothing while it is waited for.
    pub answer: Option<String>,
}

/// Writes a rotation down before it is sent.
///
/// # Errors
/// `AlreadyRecorded` where the new key is known.
pub fn begin(
    connection: &mut AnyConnection,
    link: &KeyLink,
    request: &str,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i32> =
        release_key::table.select(diesel::dsl::max(release_key::number)).first(connection)?;
    let from = i32::try_from(link.from_release)
        .map_err(|_| StoreError::Failed { reason: "no release has such a number".to_owned() })?;
    diesel::insert_into(release_key::table)
        .values((
            release_key::number.eq(last.unwrap_or(0) + 1),
            release_key::old_key.eq(link.old_key.to_string()),
            release_key::new_key.eq(link.new_key.to_string()),
            release_key::from_release.eq(from),
            release_key::request.eq(request),
            release_key::made_at.eq(now.naive()),
            release_key::made_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// Keeps the region's answer: from here on the new key is in force.
///
/// # Errors
/// Where it was answered before.
pub fn answered(connection: &mut AnyConnection, number: i32, answer: &str) -> Result<(), StoreError> {
    diesel::update(release_key::table.find(number))
        .set(release_key::answer.eq(answer))
        .execute(connection)?;
    Ok(())
}

/// Gives a rotation up that waits for its answer: its new key was said to be lost.
///
/// # Errors
/// Where it was answered before.
pub fn give_up(connection: &mut AnyConnection, number: i32, now: Moment) -> Result<(), StoreError> {
    diesel::update(release_key::table.find(number))
        .set(release_key::given_up_at.eq(now.naive()))
        .execute(connection)?;
    Ok(())
}

/// Every rotation that was not given up, in order.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Kept>, StoreError> {
    type Row = (i32, String, String, i32, String, Option<String>);
    let rows: Vec<Row> = release_key::table
        .filter(release_key::given_up_at.is_null())
        .order(release_key::number.asc())
        .select((
            release_key::number,
            release_key::old_key,
            release_key::new_key,
            release_key::from_release,
            release_key::request,
            release_key::answer,
        ))
        .load(connection)?;
    let unreadable =
        |reason: &str| StoreError::Unreadable { table: "release_key", reason: reason.to_owned() };
    let key = |text: &str| text.parse::<PublicKey>().map_err(|_| unreadable("no release key"));
    rows.into_iter()
        .map(|(number, old, new, from, request, answer)| {
            let from_release = u32::try_from(from).map_err(|_| unreadable("no release number"))?;
            let link = KeyLink { old_key: key(&old)?, new_key: key(&new)?, from_release };
            Ok(Kept { number, link, request, answer })
        })
        .collect()
}

/// The rotations that are in force, in order.
///
/// # Errors
/// Where a row cannot be read back.
pub fn in_force(connection: &mut AnyConnection) -> Result<Vec<KeyLink>, StoreError> {
    Ok(all(connection)?.into_iter().filter(|kept| kept.answer.is_some()).map(|kept| kept.link).collect())
}

/// The rotation that waits for its answer, if one does.
///
/// # Errors
/// Where a row cannot be read back.
pub fn pending(connection: &mut AnyConnection) -> Result<Option<Kept>, StoreError> {
    Ok(all(connection)?.into_iter().find(|kept| kept.answer.is_none()))
}
