//! The register read back: every family with everything known of it, some hundreds at a time.
//!
//! Where several loads speak of one thing the newest stands: the latest as-of date, then the latest load, then
//! the last line. What stands never depends on the order in which loads came.

mod newest;
mod records;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

pub use super::loads::coverage;
use super::schema::{family, line_merge, load, person};
use crate::{
    register::{FamilyFile, FamilyId, LineId, Person, PersonId, Sex, families::FamilyNumber},
    release::selection::{Merges, surviving},
};

/// Families are read in groups of this many, so that memory does not grow with the register.
const AT_ONCE: usize = 1_000;

/// How the register's numbers are written as ids.
fn person_id(number: i64) -> PersonId {
    PersonId(format!("P{number}"))
}

fn line_id(number: i64) -> LineId {
    LineId(format!("L{number}"))
}

fn unreadable(table: &'static str) -> StoreError {
    StoreError::Unreadable { table, reason: "a word of it is not known to this version".to_owned() }
}

/// Lines that went up in others.
///
/// # Errors
/// Where the database cannot be read.
pub fn line_merges(connection: &mut AnyConnection) -> Result<Merges, StoreError> {
    let rows: Vec<(i64, i64)> =
        line_merge::table.select((line_merge::line, line_merge::into_line)).load(connection)?;
    Ok(rows.into_iter().map(|(line, into)| (line_id(line), line_id(into))).collect())
}

/// Hands every family of the register to `each`, in the order of their numbers.
///
/// # Errors
/// Where a row cannot be read back.
pub fn families(connection: &mut AnyConnection, mut each: impl FnMut(FamilyFile)) -> Result<(), StoreError> {
    let mut numbers: Vec<Option<i64>> = person::table
        .filter(person::family.is_not_null())
        .select(person::family)
        .distinct()
        .load(connection)?;
    numbers.sort_unstable();
    let numbers: Vec<i64> = numbers.into_iter().flatten().collect();
    let ranks = ranks(connection)?;
    for some in numbers.chunks(AT_ONCE) {
        for file in between(connection, &ranks, some[0], some[some.len() - 1])? {
            each(file);
        }
    }
    Ok(())
}

/// One family of the register.
///
/// # Errors
/// Where a row cannot be read back.
pub fn family(
    connection: &mut AnyConnection,
    number: FamilyNumber,
) -> Result<Option<FamilyFile>, StoreError> {
    let ranks = ranks(connection)?;
    Ok(between(connection, &ranks, number, number)?.pop())
}

/// How new each load is.
type Ranks = HashMap<i64, (NaiveDate, i64)>;

fn ranks(connection: &mut AnyConnection) -> Result<Ranks, StoreError> {
    let loads: Vec<(i64, NaiveDate)> = load::table.select((load::id, load::as_of)).load(connection)?;
    Ok(loads.into_iter().map(|(id, as_of)| (id, (as_of, id))).collect())
}

fn between(
    connection: &mut AnyConnection,
    ranks: &Ranks,
    first: FamilyNumber,
    last: FamilyNumber,
) -> Result<Vec<FamilyFile>, StoreError> {
    let mut files: BTreeMap<i64, FamilyFile> = BTreeMap::new();
    let rows: Vec<(i64, i64, Option<String>)> = family::table
        .filter(family::id.between(first, last))
        .select((family::id, family::line, family::ward))
        .load(connection)?;
    let merges = line_merges(connection)?;
    for (id, line, ward) in rows {
        // What is counted of either part of a line is counted of both.
        let line = surviving(&line_id(line), &merges).clone();
        files.insert(
            id,
            FamilyFile {
                family: FamilyId(format!("F{id}")),
                line,
                members: Vec::new(),
                ward: ward.and_then(|ward| ward.parse().ok()),
                assessments: Vec::new(),
                sessions: Vec::new(),
                incidents: Vec::new(),
                benefits: Vec::new(),
                jobs: Vec::new(),
                care: Vec::new(),
                episodes: Vec::new(),
                housing: Vec::new(),
                circumstances: Vec::new(),
            },
        );
    }
    type Row = (Option<i64>, i64, String, String, Option<NaiveDate>, String);
    let people: Vec<Row> = person::table
        .filter(person::family.between(first, last))
        .order(person::id.asc())
        .select((
            person::family,
            person::id,
            person::given_name,
            person::family_name,
            person::birth_date,
            person::sex,
        ))
        .load(connection)?;
    for (family, id, given_name, family_name, birth_date, sex) in people {
        let Some(file) = family.and_then(|family| files.get_mut(&family)) else { continue };
        let sex = Sex::from_word(&sex).ok_or_else(|| unreadable("person"))?;
        file.members.push(Person { id: person_id(id), given_name, family_name, birth_date, sex });
    }
    // A family that was: its people are in another now.
    files.retain(|_, file| !file.members.is_empty());
    records::read(connection, ranks, first, last, &mut files)?;
    Ok(files.into_values().collect())
}
