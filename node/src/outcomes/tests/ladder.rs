//! From below threshold to claimable, with what is missing on each step.

use super::*;

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
fn work_that_ended_by_a_move_or_custody_has_no_result() {
    let closed = |reason: &str, second: bool| {
        let mut file = reviewed();
        file.episodes[0].closed = Some(day("2015-12-20"));
        file.episodes[0].reason = Some(reason.to_owned());
        if second {
            let opened = day("2015-06-01");
            file.episodes.push(Episode { opened, closed: None, reason: None, ..file.episodes[0].clone() });
        }
        on(&file, "2016-01-20").result.is_some()
    };
    assert!(closed("needs-met", false));
    assert!(!closed("moved-away", false));
    assert!(!closed("Custody", false));
    assert!(closed("moved-away", true), "work goes on in another episode");
}

#[test]
fn work_is_closed_once_all_of_it_is_and_a_move_is_no_closure() {
    use crate::outcomes::closed;
    let ending = |reason: Option<&str>, on: &str| {
        let mut file = reviewed();
        file.episodes[0].closed = Some(day("2015-12-20"));
        file.episodes[0].reason = reason.map(str::to_owned);
        closed(&file, day(on))
    };
    for (given, told) in [
        (Some("Needs-met"), Some("needs met")),
        (Some("Progress, not claimable"), Some("progress, not claimable")),
        (Some("Stepped up"), Some("stepped up")),
        (Some("Custody"), Some("other")),
        (Some("  "), Some("not recorded")),
        (None, Some("not recorded")),
        (Some("Moved away"), None),
        (Some("transferred"), None),
    ] {
        assert_eq!(ending(given, "2015-12-20"), told, "{given:?}");
        assert_eq!(ending(given, "2015-12-19"), None, "it goes on that day");
    }
    let mut file = reviewed();
    assert_eq!(closed(&file, day("2016-01-20")), None);
    file.episodes[0].closed = Some(day("2015-12-20"));
    let first = file.episodes[0].clone();
    let second = |closed: Option<&str>, reason: Option<&str>| Episode {
        opened: day("2015-06-01"),
        closed: closed.map(day),
        reason: reason.map(str::to_owned),
        ..first.clone()
    };
    file.episodes.push(second(None, None));
    assert_eq!(closed(&file, day("2016-01-20")), None, "work goes on in another episode");
    file.episodes[1] = second(Some("2015-12-20"), Some("Disengaged"));
    assert_eq!(closed(&file, day("2016-01-20")), Some("disengaged"), "a reason before none");
    file.episodes[1] = second(Some("2015-11-20"), Some("Disengaged"));
    assert_eq!(closed(&file, day("2016-01-20")), Some("not recorded"), "the last closure decides");
    file.episodes.clear();
    assert_eq!(closed(&file, day("2016-01-20")), None, "work that never began");
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

#[test]
fn what_is_missing_and_from_when_in_words() {
    let framework = Framework::shipped();
    let words = |verdict: &Verdict| -> Vec<String> {
        verdict.missing.iter().map(|missing| missing.words(framework)).collect()
    };
    let mut file = family();
    let early = on(&file, "2015-08-01");
    assert_eq!(early.claimable_from(), Some(day("2015-11-11")), "six months after the family joined");
    assert_eq!(
        words(&early)[1..4],
        [
            "Children who need help, none of child protection plans for 6 months: cannot hold before 2015-11-11.",
            "Children who need help, none of children looked after for 6 months: cannot hold before 2015-11-11.",
            "Children who need help, a review after 6 months that finds the need gone: is not known, no completed \
             review records the need as gone.",
        ]
    );
    file.incidents.push(incident("2015-10-15", IncidentKind::DomesticAbuse));
    let set_back = decide(&file, &coverage("2015-12-31"), framework, day("2016-01-10"));
    assert_eq!(set_back.claimable_from(), Some(day("2016-04-16")), "six months after the incident");
    file.incidents[0].on = day("2015-05-01");
    let review_due = on(&file, "2016-01-20");
    assert_eq!(review_due.claimable_from(), Some(day("2016-01-20")), "a review is all that is missing");
    file.sessions[3].absent = 60;
    let absent = on(&file, "2016-01-20");
    assert_eq!(absent.claimable_from(), None, "terms end when they end");
    assert!(
        words(&absent).contains(
            &"The attendance that a claim needs does not hold, a record of 2015-12-18 stands against it."
                .to_owned()
        )
    );
    assert_eq!(on(&reviewed(), "2016-01-20").claimable_from(), Some(day("2016-01-20")));
    assert_eq!(on(&file, "2015-05-10").claimable_from(), None, "nobody is attached");
}

#[test]
fn evidence_names_day_person_kind_and_row_of_record() {
    let mut file = reviewed();
    file.incidents.push(incident("2015-10-15", IncidentKind::DomesticAbuse));
    file.incidents.push(incident("2015-04-15", IncidentKind::DomesticAbuse));
    numbered(&mut file);
    let verdict = on(&file, "2016-01-20");
    let evidence = |on: &str, indicator, who: &str, line: i64| Evidence {
        on: day(on),
        indicator,
        person: id(who),
        origins: vec![Origin { load: 1, line }],
    };
    let abuse = verdict.findings.iter().find(|finding| finding.problem == 5).unwrap();
    assert_eq!(
        abuse.evidence,
        [
            evidence("2015-04-15", Indicator::DomesticAbuse, "carer", 8),
            evidence("2015-05-11", Indicator::Need, "child", 1),
        ]
    );
    assert_eq!(abuse.criteria[0].rests_on, [evidence("2015-10-15", Indicator::DomesticAbuse, "carer", 7)]);
    assert_eq!(abuse.criteria[1].rests_on, [evidence("2015-12-01", Indicator::Need, "child", 2)]);
    assert!(abuse.criteria[1].answer.is_met());
}

#[test]
fn missed_school_names_the_rows_of_all_its_terms_and_of_no_other() {
    let mut file = reviewed();
    for (term, absent) in file.sessions.iter_mut().zip([5, 30, 30, 30]) {
        term.absent = absent;
    }
    numbered(&mut file);
    let verdict = on(&file, "2016-01-20");
    let missed = verdict.findings.iter().find(|finding| finding.problem == 2).unwrap();
    let lines = |evidence: &Evidence| evidence.origins.iter().map(|o| o.line).collect::<Vec<_>>();
    assert_eq!(missed.evidence.iter().map(lines).collect::<Vec<_>>(), [[3, 4, 5]]);
    let attendance = missed.criteria.iter().find(|judged| judged.indicator == Indicator::Attendance).unwrap();
    assert_eq!(attendance.rests_on.iter().map(lines).collect::<Vec<_>>(), [[4, 5, 6]]);
    assert!(matches!(attendance.answer, Answer::NotMet { .. }));
}
