//! What the node decides on the generated families is what the truth says; the files are as promised.

mod reader;

use std::collections::{BTreeMap, BTreeSet};

use tenfold_common::framework::{Framework, ResultKind};

use super::{story::Joining, truth::OfQuarter, *};
use crate::{
    outcomes::{self, Verdict},
    register::{
        Assessment, CareSpell, Coverage, Episode, FamilyFile, FamilyId, Incident, LineId, Origin, Person,
        PersonId, SourceKind, Spell, TermSessions,
    },
};
use reader::Reader;

fn plan(code: &str, scale: f64) -> SynthPlan {
    SynthPlan { scale, ..SynthPlan::new(code.parse().unwrap(), 7) }
}

fn covered_until(plan: &SynthPlan, quarter: usize) -> Coverage {
    use SourceKind::*;
    let days: Vec<Days> = plan.all_quarters()[..=quarter].iter().copied().map(coverage).collect();
    Coverage([EarlyHelp, SchoolSessions, Police, Dwp, SocialCare, Episodes].map(|s| (s, days.clone())).into())
}

/// What a node that loaded every folder until a quarter would know of a family.
fn file_at(family: &Family, plan: &SynthPlan, quarter: usize) -> FamilyFile {
    let today = plan.first_quarter.plus(quarter as i32).last_day();
    let past = |day: Option<NaiveDate>| day.filter(|day| *day <= today);
    let child = |at: usize| PersonId(format!("child {at}"));
    let carer = || PersonId("carer".to_owned());
    let person = |id: PersonId, someone: &identity::Someone| Person {
        id,
        given_name: someone.forename.clone(),
        family_name: someone.surname.clone(),
        birth_date: Some(someone.born),
        sex: someone.sex,
    };
    let spells = |spells: &[family::Spell]| {
        let known = spells.iter().filter(|spell| spell.known <= quarter);
        known
            .map(|spell| Spell {
                person: carer(),
                from: spell.from,
                to: past(spell.to),
                origin: Origin::default(),
            })
            .collect()
    };
    let mut file = FamilyFile {
        family: FamilyId("family".to_owned()),
        line: LineId("line".to_owned()),
        members: vec![person(carer(), &family.carer.person)],
        ward: None,
        assessments: Vec::new(),
        sessions: Vec::new(),
        incidents: Vec::new(),
        benefits: spells(&family.benefits),
        jobs: spells(&family.jobs),
        care: Vec::new(),
        episodes: Vec::new(),
        housing: Vec::new(),
        circumstances: Vec::new(),
    };
    file.members.extend(family.children.iter().enumerate().map(|(at, c)| person(child(at), &c.person)));
    for assessed in family.assessments.iter().filter(|assessed| assessed.completed <= today) {
        for (at, needs) in assessed.needs.iter().enumerate() {
            let needs = (1..).zip(needs).filter_map(|(problem, need)| Some((problem, (*need)?)));
            file.assessments.push(Assessment {
                child: child(at),
                kind: assessed.kind,
                started: assessed.started,
                completed: Some(assessed.completed),
                whole_family: assessed.whole_family,
                plan_made: past(assessed.plan),
                key_worker_from: past(assessed.key_worker.map(|(_, from)| from)),
                needs: needs.collect(),
                referral_source: reader::referral(family.referred_by()),
                origin: Origin::default(),
            });
        }
    }
    for s in family.sessions.iter().filter(|s| s.known <= quarter) {
        let (pupil, term) = (child(s.child), s.term.days);
        file.sessions.push(TermSessions {
            pupil,
            term,
            possible: s.possible,
            absent: s.absent(),
            authorised: 0,
            origins: Vec::new(),
        });
    }
    for event in family.incidents.iter().filter(|event| event.known <= quarter) {
        file.incidents.push(Incident {
            person: carer(),
            on: event.on,
            kind: event.kind,
            origin: Origin::default(),
        });
    }
    for care in family.care.iter().filter(|care| care.spell.known <= quarter) {
        let to = past(care.spell.to);
        file.care.push(CareSpell {
            child: child(0),
            kind: care.kind,
            from: care.spell.from,
            to,
            origin: Origin::default(),
        });
    }
    if family.episode.opened <= today {
        let closed = family.episode.closed.filter(|(day, _)| *day <= today);
        file.episodes.push(Episode {
            opened: family.episode.opened,
            closed: closed.map(|(day, _)| day),
            reason: closed.map(|(_, reason)| reason.to_owned()),
            received_from: match &family.story.joining {
                Joining::Received(from) => Some(from.clone()),
                _ => None,
            },
            origin: Origin::default(),
            child: child(0),
        });
    }
    file
}

