//! Continuous employment, week by week.

use super::*;

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
fn a_job_counts_only_where_the_source_covers_its_weeks() {
    let mut file = family();
    file.benefits.push(spell("2013-01-01", Some("2015-06-30")));
    file.jobs.push(spell("2015-07-03", None));
    let employment = |known: &Coverage| {
        let verdict = decide(&file, known, Framework::shipped(), day("2016-01-20"));
        (verdict.employment, verdict.result.is_some())
    };
    let whole = coverage("2015-12-31");
    assert_eq!(employment(&whole), (Some(Answer::Met(days("2015-07-03", "2015-12-31"))), true));
    let mut gap = whole;
    gap.0.insert(SourceKind::Dwp, vec![days("2014-04-01", "2015-09-29"), days("2015-10-01", "2015-12-31")]);
    assert_eq!(employment(&gap), (Some(Answer::NotKnown(Unknown::NotCovered)), false));
}
