//! How good and how fast matching is, on made-up records with the truth beside; the files are for other tools too.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Parser;
use rand::SeedableRng;
use rand_chacha::ChaCha12Rng;
use tenfold_node::register::{
    clusters::Clusters,
    linkage::{self, Candidates, Field, Parameters, People, Weighing, compare},
    persons::Tie,
    settle::settle,
};
use tenfold_tests::matching::{
    measure::Quality,
    people::{Dice, Truth},
    records::{Dirt, Records},
    register::Register,
};

/// Measure matching: persons apart from families, precision first.
#[derive(Debug, Parser)]
struct Bench {
    /// How many records
    #[arg(long, default_value_t = 200_000)]
    records: usize,
    /// Share of records without any number; twice for two measurements
    #[arg(long, default_values_t = [0.0, 0.5])]
    blank: Vec<f64>,
    /// Which made-up people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Weigh by these parameters instead of estimating them on the records
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// Weigh by the shipped parameters
    #[arg(long, conflicts_with = "parameters")]
    shipped: bool,
    /// Show how the pairs agree that were missed, joined in error, or left to a person
    #[arg(long)]
    explain: bool,
    /// Folder for the records as CSV and the parameters
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let bench = Bench::parse();
    for &blank in &bench.blank {
        measure(&bench, blank)?;
    }
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    }
    Ok(())
}

fn measure(bench: &Bench, blank: f64) -> anyhow::Result<()> {
    let mut dice = Dice::new(ChaCha12Rng::seed_from_u64(bench.seed));
    let truth = Truth::draw(&mut dice, bench.records * 2 / 5);
    let records = Records::draw(&mut dice, &truth, Dirt::usual(blank), bench.records);
    println!(
        "{} records of {} people and {} families, {:.0} % without any number",
        records.all.len(),
        truth.people.len(),
        truth.families.len() - truth.steps.len(),
        blank * 100.0
    );
    if let Some(folder) = &bench.out {
        fs::create_dir_all(folder)?;
        write(&folder.join(format!("records_{:02.0}.csv", blank * 100.0)), &records, &truth)?;
    }
    let mut register = Register::of(&records);
    let began = Instant::now();
    let bare = settle(&register.known);
    let people = People::of(&register.known, &bare, &register.places);
    let by_numbers = began.elapsed();
    show("numbers and exact names only", &register.found(&bare), &records, &truth);

    let began = Instant::now();
    let parameters = match &bench.parameters {
        Some(path) => Parameters::from_toml(&fs::read_to_string(path)?)?,
        None if bench.shipped => Parameters::shipped().clone(),
        None => {
            let mentions = linkage::single(&register.known, &bare.communal, &register.places);
            let today = "2026-11-22".parse()?;
            linkage::estimate(&mentions, &people.profiles, Parameters::shipped(), "made-up-records", today)
        }
    };
    let estimated = began.elapsed();
    if let Some(folder) = &bench.out {
        fs::write(folder.join(format!("parameters_{:02.0}.toml", blank * 100.0)), parameters.to_toml())?;
    }

    let began = Instant::now();
    let threads = std::thread::available_parallelism()?.get();
    let (scored, candidates) = linkage::weigh(&people.profiles, &parameters, threads);
    let found = linkage::choose(&people.profiles, scored, &people.apart, &parameters);
    let weighed = began.elapsed();
    let began = Instant::now();
    let identity = |at: usize| people.profiles[at].identity;
    register
        .known
        .ties
        .extend(found.joined.iter().map(|pair| (identity(pair.one), identity(pair.other), Tie::Linked)));
    let settled = settle(&register.known);
    let put_together = began.elapsed();
    show("with names weighed", &register.found(&settled), &records, &truth);
    println!(
        "  {} pairs compared ({} blocks left out), {} joined, {} for a person",
        candidates.pairs.len(),
        candidates.blocks_left_out,
        found.joined.len(),
        found.asked.len()
    );
    println!(
        "  {:.1} s by numbers, {:.1} s estimating, {:.1} s weighing, {:.1} s putting together",
        by_numbers.as_secs_f64(),
        estimated.as_secs_f64(),
        weighed.as_secs_f64(),
        put_together.as_secs_f64()
    );
    if bench.explain {
        explain(&register, &records, &people, &candidates, &found, &parameters);
    }
    Ok(())
}

