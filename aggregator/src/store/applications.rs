//! Enrolment requests that came by themselves and wait for a person.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, geography::BoroughCode, protocol::PublicKey};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{enrolment_request, renewal};

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// SHA-256 of the signed request.
    pub request: String,
    /// The borough it claims.
    pub borough: BoroughCode,
    /// The key that signed it.
    pub release_key: PublicKey,
    /// As received.
    pub signed: String,
    /// When it came.
    pub received_at: Moment,
}

#[derive(diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = enrolment_request)]
struct Row {
    request: String,
    borough: String,
    release_key: String,
    signed: String,
    received_at: ColumnTime,
}

/// Keeps a request.
///
/// # Errors
/// `AlreadyRecorded` where it is kept.
pub fn add(connection: &mut AnyConnection, new: &Application) -> Result<(), StoreError> {
    let row = Row {
        request: new.request.clone(),
        borough: new.borough.to_string(),
        release_key: new.release_key.to_string(),
        signed: new.signed.clone(),
        received_at: new.received_at.naive(),
    };
    diesel::insert_into(enrolment_request::table).values(&row).execute(connection)?;
    Ok(())
}

/// The requests that came since a moment and were not answered, oldest first.
///
/// # Errors
/// Where a row cannot be read back.
pub fn waiting(connection: &mut AnyConnection, since: Moment) -> Result<Vec<Application>, StoreError> {
    let answered = renewal::table.select(renewal::request);
    let rows: Vec<Row> = enrolment_request::table
        .filter(enrolment_request::received_at.ge(since.naive()))
        .filter(diesel::dsl::not(enrolment_request::request.eq_any(answered)))
        .order((enrolment_request::received_at.asc(), enrolment_request::request.asc()))
        .load(connection)?;
    let unreadable =
        |reason: &str| StoreError::Unreadable { table: "enrolment_request", reason: reason.to_owned() };
    rows.into_iter()
        .map(|row| {
            Ok(Application {
                request: row.request,
                borough: row.borough.parse().map_err(|_| unreadable("no borough code"))?,
                release_key: row.release_key.parse().map_err(|_| unreadable("no release key"))?,
                signed: row.signed,
                received_at: Moment::from_naive(row.received_at),
            })
        })
        .collect()
}
