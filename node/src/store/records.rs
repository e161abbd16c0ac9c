//! Records in the database: a row that comes again updates what it said before, and never doubles it.

mod known;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

pub use known::Known;
use known::told;

use super::schema::{assessment, care_spell, episode, incident, session_count, spell};
use crate::{
    intake::record::{AssessmentRow, CareRow, EpisodeRow, IncidentRow, SessionsRow, SpellKind, SpellRow},
    register::matching::{PersonIndex, PersonNumber},
};

/// Where a row came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The load.
    pub load: i64,
    /// Line in its file.
    pub line: i64,
}

#[derive(diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = assessment, treat_none_as_default_value = false, treat_none_as_null = true)]
struct NewAssessment<'a> {
    reference: &'a str,
    child: i64,
    kind: &'a str,
    started: NaiveDate,
    completed: Option<NaiveDate>,
    whole_family: Option<i32>,
    plan_made: Option<NaiveDate>,
    key_worker: Option<&'a str>,
    key_worker_from: Option<NaiveDate>,
    needs: String,
    load: i64,
    line: i64,
}

/// Takes an assessment.
///
/// # Errors
/// Where the database refuses.
pub fn take_assessment(
    connection: &mut AnyConnection,
    known: &mut Known,
    row: &AssessmentRow,
    child: PersonNumber,
    origin: Origin,
) -> Result<(), StoreError> {
    let needs = serde_json::to_string(&row.needs)
        .map_err(|_| StoreError::Failed { reason: "an assessment's needs cannot be written".to_owned() })?;
    let new = NewAssessment {
        reference: &row.reference,
        child,
        kind: row.kind.as_str(),
        started: row.started,
        completed: row.completed,
        whole_family: row.whole_family.map(i32::from),
        plan_made: row.plan_made,
        key_worker: row.key_worker.as_deref(),
        key_worker_from: row.key_worker_from,
        needs,
        load: origin.load,
        line: origin.line,
    };
    if known.is_new(told(&[&row.reference, &child, &new.kind])) {
        diesel::insert_into(assessment::table).values(&new).execute(connection)?;
    } else {
        diesel::update(
            assessment::table
                .filter(assessment::reference.eq(&row.reference))
                .filter(assessment::child.eq(child))
                .filter(assessment::kind.eq(new.kind)),
        )
        .set(&new)
        .execute(connection)?;
    }
    Ok(())
}

#[derive(diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = session_count)]
struct NewSessions<'a> {
    pupil: i64,
    term_from: NaiveDate,
    term_to: NaiveDate,
    possible: i32,
    code: &'a str,
    absence: i32,
    sessions: i32,
    load: i64,
    line: i64,
}

/// Takes a pupil's sessions under one code.
///
/// # Errors
/// Where the database refuses.
pub fn take_sessions(
    connection: &mut AnyConnection,
    known: &mut Known,
    row: &SessionsRow,
    pupil: PersonNumber,
    origin: Origin,
) -> Result<(), StoreError> {
    let whole = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let new = NewSessions {
        pupil,
        term_from: row.days.from,
        term_to: row.days.to,
        possible: whole(row.possible),
        code: &row.code,
        absence: i32::from(row.is_absence),
        sessions: whole(row.sessions),
        load: origin.load,
        line: origin.line,
    };
    if known.is_new(told(&[&pupil, &row.code, &row.days.from])) {
        diesel::insert_into(session_count::table).values(&new).execute(connection)?;
    } else {
        diesel::update(
            session_count::table
                .filter(session_count::pupil.eq(pupil))
                .filter(session_count::term_from.eq(row.days.from))
                .filter(session_count::code.eq(&row.code)),
        )
        .set(&new)
        .execute(connection)?;
    }
    Ok(())
}

// Without `treat_none_as_null`: a resend never takes back whose it is.
#[derive(diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = incident, treat_none_as_default_value = false)]
struct NewIncident<'a> {
    reference: &'a str,
    folded_name: &'a str,
    birth_date: &'a str,
    person: Option<i64>,
    happened_on: NaiveDate,
    kind: &'a str,
    load: i64,
    line: i64,
}

/// Takes an incident, whoever is meant.
///
/// # Errors
/// Where the database refuses.
pub fn take_incident(
    connection: &mut AnyConnection,
    known: &mut Known,
    row: &IncidentRow,
    person: Option<PersonNumber>,
    origin: Origin,
) -> Result<(), StoreError> {
    let name = row.person.folded_name();
    let born = row.person.birth_date.map(|day| day.to_string()).unwrap_or_default();
    let new = NewIncident {
        reference: &row.reference,
        folded_name: &name,
        birth_date: &born,
        person,
        happened_on: row.on,
        kind: row.kind.as_str(),
        load: origin.load,
        line: origin.line,
    };
    if known.is_new(told(&[&row.reference, &name, &born])) {
        diesel::insert_into(incident::table).values(&new).execute(connection)?;
    } else {
        diesel::update(
            incident::table
                .filter(incident::reference.eq(&row.reference))
                .filter(incident::folded_name.eq(&name))
                .filter(incident::birth_date.eq(&born)),
        )
        .set(&new)
        .execute(connection)?;
    }
    Ok(())
}

