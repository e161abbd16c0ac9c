//! Windows, claims, their steps and their evidence in the database, which holds the ladder itself.

pub mod audits;
pub mod certificates;
mod evidence;
pub mod partners;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
};
use tenfold_common::{clock::Moment, framework::ResultKind};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::{
    assessment, claim, claim_evidence, claim_step, claim_window, episode, load, mention, person,
};
pub use evidence::{Evidence, NewEvidence, add_evidence, evidence};

use crate::{
    claims::{
        Claim, Window,
        evidence::Kind,
        ladder::{Move, State},
    },
    register::{FamilyId, LineId},
};

fn unreadable(table: &'static str, reason: &str) -> StoreError {
    StoreError::Unreadable { table, reason: reason.to_owned() }
}

type WindowRow = (i64, String, NaiveDate, NaiveDate, String, String, Option<i64>, ColumnTime, String);

/// Opens a window and gives it its number.
///
/// # Errors
/// `AlreadyRecorded` where the name is taken.
pub fn open_window(
    connection: &mut AnyConnection,
    new: &Window,
    by: &str,
    now: Moment,
) -> Result<i64, StoreError> {
    let last: Option<i64> = claim_window::table
        .order(claim_window::id.desc())
        .select(claim_window::id)
        .first(connection)
        .optional()?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(claim_window::table)
        .values((
            claim_window::id.eq(id),
            claim_window::name.eq(&new.name),
            claim_window::first_day.eq(new.first_day),
            claim_window::last_day.eq(new.last_day),
            claim_window::programme.eq(&new.programme),
            claim_window::framework.eq(&new.framework),
            claim_window::target.eq(new.target.map(i64::from)),
            claim_window::opened_at.eq(now.naive()),
            claim_window::opened_by.eq(by),
        ))
        .execute(connection)?;
    Ok(id)
}

/// All windows in the order of their first days.
///
/// # Errors
/// Where the database cannot be read.
pub fn windows(connection: &mut AnyConnection) -> Result<Vec<Window>, StoreError> {
    let rows: Vec<WindowRow> = claim_window::table
        .order((claim_window::first_day.asc(), claim_window::id.asc()))
        .load(connection)?;
    let read = |(id, name, first_day, last_day, programme, framework, target, _, _): WindowRow| {
        let target = target.map(u32::try_from).transpose();
        let target = target.map_err(|_| unreadable("claim_window", "a target is no count"))?;
        Ok(Window { id, name, first_day, last_day, programme, framework, target })
    };
    rows.into_iter().map(read).collect()
}

/// A claim to be drafted.
#[derive(Clone, Copy, Debug)]
pub struct NewClaim<'a> {
    /// The window.
    pub window: &'a Window,
    /// The family line.
    pub line: &'a LineId,
    /// The family.
    pub family: &'a FamilyId,
    /// The result.
    pub kind: ResultKind,
    /// The problems claimed.
    pub problems: &'a [u8],
    /// The result payment in pence.
    pub pence: i64,
    /// The day of the verdict.
    pub decided_on: NaiveDate,
    /// Its status and problems in words.
    pub verdict: &'a str,
}

/// Drafts a claim and gives it its number.
///
/// # Errors
/// `AlreadyRecorded` where the line has a live claim in the programme.
pub fn draft(
    connection: &mut AnyConnection,
    new: NewClaim<'_>,
    by: &str,
    now: Moment,
) -> Result<i64, StoreError> {
    let last: Option<i64> =
        claim::table.order(claim::id.desc()).select(claim::id).first(connection).optional()?;
    let id = last.unwrap_or(0) + 1;
    let problems = serde_json::to_string(new.problems)
        .map_err(|_| StoreError::Failed { reason: "a claim's problems cannot be written".to_owned() })?;
    diesel::insert_into(claim::table)
        .values((
            claim::id.eq(id),
            claim::claim_window.eq(new.window.id),
            claim::programme.eq(&new.window.programme),
            claim::line.eq(&new.line.0),
            claim::family.eq(&new.family.0),
            claim::state.eq(State::Drafted.as_str()),
            claim::kind.eq(new.kind.as_str()),
            claim::problems.eq(problems),
            claim::pence.eq(new.pence),
            claim::framework.eq(&new.window.framework),
            claim::software.eq(env!("CARGO_PKG_VERSION")),
            claim::decided_on.eq(new.decided_on),
            claim::verdict.eq(new.verdict),
            claim::drafted_at.eq(now.naive()),
            claim::drafted_by.eq(by),
        ))
        .execute(connection)?;
    step(connection, id, State::Drafted, by, "", now)?;
    Ok(id)
}

/// Moves a claim along the ladder and records the step.
///
/// # Errors
/// `NotFound` where it does not stand where the move begins; `Refused` by a rule of the database.
pub fn advance(
    connection: &mut AnyConnection,
    id: i64,
    step_taken: Move,
    by: &str,
    reason: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let standing = claim::table.find(id).filter(claim::state.eq(step_taken.from().as_str()));
    let moved =
        diesel::update(standing).set(claim::state.eq(step_taken.into().as_str())).execute(connection)?;
    if moved == 0 {
        return Err(StoreError::NotFound);
    }
    step(connection, id, step_taken.into(), by, reason, now)
}

