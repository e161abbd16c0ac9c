//! Mentions, people, families and lines in the database: read whole, and written where they changed.

mod writing;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use super::places::Places;
use super::schema::{
    assessment, episode, family, housing_spell, line_merge, link, load, mention, person, person_decision,
    register_head,
};
use crate::register::{
    Sex,
    families::FamilyTie,
    matching::{CaseId, Identity, Mention, Who},
    persons::Tie,
    settle::{Assessed, Heads, Known, KnownMention, Membership},
};

pub use writing::{families_of, part_again, unite, write};

fn unreadable(table: &'static str) -> StoreError {
    StoreError::Unreadable { table, reason: "a value of it is not known to this version".to_owned() }
}

type MentionRow = (
    i64,
    String,
    (String, String, Option<NaiveDate>, Option<String>),
    (Option<String>, Option<String>, Option<String>),
    (Option<String>, Option<String>),
    (Option<i64>, Option<i64>),
);

/// The columns of a [`MentionRow`], in its order.
macro_rules! mention_columns {
    () => {
        (
            mention::id,
            mention::identity,
            (mention::given_name, mention::family_name, mention::birth_date, mention::sex),
            (mention::nhs_number, mention::upn, mention::ni_number),
            (mention::case_system, mention::case_id),
            (mention::person, mention::first_person),
        )
    };
}

fn read_mention(row: MentionRow) -> Result<KnownMention, StoreError> {
    let (number, identity, (given_name, family_name, birth_date, sex), numbers, case, people) = row;
    let bad = || unreadable("mention");
    let sex = sex.map(|word| Sex::from_word(&word).ok_or_else(bad)).transpose()?;
    let (nhs, upn, ni) = numbers;
    let who = Who {
        given_name,
        family_name,
        birth_date,
        sex,
        nhs_number: nhs.map(|text| text.parse().map_err(|_| bad())).transpose()?,
        upn: upn.map(|text| text.parse().map_err(|_| bad())).transpose()?,
        ni_number: ni.map(|text| text.parse().map_err(|_| bad())).transpose()?,
        case_id: case.0.zip(case.1).map(|(system, id)| CaseId { system, id }),
    };
    let identity = identity.parse().map_err(|_| bad())?;
    Ok(KnownMention { number, mention: Mention { who, identity }, person: people.0, first_person: people.1 })
}

/// All mentions, oldest first.
///
/// # Errors
/// Where a row cannot be read back.
pub fn mentions(connection: &mut AnyConnection) -> Result<Vec<KnownMention>, StoreError> {
    let rows = mention::table
        .order(mention::id.asc())
        .select(mention_columns!())
        .load_iter::<MentionRow, _>(connection)?;
    rows.map(|row| read_mention(row?)).collect()
}

/// What some mentions say of who is meant.
///
/// # Errors
/// Where a row cannot be read back.
pub fn said_by(connection: &mut AnyConnection, numbers: &[i64]) -> Result<Vec<Who>, StoreError> {
    let rows = mention::table
        .filter(mention::id.eq_any(numbers))
        .order(mention::id.asc())
        .select(mention_columns!())
        .load_iter::<MentionRow, _>(connection)?;
    rows.map(|row| Ok(read_mention(row?)?.mention.who)).collect()
}

/// The numbers given so far.
///
/// # Errors
/// Where the database cannot be read.
pub fn heads(connection: &mut AnyConnection) -> Result<Heads, StoreError> {
    let (person, family, line, mention) = register_head::table
        .select((
            register_head::last_person,
            register_head::last_family,
            register_head::last_line,
            register_head::last_mention,
        ))
        .first(connection)?;
    Ok(Heads { person, family, line, mention })
}

