//! Audits a window's claims: an analyst freezes the list, the auditor gives the seed, checks and concludes.
//!
//! The frozen list's salted hash is in the chain of acts before anybody knows the seed. An invalid line leaves
//! the claim and lets the share grow; a larger share only adds lines to those drawn.

mod state;

use tenfold_store::{Account, AnyConnection, Role, acts};

pub(super) use state::found;
use state::state_of;
pub use state::{AuditLine, AuditState};

use super::{
    DutyError, Node,
    claim::{
        ClaimFault,
        before::{BeforeLine, of_line},
        framework_of,
        look::problem_labels,
        window_named,
    },
    require,
};
use crate::{
    claims::{
        Claim, Window,
        evidence::Item,
        ladder::State,
        sample::{self, Seed, Share},
        worksheet,
    },
    register::origin::FileNames,
    release::{freeze::random, selection::surviving},
    store::{
        self,
        claims::audits::{Audit, Line},
    },
};

/// Freezes the list of a window's drafted claims and logs its salted hash.
///
/// # Errors
/// Where the role is another, nothing is drafted, or a list is open and no reason is given for another.
pub fn freeze(
    node: &Node,
    window: &str,
    because: Option<&str>,
    by: &Account,
) -> Result<AuditState, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let salt = random::<32>()?;
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let window = window_named(connection, window)?;
        let open = newest(connection, &window)?.filter(|audit| audit.concluded.is_none());
        let reason = because.unwrap_or_default().trim().to_owned();
        if let Some(open) = open
            && reason.is_empty()
        {
            return Err(ClaimFault::FrozenBefore { name: window.name, at: open.frozen.0 }.into());
        }
        let lines: Vec<Line> = store::claims::all(connection)?
            .into_iter()
            .filter(|claim| claim.window == window.id && claim.state == State::Drafted)
            .map(|claim| Line {
                claim: claim.id,
                line: claim.line,
                discretionary: claim.discretionary,
                drawn: false,
                valid: None,
                reason: String::new(),
            })
            .collect();
        if lines.is_empty() {
            return Err(ClaimFault::NothingToAudit { name: window.name }.into());
        }
        let open_to_the_draw = lines.iter().filter(|line| !line.discretionary).count();
        let rule = &framework_of(&window)?.audit;
        let share = Share::beforehand(u32::try_from(open_to_the_draw).unwrap_or(u32::MAX), rule);
        let names: Vec<String> = lines.iter().map(|line| line.line.to_string()).collect();
        let audit = Audit {
            id: 0,
            window: window.id,
            reason,
            frozen: (now, by.name.clone()),
            salt: hex::encode(salt),
            list_hash: sample::list_hash(&salt, &names),
            share_beforehand: share,
            share,
            seeded: None,
            concluded: None,
        };
        let id = store::claims::audits::freeze(connection, &audit, &lines)?;
        let again = if audit.reason.is_empty() { "" } else { ", frozen again" };
        let object = format!("audit {id} of {}: list {}{again}", window.name, audit.list_hash);
        acts::record(connection, now, &by.name, "audit-list-frozen", &object)?;
        state_of(connection, &window, Audit { id, ..audit })
    })
}

/// Takes the auditor's seed and draws.
///
/// # Errors
/// Where the role is another, the seed is too short or was given, or the auditor drafted or froze.
pub fn seed(node: &Node, window: &str, text: &str, by: &Account) -> Result<AuditState, DutyError> {
    let by = require(by.clone(), Role::Auditor)?;
    let seed = Seed::new(text)?;
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let window = window_named(connection, window)?;
        let audit = newest_of(connection, &window)?;
        if audit.seeded.is_some() {
            return Err(ClaimFault::Seeded { audit: audit.id }.into());
        }
        independent(connection, &audit, &by.name)?;
        store::claims::audits::take_seed(connection, audit.id, seed.as_str(), &by.name, now)?;
        draw(connection, audit.id, &seed, audit.share)?;
        let object = format!("audit {} of {}", audit.id, window.name);
        acts::record(connection, now, &by.name, "audit-seeded", &object)?;
        newest_state(connection, &window)
    })
}

