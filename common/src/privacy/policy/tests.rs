//! The default policy holds what it says; what spends more is refused.

use super::*;
use crate::protocol::signature;

pub(crate) fn policy() -> Policy {
    Policy::plan(plan())
}

fn plan() -> Plan {
    Plan {
        name: "test".into(),
        rehearsal: true,
        first_quarter: "2015-Q2".parse().unwrap(),
        opening: true,
        total: Rho::from_nano(250_000_000),
        framework: "expanded-2015".into(),
        problems: (1..=6).map(|i| format!("problem {i}")).collect(),
    }
}

#[test]
fn the_default_policy_holds_its_shares_tightly() {
    let policy = policy();
    policy.verify().unwrap();
    for stream in &policy.streams {
        for borough in &policy.boroughs {
            let charge = stream.charge(borough.wards.len() + 1, policy.column_sums()).unwrap();
            assert!(charge.nano() > stream.share.nano() / 1000 * 999, "{charge} of {}", stream.share);
        }
    }
}

#[test]
fn what_spends_more_than_it_says_is_refused() {
    let mut over_share = policy();
    over_share.streams[0].scales[0].sigma[0] -= 200;
    assert!(matches!(over_share.verify(), Err(PolicyError::OverShare { .. })));
    // The yearly groups count as well: their scale, and S of their matrix.
    let mut yearly = policy();
    yearly.streams[0].scales[0].sigma[3] -= 600;
    assert!(matches!(yearly.verify(), Err(PolicyError::OverShare { .. })));
    let mut longer = policy();
    let mut rows = longer.yearly_matrix.rows().to_vec();
    rows[6][0] += 10;
    longer.yearly_matrix = TimeMatrix::from_rows(rows).unwrap();
    assert!(matches!(longer.verify(), Err(PolicyError::OverShare { .. })));
    let mut over_total = policy();
    over_total.reserve = Rho::from_nano(200_000_000);
    assert!(matches!(over_total.verify(), Err(PolicyError::OverTotal { .. })));
    let mut twice = policy();
    twice.streams[1].name = "attached".into();
    assert!(matches!(twice.verify(), Err(PolicyError::Twice { what: "stream", .. })));
    let mut named = policy();
    named.streams[1].name = "question/attached".into();
    assert!(matches!(named.verify(), Err(PolicyError::StreamName { .. })));
    let mut short = policy();
    short.streams[0].scales[0].sigma.pop();
    assert!(matches!(short.verify(), Err(PolicyError::NoScales { .. })));
    let mut silent = policy();
    silent.streams[0].scales[0].sigma[1] = 0;
    assert!(matches!(silent.verify(), Err(PolicyError::Rho { .. })));
}

/// A group's charge takes S of its own matrix, rounded up by itself: worked out by hand for two small matrices.
#[test]
fn groups_by_place_are_charged_by_the_yearly_matrix() {
    let mut policy = policy();
    policy.time_matrix = TimeMatrix::from_text("2\n1 3\n1 1 4\n0 0 0 7").unwrap();
    policy.yearly_matrix = TimeMatrix::from_text("5\n1 5").unwrap();
    let mut attached = policy.streams[0].clone();
    attached.scales = vec![GroupScale { places: 21, sigma: vec![3_000, 7_000, 11_000, 13_000] }];
    // S = 7² = 49 each quarter, 5² + 1² = 26 each year; N, N_w, six labels, six labels by place.
    let charge = |l2: u128, s: u128, sigma: u128| (l2 * s * 1_000_000_000).div_ceil(2 * sigma * sigma) as u64;
    let by_hand = charge(1, 49, 3_000) + charge(1, 26, 7_000) + charge(6, 49, 11_000) + charge(6, 26, 13_000);
    let sums = policy.column_sums();
    assert_eq!((sums.quarter, sums.year), (49, 26));
    assert_eq!(attached.charge(21, sums).unwrap().nano(), by_hand);
    attached.places_every = Every::Quarter;
    let quarterly =
        charge(1, 49, 3_000) + charge(1, 49, 7_000) + charge(6, 49, 11_000) + charge(6, 49, 13_000);
    assert_eq!(attached.charge(21, sums).unwrap().nano(), quarterly);
}

