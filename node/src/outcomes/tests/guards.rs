//! Silence that is never progress: one literal family for each guard.

use super::*;

/// Abuse known of the carer before the family joined; silence since.
fn abused() -> FamilyFile {
    let mut file = reviewed();
    file.incidents.push(incident("2015-03-01", IncidentKind::DomesticAbuse));
    file
}

/// How the police's silence on domestic abuse stands, and whether there is a result.
fn abuse(change: &dyn Fn(&mut FamilyFile)) -> (Answer, bool) {
    let mut file = abused();
    change(&mut file);
    let verdict = on(&file, "2016-01-20");
    (criterion(&verdict, 5, Indicator::DomesticAbuse), verdict.result.is_some())
}

fn of_carer(
    kind: CircumstanceKind,
    from: &'static str,
    to: Option<&'static str>,
) -> impl Fn(&mut FamilyFile) {
    move |file| file.circumstances.push(circumstance("carer", kind, from, to))
}

const MET: (&str, &str) = ("2015-07-01", "2015-12-31");

#[test]
fn without_any_of_them_there_is_a_result() {
    assert_eq!(abuse(&|_| {}), (Answer::Met(days(MET.0, MET.1)), true));
}

#[test]
fn a_stopped_feed() {
    let mut coverage = coverage("2015-12-31");
    coverage.0.insert(SourceKind::Police, vec![days("2014-04-01", "2015-09-30")]);
    let verdict = decide(&abused(), &coverage, Framework::shipped(), day("2016-01-20"));
    let stopped = Answer::NotKnown(Unknown::Stopped { on: day("2015-09-30") });
    assert_eq!((criterion(&verdict, 5, Indicator::DomesticAbuse), verdict.result), (stopped, None));
}

#[test]
fn moved_away() {
    let kind = CircumstanceKind::MovedAway;
    let gone = |until| (away(Absence::Circumstance(kind), until), false);
    assert_eq!(abuse(&of_carer(kind, "2015-10-01", None)), gone(None));
    assert_eq!(abuse(&of_carer(kind, "2015-06-01", Some("2015-07-01"))), gone(Some("2015-07-01")));
    assert!(abuse(&of_carer(kind, "2015-06-01", Some("2015-06-30"))).1, "back before the window");
    assert!(abuse(&of_carer(kind, "2016-01-21", None)).1, "not known on that day yet");
    let mut somebody_else = abused();
    somebody_else.members.push(person("lodger", "1990-01-01"));
    somebody_else.circumstances.push(circumstance("lodger", kind, "2015-10-01", None));
    assert!(on(&somebody_else, "2016-01-20").result.is_some(), "it was not the lodger's problem");
}

#[test]
fn the_whole_family_moved_away_long_ago() {
    let mut file = reviewed();
    for who in ["carer", "child"] {
        file.circumstances.push(circumstance(who, CircumstanceKind::MovedAway, "2015-06-15", None));
    }
    let verdict = on(&file, "2016-01-20");
    assert_eq!(criterion(&verdict, 5, Indicator::DomesticAbuse), Answer::NoLongerApplies);
    assert_eq!(verdict.result, None);
}

#[test]
fn in_custody() {
    let kind = CircumstanceKind::Custody;
    let held = |until| (away(Absence::Circumstance(kind), until), false);
    assert_eq!(abuse(&of_carer(kind, "2015-10-01", None)), held(None));
    assert_eq!(abuse(&of_carer(kind, "2015-06-01", Some("2015-08-01"))), held(Some("2015-08-01")));
    assert!(abuse(&of_carer(kind, "2015-05-20", Some("2015-06-30"))).1);
    let mut brother = abused();
    brother.members.push(person("brother", "1996-01-01"));
    brother.circumstances.push(circumstance("brother", kind, "2015-10-01", None));
    assert_eq!(on(&brother, "2016-01-20").result, None, "whoever of the family it is");
}

#[test]
fn left_school() {
    let kind = CircumstanceKind::LeftSchool;
    let mut file = reviewed();
    file.assessments[0].needs.insert(2, true);
    assert!(on(&file, "2016-01-20").result.is_some());
    file.circumstances.push(circumstance("child", kind, "2015-12-01", None));
    let verdict = on(&file, "2016-01-20");
    let off_roll = away(Absence::Circumstance(kind), None);
    assert_eq!(criterion(&verdict, 2, Indicator::Attendance), off_roll);
    assert_eq!((verdict.attendance, verdict.result), (Some(off_roll), None));
}

