//! No gate on a batch: what one family's claim has to wait for moves no other family's line, neither in the quarter it
//! is counted in nor in the audit's sample.

use std::collections::{BTreeMap, BTreeSet};

use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    privacy::{
        Table, VerifiedPolicy,
        policy::{ATTACHED, CLOSED, RESULT, WITHDRAWN},
    },
};
use tenfold_node::{
    claims::{
        ladder::State,
        sample::{Seed, Share},
    },
    duties::{
        DutyError, audit, certify,
        claim::{
            self, ClaimFault, Families, look,
            settle::{self, Which},
            trace,
        },
        prepare, rights,
    },
    register::FamilyId,
    store, synth,
};
use tenfold_store::{Account, Role};
use tenfold_tests::federation::{Database, Federation, Member, Running};

const STREAMS: [&str; 4] = [ATTACHED, RESULT, CLOSED, WITHDRAWN];
const SEED: &str = "eleven pipers 7 2 9 1";
/// The last quarter whose extracts are loaded; its claims are drafted then.
const DRAFTED: i32 = 5;

/// The quarter in which each line is counted, stream by stream.
type RecordedIn = BTreeMap<(&'static str, String), Quarter>;

/// One of two worlds that differ in one family.
struct World {
    federation: Running,
    /// The family that is there or not, and its line.
    family: FamilyId,
    line: String,
    /// Who is in the audit's sample, by line, and the share.
    drawn: BTreeMap<String, bool>,
    share: Share,
    /// The true tables of each quarter.
    tables: Vec<Vec<Table>>,
}

impl World {
    fn member(&self) -> &Member {
        &self.federation.members[0]
    }
}

fn auditor() -> Account {
    Account { name: "auditor".into(), display_name: "auditor".into(), role: Role::Auditor }
}

/// The claim of a line in the window.
fn claim_of(member: &Member, line: &str) -> anyhow::Result<i64> {
    let claims = look::list(&member.node, Some("W"))?;
    Ok(claims.iter().find(|claim| claim.line == line).expect("it was claimed").claim)
}

/// Everything that people do is the same in both worlds, and at the same moments, as far as the ladder lets them.
async fn play(database: Database, with: bool) -> anyhow::Result<World> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let (node, analyst) = (&member.node, &member.analyst);
    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(federation.quarter(0)?, 6, 0.2), &extracts)?;
    for index in 0..=DRAFTED {
        let quarter = federation.quarter(index)?;
        federation.when_loaded(quarter);
        member.load_extracts(&extracts, quarter)?;
    }
    // One that has come far enough for an officer's discretion, whose line is always checked.
    let work = look::work_list(node)?;
    let on_the_way = work.iter().find(|line| ["attached", "in progress"].contains(&line.status.as_str()));
    let family = FamilyId(on_the_way.expect("somebody is on the way").family.clone());
    let number: i64 = family.0[1..].parse()?;
    let file = node.store.read(|connection| store::register::family(connection, number))?;
    let line = file.expect("it is in the register").line.to_string();
    if !with {
        // Its rows are taken out; every other line stays as it stood.
        rights::erase(node, number, &member.approver)?;
    }

    let today = node.now().day();
    claim::open_window(node, "W", (today, today), None, None, analyst)?;
    claim::draft(node, "W", &Families::AllClaimable, analyst)?;
    if with {
        claim::draft(
            node,
            "W",
            &Families::Discretion(family.clone(), "equivalent progress".into()),
            analyst,
        )?;
    }
    let mut others: Vec<String> =
        look::list(node, Some("W"))?.into_iter().map(|c| c.line).filter(|other| *other != line).collect();
    others.sort();
    let withdrawn = Which::Claims(vec![claim_of(member, &others[0])?]);
    settle::settle(node, &withdrawn, State::Withdrawn, "drafted in error", analyst)?;

    let frozen = audit::freeze(node, "W", None, analyst)?;
    let state = audit::seed(node, "W", SEED, &auditor())?;
    let drawn: BTreeMap<String, bool> =
        state.lines.iter().map(|found| (found.line.clone(), found.drawn)).collect();
    for found in state.lines.iter().filter(|found| found.drawn && found.line != line) {
        audit::find(node, "W", found.claim, None, &auditor())?;
    }
    // The papers of the added family take until the next quarter: its whole batch waits for them.
    let concluded = audit::conclude(node, "W", &auditor());
    match with {
        true => {
            let told = concluded.unwrap_err();
            assert!(matches!(told, DutyError::Claims(ClaimFault::Unchecked { count: 1, .. })), "{told}");
            federation.when_loaded(federation.quarter(DRAFTED + 1)?);
            audit::find(node, "W", claim_of(member, &line)?, None, &auditor())?;
            audit::conclude(node, "W", &auditor())?;
        }
        false => drop(concluded?),
    }
    certify::certify(node, "W", None, &member.approver)?;
    settle::settle(node, &Which::Window("W".into()), State::Submitted, "handed in", analyst)?;
    federation.when_loaded(federation.quarter(DRAFTED + 2)?);
    let refused = Which::Claims(vec![claim_of(member, &others[1])?]);
    settle::settle(node, &refused, State::Refused, "a spot check", analyst)?;

    let policy = federation.policy()?;
    let mut tables = Vec::new();
    federation.when_recorded(federation.quarter(DRAFTED + 2)?)?;
    for index in 0..=DRAFTED + 2 {
        let quarter = federation.quarter(index)?;
        member.release(quarter)?;
        let truth = node.store.read(|connection| prepare::thaw(node, connection, &policy, quarter))?;
        tables.push(truth.show_locally().clone());
        member.deliver().await?;
    }
    Ok(World { family, line, drawn, share: frozen.share, tables, federation })
}

