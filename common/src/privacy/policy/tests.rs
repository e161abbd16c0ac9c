//! The default policy holds what it says; what spends more is refused.

use super::*;
use crate::protocol::signature;

pub(crate) fn policy() -> Policy {
    Policy::plan(Plan {
        name: "test".into(),
        rehearsal: true,
        first_quarter: "2015-Q2".parse().unwrap(),
        opening: true,
        total: Rho::from_nano(250_000_000),
        framework: "expanded-2015".into(),
        problems: (1..=6).map(|i| format!("problem {i}")).collect(),
    })
}

#[test]
fn the_default_policy_holds_its_shares_tightly() {
    let policy = policy();
    policy.verify().unwrap();
    for stream in &policy.streams {
        for borough in &policy.boroughs {
            let charge = stream.charge(borough.wards.len() + 1, 16_777_216).unwrap();
            assert!(charge.nano() > stream.share.nano() / 1000 * 999, "{charge} of {}", stream.share);
        }
    }
}

#[test]
fn what_spends_more_than_it_says_is_refused() {
    let mut over_share = policy();
    over_share.streams[0].scales[0].sigma[0] -= 200;
    assert!(matches!(over_share.verify(), Err(PolicyError::OverShare { .. })));
    let mut over_total = policy();
    over_total.reserve = Rho::from_nano(200_000_000);
    assert!(matches!(over_total.verify(), Err(PolicyError::OverTotal { .. })));
    let mut twice = policy();
    twice.streams[1].name = "attached".into();
    assert!(matches!(twice.verify(), Err(PolicyError::Twice { what: "stream", .. })));
    let mut short = policy();
    short.streams[0].scales[0].sigma.pop();
    assert!(matches!(short.verify(), Err(PolicyError::NoScales { .. })));
    let mut silent = policy();
    silent.streams[0].scales[0].sigma[1] = 0;
    assert!(matches!(silent.verify(), Err(PolicyError::Rho { .. })));
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
        let policy = Policy { opening, ..policy() };
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
