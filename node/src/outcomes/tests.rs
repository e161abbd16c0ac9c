//! Verdicts on literal families: each criterion met, not met, not known.

use proptest::prelude::*;

use super::*;
use crate::register::{
    Assessment, AssessmentKind, CareKind, CareSpell, Episode, FamilyId, Incident, IncidentKind, LineId,
    Person, PersonId, Sex, SourceKind, Spell, TermSessions,
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
        needs: needs.iter().copied().collect(),
    }
}

fn term(from: &str, to: &str, absent: u32) -> TermSessions {
    TermSessions { pupil: id("child"), term: days(from, to), possible: 100, absent }
}

fn incident(on: &str, kind: IncidentKind) -> Incident {
    Incident { person: id("carer"), on: day(on), kind }
}

fn spell(from: &str, to: Option<&str>) -> Spell {
    Spell { person: id("carer"), from: day(from), to: to.map(day) }
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
            opened: day("2015-05-01"),
            closed: None,
            reason: None,
            received_from: None,
        }],
        housing: Vec::new(),
        circumstances: Vec::new(),
    }
}

fn reviewed() -> FamilyFile {
    let mut file = family();
    file.assessments.push(assessment(AssessmentKind::Review, "2015-12-01", &[(3, false), (5, false)]));
    file
}

fn coverage(to: &str) -> Coverage {
    use SourceKind::*;
    let sources = [EarlyHelp, SchoolSessions, Police, Dwp, SocialCare, Episodes];
    Coverage(sources.map(|source| (source, vec![days("2014-04-01", to)])).into())
}

fn on(file: &FamilyFile, on: &str) -> Verdict {
    decide(file, &coverage("2015-12-31"), Framework::shipped(), day(on))
}

fn criterion(verdict: &Verdict, problem: u8, indicator: Indicator) -> Answer {
    let finding = verdict.findings.iter().find(|f| f.problem == problem).unwrap();
    finding.criteria.iter().find(|judged| judged.indicator == indicator).unwrap().answer
}

#[test]
fn the_ladder_from_below_threshold_to_claimable() {
    let mut file = reviewed();
    let early = on(&file, "2015-05-10");
    assert_eq!((early.status, early.attached_on), (Status::BelowThreshold, None));
    assert_eq!(early.missing[0], Missing::Problems { present: 0, needed: 2 });

    let attached = on(&file, "2015-05-11");
    assert_eq!((attached.status, attached.attached_on), (Status::Attached, Some(day("2015-05-11"))));
    assert_eq!(attached.problems, [3, 5]);

    let claimable = on(&file, "2016-01-20");
    assert_eq!(claimable.status, Status::Claimable);
    assert_eq!(claimable.result, Some(FamilyResult { kind: ResultKind::Progress, problems: vec![3, 5] }));
    assert_eq!(claimable.missing, []);

    file.assessments[1].needs.remove(&5);
    let half = on(&file, "2016-01-20");
    assert_eq!((half.status, &half.result), (Status::InProgress, &None));
    let answer = Answer::NotKnown(Unknown::NoReview);
    assert!(half.missing.contains(&Missing::Progress { problem: 5, indicator: Indicator::Need, answer }));
}

#[test]
fn attached_needs_assessment_plan_key_worker_and_a_dependent_child() {
    let spoil = |change: fn(&mut FamilyFile)| {
        let mut file = family();
        change(&mut file);
        let verdict = on(&file, "2016-01-20");
        assert!(!verdict.is_attached());
        (verdict.status, verdict.missing)
    };
    use Status::{BelowThreshold, Eligible};
    let not_whole = spoil(|f| f.assessments[0].whole_family = None);
    assert_eq!(not_whole, (Eligible, vec![Missing::WholeFamilyAssessment]));
    assert_eq!(spoil(|f| f.assessments[0].plan_made = None), (Eligible, vec![Missing::Plan]));
    assert_eq!(spoil(|f| f.assessments[0].key_worker_from = None), (Eligible, vec![Missing::KeyWorker]));
    let grown = spoil(|f| f.members[0].birth_date = Some(day("1994-01-01")));
    assert_eq!(grown, (BelowThreshold, vec![Missing::DependentChild]));
    let received = spoil(|f| f.episodes[0].received_from = "E08000001".parse().ok());
    assert_eq!(received, (Eligible, vec![Missing::ReceivedFrom("E08000001".parse().unwrap())]));
}

