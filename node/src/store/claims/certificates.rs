//! Claim certificates and the disclosure register in the database; neither is ever changed.

use chrono::NaiveDate;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use crate::store::schema::{certificate_claim, claim_certificate, disclosure};

/// One issue of a window's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub id: i64,
    /// The window.
    pub window: i64,
    /// The issue, from 1.
    pub issue: i64,
    /// When.
    pub issued_at: Moment,
    /// By whom.
    pub issued_by: String,
    /// The certificate, JWS.
    pub signed: String,
    /// The salt, hexadecimal.
    pub salt: String,
    /// The commitment.
    pub commitment: String,
}

/// Keeps an issue with the claims it counts, and gives it its number; `id` of the value given is not read.
///
/// # Errors
/// `AlreadyRecorded` where the window has this issue; `Refused` where its officer drafted one of the claims.
pub fn issue(connection: &mut AnyConnection, new: &Issue, claims: &[i64]) -> Result<i64, StoreError> {
    let newest = claim_certificate::table.order(claim_certificate::id.desc()).select(claim_certificate::id);
    let last: Option<i64> = newest.first(connection).optional()?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(claim_certificate::table)
        .values((
            claim_certificate::id.eq(id),
            claim_certificate::claim_window.eq(new.window),
            claim_certificate::issue.eq(new.issue),
            claim_certificate::issued_at.eq(new.issued_at.naive()),
            claim_certificate::issued_by.eq(&new.issued_by),
            claim_certificate::signed.eq(&new.signed),
            claim_certificate::salt.eq(&new.salt),
            claim_certificate::commitment.eq(&new.commitment),
        ))
        .execute(connection)?;
    for claim in claims {
        diesel::insert_into(certificate_claim::table)
            .values((certificate_claim::certificate.eq(id), certificate_claim::claim.eq(claim)))
            .execute(connection)?;
    }
    Ok(id)
}

/// All issues in the order of their numbers.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Issue>, StoreError> {
    type Row = (i64, i64, i64, ColumnTime, String, String, String, String);
    let rows: Vec<Row> = claim_certificate::table.order(claim_certificate::id.asc()).load(connection)?;
    let read = |(id, window, issue, at, issued_by, signed, salt, commitment): Row| {
        let issued_at = Moment::from_naive(at);
        Issue { id, window, issue, issued_at, issued_by, signed, salt, commitment }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The claims an issue counts, in the order of their numbers.
///
/// # Errors
/// Where the database cannot be read.
pub fn claims_of(connection: &mut AnyConnection, certificate: i64) -> Result<Vec<i64>, StoreError> {
    Ok(certificate_claim::table
        .filter(certificate_claim::certificate.eq(certificate))
        .order(certificate_claim::claim.asc())
        .select(certificate_claim::claim)
        .load(connection)?)
}

/// An exact figure that left the borough.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Disclosure {
    /// Its number.
    pub id: i64,
    /// The day it left.
    pub disclosed_on: NaiveDate,
    /// certificate, payment, freedom-of-information, other.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// The figures in words.
    pub figures: String,
    /// What it belongs to; may be empty.
    pub reference: String,
    /// Who entered it.
    pub recorded_by: String,
}

/// Enters a disclosure and gives it its number; `id` of the value given is not read.
///
/// # Errors
/// `Refused` where its kind is not known.
pub fn disclose(connection: &mut AnyConnection, new: &Disclosure, now: Moment) -> Result<i64, StoreError> {
    let newest = disclosure::table.order(disclosure::id.desc()).select(disclosure::id);
    let last: Option<i64> = newest.first(connection).optional()?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(disclosure::table)
        .values((
            disclosure::id.eq(id),
            disclosure::disclosed_on.eq(new.disclosed_on),
            disclosure::kind.eq(&new.kind),
            disclosure::recipient.eq(&new.recipient),
            disclosure::figures.eq(&new.figures),
            disclosure::reference.eq(&new.reference),
            disclosure::recorded_at.eq(now.naive()),
            disclosure::recorded_by.eq(&new.recorded_by),
        ))
        .execute(connection)?;
    Ok(id)
}

/// All disclosures in the order they were entered.
///
/// # Errors
/// Where the database cannot be read.
pub fn disclosures(connection: &mut AnyConnection) -> Result<Vec<Disclosure>, StoreError> {
    type Row = (i64, NaiveDate, String, String, String, String, ColumnTime, String);
    let rows: Vec<Row> = disclosure::table.order(disclosure::id.asc()).load(connection)?;
    let read = |(id, disclosed_on, kind, recipient, figures, reference, _, recorded_by): Row| Disclosure {
        id,
        disclosed_on,
        kind,
        recipient,
        figures,
        reference,
        recorded_by,
    };
    Ok(rows.into_iter().map(read).collect())
}
