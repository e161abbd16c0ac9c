//! Literal tables for the other frameworks, and for plans over them.

use super::*;
use crate::register::{HousingKind, HousingSpell};

fn phase_1() -> &'static Framework {
    Framework::by_name("phase-1-2012").unwrap()
}

fn whole() -> Coverage {
    use SourceKind::*;
    let sources = [EarlyHelp, SchoolSessions, Police, Dwp, SocialCare, Episodes, Housing];
    Coverage(sources.map(|source| (source, vec![days("2011-04-01", "2014-06-30")])).into())
}

fn event(who: &str, on: &str, kind: IncidentKind) -> Incident {
    Incident { person: id(who), on: day(on), kind, origin: Origin::default() }
}

/// In phase 1 since 1 October 2012 with crime, education and work; a youth of fifteen.
fn early() -> FamilyFile {
    let mut file = family();
    file.members = vec![person("youth", "1999-02-03"), person("carer", "1975-07-09")];
    file.assessments.clear();
    file.episodes[0].opened = day("2012-10-01");
    file.benefits = vec![spell("2010-01-01", None)];
    let pupil = |from, to, absent| TermSessions { pupil: id("youth"), ..term(from, to, absent) };
    file.sessions = vec![
        pupil("2011-09-05", "2011-12-20", 30),
        pupil("2012-01-04", "2012-03-30", 30),
        pupil("2012-04-16", "2012-07-20", 30),
        pupil("2013-09-04", "2013-12-20", 5),
        pupil("2014-01-06", "2014-04-04", 5),
        pupil("2014-04-22", "2014-06-27", 5),
    ];
    file.incidents = vec![event("carer", "2012-06-01", IncidentKind::AntiSocialBehaviour)];
    file
}

fn judged(file: &FamilyFile, problem: u8, indicator: Indicator) -> Answer {
    criterion(&decide(file, &whole(), phase_1(), day("2014-07-10")), problem, indicator)
}

#[test]
fn phase_1_takes_three_of_four() {
    let decide = |file: &FamilyFile| decide(file, &whole(), phase_1(), day("2014-07-10"));
    let verdict = decide(&early());
    assert_eq!((verdict.problems.clone(), verdict.status), (vec![1, 2, 3], Status::Attached));
    assert_eq!(verdict.attached_on, Some(day("2012-10-01")), "the day on which work began");
    let mut two = early();
    two.benefits.clear();
    let below = decide(&two);
    assert_eq!(below.missing, [Missing::Problems { present: 2, needed: 3 }]);
    assert_eq!(below.missing[0].words(phase_1()), "3 headline problems are needed, 2 shown.");
    let mut no_work = early();
    no_work.episodes.clear();
    assert!(decide(&no_work).missing.contains(&Missing::Work));
}

#[test]
fn anti_social_behaviour_is_down_by_sixty_per_cent_at_least() {
    // The window is January to June 2014, the one before July to December 2013.
    let down = |before: usize, now: usize| {
        let mut file = early();
        let kind = IncidentKind::AntiSocialBehaviour;
        file.incidents.extend((0..before).map(|n| event("carer", &format!("2013-07-{:02}", n + 1), kind)));
        file.incidents.extend((0..now).map(|n| event("carer", &format!("2014-06-{:02}", n + 1), kind)));
        judged(&file, 1, Indicator::AntiSocialBehaviour)
    };
    let met = Answer::Met(days("2014-01-01", "2014-06-30"));
    assert_eq!(down(5, 2), met, "exactly sixty per cent");
    assert_eq!(down(5, 1), met);
    assert_eq!(down(5, 3), Answer::NotMet { on: day("2014-06-03") }, "forty per cent");
    assert_eq!(down(10, 4), met);
    assert_eq!(down(10, 5), Answer::NotMet { on: day("2014-06-05") });
    assert_eq!(down(1, 0), met);
    assert_eq!(down(1, 1), Answer::NotMet { on: day("2014-06-01") });
    assert_eq!(down(0, 0), Answer::NothingToReduce);
    assert_eq!(down(0, 1), Answer::NotMet { on: day("2014-06-01") });
}