#[test]
fn attached_from_the_day_the_second_problem_is_known() {
    let mut file = family();
    file.assessments[0].needs.remove(&5);
    assert_eq!(on(&file, "2016-01-20").status, Status::BelowThreshold);
    file.incidents.push(incident("2015-06-30", IncidentKind::DomesticAbuse));
    assert_eq!(on(&file, "2016-01-20").attached_on, Some(day("2015-06-30")));
    assert_eq!(on(&file, "2015-06-29").status, Status::BelowThreshold);
}

#[test]
fn records_show_problems_within_their_months() {
    let problems = |change: &dyn Fn(&mut FamilyFile)| {
        let mut file = family();
        change(&mut file);
        on(&file, "2016-01-20").problems
    };
    assert_eq!(problems(&|f| f.incidents.push(incident("2014-05-11", IncidentKind::Offence))), [1, 3, 5]);
    assert_eq!(problems(&|f| f.incidents.push(incident("2014-05-10", IncidentKind::Offence))), [3, 5]);
    let antisocial = IncidentKind::AntiSocialBehaviour;
    assert_eq!(problems(&|f| f.incidents.push(incident("2015-12-10", antisocial))), [1, 3, 5]);
    assert_eq!(problems(&|f| f.benefits.push(spell("2010-01-01", None))), [3, 4, 5]);
    assert_eq!(problems(&|f| f.benefits.push(spell("2010-01-01", Some("2014-01-01")))), [3, 5]);
    assert_eq!(problems(&|f| f.sessions.iter_mut().for_each(|s| s.absent = 15)), [2, 3, 5]);
    let care = |kind| CareSpell { child: id("child"), kind, from: day("2015-01-01"), to: None };
    let plan = |f: &mut FamilyFile| {
        f.assessments[0].needs.insert(3, false);
        f.care.push(care(CareKind::ProtectionPlan));
    };
    assert_eq!(problems(&plan), [3, 5]);
}

#[test]
fn silence_is_progress_only_where_the_source_covers_the_window() {
    let file = reviewed();
    let answer = |coverage: &Coverage, on: &str| {
        criterion(&decide(&file, coverage, Framework::shipped(), day(on)), 5, Indicator::DomesticAbuse)
    };
    let whole = coverage("2015-12-31");
    assert_eq!(answer(&whole, "2016-01-20"), Answer::Met(days("2015-07-01", "2015-12-31")));
    assert_eq!(answer(&whole, "2015-08-01"), Answer::NotYet { from: day("2015-11-11") });
    assert_eq!(
        answer(&whole, "2016-04-20"),
        Answer::NotKnown(Unknown::Stopped { on: day("2015-12-31") }),
        "a feed that stopped says nothing"
    );
    let mut gap = whole.clone();
    gap.0
        .insert(SourceKind::Police, vec![days("2014-04-01", "2015-08-01"), days("2015-08-03", "2015-12-31")]);
    assert_eq!(answer(&gap, "2016-01-20"), Answer::NotKnown(Unknown::NotCovered));
    gap.0.remove(&SourceKind::Police);
    assert_eq!(answer(&gap, "2016-01-20"), Answer::NotKnown(Unknown::NotCovered));
}

#[test]
fn each_kind_of_record_stands_against_progress() {
    let result = |change: &dyn Fn(&mut FamilyFile)| {
        let mut file = reviewed();
        // All six problems, each with its review.
        file.assessments[0].needs.extend([(1, true), (2, true), (4, true), (6, true)]);
        file.assessments[1].needs.extend([(1, false), (4, false), (6, false)]);
        change(&mut file);
        let verdict = on(&file, "2016-01-20");
        let open = |m: &Missing| matches!(m, Missing::Progress { .. });
        let open: Vec<Missing> = verdict.missing.iter().filter(|m| open(m)).cloned().collect();
        assert_eq!(verdict.result.is_some(), open.is_empty());
        open
    };
    let not_met = |problem, indicator, on: &str| {
        vec![Missing::Progress { problem, indicator, answer: Answer::NotMet { on: day(on) } }]
    };
    assert_eq!(result(&|_| {}), []);
    let offence = result(&|f| f.incidents.push(incident("2015-07-01", IncidentKind::Offence)));
    assert_eq!(offence, not_met(1, Indicator::Offences, "2015-07-01"));
    assert_eq!(result(&|f| f.incidents.push(incident("2015-06-30", IncidentKind::Offence))), []);
    let abuse = result(&|f| f.incidents.push(incident("2016-01-02", IncidentKind::DomesticAbuse)));
    assert_eq!(abuse, not_met(5, Indicator::DomesticAbuse, "2016-01-02"));
    let benefit = result(&|f| f.benefits.push(spell("2012-01-01", Some("2015-07-01"))));
    assert_eq!(benefit, not_met(4, Indicator::OutOfWorkBenefit, "2015-07-01"));
    assert_eq!(result(&|f| f.benefits.push(spell("2012-01-01", Some("2015-06-30")))), []);
    let care = |kind, to: Option<&str>| {
        let (child, from) = (id("child"), day("2015-01-01"));
        CareSpell { child, kind, from, to: to.map(day) }
    };
    let in_care = result(&|f| f.care.push(care(CareKind::LookedAfter, None)));
    assert_eq!(in_care, not_met(3, Indicator::LookedAfter, "2016-01-20"));
    assert_eq!(result(&|f| f.care.push(care(CareKind::InNeed, Some("2015-06-30")))), []);
    let again = result(&|f| {
        f.assessments.push(assessment(AssessmentKind::Review, "2016-01-10", &[(6, true)]));
    });
    assert_eq!(again, not_met(6, Indicator::Need, "2016-01-10"));
}

