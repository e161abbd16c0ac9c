//! Shares money with partners: who works with which family, and what each is owed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tenfold_common::{framework::Framework, privacy::policy::ATTACHED};
use tenfold_store::{Account, AnyConnection, Role, acts};

use super::{DutyError, Node, claim::ClaimFault, record::recorded, require};
use crate::{
    claims::{
        Claim, ClaimError,
        ladder::State,
        split::{self, Partner, Rule, Shares},
    },
    register::{FamilyId, LineId},
    release::selection::{Merges, surviving},
    store,
};

/// Adds a partner with its rule.
///
/// # Errors
/// Where the role is another, a share lies outside 1 to 100, or the name is taken.
pub fn add(node: &Node, name: &str, rule: Rule, by: &Account) -> Result<Partner, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    if let Rule::Commissioned { percent } = rule
        && percent > 100
    {
        return Err(ClaimError::TooManyShares { percent }.into());
    }
    let now = node.now();
    node.store.write(|connection| {
        acts::record(connection, now, &by.name, "partner-added", name)?;
        let id = store::claims::partners::add(connection, name, rule, &by.name, now)?;
        Ok(Partner { id, name: name.to_owned(), rule })
    })
}

/// All partners.
///
/// # Errors
/// Where the store fails.
pub fn partners(node: &Node) -> Result<Vec<Partner>, DutyError> {
    Ok(node.store.read(store::claims::partners::all)?)
}

/// Records that a partner works with some families; one recorded before stays as it is. Says how many are new.
///
/// # Errors
/// Where a family or partner is not known, or the shares of a family's partners do not fit together.
pub fn attribute(
    node: &Node,
    partner: &str,
    families: &[FamilyId],
    by: &Account,
) -> Result<usize, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let now = node.now();
    node.store.write(|connection| {
        acts::record(connection, now, &by.name, "families-attributed", partner)?;
        let partner = named(connection, partner)?;
        let sharing = Sharing::open(connection)?;
        let mut new = 0;
        for line in lines_of(connection, families, &sharing.merges)? {
            let before = sharing.partners_of(&line);
            if before.iter().any(|other| other.id == partner.id) {
                continue;
            }
            let together: Vec<Partner> = before.into_iter().chain([partner.clone()]).collect();
            split::share(&together, 0, 0)?;
            store::claims::partners::attribute(connection, partner.id, &line, &by.name, now)?;
            new += 1;
        }
        Ok(new)
    })
}

fn named(connection: &mut AnyConnection, name: &str) -> Result<Partner, DutyError> {
    let found = store::claims::partners::all(connection)?.into_iter().find(|partner| partner.name == name);
    found.ok_or_else(|| ClaimFault::NoPartner { name: name.to_owned() }.into())
}

fn lines_of(
    connection: &mut AnyConnection,
    families: &[FamilyId],
    merges: &Merges,
) -> Result<BTreeSet<LineId>, DutyError> {
    let mut found = BTreeMap::new();
    store::register::families(connection, |file| {
        if families.contains(&file.family) {
            found.insert(file.family, surviving(&file.line, merges).clone());
        }
    })?;
    match families.iter().find(|family| !found.contains_key(family)) {
        Some(family) => Err(ClaimFault::NoFamily { family: family.clone() }.into()),
        None => Ok(found.into_values().collect()),
    }
}

/// Who works with which line, read once.
pub(super) struct Sharing {
    partners: Vec<Partner>,
    by_line: BTreeMap<LineId, BTreeSet<i64>>,
    merges: Merges,
}

impl Sharing {
    pub(super) fn open(connection: &mut AnyConnection) -> Result<Self, DutyError> {
        let merges = store::register::line_merges(connection)?;
        let mut by_line: BTreeMap<LineId, BTreeSet<i64>> = BTreeMap::new();
        for (partner, line) in store::claims::partners::attributions(connection)? {
            by_line.entry(surviving(&line, &merges).clone()).or_default().insert(partner);
        }
        Ok(Self { partners: store::claims::partners::all(connection)?, by_line, merges })
    }

