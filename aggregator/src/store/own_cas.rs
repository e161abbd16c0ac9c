//! Authorities of councils, each trusted for one borough.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, geography::BoroughCode};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::own_ca;

/// A council's authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCa {
    /// SHA-256 of its certificate.
    pub fingerprint: String,
    /// The borough it speaks for.
    pub borough: BoroughCode,
    /// Its certificate, in PEM.
    pub certificate_pem: String,
}

/// Trusts an authority.
///
/// # Errors
/// `AlreadyRecorded` where it is trusted.
pub fn add(connection: &mut AnyConnection, new: &OwnCa, by: &str, now: Moment) -> Result<(), StoreError> {
    diesel::insert_into(own_ca::table)
        .values((
            own_ca::fingerprint.eq(&new.fingerprint),
            own_ca::borough.eq(new.borough.as_str()),
            own_ca::certificate.eq(&new.certificate_pem),
            own_ca::trusted_at.eq(now.naive()),
            own_ca::trusted_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// Trusts an authority no more; whether it was trusted.
///
/// # Errors
/// Where the database refuses.
pub fn remove(connection: &mut AnyConnection, fingerprint: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(own_ca::table.find(fingerprint)).execute(connection)? > 0)
}

/// Every authority that is trusted.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<OwnCa>, StoreError> {
    let rows: Vec<(String, String, String)> = own_ca::table
        .order(own_ca::fingerprint.asc())
        .select((own_ca::fingerprint, own_ca::borough, own_ca::certificate))
        .load(connection)?;
    let unreadable = |_| StoreError::Unreadable { table: "own_ca", reason: "no borough code".to_owned() };
    rows.into_iter()
        .map(|(fingerprint, borough, certificate_pem)| {
            Ok(OwnCa { fingerprint, borough: borough.parse().map_err(unreadable)?, certificate_pem })
        })
        .collect()
}
