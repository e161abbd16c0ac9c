//! An audit as pages, commands and certificates see it.

use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::AnyConnection;

use crate::{
    claims::{
        Window,
        sample::{self, Share},
        validity::{self, Found, Validity},
    },
    duties::{DutyError, claim::framework_of},
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

/// What was found on a list, and how many drawn lines are not checked yet.
pub(in crate::duties) fn found(lines: &[Line]) -> (Found, u32) {
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

pub(super) fn state_of(
    connection: &mut AnyConnection,
    window: &Window,
    audit: Audit,
) -> Result<AuditState, DutyError> {
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