/// When the events stand recorded: what the program counts by.
fn as_recorded(world: &World) -> anyhow::Result<RecordedIn> {
    let policy = world.federation.policy()?;
    let mut found = RecordedIn::new();
    for stream in STREAMS {
        let read = |connection: &mut _| store::events::of_stream(connection, stream);
        for event in world.member().node.store.read(read)? {
            found.insert((stream, event.line.to_string()), policy.recording_quarter(event.recorded_at)?);
        }
    }
    Ok(found)
}

/// The planted fault: a result counts once its claim stands on a certificate.
fn as_certified(world: &World) -> anyhow::Result<RecordedIn> {
    let policy = world.federation.policy()?;
    let mut found = as_recorded(world)?;
    found.retain(|(stream, _), _| *stream != RESULT);
    for claim in look::list(&world.member().node, Some("W"))? {
        if let Some(at) = reached(world.member(), claim.claim, State::Certified)? {
            found.insert((RESULT, claim.line), in_quarter(&policy, at)?);
        }
    }
    Ok(found)
}

fn in_quarter(policy: &VerifiedPolicy, at: Moment) -> anyhow::Result<Quarter> {
    Ok(policy.recording_quarter(at)?)
}

fn reached(member: &Member, claim: i64, state: State) -> anyhow::Result<Option<Moment>> {
    let steps = trace::show(&member.node, claim)?.steps;
    let step = steps.into_iter().find(|(reached, ..)| *reached == state.to_string());
    Ok(step.map(|(_, at, ..)| at.parse()).transpose()?)
}

/// The other lines that are counted in another quarter, or in one world only.
fn moved(
    with: &World,
    without: &World,
    recorded: fn(&World) -> anyhow::Result<RecordedIn>,
) -> anyhow::Result<BTreeSet<String>> {
    let (mut here, there) = (recorded(with)?, recorded(without)?);
    here.retain(|(_, line), _| *line != with.line);
    let differ = |(key, quarter): (&(&str, String), &Quarter), other: &RecordedIn| {
        (other.get(key) != Some(quarter)).then(|| format!("{} of {}", key.0, key.1))
    };
    let one = here.iter().filter_map(|entry| differ(entry, &there));
    Ok(one.chain(there.iter().filter_map(|entry| differ(entry, &here))).collect())
}

/// The other lines whose fate in the audit's draw is another.
fn drawn_otherwise(line: &str, with: &BTreeMap<String, bool>, without: &BTreeMap<String, bool>) -> usize {
    let others: Vec<_> = with.iter().filter(|(other, _)| *other != line).collect();
    assert_eq!(others.len(), without.len(), "the lists differ in more than the one line");
    others.into_iter().filter(|(other, drawn)| without.get(*other) != Some(*drawn)).count()
}

