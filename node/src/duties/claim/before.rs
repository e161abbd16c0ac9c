//! Claims made before Tenfold: listed, added up, traced to file and line, and held against those made here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_store::AnyConnection;

use super::look::ClaimLine;
use crate::{
    claims::{
        Claim,
        earlier::{BEFORE_TENFOLD, Before, EarlierClaim},
    },
    duties::{DutyError, Node},
    register::LineId,
    release::selection::surviving,
    store,
};

/// A claim made before Tenfold, in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BeforeLine {
    /// Always `before Tenfold`.
    pub made: &'static str,
    /// The borough's own number of it.
    pub reference: String,
    /// The window, in the borough's words; may be empty.
    pub window: String,
    /// The programme.
    pub programme: String,
    /// The framework.
    pub framework: String,
    /// The family, as the register stands now.
    pub family: String,
    /// The family line.
    pub line: String,
    /// What became of it.
    pub state: String,
    /// progress or employment.
    pub result: String,
    /// The money claimed in pence.
    pub pence: i64,
    /// When it was claimed.
    pub claimed_on: NaiveDate,
    /// The load that says so.
    pub load: i64,
    /// Its file's name.
    pub file: String,
    /// Line in the file.
    pub row: i64,
    /// SHA-256 of the document it rests on, where the source gives one.
    pub sha256: Option<String>,
}

impl BeforeLine {
    pub(in crate::duties) fn of(earlier: &EarlierClaim) -> Self {
        let EarlierClaim { line, family, framework, programme, claim, place } = earlier;
        Self {
            made: BEFORE_TENFOLD,
            reference: claim.reference.clone(),
            window: claim.window.clone(),
            programme: programme.clone(),
            framework: framework.clone(),
            family: family.to_string(),
            line: line.to_string(),
            state: claim.state.to_string(),
            result: claim.kind.as_str().to_owned(),
            pence: claim.pence,
            claimed_on: claim.on,
            load: place.load,
            file: place.file.clone(),
            row: place.line,
            sha256: claim.sha256.clone(),
        }
    }

    /// In one line: number, what became of it, when, and where it stands.
    pub fn in_words(&self) -> String {
        format!(
            "{} {BEFORE_TENFOLD}, {} ({}), {} line {}",
            self.reference, self.state, self.claimed_on, self.file, self.row
        )
    }
}

/// What was claimed before Tenfold in one programme, refused and withdrawn claims apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BeforeTotal {
    /// The programme.
    pub programme: String,
    /// Families attached before Tenfold with a claim of it that stands.
    pub claims: u32,
    /// Their money in pence.
    pub pence: i64,
    /// Claims that were refused or withdrawn: their families can be claimed again.
    pub freed: u32,
}

/// Everything claimed before Tenfold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClaimedBefore {
    /// Families attached before Tenfold.
    pub families: usize,
    /// By programme.
    pub totals: Vec<BeforeTotal>,
    /// The claims, each with its file and line.
    pub claims: Vec<BeforeLine>,
}

/// Everything claimed before Tenfold: totals by programme, and the lines behind them.
///
/// # Errors
/// Where the store fails.
pub fn list(node: &Node) -> Result<ClaimedBefore, DutyError> {
    let before = node.store.read(store::history::before)?;
    let mut totals: BTreeMap<&str, BeforeTotal> = BTreeMap::new();
    for claim in &before.claims {
        let total = totals.entry(&claim.programme).or_insert_with(|| BeforeTotal {
            programme: claim.programme.clone(),
            claims: 0,
            pence: 0,
            freed: 0,
        });
        if claim.claim.state.is_live() {
            total.claims += 1;
            total.pence += claim.claim.pence;
        } else {
            total.freed += 1;
        }
    }
    Ok(ClaimedBefore {
        families: before.attached.len(),
        totals: totals.into_values().collect(),
        claims: before.claims.iter().map(BeforeLine::of).collect(),
    })
}

/// What was claimed for a line before Tenfold, whatever became of it.
pub(in crate::duties) fn of_line(before: &Before, line: &LineId) -> Vec<BeforeLine> {
    before.claims.iter().filter(|claim| &claim.line == line).map(BeforeLine::of).collect()
}

/// A surviving line with more than one live claim in a programme: what a merge after the claims, or history that
/// came after them, brought to light.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoubleCase {
    /// The surviving line.
    pub line: String,
    /// The programme.
    pub programme: String,
    /// Its live claims made here.
    pub claims: Vec<ClaimLine>,
    /// Its live claims made before Tenfold.
    pub before: Vec<BeforeLine>,
}

type Live<'a> = (Vec<&'a Claim>, Vec<&'a EarlierClaim>);

/// Lines claimed twice. Their number never leaves the node.
pub(in crate::duties) fn double_cases(connection: &mut AnyConnection) -> Result<Vec<DoubleCase>, DutyError> {
    let merges = store::register::line_merges(connection)?;
    let windows = store::claims::windows(connection)?;
    let (claims, before) = (store::claims::all(connection)?, store::history::before(connection)?);
    let mut cases: BTreeMap<(LineId, &str), Live<'_>> = BTreeMap::new();
    for earlier in before.claims.iter().filter(|earlier| earlier.claim.state.is_live()) {
        cases.entry((earlier.line.clone(), &earlier.programme)).or_default().1.push(earlier);
    }
    for claim in claims.iter().filter(|claim| claim.state.is_live()) {
        let line = surviving(&claim.line, &merges);
        let case = cases.entry((line.clone(), &claim.programme)).or_default();
        case.0.push(claim);
        // Of another programme by name, and under the same framework: the same result all the same.
        let same =
            before.claims.iter().filter(|e| &e.line == line && e.holds(&claim.programme, &claim.framework));
        for earlier in same {
            if !case.1.contains(&earlier) {
                case.1.push(earlier);
            }
        }
    }
    let double = cases.into_iter().filter(|(_, (claims, before))| claims.len() + before.len() > 1);
    Ok(double
        .map(|((line, programme), (claims, before))| DoubleCase {
            line: line.to_string(),
            programme: programme.to_owned(),
            claims: claims.into_iter().map(|claim| ClaimLine::of(claim, &windows)).collect(),
            before: before.into_iter().map(BeforeLine::of).collect(),
        })
        .collect())
}
