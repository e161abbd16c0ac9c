//! What stands where: windows, claims, the work list, the forecast, double cases. For the borough's own screens.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::framework::Framework;
use tenfold_store::AnyConnection;

pub use super::before::{BeforeLine, ClaimedBefore, DoubleCase};
use super::{before, live_lines, window_named};
use crate::{
    claims::{
        Claim, Totals, Window,
        prospect::{self, Forecast, Prospect},
    },
    duties::{DutyError, Node},
    outcomes::{self, Status},
    register::LineId,
    release::selection::surviving,
    store,
};

/// A window with what is claimed in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowState {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
    /// The programme.
    pub programme: String,
    /// The framework.
    pub framework: String,
    /// Claims aimed at.
    pub target: Option<u32>,
    /// Claims by state.
    pub states: BTreeMap<String, u32>,
    /// Live claims by result type.
    pub totals: Totals,
    /// Their money in pence.
    pub pence: i64,
}

/// A claim in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimLine {
    /// Its number.
    pub claim: i64,
    /// Its window's name.
    pub window: String,
    /// The family.
    pub family: String,
    /// The family line.
    pub line: String,
    /// Where it stands.
    pub state: String,
    /// progress or employment.
    pub result: String,
    /// The problems claimed, in words.
    pub problems: Vec<String>,
    /// The result payment in pence.
    pub pence: i64,
    /// Whether it rests on discretion.
    pub discretionary: bool,
    /// The day of the verdict.
    pub decided_on: NaiveDate,
    /// Who drafted it.
    pub drafted_by: String,
}

impl ClaimLine {
    pub(super) fn of(claim: &Claim, windows: &[Window]) -> Self {
        let window = windows.iter().find(|window| window.id == claim.window);
        Self {
            claim: claim.id,
            window: window.map(|window| window.name.clone()).unwrap_or_default(),
            family: claim.family.to_string(),
            line: claim.line.to_string(),
            state: claim.state.to_string(),
            result: claim.kind.as_str().to_owned(),
            problems: problem_labels(&claim.problems),
            pence: claim.pence,
            discretionary: claim.discretionary,
            decided_on: claim.decided_on,
            drafted_by: claim.drafted_by.clone(),
        }
    }
}

/// The problems by their short labels.
pub fn problem_labels(problems: &[u8]) -> Vec<String> {
    let framework = Framework::shipped();
    let label = |number: &u8| {
        framework.problem(*number).map_or_else(|| number.to_string(), |problem| problem.label.clone())
    };
    problems.iter().map(label).collect()
}

/// All windows.
///
/// # Errors
/// Where the store fails.
pub fn windows(node: &Node) -> Result<Vec<WindowState>, DutyError> {
    node.store.read(|connection| {
        let claims = store::claims::all(connection)?;
        let windows = store::claims::windows(connection)?;
        Ok(windows.into_iter().map(|window| window_state(window, &claims)).collect())
    })
}

fn window_state(window: Window, claims: &[Claim]) -> WindowState {
    let own: Vec<&Claim> = claims.iter().filter(|claim| claim.window == window.id).collect();
    let mut states: BTreeMap<String, u32> = BTreeMap::new();
    for claim in &own {
        *states.entry(claim.state.to_string()).or_default() += 1;
    }
    let totals = Totals::of(own.iter().copied().filter(|claim| claim.state.is_live()));
    let Window { id, name, first_day, last_day, programme, framework, target } = window;
    WindowState {
        id,
        name,
        first_day,
        last_day,
        programme,
        framework,
        target,
        states,
        pence: totals.pence(),
        totals,
    }
}

/// Claims, of one window or all.
///
/// # Errors
/// Where there is no such window, or the store fails.
pub fn list(node: &Node, window: Option<&str>) -> Result<Vec<ClaimLine>, DutyError> {
    node.store.read(|connection| {
        let only = window.map(|name| window_named(connection, name)).transpose()?;
        let windows = store::claims::windows(connection)?;
        let claims = store::claims::all(connection)?;
        let wanted = claims.iter().filter(|claim| only.as_ref().is_none_or(|only| claim.window == only.id));
        Ok(wanted.map(|claim| ClaimLine::of(claim, &windows)).collect())
    })
}

