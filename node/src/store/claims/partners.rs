//! Partners and the family lines they work with, in the database.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::unreadable;
use crate::{
    claims::split::{Partner, Rule},
    register::LineId,
    store::schema::{partner, partner_family},
};

const JOINT: &str = "joint-investment";
const COMMISSIONED: &str = "commissioned";

/// Adds a partner and gives it its number.
///
/// # Errors
/// `AlreadyRecorded` where the name is taken.
pub fn add(
    connection: &mut AnyConnection,
    name: &str,
    rule: Rule,
    by: &str,
    now: Moment,
) -> Result<i64, StoreError> {
    let newest = partner::table.order(partner::id.desc()).select(partner::id);
    let last: Option<i64> = newest.first(connection).optional()?;
    let id = last.unwrap_or(0) + 1;
    let (word, percent) = match rule {
        Rule::JointInvestment => (JOINT, None),
        Rule::Commissioned { percent } => (COMMISSIONED, Some(i64::from(percent))),
    };
    diesel::insert_into(partner::table)
        .values((
            partner::id.eq(id),
            partner::name.eq(name),
            partner::rule.eq(word),
            partner::percent.eq(percent),
            partner::recorded_at.eq(now.naive()),
            partner::recorded_by.eq(by),
        ))
        .execute(connection)?;
    Ok(id)
}

/// All partners in the order of their numbers.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Partner>, StoreError> {
    type Row = (i64, String, String, Option<i64>, ColumnTime, String);
    let rows: Vec<Row> = partner::table.order(partner::id.asc()).load(connection)?;
    let read = |(id, name, rule, percent, _, _): Row| {
        let percent = percent.and_then(|percent| u32::try_from(percent).ok());
        let rule = match (rule.as_str(), percent) {
            (JOINT, None) => Rule::JointInvestment,
            (COMMISSIONED, Some(percent)) => Rule::Commissioned { percent },
            _ => return Err(unreadable("partner", "a rule is not known")),
        };
        Ok(Partner { id, name, rule })
    };
    rows.into_iter().map(read).collect()
}

/// Records that a partner works with a family line.
///
/// # Errors
/// `AlreadyRecorded` where it is recorded.
pub fn attribute(
    connection: &mut AnyConnection,
    partner: i64,
    line: &LineId,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(partner_family::table)
        .values((
            partner_family::partner.eq(partner),
            partner_family::line.eq(&line.0),
            partner_family::recorded_at.eq(now.naive()),
            partner_family::recorded_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// Every attribution: partner and line, in their order.
///
/// # Errors
/// Where the database cannot be read.
pub fn attributions(connection: &mut AnyConnection) -> Result<Vec<(i64, LineId)>, StoreError> {
    let rows: Vec<(i64, String)> = partner_family::table
        .order((partner_family::partner.asc(), partner_family::line.asc()))
        .select((partner_family::partner, partner_family::line))
        .load(connection)?;
    Ok(rows.into_iter().map(|(partner, line)| (partner, LineId(line))).collect())
}
