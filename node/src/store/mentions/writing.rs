//! People, families and lines written where they changed.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, StoreError};

use crate::{
    register::{
        Sex,
        matching::Mention,
        settle::{Known, KnownMention, Settled, SettledPerson},
    },
    store::{
        bulk,
        schema::{family, line_merge, mention, mention_load, person, register_head},
    },
};

/// So many rows are made at once before they are written.
const AT_ONCE: usize = 4_000;

#[derive(diesel::Insertable)]
#[diesel(table_name = mention, treat_none_as_default_value = false)]
struct NewMention {
    id: i64,
    identity: String,
    given_name: String,
    family_name: String,
    birth_date: Option<NaiveDate>,
    sex: Option<&'static str>,
    nhs_number: Option<String>,
    upn: Option<String>,
    ni_number: Option<String>,
    case_system: Option<String>,
    case_id: Option<String>,
    person: Option<i64>,
    first_person: Option<i64>,
}

impl NewMention {
    fn of(known: &KnownMention, person: i64) -> Self {
        let Mention { who, identity } = &known.mention;
        let case = who.case_id.as_ref();
        Self {
            id: known.number,
            identity: identity.to_string(),
            given_name: who.given_name.clone(),
            family_name: who.family_name.clone(),
            birth_date: who.birth_date,
            sex: who.sex.map(Sex::as_str),
            nhs_number: who.nhs_number.as_ref().map(|number| number.as_str().to_owned()),
            upn: who.upn.as_ref().map(|number| number.as_str().to_owned()),
            ni_number: who.ni_number.as_ref().map(|number| number.as_str().to_owned()),
            case_system: case.map(|case| case.system.clone()),
            case_id: case.map(|case| case.id.clone()),
            person: Some(person),
            first_person: Some(person),
        }
    }
}

#[derive(diesel::Insertable, diesel::AsChangeset, PartialEq)]
#[diesel(table_name = person, treat_none_as_default_value = false, treat_none_as_null = true)]
struct PersonRow {
    id: i64,
    given_name: String,
    family_name: String,
    birth_date: Option<NaiveDate>,
    sex: String,
    family: Option<i64>,
    first_family: Option<i64>,
}

impl PersonRow {
    fn of(known: &Known, person: &SettledPerson) -> Self {
        let who = &known.mentions[person.named_by].mention.who;
        let sexes = person.mentions.iter().filter_map(|&at| known.mentions[at].mention.who.sex);
        // What one row leaves open another may know.
        let sex = who
            .sex
            .filter(|sex| *sex != Sex::NotKnown)
            .or_else(|| sexes.filter(|s| *s != Sex::NotKnown).min());
        Self {
            id: person.number,
            given_name: who.given_name.clone(),
            family_name: who.family_name.clone(),
            birth_date: known.mentions[person.born_by].mention.who.birth_date,
            sex: sex.unwrap_or(Sex::NotKnown).as_str().to_owned(),
            family: person.membership.family,
            first_family: person.membership.first_family,
        }
    }

    fn is_blank(&self) -> bool {
        self.family.is_none() && self.sex.is_empty()
    }

    /// Nobody speaks of them now: a load was undone, or two people turned out to be one. The number and the family
    /// it first had stay, in case they come back, and nothing else.
    fn blank(self) -> Self {
        let nothing = String::new;
        Self {
            given_name: nothing(),
            family_name: nothing(),
            birth_date: None,
            sex: nothing(),
            family: None,
            ..self
        }
    }

    fn put(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        diesel::update(person::table.find(self.id)).set(self).execute(connection)?;
        Ok(())
    }
}

#[derive(diesel::Insertable, diesel::AsChangeset, PartialEq)]
#[diesel(table_name = family, treat_none_as_default_value = false, treat_none_as_null = true)]
struct FamilyRow {
    id: i64,
    line: i64,
    ward: Option<String>,
    uprn: Option<String>,
    settled_on: Option<NaiveDate>,
}

/// Writes what the register came to, where it differs; mentions from `new_from` on are new.
///
/// # Errors
/// Where the database refuses.
pub fn write(
    connection: &mut AnyConnection,
    known: &Known,
    settled: &Settled,
    new_from: usize,
    load: Option<i64>,
    now: Moment,
) -> Result<(), StoreError> {
    let heads = settled.heads;
    diesel::update(register_head::table)
        .set((
            register_head::last_person.eq(heads.person),
            register_head::last_family.eq(heads.family),
            register_head::last_line.eq(heads.line),
            register_head::last_mention.eq(heads.mention),
        ))
        .execute(connection)?;
    write_families(connection, settled)?;
    unite(connection, &settled.merges, load, now)?;
    write_people(connection, known, settled)?;
    let mut new: Vec<(usize, i64)> = Vec::new();
    for person in &settled.persons {
        for &at in &person.mentions {
            let known = &known.mentions[at];
            if at >= new_from {
                new.push((at, person.number));
            } else if known.person != Some(person.number) {
                diesel::update(mention::table.find(known.number))
                    .set((
                        mention::person.eq(person.number),
                        mention::first_person.eq(known.first_person.unwrap_or(person.number)),
                    ))
                    .execute(connection)?;
            }
        }
    }
    new.sort_unstable();
    for some in new.chunks(AT_ONCE) {
        let rows = some.iter().map(|&(at, person)| NewMention::of(&known.mentions[at], person));
        let rows: Vec<NewMention> = rows.collect();
        bulk::insert_many!(connection, mention::table, &rows);
    }
    Ok(())
}