    /// The partners that work with a line or with one that went up in it, by number.
    fn partners_of(&self, line: &LineId) -> Vec<Partner> {
        let theirs = self.by_line.get(surviving(line, &self.merges));
        let works = |partner: &&Partner| theirs.is_some_and(|theirs| theirs.contains(&partner.id));
        self.partners.iter().filter(works).cloned().collect()
    }

    /// A claim's partners and how its payment is shared.
    pub(super) fn of(&self, claim: &Claim) -> Result<(Vec<Partner>, Shares), DutyError> {
        let partners = self.partners_of(&claim.line);
        let fee = Framework::shipped().money_on(claim.decided_on).attachment_pence;
        let shares = split::share(&partners, fee, claim.pence.unsigned_abs())?;
        Ok((partners, shares))
    }
}

/// What one partner puts in and takes out, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The partner.
    pub partner: Partner,
    /// Its family lines.
    pub lines: Vec<StatementLine>,
    /// What it puts into attachment fees, in pence.
    pub in_pence: u64,
    /// What it is owed for claims certified or submitted, in pence.
    pub due_pence: u64,
    /// What it takes of claims paid, in pence.
    pub paid_pence: u64,
}

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementLine {
    /// The family line.
    pub line: String,
    /// Whether the family was recorded as attached.
    pub attached: bool,
    /// What the partner puts in, in pence.
    pub in_pence: u64,
    /// The live claim, where there is one.
    pub claim: Option<i64>,
    /// Where that stands; empty where there is none.
    pub state: String,
    /// What the partner takes of it, in pence.
    pub out_pence: u64,
}

/// A partner's statement as it stands.
///
/// # Errors
/// Where there is no such partner, or a merge brought partners together whose shares do not fit.
pub fn statement(node: &Node, partner: &str) -> Result<Statement, DutyError> {
    let today = node.now().day();
    node.store.read(|connection| {
        let partner = named(connection, partner)?;
        let sharing = Sharing::open(connection)?;
        let merges = &sharing.merges;
        let attached = recorded(connection, ATTACHED, merges)?;
        let claims = store::claims::all(connection)?;
        let attributions = store::claims::partners::attributions(connection)?;
        let theirs = attributions.iter().filter(|(id, _)| *id == partner.id);
        let lines: BTreeSet<LineId> = theirs.map(|(_, line)| surviving(line, merges).clone()).collect();
        let mut statement =
            Statement { partner, lines: Vec::new(), in_pence: 0, due_pence: 0, paid_pence: 0 };
        for line in lines {
            let partners = sharing.partners_of(&line);
            let own = partners.iter().position(|other| other.id == statement.partner.id);
            let claim =
                claims.iter().find(|claim| claim.state.is_live() && surviving(&claim.line, merges) == &line);
            let payment = claim.map_or(0, |claim| claim.pence.unsigned_abs());
            let day = claim.map_or(today, |claim| claim.decided_on);
            let fee = Framework::shipped().money_on(day).attachment_pence;
            let shares = split::share(&partners, fee, payment)?;
            let of = |pence: &[u64]| own.and_then(|at| pence.get(at)).copied().unwrap_or(0);
            let is_attached = attached.contains(&line);
            let in_pence = if is_attached { of(&shares.in_pence) } else { 0 };
            let out_pence = of(&shares.out_pence);
            statement.in_pence += in_pence;
            match claim.map(|claim| claim.state) {
                Some(State::Paid) => statement.paid_pence += out_pence,
                Some(State::Certified | State::Submitted) => statement.due_pence += out_pence,
                _ => {}
            }
            statement.lines.push(StatementLine {
                line: line.to_string(),
                attached: is_attached,
                in_pence,
                claim: claim.map(|claim| claim.id),
                state: claim.map(|claim| claim.state.to_string()).unwrap_or_default(),
                out_pence,
            });
        }
        Ok(statement)
    })
}