#[tokio::test]
async fn one_familys_claim_holds_up_no_other_line_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn one_familys_claim_holds_up_no_other_line_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let (with, without) = (play(database, true).await?, play(database, false).await?);
    assert_eq!((&with.family, &with.line), (&without.family, &without.line));
    let recorded = as_recorded(&with)?;
    for (stream, least) in [(ATTACHED, 20), (RESULT, 20), (WITHDRAWN, 2)] {
        let lines = recorded.keys().filter(|(of, _)| *of == stream).count();
        assert!(lines >= least, "{lines} lines in {stream}: it shows little");
    }
    assert_eq!(moved(&with, &without, as_recorded)?, BTreeSet::new());

    // The check sees a gate: counted when certified, all other results would move with the one that waits.
    let planted = moved(&with, &without, as_certified)?;
    let certified = as_certified(&without)?.keys().filter(|(of, _)| *of == RESULT).count();
    assert_eq!(planted.len(), certified, "{planted:?}");
    assert!(certified >= 18, "{certified}");

    // What is released differs by the one family and nothing else: one of it at most, in *attached* and in *result*.
    let totals = |world: &World, stream: usize| -> Vec<i64> {
        world.tables.iter().map(|of_quarter| of_quarter[stream][0][0]).collect()
    };
    for (stream, adds) in STREAMS.iter().zip([1, 1, 0, 0]) {
        let at = STREAMS.iter().position(|other| other == stream).expect("it is one of them");
        let differ: Vec<i64> =
            totals(&with, at).iter().zip(totals(&without, at)).map(|(a, b)| a - b).collect();
        assert_eq!(differ.iter().map(|by| by.abs()).sum::<i64>(), adds, "{stream}: {differ:?}");
        assert_eq!(differ.iter().sum::<i64>(), adds, "{stream}: {differ:?}");
    }

    // Nor is any other line drawn or spared.
    assert_eq!(with.share, without.share);
    assert_eq!(drawn_otherwise(&with.line, &with.drawn, &without.drawn), 0);
    assert!(with.drawn[&with.line], "discretion is always checked");
    assert!(without.drawn.values().any(|drawn| *drawn) && without.drawn.values().any(|drawn| !drawn));
    a_sample_of_fixed_size_is_found(&with)?;
    Ok(())
}

/// What must be found: a sample of so many lines, those with the smallest draw, where one line more pushes out another.
fn a_sample_of_fixed_size_is_found(world: &World) -> anyhow::Result<()> {
    let all: Vec<&String> = world.drawn.keys().collect();
    let others: Vec<&String> = all.iter().copied().filter(|line| **line != world.line).collect();
    let mut found = 0;
    for number in 0..40 {
        let seed = Seed::new(&format!("another seed of the auditor {number}"))?;
        // The smallest share that draws a line says where it stands.
        let rank = |line: &str| {
            let (mut spared, mut drawn) = (0, 10_000);
            while drawn - spared > 1 {
                let middle = u32::midpoint(spared, drawn);
                let here =
                    if seed.draws(line, Share::of_basis_points(middle)) { &mut drawn } else { &mut spared };
                *here = middle;
            }
            drawn
        };
        let sample = |lines: &[&String]| -> BTreeMap<String, bool> {
            let mut ranked = lines.to_vec();
            ranked.sort_by_cached_key(|line| rank(line));
            ranked.iter().enumerate().map(|(at, line)| ((*line).clone(), at < 8)).collect()
        };
        found += drawn_otherwise(&world.line, &sample(&all), &sample(&others));
        let by_share = |lines: &[&String]| -> BTreeMap<String, bool> {
            lines.iter().map(|line| ((*line).clone(), seed.draws(line, world.share))).collect()
        };
        assert_eq!(drawn_otherwise(&world.line, &by_share(&all), &by_share(&others)), 0);
    }
    assert!(found > 0, "in forty draws the added line pushed out nobody: the check is blind");
    Ok(())
}