#[test]
fn the_two_windows_meet_without_gap_or_overlap() {
    let kind = IncidentKind::AntiSocialBehaviour;
    let at = |on: &[&str]| {
        let mut file = early();
        file.incidents.extend(on.iter().map(|on| event("carer", on, kind)));
        judged(&file, 1, Indicator::AntiSocialBehaviour)
    };
    let met = Answer::Met(days("2014-01-01", "2014-06-30"));
    assert_eq!(at(&["2013-12-31"]), met, "the last day of the window before");
    assert_eq!(at(&["2014-01-01"]), Answer::NotMet { on: day("2014-01-01") }, "the first day of the window");
    assert_eq!(at(&["2013-07-01"]), met, "the first day of the window before");
    assert_eq!(at(&["2013-06-30"]), Answer::NothingToReduce, "the day before that");
    assert_eq!(at(&["2013-12-31", "2014-07-05"]), Answer::NotMet { on: day("2014-07-05") }, "known since");
    let mut gap = whole();
    gap.0
        .insert(SourceKind::Police, vec![days("2011-04-01", "2013-08-01"), days("2013-08-03", "2014-06-30")]);
    let mut file = early();
    file.incidents.push(event("carer", "2013-12-31", kind));
    let verdict = decide(&file, &gap, phase_1(), day("2014-07-10"));
    let answer = criterion(&verdict, 1, Indicator::AntiSocialBehaviour);
    assert_eq!(
        answer,
        Answer::NotKnown(Unknown::NotCovered),
        "a gap in the window before hides how much there was"
    );
}

#[test]
fn offences_by_minors_are_down_by_a_third() {
    let offence = IncidentKind::Offence;
    let down = |before: usize, now: usize, change: &dyn Fn(&mut FamilyFile)| {
        let mut file = early();
        file.incidents.extend((0..before).map(|n| event("youth", &format!("2013-08-{:02}", n + 1), offence)));
        file.incidents.extend((0..now).map(|n| event("youth", &format!("2014-05-{:02}", n + 1), offence)));
        change(&mut file);
        judged(&file, 1, Indicator::YouthOffences)
    };
    let met = Answer::Met(days("2014-01-01", "2014-06-30"));
    assert_eq!(down(3, 2, &|_| {}), met, "33.3 per cent");
    assert_eq!(down(2, 1, &|_| {}), met);
    assert_eq!(down(100 / 4, 17, &|_| {}), Answer::NotMet { on: day("2014-05-17") }, "32 per cent");
    assert_eq!(down(4, 3, &|_| {}), Answer::NotMet { on: day("2014-05-03") });
    let grown = |f: &mut FamilyFile| f.members[0].birth_date = Some(day("1996-01-01"));
    assert_eq!(down(3, 3, &grown), Answer::NotMet { on: day("2014-05-03") }, "coming of age is no reduction");
    let adult = |f: &mut FamilyFile| f.incidents.push(event("carer", "2014-05-01", offence));
    assert_eq!(down(3, 2, &adult), met, "an adult's offence is not a minor's");
    let ageless = |f: &mut FamilyFile| f.members[0].birth_date = None;
    assert_eq!(
        down(3, 0, &ageless),
        Answer::NothingToReduce,
        "without a birth date nobody was surely a minor"
    );
    assert_eq!(down(3, 1, &ageless), Answer::NotMet { on: day("2014-05-01") }, "and perhaps is one now");
}

/// A plan measures exclusions by what schools say at the review, so that a progress result can be had.
const PLAN: &str = r#"
name = "north"
framework = "phase-1-2012"
[[problem]]
number = 2
[[problem.progress]]
indicator = "attendance"
comparison = "above-floor"
window_terms = 3
source = "the framework's own"
confirmed_by = "board"
confirmed_on = 2012-09-01
"#;

#[test]
fn a_phase_1_progress_result_is_on_crime_and_education_only() {
    let mut file = early();
    file.incidents.push(event("carer", "2013-09-01", IncidentKind::AntiSocialBehaviour));
    let verdict =
        |file: &FamilyFile, framework: &Framework| decide(file, &whole(), framework, day("2014-07-10"));
    let shipped = verdict(&file, phase_1());
    let exclusions = Answer::NotKnown(Unknown::NotSupplied);
    assert_eq!(criterion(&shipped, 2, Indicator::Exclusions), exclusions, "no source supplies them");
    assert_eq!((shipped.status, &shipped.result), (Status::InProgress, &None));
    assert_eq!(shipped.claimable_from(), None);

    let plan = Framework::with_plan(PLAN).unwrap();
    let with_plan = verdict(&file, &plan);
    let progress = FamilyResult { kind: ResultKind::Progress, problems: vec![1, 2] };
    assert_eq!(with_plan.result, Some(progress), "work is not asked about, the benefit goes on");
    file.sessions[5].absent = 35;
    let absent = verdict(&file, &plan);
    assert_eq!(criterion(&absent, 2, Indicator::Attendance), Answer::NotMet { on: day("2014-06-27") });
    assert_eq!(absent.result, None);
    let at = |absent: u32| {
        let mut file = file.clone();
        file.sessions[3..].iter_mut().for_each(|s| s.absent = absent);
        criterion(&verdict(&file, &plan), 2, Indicator::Attendance).is_met()
    };
    assert_eq!((at(14), at(15)), (true, false), "less than fifteen per cent");
}