/// Counts each family once a stream, in the first quarter in which the verdict holds.
fn record<K: Ord + Clone>(
    plan: &SynthPlan,
    verdicts: impl Fn(usize) -> Vec<(K, Verdict)>,
) -> (Vec<OfQuarter>, BTreeMap<K, (usize, usize)>) {
    let (mut attached, mut with_result) = (BTreeSet::new(), BTreeSet::new());
    let mut tally = vec![OfQuarter::default(); plan.quarters];
    let mut when: BTreeMap<K, (usize, usize)> = BTreeMap::new();
    for (quarter, counts) in tally.iter_mut().enumerate() {
        for (family, verdict) in verdicts(quarter) {
            if verdict.is_attached() && attached.insert(family.clone()) {
                counts.attached += 1;
                verdict.problems.iter().for_each(|p| counts.attached_problems[usize::from(*p) - 1] += 1);
                when.entry(family.clone()).or_insert((99, 99)).0 = quarter;
            }
            if let Some(result) = verdict.result.filter(|_| with_result.insert(family.clone())) {
                match result.kind {
                    ResultKind::Progress => counts.progress += 1,
                    ResultKind::Employment => counts.employment += 1,
                }
                result.problems.iter().for_each(|p| counts.result_problems[usize::from(*p) - 1] += 1);
                when.entry(family.clone()).or_insert((99, 99)).1 = quarter;
            }
        }
    }
    (tally, when)
}

fn verdict(file: &FamilyFile, plan: &SynthPlan, quarter: usize) -> Verdict {
    let on = load_day(plan.first_quarter.plus(quarter as i32));
    outcomes::decide(file, &covered_until(plan, quarter), Framework::shipped(), on)
}

fn check_truth(plan: &SynthPlan) -> Vec<OfQuarter> {
    let families = invent(plan).unwrap();
    let at_quarter = |quarter: usize| {
        let known = families.iter().enumerate().filter(|(_, family)| family.story.seen <= quarter);
        known.map(|(at, family)| (at, verdict(&file_at(family, plan, quarter), plan, quarter))).collect()
    };
    let (decided, when) = record(plan, at_quarter);
    for (at, family) in families.iter().enumerate() {
        let story = &family.story;
        let result = story.attached().zip(story.lag()).map(|(attached, lag)| attached + lag);
        let told = (story.attached().unwrap_or(99), result.unwrap_or(99));
        assert_eq!(when.get(&at).copied().unwrap_or((99, 99)), told, "{family:#?}");
    }
    let truth = truth::tally(plan, &families);
    assert_eq!(decided, truth);
    truth
}

#[test]
fn the_node_decides_what_the_truth_says() {
    let truth = check_truth(&plan("E08000001", 1.0));
    let results: usize = truth.iter().map(|q| q.progress + q.employment).sum();
    let employment: usize = truth.iter().map(|q| q.employment).sum();
    assert!((0.05..0.15).contains(&(employment as f64 / results as f64)), "{employment} of {results}");
    assert!(truth.iter().all(|q| (110..170).contains(&q.attached)), "830 × 10/3 ÷ 20 = 138");
    assert!(truth[2..].iter().all(|q| q.progress > 0));
}

#[test]
fn the_truth_holds_for_other_seeds_lengths_and_boroughs() {
    for (code, seed, first, quarters) in
        [("E08000004", 1, "2015-Q2", 8), ("E08000002", 2, "2016-Q1", 5), ("E08000006", 3, "2015-Q3", 24)]
    {
        let mut plan = plan(code, 0.4);
        (plan.seed, plan.first_quarter, plan.quarters) = (seed, first.parse().unwrap(), quarters);
        check_truth(&plan);
    }
    let mut one = plan("E08000001", 0.1);
    one.quarters = 1;
    check_truth(&one);
}

