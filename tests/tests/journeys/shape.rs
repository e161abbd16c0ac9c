//! The outside of a release says nothing: neighbours, and registers of implausible size, send the same fields, as many
//! messages, at the same instants; and so does a quarter however and whenever it was approved before its instant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tenfold_aggregator::duties::prove;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    privacy::policy::{ATTACHED, CLOSED, RESULT, WITHDRAWN},
    protocol::signature,
};
use tenfold_node::duties::{
    approve,
    deliver::{self, Trying},
    prepare, standing,
};
use tenfold_store::{Account, Role, accounts};
use tenfold_tests::{
    federation::{Federation, Member, PASSWORD, Running, logged},
    recorded::{self, Features},
};
use tenfold_web::tls;

const QUARTERS: i32 = 3;

/// When and how a quarter is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Approved {
    /// By hand, on the day it can be prepared.
    AtOnce,
    /// By hand, an hour before its instant.
    Late,
    /// By a standing approval, put to use on the day after it can be prepared.
    Beforehand,
}

/// What anybody outside the borough sees.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Every path of every release with the kind of what stands there.
    fields: Vec<BTreeSet<String>>,
    /// How often the node has called each path by then, tick by tick.
    calls: Vec<(Moment, BTreeMap<String, usize>)>,
    /// When each release arrived.
    arrived: Vec<(Quarter, Moment)>,
    /// When the policy says that it leaves.
    promised: Vec<(Quarter, Moment)>,
}

impl Seen {
    /// How often it called in all.
    fn calls_in_all(&self) -> &BTreeMap<String, usize> {
        &self.calls.last().expect("there were ticks").1
    }
}

/// Every path of a document, with the kind of value and, for text, its length.
fn fields(at: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            fields(&format!("{at}.{key}"), value, found);
        }),
        Value::Array(values) => {
            found.insert(format!("{at} of {}", values.len()));
            values
                .iter()
                .enumerate()
                .for_each(|(index, value)| fields(&format!("{at}[{index}]"), value, found));
        }
        Value::Number(number) => {
            found.insert(format!("{at}: {}", if number.is_i64() { "whole" } else { "another number" }));
        }
        Value::String(text) => {
            found.insert(format!("{at}: {} letters", text.len()));
        }
        Value::Bool(_) => drop(found.insert(format!("{at}: yes or no"))),
        Value::Null => drop(found.insert(format!("{at}: nothing"))),
    }
}

/// So many families, each in every stream, spread over the quarters.
fn record(
    federation: &Running,
    member: &Member,
    families: impl Iterator<Item = usize>,
) -> anyhow::Result<()> {
    let policy = federation.policy()?;
    let mut events = Vec::new();
    for at in families {
        let features =
            Features { ward: at % 19, problems: (at * 11 % 64) as u8, progress: at % 3 > 0, reason: at };
        let quarter = federation.quarter(at as i32 % QUARTERS)?;
        for stream in [ATTACHED, RESULT, CLOSED, WITHDRAWN] {
            events.push(recorded::event(
                &policy,
                member.borough(),
                quarter,
                stream,
                &at.to_string(),
                features,
            )?);
        }
    }
    Ok(recorded::record(&member.node, events)?)
}

fn calls(member: &Member) -> anyhow::Result<BTreeMap<String, usize>> {
    let own = tls::fingerprint_of_pem(&member.node.bundle()?.certificate_chain_pem)?;
    let mut found = BTreeMap::new();
    for line in logged(&["a node calls", &own]) {
        let path =
            line.split("path=").nth(1).expect("a call has its path").trim().trim_matches('"').to_owned();
        *found.entry(path).or_default() += 1;
    }
    Ok(found)
}

