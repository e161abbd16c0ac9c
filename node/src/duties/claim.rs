//! Drafts claims: the officer's act by which a family's result is recorded.
//!
//! Drafting decides on the node's own day, keeps the verdict and the values relied on as they were, and
//! records the family in the stream of results, once for ever. Audit, certificate and payment move nothing
//! that is counted.

pub mod before;
pub mod fault;
pub mod look;
pub mod settle;
pub mod trace;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    framework::{Framework, ResultKind},
    privacy::policy::RESULT,
};
use tenfold_store::{Account, AnyConnection, Role, StoreError, acts};

pub use fault::ClaimFault;

use super::{
    DutyError, Node,
    record::{labels, record, recorded},
    require,
};
use crate::{
    claims::{
        Claim, Window,
        earlier::{Before, EarlierClaim},
        evidence::{self, Kind},
        prospect,
    },
    outcomes::{self, FamilyResult, Verdict},
    register::{FamilyFile, FamilyId, LineId, SourceKind},
    release::selection::{Merges, surviving},
    store::{
        self,
        claims::{NewClaim, NewEvidence},
    },
};

/// Which families to draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Families {
    /// Every claimable family that has no live claim.
    AllClaimable,
    /// These, and a refusal where one cannot be claimed.
    Named(Vec<FamilyId>),
    /// One that the rules do not make claimable, on an officer's discretion with its reason.
    Discretion(FamilyId, String),
}

/// What was drafted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drafted {
    /// The window's name.
    pub window: String,
    /// The claims, by number with their families.
    pub claims: Vec<(i64, String)>,
    /// Results recorded now; a family claimed again was recorded before.
    pub results: usize,
    /// Their money in pence.
    pub pence: i64,
}

/// Opens a claim window. The programme is the framework's name where none is given.
///
/// # Errors
/// Where the role is another, the days are in the wrong order, the framework is not known or the name is taken.
pub fn open_window(
    node: &Node,
    name: &str,
    days: (NaiveDate, NaiveDate),
    programme: Option<&str>,
    target: Option<u32>,
    by: &Account,
) -> Result<Window, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    let (first_day, last_day) = days;
    if first_day > last_day {
        return Err(ClaimFault::Days { first_day, last_day }.into());
    }
    let framework = node.rules(first_day)?.base_name().to_owned();
    let mut window = Window {
        id: 0,
        name: name.to_owned(),
        first_day,
        last_day,
        programme: programme.unwrap_or(&framework).to_owned(),
        framework,
        target,
    };
    let now = node.now();
    node.store.write(|connection| {
        acts::record(connection, now, &by.name, "claim-window-opened", name)?;
        window.id = match store::claims::open_window(connection, &window, &by.name, now) {
            Err(StoreError::AlreadyRecorded { .. }) => {
                return Err(ClaimFault::WindowTaken { name: name.to_owned() }.into());
            }
            made => made?,
        };
        Ok::<_, DutyError>(window)
    })
}

/// Drafts claims in a window.
///
/// # Privacy
/// Each line's event depends on that line's own records and this act. Nothing leaves the node.
///
/// # Errors
/// Where the role is another, the window is not open today, or a named family cannot be claimed; then nothing
/// is drafted.
pub fn draft(node: &Node, window: &str, families: &Families, by: &Account) -> Result<Drafted, DutyError> {
    let by = require(by.clone(), Role::Analyst)?;
    node.store.write(|connection| {
        acts::take_turn(connection)?;
        let window = window_named(connection, window)?;
        draft_in(node, connection, window, families, &by.name)
    })
}

/// Drafts every claimable family in the window open today; where there is none, one is opened for the quarter.
///
/// # Errors
/// As [`draft`].
pub fn draft_quarter(node: &Node, by: &Account) -> Result<Drafted, DutyError> {
    let today = node.now().day();
    let windows = node.store.read(store::claims::windows)?;
    let open = windows.into_iter().find(|window| window.first_day <= today && today <= window.last_day);
    let window = match open {
        Some(window) => window,
        None => {
            let quarter = Quarter::of(today);
            let days = (quarter.first_day(), quarter.last_day());
            open_window(node, &quarter.to_string(), days, None, None, by)?
        }
    };
    draft(node, &window.name, &Families::AllClaimable, by)
}

pub(super) fn window_named(connection: &mut AnyConnection, name: &str) -> Result<Window, DutyError> {
    let windows = store::claims::windows(connection)?;
    let found = windows.into_iter().find(|window| window.name == name);
    found.ok_or_else(|| ClaimFault::NoWindow { name: name.to_owned() }.into())
}