fn explain(
    register: &Register,
    records: &Records,
    people: &People,
    candidates: &Candidates,
    found: &Weighing,
    parameters: &Parameters,
) {
    let mentions = register.mention_of.iter().map(|&at| register.known.mentions[at].mention.identity);
    let truly: HashMap<_, usize> = mentions.zip(records.all.iter().map(|record| record.person)).collect();
    let truly: Vec<usize> = people.profiles.iter().map(|profile| truly[&profile.identity]).collect();
    let mut groups = Clusters::of(truly.len());
    for pair in &found.joined {
        groups.join(pair.one, pair.other);
    }
    let asked: HashSet<(usize, usize)> =
        found.asked.iter().map(|pair| (pair.one.min(pair.other), pair.one.max(pair.other))).collect();
    let compared: HashSet<(u32, u32)> = candidates.pairs.iter().copied().collect();
    let mut of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    truly.iter().enumerate().for_each(|(at, &person)| of.entry(person).or_default().push(at));
    let mut kinds: BTreeMap<(&str, String), (u64, f64)> = BTreeMap::new();
    let mut put = |kind, one: usize, other: usize| {
        let compared = compare(&people.profiles[one], &people.profiles[other]);
        let words: Vec<&str> =
            Field::ALL.into_iter().map(|field| compared.levels.word(field).unwrap_or("-")).collect();
        let bits = parameters.bits(&compared) + parameters.prior_bits(truly.len());
        let entry = kinds.entry((kind, words.join(" "))).or_default();
        *entry = (entry.0 + 1, entry.1 + bits);
    };
    for same in of.values() {
        for (place, &other) in same.iter().enumerate() {
            for &one in same[..place].iter().filter(|&&one| !groups.together(one, other)) {
                let is_compared = compared.contains(&(one as u32, other as u32));
                let kind = match (is_compared, asked.contains(&(one, other))) {
                    (false, _) => "missed, not compared",
                    (true, true) => "asked, one person",
                    (true, false) => "missed, too light",
                };
                put(kind, one, other);
            }
        }
    }
    found.joined.iter().filter(|pair| truly[pair.one] != truly[pair.other]).for_each(|pair| {
        put("joined, two people", pair.one, pair.other);
    });
    asked.iter().filter(|(one, other)| truly[*one] != truly[*other]).for_each(|&(one, other)| {
        put("asked, two people", one, other);
    });
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|((kind, _), (count, _))| (*kind, std::cmp::Reverse(*count)));
    for of_kind in kinds.chunk_by(|a, b| a.0.0 == b.0.0) {
        println!("{}: {}", of_kind[0].0.0, of_kind.iter().map(|(_, (count, _))| count).sum::<u64>());
        for ((_, words), (count, bits)) in of_kind.iter().take(12) {
            println!("  {count:6} {words}, {:.1} bits on average", bits / *count as f64);
        }
    }
}

/// Prints the quality for persons, and for families over the people whom an assessment names.
fn show(what: &str, found: &[(usize, Option<i64>)], records: &Records, truth: &Truth) {
    let persons = found.iter().zip(&records.all).map(|((person, _), record)| (*person, record.person));
    println!("{what}");
    println!("  persons:  {}", Quality::of(persons));
    let mut named = vec![false; truth.people.len()];
    for (child, carer, ..) in &records.assessed {
        named[records.all[*child].person] = true;
        named[records.all[*carer].person] = true;
    }
    let families = found.iter().zip(&records.all).enumerate().filter(|(_, (_, record))| named[record.person]);
    // Somebody of no family is one alone.
    let families = families.map(|(at, ((_, family), record))| {
        (family.unwrap_or(-1 - at as i64), truth.people[record.person].family)
    });
    println!("  families: {}", Quality::of(families));
}

fn write(path: &Path, records: &Records, truth: &Truth) -> anyhow::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record([
        "unique_id",
        "person",
        "family",
        "given",
        "surname",
        "born",
        "sex",
        "nhs",
        "upn",
        "ni",
        "case_id",
        "property",
        "postcode",
    ])?;
    for (at, record) in records.all.iter().enumerate() {
        let who = &record.who;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let family = truth.people[record.person].family;
        file.write_record([
            at.to_string(),
            record.person.to_string(),
            family.map(|family| family.to_string()).unwrap_or_default(),
            who.given_name.clone(),
            who.family_name.clone(),
            who.birth_date.map(|day| day.to_string()).unwrap_or_default(),
            text(who.sex.map(|sex| sex.as_str())),
            text(who.nhs_number.as_ref().map(|number| number.as_str())),
            text(who.upn.as_ref().map(|number| number.as_str())),
            text(who.ni_number.as_ref().map(|number| number.as_str())),
            text(who.case_id.as_ref().map(|case| case.id.as_str())),
            text(record.home.as_ref().map(|home| home.property.as_str())),
            text(record.home.as_ref().map(|home| home.postcode.as_str())),
        ])?;
    }
    Ok(file.flush()?)
}
