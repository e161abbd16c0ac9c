//! Shows verdicts and what a change of rules would alter. Changes nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use serde::Serialize;
use tenfold_common::framework::{Framework, FrameworkFaults};

use super::{DutyError, Node};
use crate::{
    outcomes::{self, Answer, Difference, Evidence, Verdict},
    register::{
        FamilyFile, FamilyId, Origin,
        origin::{FileNames, places},
    },
    store,
};

/// Why a verdict cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum VerdictError {
    /// No such family.
    #[error(
        "there is no family {family} in this node, expected a number such as F12; it may be merged into another"
    )]
    NoFamily {
        /// What was asked for.
        family: FamilyId,
    },
    /// No framework holds on the day.
    #[error(
        "no framework that ships holds on {on}, expected a day from 2012-04-01 to 2025-03-31 or a framework named"
    )]
    NoFramework {
        /// The day.
        on: NaiveDate,
    },
    /// The name is that of no framework, and no file is there.
    #[error("{name} is neither a framework that ships ({known}) nor a file")]
    NotThere {
        /// What was given.
        name: String,
        /// The shipped names.
        known: String,
    },
    /// The file is no framework and no plan.
    #[error("{path}: {faults}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        faults: FrameworkFaults,
    },
    /// The node's store or file failed.
    #[error(transparent)]
    Duty(#[from] DutyError),
}

/// Reads a framework, or a plan over a shipped one, from a file.
///
/// # Errors
/// Where the file cannot be read, or anything in it is wrong.
pub fn read(path: &Path) -> Result<Framework, VerdictError> {
    let text =
        fs::read_to_string(path).map_err(|source| DutyError::File { path: path.to_owned(), source })?;
    Framework::or_plan_from_toml(&text)
        .map_err(|faults| VerdictError::Refused { path: path.to_owned(), faults })
}

/// A shipped framework by its name, or one from a file.
///
/// # Errors
/// Where it is neither.
pub fn named(name: &str) -> Result<Framework, VerdictError> {
    if let Some(framework) = Framework::by_name(name) {
        return Ok(framework.clone());
    }
    if Path::new(name).is_file() {
        return read(Path::new(name));
    }
    let known: Vec<&str> = Framework::all().iter().map(|framework| framework.name.as_str()).collect();
    Err(VerdictError::NotThere { name: name.to_owned(), known: known.join(", ") })
}

/// The rules of a day: the borough's plan where one is set and its framework holds, else the shipped framework.
///
/// # Errors
/// Where the plan is refused or nothing holds on the day.
pub fn of_the_day(plan: Option<&Path>, on: NaiveDate) -> Result<Framework, VerdictError> {
    let plan = plan.map(read).transpose()?;
    let shipped = Framework::in_force(on);
    let fits = |plan: &Framework| shipped.is_some_and(|shipped| shipped.name == plan.base_name());
    let shipped = || shipped.cloned().ok_or(VerdictError::NoFramework { on });
    plan.filter(fits).map_or_else(shipped, Ok)
}

/// One family's verdict on a day under a framework.
///
/// # Errors
/// Where the family is not there or the store fails.
pub fn show(
    node: &Node,
    family: &FamilyId,
    framework: &Framework,
    on: NaiveDate,
) -> Result<Verdict, VerdictError> {
    let found = node.store.read(|connection| -> Result<_, DutyError> {
        let coverage = store::register::coverage(connection)?;
        let mut found = None;
        store::register::families(connection, |file| {
            if file.family == *family {
                found = Some(outcomes::decide(&file, &coverage, framework, on));
            }
        })?;
        Ok(found)
    })?;
    found.ok_or_else(|| VerdictError::NoFamily { family: family.clone() })
}

/// The names of all files that were loaded, by their loads' numbers.
///
/// # Errors
/// Where the store fails.
pub fn files(node: &Node) -> Result<FileNames, VerdictError> {
    let loads = node.store.read(|connection| Ok::<_, DutyError>(store::claims::loads(connection)?))?;
    Ok(loads.into_iter().map(|(load, _, file, _)| (load, file)).collect())
}

