//! Received releases in the order of the log, and how often something was refused.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::max};
use tenfold_common::{calendar::Quarter, clock::Moment, geography::BoroughCode};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{rejection, release};

/// A release as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Place of its entry in the log, from 0.
    pub log_index: u64,
    /// The borough, from the certificate.
    pub borough: BoroughCode,
    /// The quarter.
    pub quarter: Quarter,
    /// Counts the borough's releases from 1.
    pub number: u32,
    /// Hash of the policy.
    pub policy: String,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// The signed release.
    pub bytes: String,
    /// The signed receipt.
    pub receipt: String,
    /// When it was stored.
    pub received_at: Moment,
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = release)]
struct Row {
    log_index: i32,
    borough: String,
    quarter: String,
    number: i32,
    policy: String,
    sha256: String,
    bytes: String,
    receipt: String,
    received_at: ColumnTime,
}

impl From<&Received> for Row {
    fn from(new: &Received) -> Self {
        Self {
            log_index: i32::try_from(new.log_index).unwrap_or(i32::MAX),
            borough: new.borough.to_string(),
            quarter: new.quarter.to_string(),
            number: new.number.cast_signed(),
            policy: new.policy.clone(),
            sha256: new.sha256.clone(),
            bytes: new.bytes.clone(),
            receipt: new.receipt.clone(),
            received_at: new.received_at.naive(),
        }
    }
}

/// Keeps releases with their receipts, each at the place of its entry in the log.
///
/// # Errors
/// `AlreadyRecorded` where quarter or number of its borough are kept.
pub fn keep(connection: &mut AnyConnection, new: &[Received]) -> Result<(), StoreError> {
    let rows: Vec<Row> = new.iter().map(Row::from).collect();
    tenfold_store::insert!(connection, release::table, &rows);
    Ok(())
}

/// What is known of a release without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Place of its entry in the log, from 0.
    pub log_index: u64,
    /// The quarter.
    pub quarter: Quarter,
    /// Counts the borough's releases from 1.
    pub number: u32,
    /// SHA-256 of the bytes.
    pub sha256: String,
}

/// The newest release of each of these boroughs that has one, without its bytes.
///
/// # Errors
/// Where a row cannot be read back.
pub fn newest_of(
    connection: &mut AnyConnection,
    boroughs: &[&str],
) -> Result<BTreeMap<BoroughCode, Known>, StoreError> {
    let places: Vec<Option<i32>> = release::table
        .filter(release::borough.eq_any(boroughs))
        .group_by(release::borough)
        .select(max(release::log_index))
        .load(connection)?;
    let places: Vec<i32> = places.into_iter().flatten().collect();
    let rows: Vec<(String, KnownRow)> = release::table
        .filter(release::log_index.eq_any(places))
        .select((release::borough, KNOWN))
        .load(connection)?;
    let newest = rows.into_iter().map(|(borough, row)| {
        let borough = borough.parse().map_err(|_| unreadable("no borough code"))?;
        Ok((borough, known(row)?))
    });
    newest.collect()
}

/// A borough's release for a quarter without its bytes, if there is one.
///
/// # Errors
/// Where the row cannot be read back.
pub fn for_quarter(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    quarter: Quarter,
) -> Result<Option<Known>, StoreError> {
    let row: Option<KnownRow> = release::table
        .filter(release::borough.eq(borough.as_str()))
        .filter(release::quarter.eq(quarter.to_string()))
        .select(KNOWN)
        .first(connection)
        .optional()?;
    row.map(known).transpose()
}

/// Of a row that stands before the bytes.
type KnownRow = (i32, String, i32, String);

const KNOWN: (release::log_index, release::quarter, release::number, release::sha256) =
    (release::log_index, release::quarter, release::number, release::sha256);

fn known((log_index, quarter, number, sha256): KnownRow) -> Result<Known, StoreError> {
    Ok(Known {
        log_index: u64::from(log_index.unsigned_abs()),
        quarter: quarter.parse().map_err(|_| unreadable("no quarter"))?,
        number: number.unsigned_abs(),
        sha256,
    })
}

/// When the release at a place of the log was stored.
///
/// # Errors
/// `NotFound` where there is none.
pub fn received_at(connection: &mut AnyConnection, log_index: u64) -> Result<Moment, StoreError> {
    let place = i32::try_from(log_index).unwrap_or(i32::MAX);
    let at: ColumnTime = release::table.find(place).select(release::received_at).first(connection)?;
    Ok(Moment::from_naive(at))
}

/// The receipt of the release at a place of the log.
///
/// # Errors
/// `NotFound` where there is none.
pub fn receipt(connection: &mut AnyConnection, log_index: u64) -> Result<String, StoreError> {
    let place = i32::try_from(log_index).unwrap_or(i32::MAX);
    Ok(release::table.find(place).select(release::receipt).first(connection)?)
}

/// A borough's newest release, if there is one.
///
/// # Errors
/// Where the row cannot be read back.
pub fn newest(connection: &mut AnyConnection, borough: &BoroughCode) -> Result<Option<Received>, StoreError> {
    let row: Option<Row> = release::table
        .filter(release::borough.eq(borough.as_str()))
        .order(release::number.desc())
        .first(connection)
        .optional()?;
    row.map(read).transpose()
}

/// All releases in the order of the log.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Received>, StoreError> {
    let rows: Vec<Row> = release::table.order(release::log_index.asc()).load(connection)?;
    rows.into_iter().map(read).collect()
}

fn unreadable(reason: &str) -> StoreError {
    StoreError::Unreadable { table: "release", reason: reason.to_owned() }
}

fn read(row: Row) -> Result<Received, StoreError> {
    Ok(Received {
        log_index: u64::from(row.log_index.unsigned_abs()),
        borough: row.borough.parse().map_err(|_| unreadable("no borough code"))?,
        quarter: row.quarter.parse().map_err(|_| unreadable("no quarter"))?,
        number: row.number.unsigned_abs(),
        policy: row.policy,
        sha256: row.sha256,
        bytes: row.bytes,
        receipt: row.receipt,
        received_at: Moment::from_naive(row.received_at),
    })
}

/// Counts a refusal; nothing of what was refused is kept.
///
/// # Errors
/// Where the database refuses.
pub fn count_rejection(
    connection: &mut AnyConnection,
    borough: &str,
    kind: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let changed = diesel::update(rejection::table.find((borough, kind)))
        .set((rejection::count.eq(rejection::count + 1), rejection::last_at.eq(now.naive())))
        .execute(connection)?;
    if changed == 0 {
        diesel::insert_into(rejection::table)
            .values((
                rejection::borough.eq(borough),
                rejection::kind.eq(kind),
                rejection::count.eq(1),
                rejection::last_at.eq(now.naive()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Refusals by borough and kind: borough (or empty), problem type, how often, the last time.
///
/// # Errors
/// Where the database cannot be read.
pub fn rejections(connection: &mut AnyConnection) -> Result<Vec<(String, String, i32, Moment)>, StoreError> {
    let rows: Vec<(String, String, i32, ColumnTime)> =
        rejection::table.order((rejection::borough.asc(), rejection::kind.asc())).load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(borough, kind, count, at)| (borough, kind, count, Moment::from_naive(at)))
        .collect())
}
