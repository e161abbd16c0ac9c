//! Which problems are present, and what shows them.

use chrono::NaiveDate;
use tenfold_common::{
    calendar::minus_months,
    framework::{Framework, Indicator, Sign},
};

use super::{Evidence, Finding, attendance};
use crate::register::{CareKind, FamilyFile, IncidentKind, ProblemNumber, SourceKind};

/// The problems that any sign shows from `within_months` before `joined` until `on`, by rising number.
pub(super) fn findings(
    file: &FamilyFile,
    framework: &Framework,
    joined: NaiveDate,
    on: NaiveDate,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = framework
        .problems
        .iter()
        .filter_map(|problem| {
            let shown = |sign: &Sign| {
                let since = sign.within_months.map_or(NaiveDate::MIN, |months| minus_months(joined, months));
                let first = first_day(file, framework, problem.number, sign.indicator, since, on)?;
                Some(Evidence { on: first, indicator: sign.indicator })
            };
            let mut evidence: Vec<Evidence> = problem.signs.iter().filter_map(shown).collect();
            evidence.sort_unstable();
            (!evidence.is_empty()).then_some(Finding {
                problem: problem.number,
                evidence,
                criteria: Vec::new(),
            })
        })
        .collect();
    findings.sort_by_key(|finding| finding.problem);
    findings
}

fn first_day(
    file: &FamilyFile,
    framework: &Framework,
    problem: ProblemNumber,
    indicator: Indicator,
    since: NaiveDate,
    on: NaiveDate,
) -> Option<NaiveDate> {
    let within = |day: &NaiveDate| *day >= since && *day <= on;
    match indicator {
        Indicator::Need => {
            let present = file.assessments.iter().filter(|a| a.needs.get(&problem) == Some(&true));
            present.map(|a| a.completed.unwrap_or(a.started)).filter(within).min()
        }
        Indicator::Attendance => attendance::first_below(file, framework, since, on),
        _ => match records(file, indicator) {
            Records::Days(days) => days.into_iter().filter(within).min(),
            Records::Spells(spells) => {
                let overlapping =
                    spells.into_iter().filter(|(from, to)| *from <= on && to.is_none_or(|to| to >= since));
                overlapping.map(|(from, _)| from).min()
            }
        },
    }
}

/// The records of a kind: single days, or spells that may still go on.
pub(super) enum Records {
    Days(Vec<NaiveDate>),
    Spells(Vec<(NaiveDate, Option<NaiveDate>)>),
}

/// The records behind an indicator that is neither a need nor attendance.
pub(super) fn records(file: &FamilyFile, indicator: Indicator) -> Records {
    let incidents = |kind: IncidentKind| {
        Records::Days(file.incidents.iter().filter(|i| i.kind == kind).map(|i| i.on).collect())
    };
    let care = |kind: CareKind| {
        Records::Spells(file.care.iter().filter(|c| c.kind == kind).map(|c| (c.from, c.to)).collect())
    };
    match indicator {
        Indicator::Offences => incidents(IncidentKind::Offence),
        Indicator::AntiSocialBehaviour => incidents(IncidentKind::AntiSocialBehaviour),
        Indicator::DomesticAbuse => incidents(IncidentKind::DomesticAbuse),
        Indicator::InNeed => care(CareKind::InNeed),
        Indicator::ProtectionPlan => care(CareKind::ProtectionPlan),
        Indicator::LookedAfter => care(CareKind::LookedAfter),
        Indicator::OutOfWorkBenefit => {
            Records::Spells(file.benefits.iter().map(|spell| (spell.from, spell.to)).collect())
        }
        Indicator::Need | Indicator::Attendance => Records::Days(Vec::new()),
    }
}

/// The source whose coverage decides what an indicator's silence means.
pub(super) fn source_of(indicator: Indicator) -> SourceKind {
    match indicator {
        Indicator::Need => SourceKind::EarlyHelp,
        Indicator::Offences | Indicator::AntiSocialBehaviour | Indicator::DomesticAbuse => SourceKind::Police,
        Indicator::Attendance => SourceKind::SchoolSessions,
        Indicator::InNeed | Indicator::ProtectionPlan | Indicator::LookedAfter => SourceKind::SocialCare,
        Indicator::OutOfWorkBenefit => SourceKind::Dwp,
    }
}
