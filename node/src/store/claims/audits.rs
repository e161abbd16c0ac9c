//! Audits: frozen lists, seeds, draws and findings in the database.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::unreadable;
use crate::{
    claims::sample::Share,
    register::LineId,
    store::schema::{audit, audit_line},
};

/// An audit as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Its number.
    pub id: i64,
    /// The window.
    pub window: i64,
    /// Why a list was frozen again; empty for the first.
    pub reason: String,
    /// When the list was frozen, and by whom.
    pub frozen: (Moment, String),
    /// The salt, hexadecimal.
    pub salt: String,
    /// The list's salted hash.
    pub list_hash: String,
    /// The share set beforehand.
    pub share_beforehand: Share,
    /// The share now.
    pub share: Share,
    /// The auditor's seed, when and by whom.
    pub seeded: Option<(String, Moment, String)>,
    /// When it was concluded, and by whom.
    pub concluded: Option<(Moment, String)>,
}

/// A line of a frozen list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The claim.
    pub claim: i64,
    /// The family line.
    pub line: LineId,
    /// Whether it rests on discretion.
    pub discretionary: bool,
    /// Whether it is to be checked.
    pub drawn: bool,
    /// Valid or not, once it was checked.
    pub valid: Option<bool>,
    /// Why it is invalid.
    pub reason: String,
}

type Row = (
    i64,
    i64,
    String,
    ColumnTime,
    String,
    String,
    String,
    i64,
    i64,
    Option<String>,
    Option<ColumnTime>,
    Option<String>,
    Option<ColumnTime>,
    Option<String>,
);

/// Freezes a list and gives its audit a number.
///
/// # Errors
/// `Refused` where a line is no draft of the window.
pub fn freeze(connection: &mut AnyConnection, new: &Audit, lines: &[Line]) -> Result<i64, StoreError> {
    let last: Option<i64> =
        audit::table.order(audit::id.desc()).select(audit::id).first(connection).optional()?;
    let id = last.unwrap_or(0) + 1;
    let share = i64::from(new.share_beforehand.basis_points());
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(id),
            audit::claim_window.eq(new.window),
            audit::reason.eq(&new.reason),
            audit::frozen_at.eq(new.frozen.0.naive()),
            audit::frozen_by.eq(&new.frozen.1),
            audit::salt.eq(&new.salt),
            audit::list_hash.eq(&new.list_hash),
            audit::share_beforehand.eq(share),
            audit::share.eq(share),
        ))
        .execute(connection)?;
    for line in lines {
        diesel::insert_into(audit_line::table)
            .values((
                audit_line::audit.eq(id),
                audit_line::claim.eq(line.claim),
                audit_line::line.eq(&line.line.0),
                audit_line::discretionary.eq(i32::from(line.discretionary)),
                audit_line::drawn.eq(0),
                audit_line::reason.eq(""),
            ))
            .execute(connection)?;
    }
    Ok(id)
}

/// Takes the auditor's seed.
///
/// # Errors
/// `Refused` where there is one already, or the auditor drafted or froze.
pub fn take_seed(
    connection: &mut AnyConnection,
    id: i64,
    seed: &str,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::update(audit::table.find(id))
        .set((audit::seed.eq(seed), audit::seeded_at.eq(now.naive()), audit::seeded_by.eq(by)))
        .execute(connection)?;
    Ok(())
}

/// Marks a line to be checked.
///
/// # Errors
/// `Refused` where the audit has no seed or is concluded.
pub fn draw(connection: &mut AnyConnection, id: i64, claim: i64) -> Result<(), StoreError> {
    diesel::update(audit_line::table.find((id, claim))).set(audit_line::drawn.eq(1)).execute(connection)?;
    Ok(())
}

/// Records what was found; `invalid` says why where the line is not valid.
///
/// # Errors
/// `Refused` where it was not drawn, was found before, or by who drafted it.
pub fn find(
    connection: &mut AnyConnection,
    id: i64,
    claim: i64,
    invalid: Option<&str>,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::update(audit_line::table.find((id, claim)))
        .set((
            audit_line::finding.eq(if invalid.is_some() { "invalid" } else { "valid" }),
            audit_line::reason.eq(invalid.unwrap_or_default()),
            audit_line::found_at.eq(now.naive()),
            audit_line::found_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// Lets the share grow.
///
/// # Errors
/// `Refused` where it would shrink.
pub fn grow(connection: &mut AnyConnection, id: i64, share: Share) -> Result<(), StoreError> {
    let share = i64::from(share.basis_points());
    diesel::update(audit::table.find(id)).set(audit::share.eq(share)).execute(connection)?;
    Ok(())
}

/// Concludes an audit.
///
/// # Errors
/// `Refused` while a drawn line is not checked.
pub fn conclude(connection: &mut AnyConnection, id: i64, by: &str, now: Moment) -> Result<(), StoreError> {
    diesel::update(audit::table.find(id))
        .set((audit::concluded_at.eq(now.naive()), audit::concluded_by.eq(by)))
        .execute(connection)?;
    Ok(())
}

/// All audits in the order of their numbers.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Audit>, StoreError> {
    let rows: Vec<Row> = audit::table.order(audit::id.asc()).load(connection)?;
    rows.into_iter().map(read).collect()
}

fn read(row: Row) -> Result<Audit, StoreError> {
    let (
        id,
        window,
        reason,
        frozen_at,
        frozen_by,
        salt,
        list_hash,
        beforehand,
        share,
        seed,
        seeded_at,
        seeded_by,
        at,
        by,
    ) = row;
    let share_of = |points: i64| {
        u32::try_from(points)
            .map(Share::of_basis_points)
            .map_err(|_| unreadable("audit", "a share is out of range"))
    };
    Ok(Audit {
        id,
        window,
        reason,
        frozen: (Moment::from_naive(frozen_at), frozen_by),
        salt,
        list_hash,
        share_beforehand: share_of(beforehand)?,
        share: share_of(share)?,
        seeded: seed.zip(seeded_at).zip(seeded_by).map(|((seed, at), by)| (seed, Moment::from_naive(at), by)),
        concluded: at.zip(by).map(|(at, by)| (Moment::from_naive(at), by)),
    })
}

/// The lines of an audit's list in the order of their claims.
///
/// # Errors
/// Where the database cannot be read.
pub fn lines(connection: &mut AnyConnection, id: i64) -> Result<Vec<Line>, StoreError> {
    let rows: Vec<(i64, String, i32, i32, Option<String>, String)> = audit_line::table
        .filter(audit_line::audit.eq(id))
        .order(audit_line::claim.asc())
        .select((
            audit_line::claim,
            audit_line::line,
            audit_line::discretionary,
            audit_line::drawn,
            audit_line::finding,
            audit_line::reason,
        ))
        .load(connection)?;
    let read =
        |(claim, line, discretionary, drawn, finding, reason): (_, _, i32, i32, Option<String>, _)| Line {
            claim,
            line: LineId(line),
            discretionary: discretionary != 0,
            drawn: drawn != 0,
            valid: finding.map(|finding| finding == "valid"),
            reason,
        };
    Ok(rows.into_iter().map(read).collect())
}