#[test]
fn a_child_that_left_school_age_takes_its_need_along() {
    let mut file = reviewed();
    file.sessions.iter_mut().for_each(|s| s.absent = 5);
    file.members.push(person("sister", "1999-11-01"));
    let absent = |from, to| TermSessions { pupil: id("sister"), ..term(from, to, 40) };
    file.sessions.push(absent("2014-09-02", "2014-12-19"));
    file.sessions.push(absent("2015-01-05", "2015-03-27"));
    file.sessions.push(absent("2015-04-13", "2015-07-22"));
    let verdict = on(&file, "2016-01-20");
    assert_eq!(verdict.problems, [2, 3, 5]);
    assert_eq!(criterion(&verdict, 2, Indicator::Attendance), Answer::NoLongerApplies);
    assert!(verdict.attendance.unwrap().is_met(), "the floor asks about children of school age only");
    assert_eq!(verdict.result, None, "the brother's attendance is not her progress");
}

#[test]
fn in_care() {
    let mut file = reviewed();
    let care = |kind, from: &str, to: Option<&str>| CareSpell {
        child: id("child"),
        kind,
        from: day(from),
        to: to.map(day),
        origin: Origin::default(),
    };
    file.care.push(care(CareKind::InNeed, "2015-01-01", Some("2015-06-01")));
    assert!(on(&file, "2016-01-20").result.is_some(), "stepped down");
    file.care.push(care(CareKind::LookedAfter, "2015-06-02", None));
    let verdict = on(&file, "2016-01-20");
    assert_eq!(criterion(&verdict, 3, Indicator::InNeed), Answer::NoLongerApplies);
    assert_eq!(criterion(&verdict, 3, Indicator::LookedAfter), Answer::NotMet { on: day("2016-01-20") });
    assert_eq!(criterion(&verdict, 3, Indicator::Need), Answer::NoLongerApplies);
    assert_eq!(verdict.result, None);
}

#[test]
fn adopted() {
    let mut file = reviewed();
    file.care.push(CareSpell {
        child: id("child"),
        kind: CareKind::ProtectionPlan,
        from: day("2015-01-01"),
        to: Some(day("2015-06-01")),
        origin: Origin::default(),
    });
    assert!(on(&file, "2016-01-20").result.is_some());
    file.circumstances.push(circumstance("child", CircumstanceKind::Adopted, "2015-06-02", None));
    let verdict = on(&file, "2016-01-20");
    assert_eq!(criterion(&verdict, 3, Indicator::ProtectionPlan), Answer::NoLongerApplies);
    assert_eq!(verdict.result, None);
    file.circumstances[0].from = day("2015-05-01");
    assert_eq!(
        on(&file, "2016-01-20").missing,
        [Missing::DependentChild],
        "no member when the family joined"
    );
}

#[test]
fn dead() {
    let kind = CircumstanceKind::Died;
    assert_eq!(abuse(&of_carer(kind, "2015-10-01", None)), (Answer::NoLongerApplies, false));
    assert_eq!(abuse(&of_carer(kind, "2015-06-01", None)), (Answer::NoLongerApplies, false));
    let mut grandmother = abused();
    grandmother.members.push(person("grandmother", "1940-01-01"));
    grandmother.circumstances.push(circumstance("grandmother", kind, "2015-10-01", None));
    assert!(on(&grandmother, "2016-01-20").result.is_some(), "it was not her problem");
}

#[test]
fn not_traced_counts_for_the_source_that_was_asked() {
    let asked = |source| {
        move |file: &mut FamilyFile| {
            let mut not_found = circumstance("carer", CircumstanceKind::NotTraced, "2015-09-01", None);
            not_found.source = source;
            file.circumstances.push(not_found);
        }
    };
    let unknown = (away(Absence::Circumstance(CircumstanceKind::NotTraced), None), false);
    assert_eq!(abuse(&asked(Some(SourceKind::Police))), unknown);
    assert_eq!(abuse(&asked(None)), unknown);
    assert!(abuse(&asked(Some(SourceKind::Dwp))).1, "another source was asked");
}

