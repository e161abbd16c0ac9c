//! Estimating the parameters from the register itself.
//!
//! u is counted on pairs taken at random, which are hardly ever one person. m is estimated by expectation and
//! maximisation on pairs that agree on the birth date (for names) and on pairs that agree on the full name (for
//! the birth date); what the pairs were chosen by is left out of their comparison, and the sex too where they were
//! chosen by a forename, which mostly tells it. Place and case are estimated on both and averaged.
//!
//! # Source
//! W. E. Winkler, Using the EM algorithm for weight computation in the Fellegi–Sunter model, 1988; the split
//! into training rules with u fixed follows the Python package splink.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

use super::{
    block::{BlockingKey, candidates},
    compare::{Field, Levels, compare},
    parameters::{Frequencies, LevelWeight, Parameters},
    profile::Profile,
};

/// Pairs taken at random for u.
const RANDOM_PAIRS: usize = 1_000_000;
/// A name borne by fewer mentions is not listed: the file singles nobody out.
const LEAST_BEARERS: usize = 10;
/// At most so many names are listed.
const MOST_NAMES: usize = 3_000;
/// Fewer pairs than this tell nothing of a field.
const LEAST_SEEN: f64 = 50.0;
/// No probability is taken for less: a level never seen is not a level that cannot be.
const LEAST: f64 = 1e-6;
/// The same for m, of which fewer pairs tell.
const LEAST_M: f64 = 1e-3;

/// m by level of each field, and the share of pairs that are one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The share of pairs that are one person.
    pub share: f64,
    /// m by level, in the order of [`Field::ALL`]; empty for fields that were left out.
    pub m: Vec<Vec<f64>>,
    /// How many pairs of one person tell of each field.
    pub seen: Vec<f64>,
}

/// Estimates all parameters; `mentions` are profiles of single mentions, `people` those of people after
/// deterministic matching. Thresholds and blocking keys are kept from `before`.
pub fn estimate(
    mentions: &[Profile],
    people: &[Profile],
    before: &Parameters,
    name: &str,
    on: NaiveDate,
) -> Parameters {
    let u = at_random(mentions);
    let known: Vec<Vec<f64>> =
        u.iter().zip(Field::ALL).map(|(u, field)| u.clone().unwrap_or_else(|| even(field))).collect();
    let by_date = [BlockingKey::BirthDate];
    let by_name = [BlockingKey::FullName];
    let same_date = |levels: &Levels| levels.of(Field::BirthDate) == Some(3);
    let same_name =
        |levels: &Levels| levels.of(Field::Forename) == Some(4) && levels.of(Field::Surname) == Some(4);
    let dates = expect(&patterns(mentions, &by_date, before, same_date), &known, &[Field::BirthDate]);
    let names = expect(
        &patterns(mentions, &by_name, before, same_name),
        &known,
        &[Field::Forename, Field::Surname, Field::Sex],
    );
    let mut fields = BTreeMap::new();
    for (at, field) in Field::ALL.into_iter().enumerate() {
        let told = [&dates, &names].into_iter().filter(|found| found.seen[at] >= LEAST_SEEN);
        let found: Vec<&Vec<f64>> = told.map(|found| &found.m[at]).collect();
        let levels = field.levels().iter().enumerate().map(|(level, word)| {
            // What the register does not tell stays as it was.
            let old = before.weight(field, word).unwrap_or(LevelWeight { m: 1.0, u: 1.0 });
            let m = found.iter().map(|m| m[level]).sum::<f64>() / found.len() as f64;
            let m = if found.is_empty() { old.m } else { round(m) };
            let u = u[at].as_ref().map_or(old.u, |u| round(u[level]));
            ((*word).to_owned(), LevelWeight { m, u })
        });
        fields.insert(field.as_str().to_owned(), levels.collect());
    }
    let mut parameters = Parameters {
        name: name.to_owned(),
        estimated_on: on,
        source: format!("{} mentions of {} people of this node's register", mentions.len(), people.len()),
        confirmed: true,
        fields,
        forenames: frequencies(mentions, |profile| profile.names.iter().map(|name| name.given.as_str())),
        surnames: frequencies(mentions, |profile| profile.names.iter().map(|name| name.family.as_str())),
        ..before.clone()
    };
    parameters.others_a_person = others(people, &parameters);
    parameters
}

/// Levels that say the same of both, that is nothing.
fn even(field: Field) -> Vec<f64> {
    vec![1.0 / field.levels().len() as f64; field.levels().len()]
}

/// The share of each level among pairs taken at random: u; none where too few pairs tell of a field.
fn at_random(profiles: &[Profile]) -> Vec<Option<Vec<f64>>> {
    let mut counts: Vec<Vec<f64>> = Field::ALL.iter().map(|field| vec![0.0; field.levels().len()]).collect();
    // A fixed seed: the same register has the same parameters.
    let mut dice = ChaCha12Rng::seed_from_u64(0);
    let pairs = if profiles.len() < 2 { 0 } else { RANDOM_PAIRS };
    for _ in 0..pairs {
        let (one, other) = (dice.random_range(0..profiles.len()), dice.random_range(0..profiles.len()));
        if one == other {
            continue;
        }
        let levels = compare(&profiles[one], &profiles[other]).levels;
        for (counts, level) in counts.iter_mut().zip(levels.0) {
            if let Some(level) = level {
                counts[usize::from(level)] += 1.0;
            }
        }
    }
    let told = |counts: &Vec<f64>| counts.iter().sum::<f64>() >= LEAST_SEEN;
    counts.into_iter().map(|counts| told(&counts).then(|| shares(&counts, LEAST))).collect()
}

