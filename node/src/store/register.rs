//! The register read whole: every family with everything known of it, one after another.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

pub use super::loads::coverage;
use super::schema::{
    assessment, care_spell, episode, family, family_member, incident, line_merge, person, session_count,
    spell,
};
use crate::{
    register::{
        Assessment, AssessmentKind, CareKind, CareSpell, Days, Episode, FamilyFile, FamilyId, Incident,
        IncidentKind, LineId, Person, PersonId, Sex, Spell, TermSessions,
    },
    release::selection::Merges,
};

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

/// Everything of one person, until it is handed to the person's family.
#[derive(Default)]
struct Dossier {
    assessments: Vec<Assessment>,
    sessions: BTreeMap<NaiveDate, TermSessions>,
    incidents: Vec<Incident>,
    benefits: Vec<Spell>,
    jobs: Vec<Spell>,
    care: Vec<CareSpell>,
    episodes: Vec<Episode>,
}

/// Hands every family of the register to `each`, in the order of their numbers.
///
/// # Errors
/// Where a row cannot be read back.
pub fn families(connection: &mut AnyConnection, mut each: impl FnMut(FamilyFile)) -> Result<(), StoreError> {
    let mut dossiers: HashMap<i64, Dossier> = HashMap::new();
    read_assessments(connection, &mut dossiers)?;
    read_sessions(connection, &mut dossiers)?;
    read_incidents(connection, &mut dossiers)?;
    read_spells(connection, &mut dossiers)?;
    read_care(connection, &mut dossiers)?;
    read_episodes(connection, &mut dossiers)?;
    type PersonRow = (i64, i64, String, String, Option<NaiveDate>, String);
    let members: Vec<PersonRow> = family_member::table
        .inner_join(person::table)
        .order((family_member::family.asc(), person::id.asc()))
        .select((
            family_member::family,
            person::id,
            person::given_name,
            person::family_name,
            person::birth_date,
            person::sex,
        ))
        .load(connection)?;
    let mut members = members.into_iter().peekable();
    type FamilyRow = (i64, i64, Option<String>);
    let families: Vec<FamilyRow> = family::table
        .filter(family::merged_into.is_null())
        .order(family::id.asc())
        .select((family::id, family::line, family::ward))
        .load(connection)?;
    for (id, line, ward) in families {
        let mut file = FamilyFile {
            family: FamilyId(format!("F{id}")),
            line: line_id(line),
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
        };
        while let Some((_, number, given_name, family_name, birth_date, sex)) =
            members.next_if(|member| member.0 == id)
        {
            let sex = Sex::from_word(&sex).ok_or_else(|| unreadable("person"))?;
            let person = Person { id: person_id(number), given_name, family_name, birth_date, sex };
            file.members.push(person);
            let Some(dossier) = dossiers.remove(&number) else { continue };
            file.assessments.extend(dossier.assessments);
            file.sessions.extend(dossier.sessions.into_values());
            file.incidents.extend(dossier.incidents);
            file.benefits.extend(dossier.benefits);
            file.jobs.extend(dossier.jobs);
            file.care.extend(dossier.care);
            file.episodes.extend(dossier.episodes);
        }
        each(file);
    }
    Ok(())
}

fn read_assessments(
    connection: &mut AnyConnection,
    dossiers: &mut HashMap<i64, Dossier>,
) -> Result<(), StoreError> {
    type Row = (
        i64,
        String,
        NaiveDate,
        Option<NaiveDate>,
        Option<i32>,
        Option<NaiveDate>,
        Option<NaiveDate>,
        String,
    );
    let rows: Vec<Row> = assessment::table
        .order(assessment::id.asc())
        .select((
            assessment::child,
            assessment::kind,
            assessment::started,
            assessment::completed,
            assessment::whole_family,
            assessment::plan_made,
            assessment::key_worker_from,
            assessment::needs,
        ))
        .load(connection)?;
    for (child, kind, started, completed, whole_family, plan_made, key_worker_from, needs) in rows {
        let assessment = Assessment {
            child: person_id(child),
            kind: AssessmentKind::from_word(&kind).ok_or_else(|| unreadable("assessment"))?,
            started,
            completed,
            whole_family: whole_family.map(|whole| whole != 0),
            plan_made,
            key_worker_from,
            needs: serde_json::from_str(&needs).map_err(|_| unreadable("assessment"))?,
        };
        dossiers.entry(child).or_default().assessments.push(assessment);
    }
    Ok(())
}