/// Plays three quarters of a register; each quarter is approved in its way.
async fn play(families: &[usize], approved: [Approved; QUARTERS as usize]) -> anyhow::Result<Seen> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let dana = Account { name: "dana".into(), display_name: "Dana".into(), role: Role::Analyst };
    accounts::add(&member.node.store, &dana, PASSWORD, member.node.now())?;
    let until = member.node.now().plus_days(366);
    standing::give(&member.node, None, until, &member.signer()?)?;
    record(&federation, member, families.iter().copied())?;
    let (policy, mut ticks) = (federation.policy()?, Vec::new());
    for (index, approved) in approved.into_iter().enumerate() {
        let quarter = federation.quarter(index as i32)?;
        let (recorded, leaves) = (policy.recording_ends(quarter), policy.delivers_at(quarter));
        let (next_day, late) = (recorded.plus_days(1), leaves.plus_seconds(-3600));
        assert!(recorded < next_day && next_day < late, "the instants of the policy leave no time between");
        for at in [recorded, next_day, late, leaves.plus_seconds(-1), leaves, leaves.plus_seconds(3600)] {
            federation.clock.set(at);
            if at == recorded {
                prepare::prepare(&member.node, quarter, &member.analyst)?;
            }
            let now = match approved {
                Approved::AtOnce => recorded,
                Approved::Beforehand => next_day,
                Approved::Late => late,
            };
            if at == now && approved == Approved::Beforehand {
                standing::put_to_use(&member.node, quarter, &dana)?;
            } else if at == now {
                let prepared = member
                    .node
                    .store
                    .read(|connection| tenfold_node::store::releases::preparation_of(connection, quarter))?;
                let shown = prepared.expect("it is prepared").salted_hash;
                approve::approve(&member.node, quarter, &member.signer()?, &shown)?;
            }
            // What the program does by itself, hour after hour: a process of its own seals, then what is due is sent.
            let region = member.region()?;
            if deliver::is_approved(&member.node).await? {
                deliver::seal_now(&member.node, &region).await?;
            }
            deliver::deliver(&member.node, &region, Trying::WhenDue).await?;
            ticks.push((at, calls(member)?));
        }
    }
    let received = federation.aggregator.store.read(tenfold_aggregator::store::releases::all)?;
    assert_eq!(received.len(), approved.len());
    assert_eq!(prove::verify(&federation.aggregator)?.releases, approved.len());
    let mut all = Vec::new();
    for release in &received {
        let mut found = BTreeSet::new();
        fields("release", &signature::peek::<Value>(&release.bytes)?, &mut found);
        all.push(found);
    }
    let arrived = received.iter().map(|release| (release.quarter, release.received_at)).collect();
    let promised =
        received.iter().map(|release| (release.quarter, policy.delivers_at(release.quarter))).collect();
    Ok(Seen { fields: all, calls: ticks, arrived, promised })
}

/// With and without one family, and with ten times as many: nothing that is seen from outside differs.
#[tokio::test]
async fn neighbours_and_implausible_registers_look_the_same_from_outside() -> anyhow::Result<()> {
    let ways = [Approved::AtOnce, Approved::Beforehand, Approved::Late];
    let families: Vec<usize> = (0..30).collect();
    let with = play(&families, ways).await?;
    assert!(with.fields.iter().all(|found| found.len() > 20), "{:?}", with.fields);
    let asked: Vec<(&str, usize)> =
        with.calls_in_all().iter().map(|(path, times)| (path.as_str(), *times)).collect();
    // Beside what each quarter needs, a node shows itself to the region once a day.
    let expected = [("/v1/draw-rights", 3), ("/v1/log", 14), ("/v1/releases", 3), ("/v1/statement", 8)];
    assert_eq!(asked, expected);
    let tenfold: Vec<usize> = (0..300).collect();
    for (register, what) in [
        (&families[..29], "without one family"),
        (&families[..0], "without any"),
        (&tenfold[..], "ten times as many"),
    ] {
        assert_eq!(play(register, ways).await?, with, "{what}");
    }
    Ok(())
}

/// Approved at once, at the last moment or beforehand: the same fields, as many messages, and each release arrives at
/// the policy's instant, to the second.
#[tokio::test]
async fn a_release_leaves_at_its_instant_however_it_was_approved() -> anyhow::Result<()> {
    use Approved::{AtOnce, Beforehand, Late};
    let families: Vec<usize> = (0..12).collect();
    let by_hand = play(&families, [AtOnce, AtOnce, AtOnce]).await?;
    assert_eq!(by_hand.arrived, by_hand.promised);
    for ways in [[Late, Late, Late], [AtOnce, Beforehand, Beforehand], [Late, Beforehand, AtOnce]] {
        let seen = play(&families, ways).await?;
        assert_eq!(seen.arrived, by_hand.arrived, "{ways:?}");
        assert_eq!(seen.fields, by_hand.fields, "{ways:?}");
        // How often a node shows itself besides hangs on when it did last, which is when a person approved.
        let told = |seen: &Seen| {
            ["/v1/draw-rights", "/v1/releases"].map(|path| seen.calls_in_all().get(path).copied())
        };
        assert_eq!((told(&seen), told(&by_hand)), ([Some(3), Some(3)], [Some(3), Some(3)]), "{ways:?}");
    }
    Ok(())
}
