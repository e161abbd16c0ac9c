//! How long verdicts take, and how their time grows with the number of families. Prints, asserts nothing.

use std::{hint::black_box, time::Instant};

use chrono::{Days as DayCount, NaiveDate};
use tenfold_common::framework::Framework;
use tenfold_node::{
    outcomes,
    register::{
        Assessment, AssessmentKind, CareKind, CareSpell, Coverage, Days, Episode, FamilyFile, FamilyId,
        Incident, IncidentKind, LineId, Origin, Person, PersonId, Sex, SourceKind, Spell, TermSessions,
    },
};

/// The target: so many families in so many seconds.
const FAMILIES: usize = 100_000;
const TARGET_S: f64 = 5.0;
const SIZES: [usize; 4] = [12_500, 25_000, 50_000, FAMILIES];
const ROUNDS: usize = 9;

fn main() {
    let framework = Framework::shipped();
    let coverage = Coverage(SourceKind::ALL.iter().map(|source| (*source, vec![days(0, 1095)])).collect());
    let files: Vec<FamilyFile> = (0..FAMILIES).map(family).collect();
    let on = day(1090);
    let mut taken = [f64::MAX; SIZES.len()];
    let mut results = [0; SIZES.len()];
    // Round after round over all sizes, so that whatever else runs on the machine meets each of them.
    for _ in 0..ROUNDS {
        for (at, size) in SIZES.into_iter().enumerate() {
            let begun = Instant::now();
            let decided = files[..size].iter().map(|file| outcomes::decide(file, &coverage, framework, on));
            results[at] = decided.filter(|verdict| black_box(verdict).result.is_some()).count();
            taken[at] = taken[at].min(begun.elapsed().as_secs_f64());
        }
    }
    for ((size, best), results) in SIZES.iter().zip(taken).zip(results) {
        println!(
            "{size:>7} families: {best:.3} s, {:.2} µs each, {results} results",
            best / *size as f64 * 1e6
        );
    }
    let last = SIZES.len() - 1;
    let exponent = (taken[last] / taken[0]).ln() / (SIZES[last] as f64 / SIZES[0] as f64).ln();
    println!(
        "time grows as n^{exponent:.3} from {} to {} families (target at most n^1.1)",
        SIZES[0], SIZES[last]
    );
    println!("{FAMILIES} families take {:.2} of the {TARGET_S} s they may", taken[last] / TARGET_S);
}

fn day(after: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2014, 4, 1).unwrap_or_default() + DayCount::new(after)
}

fn days(from: u64, to: u64) -> Days {
    Days { from: day(from), to: day(to) }
}

/// Two adults and two children with two years of sessions, some of them in trouble; no two numbers alike.
fn family(number: usize) -> FamilyFile {
    let id = |who: &str| PersonId(format!("{who}{number}"));
    let person = |who: &str, years: i32| Person {
        id: id(who),
        given_name: who.to_owned(),
        family_name: format!("Family{number}"),
        birth_date: NaiveDate::from_ymd_opt(2017 - years, 3, 1 + (number % 28) as u32),
        sex: Sex::NotKnown,
    };
    let needs =
        |present: bool| (1..=6).filter(|p| (number >> p).is_multiple_of(2)).map(|p| (p, present)).collect();
    let assessment = |who: &str, kind, at: u64, present| Assessment {
        child: id(who),
        kind,
        started: day(at),
        completed: Some(day(at)),
        whole_family: Some(true),
        plan_made: Some(day(at)),
        key_worker_from: Some(day(at)),
        needs: needs(present),
        referral_source: None,
        origin: Origin { load: 1, line: number as i64 },
    };
    let term = |who: &str, at: u64| TermSessions {
        pupil: id(who),
        term: days(at * 120, at * 120 + 90),
        possible: 120,
        absent: ((number + at as usize) % 13) as u32,
        authorised: 0,
        origins: (0..3).map(|line| Origin { load: 1, line }).collect(),
    };
    let spell = |who: &str, from: u64, to: Option<u64>| Spell {
        person: id(who),
        from: day(from),
        to: to.map(day),
        origin: Origin { load: 1, line: number as i64 },
    };
    let of = |each: usize| number.is_multiple_of(each);
    FamilyFile {
        family: FamilyId(format!("F{number}")),
        line: LineId(format!("L{number}")),
        members: vec![person("a", 40), person("b", 38), person("c", 9), person("d", 12)],
        ward: None,
        assessments: ["c", "d"]
            .iter()
            .flat_map(|who| {
                [
                    assessment(who, AssessmentKind::Initial, 400, true),
                    assessment(who, AssessmentKind::Review, 900, false),
                ]
            })
            .collect(),
        sessions: ["c", "d"].iter().flat_map(|who| (0..9).map(|at| term(who, at))).collect(),
        incidents: (0..number as u64 % 6)
            .map(|n| Incident {
                person: id("a"),
                on: day(200 + (n * 137 + number as u64) % 890),
                kind: IncidentKind::ALL[n as usize % IncidentKind::ALL.len()],
                origin: Origin { load: 1, line: number as i64 },
            })
            .collect(),
        benefits: if of(2) { vec![spell("a", 0, Some(800))] } else { Vec::new() },
        jobs: if of(4) { vec![spell("a", 801, None)] } else { Vec::new() },
        care: if of(3) {
            vec![CareSpell {
                child: id("c"),
                kind: CareKind::InNeed,
                from: day(100),
                to: Some(day(700)),
                origin: Origin { load: 1, line: number as i64 },
            }]
        } else {
            Vec::new()
        },
        episodes: vec![Episode {
            child: id("c"),
            opened: day(390),
            closed: None,
            reason: None,
            received_from: None,
            origin: Origin { load: 1, line: number as i64 },
        }],
        housing: Vec::new(),
        circumstances: Vec::new(),
    }
}