#[test]
fn the_attendance_floor_holds_for_every_child_of_school_age() {
    let floor = |change: &dyn Fn(&mut FamilyFile)| {
        let mut file = reviewed();
        change(&mut file);
        let verdict = on(&file, "2016-01-20");
        let missing = verdict.missing.iter().any(|m| matches!(m, Missing::AttendanceFloor(_)));
        let attendance = verdict.attendance.unwrap();
        assert_eq!((missing, verdict.result.is_some()), (!attendance.is_met(), attendance.is_met()));
        attendance
    };
    assert_eq!(floor(&|_| {}), Answer::Met(days("2015-01-05", "2015-12-18")));
    let absent = |each: u32| move |f: &mut FamilyFile| f.sessions.iter_mut().for_each(|s| s.absent = each);
    assert_eq!(floor(&absent(9)), Answer::Met(days("2015-01-05", "2015-12-18")));
    assert_eq!(floor(&absent(10)), Answer::NotMet { on: day("2015-12-18") }, "90 per cent is not above 90");
    let not_known = Answer::NotKnown(Unknown::NoSessions);
    assert_eq!(floor(&|f| drop(f.sessions.remove(2))), not_known, "a term is missing between two others");
    let stopped = Answer::NotKnown(Unknown::Stopped { on: day("2015-07-22") });
    assert_eq!(floor(&|f| drop(f.sessions.remove(3))), stopped);
    assert_eq!(floor(&|f| f.members.push(person("sister", "2008-01-01"))), not_known);
    assert_eq!(floor(&|f| f.members.push(person("baby", "2014-01-01"))), floor(&|_| {}));
    assert_eq!(floor(&|f| f.members.push(person("grown", "1999-12-01"))), floor(&|_| {}));

    let mut summer = family();
    summer.sessions.iter_mut().for_each(|s| s.absent = 12);
    let judged = |file: &FamilyFile, to: &str, on: &str| {
        decide(file, &coverage(to), Framework::shipped(), day(on)).attendance.unwrap()
    };
    let terms = days("2014-09-02", "2015-07-22");
    assert_eq!(
        judged(&summer, "2015-07-31", "2015-08-20"),
        Answer::Met(terms),
        "85 per cent before September"
    );

    let mut nobody = reviewed();
    nobody.members[0].birth_date = Some(day("2013-05-01"));
    nobody.sessions.clear();
    let verdict = on(&nobody, "2016-01-20");
    assert_eq!(verdict.attendance, Some(Answer::NoLongerApplies));
    assert_eq!(verdict.status, Status::Claimable, "no child of school age, so no floor");
}

#[test]
fn leaving_school_is_not_progress_on_attendance() {
    let mut file = reviewed();
    file.assessments[0].needs.insert(2, true);
    file.members[0].birth_date = Some(day("1999-11-01"));
    let verdict = on(&file, "2016-01-20");
    assert_eq!(criterion(&verdict, 2, Indicator::Attendance), Answer::NoLongerApplies);
    assert_eq!(verdict.result, None);
}

