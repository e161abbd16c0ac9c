//! Enrolled node certificates and the deny list, which only grows.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{
    calendar::Quarter, clock::Moment, geography::BoroughCode, log::Event, protocol::PublicKey,
};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{denial, enrolment};

/// An enrolled node certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    /// The borough.
    pub borough: BoroughCode,
    /// The key that signs its releases.
    pub release_key: PublicKey,
    /// When it was enrolled.
    pub enrolled_at: Moment,
    /// By whom.
    pub enrolled_by: String,
    /// When the certificate ends.
    pub not_after: Moment,
    /// The quarter of the borough's first release.
    pub first_quarter: Quarter,
}

impl Enrolment {
    /// What the log says of it.
    pub fn event(&self) -> Event {
        Event::Enrolment {
            fingerprint: self.fingerprint.clone(),
            borough: self.borough.clone(),
            release_key: self.release_key.clone(),
            not_after: self.not_after,
            first_quarter: self.first_quarter,
        }
    }
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = enrolment)]
struct Row {
    fingerprint: String,
    borough: String,
    release_key: String,
    enrolled_at: ColumnTime,
    enrolled_by: String,
    not_after: ColumnTime,
    first_quarter: String,
}

/// Enrols a certificate.
///
/// # Errors
/// `AlreadyRecorded` where it is enrolled.
pub fn add(connection: &mut AnyConnection, new: &Enrolment) -> Result<(), StoreError> {
    let row = Row {
        fingerprint: new.fingerprint.clone(),
        borough: new.borough.to_string(),
        release_key: new.release_key.to_string(),
        enrolled_at: new.enrolled_at.naive(),
        enrolled_by: new.enrolled_by.clone(),
        not_after: new.not_after.naive(),
        first_quarter: new.first_quarter.to_string(),
    };
    diesel::insert_into(enrolment::table).values(&row).execute(connection)?;
    Ok(())
}

/// The enrolment of a certificate, if it is enrolled and not denied.
///
/// # Errors
/// Where the row cannot be read back.
pub fn in_force(connection: &mut AnyConnection, fingerprint: &str) -> Result<Option<Enrolment>, StoreError> {
    let denied = denial::table.filter(denial::fingerprint.eq(fingerprint));
    let row: Option<Row> = enrolment::table
        .find(fingerprint)
        .filter(diesel::dsl::not(diesel::dsl::exists(denied)))
        .first(connection)
        .optional()?;
    row.map(read).transpose()
}

/// Those of several certificates that are enrolled and not denied.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all_in_force(
    connection: &mut AnyConnection,
    fingerprints: &[&str],
) -> Result<Vec<Enrolment>, StoreError> {
    let rows: Vec<Row> = enrolment::table
        .filter(enrolment::fingerprint.eq_any(fingerprints))
        .filter(enrolment::fingerprint.ne_all(denial::table.select(denial::fingerprint)))
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

/// When a certificate was denied, if it was.
///
/// # Errors
/// Where the database cannot be read.
pub fn denied_at(connection: &mut AnyConnection, fingerprint: &str) -> Result<Option<Moment>, StoreError> {
    let found = denial::table.filter(denial::fingerprint.eq(fingerprint)).select(denial::denied_at);
    let at: Option<ColumnTime> = found.first(connection).optional()?;
    Ok(at.map(Moment::from_naive))
}

/// The enrolments of a borough, oldest first.
///
/// # Errors
/// Where a row cannot be read back.
pub fn of_borough(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
) -> Result<Vec<Enrolment>, StoreError> {
    Ok(all(connection)?.into_iter().filter(|enrolment| enrolment.borough == *borough).collect())
}

/// The quarter of each enrolled borough's first release.
///
/// # Errors
/// Where a row cannot be read back.
pub fn joined(connection: &mut AnyConnection) -> Result<BTreeMap<BoroughCode, Quarter>, StoreError> {
    let enrolments = all(connection)?.into_iter();
    Ok(enrolments.map(|enrolment| (enrolment.borough, enrolment.first_quarter)).collect())
}

/// All enrolments, by borough and date.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Enrolment>, StoreError> {
    let rows: Vec<Row> =
        enrolment::table.order((enrolment::borough.asc(), enrolment::enrolled_at.asc())).load(connection)?;
    rows.into_iter().map(read).collect()
}

/// The fingerprints on the deny list.
///
/// # Errors
/// Where the database cannot be read.
pub fn denied(connection: &mut AnyConnection) -> Result<BTreeSet<String>, StoreError> {
    let denied: Vec<String> = denial::table.select(denial::fingerprint).load(connection)?;
    Ok(denied.into_iter().collect())
}

/// Denies a certificate for ever; a repetition changes nothing.
///
/// # Errors
/// Where the database refuses.
pub fn deny(
    connection: &mut AnyConnection,
    fingerprint: &str,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let known: i64 =
        denial::table.filter(denial::fingerprint.eq(fingerprint)).count().get_result(connection)?;
    if known > 0 {
        return Ok(());
    }
    let last: Option<i32> = denial::table.select(diesel::dsl::max(denial::number)).first(connection)?;
    diesel::insert_into(denial::table)
        .values((
            denial::number.eq(last.unwrap_or(0) + 1),
            denial::fingerprint.eq(fingerprint),
            denial::denied_at.eq(now.naive()),
            denial::denied_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

fn read(row: Row) -> Result<Enrolment, StoreError> {
    let unreadable = |reason: &str| StoreError::Unreadable { table: "enrolment", reason: reason.to_owned() };
    Ok(Enrolment {
        fingerprint: row.fingerprint,
        borough: row.borough.parse().map_err(|_| unreadable("no borough code"))?,
        release_key: row.release_key.parse().map_err(|_| unreadable("no release key"))?,
        enrolled_at: Moment::from_naive(row.enrolled_at),
        enrolled_by: row.enrolled_by,
        not_after: Moment::from_naive(row.not_after),
        first_quarter: row.first_quarter.parse().map_err(|_| unreadable("no quarter"))?,
    })
}
