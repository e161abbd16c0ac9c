//! A new stream is a policy entry and nothing else, a bounded score too: charged, counted, drawn and read.

use std::collections::{BTreeMap, BTreeSet};

use tenfold_aggregator::combine::{Cell, Decoded, Span};
use tenfold_common::{
    geography,
    privacy::{
        Every, LabelKind, LabelSet, Policy, Rho, StreamPolicy, Table, VerifiedPolicy,
        policy::{CLOSED, POLICY_TYPE, PolicyError, WITHDRAWN},
    },
    protocol::{SigningKey, signature},
};
use tenfold_node::release::tally::{self, Event, Labels};

use crate::borough::Region;

const BOROUGH: &str = "E08000002";

fn set(name: &str, kind: LabelKind, labels: &[&str]) -> LabelSet {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    LabelSet { name: name.to_owned(), kind, labels, by_place: false }
}

/// The default policy with entries in place of its reserve.
fn with(entries: Vec<StreamPolicy>) -> Policy {
    let mut policy = Region::new().policy.policy().clone();
    let sizes: BTreeSet<usize> = policy.boroughs.iter().map(|places| places.wards.len() + 1).collect();
    let timing = policy.timing();
    policy.reserve = Rho::ZERO;
    policy.streams.extend(entries.into_iter().map(|entry| entry.with_scales(&sizes, &timing)));
    policy
}

fn entry(name: &str, milli_rho: u64, by_place: bool, label_sets: Vec<LabelSet>) -> StreamPolicy {
    let (share, title) = (Rho::from_nano(milli_rho * 1_000_000), name.to_owned());
    let places_every = Every::Year;
    StreamPolicy {
        name: name.to_owned(),
        title,
        share,
        by_place,
        places_every,
        label_sets,
        scales: Vec::new(),
    }
}

fn signed(policy: &Policy) -> Result<VerifiedPolicy, PolicyError> {
    let key = SigningKey::generate().unwrap();
    VerifiedPolicy::open(&signature::sign(policy, POLICY_TYPE, &key).unwrap(), &key.public())
}

fn both() -> Policy {
    with(vec![
        entry("referred", 5, true, vec![set("by", LabelKind::One, &["school", "police", "other"])]),
        entry("wheel", 5, false, vec![set("score", LabelKind::Score { most: 100 }, &["sum of scores"])]),
    ])
}

/// Exact tables of one stream, quarter by quarter.
fn tables(policy: &VerifiedPolicy, stream: &str, quarters: &[Vec<Event>]) -> Vec<Table> {
    let borough = BOROUGH.parse().unwrap();
    let stream = policy.stream(stream).unwrap();
    let of = |events| tally::tally(policy, &borough, stream, events).unwrap().show_locally().clone();
    quarters.iter().map(of).collect()
}

/// What a node publishes before its noise.
fn published(policy: &VerifiedPolicy, stream: &str, exact: &[Table]) -> Vec<Table> {
    let shape = policy.stream(stream).unwrap().shape(policy.places(&BOROUGH.parse().unwrap()).unwrap());
    let exact: Vec<&Table> = exact.iter().collect();
    (0..exact.len()).map(|t| policy.policy().strategy(&shape, &exact[..=t], &[]).unwrap()).collect()
}

fn event(set: &str, label: &str) -> Event {
    let labels = Labels(BTreeMap::from([(set.to_owned(), vec![label.to_owned()])]));
    Event { ward: Some(geography::borough(&BOROUGH.parse().unwrap()).unwrap().wards[3].code.clone()), labels }
}

fn read(policy: &VerifiedPolicy, stream: &str, events: &[Vec<Event>], cell: Cell, last: usize) -> f64 {
    let exact = tables(policy, stream, events);
    let published = published(policy, stream, &exact);
    let published: Vec<&Table> = published.iter().collect();
    let decoded = Decoded::new(policy, &BOROUGH.parse().unwrap(), stream, &published).unwrap();
    let figure = decoded.figure(cell, &Span::ToDate { last }.weights()).unwrap();
    assert!(figure.variance.is_finite() && figure.variance > 0.0);
    figure.value
}

