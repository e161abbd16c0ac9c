//! What the shipped frameworks say, as literal tables.

use super::*;

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

#[test]
fn four_frameworks_ship_and_the_one_of_the_day_is_found() {
    let names: Vec<&str> = Framework::all().iter().map(|framework| framework.name.as_str()).collect();
    assert_eq!(names, ["phase-1-2012", "expanded-2015", "expanded-2020", "supporting-families-2022"]);
    let of = |on: &str| Framework::in_force(day(on)).map(|framework| framework.name.as_str());
    assert_eq!(of("2012-03-31"), None);
    assert_eq!(of("2012-04-01"), Some("phase-1-2012"));
    assert_eq!(of("2015-03-31"), Some("phase-1-2012"));
    assert_eq!(of("2015-04-01"), Some("expanded-2015"), "the later of two that both hold");
    assert_eq!(of("2020-03-31"), Some("expanded-2015"));
    assert_eq!(of("2020-04-01"), Some("expanded-2020"));
    assert_eq!(of("2022-04-01"), Some("supporting-families-2022"));
    assert_eq!(of("2025-03-31"), Some("supporting-families-2022"));
    assert_eq!(of("2025-04-01"), None);
    assert_eq!(Framework::by_name("expanded-2016"), None);
}

#[test]
fn every_rule_has_a_source_and_no_rule_is_confirmed_by_memory() {
    for framework in Framework::all() {
        for rule in framework.rules() {
            let place = format!("{} {}", framework.name, rule.place);
            assert!(rule.provenance.source.len() > 15 && !rule.says.is_empty(), "{place}");
            let remembered = ["assumption", "from memory", "derived"];
            let remembered = remembered.iter().any(|word| rule.provenance.source.contains(word));
            assert!(!(remembered && rule.provenance.confirmed), "{place} is confirmed by an assumption");
            assert_eq!(rule.provenance.confirmation, None, "{place}: nobody has confirmed what ships");
        }
    }
}

#[test]
fn phase_1_pays_by_year_and_by_kind_of_result() {
    let phase_1 = Framework::by_name("phase-1-2012").unwrap();
    let paid = |on: &str| {
        let money = phase_1.money_on(day(on));
        let result = |kind| money.for_result(kind) / 100;
        (money.attachment_pence / 100, result(ResultKind::Progress), result(ResultKind::Employment))
    };
    assert_eq!(paid("2012-04-01"), (3200, 700, 800));
    assert_eq!(paid("2013-03-31"), (3200, 700, 800));
    assert_eq!(paid("2013-04-01"), (2400, 1500, 1600));
    assert_eq!(paid("2014-04-01"), (1600, 2300, 2400));
    for money in &phase_1.money {
        assert_eq!(money.attachment_pence + money.for_result(ResultKind::Employment), 400_000);
        assert_eq!((money.families_paid.paid, money.families_paid.of), (5, 6));
    }
    assert_eq!((phase_1.additions[0].pence, phase_1.additions[0].beside), (10_000, ResultKind::Progress));
    let reductions: Vec<_> =
        phase_1.problems[0].progress.iter().map(|c| (c.indicator, c.threshold)).collect();
    assert_eq!(
        reductions,
        [(Indicator::AntiSocialBehaviour, Some(60)), (Indicator::YouthOffences, Some(33))]
    );
    assert!(phase_1.problems[0].progress.iter().all(|c| c.provenance.confirmed));
    assert_eq!(phase_1.employment.as_ref().map(|job| job.weeks), Some(13));
    assert_eq!(phase_1.claim_windows.as_ref().unwrap().closing_months, [2, 5, 8, 10]);
}

#[test]
fn editions_say_what_held_in_a_financial_year() {
    let framework = Framework::shipped();
    let editions = framework.editions();
    let years: Vec<&str> = editions.iter().map(|edition| edition.financial_year.as_str()).collect();
    assert_eq!(years, ["2015-16", "2016-17", "2017-18", "2018-19", "2019-20", "2020-21"]);
    let floors = |at: usize| -> Vec<u32> { editions[at].floors.iter().map(|floor| floor.percent).collect() };
    assert_eq!((floors(0), floors(1)), (vec![85, 90], vec![90]), "the floor rose within the first year");
    let last = framework.edition(day("2021-03-31")).unwrap();
    assert_eq!((last.from, last.to), (day("2020-04-01"), day("2021-03-31")));
    assert_eq!(framework.edition(day("2021-04-01")), None);
    let phase_1 = Framework::by_name("phase-1-2012").unwrap();
    let second = phase_1.edition(day("2013-06-01")).unwrap();
    assert_eq!(second.money.iter().map(|m| m.attachment_pence).collect::<Vec<_>>(), [240_000]);
    assert_eq!(phase_1.editions().last().unwrap().to, day("2015-05-31"));
}

#[test]
fn the_renamed_programme_asks_the_same_of_each_problem() {
    let (before, after) = (Framework::shipped(), Framework::by_name("expanded-2020").unwrap());
    let mapping = Mapping::between("expanded-2015", "expanded-2020").unwrap();
    for problem in &before.problems {
        let renamed = after.problem(mapping.number(problem.number).unwrap()).unwrap();
        assert_eq!((&problem.signs, &problem.progress), (&renamed.signs, &renamed.progress));
        assert_ne!(problem.label, renamed.label);
    }
    assert_eq!(after.problem_labels()[0], "Improving living standards");
}

#[test]
fn supporting_families_ships_headlines_and_empty_slots() {
    let framework = Framework::by_name("supporting-families-2022").unwrap();
    assert_eq!(framework.problems.len(), 10);
    assert_eq!(framework.empty_slots().len(), 10);
    assert!(framework.problems.iter().all(|p| p.signs.is_empty() && p.progress.is_empty()));
    assert_eq!(framework.results.kinds, [ResultKind::Progress]);
    assert_eq!(framework.employment, None);
    assert_eq!((framework.eligibility.problems_at_least, framework.eligibility.counted), (3, Counted::Needs));
    assert_eq!((framework.attendance.terms, framework.attendance.floors.len()), (None, 0));
}