fn independent(connection: &mut AnyConnection, audit: &Audit, name: &str) -> Result<(), DutyError> {
    let lines = store::claims::audits::lines(connection, audit.id)?;
    let claims = store::claims::all(connection)?;
    let drafted = |line: &Line| claims.iter().any(|claim| claim.id == line.claim && claim.drafted_by == name);
    if audit.frozen.1 == name || lines.iter().any(drafted) {
        return Err(ClaimFault::NotIndependent { name: name.to_owned() }.into());
    }
    Ok(())
}

/// Marks every line that the share draws, and every discretionary one.
fn draw(connection: &mut AnyConnection, id: i64, seed: &Seed, share: Share) -> Result<(), DutyError> {
    for line in store::claims::audits::lines(connection, id)? {
        if !line.drawn && (line.discretionary || seed.draws(&line.line.0, share)) {
            store::claims::audits::draw(connection, id, line.claim)?;
        }
    }
    Ok(())
}

/// Records what was found about a drawn claim; `invalid` says why it is not valid. An invalid claim is
/// withdrawn, and the share grows.
///
/// # Errors
/// Where the role is another, the claim is not drawn or was found, or the auditor drafted it.
pub fn find(
    node: &Node,
    window: &str,
    claim: i64,
    invalid: Option<&str>,
    by: &Account,
) -> Result<AuditState, DutyError> {
    let by = require(by.clone(), Role::Auditor)?;
    if invalid.is_some_and(|reason| reason.trim().is_empty()) {
        return Err(ClaimFault::NoReason { what: "an invalid claim" }.into());
    }
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let window = window_named(connection, window)?;
        let audit = newest_of(connection, &window)?;
        let (seed, _, _) = audit.seeded.clone().ok_or(ClaimFault::NoSeed { audit: audit.id })?;
        let lines = store::claims::audits::lines(connection, audit.id)?;
        let drawn = |line: &&Line| line.claim == claim && line.drawn && line.valid.is_none();
        if audit.concluded.is_some() || !lines.iter().any(|line| drawn(&line)) {
            return Err(ClaimFault::NotDrawn { claim, audit: audit.id }.into());
        }
        independent(connection, &audit, &by.name)?;
        store::claims::audits::find(connection, audit.id, claim, invalid, &by.name, now)?;
        if let Some(reason) = invalid {
            let found = store::claims::all(connection)?.into_iter().find(|found| found.id == claim);
            if let Some(found) = found.filter(|found| found.state.is_live()) {
                let step = found.state.to(State::Withdrawn)?;
                let reason = format!("found invalid in audit {}: {reason}", audit.id);
                store::claims::advance(connection, claim, step, &by.name, &reason, now)?;
            }
            let share = audit.share.grown();
            store::claims::audits::grow(connection, audit.id, share)?;
            draw(connection, audit.id, &Seed::new(&seed)?, share)?;
        }
        let object = format!("audit {}, claim {claim}", audit.id);
        acts::record(connection, now, &by.name, "audit-finding", &object)?;
        newest_state(connection, &window)
    })
}

/// Concludes the audit: what was not found invalid is audited.
///
/// # Errors
/// Where the role is another, or a drawn line is not checked.
pub fn conclude(node: &Node, window: &str, by: &Account) -> Result<AuditState, DutyError> {
    let by = require(by.clone(), Role::Auditor)?;
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let window = window_named(connection, window)?;
        let audit = newest_of(connection, &window)?;
        if audit.concluded.is_some() {
            return Err(ClaimFault::Concluded { audit: audit.id }.into());
        }
        if audit.seeded.is_none() {
            return Err(ClaimFault::NoSeed { audit: audit.id }.into());
        }
        let lines = store::claims::audits::lines(connection, audit.id)?;
        let count = lines.iter().filter(|line| line.drawn && line.valid.is_none()).count();
        if count > 0 {
            return Err(ClaimFault::Unchecked { count, audit: audit.id }.into());
        }
        store::claims::audits::conclude(connection, audit.id, &by.name, now)?;
        for claim in store::claims::all(connection)? {
            if claim.state == State::Drafted && lines.iter().any(|line| line.claim == claim.id) {
                let reason = format!("audit {}", audit.id);
                let step = claim.state.to(State::Audited)?;
                store::claims::advance(connection, claim.id, step, &by.name, &reason, now)?;
            }
        }
        let object = format!("audit {} of {}", audit.id, window.name);
        acts::record(connection, now, &by.name, "audit-concluded", &object)?;
        newest_state(connection, &window)
    })
}

