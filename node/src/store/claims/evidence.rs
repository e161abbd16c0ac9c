//! Evidence tied to claims, in the database, which fixes it once a claim is certified.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::unreadable;
use crate::{claims::evidence::Kind, store::schema::claim_evidence};

/// A piece of evidence as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its number within the claim.
    pub number: i64,
    /// Its kind.
    pub kind: Kind,
    /// Loads and lines, a file's name, where a statement is kept.
    pub reference: String,
    /// Of a document's file.
    pub sha256: Option<String>,
    /// The values relied on, JSON.
    pub relied: Option<String>,
    /// The statement, or the reason; may be empty.
    pub words: String,
    /// When.
    pub added_at: Moment,
    /// By whom.
    pub added_by: String,
}

/// Evidence to be tied to a claim.
#[derive(Clone, Debug)]
pub struct NewEvidence {
    /// Its kind.
    pub kind: Kind,
    /// Loads and lines, a file's name, where a statement is kept.
    pub reference: String,
    /// Of a document's file.
    pub sha256: Option<String>,
    /// The values relied on, JSON.
    pub relied: Option<String>,
    /// The statement, or the reason; may be empty.
    pub words: String,
}

/// Ties a piece of evidence to a claim.
///
/// # Errors
/// `Refused` once the claim is certified or closed, or a discretion comes after the audit list.
pub fn add_evidence(
    connection: &mut AnyConnection,
    id: i64,
    new: &NewEvidence,
    by: &str,
    now: Moment,
) -> Result<i64, StoreError> {
    let of_claim = claim_evidence::table.filter(claim_evidence::claim.eq(id));
    let number: i64 = of_claim.count().get_result(connection)?;
    diesel::insert_into(claim_evidence::table)
        .values((
            claim_evidence::claim.eq(id),
            claim_evidence::number.eq(number + 1),
            claim_evidence::kind.eq(new.kind.as_str()),
            claim_evidence::reference.eq(&new.reference),
            claim_evidence::sha256.eq(new.sha256.as_deref()),
            claim_evidence::relied.eq(new.relied.as_deref()),
            claim_evidence::words.eq(&new.words),
            claim_evidence::added_at.eq(now.naive()),
            claim_evidence::added_by.eq(by),
        ))
        .execute(connection)?;
    Ok(number + 1)
}

type EvidenceRow = (i64, i64, String, String, Option<String>, Option<String>, String, ColumnTime, String);

/// The evidence of a claim, in the order it was added.
///
/// # Errors
/// Where a row cannot be read back.
pub fn evidence(connection: &mut AnyConnection, id: i64) -> Result<Vec<Evidence>, StoreError> {
    let rows: Vec<EvidenceRow> = claim_evidence::table
        .filter(claim_evidence::claim.eq(id))
        .order(claim_evidence::number.asc())
        .load(connection)?;
    let read = |(_, number, kind, reference, sha256, relied, words, at, added_by): EvidenceRow| {
        let kind =
            Kind::from_word(&kind).ok_or_else(|| unreadable("claim_evidence", "a kind is not known"))?;
        let added_at = Moment::from_naive(at);
        Ok(Evidence { number, kind, reference, sha256, relied, words, added_at, added_by })
    };
    rows.into_iter().map(read).collect()
}