#[test]
fn a_family_member_who_starts_a_problem() {
    let mut file = reviewed();
    file.members.push(person("brother", "2000-01-01"));
    assert!(on(&file, "2015-12-31").missing.iter().all(|m| matches!(m, Missing::AttendanceFloor(_))));
    file.members[2].birth_date = Some(day("1998-01-01"));
    assert!(on(&file, "2016-01-20").result.is_some());
    file.incidents.push(Incident {
        person: id("brother"),
        on: day("2015-12-10"),
        kind: IncidentKind::AntiSocialBehaviour,
        origin: Origin::default(),
    });
    let verdict = on(&file, "2016-01-20");
    assert_eq!((verdict.problems, verdict.result), (vec![1, 3, 5], None));
    assert_eq!(verdict.status, Status::InProgress, "what was reached on the other problems stays");
}

#[test]
fn a_child_never_reviewed_keeps_its_need() {
    let mut file = reviewed();
    file.members.push(person("sister", "2012-06-01"));
    file.assessments.push(Assessment {
        child: id("sister"),
        ..assessment(AssessmentKind::Initial, "2015-05-11", &[(5, true)])
    });
    let verdict = on(&file, "2016-01-20");
    assert_eq!(criterion(&verdict, 5, Indicator::Need), Answer::NotKnown(Unknown::NoReview));
    assert_eq!(verdict.result, None, "her brother's review does not speak of her");
}

#[test]
fn a_rise_in_needs_after_assessment_is_not_failure() {
    let mut file = reviewed();
    file.assessments.push(assessment(
        AssessmentKind::Review,
        "2015-07-01",
        &[(3, true), (5, true), (6, true)],
    ));
    let risen = on(&file, "2015-08-01");
    assert_eq!((risen.status, risen.attached_on), (Status::Attached, Some(day("2015-05-11"))));
    assert_eq!(risen.problems, [3, 5, 6]);
    assert!(risen.missing.iter().all(|m| !matches!(m, Missing::Ended { .. })));
    assert_eq!(on(&file, "2016-01-20").result, None, "the new need is not looked back on yet");
    file.assessments[1].needs.insert(6, false);
    let later = on(&file, "2016-01-20");
    assert_eq!(later.result, Some(FamilyResult { kind: ResultKind::Progress, problems: vec![3, 5, 6] }));
}

#[test]
fn what_no_longer_applies_makes_no_result() {
    let mut file = reviewed();
    file.assessments[0].needs = [(1, false), (2, true), (3, false), (5, false)].into();
    file.care.push(CareSpell {
        child: id("child"),
        kind: CareKind::InNeed,
        from: day("2015-01-01"),
        to: None,
        origin: Origin::default(),
    });
    file.members[0].birth_date = Some(day("1999-12-01"));
    let verdict = on(&file, "2016-01-20");
    assert_eq!(verdict.problems, [2, 3]);
    assert_eq!(verdict.attendance, Some(Answer::NoLongerApplies));
    assert_eq!(criterion(&verdict, 2, Indicator::Attendance), Answer::NoLongerApplies);
    assert_eq!(verdict.result, None);
    assert_eq!(verdict.claimable_from(), None);
}

#[test]
fn a_job_says_nothing_of_an_adult_who_is_not_there() {
    use CircumstanceKind::*;
    let mut file = family();
    file.benefits.push(spell("2013-01-01", Some("2015-06-30")));
    file.jobs.push(spell("2015-07-03", None));
    assert!(on(&file, "2016-01-20").result.is_some());
    for kind in [MovedAway, Custody, Adopted, Died, NotTraced] {
        let mut file = file.clone();
        file.circumstances.push(circumstance("carer", kind, "2015-11-01", None));
        let verdict = on(&file, "2016-01-20");
        let answer = verdict.employment.unwrap();
        assert!(matches!(answer, Answer::NotKnown(_) | Answer::NoLongerApplies), "{kind:?}: {answer:?}");
        assert_eq!(verdict.result, None, "{kind:?}");
    }
}

#[test]
fn a_member_without_a_birth_date_may_be_a_pupil() {
    let mut file = reviewed();
    file.members.push(Person { birth_date: None, ..person("somebody", "2000-01-01") });
    let verdict = on(&file, "2016-01-20");
    assert_eq!((verdict.attendance, verdict.result), (Some(Answer::NotKnown(Unknown::NoBirthDate)), None));
    file.jobs.push(Spell {
        person: id("somebody"),
        from: day("2014-01-01"),
        to: None,
        origin: Origin::default(),
    });
    assert!(on(&file, "2016-01-20").result.is_some(), "who has a job is taken for an adult");
}