/// The framework of a window.
pub(super) fn framework_of(window: &Window) -> Result<&'static Framework, ClaimFault> {
    Framework::by_name(&window.framework).ok_or_else(|| {
        let (name, framework) = (window.name.clone(), window.framework.clone());
        ClaimFault::NoFramework { name, framework }
    })
}

fn draft_in(
    node: &Node,
    connection: &mut AnyConnection,
    window: Window,
    families: &Families,
    by: &str,
) -> Result<Drafted, DutyError> {
    let now = node.now();
    let today = now.day();
    if today < window.first_day || window.last_day < today {
        let Window { name, first_day, last_day, .. } = window;
        return Err(ClaimFault::WindowShut { name, first_day, last_day, today }.into());
    }
    // The framework is the window's; the plan over it is the one of the day.
    let of_the_day = node.rules(today)?;
    let framework =
        if of_the_day.base_name() == window.framework { &of_the_day } else { framework_of(&window)? };
    let merges = store::register::line_merges(connection)?;
    let mut desk = Desk {
        node,
        framework,
        by,
        now,
        live: live_lines(&store::claims::all(connection)?, &window.programme, &merges),
        results: recorded(connection, RESULT, &merges)?,
        before: store::history::before(connection)?,
        loads: loads_by_source(connection)?,
        drafted: Drafted { window: window.name.clone(), ..Drafted::default() },
        merges,
        window,
    };
    for (file, verdict, result, discretion) in desk.choose(connection, families)? {
        desk.draft(connection, &file, &verdict, &result, discretion)?;
    }
    acts::record(connection, now, by, "claims-drafted", &desk.window.name)?;
    Ok(desk.drafted)
}

/// The surviving lines with a live claim in a programme, and the claim.
pub(super) fn live_lines(claims: &[Claim], programme: &str, merges: &Merges) -> BTreeMap<LineId, Claim> {
    let live = claims.iter().filter(|claim| claim.state.is_live() && claim.programme == programme);
    live.map(|claim| (surviving(&claim.line, merges).clone(), claim.clone())).collect()
}

fn loads_by_source(connection: &mut AnyConnection) -> Result<BTreeMap<SourceKind, Vec<i64>>, DutyError> {
    let mut loads: BTreeMap<SourceKind, Vec<i64>> = BTreeMap::new();
    for (id, source, _, _) in store::claims::loads(connection)? {
        if let Some(source) = SourceKind::from_word(&source) {
            loads.entry(source).or_default().push(id);
        }
    }
    Ok(loads)
}

type Chosen<'a> = (FamilyFile, Verdict, FamilyResult, Option<&'a str>);

struct Desk<'a> {
    node: &'a Node,
    framework: &'a Framework,
    by: &'a str,
    now: Moment,
    window: Window,
    merges: Merges,
    live: BTreeMap<LineId, Claim>,
    results: BTreeSet<LineId>,
    before: Before,
    loads: BTreeMap<SourceKind, Vec<i64>>,
    drafted: Drafted,
}

