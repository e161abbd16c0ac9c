//! Each criterion of the expanded programme: at, below and above its window's edges.

use super::*;

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
    let care = |kind| CareSpell {
        child: id("child"),
        kind,
        from: day("2015-01-01"),
        to: None,
        origin: Origin::default(),
    };
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
        CareSpell { child, kind, from, to: to.map(day), origin: Origin::default() }
    };
    let in_care = result(&|f| f.care.push(care(CareKind::LookedAfter, None)));
    let looked_after = not_met(3, Indicator::LookedAfter, "2016-01-20");
    assert!(in_care.contains(&looked_after[0]));
    let gone = |m: &Missing| matches!(m, Missing::Progress { answer: Answer::NoLongerApplies, .. });
    assert!(in_care.iter().all(|m| gone(m) || *m == looked_after[0]), "{in_care:?}");
    assert_eq!(result(&|f| f.care.push(care(CareKind::InNeed, Some("2015-06-30")))), []);
    let again = result(&|f| {
        f.assessments.push(assessment(AssessmentKind::Review, "2016-01-10", &[(6, true)]));
    });
    assert_eq!(again, not_met(6, Indicator::Need, "2016-01-10"));
}