/// How often each pattern of levels occurs among the pairs of a block that are what the block is by.
fn patterns(
    profiles: &[Profile],
    key: &[BlockingKey],
    before: &Parameters,
    wanted: impl Fn(&Levels) -> bool,
) -> BTreeMap<Levels, u64> {
    let mut patterns = BTreeMap::new();
    for (one, other) in candidates(profiles, key, before.largest_block).pairs {
        let (one, other) = (&profiles[one as usize], &profiles[other as usize]);
        let levels = compare(one, other).levels;
        if wanted(&levels) && !one.has_other_number(other) {
            *patterns.entry(levels).or_default() += 1;
        }
    }
    patterns
}

/// Expectation and maximisation: m by level and the share of pairs that are one person, u standing fixed.
///
/// `left_out` are the fields by which the pairs were chosen.
pub fn expect(patterns: &BTreeMap<Levels, u64>, u: &[Vec<f64>], left_out: &[Field]) -> Estimate {
    let used: Vec<usize> = Field::ALL
        .into_iter()
        .filter(|field| !left_out.contains(field))
        .map(|field| field as usize)
        .collect();
    let start = |field: Field| {
        let levels = field.levels().len();
        let mut m = vec![0.1 / (levels - 1) as f64; levels];
        m[levels - 1] = 0.9;
        if used.contains(&(field as usize)) { m } else { Vec::new() }
    };
    let m: Vec<Vec<f64>> = Field::ALL.into_iter().map(start).collect();
    let mut now = Estimate { share: 0.1, seen: vec![0.0; m.len()], m };
    for _ in 0..500 {
        let mut counts: Vec<Vec<f64>> = now.m.iter().map(|m| vec![0.0; m.len()]).collect();
        let (mut one_person, mut all) = (0.0, 0.0);
        for (levels, &count) in patterns {
            let known = || used.iter().filter_map(|&at| Some((at, usize::from(levels.0[at]?))));
            let ratio: f64 = known().map(|(at, level)| now.m[at][level] / u[at][level]).product();
            let odds = ratio * now.share / (1.0 - now.share);
            let sure = count as f64 * odds / (1.0 + odds);
            for (at, level) in known() {
                counts[at][level] += sure;
            }
            one_person += sure;
            all += count as f64;
        }
        let share = (one_person / f64::max(all, 1.0)).clamp(LEAST, 1.0 - LEAST);
        let m: Vec<Vec<f64>> = counts.iter().map(|counts| shares(counts, LEAST_M)).collect();
        let before = now.m.iter().flatten().chain([&now.share]);
        let moved = m.iter().flatten().chain([&share]).zip(before).map(|(a, b)| (a - b).abs());
        let moved = moved.fold(0.0, f64::max);
        now = Estimate { share, m, seen: counts.iter().map(|counts| counts.iter().sum()).collect() };
        if moved < 1e-7 {
            break;
        }
    }
    now
}

/// How many others of the register are the same person, on average, by the weights themselves.
fn others(people: &[Profile], parameters: &Parameters) -> f64 {
    let pairs = candidates(people, &parameters.blocking, parameters.largest_block).pairs;
    let weigh = |(one, other): &(u32, u32)| {
        let (one, other) = (&people[*one as usize], &people[*other as usize]);
        (!one.has_other_number(other)).then(|| parameters.bits(&compare(one, other)))
    };
    // What weighs nothing for one person adds nothing.
    let weights: Vec<f64> = pairs.iter().filter_map(weigh).filter(|bits| *bits > 0.0).collect();
    let all = (people.len() as f64 - 1.0).max(1.0);
    let mut others = 0.5;
    for _ in 0..100 {
        let odds = others / all;
        let one_person: f64 =
            weights.iter().map(|bits| bits.exp2() * odds).map(|odds| odds / (1.0 + odds)).sum();
        others = (2.0 * one_person / people.len().max(1) as f64).clamp(1e-4, 1_000.0);
    }
    round(others)
}

fn frequencies<'a, I: Iterator<Item = &'a str>>(
    profiles: &'a [Profile],
    values: impl Fn(&'a Profile) -> I,
) -> Frequencies {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for value in profiles.iter().flat_map(values) {
        *counts.entry(value).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|&(value, count)| (std::cmp::Reverse(count), value));
    let listed = counts.iter().take(MOST_NAMES).take_while(|(_, count)| *count >= LEAST_BEARERS).count();
    let (listed, rest) = counts.split_at(listed);
    let share = |count: usize| round(count as f64 / all.max(1) as f64);
    let unlisted = rest.iter().map(|(_, count)| count).sum::<usize>() as f64 / rest.len().max(1) as f64;
    let rest = round((unlisted.max(1.0)) / all.max(1) as f64);
    Frequencies {
        rest,
        values: listed.iter().map(|&(value, count)| (value.to_owned(), share(count))).collect(),
    }
}

/// Counts as shares that sum to one, none below the least.
fn shares(counts: &[f64], least: f64) -> Vec<f64> {
    let all: f64 = counts.iter().sum();
    if all <= 0.0 {
        // Nothing was seen: every level says the same of both, that is nothing.
        return vec![1.0 / counts.len() as f64; counts.len()];
    }
    let raised: Vec<f64> = counts.iter().map(|count| (count / all).max(least)).collect();
    let sum: f64 = raised.iter().sum();
    raised.into_iter().map(|share| share / sum).collect()
}

/// Six significant digits: what a file of parameters can hold and a person compare.
fn round(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}
