//! What people decided of who is who, and what weighing names came to.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::max};
use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{link, mention, person, person_decision, weighing};
use crate::register::{
    families::FamilyNumber,
    linkage::Reason,
    matching::{Identity, PersonNumber},
};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    /// Two mentions are one person.
    SamePerson,
    /// Two mentions are two people.
    DifferentPerson,
    /// Two people are of one family.
    SameFamily,
    /// Two people are of two families.
    DifferentFamily,
}

impl DecisionKind {
    const ALL: [Self; 4] = [Self::SamePerson, Self::DifferentPerson, Self::SameFamily, Self::DifferentFamily];

    /// Its word in the table and the trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SamePerson => "same-person",
            Self::DifferentPerson => "different-person",
            Self::SameFamily => "same-family",
            Self::DifferentFamily => "different-family",
        }
    }
}

/// A decision about a pair; one act may decide several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Its number.
    pub number: i64,
    /// What was decided.
    pub kind: DecisionKind,
    /// One mention.
    #[serde(skip)]
    pub one: Identity,
    /// The other.
    #[serde(skip)]
    pub other: Identity,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: String,
}

fn unreadable() -> StoreError {
    StoreError::Unreadable { table: "person_decision", reason: "a word of it is not known".to_owned() }
}

/// Records decisions about pairs under one number: the first row's.
///
/// # Errors
/// Where the database refuses.
pub fn record(
    connection: &mut AnyConnection,
    kind: DecisionKind,
    pairs: &[(Identity, Identity)],
    reason: &str,
    by: &str,
    now: Moment,
) -> Result<i64, StoreError> {
    let last: Option<i64> =
        person_decision::table.select(diesel::dsl::max(person_decision::id)).first(connection)?;
    let first = last.unwrap_or(0) + 1;
    for (id, (one, other)) in (first..).zip(pairs) {
        diesel::insert_into(person_decision::table)
            .values((
                person_decision::id.eq(id),
                person_decision::act.eq(first),
                person_decision::kind.eq(kind.as_str()),
                person_decision::one.eq(one.to_string()),
                person_decision::other.eq(other.to_string()),
                person_decision::reason.eq(reason),
                person_decision::decided_at.eq(now.naive()),
                person_decision::decided_by.eq(by),
            ))
            .execute(connection)?;
    }
    Ok(first)
}

/// Takes back everything that was decided under a number; whether anything stood.
///
/// # Errors
/// Where the database refuses.
pub fn revoke(
    connection: &mut AnyConnection,
    number: i64,
    by: &str,
    now: Moment,
) -> Result<bool, StoreError> {
    let these = person_decision::table
        .filter(person_decision::act.eq(number))
        .filter(person_decision::revoked_at.is_null());
    let taken = diesel::update(these)
        .set((person_decision::revoked_at.eq(now.naive()), person_decision::revoked_by.eq(by)))
        .execute(connection)?;
    Ok(taken > 0)
}

/// Decisions that were not taken back, oldest first.
///
/// # Errors
/// Where a row cannot be read back.
pub fn standing(connection: &mut AnyConnection) -> Result<Vec<Decision>, StoreError> {
    type Row = (i64, String, String, String, String, tenfold_store::ColumnTime, String);
    let rows: Vec<Row> = person_decision::table
        .filter(person_decision::revoked_at.is_null())
        .order(person_decision::id.asc())
        .select((
            person_decision::act,
            person_decision::kind,
            person_decision::one,
            person_decision::other,
            person_decision::reason,
            person_decision::decided_at,
            person_decision::decided_by,
        ))
        .load(connection)?;
    rows.into_iter()
        .map(|(number, kind, one, other, reason, at, by)| {
            let known = DecisionKind::ALL.into_iter().find(|known| known.as_str() == kind);
            Ok(Decision {
                number,
                kind: known.ok_or_else(unreadable)?,
                one: one.parse().map_err(|_| unreadable())?,
                other: other.parse().map_err(|_| unreadable())?,
                reason,
                at: Moment::from_naive(at),
                by,
            })
        })
        .collect()
}

/// Two mentions that weighing found alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// One mention.
    pub one: Identity,
    /// The other.
    pub other: Identity,
    /// The weight in thousandths of a bit.
    pub millibits: i64,
    /// Whether it is joined without anybody looking.
    pub accepted: bool,
    /// What each field weighed.
    pub because: Vec<Reason>,
}