/// A family on the work list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkLine {
    /// The family.
    pub family: String,
    /// How far it has come.
    pub status: String,
    /// From when it could be claimed.
    pub claimable: Prospect,
    /// Its problems, in words.
    pub problems: Vec<String>,
    /// What is missing.
    pub missing: Vec<String>,
}

/// Families of the programme without a live claim, the closest to claimable first.
///
/// # Errors
/// Where the store fails.
pub fn work_list(node: &Node) -> Result<Vec<WorkLine>, DutyError> {
    node.store.read(|connection| unclaimed(node, connection))
}

fn unclaimed(node: &Node, connection: &mut AnyConnection) -> Result<Vec<WorkLine>, DutyError> {
    let framework = &node.rules(node.now().day())?;
    let coverage = store::register::coverage(connection)?;
    let merges = store::register::line_merges(connection)?;
    // A family with a claim in any programme of this framework's is not work any more.
    let programmes: Vec<String> = programmes_of(connection, framework.base_name())?;
    let claims = store::claims::all(connection)?;
    let live: Vec<BTreeMap<LineId, Claim>> =
        programmes.iter().map(|programme| live_lines(&claims, programme, &merges)).collect();
    let before = store::history::before(connection)?;
    let today = node.now().day();
    let mut lines = Vec::new();
    store::register::families(connection, |file| {
        let line = surviving(&file.line, &merges);
        let was_claimed = || {
            let mut asked = programmes.iter().map(String::as_str).chain([framework.base_name()]);
            asked.any(|programme| before.holding(line, programme, framework.base_name()).is_some())
        };
        if live.iter().any(|live| live.contains_key(line)) || was_claimed() {
            return;
        }
        let verdict = outcomes::decide(&file, &coverage, framework, today);
        if verdict.status == Status::BelowThreshold {
            return;
        }
        lines.push(WorkLine {
            family: file.family.to_string(),
            status: verdict.status.words().to_owned(),
            claimable: Prospect::of(&verdict),
            problems: problem_labels(&verdict.problems),
            missing: prospect::missing(&verdict, framework),
        });
    })?;
    lines.sort_by(|a, b| {
        (a.claimable, a.missing.len(), &a.family).cmp(&(b.claimable, b.missing.len(), &b.family))
    });
    Ok(lines)
}

fn programmes_of(connection: &mut AnyConnection, framework: &str) -> Result<Vec<String>, DutyError> {
    let windows = store::claims::windows(connection)?;
    let mut programmes: Vec<String> = windows
        .into_iter()
        .filter(|window| window.framework == framework)
        .map(|window| window.programme)
        .collect();
    programmes.sort_unstable();
    programmes.dedup();
    Ok(programmes)
}

/// What each window can be expected to bring, against its target.
///
/// # Errors
/// Where the store fails.
pub fn forecast(node: &Node) -> Result<Vec<Forecast>, DutyError> {
    node.store.read(|connection| {
        let windows = store::claims::windows(connection)?;
        let claims = store::claims::all(connection)?;
        let live = |window: &Window| {
            let own = claims.iter().filter(|claim| claim.window == window.id && claim.state.is_live());
            u32::try_from(own.count()).unwrap_or(u32::MAX)
        };
        let claimed: Vec<u32> = windows.iter().map(live).collect();
        let prospects: Vec<Prospect> =
            unclaimed(node, connection)?.into_iter().map(|line| line.claimable).collect();
        Ok(prospect::forecast(&windows, &claimed, &prospects, node.now().day()))
    })
}

/// Lines claimed twice, here or once before Tenfold. Their number never leaves the node.
///
/// # Errors
/// Where the store fails.
pub fn double_cases(node: &Node) -> Result<Vec<DoubleCase>, DutyError> {
    node.store.read(before::double_cases)
}