/// Writes lines that go up in others, for good.
///
/// # Errors
/// Where the database refuses.
pub fn unite(
    connection: &mut AnyConnection,
    merges: &[(i64, i64)],
    load: Option<i64>,
    now: Moment,
) -> Result<(), StoreError> {
    for &(line, into_line) in merges {
        diesel::insert_into(line_merge::table)
            .values((
                line_merge::line.eq(line),
                line_merge::into_line.eq(into_line),
                line_merge::merged_at.eq(now.naive()),
                line_merge::load.eq(load),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Takes back the merges of lines that a load brought, where the load is undone before anything was released.
///
/// # Errors
/// Where the database refuses.
pub fn part_again(connection: &mut AnyConnection, load: i64) -> Result<(), StoreError> {
    diesel::delete(line_merge::table.filter(line_merge::load.eq(load))).execute(connection)?;
    Ok(())
}

/// The families of which a load speaks.
///
/// # Errors
/// Where the database cannot be read.
pub fn families_of(connection: &mut AnyConnection, load: i64) -> Result<Vec<i64>, StoreError> {
    let families: Vec<Option<i64>> = mention_load::table
        .inner_join(mention::table.on(mention_load::mention.eq(mention::id)))
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .filter(mention_load::load.eq(load))
        .select(person::family)
        .distinct()
        .load(connection)?;
    Ok(families.into_iter().flatten().collect())
}

/// Writes people where they differ, a few thousand at a time in the order of their numbers.
fn write_people(connection: &mut AnyConnection, known: &Known, settled: &Settled) -> Result<(), StoreError> {
    let mut persons: Vec<&SettledPerson> = settled.persons.iter().collect();
    persons.sort_unstable_by_key(|person| person.number);
    let mut from = i64::MIN;
    for some in persons.chunks(AT_ONCE) {
        let until = some[some.len() - 1].number;
        let mut before = people_between(connection, from, until)?;
        let mut new = Vec::new();
        for person in some {
            let row = PersonRow::of(known, person);
            match before.remove(&person.number) {
                Some(old) if old == row => {}
                Some(_) => row.put(connection)?,
                None => new.push(row),
            }
        }
        bulk::insert_many!(connection, person::table, &new);
        let gone = before.into_values();
        gone.filter(|row| !row.is_blank()).try_for_each(|row| row.blank().put(connection))?;
        from = until + 1;
    }
    let mut gone = people_between(connection, from, i64::MAX)?.into_values();
    gone.try_for_each(|row| if row.is_blank() { Ok(()) } else { row.blank().put(connection) })
}

fn people_between(
    connection: &mut AnyConnection,
    from: i64,
    until: i64,
) -> Result<HashMap<i64, PersonRow>, StoreError> {
    type Row = (i64, String, String, Option<NaiveDate>, String, Option<i64>, Option<i64>);
    let rows: Vec<Row> = person::table.filter(person::id.between(from, until)).load(connection)?;
    let rows =
        rows.into_iter().map(|(id, given_name, family_name, birth_date, sex, family, first_family)| {
            (id, PersonRow { id, given_name, family_name, birth_date, sex, family, first_family })
        });
    Ok(rows.collect())
}

fn write_families(connection: &mut AnyConnection, settled: &Settled) -> Result<(), StoreError> {
    type Row = (i64, i64, Option<String>, Option<String>, Option<NaiveDate>);
    let rows: Vec<Row> = family::table.load(connection)?;
    let before: HashMap<i64, FamilyRow> = rows
        .into_iter()
        .map(|(id, line, ward, uprn, settled_on)| (id, FamilyRow { id, line, ward, uprn, settled_on }))
        .collect();
    // Where a family lived that is no more is nobody's business; its number and line stay.
    let living: HashSet<i64> = settled.families.iter().map(|family| family.number).collect();
    for gone in before.values().filter(|row| !living.contains(&row.id) && row.settled_on.is_some()) {
        let row = FamilyRow { id: gone.id, line: gone.line, ward: None, uprn: None, settled_on: None };
        diesel::update(family::table.find(row.id)).set(&row).execute(connection)?;
    }
    for family in &settled.families {
        let home = family.home.clone();
        let row = FamilyRow {
            id: family.number,
            line: family.line,
            ward: home.ward,
            uprn: home.uprn,
            settled_on: home.on,
        };
        match before.get(&row.id) {
            Some(old) if *old == row => {}
            Some(_) => {
                diesel::update(family::table.find(row.id)).set(&row).execute(connection)?;
            }
            None => {
                diesel::insert_into(family::table).values(&row).execute(connection)?;
            }
        }
    }
    Ok(())
}