#[test]
fn every_default_policy_has_a_row_for_each_of_its_years() {
    for (first, opening, years) in [
        ("2015-Q2", false, 6),
        ("2015-Q2", true, 7),
        ("2015-Q1", true, 7),
        ("2015-Q3", true, 8),
        ("2015-Q4", true, 8),
        ("2015-Q1", false, 7),
        ("2015-Q3", false, 7),
        ("2015-Q4", false, 7),
    ] {
        let plan = Plan { first_quarter: first.parse().unwrap(), opening, ..plan() };
        let mut policy = Policy::plan(plan);
        assert_eq!(policy.yearly_matrix.size(), years);
        policy.verify().unwrap();
        let rows = policy.yearly_matrix.rows()[..years - 1].to_vec();
        policy.yearly_matrix = TimeMatrix::from_rows(rows).unwrap();
        assert!(matches!(policy.verify(), Err(PolicyError::Years { years: found, .. }) if found == years));
        // Where nothing is released by year, nothing depends on it.
        policy.with_places_every(Every::Quarter).verify().unwrap();
    }
}

#[test]
fn years_have_names() {
    let key = crate::protocol::SigningKey::generate().unwrap();
    let signed = signature::sign(&policy(), POLICY_TYPE, &key).unwrap();
    let verified = VerifiedPolicy::open(&signed, &key.public()).unwrap();
    let names: Vec<String> = verified
        .policy()
        .years()
        .counted(&[11])
        .iter()
        .take(5)
        .map(|year| verified.year_name(year))
        .collect();
    assert_eq!(names[..3], ["opening position to 30 June 2015", "Jul 2015 to Mar 2016", "2016-17"]);
    assert_eq!(names[4], "Apr 2017 to Mar 2019", "the year whose end was void is in the next");
    let ends = |quarter: &str| verified.ends_year(quarter.parse().unwrap()).unwrap();
    assert!(ends("2015-Q2") && !ends("2015-Q4") && ends("2016-Q1") && ends("2021-Q1"));
}

#[test]
fn void_quarters_and_those_before_a_borough_joined_count_as_zero() {
    let key = crate::protocol::SigningKey::generate().unwrap();
    let signed = signature::sign(&policy(), POLICY_TYPE, &key).unwrap();
    let quarter = |name: &str| name.parse::<Quarter>().unwrap();
    let late = VerifiedPolicy::open(&signed, &key.public()).unwrap().joined_with(quarter("2015-Q4"));
    let void = [quarter("2016-Q1"), quarter("2016-Q3")];
    let empty = |until| late.empty_quarters(quarter(until), |quarter| void.contains(&quarter)).unwrap();
    assert_eq!(empty("2016-Q4"), [0, 1, 3, 5]);
    assert_eq!(empty("2016-Q1"), [0, 1, 3], "what comes later is not asked for");
    assert!(late.empty_quarters(quarter("2030-Q1"), |_| false).is_err());
}

#[test]
fn a_moment_belongs_to_one_recording_period() {
    let key = crate::protocol::SigningKey::generate().unwrap();
    let signed = signature::sign(&policy(), POLICY_TYPE, &key).unwrap();
    let verified = VerifiedPolicy::open(&signed, &key.public()).unwrap();
    let quarter: Quarter = "2015-Q2".parse().unwrap();
    let end = verified.recording_ends(quarter);
    assert_eq!(end.to_string(), "2015-07-29T00:00:00Z");
    assert_eq!(verified.recording_quarter(end.plus_seconds(-1)).unwrap(), quarter);
    assert_eq!(verified.recording_quarter(end).unwrap(), quarter.next());
    let other = crate::protocol::SigningKey::generate().unwrap();
    assert!(matches!(VerifiedPolicy::open(&signed, &other.public()), Err(PolicyError::Signature(_))));
}

#[test]
fn the_first_period_is_the_opening_position_where_the_policy_says_so() {
    let key = crate::protocol::SigningKey::generate().unwrap();
    let verified = |opening| {
        let policy = Policy::plan(Plan { opening, ..plan() });
        VerifiedPolicy::open(&signature::sign(&policy, POLICY_TYPE, &key).unwrap(), &key.public()).unwrap()
    };
    let first: Quarter = "2015-Q2".parse().unwrap();
    let with = verified(true);
    assert_eq!(with.period_name(first), "opening position to 30 June 2015");
    assert_eq!(with.short_period_name(first), "opening position to 30 June 2015");
    assert_eq!(with.period_name(first.next()), "2015-16 quarter 2 (Jul to Sep 2015)");
    assert!(!with.is_opening(first.next()));
    let without = verified(false);
    assert!(!without.is_opening(first));
    assert_eq!(without.short_period_name(first), "2015-16 quarter 1");
    assert_ne!(with.hash(), without.hash());
}

#[test]
fn a_horizon_of_the_opening_position_alone_is_refused() {
    let mut policy = policy();
    policy.time_matrix = TimeMatrix::from_rows(vec![vec![4096]]).unwrap();
    assert!(matches!(policy.verify(), Err(PolicyError::OpeningOnly)));
    policy.opening = false;
    assert!(!matches!(policy.verify(), Err(PolicyError::OpeningOnly)));
}
