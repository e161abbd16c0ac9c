//! What stays of a family that was counted and then erased: keyed hashes of its members' strong identifiers, each with
//! the journal's name of the line.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{family, frozen_line, journal, load, mention, person, remembered};
use crate::{
    ledger::JournalKey,
    register::{LineId, families::FamilyNumber},
    release::selection::{Merges, surviving},
};

/// A strong identifier: what it is, and its one spelling. Not printable.
type Identifier = (String, String);

type Row = (Option<i64>, (Option<String>, Option<String>, Option<String>), (Option<String>, Option<String>));

macro_rules! numbers {
    () => {
        (
            mention::person,
            (mention::nhs_number, mention::upn, mention::ni_number),
            (mention::case_system, mention::case_id),
        )
    };
}

/// NHS number, UPN, National Insurance number; and a case system's own number where that system is the authority on
/// who is who.
fn strong(row: Row, authorities: &BTreeSet<String>) -> Vec<Identifier> {
    let (_, (nhs, upn, ni), case) = row;
    let own = case.0.zip(case.1).filter(|(system, _)| authorities.contains(system));
    let kinds = [("nhs-number", nhs), ("upn", upn), ("ni-number", ni)];
    let numbers = kinds.into_iter().filter_map(|(kind, number)| Some((kind.to_owned(), number?)));
    numbers.chain(own.map(|(system, id)| (format!("case-id {system}"), id))).collect()
}

fn authorities(connection: &mut AnyConnection) -> Result<BTreeSet<String>, StoreError> {
    // An undone load's word on who is who counted when it stood, so it is heeded here still.
    let named: Vec<String> =
        load::table.filter(load::authority.ne("")).select(load::authority).distinct().load(connection)?;
    Ok(named.into_iter().collect())
}

/// Remembers a family that is about to be erased, if a stream has counted it or is about to; how many identifiers.
///
/// # Privacy
/// An identifier that another person of the register bears too is a placeholder and not kept: else it would silence
/// whoever comes with it later.
///
/// # Errors
/// Where the database refuses.
pub fn keep(
    connection: &mut AnyConnection,
    number: FamilyNumber,
    line: &LineId,
    merges: &Merges,
    key: &JournalKey,
) -> Result<usize, StoreError> {
    let line = surviving(line, merges);
    let parts = merges.keys().filter(|part| surviving(part, merges) == line).chain([line]);
    let mut names: BTreeSet<String> = parts.map(|part| key.name(part)).collect();
    let used: BTreeSet<String> = journal::table
        .filter(journal::line_hmac.eq_any(&names))
        .select(journal::line_hmac)
        .load(connection)?
        .into_iter()
        .chain(
            frozen_line::table
                .filter(frozen_line::line_hmac.eq_any(&names))
                .select(frozen_line::line_hmac)
                .load(connection)?,
        )
        .collect();
    // Who came back after an erasure is still the family of then.
    names = returned(connection, merges, key)?.remove(line).unwrap_or_default();
    names.extend(used);
    if names.is_empty() {
        return Ok(0);
    }
    let authorities = authorities(connection)?;
    let rows: Vec<Row> = mention::table.select(numbers!()).load(connection)?;
    let of_family: Vec<Option<i64>> =
        person::table.filter(person::family.eq(number)).select(person::id.nullable()).load(connection)?;
    let mut bearers: BTreeMap<Identifier, BTreeSet<Option<i64>>> = BTreeMap::new();
    for row in rows {
        let who = row.0;
        for identifier in strong(row, &authorities) {
            bearers.entry(identifier).or_default().insert(who);
        }
    }
    let own = bearers
        .into_iter()
        .filter(|(_, people)| people.len() == 1 && people.iter().all(|person| of_family.contains(person)));
    let own: BTreeSet<String> = own.map(|((kind, value), _)| key.identifier(&kind, &value)).collect();
    let known: Vec<(String, String)> = remembered::table
        .filter(remembered::identifier_hmac.eq_any(&own))
        .select((remembered::identifier_hmac, remembered::line_hmac))
        .load(connection)?;
    for identifier in &own {
        for name in &names {
            if !known.iter().any(|(one, other)| (one, other) == (identifier, name)) {
                diesel::insert_into(remembered::table)
                    .values((remembered::identifier_hmac.eq(identifier), remembered::line_hmac.eq(name)))
                    .execute(connection)?;
            }
        }
    }
    Ok(own.len())
}

/// Surviving lines whose members bear a remembered identifier, each with the journal's names of what was erased.
///
/// # Privacy
/// Whether a line is found depends on its own people's numbers and on what was erased.
///
/// # Errors
/// Where the database cannot be read.
pub fn returned(
    connection: &mut AnyConnection,
    merges: &Merges,
    key: &JournalKey,
) -> Result<BTreeMap<LineId, BTreeSet<String>>, StoreError> {
    let mut erased: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows: Vec<(String, String)> =
        remembered::table.select((remembered::identifier_hmac, remembered::line_hmac)).load(connection)?;
    for (identifier, name) in rows {
        erased.entry(identifier).or_default().insert(name);
    }
    let mut found: BTreeMap<LineId, BTreeSet<String>> = BTreeMap::new();
    if erased.is_empty() {
        return Ok(found);
    }
    let authorities = authorities(connection)?;
    let rows: Vec<(i64, Row)> = mention::table
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .inner_join(family::table.on(person::family.eq(family::id.nullable())))
        .select((family::line, numbers!()))
        .load(connection)?;
    for (line, row) in rows {
        for (kind, value) in strong(row, &authorities) {
            if let Some(names) = erased.get(&key.identifier(&kind, &value)) {
                let line = surviving(&LineId(format!("L{line}")), merges).clone();
                found.entry(line).or_default().extend(names.iter().cloned());
            }
        }
    }
    Ok(found)
}

/// Destroys all that is remembered; how many keyed identifiers it was.
///
/// # Errors
/// Where the database refuses.
pub fn destroy(connection: &mut AnyConnection) -> Result<usize, StoreError> {
    Ok(diesel::delete(remembered::table).execute(connection)?)
}
