//! Rights to draw, as they were given: they only grow.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use serde::Serialize;
use tenfold_common::{calendar::Quarter, clock::Moment, geography::BoroughCode, log::Event};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{draw_refusal, draw_right};

/// A right that was given, or renewed by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Given {
    /// Its number, from 1.
    pub number: u32,
    /// The borough.
    pub borough: BoroughCode,
    /// The quarter; none where a person renewed: the copy that was refused last is then the borough's node.
    pub quarter: Option<Quarter>,
    /// Hash of the policy; empty where renewed.
    pub policy: String,
    /// SHA-256 of the request's nonce; where renewed, of the one refused last.
    pub nonce_sha256: String,
    /// Hash of the node's last ledger line, after its charge; empty where renewed.
    pub ledger_head: String,
    /// When.
    pub at: Moment,
    /// Who renewed it or carried the answer; empty where the node asked itself.
    pub by: String,
}

impl Given {
    /// What the log says of it.
    pub fn event(&self) -> Event {
        Event::Right {
            borough: self.borough.clone(),
            quarter: self.quarter,
            policy: self.policy.clone(),
            nonce_sha256: self.nonce_sha256.clone(),
            ledger_head: self.ledger_head.clone(),
        }
    }
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = draw_right)]
struct Row {
    number: i32,
    borough: String,
    kind: String,
    quarter: String,
    policy: String,
    nonce_sha256: String,
    ledger_head: String,
    at: ColumnTime,
    given_by: String,
}

/// Writes down a right; its number is given here.
///
/// # Errors
/// `AlreadyRecorded` where the nonce was used before.
pub fn add(connection: &mut AnyConnection, given: &Given) -> Result<(), StoreError> {
    let last: Option<i32> =
        draw_right::table.select(diesel::dsl::max(draw_right::number)).first(connection)?;
    let row = Row {
        number: last.unwrap_or(0) + 1,
        borough: given.borough.to_string(),
        kind: if given.quarter.is_some() { "given" } else { "renewed" }.to_owned(),
        quarter: given.quarter.map(|quarter| quarter.to_string()).unwrap_or_default(),
        policy: given.policy.clone(),
        nonce_sha256: given.nonce_sha256.clone(),
        ledger_head: given.ledger_head.clone(),
        at: given.at.naive(),
        given_by: given.by.clone(),
    };
    diesel::insert_into(draw_right::table).values(&row).execute(connection)?;
    Ok(())
}

/// A borough's newest right.
///
/// # Errors
/// Where the row cannot be read back.
pub fn newest(connection: &mut AnyConnection, borough: &BoroughCode) -> Result<Option<Given>, StoreError> {
    let row: Option<Row> = draw_right::table
        .filter(draw_right::borough.eq(borough.as_str()))
        .order(draw_right::number.desc())
        .first(connection)
        .optional()?;
    row.map(read).transpose()
}

/// Remembers the request that was refused last because another copy of the node had the right.
///
/// # Errors
/// Where the database refuses.
pub fn refuse(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    nonce_sha256: &str,
    at: Moment,
) -> Result<(), StoreError> {
    forget_refused(connection, borough)?;
    diesel::insert_into(draw_refusal::table)
        .values((
            draw_refusal::borough.eq(borough.as_str()),
            draw_refusal::nonce_sha256.eq(nonce_sha256),
            draw_refusal::at.eq(at.naive()),
        ))
        .execute(connection)?;
    Ok(())
}

/// SHA-256 of the nonce of the request that was refused last, and when, if one was.
///
/// # Errors
/// Where the database cannot be read.
pub fn refused(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
) -> Result<Option<(String, Moment)>, StoreError> {
    let found: Option<(String, ColumnTime)> = draw_refusal::table
        .find(borough.as_str())
        .select((draw_refusal::nonce_sha256, draw_refusal::at))
        .first(connection)
        .optional()?;
    Ok(found.map(|(nonce, at)| (nonce, Moment::from_naive(at))))
}

/// Forgets it: it was answered since.
///
/// # Errors
/// Where the database refuses.
pub fn forget_refused(connection: &mut AnyConnection, borough: &BoroughCode) -> Result<(), StoreError> {
    diesel::delete(draw_refusal::table.find(borough.as_str())).execute(connection)?;
    Ok(())
}

/// All rights in the order in which they were given.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Given>, StoreError> {
    let rows: Vec<Row> = draw_right::table.order(draw_right::number.asc()).load(connection)?;
    rows.into_iter().map(read).collect()
}

fn read(row: Row) -> Result<Given, StoreError> {
    let unreadable = |reason: &str| StoreError::Unreadable { table: "draw_right", reason: reason.to_owned() };
    let quarter = Some(row.quarter).filter(|quarter| !quarter.is_empty());
    Ok(Given {
        number: row.number.unsigned_abs(),
        borough: row.borough.parse().map_err(|_| unreadable("no borough code"))?,
        quarter: quarter.map(|text| text.parse()).transpose().map_err(|_| unreadable("no quarter"))?,
        policy: row.policy,
        nonce_sha256: row.nonce_sha256,
        ledger_head: row.ledger_head,
        at: Moment::from_naive(row.at),
        by: row.given_by,
    })
}