#[test]
fn the_moving_family_is_attached_once() {
    let (from, to) = (invent(&plan("E08000001", 0.02)).unwrap(), invent(&plan("E08000002", 0.02)).unwrap());
    let (left, received) = (from.last().unwrap(), to.last().unwrap());
    assert_eq!(left.carer, received.carer);
    assert_eq!(left.children, received.children);
    assert_eq!(left.story.joining, Joining::Attached(1));
    assert_eq!(received.story.joining, Joining::Received("E08000001".parse().unwrap()));
    let verdict = verdict(&file_at(received, &plan("E08000002", 0.02), 7), &plan("E08000002", 0.02), 7);
    assert_eq!((verdict.status, verdict.attached_on), (outcomes::Status::Eligible, None));
}

#[test]
fn no_two_families_can_be_taken_for_one() {
    let plan = plan("E08000003", 0.5);
    let mut people = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    let mut homes = BTreeSet::new();
    for family in invent(&plan).unwrap() {
        let carers = std::iter::once(&family.carer).chain(&family.second_carer);
        let spelt_otherwise = family.children.iter().filter_map(|c| c.again.as_ref().map(|(p, _, _)| p));
        let children = family.children.iter().map(|child| &child.person);
        for person in carers.clone().map(|c| &c.person).chain(children).chain(spelt_otherwise) {
            let name = format!("{} {}", person.forename, person.surname).to_lowercase();
            assert!(people.insert((name, person.born)));
        }
        let of_children = family.children.iter().flat_map(|c| [&c.nhs_number, &c.upn]);
        for number in of_children.chain(carers.map(|c| &c.ni_number)).filter(|number| !number.is_empty()) {
            assert!(numbers.insert(number.clone()), "{number}");
        }
        assert!(family.homes.iter().all(|(_, home)| homes.insert(home.uprn.clone())));
    }
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let written = |seed: u64| {
        let folder = tempfile::tempdir().unwrap();
        let plan = SynthPlan { seed, ..plan("E08000002", 0.1) };
        let written = write(&plan, folder.path()).unwrap();
        let names = written.extracts.iter().cloned();
        let all = names.chain(["truth.csv", "README.txt"].map(|name| folder.path().join(name)));
        let bytes: Vec<Vec<u8>> = all.map(|path| fs::read(path).unwrap()).collect();
        (written.families, written.rows, bytes)
    };
    assert_eq!(written(1), written(1));
    assert_ne!(written(1).2, written(2).2);
}

#[test]
fn a_plan_out_of_range_is_refused() {
    let refused = |change: &dyn Fn(&mut SynthPlan)| {
        let mut plan = plan("E08000001", 1.0);
        change(&mut plan);
        write(&plan, Path::new("/nowhere")).expect_err("the plan is wrong").to_string()
    };
    assert_eq!(
        refused(&|p| p.borough = "E08000011".parse().unwrap()),
        "E08000011 is not a borough of Greater Manchester, expected E08000001 to E08000010"
    );
    assert_eq!(refused(&|p| p.quarters = 25), "the number of quarters is 25, expected 1 to 24");
    assert_eq!(refused(&|p| p.scale = 0.0), "the scale is 0, expected above 0, at most 10");
    assert_eq!(
        refused(&|p| p.shares.resent = f64::NAN),
        "the share of rows sent again is NaN, expected 0 to 1"
    );
}

#[test]
fn the_files_say_what_the_truth_says() {
    let mut plan = plan("E08000002", 1.0);
    plan.shares =
        Shares { duplicates: 0.2, moves: 0.3, missing: 0.2, malformed: 0.05, resent: 0.1, ..plan.shares };
    let folder = tempfile::tempdir().unwrap();
    let written = write(&plan, folder.path()).unwrap();
    let mut reader = Reader::default();
    let mut by_quarter = Vec::new();
    for quarter in 0..plan.quarters {
        reader.load(folder.path(), &plan, quarter);
        by_quarter.push(reader.files());
    }
    assert_eq!(by_quarter.last().unwrap().len(), written.families, "each family is found, and found once");
    let share = reader.refused as f64 / written.rows as f64;
    assert!((0.04..0.056).contains(&share), "{} of {} rows are spoilt", reader.refused, written.rows);

    let verdicts = |quarter: usize| {
        let files = by_quarter[quarter].iter();
        files.map(|(family, file)| (*family, verdict(file, &plan, quarter))).collect()
    };
    let (decided, _) = record(&plan, verdicts);
    assert_eq!(decided, truth::tally(&plan, &invent(&plan).unwrap()));
}