fn read_sessions(
    connection: &mut AnyConnection,
    dossiers: &mut HashMap<i64, Dossier>,
) -> Result<(), StoreError> {
    type Row = (i64, NaiveDate, NaiveDate, i32, i32, i32);
    // By far the largest table: read row by row and added up at once.
    let rows = session_count::table
        .select((
            session_count::pupil,
            session_count::term_from,
            session_count::term_to,
            session_count::possible,
            session_count::absence,
            session_count::sessions,
        ))
        .load_iter::<Row, _>(connection)?;
    for row in rows {
        let (pupil, from, to, possible, absence, sessions) = row?;
        let term = dossiers.entry(pupil).or_default().sessions.entry(from).or_insert_with(|| TermSessions {
            pupil: person_id(pupil),
            term: Days { from, to },
            possible: 0,
            absent: 0,
        });
        term.possible = term.possible.max(possible.unsigned_abs());
        if absence != 0 {
            term.absent = term.absent.saturating_add(sessions.unsigned_abs());
        }
    }
    Ok(())
}

fn read_incidents(
    connection: &mut AnyConnection,
    dossiers: &mut HashMap<i64, Dossier>,
) -> Result<(), StoreError> {
    let rows: Vec<(Option<i64>, NaiveDate, String)> = incident::table
        .filter(incident::person.is_not_null())
        .order(incident::id.asc())
        .select((incident::person, incident::happened_on, incident::kind))
        .load(connection)?;
    for (person, on, kind) in rows {
        let Some(number) = person else { continue };
        let kind = IncidentKind::from_word(&kind).ok_or_else(|| unreadable("incident"))?;
        let incident = Incident { person: person_id(number), on, kind };
        dossiers.entry(number).or_default().incidents.push(incident);
    }
    Ok(())
}

fn read_spells(
    connection: &mut AnyConnection,
    dossiers: &mut HashMap<i64, Dossier>,
) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, NaiveDate, Option<NaiveDate>)> = spell::table
        .order(spell::id.asc())
        .select((spell::person, spell::kind, spell::from_day, spell::to_day))
        .load(connection)?;
    for (number, kind, from, to) in rows {
        let spell = Spell { person: person_id(number), from, to };
        let dossier = dossiers.entry(number).or_default();
        match kind.as_str() {
            "benefit" => dossier.benefits.push(spell),
            "job" => dossier.jobs.push(spell),
            _ => return Err(unreadable("spell")),
        }
    }
    Ok(())
}

fn read_care(connection: &mut AnyConnection, dossiers: &mut HashMap<i64, Dossier>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, NaiveDate, Option<NaiveDate>)> = care_spell::table
        .order(care_spell::id.asc())
        .select((care_spell::child, care_spell::kind, care_spell::from_day, care_spell::to_day))
        .load(connection)?;
    for (number, kind, from, to) in rows {
        let kind = CareKind::from_word(&kind).ok_or_else(|| unreadable("care_spell"))?;
        let spell = CareSpell { child: person_id(number), kind, from, to };
        dossiers.entry(number).or_default().care.push(spell);
    }
    Ok(())
}

fn read_episodes(
    connection: &mut AnyConnection,
    dossiers: &mut HashMap<i64, Dossier>,
) -> Result<(), StoreError> {
    type Row = (i64, NaiveDate, Option<NaiveDate>, Option<String>, Option<String>);
    let rows: Vec<Row> = episode::table
        .order(episode::id.asc())
        .select((episode::child, episode::opened, episode::closed, episode::reason, episode::received_from))
        .load(connection)?;
    for (number, opened, closed, reason, received_from) in rows {
        let received_from = received_from.map(|code| code.parse()).transpose();
        let received_from = received_from.map_err(|_| unreadable("episode"))?;
        let episode = Episode { opened, closed, reason, received_from };
        dossiers.entry(number).or_default().episodes.push(episode);
    }
    Ok(())
}