fn step(
    connection: &mut AnyConnection,
    id: i64,
    state: State,
    by: &str,
    reason: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let number: i64 = claim_step::table.filter(claim_step::claim.eq(id)).count().get_result(connection)?;
    diesel::insert_into(claim_step::table)
        .values((
            claim_step::claim.eq(id),
            claim_step::number.eq(number + 1),
            claim_step::state.eq(state.as_str()),
            claim_step::at.eq(now.naive()),
            claim_step::actor.eq(by),
            claim_step::reason.eq(reason),
        ))
        .execute(connection)?;
    Ok(())
}

/// A step as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The rung.
    pub state: State,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: String,
    /// Why, or under which reference; may be empty.
    pub reason: String,
}

/// The steps of a claim, first to last.
///
/// # Errors
/// Where a row cannot be read back.
pub fn steps(connection: &mut AnyConnection, id: i64) -> Result<Vec<Step>, StoreError> {
    let rows: Vec<(String, ColumnTime, String, String)> = claim_step::table
        .filter(claim_step::claim.eq(id))
        .order(claim_step::number.asc())
        .select((claim_step::state, claim_step::at, claim_step::actor, claim_step::reason))
        .load(connection)?;
    let read = |(state, at, by, reason): (String, ColumnTime, String, String)| {
        let state = state.parse().map_err(|()| unreadable("claim_step", "a state is not known"))?;
        Ok(Step { state, at: Moment::from_naive(at), by, reason })
    };
    rows.into_iter().map(read).collect()
}

type ClaimRow = (i64, i64, String, String, String, String, String, String, i64, String, NaiveDate, String);

/// All claims in the order of their numbers.
///
/// # Errors
/// Where a row cannot be read back.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Claim>, StoreError> {
    let discretionary: Vec<i64> = claim_evidence::table
        .filter(claim_evidence::kind.eq(Kind::Discretion.as_str()))
        .select(claim_evidence::claim)
        .load(connection)?;
    let discretionary: BTreeSet<i64> = discretionary.into_iter().collect();
    let rows: Vec<ClaimRow> = claim::table
        .order(claim::id.asc())
        .select((
            claim::id,
            claim::claim_window,
            claim::programme,
            claim::line,
            claim::family,
            claim::state,
            claim::kind,
            claim::problems,
            claim::pence,
            claim::framework,
            claim::decided_on,
            claim::drafted_by,
        ))
        .load(connection)?;
    rows.into_iter().map(|row| read_claim(row, &discretionary)).collect()
}

fn read_claim(row: ClaimRow, discretionary: &BTreeSet<i64>) -> Result<Claim, StoreError> {
    let (
        id,
        window,
        programme,
        line,
        family,
        state,
        kind,
        problems,
        pence,
        framework,
        decided_on,
        drafted_by,
    ) = row;
    Ok(Claim {
        id,
        window,
        programme,
        line: LineId(line),
        family: FamilyId(family),
        state: state.parse().map_err(|()| unreadable("claim", "a state is not known"))?,
        kind: kind.parse().map_err(|()| unreadable("claim", "a type of result is not known"))?,
        problems: serde_json::from_str(&problems).map_err(|_| unreadable("claim", "no list of problems"))?,
        pence,
        framework,
        decided_on,
        drafted_by,
        discretionary: discretionary.contains(&id),
    })
}

/// What a claim's verdict said when it was drafted, and by which version of the program.
///
/// # Errors
/// `NotFound` where there is no such claim.
pub fn verdict(connection: &mut AnyConnection, id: i64) -> Result<(String, String), StoreError> {
    Ok(claim::table.find(id).select((claim::verdict, claim::software)).first(connection)?)
}

/// Every load with its source, file name and SHA-256, in the order of their numbers.
///
/// # Errors
/// Where the database cannot be read.
pub fn loads(connection: &mut AnyConnection) -> Result<Vec<(i64, String, String, String)>, StoreError> {
    Ok(load::table
        .order(load::id.asc())
        .select((load::id, load::source, load::file_name, load::file_sha256))
        .load(connection)?)
}

/// The council's own numbers of a family's assessments and episodes.
///
/// # Errors
/// Where the database cannot be read.
pub fn council_references(
    connection: &mut AnyConnection,
    family: &FamilyId,
) -> Result<Vec<String>, StoreError> {
    let Some(number) = family.0.strip_prefix('F').and_then(|number| number.parse::<i64>().ok()) else {
        return Ok(Vec::new());
    };
    let mentions: Vec<i64> = mention::table
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .filter(person::family.eq(number))
        .select(mention::id)
        .load(connection)?;
    let mut found = BTreeSet::new();
    for some in mentions.chunks(500) {
        let assessed: Vec<String> = assessment::table
            .filter(assessment::child.eq_any(some))
            .select(assessment::reference)
            .load(connection)?;
        let worked: Vec<String> =
            episode::table.filter(episode::child.eq_any(some)).select(episode::reference).load(connection)?;
        found.extend(assessed.into_iter().chain(worked));
    }
    Ok(found.into_iter().collect())
}
