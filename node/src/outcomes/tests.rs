//! Verdicts on literal families: each criterion met, not met, not known.

mod attendance;
mod criteria;
mod employment;
mod guards;
mod ladder;
mod phases;
mod properties;

use tenfold_common::framework::Indicator;

use super::*;
use crate::register::{
    Assessment, AssessmentKind, CareKind, CareSpell, Circumstance, CircumstanceKind, Days, Episode, FamilyId,
    Incident, IncidentKind, LineId, Origin, Person, PersonId, Sex, SourceKind, Spell, TermSessions,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(from: &str, to: &str) -> Days {
    Days { from: day(from), to: day(to) }
}

fn id(text: &str) -> PersonId {
    PersonId(text.to_owned())
}

fn person(name: &str, born: &str) -> Person {
    Person {
        id: id(name),
        given_name: name.to_owned(),
        family_name: "Ashworth".to_owned(),
        birth_date: Some(day(born)),
        sex: Sex::NotKnown,
    }
}

fn assessment(kind: AssessmentKind, completed: &str, needs: &[(u8, bool)]) -> Assessment {
    Assessment {
        child: id("child"),
        kind,
        started: day(completed),
        completed: Some(day(completed)),
        whole_family: Some(true),
        plan_made: Some(day(completed)),
        key_worker_from: Some(day(completed)),
        referral_source: None,
        needs: needs.iter().copied().collect(),
        origin: Origin::default(),
    }
}

fn term(from: &str, to: &str, absent: u32) -> TermSessions {
    TermSessions {
        pupil: id("child"),
        term: days(from, to),
        possible: 100,
        absent,
        authorised: 0,
        origins: Vec::new(),
    }
}

fn incident(on: &str, kind: IncidentKind) -> Incident {
    Incident { person: id("carer"), on: day(on), kind, origin: Origin::default() }
}

fn spell(from: &str, to: Option<&str>) -> Spell {
    Spell { person: id("carer"), from: day(from), to: to.map(day), origin: Origin::default() }
}

/// Attached on 11 May 2015 with needs 3 and 5; good attendance; nothing against it; no review yet.
fn family() -> FamilyFile {
    FamilyFile {
        family: FamilyId("f".to_owned()),
        line: LineId("l".to_owned()),
        members: vec![person("child", "2006-02-03"), person("carer", "1980-07-09")],
        ward: None,
        assessments: vec![assessment(
            AssessmentKind::Initial,
            "2015-05-11",
            &[(3, true), (5, true), (6, false)],
        )],
        sessions: vec![
            term("2014-09-02", "2014-12-19", 5),
            term("2015-01-05", "2015-03-27", 5),
            term("2015-04-13", "2015-07-22", 5),
            term("2015-09-02", "2015-12-18", 5),
        ],
        incidents: Vec::new(),
        benefits: Vec::new(),
        jobs: Vec::new(),
        care: Vec::new(),
        episodes: vec![Episode {
            child: id("child"),
            opened: day("2015-05-01"),
            closed: None,
            reason: None,
            received_from: None,
            origin: Origin::default(),
        }],
        housing: Vec::new(),
        circumstances: Vec::new(),
    }
}

/// Gives every record a line of its own in one load: assessments, sessions, incidents, everything else.
fn numbered(file: &mut FamilyFile) {
    let mut line = 0;
    let mut next = || {
        line += 1;
        Origin { load: 1, line }
    };
    file.assessments.iter_mut().for_each(|record| record.origin = next());
    file.sessions.iter_mut().for_each(|record| record.origins = vec![next()]);
    file.incidents.iter_mut().for_each(|record| record.origin = next());
    file.benefits.iter_mut().chain(&mut file.jobs).for_each(|record| record.origin = next());
    file.care.iter_mut().for_each(|record| record.origin = next());
    file.housing.iter_mut().for_each(|record| record.origin = next());
    file.circumstances.iter_mut().for_each(|record| record.origin = next());
    file.episodes.iter_mut().for_each(|record| record.origin = next());
}

fn reviewed() -> FamilyFile {
    let mut file = family();
    file.assessments.push(assessment(AssessmentKind::Review, "2015-12-01", &[(3, false), (5, false)]));
    file
}

fn coverage(to: &str) -> Coverage {
    use SourceKind::*;
    let sources = [EarlyHelp, SchoolSessions, Police, Dwp, SocialCare, Episodes, Housing];
    Coverage(sources.map(|source| (source, vec![days("2014-04-01", to)])).into())
}

fn on(file: &FamilyFile, on: &str) -> Verdict {
    decide(file, &coverage("2015-12-31"), Framework::shipped(), day(on))
}

fn criterion(verdict: &Verdict, problem: u8, indicator: Indicator) -> Answer {
    let finding = verdict.findings.iter().find(|f| f.problem == problem).unwrap();
    finding.criteria.iter().find(|judged| judged.indicator == indicator).unwrap().answer
}

fn circumstance(who: &str, kind: CircumstanceKind, from: &str, to: Option<&str>) -> Circumstance {
    Circumstance {
        person: id(who),
        kind,
        source: None,
        from: day(from),
        to: to.map(day),
        origin: Origin::default(),
    }
}

fn away(why: Absence, until: Option<&str>) -> Answer {
    Answer::NotKnown(Unknown::Away { why, until: until.map(day) })
}
