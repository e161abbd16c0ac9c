//! What holds for every family: order, need, adverse events, the unknown.

use std::sync::LazyLock;

use proptest::{prelude::*, strategy::ValueTree};

use super::*;
use crate::register::{HousingKind, HousingSpell};

const PEOPLE: [&str; 4] = ["child", "carer", "youth", "brother"];

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0_u64..1000).prop_map(|days| day("2014-01-01") + chrono::Days::new(days))
}

fn any_spell() -> impl Strategy<Value = (PersonId, NaiveDate, Option<NaiveDate>)> {
    (0..PEOPLE.len(), any_day(), prop::option::of(0_u64..300)).prop_map(|(who, from, length)| {
        (id(PEOPLE[who]), from, length.map(|days| from + chrono::Days::new(days)))
    })
}

fn any_kind<T: Copy + std::fmt::Debug>(all: &'static [T]) -> impl Strategy<Value = T> {
    (0..all.len()).prop_map(|at| all[at])
}

fn any_assessment() -> impl Strategy<Value = Assessment> {
    let flags = (any::<bool>(), prop::option::weighted(0.9, any::<bool>()), any::<bool>(), 0..PEOPLE.len());
    let needs = prop::collection::btree_map(1_u8..=6, any::<bool>(), 0..6);
    (any_day(), flags, needs).prop_map(|(on, (review, whole, dated, who), needs)| {
        let kind = if review { AssessmentKind::Review } else { AssessmentKind::Initial };
        let dates = dated.then_some(on);
        Assessment {
            child: id(PEOPLE[who]),
            kind,
            started: on,
            completed: Some(on),
            whole_family: whole,
            plan_made: dates,
            key_worker_from: dates,
            referral_source: None,
            needs,
            origin: Origin::default(),
        }
    })
}

prop_compose! {
    /// A family near the edge of a result: the reviewed one with anything added.
    fn any_family()(
        assessments in prop::collection::vec(any_assessment(), 0..3),
        incidents in prop::collection::vec((0..PEOPLE.len(), any_day(), any_kind(IncidentKind::ALL)), 0..3),
        benefits in prop::collection::vec(any_spell(), 0..2),
        jobs in prop::collection::vec(any_spell(), 0..2),
        care in prop::collection::vec((any_spell(), any_kind(CareKind::ALL)), 0..2),
        housing in prop::collection::vec((any_spell(), any_kind(HousingKind::ALL)), 0..2),
        away in prop::collection::vec((any_spell(), any_kind(CircumstanceKind::ALL)), 0..2),
        absent in prop::collection::vec(0_u32..15, 4),
        (youth, brother) in (any::<bool>(), any::<bool>()),
    ) -> FamilyFile {
        let mut file = reviewed();
        if youth {
            file.members.push(person("youth", "1999-01-15"));
        }
        if brother {
            file.members.push(person("brother", "1990-01-15"));
        }
        file.assessments.extend(assessments);
        let incidents = incidents.into_iter();
        let incidents = incidents.map(|(who, on, kind)| Incident { person: id(PEOPLE[who]), on, kind, origin: Origin::default() });
        file.incidents.extend(incidents);
        let spell = |(person, from, to)| Spell { person, from, to, origin: Origin::default() };
        file.benefits.extend(benefits.into_iter().map(spell));
        file.jobs.extend(jobs.into_iter().map(spell));
        let care = care.into_iter();
        file.care.extend(care.map(|((child, from, to), kind)| CareSpell { child, kind, from, to, origin: Origin::default() }));
        let trouble = |((person, from, to), kind)| HousingSpell { person, kind, from, to, origin: Origin::default() };
        file.housing.extend(housing.into_iter().map(trouble));
        file.circumstances.extend(away.into_iter().map(|((person, from, to), kind)| Circumstance {
            person, kind, source: None, from, to, origin: Origin::default(),
        }));
        file.sessions.iter_mut().zip(absent).for_each(|(s, absent)| s.absent = absent);
        numbered(&mut file);
        file
    }
}