/// Everything that decides who is who, with mentions read before.
///
/// # Errors
/// Where a row cannot be read back.
pub fn known(
    connection: &mut AnyConnection,
    mentions: Vec<KnownMention>,
    heads: Heads,
) -> Result<Known, StoreError> {
    let place: HashMap<i64, usize> = mentions.iter().enumerate().map(|(at, m)| (m.number, at)).collect();
    let people: Vec<(i64, Option<i64>, Option<i64>)> =
        person::table.select((person::id, person::family, person::first_family)).load(connection)?;
    let members =
        people.into_iter().map(|(id, family, first_family)| (id, Membership { family, first_family }));
    let members = members.collect();
    let lines: Vec<(i64, i64)> = family::table.select((family::id, family::line)).load(connection)?;
    let merges: Vec<(i64, i64)> =
        line_merge::table.select((line_merge::line, line_merge::into_line)).load(connection)?;
    let links: Vec<(String, String, i32)> =
        link::table.select((link::one, link::other, link::accepted)).load(connection)?;
    let mut ties = Vec::new();
    for (one, other, _) in links.into_iter().filter(|link| link.2 != 0) {
        ties.push((identity(&one)?, identity(&other)?, Tie::Linked));
    }
    let mut family_ties = Vec::new();
    let decisions: Vec<(String, String, String)> = person_decision::table
        .filter(person_decision::revoked_at.is_null())
        .order(person_decision::id.asc())
        .select((person_decision::kind, person_decision::one, person_decision::other))
        .load(connection)?;
    for (kind, one, other) in decisions {
        let (one, other) = (identity(&one)?, identity(&other)?);
        match kind.as_str() {
            "same-person" => ties.push((one, other, Tie::Same)),
            "different-person" => ties.push((one, other, Tie::Different)),
            "same-family" => family_ties.push((one, other, FamilyTie::Same)),
            "different-family" => family_ties.push((one, other, FamilyTie::Different)),
            _ => return Err(unreadable("person_decision")),
        }
    }
    let authorities: Vec<String> = load::table
        .filter(load::undone_at.is_null())
        .filter(load::authority.ne(""))
        .select(load::authority)
        .distinct()
        .load(connection)?;
    Ok(Known {
        family_refs: family_refs(connection, &place)?,
        authorities: authorities.into_iter().collect(),
        assessed: assessed(connection, &place)?,
        tenants: tenants(connection, &place)?,
        mentions,
        members,
        lines: lines.into_iter().collect(),
        merges: merges.into_iter().collect::<BTreeMap<_, _>>(),
        ties,
        family_ties,
        heads,
    })
}

fn identity(text: &str) -> Result<Identity, StoreError> {
    text.parse().map_err(|_| unreadable("person_decision"))
}

fn assessed(
    connection: &mut AnyConnection,
    place: &HashMap<i64, usize>,
) -> Result<Vec<Assessed>, StoreError> {
    type Row = (i64, Option<i64>, Option<String>, Option<String>, NaiveDate, Option<String>);
    let places = Places::of(connection)?;
    // Who was attached before Tenfold is a family too.
    let before = super::history::assessed(connection)?;
    let rows = assessment::table
        .select((
            assessment::child,
            assessment::carer,
            assessment::uprn,
            assessment::ward,
            assessment::started,
            assessment::postcode,
        ))
        .load_iter::<Row, _>(connection)?;
    let at = |number: i64| place.get(&number).copied().ok_or_else(|| unreadable("assessment"));
    rows.chain(before.into_iter().map(Ok))
        .map(|row| {
            let (child, carer, uprn, ward, on, postcode) = row?;
            let ward = ward.or_else(|| places.ward(uprn.as_deref(), postcode.as_deref()));
            Ok(Assessed { child: at(child)?, carer: carer.map(at).transpose()?, uprn, ward, on })
        })
        .collect()
}

fn family_refs(
    connection: &mut AnyConnection,
    place: &HashMap<i64, usize>,
) -> Result<Vec<(usize, String)>, StoreError> {
    let assessed: Vec<(i64, Option<String>)> = assessment::table
        .filter(assessment::family_ref.is_not_null())
        .select((assessment::child, assessment::family_ref))
        .load(connection)?;
    let worked: Vec<(i64, Option<String>)> = episode::table
        .filter(episode::family_ref.is_not_null())
        .select((episode::child, episode::family_ref))
        .load(connection)?;
    let before = super::history::family_refs(connection)?;
    let all = assessed.into_iter().chain(worked).chain(before);
    Ok(all.filter_map(|(child, number)| Some((*place.get(&child)?, number?))).collect())
}

fn tenants(
    connection: &mut AnyConnection,
    place: &HashMap<i64, usize>,
) -> Result<Vec<(usize, String, NaiveDate)>, StoreError> {
    let rows: Vec<(i64, Option<String>, NaiveDate)> = housing_spell::table
        .filter(housing_spell::uprn.is_not_null())
        .select((housing_spell::person, housing_spell::uprn, housing_spell::from_day))
        .load(connection)?;
    let known = rows.into_iter().filter_map(|(person, uprn, on)| Some((*place.get(&person)?, uprn?, on)));
    Ok(known.collect())
}