#[test]
fn a_new_stream_and_a_bounded_score_are_policy_entries_only() {
    let policy = signed(&both()).unwrap();
    let borough = BOROUGH.parse().unwrap();
    for (stream, share) in [("referred", 5_000_000), ("wheel", 5_000_000)] {
        // Tight: no more than the share, and not a thousandth less.
        let charge = policy.charge(stream, &borough).unwrap().nano();
        assert!(charge <= share && charge * 1000 >= share * 999, "{stream}: {charge}");
    }
    let referred = [vec![event("by", "school"), event("by", "police")], vec![event("by", "school")]];
    assert!((read(&policy, "referred", &referred, Cell::Total, 1) - 3.0).abs() < 1e-6);
    assert!((read(&policy, "referred", &referred, Cell::Label { set: 0, label: 0 }, 1) - 2.0).abs() < 1e-6);
    // By place once the year has ended: two more quarters without anyone.
    let year = [referred[0].clone(), referred[1].clone(), vec![], vec![]];
    assert!((read(&policy, "referred", &year, Cell::Place(3), 3) - 3.0).abs() < 1e-6);

    // Scores are cut for each family by itself: 250 counts as 100. The sum of scores over N is the mean.
    let scores = [vec![event("score", "63"), event("score", "250")], vec![event("score", "0")]];
    assert!((read(&policy, "wheel", &scores, Cell::Total, 1) - 3.0).abs() < 1e-6);
    assert!((read(&policy, "wheel", &scores, Cell::Label { set: 0, label: 0 }, 1) - 163.0).abs() < 1e-6);
    for table in tables(&policy, "wheel", &scores.map(|mut events| events.split_off(events.len() - 1))) {
        assert!(table[1][0].pow(2) <= 10_000);
    }
    // A family without a score has no place in the stream of scores, and is not a zero.
    let stream = policy.stream("wheel").unwrap();
    let nothing = Event { ward: None, labels: Labels::default() };
    assert!(tally::tally(&policy, &borough, stream, [&nothing]).is_err());
    assert!(tally::tally(&policy, &borough, stream, [&event("score", "-3")]).is_err());
}

#[test]
fn entries_that_say_less_than_they_cost_are_refused() {
    let refused = |change: fn(&mut Policy)| {
        let mut policy = both();
        change(&mut policy);
        signed(&policy).unwrap_err()
    };
    // A wider score under the same noise, a score by place, places under a stream without.
    let wider = refused(|policy| policy.streams[5].label_sets[0].kind = LabelKind::Score { most: 101 });
    assert!(matches!(wider, PolicyError::OverShare { .. }), "{wider}");
    let by_place = refused(|policy| policy.streams[5].label_sets[0].by_place = true);
    assert!(matches!(by_place, PolicyError::LabelSet { .. }), "{by_place}");
    let of_places = refused(|policy| {
        policy.streams[4].by_place = false;
        policy.streams[4].label_sets[0].by_place = true;
    });
    assert!(matches!(of_places, PolicyError::LabelSet { .. }), "{of_places}");
    let unnamed = refused(|policy| policy.streams[5].label_sets[0].labels.clear());
    assert!(matches!(unnamed, PolicyError::LabelSet { .. }), "{unnamed}");
    let more = refused(|policy| policy.reserve = Rho::from_nano(12_500_000));
    assert!(matches!(more, PolicyError::OverTotal { .. }), "{more}");
}

/// The shares of the shipped policy are all of its total, and the two streams cost what they say.
#[test]
fn closed_and_withdrawn_cost_their_shares_and_all_shares_are_the_total() {
    let policy = Region::new().policy;
    let all: Rho =
        policy.policy().streams.iter().map(|stream| stream.share).chain([policy.policy().reserve]).sum();
    assert_eq!(all, policy.policy().total);
    for places in &policy.policy().boroughs {
        for (stream, share) in [(CLOSED, 37_500_000), (WITHDRAWN, 5_000_000)] {
            let charge = policy.charge(stream, &places.borough).unwrap().nano();
            assert!(charge <= share && charge * 1000 >= share * 999, "{stream}: {charge}");
        }
    }
    let withdrawn = policy.stream(WITHDRAWN).unwrap();
    assert!(withdrawn.scales.iter().all(|scale| scale.sigma == [40_960]), "√(S / 2ρ), whatever the places");
}
