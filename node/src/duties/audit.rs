//! Audits a window's claims: an analyst freezes the list, the auditor gives the seed, checks and concludes.
//!
//! The frozen list's salted hash is in the chain of acts before anybody knows the seed. An invalid line leaves
//! the claim and lets the share grow; a larger share only adds lines to those drawn.

use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{
    DutyError, Node,
    claim::{ClaimFault, framework_of, look::problem_labels, window_named},
    require,
};
use crate::{
    claims::{
        Claim, Window,
        evidence::Item,
        ladder::State,
        sample::{self, Seed, Share},
        validity::{self, Found, Validity},
        worksheet,
    },
    release::freeze::random,
    store::{
        self,
        claims::audits::{Audit, Line},
    },
};

/// An audit as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditState {
    /// Its number.
    pub id: i64,
    /// The window's name.
    pub window: String,
    /// Why a list was frozen again; empty for the first.
    pub reason: String,
    /// When and by whom the list was frozen.
    pub frozen: (Moment, String),
    /// The salt, hexadecimal: with the list it yields the hash.
    pub salt: String,
    /// The hash logged before the seed was known.
    pub list_hash: String,
    /// The share set beforehand, in hundredths of a per cent.
    pub share_beforehand: Share,
    /// The share now.
    pub share: Share,
    /// The seed, when and by whom.
    pub seeded: Option<(String, Moment, String)>,
    /// When and by whom it was concluded.
    pub concluded: Option<(Moment, String)>,
    /// What was found so far.
    pub found: Found,
    /// Drawn lines that are not checked yet.
    pub unchecked: u32,
    /// The exact interval of valid lines, once nothing is left to check.
    pub validity: Option<Validity>,
    /// The list.
    pub lines: Vec<AuditLine>,
    /// Whether share, least number and growth were read in a document: `false` asks the borough to confirm.
    pub rules_confirmed: bool,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// The claim.
    pub claim: i64,
    /// The family line: what is drawn.
    pub line: String,
    /// Whether it rests on discretion and is always checked.
    pub discretionary: bool,
    /// Whether it is to be checked.
    pub drawn: bool,
    /// valid or invalid, once it was checked.
    pub finding: String,
    /// Why it is invalid.
    pub reason: String,
}

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
        let mut rows = Vec::new();
        for line in store::claims::audits::lines(connection, audit.id)?.into_iter().filter(|line| line.drawn)
        {
            if let Some(claim) = claims.iter().find(|claim| claim.id == line.claim) {
                rows.push(row(connection, claim, line)?);
            }
        }
        worksheet::csv(&rows)
            .map_err(|error| ClaimFault::Certificate { reason: error.to_string() })
            .map_err(DutyError::from)
    })
}

fn row(connection: &mut AnyConnection, claim: &Claim, line: Line) -> Result<worksheet::Row, DutyError> {
    let kept = store::claims::evidence(connection, claim.id)?;
    let in_words = |kept: store::claims::Evidence| {
        let relied: Option<Item> = kept.relied.and_then(|relied| serde_json::from_str(&relied).ok());
        relied.map_or_else(
            || format!("{}: {} {}", kept.kind.as_str(), kept.reference, kept.words).trim_end().to_owned(),
            |item| item.in_words(),
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

/// What was found on a list, and how many drawn lines are not checked yet.
pub(super) fn found(lines: &[Line]) -> (Found, u32) {
    let mut found = Found::default();
    let mut unchecked = 0;
    for line in lines {
        let invalid = u32::from(line.valid == Some(false));
        unchecked += u32::from(line.drawn && line.valid.is_none());
        if line.discretionary {
            found.discretionary += 1;
            found.discretionary_invalid += invalid;
        } else {
            found.lines += 1;
            found.checked += u32::from(line.valid.is_some());
            found.invalid += invalid;
        }
    }
    (found, unchecked)
}

fn state_of(connection: &mut AnyConnection, window: &Window, audit: Audit) -> Result<AuditState, DutyError> {
    let lines = store::claims::audits::lines(connection, audit.id)?;
    let (found, unchecked) = found(&lines);
    let finding = |line: &Line| match line.valid {
        None => String::new(),
        Some(valid) => if valid { "valid" } else { "invalid" }.to_owned(),
    };
    let validity = (audit.seeded.is_some() && unchecked == 0).then(|| validity::validity(&found));
    Ok(AuditState {
        id: audit.id,
        window: window.name.clone(),
        reason: audit.reason,
        frozen: audit.frozen,
        salt: audit.salt,
        list_hash: audit.list_hash,
        share_beforehand: audit.share_beforehand,
        share: audit.share,
        seeded: audit.seeded,
        concluded: audit.concluded,
        found,
        unchecked,
        validity,
        lines: lines
            .iter()
            .map(|line| AuditLine {
                claim: line.claim,
                line: line.line.to_string(),
                discretionary: line.discretionary,
                drawn: line.drawn,
                finding: finding(line),
                reason: line.reason.clone(),
            })
            .collect(),
        rules_confirmed: framework_of(window)?.audit.provenance.confirmed && sample::RULES.confirmed,
    })
}
