//! One literal test for each criterion: met, not met, not known.

use std::collections::BTreeMap;

use tenfold_common::framework::Framework;

use super::*;
use crate::register::{
    CareKind, CareSpell, Episode, FamilyId, Incident, LineId, Person, PersonId, Sex, SourceKind, Spell,
    TermSessions,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(from: &str, to: &str) -> Days {
    Days { from: day(from), to: day(to) }
}

fn person(id: &str, born: &str) -> Person {
    Person {
        id: PersonId(id.into()),
        given_name: "Given".into(),
        family_name: "Family".into(),
        birth_date: Some(day(born)),
        sex: Sex::NotKnown,
    }
}

fn term(pupil: &str, from: &str, to: &str, absent: u32) -> TermSessions {
    TermSessions { pupil: PersonId(pupil.into()), term: days(from, to), possible: 100, absent }
}

fn assessment(kind: AssessmentKind, on: &str, needs: &[(u8, bool)]) -> Assessment {
    Assessment {
        child: PersonId("child".into()),
        kind,
        started: day(on),
        completed: Some(day(on)),
        whole_family: Some(true),
        plan_made: Some(day(on)),
        key_worker_from: Some(day(on)),
        needs: needs.iter().copied().collect::<BTreeMap<_, _>>(),
    }
}

/// A family assessed on 1 May 2015 with these problems, of one pupil and one carer, attending well.
fn family(problems: &[u8]) -> FamilyFile {
    let needs: Vec<(u8, bool)> = problems.iter().map(|&number| (number, true)).collect();
    FamilyFile {
        family: FamilyId("F1".into()),
        line: LineId("L1".into()),
        members: vec![person("child", "2006-01-01"), person("carer", "1980-01-01")],
        ward: None,
        assessments: vec![assessment(AssessmentKind::Initial, "2015-05-01", &needs)],
        sessions: vec![
            term("child", "2015-09-07", "2015-12-18", 5),
            term("child", "2016-01-05", "2016-03-24", 5),
            term("child", "2016-04-11", "2016-07-20", 5),
        ],
        incidents: vec![],
        benefits: vec![],
        jobs: vec![],
        care: vec![],
        episodes: vec![],
    }
}

fn covered() -> Coverage {
    let all = [SourceKind::Police, SourceKind::Dwp, SourceKind::SocialCare, SourceKind::SchoolSessions];
    Coverage(all.into_iter().map(|kind| (kind, vec![days("2015-04-01", "2016-09-30")])).collect())
}

fn on_day(file: &FamilyFile, coverage: &Coverage, on: &str) -> Verdict {
    decide(file, coverage, &Framework::shipped(), day(on))
}

fn verdict(file: &FamilyFile) -> Verdict {
    on_day(file, &covered(), "2016-10-20")
}

#[test]
fn two_problems_and_a_child_are_eligible_and_attached_once_all_is_recorded() {
    assert_eq!(verdict(&family(&[1])).standing, Standing::BelowThreshold);
    assert!(verdict(&family(&[1, 5])).is_attached());
    let mut grown = family(&[1, 5]);
    grown.members[0] = person("child", "1999-01-01");
    assert_eq!(verdict(&grown).standing, Standing::BelowThreshold);
    let mut no_plan = family(&[1, 5]);
    no_plan.assessments[0].plan_made = None;
    assert_eq!(verdict(&no_plan).standing, Standing::Eligible);
    assert_eq!(verdict(&no_plan).missing, ["a plan"]);
    let mut later = family(&[1, 5]);
    later.assessments[0].key_worker_from = Some(day("2017-01-01"));
    assert_eq!(verdict(&later).missing, ["a named key worker"]);
}

#[test]
fn a_family_received_from_another_borough_is_not_attached_here() {
    let mut file = family(&[1, 5]);
    file.episodes.push(Episode {
        opened: day("2015-05-01"),
        closed: None,
        reason: None,
        received_from: Some("E08000002".parse().unwrap()),
    });
    assert_eq!(verdict(&file).standing, Standing::Received);
    assert_eq!(verdict(&file).result, None);
}

#[test]
fn indicators_make_a_problem_present_without_an_assessors_word() {
    let mut file = family(&[1]);
    file.benefits.push(Spell { person: PersonId("carer".into()), from: day("2014-01-01"), to: None });
    assert_eq!(verdict(&file).problem_numbers(), [1, 4]);
    file.benefits[0].to = Some(day("2014-04-01"));
    assert_eq!(verdict(&file).problem_numbers(), [1]);
}

#[test]
fn silence_is_progress_only_where_the_source_covers_the_window() {
    let file = family(&[1, 5]);
    assert_eq!(verdict(&file).result, Some(ResultKind::Progress));
    let mut stopped = covered();
    stopped.0.insert(SourceKind::Police, vec![days("2015-04-01", "2016-05-31")]);
    let told = on_day(&file, &stopped, "2016-10-20");
    assert_eq!(told.result, None);
    assert!(matches!(told.problems[0].progress, Answer::NotKnown { .. }));
    let mut gap = covered();
    gap.0.insert(SourceKind::Police, vec![days("2015-04-01", "2016-06-29"), days("2016-07-01", "2016-09-30")]);
    assert!(matches!(on_day(&file, &gap, "2016-10-20").problems[0].progress, Answer::NotKnown { .. }));
}

#[test]
fn an_incident_inside_the_window_is_no_progress_and_one_before_it_is() {
    let mut file = family(&[1, 5]);
    let incident = |on: &str, kind| Incident { person: PersonId("child".into()), on: day(on), kind };
    file.incidents = vec![incident("2016-03-31", IncidentKind::Offence)];
    assert_eq!(verdict(&file).result, Some(ResultKind::Progress));
    file.incidents = vec![incident("2016-04-01", IncidentKind::Offence)];
    assert!(matches!(verdict(&file).problems[0].progress, Answer::NotMet { .. }));
    assert!(verdict(&file).problems[1].progress.is_met());
    file.incidents = vec![incident("2016-09-30", IncidentKind::DomesticAbuse)];
    assert_eq!(verdict(&file).progressed(), [1]);
}

#[test]
fn a_window_that_began_before_the_assessment_is_not_yet_over() {
    let mut file = family(&[1, 5]);
    file.assessments[0].completed = Some(day("2016-06-01"));
    let told = verdict(&file);
    assert_eq!(told.problems[0].progress, Answer::NotYet { from: day("2016-12-01") });
}

#[test]
fn social_care_and_benefits_must_have_ended_before_the_window() {
    let mut file = family(&[3, 4]);
    let care = |to: Option<&str>| CareSpell {
        child: PersonId("child".into()),
        kind: CareKind::InNeed,
        from: day("2015-01-01"),
        to: to.map(day),
    };
    let benefit = |to: Option<&str>| Spell {
        person: PersonId("carer".into()),
        from: day("2014-01-01"),
        to: to.map(day),
    };
    file.care = vec![care(Some("2016-03-31"))];
    file.benefits = vec![benefit(Some("2016-03-31"))];
    assert_eq!(verdict(&file).result, Some(ResultKind::Progress));
    file.care = vec![care(Some("2016-04-01"))];
    assert_eq!(verdict(&file).progressed(), [4]);
    file.care = vec![care(None)];
    file.benefits = vec![benefit(None)];
    assert_eq!(verdict(&file).progressed(), Vec::<u8>::new());
}

#[test]
fn health_needs_a_review_late_enough_that_finds_the_need_met() {
    let mut file = family(&[5, 6]);
    assert!(matches!(verdict(&file).problems[1].progress, Answer::NotKnown { .. }));
    file.assessments.push(assessment(AssessmentKind::Review, "2015-10-31", &[(6, false)]));
    assert!(matches!(verdict(&file).problems[1].progress, Answer::NotKnown { .. }), "too early a review");
    file.assessments.push(assessment(AssessmentKind::Review, "2015-11-01", &[(6, false)]));
    assert_eq!(verdict(&file).result, Some(ResultKind::Progress));
    file.assessments.push(assessment(AssessmentKind::Review, "2016-02-01", &[(6, true)]));
    assert!(matches!(verdict(&file).problems[1].progress, Answer::NotMet { .. }));
}

#[test]
fn the_attendance_floor_holds_for_every_pupil_and_every_claim() {
    let mut file = family(&[1, 5]);
    file.sessions[2].absent = 20;
    assert!(verdict(&file).attendance.is_met(), "30 of 300 missed is 90 %");
    file.sessions[2].absent = 21;
    assert!(matches!(verdict(&file).attendance, Answer::NotMet { .. }));
    assert_eq!(verdict(&file).result, None);
    file.sessions.pop();
    assert!(matches!(verdict(&file).attendance, Answer::NotKnown { .. }), "two terms only");
    let mut second = family(&[1, 5]);
    second.members.push(person("other child", "2007-01-01"));
    assert!(matches!(verdict(&second).attendance, Answer::NotKnown { .. }), "a pupil without sessions");
    second.members[2] = person("other child", "2013-01-01");
    assert!(verdict(&second).attendance.is_met(), "a child below school age");
    let mut stale = family(&[1, 5]);
    stale.sessions.iter_mut().for_each(|sessions| {
        sessions.term.from = sessions.term.from - chrono::Days::new(180);
        sessions.term.to = sessions.term.to - chrono::Days::new(180);
    });
    assert!(matches!(verdict(&stale).attendance, Answer::NotKnown { .. }), "a feed that stopped");
}

#[test]
fn continuous_employment_is_the_other_route_and_needs_the_floor_too() {
    let mut file = family(&[4, 6]);
    file.benefits = vec![Spell { person: PersonId("carer".into()), from: day("2014-01-01"), to: Some(day("2016-03-31")) }];
    file.jobs = vec![Spell { person: PersonId("carer".into()), from: day("2016-04-01"), to: None }];
    let told = verdict(&file);
    assert_eq!(told.result, Some(ResultKind::Employment));
    assert_eq!(told.progressed(), [4]);
    file.jobs[0].from = day("2016-04-03");
    assert_eq!(verdict(&file).result, None, "a day short of 26 weeks to 30 September");
    file.jobs[0].from = day("2016-04-02");
    assert_eq!(verdict(&file).result, Some(ResultKind::Employment));
    file.jobs[0].to = Some(day("2016-09-29"));
    assert_eq!(verdict(&file).result, None, "the job ended");
    file.jobs[0].to = None;
    file.sessions[0].absent = 60;
    assert_eq!(verdict(&file).result, None, "the floor");
    let mut never = family(&[4, 6]);
    never.jobs = vec![Spell { person: PersonId("carer".into()), from: day("2010-01-01"), to: None }];
    assert_eq!(verdict(&never).result, None, "never out of work");
}

#[test]
fn the_order_of_records_does_not_matter() {
    let mut file = family(&[1, 5, 6]);
    file.assessments.push(assessment(AssessmentKind::Review, "2016-02-01", &[(6, false)]));
    file.assessments.push(assessment(AssessmentKind::Review, "2016-02-01", &[(6, true)]));
    let told = verdict(&file);
    file.assessments.reverse();
    file.sessions.reverse();
    file.members.reverse();
    assert_eq!(verdict(&file), told);
}