/// The newest audit of a window as it stands.
///
/// # Errors
/// Where there is none, or the store fails.
pub fn state(node: &Node, window: &str) -> Result<AuditState, DutyError> {
    node.store.read(|connection| {
        let window = window_named(connection, window)?;
        newest_state(connection, &window)
    })
}

/// The worksheet of a window's newest audit: its drawn lines with the council's own references.
///
/// # Errors
/// Where there is no audit, or the store fails.
pub fn worksheet(node: &Node, window: &str) -> Result<String, DutyError> {
    node.store.read(|connection| {
        let window = window_named(connection, window)?;
        let audit = newest_of(connection, &window)?;
        let claims = store::claims::all(connection)?;
        let before = store::history::before(connection)?;
        let merges = store::register::line_merges(connection)?;
        let loads = store::claims::loads(connection)?;
        let files: FileNames = loads.into_iter().map(|(load, _, file, _)| (load, file)).collect();
        let mut rows = Vec::new();
        for line in store::claims::audits::lines(connection, audit.id)?.into_iter().filter(|line| line.drawn)
        {
            if let Some(claim) = claims.iter().find(|claim| claim.id == line.claim) {
                let before = of_line(&before, surviving(&claim.line, &merges));
                rows.push(row(connection, claim, line, &before, &files)?);
            }
        }
        worksheet::csv(&rows)
            .map_err(|error| ClaimFault::Certificate { reason: error.to_string() })
            .map_err(DutyError::from)
    })
}

fn row(
    connection: &mut AnyConnection,
    claim: &Claim,
    line: Line,
    before: &[BeforeLine],
    files: &FileNames,
) -> Result<worksheet::Row, DutyError> {
    let kept = store::claims::evidence(connection, claim.id)?;
    let in_words = |kept: store::claims::Evidence| {
        let relied: Option<Item> = kept.relied.and_then(|relied| serde_json::from_str(&relied).ok());
        relied.map_or_else(
            || format!("{}: {} {}", kept.kind.as_str(), kept.reference, kept.words).trim_end().to_owned(),
            |item| match item.places(files) {
                places if places.is_empty() => item.in_words(),
                places => format!("{} [{places}]", item.in_words()),
            },
        )
    };
    let finding = match line.valid {
        None => "",
        Some(true) => "valid",
        Some(false) => "invalid",
    };
    Ok(worksheet::Row {
        claim: claim.id,
        family: claim.family.to_string(),
        references: store::claims::council_references(connection, &claim.family)?,
        result: claim.kind.as_str().to_owned(),
        problems: problem_labels(&claim.problems),
        why: if line.discretionary { "discretion" } else { "drawn" }.to_owned(),
        evidence: kept.into_iter().map(in_words).collect(),
        before: before.iter().map(BeforeLine::in_words).collect(),
        finding: finding.to_owned(),
        reason: line.reason,
    })
}

fn newest(connection: &mut AnyConnection, window: &Window) -> Result<Option<Audit>, DutyError> {
    let all = store::claims::audits::all(connection)?;
    Ok(all.into_iter().rev().find(|audit| audit.window == window.id))
}

fn newest_of(connection: &mut AnyConnection, window: &Window) -> Result<Audit, DutyError> {
    newest(connection, window)?.ok_or_else(|| ClaimFault::NoAudit { name: window.name.clone() }.into())
}

fn newest_state(connection: &mut AnyConnection, window: &Window) -> Result<AuditState, DutyError> {
    let audit = newest_of(connection, window)?;
    state_of(connection, window, audit)
}