/// Every framework, and one whose slots a plan fills with what housing and police say.
static FRAMEWORKS: LazyLock<Vec<Framework>> = LazyLock::new(|| {
    let measure = |number: u8, indicator: &str, comparison: &str| {
        format!(
            "[[problem]]\nnumber = {number}\n[[problem.sign]]\nindicator = \"{indicator}\"\nwithin_months = 12\n\
             source = \"ours\"\nconfirmed_by = \"board\"\nconfirmed_on = 2014-09-01\n[[problem.progress]]\n\
             indicator = \"{indicator}\"\ncomparison = \"{comparison}\"\nwindow_months = 6\nsource = \"ours\"\n\
             confirmed_by = \"board\"\nconfirmed_on = 2014-09-01\n"
        )
    };
    let need = "absent-at-review";
    let filled = [
        measure(3, "need", need),
        measure(5, "need", need),
        measure(8, "domestic-abuse", "fewer-than").replace("window_months", "threshold = 2\nwindow_months"),
        measure(9, "rent-arrears", "none-in-window"),
    ];
    let plan = "name = \"north\"\nframework = \"supporting-families-2022\"\n".to_owned() + &filled.concat();
    let mut all = Framework::all().to_vec();
    all.push(Framework::with_plan(&plan).unwrap());
    all
});

fn verdicts(file: &FamilyFile, day: NaiveDate) -> Vec<Verdict> {
    FRAMEWORKS.iter().map(|framework| decide(file, &coverage("2016-06-30"), framework, day)).collect()
}