/// Looks again whose the incidents are that were nobody's: a family may become known after its incidents.
///
/// # Errors
/// Where the database refuses.
pub fn match_again(connection: &mut AnyConnection, people: &PersonIndex) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, String)> = incident::table
        .filter(incident::person.is_null())
        .order(incident::id.asc())
        .select((incident::id, incident::folded_name, incident::birth_date))
        .load(connection)?;
    for (id, name, born) in rows {
        if let Some(person) = born.parse().ok().and_then(|born| people.named(&name, born)) {
            diesel::update(incident::table.find(id)).set(incident::person.eq(person)).execute(connection)?;
        }
    }
    Ok(())
}

#[derive(diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = spell, treat_none_as_default_value = false, treat_none_as_null = true)]
struct NewSpell<'a> {
    person: i64,
    kind: &'a str,
    from_day: NaiveDate,
    description: &'a str,
    to_day: Option<NaiveDate>,
    load: i64,
    line: i64,
}

/// Takes a benefit or job spell.
///
/// # Errors
/// Where the database refuses.
pub fn take_spell(
    connection: &mut AnyConnection,
    known: &mut Known,
    row: &SpellRow,
    person: PersonNumber,
    origin: Origin,
) -> Result<(), StoreError> {
    let kind = match row.kind {
        SpellKind::Benefit => "benefit",
        SpellKind::Job => "job",
    };
    let (load, line) = (origin.load, origin.line);
    let description = row.description.as_str();
    let new = NewSpell { person, kind, from_day: row.from, description, to_day: row.to, load, line };
    if known.is_new(told(&[&person, &kind, &row.from, &description])) {
        diesel::insert_into(spell::table).values(&new).execute(connection)?;
    } else {
        diesel::update(
            spell::table
                .filter(spell::person.eq(person))
                .filter(spell::kind.eq(kind))
                .filter(spell::from_day.eq(row.from))
                .filter(spell::description.eq(description)),
        )
        .set(&new)
        .execute(connection)?;
    }
    Ok(())
}

#[derive(diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = care_spell, treat_none_as_default_value = false, treat_none_as_null = true)]
struct NewCare<'a> {
    child: i64,
    kind: &'a str,
    from_day: NaiveDate,
    to_day: Option<NaiveDate>,
    load: i64,
    line: i64,
}

/// Takes a spell in a social-care status.
///
/// # Errors
/// Where the database refuses.
pub fn take_care(
    connection: &mut AnyConnection,
    known: &mut Known,
    row: &CareRow,
    child: PersonNumber,
    origin: Origin,
) -> Result<(), StoreError> {
    let kind = row.kind.as_str();
    let (load, line) = (origin.load, origin.line);
    let new = NewCare { child, kind, from_day: row.from, to_day: row.to, load, line };
    if known.is_new(told(&[&child, &kind, &row.from])) {
        diesel::insert_into(care_spell::table).values(&new).execute(connection)?;
    } else {
        diesel::update(
            care_spell::table
                .filter(care_spell::child.eq(child))
                .filter(care_spell::kind.eq(kind))
                .filter(care_spell::from_day.eq(row.from)),
        )
        .set(&new)
        .execute(connection)?;
    }
    Ok(())
}

#[derive(diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = episode, treat_none_as_default_value = false, treat_none_as_null = true)]
struct NewEpisode<'a> {
    reference: &'a str,
    child: i64,
    opened: NaiveDate,
    closed: Option<NaiveDate>,
    reason: Option<&'a str>,
    received_from: Option<&'a str>,
    load: i64,
    line: i64,
}

/// Takes an episode.
///
/// # Errors
/// Where the database refuses.
pub fn take_episode(
    connection: &mut AnyConnection,
    known: &mut Known,
    row: &EpisodeRow,
    child: PersonNumber,
    origin: Origin,
) -> Result<(), StoreError> {
    let new = NewEpisode {
        reference: &row.reference,
        child,
        opened: row.opened,
        closed: row.closed,
        reason: row.reason.as_deref(),
        received_from: row.received_from.as_ref().map(|code| code.as_str()),
        load: origin.load,
        line: origin.line,
    };
    if known.is_new(told(&[&row.reference, &child])) {
        diesel::insert_into(episode::table).values(&new).execute(connection)?;
    } else {
        diesel::update(
            episode::table.filter(episode::reference.eq(&row.reference)).filter(episode::child.eq(child)),
        )
        .set(&new)
        .execute(connection)?;
    }
    Ok(())
}
