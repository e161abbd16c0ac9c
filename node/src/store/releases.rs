//! Preparations, sealed releases and the outbox in the database.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{calendar::Quarter, clock::Moment};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

pub use super::approvals::{approval_of, approvals, approve};
use super::schema::{approval, frozen_line, frozen_table, outbox, preparation, release, statement};
use crate::release::freeze::Place;
pub use crate::release::stages::{Approval, Authority, FrozenLine, Preparation, Sealed};

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = preparation)]
struct PreparationRow {
    quarter: String,
    policy: String,
    prepared_at: ColumnTime,
    prepared_by: String,
    salted_hash: String,
    salt: Vec<u8>,
}

/// Replaces a quarter's preparation, its frozen tables and the lines they count.
///
/// # Errors
/// `Refused` once the quarter is charged or approved.
pub fn prepare(
    connection: &mut AnyConnection,
    new: &Preparation,
    tables: &[(Place<'_>, Vec<u8>)],
    lines: &[FrozenLine],
) -> Result<(), StoreError> {
    let quarter = new.quarter.to_string();
    forget(connection, &quarter)?;
    let row = PreparationRow {
        quarter: quarter.clone(),
        policy: new.policy.clone(),
        prepared_at: new.prepared_at.naive(),
        prepared_by: new.prepared_by.clone(),
        salted_hash: new.salted_hash.clone(),
        salt: new.sealed_salt.clone(),
    };
    diesel::insert_into(preparation::table).values(&row).execute(connection)?;
    for (place, sealed) in tables {
        diesel::insert_into(frozen_table::table)
            .values((
                frozen_table::policy.eq(place.policy),
                frozen_table::stream.eq(place.stream),
                frozen_table::quarter.eq(&quarter),
                frozen_table::sealed.eq(sealed),
            ))
            .execute(connection)?;
    }
    for line in lines {
        diesel::insert_into(frozen_line::table)
            .values((
                frozen_line::quarter.eq(&quarter),
                frozen_line::stream.eq(&line.stream),
                frozen_line::line_hmac.eq(&line.line_hmac),
                frozen_line::kind.eq(if line.counted { "counted" } else { "before" }),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn forget(connection: &mut AnyConnection, quarter: &str) -> Result<(), StoreError> {
    diesel::delete(frozen_table::table.filter(frozen_table::quarter.eq(quarter))).execute(connection)?;
    diesel::delete(frozen_line::table.filter(frozen_line::quarter.eq(quarter))).execute(connection)?;
    diesel::delete(preparation::table.find(quarter)).execute(connection)?;
    Ok(())
}

/// Destroys what was frozen for a quarter that is void.
///
/// # Errors
/// `Refused` once the quarter is charged.
pub fn forget_frozen(connection: &mut AnyConnection, quarter: Quarter) -> Result<(), StoreError> {
    if approval_of(connection, quarter)?.is_none() {
        return forget(connection, &quarter.to_string());
    }
    // The approval stands with its preparation: what was decided is never rewritten.
    let quarter = quarter.to_string();
    diesel::delete(frozen_table::table.filter(frozen_table::quarter.eq(&quarter))).execute(connection)?;
    diesel::delete(frozen_line::table.filter(frozen_line::quarter.eq(&quarter))).execute(connection)?;
    Ok(())
}

/// The first quarter that was approved at or after a moment.
///
/// # Errors
/// Where the database cannot be read.
pub fn approved_since(connection: &mut AnyConnection, since: Moment) -> Result<Option<Quarter>, StoreError> {
    let quarter: Option<String> = approval::table
        .filter(approval::approved_at.ge(since.naive()))
        .order(approval::quarter.asc())
        .select(approval::quarter)
        .first(connection)
        .optional()?;
    let unreadable = || StoreError::Unreadable { table: "approval", reason: "no quarter".to_owned() };
    quarter.map(|quarter| quarter.parse().map_err(|_| unreadable())).transpose()
}

/// The approved quarters.
///
/// # Errors
/// Where the database cannot be read.
pub fn approved(connection: &mut AnyConnection) -> Result<Vec<Quarter>, StoreError> {
    let quarters: Vec<String> =
        approval::table.order(approval::quarter.asc()).select(approval::quarter).load(connection)?;
    let unreadable = || StoreError::Unreadable { table: "approval", reason: "no quarter".to_owned() };
    quarters.into_iter().map(|quarter| quarter.parse().map_err(|_| unreadable())).collect()
}

/// Throws away the preparations of quarters from one on that are not approved.
///
/// # Errors
/// Where the database refuses.
pub fn forget_prepared_from(connection: &mut AnyConnection, first: Quarter) -> Result<(), StoreError> {
    let quarters: Vec<String> = preparation::table
        .filter(preparation::quarter.ge(first.to_string()))
        .filter(preparation::quarter.ne_all(approval::table.select(approval::quarter)))
        .select(preparation::quarter)
        .load(connection)?;
    quarters.iter().try_for_each(|quarter| forget(connection, quarter))
}

/// Throws away preparations made at or after a moment and not approved; whether there was one.
///
/// # Errors
/// Where the database refuses.
pub fn forget_prepared_since(connection: &mut AnyConnection, since: Moment) -> Result<bool, StoreError> {
    let quarters: Vec<String> = preparation::table
        .filter(preparation::prepared_at.ge(since.naive()))
        .filter(preparation::quarter.ne_all(approval::table.select(approval::quarter)))
        .select(preparation::quarter)
        .load(connection)?;
    for quarter in &quarters {
        forget(connection, quarter)?;
    }
    Ok(!quarters.is_empty())
}

/// Throws away every preparation that is not approved; whether there was one.
///
/// # Errors
/// Where the database refuses.
pub fn forget_prepared(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let quarters: Vec<String> = preparation::table
        .filter(preparation::quarter.ne_all(approval::table.select(approval::quarter)))
        .select(preparation::quarter)
        .load(connection)?;
    quarters.iter().try_for_each(|quarter| forget(connection, quarter))?;
    Ok(!quarters.is_empty())
}

/// A quarter's preparation, if there is one.
///
/// # Errors
/// Where the database cannot be read.
pub fn preparation_of(
    connection: &mut AnyConnection,
    quarter: Quarter,
) -> Result<Option<Preparation>, StoreError> {
    let row: Option<PreparationRow> =
        preparation::table.find(quarter.to_string()).first(connection).optional()?;
    Ok(row.map(|row| Preparation {
        quarter,
        policy: row.policy,
        prepared_at: Moment::from_naive(row.prepared_at),
        prepared_by: row.prepared_by,
        salted_hash: row.salted_hash,
        sealed_salt: row.salt,
    }))
}

/// The frozen table of a stream and quarter.
///
/// # Errors
/// `NotFound` where there is none.
pub fn frozen(
    connection: &mut AnyConnection,
    policy: &str,
    stream: &str,
    quarter: Quarter,
) -> Result<Vec<u8>, StoreError> {
    Ok(frozen_table::table
        .find((policy, stream, quarter.to_string()))
        .select(frozen_table::sealed)
        .first(connection)?)
}

/// The journal names of the lines that a quarter's charge would write, stream by stream.
///
/// # Errors
/// Where the database cannot be read.
pub fn frozen_lines(
    connection: &mut AnyConnection,
    quarter: Quarter,
) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let rows: Vec<(String, String)> = frozen_line::table
        .filter(frozen_line::quarter.eq(quarter.to_string()))
        .select((frozen_line::stream, frozen_line::line_hmac))
        .load(connection)?;
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (stream, line) in rows {
        lines.entry(stream).or_default().push(line);
    }
    Ok(lines)
}

/// A release to be sealed.
#[derive(Clone, Debug)]
pub struct NewRelease<'a> {
    /// Its number.
    pub number: u32,
    /// The quarter.
    pub quarter: Quarter,
    /// Hash of the policy.
    pub policy: &'a str,
    /// The signed release.
    pub bytes: &'a str,
    /// SHA-256 of the bytes.
    pub sha256: &'a str,
    /// When it may leave.
    pub deliver_at: Moment,
}

/// Seals a release and puts it into the outbox.
///
/// # Errors
/// `AlreadyRecorded` where quarter or number are sealed.
pub fn seal(connection: &mut AnyConnection, new: &NewRelease<'_>, now: Moment) -> Result<(), StoreError> {
    let number = i32::try_from(new.number)
        .map_err(|_| StoreError::Failed { reason: "too many releases".to_owned() })?;
    diesel::insert_into(release::table)
        .values((
            release::number.eq(number),
            release::quarter.eq(new.quarter.to_string()),
            release::policy.eq(new.policy),
            release::sealed_at.eq(now.naive()),
            release::bytes.eq(new.bytes),
            release::sha256.eq(new.sha256),
            release::deliver_at.eq(new.deliver_at.naive()),
        ))
        .execute(connection)?;
    diesel::insert_into(outbox::table)
        .values((outbox::number.eq(number), outbox::attempts.eq(0)))
        .execute(connection)?;
    Ok(())
}

type SealedRow = (
    (i32, String, ColumnTime, String, String, ColumnTime),
    (i32, Option<ColumnTime>, Option<ColumnTime>, Option<String>, Option<String>, Option<ColumnTime>),
);

/// All sealed releases in order.
///
/// # Errors
/// Where a row cannot be read back.
pub fn sealed(connection: &mut AnyConnection) -> Result<Vec<Sealed>, StoreError> {
    let rows: Vec<SealedRow> = release::table
        .inner_join(outbox::table)
        .order(release::number.asc())
        .select((
            (
                release::number,
                release::quarter,
                release::sealed_at,
                release::bytes,
                release::sha256,
                release::deliver_at,
            ),
            (
                outbox::attempts,
                outbox::last_attempt_at,
                outbox::not_before,
                outbox::last_problem,
                outbox::receipt,
                outbox::receipted_at,
            ),
        ))
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

fn read((release, outbox): SealedRow) -> Result<Sealed, StoreError> {
    let unreadable = || StoreError::Unreadable { table: "release", reason: "no quarter".to_owned() };
    Ok(Sealed {
        number: release.0.unsigned_abs(),
        quarter: release.1.parse().map_err(|_| unreadable())?,
        sealed_at: Moment::from_naive(release.2),
        bytes: release.3,
        sha256: release.4,
        deliver_at: Moment::from_naive(release.5),
        attempts: outbox.0.unsigned_abs(),
        last_attempt_at: outbox.1.map(Moment::from_naive),
        not_before: outbox.2.map(Moment::from_naive),
        last_problem: outbox.3,
        receipt: outbox.4,
        receipted_at: outbox.5.map(Moment::from_naive),
    })
}

/// Records a failed try, and until when the aggregator asked not to be tried again.
///
/// # Errors
/// Where the database refuses.
pub fn tried(
    connection: &mut AnyConnection,
    number: u32,
    problem: &str,
    not_before: Option<Moment>,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(number.cast_signed()))
        .set((
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::last_attempt_at.eq(now.naive()),
            outbox::not_before.eq(not_before.map(Moment::naive)),
            outbox::last_problem.eq(problem),
        ))
        .execute(connection)?;
    Ok(())
}

/// Keeps a receipt.
///
/// # Errors
/// Where the database refuses.
pub fn receipted(
    connection: &mut AnyConnection,
    number: u32,
    receipt: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(number.cast_signed()))
        .set((
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::last_attempt_at.eq(now.naive()),
            outbox::last_problem.eq(None::<String>),
            outbox::receipt.eq(receipt),
            outbox::receipted_at.eq(now.naive()),
        ))
        .execute(connection)?;
    Ok(())
}

/// Keeps the aggregator's newest statement.
///
/// # Errors
/// Where the database refuses.
pub fn keep_statement(connection: &mut AnyConnection, signed: &str) -> Result<(), StoreError> {
    diesel::delete(statement::table).execute(connection)?;
    diesel::insert_into(statement::table)
        .values((statement::id.eq(1), statement::signed.eq(signed)))
        .execute(connection)?;
    Ok(())
}

/// The aggregator's newest statement.
///
/// # Errors
/// Where the database cannot be read.
pub fn statement(connection: &mut AnyConnection) -> Result<Option<String>, StoreError> {
    Ok(statement::table.select(statement::signed).first(connection).optional()?)
}