#[test]
fn employment_counts_weeks_off_benefit() {
    let answer = |change: &dyn Fn(&mut FamilyFile)| {
        let mut file = family();
        file.benefits.push(spell("2013-01-01", Some("2015-06-30")));
        change(&mut file);
        on(&file, "2016-01-20")
    };
    let met = answer(&|f| f.jobs.push(spell("2015-07-03", None)));
    assert_eq!(met.employment, Some(Answer::Met(days("2015-07-03", "2015-12-31"))));
    assert_eq!(met.result, Some(FamilyResult { kind: ResultKind::Employment, problems: vec![] }));
    let short = answer(&|f| f.jobs.push(spell("2015-07-04", None)));
    assert_eq!(short.employment, Some(Answer::NotYet { from: day("2016-01-01") }));
    let gap = answer(&|f| {
        f.jobs.push(spell("2015-10-01", None));
        f.jobs.push(spell("2015-07-01", Some("2015-09-28")));
    });
    assert_eq!(gap.employment, Some(Answer::Met(days("2015-07-01", "2015-12-31"))), "a break of two days");
    let twice = answer(&|f| f.jobs.extend([spell("2015-09-01", None), spell("2015-10-01", None)]));
    assert!(matches!(twice.employment, Some(Answer::NotYet { .. })), "two jobs at once count once");
    let still = answer(&|f| {
        f.jobs.push(spell("2015-07-01", None));
        f.benefits.push(spell("2015-11-01", None));
    });
    assert_eq!(still.employment, Some(Answer::NotMet { on: day("2016-01-20") }));
    let never = answer(&|f| {
        f.benefits.clear();
        f.jobs.push(spell("2015-06-01", None));
    });
    assert_eq!(never.employment, Some(Answer::NoLongerApplies), "nobody was out of work");
}

#[test]
fn work_that_ended_by_a_move_or_custody_has_no_result() {
    let closed = |reason: &str, second: bool| {
        let mut file = reviewed();
        file.episodes[0].closed = Some(day("2015-12-20"));
        file.episodes[0].reason = Some(reason.to_owned());
        if second {
            let opened = day("2015-06-01");
            file.episodes.push(Episode { opened, closed: None, reason: None, received_from: None });
        }
        on(&file, "2016-01-20").result.is_some()
    };
    assert!(closed("needs-met", false));
    assert!(!closed("moved-away", false));
    assert!(!closed("Custody", false));
    assert!(closed("moved-away", true), "work goes on in another episode");
}

#[test]
fn later_records_are_not_seen() {
    let mut file = reviewed();
    let before = on(&file, "2015-11-30");
    file.incidents.push(incident("2015-12-01", IncidentKind::Offence));
    file.sessions[3].absent = 50;
    assert_eq!(on(&file, "2015-11-30"), before);
    assert_ne!(on(&file, "2016-01-20").problems, before.problems);
}

proptest! {
    #[test]
    fn the_order_of_records_does_not_matter(seed in any::<u64>(), at in 0_u64..900) {
        let mut file = reviewed();
        file.members.push(person("sister", "2008-01-01"));
        file.members.push(person("brother", "2009-01-01"));
        file.incidents = (1..=9).map(|n| incident(&format!("2015-0{n}-01"), if n % 2 == 0 {
            IncidentKind::Offence
        } else {
            IncidentKind::DomesticAbuse
        })).collect();
        file.benefits = vec![spell("2014-01-01", Some("2015-01-01")), spell("2015-03-01", Some("2015-06-30"))];
        file.jobs = vec![spell("2015-07-01", Some("2015-09-01")), spell("2015-09-02", None)];
        let day = day("2014-06-01") + chrono::Days::new(at);
        let verdict = |file: &FamilyFile| decide(file, &coverage("2015-12-31"), Framework::shipped(), day);
        let expected = verdict(&file);
        let turn = |len: usize| (seed as usize) % len;
        let (a, b, c, d) = (turn(4), turn(2), turn(4), turn(9));
        file.members.rotate_left(a);
        file.assessments.rotate_left(b);
        file.sessions.rotate_left(c);
        file.incidents.rotate_left(d);
        if seed % 2 == 0 {
            file.benefits.reverse();
            file.jobs.reverse();
            file.incidents.reverse();
            file.members.reverse();
        }
        prop_assert_eq!(verdict(&file), expected);
    }
}

#[test]
fn a_hundred_thousand_families_take_seconds() {
    let (file, coverage) = (reviewed(), coverage("2015-12-31"));
    let begun = std::time::Instant::now();
    let decided = (0..10_000)
        .filter(|_| decide(&file, &coverage, Framework::shipped(), day("2016-01-20")).result.is_some())
        .count();
    assert_eq!(decided, 10_000);
    let each_hundred_thousand = begun.elapsed() * 10;
    println!("a hundred thousand verdicts would take {each_hundred_thousand:?}");
    assert!(each_hundred_thousand.as_secs() < 5, "{each_hundred_thousand:?}");
}
