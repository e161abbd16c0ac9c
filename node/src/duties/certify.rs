//! Certifies a window: exact counts and money, signed; what travels is a commitment only.

use serde::Serialize;
use tenfold_common::protocol::signature::{open, sign};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{
    DutyError, Node,
    audit::found,
    claim::{ClaimFault, window_named},
    require,
};
use crate::{
    claims::{
        Claim, Totals, Window,
        certificate::{self, AuditPart, CertificateBody},
        ladder::State,
    },
    release::{freeze::random, selection::surviving},
    store::{self, claims::certificates::Issue},
};

/// A certificate as it was issued, opened for the borough's own screens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certified {
    /// The issue, from 1.
    pub issue: i64,
    /// The commitment: all that travels.
    pub commitment: String,
    /// The salt: with the certificate it opens the commitment.
    pub salt: String,
    /// The certificate, JWS.
    pub signed: String,
    /// What it says.
    pub body: CertificateBody,
}

/// Certifies a window, for zero claims too. A later issue corrects all earlier ones and says why.
///
/// # Errors
/// Where the role is another, drafts are left, the officer drafted one of the claims, or a correction has no
/// reason.
pub fn certify(
    node: &Node,
    window: &str,
    because: Option<&str>,
    by: &Account,
) -> Result<Certified, DutyError> {
    let by = require(by.clone(), Role::Approver)?;
    let salt = random::<32>()?;
    let now = node.now();
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let window = window_named(connection, window)?;
        let all = store::claims::all(connection)?;
        let own: Vec<&Claim> = all.iter().filter(|claim| claim.window == window.id).collect();
        let count = own.iter().filter(|claim| claim.state == State::Drafted).count();
        if count > 0 {
            return Err(ClaimFault::DraftsLeft { count, name: window.name }.into());
        }
        let stands = |claim: &&&Claim| claim.state == State::Audited || claim.state.is_certified();
        let counted: Vec<&Claim> = own.iter().filter(stands).copied().collect();
        if counted.iter().any(|claim| claim.drafted_by == by.name) {
            return Err(ClaimFault::OwnClaim { name: by.name.clone() }.into());
        }
        let earlier = store::history::before(connection)?;
        let merges = store::register::line_merges(connection)?;
        let claimed = counted.iter().find_map(|claim| {
            let line = surviving(&claim.line, &merges);
            Some((claim, earlier.holding(line, &claim.programme, &claim.framework)?))
        });
        if let Some((claim, earlier)) = claimed {
            return Err(ClaimFault::before(&claim.family, earlier).into());
        }
        let ids: Vec<i64> = counted.iter().map(|claim| claim.id).collect();
        let before = issues_of(connection, &window)?.last().map_or(0, |issue| issue.issue);
        let reason = because.unwrap_or_default().trim().to_owned();
        if before > 0 && reason.is_empty() {
            return Err(ClaimFault::IssuedBefore { name: window.name, issue: before }.into());
        }
        let body = CertificateBody {
            borough: node.borough.clone(),
            rehearsal: node.clock.is_rehearsal(),
            window: window.name.clone(),
            first_day: window.first_day,
            last_day: window.last_day,
            programme: window.programme.clone(),
            framework: window.framework.clone(),
            issue: u32::try_from(before + 1).unwrap_or(u32::MAX),
            reason,
            totals: Totals::of(counted.iter().copied()),
            claims_hash: certificate::claims_hash(&ids),
            audits: audits_of(connection, &window)?,
            certified_by: by.name.clone(),
            certified_at: now,
            software: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let commitment = certificate::commitment(&body, &salt)
            .map_err(|error| ClaimFault::Certificate { reason: error.to_string() })?;
        let signed = sign(&body, certificate::TYPE, &*node.release_key_within(connection)?)?;
        let issue = Issue {
            id: 0,
            window: window.id,
            issue: before + 1,
            issued_at: now,
            issued_by: by.name.clone(),
            signed: signed.clone(),
            salt: hex::encode(salt),
            commitment: commitment.clone(),
        };
        store::claims::certificates::issue(connection, &issue, &ids)?;
        for claim in counted.iter().filter(|claim| claim.state == State::Audited) {
            let reason = format!("certificate {}", issue.issue);
            let step = claim.state.to(State::Certified)?;
            store::claims::advance(connection, claim.id, step, &by.name, &reason, now)?;
        }
        let object = format!("{}, issue {}: {commitment}", window.name, issue.issue);
        acts::record(connection, now, &by.name, "claims-certified", &object)?;
        Ok(Certified { issue: issue.issue, commitment, salt: issue.salt, signed, body })
    })
}

fn issues_of(connection: &mut AnyConnection, window: &Window) -> Result<Vec<Issue>, DutyError> {
    let all = store::claims::certificates::all(connection)?;
    Ok(all.into_iter().filter(|issue| issue.window == window.id).collect())
}

fn audits_of(connection: &mut AnyConnection, window: &Window) -> Result<Vec<AuditPart>, DutyError> {
    let mut parts = Vec::new();
    for audit in store::claims::audits::all(connection)?.into_iter().filter(|a| a.window == window.id) {
        let Some((seed, _, _)) = audit.seeded.filter(|_| audit.concluded.is_some()) else { continue };
        let (found, _) = found(&store::claims::audits::lines(connection, audit.id)?);
        parts.push(AuditPart {
            list_hash: audit.list_hash,
            seed,
            share_basis_points: audit.share.basis_points(),
            found,
        });
    }
    Ok(parts)
}

/// Every issue of a window's certificate, its signature and commitment verified.
///
/// # Errors
/// Where there is no such window, or an issue is not what was signed and committed to.
pub fn certificates(node: &Node, window: &str) -> Result<Vec<Certified>, DutyError> {
    let issues = node.store.read(|connection| {
        let window = window_named(connection, window)?;
        issues_of(connection, &window)
    })?;
    issues.into_iter().map(|issue| opened(node, issue)).collect()
}

fn opened(node: &Node, issue: Issue) -> Result<Certified, DutyError> {
    // It was signed by the key of its day.
    let keys = node.release_keys()?;
    let opened = keys.iter().rev().map(|(key, _)| open(&issue.signed, certificate::TYPE, key));
    let body: CertificateBody = match opened.reduce(|newer, older| newer.or(older)) {
        Some(body) => body?,
        None => {
            return Err(ClaimFault::Certificate { reason: "this node has no release key".to_owned() }.into());
        }
    };
    let broken = |reason: &str| ClaimFault::Certificate { reason: reason.to_owned() };
    let mut salt = [0; 32];
    hex::decode_to_slice(&issue.salt, &mut salt).map_err(|_| broken("its salt is not 32 bytes"))?;
    let commitment = certificate::commitment(&body, &salt)
        .map_err(|error| ClaimFault::Certificate { reason: error.to_string() })?;
    if commitment != issue.commitment {
        return Err(broken("it does not open its commitment").into());
    }
    Ok(Certified { issue: issue.issue, commitment, salt: issue.salt, signed: issue.signed, body })
}
