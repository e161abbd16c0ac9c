//! What people may ask for: their consent kept, their objection heeded, their records shown, their family erased.

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_store::{Account, Role, acts};

use super::{DutyError, Node, quarantine::cells, require, settle};
use crate::{
    claims::Claim,
    register::{families::FamilyNumber, matching::PersonNumber},
    release::selection::surviving,
    store::{
        self,
        person::{Row, Told},
    },
};

pub use crate::store::rights::{Said, StandingKind};

/// Records what a person said of their records.
///
/// # Privacy
/// From an objection or restriction on, the whole family is neither counted nor claimed, until it is lifted.
/// What was counted before stays counted.
///
/// # Errors
/// Where the person is not in the register.
pub fn record(
    node: &Node,
    person: PersonNumber,
    kind: StandingKind,
    form: &str,
    on: NaiveDate,
    by: &Account,
) -> Result<(), DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    if on > now.day() {
        return Err(DutyError::Decision { reason: format!("{on} has not come, expected a day up to today") });
    }
    node.store.write(|connection| {
        let mentions = store::decisions::of_person(connection, person)?;
        let identity = *mentions.first().ok_or(DutyError::NotInRegister { what: format!("P{person}") })?;
        store::rights::record(connection, identity, kind, form, on, &by.name, now)?;
        Ok(acts::record(connection, now, &by.name, kind.as_str(), &format!("P{person}"))?)
    })
}

/// Everything that was said, of one person or of all.
///
/// # Errors
/// Where the database cannot be read.
pub fn said(node: &Node, person: Option<PersonNumber>) -> Result<Vec<Said>, DutyError> {
    Ok(node.store.read(|connection| store::rights::said(connection, person))?)
}

/// The answer to an access request, to be looked through before it is given.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PersonExport {
    /// The person.
    pub person: String,
    /// The family, if any; its other members are third parties.
    pub family: Option<String>,
    /// How the sources write the person.
    pub written_as: Vec<Told>,
    /// What the person said of their records.
    pub said: Vec<Said>,
    /// Every row about the person, with the file and line it came from.
    pub rows: Vec<Row>,
    /// How many fields are marked and must be looked at before the answer is given.
    pub third_party_fields: usize,
    /// How many rows could put somebody in danger if they were told.
    pub safety_rows: usize,
    /// What would stay after an erasure, and until when.
    pub kept_after_erasure: &'static str,
}

impl std::fmt::Debug for PersonExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the records of {}", self.person)
    }
}

/// Everything the node holds of a person, third parties and safety marked; the act is logged.
///
/// # Errors
/// Where the person is not in the register.
pub fn export(node: &Node, person: PersonNumber, by: &Account) -> Result<PersonExport, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    node.store.write(|connection| {
        let written_as = store::person::written_as(connection, person)?;
        if written_as.is_empty() {
            return Err(DutyError::NotInRegister { what: format!("P{person}") });
        }
        let rows = store::person::rows(connection, person)?;
        let fields = rows.iter().flat_map(|row| &row.fields);
        let export = PersonExport {
            person: format!("P{person}"),
            family: store::person::family_of(connection, person)?.map(|family| format!("F{family}")),
            written_as,
            said: store::rights::said(connection, Some(person))?,
            third_party_fields: fields.filter(|field| field.third_party).count(),
            safety_rows: rows.iter().filter(|row| row.safety).count(),
            rows,
            kept_after_erasure: KEPT_AFTER_ERASURE,
        };
        acts::record(connection, now, &by.name, "person-exported", &format!("P{person}"))?;
        Ok(export)
    })
}

/// What an erasure came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Rows that are gone.
    pub rows: usize,
    /// Strong identifiers of which a keyed hash stays until the horizon ends; none where no stream had counted it.
    pub remembered: usize,
}

/// What stays of whoever is erased, for the answer to a person.
pub const KEPT_AFTER_ERASURE: &str = "If this family is erased after it was counted, keyed hashes of its line and of \
     its members' NHS, pupil and National Insurance numbers (and of an authoritative case number) stay until the last \
     quarter of the policy is released, so that it is not counted a second time; then they are destroyed.";

/// Erases a family: everything but the journal's row, which knows its line by a keyed hash only, and keyed hashes of
/// its members' strong identifiers, by which it is known if it comes back.
///
/// # Privacy
/// Without those hashes a family that is erased and loaded again would be counted twice in a stream: 4ρ.
///
/// # Errors
/// Where there is no such family, or public money rests on its records.
pub fn erase(node: &Node, family: FamilyNumber, by: &Account) -> Result<Erased, DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let now = node.now();
    let erased = node.store.write(|connection| {
        acts::take_turn(connection)?;
        if store::decisions::of_family(connection, family)?.is_empty() {
            return Err(DutyError::NotInRegister { what: format!("F{family}") });
        }
        let id = format!("F{family}");
        let merges = store::register::line_merges(connection)?;
        let line = store::register::family(connection, family)?.map(|file| file.line);
        let claims = store::claims::all(connection)?;
        let of_line = |claim: &&Claim| Some(surviving(&claim.line, &merges)) == line.as_ref();
        if let Some(claim) = claims.iter().find(of_line) {
            let reason = format!(
                "claim {} of F{family} is {}, and what a claim relied on is kept for audit, withdrawn ones too: nothing was erased",
                claim.id, claim.state
            );
            return Err(DutyError::Decision { reason });
        }
        let before = store::history::before(connection)?;
        if let Some(claim) = before.claims.iter().find(|claim| Some(&claim.line) == line.as_ref()) {
            let reason = format!(
                "claim {} of F{family} was made before Tenfold ({}, line {}), and what was claimed is kept for audit: nothing was erased",
                claim.claim.reference, claim.place.file, claim.place.line
            );
            return Err(DutyError::Decision { reason });
        }
        let people = store::rights::people_of(connection, family)?;
        // Once the journal's key is destroyed nobody is counted any more, and there is nothing to remember for.
        let remembered = match (&line, node.keys.journal()) {
            (Some(line), Ok(key)) => store::remembered::keep(connection, family, line, &merges, key)?,
            _ => 0,
        };
        let mut rows = store::rights::erase(connection, family)?;
        for (load, number, raw) in store::loads::all_faults(connection)? {
            let cells = cells(&raw);
            if people.iter().any(|who| who.is_named_in(&cells)) {
                store::loads::erase_fault(connection, load, number)?;
                rows += 1;
            }
        }
        let mentions = settle::open(connection)?;
        settle::settle(connection, mentions, None, now)?;
        acts::record(connection, now, &by.name, "family-erased", &id)?;
        Ok::<_, DutyError>(Erased { rows, remembered })
    })?;
    // What was deleted still stands in the log of changes until that is emptied.
    node.store.empty_log()?;
    Ok(erased)
}
