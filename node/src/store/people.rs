//! People and families in the database: the index that rows are matched against, and every change to it.

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{clock::Moment, geography::WardCode};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{family, family_member, household, line_merge, person, person_key};
use crate::{
    intake::record::Address,
    register::{
        Sex,
        families::{Change, Families, FamilyNumber, Household},
        identifiers::Uprn,
        matching::{Admitted, KeyKind, PersonIndex, PersonKey, Who},
    },
};

#[derive(diesel::Insertable)]
#[diesel(table_name = person, treat_none_as_default_value = false)]
struct NewPerson<'a> {
    id: i64,
    given_name: &'a str,
    family_name: &'a str,
    folded_name: String,
    birth_date: Option<NaiveDate>,
    sex: &'a str,
}

/// Everybody of the register, for finding whose rows are.
///
/// # Errors
/// Where the database cannot be read.
pub fn index(connection: &mut AnyConnection) -> Result<PersonIndex, StoreError> {
    let last: Option<i64> = person::table.select(diesel::dsl::max(person::id)).first(connection)?;
    let mut index = PersonIndex::after(last.unwrap_or(0));
    let people: Vec<(i64, String, Option<NaiveDate>)> = person::table
        .order(person::id.asc())
        .select((person::id, person::folded_name, person::birth_date))
        .load(connection)?;
    for (id, name, born) in people {
        index.insert(id, &name, born);
    }
    let keys: Vec<(String, String, i64)> = person_key::table.load(connection)?;
    for (kind, value, person) in keys {
        if let Some(&kind) = KeyKind::ALL.iter().find(|known| known.as_str() == kind) {
            index.insert_key(PersonKey { kind, value }, person);
        }
    }
    Ok(index)
}

/// The families as they stand.
///
/// # Errors
/// Where the database cannot be read.
pub fn families(connection: &mut AnyConnection) -> Result<Families, StoreError> {
    let rows: Vec<(i64, i64, Option<i64>)> = family::table
        .order(family::id.asc())
        .select((family::id, family::line, family::merged_into))
        .load(connection)?;
    let (last_family, last_line) =
        (rows.iter().map(|row| row.0).max().unwrap_or(0), rows.iter().map(|row| row.1).max().unwrap_or(0));
    let mut families = Families::after(last_family, last_line);
    for (id, line, merged_into) in rows {
        if merged_into.is_none() {
            families.insert(id, line);
        }
    }
    let members: Vec<(i64, i64)> =
        family_member::table.order(family_member::person.asc()).load(connection)?;
    for (person, family) in members {
        families.insert_member(person, family);
    }
    let households: Vec<(String, String, i64)> = household::table.load(connection)?;
    for (surname, uprn, family) in households {
        families.insert_household(Household { surname, uprn }, family);
    }
    Ok(families)
}

/// Writes what a row made known of a person.
///
/// # Errors
/// Where the database refuses.
pub fn write(connection: &mut AnyConnection, who: &Who, admitted: &Admitted) -> Result<(), StoreError> {
    let sex = who.sex.unwrap_or(Sex::NotKnown).as_str();
    if admitted.is_new {
        let new = NewPerson {
            id: admitted.person,
            given_name: &who.given_name,
            family_name: &who.family_name,
            folded_name: who.folded_name(),
            birth_date: who.birth_date,
            sex,
        };
        diesel::insert_into(person::table).values(&new).execute(connection)?;
    }
    // Only what was missing: a later row may leave blank what an earlier one gave.
    if admitted.gave_name {
        diesel::update(person::table.find(admitted.person))
            .set((
                person::given_name.eq(&who.given_name),
                person::family_name.eq(&who.family_name),
                person::folded_name.eq(who.folded_name()),
            ))
            .execute(connection)?;
    }
    if admitted.gave_birth_date {
        diesel::update(person::table.find(admitted.person))
            .set(person::birth_date.eq(who.birth_date))
            .execute(connection)?;
    }
    for key in &admitted.new_keys {
        diesel::insert_into(person_key::table)
            .values((
                person_key::kind.eq(key.kind.as_str()),
                person_key::value.eq(&key.value),
                person_key::person.eq(admitted.person),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Writes changes to the families, in their order.
///
/// # Errors
/// Where the database refuses.
pub fn apply(connection: &mut AnyConnection, changes: &[Change], now: Moment) -> Result<(), StoreError> {
    for change in changes {
        match change {
            Change::Founded { family: id, line } => {
                diesel::insert_into(family::table)
                    .values((family::id.eq(id), family::line.eq(line)))
                    .execute(connection)?;
            }
            Change::Joined { person, family } => {
                diesel::insert_into(family_member::table)
                    .values((family_member::person.eq(person), family_member::family.eq(family)))
                    .execute(connection)?;
            }
            Change::Housed { household: Household { surname, uprn }, family } => {
                diesel::insert_into(household::table)
                    .values((
                        household::surname.eq(surname),
                        household::uprn.eq(uprn),
                        household::family.eq(family),
                    ))
                    .execute(connection)?;
            }
            Change::United { family: younger, into, line, into_line } => {
                diesel::update(family_member::table.filter(family_member::family.eq(younger)))
                    .set(family_member::family.eq(into))
                    .execute(connection)?;
                diesel::update(household::table.filter(household::family.eq(younger)))
                    .set(household::family.eq(into))
                    .execute(connection)?;
                diesel::update(family::table.find(younger))
                    .set(family::merged_into.eq(into))
                    .execute(connection)?;
                diesel::insert_into(line_merge::table)
                    .values((
                        line_merge::line.eq(line),
                        line_merge::into_line.eq(into_line),
                        line_merge::merged_at.eq(now.naive()),
                    ))
                    .execute(connection)?;
            }
        }
    }
    Ok(())
}

/// Writes where a family lives, unless a later assessment said so already: resent rows are older news.
///
/// A row without a ward leaves the ward as it is, unless it names another property: then it is not known.
///
/// # Errors
/// Where the database refuses.
pub fn settle(
    connection: &mut AnyConnection,
    family: FamilyNumber,
    address: &Address,
    on: NaiveDate,
) -> Result<(), StoreError> {
    let uprn = address.uprn.as_ref().map(Uprn::as_str);
    let not_older = || family::settled_on.is_null().or(family::settled_on.le(on));
    let place = (
        family::ward.eq(address.ward.as_ref().map(WardCode::as_str)),
        family::uprn.eq(uprn),
        family::settled_on.eq(on),
    );
    let this = family::table.filter(family::id.eq(family)).filter(not_older());
    if address.ward.is_some() {
        diesel::update(this).set(place).execute(connection)?;
    } else if uprn.is_some() {
        let moved = family::uprn.is_not_null().and(family::uprn.ne(uprn));
        diesel::update(this.filter(moved)).set(place).execute(connection)?;
    }
    Ok(())
}
