//! Readmissions: a person lets a borough's expired node renew once more.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, geography::BoroughCode};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::readmission;

const PRESSED: &str = "pressed";
const USED: &str = "used";

/// When a readmission of this borough was pressed that was not used yet.
///
/// # Errors
/// Where the database cannot be read.
pub fn pressed(connection: &mut AnyConnection, borough: &BoroughCode) -> Result<Option<Moment>, StoreError> {
    let last: Option<(String, ColumnTime)> = readmission::table
        .filter(readmission::borough.eq(borough.as_str()))
        .order(readmission::number.desc())
        .select((readmission::kind, readmission::at))
        .first(connection)
        .optional()?;
    Ok(last.filter(|(kind, _)| kind == PRESSED).map(|(_, at)| Moment::from_naive(at)))
}

/// A person presses it.
///
/// # Errors
/// Where the database refuses.
pub fn press(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    add(connection, borough, PRESSED, "", by, now)
}

/// A node uses it with a request.
///
/// # Errors
/// Where the database refuses.
pub fn take(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    request: &str,
    now: Moment,
) -> Result<(), StoreError> {
    add(connection, borough, USED, request, "", now)
}

fn add(
    connection: &mut AnyConnection,
    borough: &BoroughCode,
    kind: &str,
    request: &str,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i32> =
        readmission::table.select(diesel::dsl::max(readmission::number)).first(connection)?;
    diesel::insert_into(readmission::table)
        .values((
            readmission::number.eq(last.unwrap_or(0) + 1),
            readmission::borough.eq(borough.as_str()),
            readmission::kind.eq(kind),
            readmission::request.eq(request),
            readmission::at.eq(now.naive()),
            readmission::account.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}