impl Desk<'_> {
    fn choose<'f>(
        &self,
        connection: &mut AnyConnection,
        families: &'f Families,
    ) -> Result<Vec<Chosen<'f>>, DutyError> {
        let coverage = store::register::coverage(connection)?;
        let named: Option<BTreeSet<&FamilyId>> = match families {
            Families::AllClaimable => None,
            Families::Named(named) => Some(named.iter().collect()),
            Families::Discretion(family, _) => Some([family].into()),
        };
        let mut found = Vec::new();
        store::register::families(connection, |file| {
            if named.as_ref().is_none_or(|named| named.contains(&file.family)) {
                let verdict = outcomes::decide(&file, &coverage, self.framework, self.now.day());
                if named.is_some() || verdict.result.is_some() {
                    found.push((file, verdict));
                }
            }
        })?;
        if let Some(named) = &named {
            let missing = named.iter().find(|family| !found.iter().any(|(file, _)| file.family == ***family));
            if let Some(family) = missing {
                return Err(ClaimFault::NoFamily { family: (*family).clone() }.into());
            }
        }
        let silent = store::rights::silent_lines(connection)?;
        let mut chosen = Vec::new();
        for (file, verdict) in found {
            match (silent.contains(surviving(&file.line, &self.merges)), named.is_some()) {
                (true, true) => return Err(ClaimFault::Objected { family: file.family }.into()),
                (true, false) => continue,
                _ => {}
            }
            let claim = self.live.get(surviving(&file.line, &self.merges));
            match (claim, named.is_some()) {
                (Some(_), false) => continue,
                (Some(claim), true) => {
                    let (family, claim, state) = (file.family, claim.id, claim.state);
                    return Err(ClaimFault::HasClaim { family, claim, state }.into());
                }
                (None, _) => {}
            }
            match (self.claimed_before(&file), named.is_some()) {
                (Some(_), false) => continue,
                (Some(claim), true) => return Err(ClaimFault::before(&file.family, claim).into()),
                (None, _) => {}
            }
            let (result, discretion) = match families {
                Families::Discretion(_, reason) => {
                    (self.by_discretion(&file, &verdict, reason)?, Some(reason.as_str()))
                }
                _ => (self.by_rule(&file, &verdict)?, None),
            };
            chosen.push((file, verdict, result, discretion));
        }
        Ok(chosen)
    }

    /// The claim of before Tenfold that takes the family's one result of the window's programme.
    fn claimed_before(&self, file: &FamilyFile) -> Option<&EarlierClaim> {
        let line = surviving(&file.line, &self.merges);
        self.before.holding(line, &self.window.programme, &self.window.framework)
    }

    fn by_rule(&self, file: &FamilyFile, verdict: &Verdict) -> Result<FamilyResult, ClaimFault> {
        verdict.result.clone().ok_or_else(|| ClaimFault::NotClaimable {
            family: file.family.clone(),
            status: verdict.status.words(),
            missing: prospect::missing(verdict, self.framework).join("; "),
        })
    }

    /// An officer may find equivalent progress where the rules find too little, never where there are none.
    fn by_discretion(
        &self,
        file: &FamilyFile,
        verdict: &Verdict,
        reason: &str,
    ) -> Result<FamilyResult, ClaimFault> {
        let family = file.family.clone();
        if reason.trim().is_empty() {
            return Err(ClaimFault::NoReason { what: "a claim by discretion" });
        }
        if verdict.result.is_some() {
            return Err(ClaimFault::NoDiscretionNeeded { family });
        }
        let progress = self.framework.results.kinds.contains(&ResultKind::Progress);
        let slots = verdict.problems.iter().filter_map(|&number| self.framework.problem(number));
        if !progress || slots.into_iter().any(|problem| problem.progress.is_empty()) {
            return Err(ClaimFault::EmptySlot { family });
        }
        if !verdict.is_attached() {
            let missing = prospect::missing(verdict, self.framework).join("; ");
            return Err(ClaimFault::NotClaimable { family, status: verdict.status.words(), missing });
        }
        Ok(FamilyResult { kind: ResultKind::Progress, problems: verdict.problems.clone() })
    }

    fn draft(
        &mut self,
        connection: &mut AnyConnection,
        file: &FamilyFile,
        verdict: &Verdict,
        result: &FamilyResult,
        discretion: Option<&str>,
    ) -> Result<(), DutyError> {
        let pence = i64::try_from(self.framework.money_on(verdict.on).for_result(result.kind))
            .expect("a framework's payment is at most 10,000,000 pence");
        let numbers: Vec<String> = verdict.problems.iter().map(ToString::to_string).collect();
        let verdict_words =
            format!("{} on {}: problems {}", verdict.status.words(), verdict.on, numbers.join(", "));
        let new = NewClaim {
            window: &self.window,
            line: surviving(&file.line, &self.merges),
            family: &file.family,
            kind: result.kind,
            problems: &result.problems,
            pence,
            decided_on: verdict.on,
            verdict: &verdict_words,
        };
        let id = store::claims::draft(connection, new, self.by, self.now)?;
        for item in evidence::relied_on(file, verdict, &self.loads) {
            let relied = serde_json::to_string(&item)
                .map_err(|_| StoreError::Failed { reason: "evidence cannot be written".to_owned() })?;
            let evidence = NewEvidence {
                kind: Kind::Record,
                reference: item.reference(),
                sha256: None,
                relied: Some(relied),
                words: String::new(),
            };
            store::claims::add_evidence(connection, id, &evidence, self.by, self.now)?;
        }
        if let Some(reason) = discretion {
            let evidence = NewEvidence {
                kind: Kind::Discretion,
                reference: String::new(),
                sha256: None,
                relied: None,
                words: reason.to_owned(),
            };
            store::claims::add_evidence(connection, id, &evidence, self.by, self.now)?;
        }
        if self.results.insert(surviving(&file.line, &self.merges).clone()) {
            let labels = labels(self.framework, &result.problems, Some(result.kind))?;
            record(connection, self.node, file, RESULT, labels, self.by, &self.framework.name)?;
            // Who had a result before Tenfold is in the opening position, whatever is claimed since.
            let line = surviving(&file.line, &self.merges);
            let is_of_before = |claim: &EarlierClaim| &claim.line == line && claim.claim.state.is_live();
            self.drafted.results += usize::from(!self.before.claims.iter().any(is_of_before));
        }
        self.drafted.claims.push((id, file.family.to_string()));
        self.drafted.pence += pence;
        Ok(())
    }
}
