//! What people said of their own records: consent, withdrawal, objection, restriction; and erasure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{
    assessment, care_spell, circumstance, episode, event, family, history, housing_spell, incident, link,
    mention, mention_load, person, person_decision, query_row, session_count, spell, standing,
};
use crate::register::{
    LineId,
    families::FamilyNumber,
    matching::{Identity, PersonNumber, Who},
};
use crate::release::selection::surviving;

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandingKind {
    /// Consent to take part, on a form of some version.
    Consent,
    /// Consent was withdrawn.
    Withdrawal,
    /// Objection to processing: neither counted nor claimed from then on.
    Objection,
    /// Restriction of processing: kept, and neither counted nor claimed.
    Restriction,
    /// An objection or restriction was lifted.
    Lifted,
}

impl StandingKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Consent, Self::Withdrawal, Self::Objection, Self::Restriction, Self::Lifted];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Withdrawal => "withdrawal",
            Self::Objection => "objection",
            Self::Restriction => "restriction",
            Self::Lifted => "lifted",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The person.
    pub person: String,
    /// What.
    pub kind: StandingKind,
    /// Version of the form, or reference of the letter.
    pub form: String,
    /// When it was given.
    pub on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// By whom.
    pub recorded_by: String,
}

/// Records what a person said.
///
/// # Errors
/// Where the database refuses.
pub fn record(
    connection: &mut AnyConnection,
    identity: Identity,
    kind: StandingKind,
    form: &str,
    on: NaiveDate,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i64> = standing::table.select(diesel::dsl::max(standing::id)).first(connection)?;
    diesel::insert_into(standing::table)
        .values((
            standing::id.eq(last.unwrap_or(0) + 1),
            standing::identity.eq(identity.to_string()),
            standing::kind.eq(kind.as_str()),
            standing::form.eq(form),
            standing::on_day.eq(on),
            standing::recorded_at.eq(now.naive()),
            standing::recorded_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}

/// Everything that was said, in the order it was recorded, of one person or of all.
///
/// # Errors
/// Where a row cannot be read back.
pub fn said(connection: &mut AnyConnection, of: Option<PersonNumber>) -> Result<Vec<Said>, StoreError> {
    let unreadable =
        || StoreError::Unreadable { table: "standing", reason: "a word is not known".to_owned() };
    type Row = (Option<i64>, String, String, NaiveDate, ColumnTime, String);
    let rows: Vec<Row> = standing::table
        .inner_join(mention::table.on(standing::identity.eq(mention::identity)))
        .order(standing::id.asc())
        .select((
            mention::person,
            standing::kind,
            standing::form,
            standing::on_day,
            standing::recorded_at,
            standing::recorded_by,
        ))
        .load(connection)?;
    let wanted = rows.into_iter().filter(|row| of.is_none() || row.0 == of);
    wanted
        .map(|(person, kind, form, on, at, recorded_by)| {
            Ok(Said {
                person: format!("P{}", person.unwrap_or_default()),
                kind: StandingKind::from_word(&kind).ok_or_else(unreadable)?,
                form,
                on,
                recorded_at: Moment::from_naive(at),
                recorded_by,
            })
        })
        .collect()
}

/// Lines of families of which a member's objection or restriction stands.
///
/// # Errors
/// Where the database cannot be read.
pub fn silent_lines(connection: &mut AnyConnection) -> Result<BTreeSet<LineId>, StoreError> {
    let rows: Vec<(Option<i64>, String, i64)> = standing::table
        .inner_join(mention::table.on(standing::identity.eq(mention::identity)))
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .inner_join(family::table.on(person::family.eq(family::id.nullable())))
        .order(standing::id.asc())
        .select((mention::person, standing::kind, family::line))
        .load(connection)?;
    let mut standing_of: BTreeMap<Option<i64>, (bool, i64)> = BTreeMap::new();
    for (person, kind, line) in rows {
        match StandingKind::from_word(&kind) {
            Some(StandingKind::Objection | StandingKind::Restriction) => {
                standing_of.insert(person, (true, line));
            }
            Some(StandingKind::Lifted) => {
                standing_of.insert(person, (false, line));
            }
            _ => {}
        }
    }
    let merges = super::register::line_merges(connection)?;
    let silent = standing_of.into_values().filter(|(stands, _)| *stands);
    Ok(silent.map(|(_, line)| surviving(&LineId(format!("L{line}")), &merges).clone()).collect())
}

/// A family's people, in every way that rows write them.
///
/// # Errors
/// Where the database cannot be read.
pub fn people_of(connection: &mut AnyConnection, number: FamilyNumber) -> Result<Vec<Who>, StoreError> {
    let mentions: Vec<i64> = mention::table
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .filter(person::family.eq(number))
        .select(mention::id)
        .load(connection)?;
    super::mentions::said_by(connection, &mentions)
}

/// Erases a family: every row about its people and what was asked of it, what was decided and said of them, its
/// events. Loads and acts keep no person's data; the journal knows the line by a keyed hash only.
///
/// # Errors
/// Where the database refuses.
pub fn erase(connection: &mut AnyConnection, number: FamilyNumber) -> Result<usize, StoreError> {
    let of_family: Vec<(i64, String)> = mention::table
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .filter(person::family.eq(number))
        .select((mention::id, mention::identity))
        .load(connection)?;
    let mut rows = 0;
    for some in of_family.chunks(500) {
        let mentions: Vec<i64> = some.iter().map(|(id, _)| *id).collect();
        let identities: Vec<&str> = some.iter().map(|(_, identity)| identity.as_str()).collect();
        macro_rules! delete {
            ($($table:ident.$subject:ident),*) => { $(
                let these = $table::table.filter($table::$subject.eq_any(&mentions));
                let places: Vec<(i64, i64)> = these.select(($table::load, $table::line)).load(connection)?;
                for (load, line) in places {
                    let asked = query_row::table.filter(query_row::load.eq(load)).filter(query_row::line.eq(line));
                    diesel::delete(asked).execute(connection)?;
                }
                rows += diesel::delete($table::table.filter($table::$subject.eq_any(&mentions)))
                    .execute(connection)?;
            )* };
        }
        delete!(
            assessment.child,
            session_count.pupil,
            incident.person,
            spell.person,
            care_spell.child,
            episode.child,
            housing_spell.person,
            circumstance.person,
            history.person
        );
        diesel::update(history::table.filter(history::carer.eq_any(&mentions)))
            .set(history::carer.eq(None::<i64>))
            .execute(connection)?;
        diesel::update(assessment::table.filter(assessment::carer.eq_any(&mentions)))
            .set(assessment::carer.eq(None::<i64>))
            .execute(connection)?;
        diesel::delete(mention_load::table.filter(mention_load::mention.eq_any(&mentions)))
            .execute(connection)?;
        diesel::delete(standing::table.filter(standing::identity.eq_any(&identities))).execute(connection)?;
        diesel::delete(link::table.filter(link::one.eq_any(&identities))).execute(connection)?;
        diesel::delete(link::table.filter(link::other.eq_any(&identities))).execute(connection)?;
        diesel::delete(person_decision::table.filter(person_decision::one.eq_any(&identities)))
            .execute(connection)?;
        diesel::delete(person_decision::table.filter(person_decision::other.eq_any(&identities)))
            .execute(connection)?;
        diesel::delete(mention::table.filter(mention::id.eq_any(&mentions))).execute(connection)?;
    }
    erase_events(connection, number)?;
    Ok(rows)
}

/// Deletes the family's events, and under its line those that no other living family has part in.
fn erase_events(connection: &mut AnyConnection, number: FamilyNumber) -> Result<(), StoreError> {
    let merges = super::register::line_merges(connection)?;
    let lines: Vec<(i64, i64)> = family::table.select((family::id, family::line)).load(connection)?;
    let living: Vec<Option<i64>> = person::table
        .filter(person::family.is_not_null())
        .select(person::family)
        .distinct()
        .load(connection)?;
    let line_of = |line: i64| surviving(&LineId(format!("L{line}")), &merges).clone();
    let own = lines.iter().find(|(id, _)| *id == number).map(|(_, line)| line_of(*line));
    let others = lines.iter().filter(|(id, _)| *id != number && living.contains(&Some(*id)));
    let is_shared = others.map(|(_, line)| line_of(*line)).any(|line| Some(line) == own);
    let events: Vec<(i64, String, String)> =
        event::table.select((event::id, event::line, event::family)).load(connection)?;
    let name = format!("F{number}");
    for (id, line, family) in events {
        let of_line = !is_shared && own.as_ref() == Some(surviving(&LineId(line), &merges));
        if family == name || of_line {
            diesel::delete(event::table.find(id)).execute(connection)?;
        }
    }
    Ok(())
}