#[test]
fn phase_1_employment_stands_instead_and_needs_no_attendance() {
    let mut file = early();
    file.benefits[0].to = Some(day("2014-03-30"));
    let job = |from: &str| {
        let mut file = file.clone();
        file.jobs.push(spell(from, None));
        decide(&file, &whole(), phase_1(), day("2014-07-10"))
    };
    let thirteen = job("2014-04-01");
    assert_eq!(thirteen.employment, Some(Answer::Met(days("2014-04-01", "2014-06-30"))), "91 days");
    assert_eq!(thirteen.result.map(|result| result.kind), Some(ResultKind::Employment));
    assert_eq!(job("2014-04-02").employment, Some(Answer::NotYet { from: day("2014-07-01") }));
    file.sessions.clear();
    file.incidents.push(event("youth", "2012-05-01", IncidentKind::Offence));
    file.jobs.push(spell("2014-04-01", None));
    let plan = Framework::with_plan(&PLAN.replace("number = 2\n", "number = 4\n[[problem.sign]]\n\
        indicator = \"out-of-work-benefit\"\nsource = \"ours\"\nconfirmed_by = \"board\"\nconfirmed_on = 2012-09-01\n"));
    let verdict = decide(&file, &whole(), &plan.unwrap(), day("2014-07-10"));
    assert_eq!(verdict.problems, [1, 3, 4], "the plan's own filter");
    assert_eq!(
        verdict.result.map(|result| result.kind),
        Some(ResultKind::Employment),
        "without any sessions"
    );
}

#[test]
fn an_empty_slot_never_yields_a_result() {
    let framework = Framework::by_name("supporting-families-2022").unwrap();
    let mut file = reviewed();
    file.assessments[0].needs = (1..=10).map(|need| (need, true)).collect();
    file.assessments[1].needs = (1..=10).map(|need| (need, false)).collect();
    file.incidents.push(incident("2015-03-01", IncidentKind::DomesticAbuse));
    let verdict = decide(&file, &coverage("2015-12-31"), framework, day("2016-01-20"));
    assert_eq!((verdict.status, verdict.problems), (Status::BelowThreshold, vec![]));
    assert_eq!(verdict.missing[0], Missing::Problems { present: 0, needed: 3 });

    // Signs alone: the families are eligible and attached, and still nothing says what progress is.
    let sign = |number: u8, indicator: &str| {
        format!(
            "[[problem]]\nnumber = {number}\n[[problem.sign]]\nindicator = \"{indicator}\"\nsource = \"ours\"\n\
             confirmed_by = \"board\"\nconfirmed_on = 2022-09-01\n"
        )
    };
    let plan = "name = \"north\"\nframework = \"supporting-families-2022\"\n".to_owned()
        + &[sign(5, "need"), sign(6, "need"), sign(8, "domestic-abuse")].concat();
    let framework = Framework::with_plan(&plan).unwrap();
    let verdict = decide(&file, &coverage("2015-12-31"), &framework, day("2016-01-20"));
    assert_eq!((verdict.status, verdict.result.clone()), (Status::Attached, None));
    let slots: Vec<Missing> = [5, 6, 8].map(|problem| Missing::EmptySlot { problem }).to_vec();
    assert_eq!(verdict.missing, slots);
    assert_eq!(verdict.claimable_from(), None);
    assert_eq!(
        verdict.missing[2].words(&framework),
        "Safe from domestic abuse: the framework does not say what counts as progress; the outcomes plan has to."
    );
}

#[test]
fn supporting_families_counts_needs_and_not_headlines() {
    let measure = |indicator: &str| {
        format!(
            "[[problem.sign]]\nindicator = \"{indicator}\"\nwithin_months = 6\nsource = \"ours\"\n\
             confirmed_by = \"board\"\nconfirmed_on = 2014-09-01\n[[problem.progress]]\n\
             indicator = \"{indicator}\"\ncomparison = \"none-in-window\"\nwindow_months = 6\nsource = \"ours\"\n\
             confirmed_by = \"board\"\nconfirmed_on = 2014-09-01\n"
        )
    };
    let housing = ["rent-arrears", "possession-notice", "eviction"].map(measure).concat();
    let plan = format!(
        "name = \"north\"\nframework = \"supporting-families-2022\"\n[[problem]]\nnumber = 9\n{housing}"
    );
    let framework = Framework::with_plan(&plan).unwrap();
    let mut file = reviewed();
    let trouble = |kind, from: &str, to: Option<&str>| HousingSpell {
        person: id("carer"),
        kind,
        from: day(from),
        to: to.map(day),
        origin: Origin::default(),
    };
    file.housing = vec![
        trouble(HousingKind::Arrears, "2015-01-01", Some("2015-06-30")),
        trouble(HousingKind::Notice, "2015-03-01", Some("2015-04-01")),
    ];
    let decide = |file: &FamilyFile| decide(file, &coverage("2015-12-31"), &framework, day("2016-01-20"));
    assert_eq!(decide(&file).missing, [Missing::Problems { present: 2, needed: 3 }]);
    assert_eq!(decide(&file).missing[0].words(&framework), "3 needs are needed, 2 shown.");
    file.housing.push(trouble(HousingKind::Eviction, "2015-05-01", Some("2015-05-01")));
    let verdict = decide(&file);
    assert_eq!(verdict.problems, [9], "three needs under one headline");
    assert_eq!(verdict.result.map(|result| result.problems), Some(vec![9]));
    for at in 0..3 {
        let mut late = file.clone();
        late.housing[at].to = Some(day("2015-07-01"));
        let indicator = [Indicator::RentArrears, Indicator::PossessionNotice, Indicator::Eviction][at];
        let verdict = decide(&late);
        assert_eq!(criterion(&verdict, 9, indicator), Answer::NotMet { on: day("2015-07-01") });
        assert_eq!(verdict.result, None);
    }
}

