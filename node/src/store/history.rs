//! What was before Tenfold in the database: its rows read back, and of them what holds a family's one place.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{claimed_before, family, history, load, mention, person};
use crate::{
    claims::earlier::{Before, Claimed, Entry, Place},
    register::{FamilyId, LineId, ProblemNumber},
    release::selection::surviving,
};

fn unreadable(reason: &str) -> StoreError {
    StoreError::Unreadable { table: "history", reason: reason.to_owned() }
}

/// Of whom a row says that they belong together and where they lived: person, carer, property, ward, day, postcode.
pub(super) type Assessed = (i64, Option<i64>, Option<String>, Option<String>, NaiveDate, Option<String>);

/// Families as rows of history say: as assessments do.
pub(super) fn assessed(connection: &mut AnyConnection) -> Result<Vec<Assessed>, StoreError> {
    Ok(history::table
        .select((
            history::person,
            history::carer,
            history::uprn,
            history::ward,
            history::attached_on,
            history::postcode,
        ))
        .load(connection)?)
}

/// Mentions with the source's number of their family, where that holds.
pub(super) fn family_refs(connection: &mut AnyConnection) -> Result<Vec<(i64, Option<String>)>, StoreError> {
    Ok(history::table
        .filter(history::family_ref.is_not_null())
        .select((history::person, history::family_ref))
        .load(connection)?)
}

type Row = (
    (i64, i64, String, NaiveDate, i64, i64),
    (String, String, NaiveDate, String, Option<String>),
    (Option<String>, Option<String>, Option<NaiveDate>, Option<String>, Option<i64>),
    (Option<String>, Option<String>),
);

/// Everything of before Tenfold, about the families as they stand now.
///
/// # Errors
/// Where a row cannot be read back.
pub fn before(connection: &mut AnyConnection) -> Result<Before, StoreError> {
    let merges = super::register::line_merges(connection)?;
    let rows: Vec<Row> = history::table
        .inner_join(load::table.on(history::load.eq(load::id)))
        .inner_join(mention::table.on(history::person.eq(mention::id)))
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .inner_join(family::table.on(person::family.eq(family::id.nullable())))
        .order((history::load.asc(), history::line.asc()))
        .select((
            (history::load, history::line, load::file_name, load::as_of, family::id, family::line),
            (history::framework, history::programme, history::attached_on, history::needs, history::ward),
            (history::reference, history::kind, history::claimed_on, history::claimed_in, history::pence),
            (history::state, history::sha256),
        ))
        .load(connection)?;
    let read = |((load, row_line, file, as_of, family, line), was, claim, became): Row| {
        let (framework, programme, attached_on, needs, ward) = was;
        let needs: BTreeMap<ProblemNumber, bool> =
            serde_json::from_str(&needs).map_err(|_| unreadable("no needs"))?;
        let present = || needs.iter().filter(|(_, present)| **present).map(|(number, _)| *number).collect();
        let line = LineId(format!("L{line}"));
        Ok(Entry {
            place: Place { load, file, line: row_line },
            as_of,
            line: surviving(&line, &merges).clone(),
            family: FamilyId(format!("F{family}")),
            framework,
            programme,
            attached_on,
            problems: (!needs.is_empty()).then(present),
            ward: ward.map(|code| code.parse()).transpose().map_err(|_| unreadable("no ward code"))?,
            claim: read_claim(claim, became)?,
        })
    };
    Ok(Before::of(rows.into_iter().map(read).collect::<Result<_, StoreError>>()?))
}

type ClaimCells = (Option<String>, Option<String>, Option<NaiveDate>, Option<String>, Option<i64>);

fn read_claim(
    (reference, kind, on, window, pence): ClaimCells,
    (state, sha256): (Option<String>, Option<String>),
) -> Result<Option<Claimed>, StoreError> {
    let Some(reference) = reference else { return Ok(None) };
    let half = || unreadable("a claim lacks what a claim has");
    Ok(Some(Claimed {
        reference,
        kind: kind.ok_or_else(half)?.parse().map_err(|()| unreadable("a type of result is not known"))?,
        on: on.ok_or_else(half)?,
        window: window.unwrap_or_default(),
        pence: pence.ok_or_else(half)?,
        state: state.ok_or_else(half)?.parse().map_err(|()| unreadable("a state is not known"))?,
        sha256,
    }))
}

/// Writes anew which lines' one place is taken by a claim of before Tenfold: what the database refuses drafts by.
///
/// # Errors
/// Where the database refuses.
pub fn hold_places(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let before = before(connection)?;
    diesel::delete(claimed_before::table).execute(connection)?;
    let live = before.claims.iter().filter(|claim| claim.claim.state.is_live());
    let rows: Vec<_> = live
        .map(|claim| {
            (
                claimed_before::load.eq(claim.place.load),
                claimed_before::row_line.eq(claim.place.line),
                claimed_before::line.eq(&claim.line.0),
                claimed_before::programme.eq(&claim.programme),
                claimed_before::framework.eq(&claim.framework),
            )
        })
        .collect();
    super::bulk::insert!(connection, claimed_before::table, &rows);
    Ok(())
}
