//! Which problems are present, what shows them, and whose they are.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tenfold_common::{
    calendar::minus_months,
    framework::{Framework, Indicator, Problem, Sign},
};

use super::{Case, Evidence, Finding, attendance, joining::is_under};
use crate::register::{CareKind, FamilyFile, HousingKind, IncidentKind, Origin, PersonId, SourceKind};

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
            let first =
                |sign: &Sign| first(file, framework, problem, sign.indicator, since(sign, joined), on);
            let mut evidence: Vec<Evidence> = problem.signs.iter().filter_map(first).collect();
            evidence.sort_unstable();
            let problem = problem.number;
            (!evidence.is_empty()).then_some(Finding { problem, evidence, criteria: Vec::new() })
        })
        .collect();
    findings.sort_by_key(|finding| finding.problem);
    findings
}

/// From when a sign counts.
fn since(sign: &Sign, joined: NaiveDate) -> NaiveDate {
    sign.within_months.map_or(NaiveDate::MIN, |months| minus_months(joined, months))
}

/// The first record by which an indicator shows a problem.
fn first(
    file: &FamilyFile,
    framework: &Framework,
    problem: &Problem,
    indicator: Indicator,
    since: NaiveDate,
    on: NaiveDate,
) -> Option<Evidence> {
    let evidence = |day: NaiveDate, person: &PersonId, origins: Vec<Origin>| Evidence {
        on: day,
        indicator,
        person: person.clone(),
        origins,
    };
    match indicator {
        Indicator::Need => {
            let present =
                file.assessments.iter().filter(|a| a.needs.get(&problem.recorded_as) == Some(&true));
            let dated = present.map(|a| (a.completed.unwrap_or(a.started), &a.child, a.origin));
            let first = dated.filter(|(day, ..)| *day >= since && *day <= on).min();
            first.map(|(day, child, origin)| evidence(day, child, vec![origin]))
        }
        Indicator::Attendance => {
            let below = attendance::below(file, framework, since, on);
            below.into_iter().min().map(|(day, pupil, origins)| evidence(day, pupil, origins))
        }
        _ => {
            let seen = records(file, indicator).filter(|record| record.sure && record.overlaps(since, on));
            let first = seen.map(|record| (record.from, record.person, record.origin)).min();
            first.map(|(day, person, origin)| evidence(day, person, vec![origin]))
        }
    }
}

/// The people whose records show a problem, assessments apart: these speak of the family.
pub(super) fn bearers<'a>(case: &Case<'a>, problem: &Problem) -> BTreeSet<&'a PersonId> {
    let own = |sign: &&Sign| !matches!(sign.indicator, Indicator::Need | Indicator::Attendance);
    let signs = problem.signs.iter().filter(own);
    let of_sign = |sign: &Sign| {
        let (since, on) = (since(sign, case.attached_on), case.on);
        records(case.file, sign.indicator).filter(move |r| r.overlaps(since, on)).map(|r| r.person)
    };
    signs.flat_map(of_sign).collect()
}

/// One record of a person: an event of a day, or a spell that may still go on.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// The first day.
    pub(super) from: NaiveDate,
    /// The last day; `None` while it goes on.
    pub(super) to: Option<NaiveDate>,
    /// Whose it is.
    pub(super) person: &'a PersonId,
    /// Whether it is certain that it is of the kind; what is not counts against progress only.
    pub(super) sure: bool,
    /// The row that says it.
    pub(super) origin: Origin,
}

impl Record<'_> {
    fn overlaps(&self, since: NaiveDate, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| to >= since)
    }

    /// The last day on which it was seen, by a day.
    pub(super) fn last(&self, by: NaiveDate) -> NaiveDate {
        self.to.map_or(by, |to| to.min(by))
    }
}

/// The records behind an indicator that is neither a need nor attendance.
pub(super) fn records<'a>(
    file: &'a FamilyFile,
    indicator: Indicator,
) -> Box<dyn Iterator<Item = Record<'a>> + 'a> {
    let incidents = |kind: IncidentKind| {
        let kind = file.incidents.iter().filter(move |incident| incident.kind == kind);
        kind.map(|i| Record { from: i.on, to: Some(i.on), person: &i.person, sure: true, origin: i.origin })
    };
    let care = |kind: CareKind| {
        let kind = file.care.iter().filter(move |spell| spell.kind == kind);
        kind.map(|c| Record { from: c.from, to: c.to, person: &c.child, sure: true, origin: c.origin })
    };
    let housing = |kind: HousingKind| {
        let kind = file.housing.iter().filter(move |spell| spell.kind == kind);
        kind.map(|h| Record { from: h.from, to: h.to, person: &h.person, sure: true, origin: h.origin })
    };
    match indicator {
        Indicator::Offences => Box::new(incidents(IncidentKind::Offence)),
        Indicator::YouthOffences => Box::new(incidents(IncidentKind::Offence).filter_map(|record| {
            let person = file.members.iter().find(|member| member.id == *record.person);
            match person.and_then(|person| person.birth_date) {
                Some(born) => is_under(born, 18, record.from).then_some(record),
                None => Some(Record { sure: false, ..record }),
            }
        })),
        Indicator::AntiSocialBehaviour => Box::new(incidents(IncidentKind::AntiSocialBehaviour)),
        Indicator::DomesticAbuse => Box::new(incidents(IncidentKind::DomesticAbuse)),
        Indicator::InNeed => Box::new(care(CareKind::InNeed)),
        Indicator::ProtectionPlan => Box::new(care(CareKind::ProtectionPlan)),
        Indicator::LookedAfter => Box::new(care(CareKind::LookedAfter)),
        Indicator::OutOfWorkBenefit => Box::new(file.benefits.iter().map(|spell| Record {
            from: spell.from,
            to: spell.to,
            person: &spell.person,
            sure: true,
            origin: spell.origin,
        })),
        Indicator::RentArrears => Box::new(housing(HousingKind::Arrears)),
        Indicator::PossessionNotice => Box::new(housing(HousingKind::Notice)),
        Indicator::Eviction => Box::new(housing(HousingKind::Eviction)),
        Indicator::Need | Indicator::Attendance | Indicator::Exclusions => Box::new(std::iter::empty()),
    }
}

/// The source whose coverage decides what an indicator's silence means; `None` where no source supplies it.
pub fn source_of(indicator: Indicator) -> Option<SourceKind> {
    Some(match indicator {
        Indicator::Need => SourceKind::EarlyHelp,
        Indicator::Offences
        | Indicator::YouthOffences
        | Indicator::AntiSocialBehaviour
        | Indicator::DomesticAbuse => SourceKind::Police,
        Indicator::Attendance => SourceKind::SchoolSessions,
        Indicator::InNeed | Indicator::ProtectionPlan | Indicator::LookedAfter => SourceKind::SocialCare,
        Indicator::OutOfWorkBenefit => SourceKind::Dwp,
        Indicator::RentArrears | Indicator::PossessionNotice | Indicator::Eviction => SourceKind::Housing,
        Indicator::Exclusions => return None,
    })
}
