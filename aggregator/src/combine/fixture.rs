//! A policy, families and normal noise for the tests of this program.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tenfold_common::{
    geography::BoroughCode,
    privacy::{
        Contribution, LabelKind, LabelValue, Policy, Rho, StreamPolicy, Table, VerifiedPolicy,
        policy::{POLICY_TYPE, Plan},
    },
    protocol::{SigningKey, StreamRelease, signature},
};

use super::{Accepted, AcceptedReleases};
use crate::dashboard::Picture;

/// The six headline problems of the expanded programme, as short names.
pub(crate) const PROBLEMS: [&str; 6] = ["crime", "education", "children", "work", "violence", "health"];

/// The default policy from April 2015 at ρ = 0.25, signed by a key of its own.
pub(crate) fn policy() -> VerifiedPolicy {
    policy_with(|_| {})
}

/// The default policy with a change.
pub(crate) fn policy_with(change: impl FnOnce(&mut Policy)) -> VerifiedPolicy {
    policy_of(true, change)
}

fn policy_of(opening: bool, change: impl FnOnce(&mut Policy)) -> VerifiedPolicy {
    let mut policy = Policy::plan(Plan {
        name: "Greater Manchester 2015".into(),
        rehearsal: true,
        first_quarter: "2015-Q2".parse().unwrap(),
        opening,
        total: Rho::from_nano(250_000_000),
        framework: "expanded-2015".into(),
        problems: PROBLEMS.map(str::to_owned).to_vec(),
    });
    change(&mut policy);
    let key = SigningKey::generate().unwrap();
    let signed = signature::sign(&policy, POLICY_TYPE, &key).unwrap();
    VerifiedPolicy::open(&signed, &key.public()).unwrap()
}

/// A generator that gives the same numbers every time.
pub(crate) fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A standard normal number (Box and Muller).
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// The exact tables of `quarters` quarters with about `families` families each.
pub(crate) fn families(
    stream: &StreamPolicy,
    places: usize,
    quarters: usize,
    families: usize,
    random: &mut ChaCha8Rng,
) -> Vec<Table> {
    let shape = stream.shape(places);
    (0..quarters)
        .map(|_| {
            let mut table = shape.empty_table();
            for _ in 0..families {
                let labels = shape.label_sets().iter().map(|set| match set.kind {
                    LabelKind::Many => {
                        LabelValue::Many((0..set.labels.len()).filter(|_| random.random_bool(0.4)).collect())
                    }
                    LabelKind::One => LabelValue::One(random.random_range(0..set.labels.len())),
                    LabelKind::Score { most } => LabelValue::Score(random.random_range(0..=most)),
                });
                let labels = labels.collect();
                shape
                    .add(&mut table, &Contribution { place: random.random_range(0..places), labels })
                    .unwrap();
            }
            table
        })
        .collect()
}

/// What a node would publish without noise: the strategy cells of each quarter's release.
pub(crate) fn strategy(
    policy: &VerifiedPolicy,
    stream: &StreamPolicy,
    tables: &[Table],
    void: &[usize],
) -> Vec<Table> {
    let places = stream.scales.iter().find(|scale| stream.shape(scale.places).fits(&tables[0])).unwrap();
    let shape = stream.shape(places.places);
    let tables: Vec<&Table> = tables.iter().collect();
    (0..tables.len()).map(|t| policy.policy().strategy(&shape, &tables[..=t], void).unwrap()).collect()
}

/// Rounded normal noise at the policy's own scales added to every cell.
pub(crate) fn with_noise(exact: &[Table], sigma: &[u64], random: &mut ChaCha8Rng) -> Vec<Table> {
    let mut noised = exact.to_vec();
    for table in &mut noised {
        for (cells, &sigma) in table.iter_mut().zip(sigma) {
            for cell in cells {
                *cell += (sigma as f64 * normal(random)).round() as i64;
            }
        }
    }
    noised
}

/// Releases of all boroughs for eight quarters; Oldham's eighth is missing and Wigan's seventh came late.
///
/// Attachments are families; results are a smaller number of families.
pub(crate) fn region(policy: &VerifiedPolicy) -> AcceptedReleases {
    let random = &mut generator(2015);
    let mut accepted = AcceptedReleases::new();
    for (at, places) in policy.policy().boroughs.iter().enumerate() {
        let count = if places.borough == oldham() { 7 } else { 8 };
        let mut releases: Vec<Accepted> = (0..count)
            .map(|index| {
                let quarter = policy.policy().first_quarter.plus(index);
                let days = if places.borough == wigan() && index == 6 { 20 } else { -6 };
                let received_at = policy.due_at(quarter).plus_days(days).plus_seconds(at as i64 * 60);
                Accepted {
                    quarter,
                    number: index as u32 + 1,
                    received_at,
                    void: None,
                    streams: Vec::new(),
                    questions: Vec::new(),
                }
            })
            .collect();
        let w = places.wards.len() + 1;
        for stream in &policy.policy().streams {
            let size = (60 + 12 * at) * if stream.name == "attached" { 10 } else { 6 } / 10;
            let exact = families(stream, w, releases.len(), size, random);
            let noised =
                with_noise(&strategy(policy, stream, &exact, &[]), stream.scales(w).unwrap(), random);
            for (release, values) in releases.iter_mut().zip(noised) {
                release.streams.push(StreamRelease { stream: stream.name.clone(), values });
            }
        }
        accepted.insert(places.borough.clone(), releases);
    }
    accepted
}

/// The region seven days after the eighth quarter's releases were due.
pub(crate) fn picture() -> Picture {
    let policy = policy();
    let now = policy.due_at("2017-Q1".parse().unwrap()).plus_days(7);
    let releases = region(&policy);
    Picture::new(policy, releases, now).unwrap()
}

/// The region after its first release alone; with or without an opening position.
pub(crate) fn first_release(opening: bool) -> Picture {
    let policy = policy_of(opening, |_| {});
    let mut releases = region(&policy);
    releases.values_mut().for_each(|own| own.truncate(1));
    let now = policy.due_at(policy.policy().first_quarter);
    Picture::new(policy, releases, now).unwrap()
}

/// Oldham's code.
pub(crate) fn oldham() -> BoroughCode {
    "E08000004".parse().unwrap()
}

/// Wigan's code.
pub(crate) fn wigan() -> BoroughCode {
    "E08000010".parse().unwrap()
}