/// The families whose verdict differs between two frameworks on a day.
///
/// # Errors
/// Where the store fails.
pub fn compare(
    node: &Node,
    before: &Framework,
    after: &Framework,
    on: NaiveDate,
) -> Result<Vec<Difference>, VerdictError> {
    Ok(node.store.read(|connection| -> Result<_, DutyError> {
        let coverage = store::register::coverage(connection)?;
        let mut all = Vec::new();
        let mut each = |file: FamilyFile| {
            all.extend(outcomes::differences([&file], &coverage, before, after, on));
        };
        store::register::families(connection, &mut each)?;
        Ok(all)
    })?)
}

/// A verdict for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictReport {
    /// The family.
    pub family: String,
    /// The day.
    pub on: NaiveDate,
    /// The framework, with the plan over it.
    pub framework: String,
    /// How far the family has come.
    pub status: &'static str,
    /// From when it is attached.
    pub attached_on: Option<NaiveDate>,
    /// The kind of its result.
    pub result: Option<&'static str>,
    /// From when it could be claimable, where the records let one say.
    pub claimable_from: Option<NaiveDate>,
    /// The problems present.
    pub problems: Vec<ProblemReport>,
    /// The attendance floor.
    pub attendance: Option<String>,
    /// Continuous employment.
    pub employment: Option<String>,
    /// What is missing, as sentences.
    pub missing: Vec<String>,
    /// How many rules of the framework nobody has confirmed yet.
    pub unconfirmed_rules: usize,
}

/// One problem of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProblemReport {
    /// Its number.
    pub number: u8,
    /// Its label.
    pub label: String,
    /// The records that show it.
    pub shown_by: Vec<RecordReport>,
    /// Its criteria.
    pub progress: Vec<CriterionReport>,
}

/// A record that something rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordReport {
    /// The day.
    pub on: NaiveDate,
    /// The kind of record.
    pub record: &'static str,
    /// Whose it is.
    pub person: String,
    /// The rows that say it.
    pub origins: Vec<Origin>,
    /// Their files and lines.
    pub place: String,
}

/// One criterion of a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CriterionReport {
    /// The kind of record.
    pub record: &'static str,
    /// Whether it is met.
    pub met: bool,
    /// How it stands, in words.
    pub stands: String,
    /// The records it rests on.
    pub rests_on: Vec<RecordReport>,
}

impl VerdictReport {
    /// A family's verdict under a framework; `files` are those of the loads.
    pub fn of(family: &FamilyId, verdict: &Verdict, framework: &Framework, files: &FileNames) -> Self {
        let records = |evidence: &[Evidence]| -> Vec<RecordReport> {
            let record = |e: &Evidence| RecordReport {
                on: e.on,
                record: e.indicator.as_str(),
                person: e.person.to_string(),
                origins: e.origins.clone(),
                place: places(e.origins.iter().copied(), files),
            };
            evidence.iter().map(record).collect()
        };
        let problem = |finding: &outcomes::Finding| ProblemReport {
            number: finding.problem,
            label: framework.problem(finding.problem).map(|p| p.label.clone()).unwrap_or_default(),
            shown_by: records(&finding.evidence),
            progress: finding
                .criteria
                .iter()
                .map(|judged| CriterionReport {
                    record: judged.indicator.as_str(),
                    met: judged.answer.is_met(),
                    stands: judged.answer.words(),
                    rests_on: records(&judged.rests_on),
                })
                .collect(),
        };
        Self {
            family: family.to_string(),
            on: verdict.on,
            framework: framework.name.clone(),
            status: verdict.status.words(),
            attached_on: verdict.attached_on,
            result: verdict.result.as_ref().map(|result| result.kind.as_str()),
            claimable_from: verdict.claimable_from(),
            problems: verdict.findings.iter().map(problem).collect(),
            attendance: verdict.attendance.map(|answer| match answer {
                Answer::NoLongerApplies => "asks nothing: no child of the family is of school age".to_owned(),
                answer => answer.words(),
            }),
            employment: verdict.employment.map(Answer::words),
            missing: verdict.missing.iter().map(|missing| missing.words(framework)).collect(),
            unconfirmed_rules: framework.unconfirmed().len(),
        }
    }
}