proptest! {
    #[test]
    fn the_order_of_records_never_matters(file in any_family(), seed in any::<usize>(), day in any_day()) {
        let expected = verdicts(&file, day);
        let mut turned = file;
        fn turn<T>(all: &mut [T], seed: usize) {
            if !all.is_empty() {
                all.rotate_left(seed % all.len());
            }
            if seed.is_multiple_of(2) {
                all.reverse();
            }
        }
        turn(&mut turned.members, seed);
        turn(&mut turned.assessments, seed / 3);
        turn(&mut turned.sessions, seed / 5);
        turn(&mut turned.incidents, seed / 7);
        turn(&mut turned.benefits, seed / 11);
        turn(&mut turned.jobs, seed / 13);
        turn(&mut turned.care, seed / 17);
        turn(&mut turned.housing, seed / 19);
        turn(&mut turned.circumstances, seed / 23);
        prop_assert_eq!(verdicts(&turned, day), expected);
    }

    #[test]
    fn more_need_never_removes_eligibility(
        file in any_family(), at in any::<prop::sample::Index>(), need in 1_u8..=10, day in any_day(),
        event in (any_day(), any_kind(IncidentKind::ALL)),
    ) {
        let before = verdicts(&file, day);
        let mut needier = file;
        let at = at.index(needier.assessments.len());
        needier.assessments[at].needs.insert(need, true);
        let (on, kind) = event;
        needier.incidents.push(Incident { person: id("carer"), on, kind, origin: Origin::default() });
        for (before, after) in before.iter().zip(verdicts(&needier, day)) {
            prop_assert!(before.status < Status::Eligible || after.status >= Status::Eligible);
            prop_assert!(before.problems.iter().all(|problem| after.problems.contains(problem)));
            prop_assert!(!before.is_attached() || after.is_attached());
        }
    }

    // A reduction is measured against the window before: what happened there is where it starts from, so an
    // event counts as adverse from the current window on.
    #[test]
    fn more_adverse_events_never_make_a_result(
        file in any_family(), kind in 0_usize..9, who in 0..PEOPLE.len(), on in any_day(),
        day in any_day(), length in prop::option::of(0_u64..300),
    ) {
        let before = verdicts(&file, day);
        let mut worse = file;
        let to = length.map(|days| on + chrono::Days::new(days));
        let person = id(PEOPLE[who]);
        let care = |kind| CareSpell { child: person.clone(), kind, from: on, to, origin: Origin::default() };
        let trouble = |kind| HousingSpell { person: person.clone(), kind, from: on, to, origin: Origin::default() };
        match kind {
            0..=2 => worse.incidents.push(Incident { person, on, kind: IncidentKind::ALL[kind], origin: Origin::default() }),
            3 => worse.benefits.push(Spell { person, from: on, to, origin: Origin::default() }),
            4..=6 => worse.care.push(care(CareKind::ALL[kind - 4])),
            7 => worse.housing.push(trouble(HousingKind::Arrears)),
            _ => worse.sessions.iter_mut().filter(|s| s.term.to >= on).for_each(|s| s.absent = 100),
        }
        let window = tenfold_common::calendar::minus_months(day, 6);
        for ((before, after), framework) in before.iter().zip(verdicts(&worse, day)).zip(FRAMEWORKS.iter()) {
            let since = before.attached_on.unwrap_or(NaiveDate::MAX);
            let reductions = framework.base_name() == "phase-1-2012";
            if on > since && (!reductions || on >= window) && before.result.is_none() {
                prop_assert!(after.result.is_none(), "{:?}\n{:?}", before, after);
            }
        }
    }

    #[test]
    fn what_is_unknown_never_counts_as_met(file in any_family(), day in any_day(), source in 0..SourceKind::ALL.len()) {
        let source = SourceKind::ALL[source];
        let mut without = coverage("2016-06-30");
        without.0.remove(&source);
        for framework in FRAMEWORKS.iter() {
            let known = decide(&file, &coverage("2016-06-30"), framework, day);
            let unknown = decide(&file, &without, framework, day);
            prop_assert!(known.result.is_some() || unknown.result.is_none());
            prop_assert_eq!(known.is_attached(), unknown.is_attached());
            for finding in &unknown.findings {
                for judged in &finding.criteria {
                    let silent = signs::source_of(judged.indicator) == Some(source) && judged.indicator != Indicator::Need;
                    prop_assert!(!(silent && judged.answer.is_met()), "{:?} without {:?}", judged, source);
                }
            }
            let nothing = decide(&file, &Coverage::default(), framework, day);
            let reviewed_only = nothing.findings.iter().all(|f| f.criteria.iter().all(|j| {
                !j.answer.is_met() || j.indicator == Indicator::Need
            }));
            prop_assert!(reviewed_only);
        }
    }

    /// A window that is met has no day that its source does not cover, and ends with a day that is not too long ago.
    #[test]
    fn what_is_met_is_covered_to_its_last_day(
        file in any_family(), day in any_day(), to in any_day(), gap in any_day(), source in 0..SourceKind::ALL.len(),
    ) {
        let source = SourceKind::ALL[source];
        let mut gapped = coverage(&to.to_string());
        if let Some(periods) = gapped.0.get_mut(&source) {
            *periods = periods.iter().flat_map(|days| {
                let before = Days { to: gap.pred_opt().unwrap().min(days.to), ..*days };
                let after = Days { from: gap.succ_opt().unwrap().max(days.from), ..*days };
                [before, after].into_iter().filter(|days| days.from <= days.to)
            }).collect();
        }
        for framework in FRAMEWORKS.iter() {
            let verdict = decide(&file, &gapped, framework, day);
            let judged = verdict.findings.iter().flat_map(|finding| &finding.criteria);
            let met = judged.map(|judged| (signs::source_of(judged.indicator), judged.answer));
            let floor = verdict.attendance.map(|answer| (Some(SourceKind::SchoolSessions), answer));
            let employed = verdict.employment.map(|answer| (Some(SourceKind::Dwp), answer));
            for (of, answer) in met.chain(floor).chain(employed) {
                let (Answer::Met(days), Some(of)) = (answer, of) else { continue };
                if of == SourceKind::EarlyHelp {
                    continue;
                }
                prop_assert!(gapped.spans(of, days), "{:?} holds {:?}", of, days);
                let stale = framework.freshness.within_days.max(framework.attendance.school_age.last_term_within_days);
                let fresh = if of == SourceKind::SchoolSessions { stale } else { framework.freshness.within_days };
                prop_assert!((day - days.to).num_days() <= i64::from(fresh), "{:?} on {}", days, day);
            }
        }
    }

    /// Whoever is in custody is seen by neither police nor DWP nor landlords.
    #[test]
    fn nothing_is_met_by_the_silence_of_somebody_in_custody(file in any_family(), day in any_day()) {
        let mut held = file;
        let since = "2013-01-01".parse().unwrap();
        let kind = CircumstanceKind::Custody;
        let origin = Origin::default();
        held.circumstances.push(Circumstance { person: id("carer"), kind, source: None, from: since, to: None, origin });
        for verdict in verdicts(&held, day) {
            for judged in verdict.findings.iter().flat_map(|finding| &finding.criteria) {
                let source = signs::source_of(judged.indicator);
                let unseen = [Some(SourceKind::Police), Some(SourceKind::Dwp), Some(SourceKind::Housing)].contains(&source);
                let silence = unseen && judged.rests_on.is_empty() && judged.answer.is_met();
                prop_assert!(!silence, "{:?}", judged);
            }
        }
    }

    #[test]
    fn somebody_away_never_makes_a_result(
        file in any_family(), kind in any_kind(CircumstanceKind::ALL), who in any_spell(), day in any_day(),
    ) {
        let before = verdicts(&file, day);
        let mut away = file;
        let (person, from, to) = who;
        away.circumstances.push(Circumstance { person, kind, source: None, from, to, origin: Origin::default() });
        for (before, after) in before.iter().zip(verdicts(&away, day)) {
            // A child that is expected makes a family eligible: it is nobody's absence.
            prop_assume!(kind != CircumstanceKind::Expecting);
            let someone_left = matches!(kind, CircumstanceKind::Died | CircumstanceKind::Adopted);
            let asks_less = someone_left && before.attendance != after.attendance;
            prop_assert!(before.result.is_some() || after.result.is_none() || asks_less);
        }
    }

    #[test]
    fn a_result_always_rests_on_something_met(file in any_family(), day in any_day(), schools in any::<bool>()) {
        let mut known = coverage("2016-06-30");
        if !schools {
            known.0.remove(&SourceKind::SchoolSessions);
        }
        for framework in FRAMEWORKS.iter() {
            let verdict = decide(&file, &known, framework, day);
            for finding in &verdict.findings {
                let met = finding.criteria.iter().any(|judged| judged.answer.is_met());
                prop_assert!(!finding.progressed() || met, "progress with nothing met: {:?}", finding);
                for judged in finding.criteria.iter().filter(|judged| judged.indicator == Indicator::Need) {
                    prop_assert!(!judged.answer.is_met() || !judged.rests_on.is_empty(), "no review: {:?}", judged);
                }
            }
            let floor = verdict.attendance.is_some_and(|floor| floor.is_met() || floor == Answer::NoLongerApplies);
            let asked = verdict.result.as_ref().is_some_and(|result| framework.attendance.asked_of.contains(&result.kind));
            prop_assert!(!asked || floor, "a result over an unknown floor: {:?}", verdict.attendance);
            if let Some(result) = &verdict.result {
                let progressed = |number: &u8| {
                    let finding = verdict.findings.iter().find(|finding| finding.problem == *number);
                    finding.is_some_and(|f| f.criteria.iter().any(|judged| judged.answer.is_met()))
                };
                let rests = match result.kind {
                    ResultKind::Progress => !result.problems.is_empty() && result.problems.iter().all(progressed),
                    ResultKind::Employment => verdict.employment.is_some_and(Answer::is_met),
                };
                prop_assert!(rests && verdict.missing.is_empty());
                prop_assert_eq!(verdict.claimable_from(), Some(day));
            } else {
                prop_assert!(!verdict.missing.is_empty(), "nothing is missing and there is no result: {:?}", verdict);
            }
        }
    }
}

/// Without families on both sides of every line the properties above would say little.
#[test]
fn the_families_drawn_stand_on_both_sides() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = [0_usize; 5];
    let mut answers = std::collections::HashSet::new();
    for _ in 0..400 {
        let file = any_family().new_tree(&mut runner).unwrap().current();
        let verdict = decide(&file, &coverage("2016-06-30"), Framework::shipped(), day("2016-01-20"));
        seen[verdict.status as usize] += 1;
        for judged in verdict.findings.iter().flat_map(|finding| &finding.criteria) {
            answers.insert(std::mem::discriminant(&judged.answer));
        }
    }
    assert!(seen[Status::Claimable as usize] > 40 && seen[Status::InProgress as usize] > 40, "{seen:?}");
    assert!(answers.len() >= 4, "met, not met, not known, no longer: {answers:?}");
}
