//! The attendance floor and attendance as progress.

use super::*;

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
fn a_calendar_of_terms_decides_what_is_consecutive() {
    let with = |terms: &str| {
        let text = format!(
            "name = \"north\"\nframework = \"expanded-2015\"\n[attendance.calendar]\nterm = [{terms}]\n\
             source = \"term dates\"\nconfirmed_by = \"admissions\"\nconfirmed_on = 2014-04-01\n"
        );
        let framework = Framework::with_plan(&text).unwrap();
        decide(&reviewed(), &coverage("2015-12-31"), &framework, day("2016-01-20")).attendance.unwrap()
    };
    let (spring, summer, autumn) = (
        "{ from = 2015-01-04, to = 2015-03-30 }",
        "{ from = 2015-04-13, to = 2015-07-21 }",
        "{ from = 2015-09-03, to = 2015-12-18 }",
    );
    assert!(
        with(&[spring, summer, autumn].join(", ")).is_met(),
        "days that differ by one or two do not matter"
    );
    let half_term = "{ from = 2015-07-25, to = 2015-08-20 }";
    let missing = with(&[spring, summer, half_term, autumn].join(", "));
    assert_eq!(missing, Answer::NotKnown(Unknown::NoSessions), "a term of the calendar without sessions");
    assert_eq!(with(&[spring, summer].join(", ")), Answer::NotKnown(Unknown::NoSessions));
}

/// Phase 1 asks for less than 15 per cent of sessions missed without leave; later frameworks count every absence.
#[test]
fn absence_with_leave_counts_where_the_framework_asks_for_all_of_it() {
    let phase_1 = Framework::by_name("phase-1-2012").unwrap();
    let expanded = Framework::by_name("expanded-2015").unwrap();
    assert!(phase_1.attendance.unauthorised_only && !expanded.attendance.unauthorised_only);
    // Of every 100 sessions 20 are missed: 20 less 6 are 14 per cent, 20 less 5 are 15.
    for (authorised, by_phase_1) in [(20, false), (6, false), (5, true), (0, true)] {
        let mut file = reviewed();
        for term in &mut file.sessions {
            (term.absent, term.authorised) = (20, authorised);
        }
        let shows = |framework: &Framework| {
            let found = signs::findings(&file, framework, day("2015-05-11"), day("2016-01-20"));
            let evidence = found.into_iter().flat_map(|finding| finding.evidence);
            evidence.filter(|e| e.indicator == Indicator::Attendance).count() > 0
        };
        assert_eq!((shows(phase_1), shows(expanded)), (by_phase_1, true), "{authorised} with leave");
    }
}