/// Links that weighing found, the weightiest first.
///
/// # Errors
/// Where a row cannot be read back.
pub fn links(connection: &mut AnyConnection) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<(String, String, i64, i32, String)> = link::table
        .order((link::weight.desc(), link::one.asc(), link::other.asc()))
        .select((link::one, link::other, link::weight, link::accepted, link::because))
        .load(connection)?;
    rows.into_iter()
        .map(|(one, other, millibits, accepted, because)| {
            Ok(Link {
                one: one.parse().map_err(|_| unreadable())?,
                other: other.parse().map_err(|_| unreadable())?,
                millibits,
                accepted: accepted != 0,
                because: serde_json::from_str(&because).map_err(|_| unreadable())?,
            })
        })
        .collect()
}

/// Replaces all links by those of a new weighing.
///
/// # Errors
/// Where the database refuses.
pub fn replace_links(
    connection: &mut AnyConnection,
    links: &[Link],
    parameters: &str,
) -> Result<(), StoreError> {
    diesel::delete(link::table).execute(connection)?;
    let rows: Vec<_> = links
        .iter()
        .map(|found| {
            (
                link::one.eq(found.one.min(found.other).to_string()),
                link::other.eq(found.one.max(found.other).to_string()),
                link::weight.eq(found.millibits),
                link::accepted.eq(i32::from(found.accepted)),
                link::parameters.eq(parameters),
                link::because.eq(serde_json::to_string(&found.because).unwrap_or_default()),
            )
        })
        .collect();
    super::bulk::insert!(connection, link::table, &rows);
    Ok(())
}

/// Records that all people up to a number were weighed.
///
/// # Errors
/// Where the database refuses.
pub fn record_weighing(
    connection: &mut AnyConnection,
    parameters: &str,
    last_person: PersonNumber,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let before: Option<i64> = weighing::table.select(max(weighing::id)).first(connection)?;
    diesel::insert_into(weighing::table)
        .values((
            weighing::id.eq(before.unwrap_or(0) + 1),
            weighing::parameters.eq(parameters),
            weighing::last_person.eq(last_person),
            weighing::weighed_at.eq(now.naive()),
            weighing::weighed_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// The highest number of a person when everybody was last weighed; none where nobody was.
///
/// # Errors
/// Where the database cannot be read.
pub fn last_weighed(connection: &mut AnyConnection) -> Result<Option<PersonNumber>, StoreError> {
    let newest = weighing::table.order(weighing::id.desc()).select(weighing::last_person);
    Ok(newest.first(connection).optional()?)
}

/// How many people of the register arrived after everybody was last weighed; all where nobody was.
///
/// # Errors
/// Where the database cannot be read.
pub fn not_weighed(connection: &mut AnyConnection) -> Result<usize, StoreError> {
    let last = last_weighed(connection)?.unwrap_or(0);
    let newer = mention::table.filter(mention::person.gt(last));
    let people: Vec<Option<i64>> = newer.select(mention::person).distinct().load(connection)?;
    Ok(people.len())
}

fn read(texts: Vec<String>) -> Result<Vec<Identity>, StoreError> {
    texts.into_iter().map(|text| text.parse().map_err(|_| unreadable())).collect()
}

/// The mentions of a person, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn of_person(connection: &mut AnyConnection, number: PersonNumber) -> Result<Vec<Identity>, StoreError> {
    read(
        mention::table
            .filter(mention::person.eq(number))
            .order(mention::id.asc())
            .select(mention::identity)
            .load(connection)?,
    )
}

/// The people of a family, oldest first.
///
/// # Errors
/// Where the database cannot be read.
pub fn of_family(
    connection: &mut AnyConnection,
    number: FamilyNumber,
) -> Result<Vec<PersonNumber>, StoreError> {
    Ok(person::table
        .filter(person::family.eq(number))
        .order(person::id.asc())
        .select(person::id)
        .load(connection)?)
}

/// A mention with the others of the same person.
///
/// # Errors
/// Where the database cannot be read.
pub fn beside_mention(
    connection: &mut AnyConnection,
    number: i64,
) -> Result<Option<(Identity, Vec<Identity>)>, StoreError> {
    let found: Vec<(String, Option<i64>)> = mention::table
        .filter(mention::id.eq(number))
        .select((mention::identity, mention::person))
        .load(connection)?;
    let Some((identity, Some(person))) = found.into_iter().next() else { return Ok(None) };
    let this: Identity = identity.parse().map_err(|_| unreadable())?;
    let others: Vec<Identity> =
        of_person(connection, person)?.into_iter().filter(|other| *other != this).collect();
    Ok((!others.is_empty()).then_some((this, others)))
}