#[test]
fn the_renamed_programme_reads_the_needs_of_the_old_list() {
    let renamed = Framework::by_name("expanded-2020").unwrap();
    let mut file = reviewed();
    file.assessments[0].needs = [(1, true), (4, true)].into();
    let problems =
        |framework: &Framework| decide(&file, &coverage("2015-12-31"), framework, day("2016-01-20")).problems;
    assert_eq!((problems(Framework::shipped()), problems(renamed)), (vec![1, 4], vec![1, 4]));
    file.assessments[0].needs = [(1, true), (3, true)].into();
    let problems =
        |framework: &Framework| decide(&file, &coverage("2015-12-31"), framework, day("2016-01-20")).problems;
    assert_eq!((problems(Framework::shipped()), problems(renamed)), (vec![1, 3], vec![3, 4]));
}

#[test]
fn a_change_of_rules_names_the_families_it_alters() {
    let plan = |months: u32| {
        let text = format!(
            "name = \"north\"\nframework = \"expanded-2015\"\n[[problem]]\nnumber = 5\n[[problem.progress]]\n\
             indicator = \"domestic-abuse\"\ncomparison = \"none-in-window\"\nwindow_months = {months}\n\
             source = \"ours\"\nconfirmed_by = \"board\"\nconfirmed_on = 2015-04-01\n"
        );
        Framework::with_plan(&text).unwrap()
    };
    let mut altered = reviewed();
    altered.incidents.push(incident("2015-09-15", IncidentKind::DomesticAbuse));
    altered.family = FamilyId("altered".to_owned());
    let files = [reviewed(), altered];
    let compare = |after: &Framework| {
        differences(&files, &coverage("2015-12-31"), Framework::shipped(), after, day("2016-01-20"))
    };
    assert_eq!(compare(&plan(6)), [], "the review is not asked, which alters nothing here");
    let shorter = compare(&plan(3));
    assert_eq!(shorter.len(), 1);
    assert_eq!(
        (&shorter[0].family.0[..], shorter[0].before, shorter[0].after),
        ("altered", Status::InProgress, Status::Claimable)
    );
    assert_eq!(
        shorter[0].why,
        [
            "expanded-2015: Domestic abuse, none of domestic-abuse incidents for 6 months: does not hold, a record \
             of 2015-09-15 stands against it.",
            "expanded-2015: Nobody who was on an out-of-work benefit at the start has a job.",
            "expanded-2015+north: A result by significant and sustained progress.",
        ]
    );
}

/// Supporting Families counts a family that expects a child; the frameworks before it do not.
#[test]
fn a_family_that_expects_a_child_has_one_where_the_framework_says_so() {
    let child_of = |name: &str, from: Option<&str>, due: Option<&str>| {
        let mut file = family();
        file.members.remove(0);
        file.sessions.clear();
        file.assessments[0].child = id("carer");
        file.circumstances = from
            .map(|from| circumstance("carer", CircumstanceKind::Expecting, from, due))
            .into_iter()
            .collect();
        let framework = Framework::by_name(name).unwrap();
        decide(&file, &coverage("2015-12-31"), framework, day("2015-09-01")).joining.dependent_child
    };
    let later = "supporting-families-2022";
    assert!(child_of(later, Some("2015-04-01"), Some("2015-10-15")));
    assert!(child_of(later, Some("2015-04-01"), None));
    assert!(!child_of(later, None, None));
    assert!(!child_of(later, Some("2015-01-01"), Some("2015-05-10")), "due before the family joined");
    assert!(!child_of(later, Some("2015-09-02"), None), "not known yet");
    assert!(!child_of("expanded-2015", Some("2015-04-01"), None));
}
