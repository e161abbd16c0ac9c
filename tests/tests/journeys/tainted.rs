//! True counts that are recognisable primes are nowhere but in the encrypted tables: not in what is sent, logged,
//! kept or refused, neither as they are nor as hashes anyone could try out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use aho_corasick::AhoCorasick;
use tenfold_aggregator::{
    combine::Area,
    dashboard::{measure, questions, tidy},
    duties::{
        question::{self as centre, Asking},
        read,
    },
    submission::{self, Explanations, Return},
};
use tenfold_common::{
    calendar::Quarter,
    privacy::{
        Characteristic, Policy, VerifiedQuestion,
        policy::{ATTACHED, CLOSED, RESULT, WITHDRAWN},
    },
    protocol::{RefusalReason, signature},
};
use tenfold_node::{
    duties::{declare, look, prepare, question, refuse, review, send_back, status, verify},
    store,
};
use tenfold_tests::{
    federation::{CENTRE, Federation, Member, OFFICER, Running, logged},
    recorded::{self, Features},
};

/// Families of each stream: primes of five digits, none of them a port a system gives.
const TAINTS: [(&str, usize, usize); 3] =
    [(ATTACHED, 29_989, 12_289), (RESULT, 23_893, 10_993), (CLOSED, 19_997, 10_243)];

/// Noise so large that no estimate comes near a count by chance: σ/4096 is some thirty million families.
fn drowned(mut policy: Policy) -> Policy {
    let scales = policy.streams.iter_mut().flat_map(|stream| &mut stream.scales);
    scales.for_each(|scale| scale.sigma.fill(1 << 37));
    policy
}

/// Letters only, so that a name is no number.
fn name(at: usize) -> String {
    format!("{at:06}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// A prime number of families in each stream, and in its first ward.
fn record(federation: &Running, member: &Member) -> anyhow::Result<()> {
    let (policy, quarter) = (federation.policy()?, federation.quarter(0)?);
    for (stream, families, in_first) in TAINTS {
        let events = (0..families).map(|at| {
            let ward = if at < in_first { 0 } else { 1 + at % 3 };
            let features =
                Features { ward, problems: (at * 11 % 64) as u8, progress: at % 3 > 0, reason: at };
            recorded::event(&policy, member.borough(), quarter, stream, &name(at), features)
        });
        recorded::record(&member.node, events.collect::<Result<Vec<_>, _>>()?)?;
    }
    Ok(())
}

/// A question as drowned as the rest, about the very families.
fn ask(federation: &Running, quarter: Quarter) -> anyhow::Result<VerifiedQuestion> {
    let asking = Asking {
        name: "children".into(),
        title: "Families attached by children".into(),
        stream: ATTACHED.into(),
        from: quarter,
        to: quarter,
        by: Characteristic::Children,
        by_place: true,
        sigma: 1 << 37,
    };
    Ok(centre::ask(&federation.aggregator, asking, CENTRE)?)
}

/// Every count of a prepared quarter that has five digits or more, as words and as hashes of such words.
struct Taints {
    words: BTreeSet<String>,
    hashes: AhoCorasick,
}

impl Taints {
    fn of(member: &Member, quarter: Quarter) -> anyhow::Result<Self> {
        let policy = member.node.policy()?;
        let tables = member.node.store.read(|c| prepare::thaw(&member.node, c, &policy, quarter))?;
        let tables = tables.show_locally();
        let cells: BTreeSet<i64> = tables.iter().flatten().flatten().copied().collect();
        let mut hashes = BTreeSet::new();
        let mut hash = |bytes: &[u8]| {
            let digest = signature::sha256_hex(bytes);
            hashes.insert(hex::decode(&digest).expect("it is hexadecimal"));
            hashes.insert(digest.into_bytes());
        };
        for cell in &cells {
            hash(cell.to_string().as_bytes());
            hash(&cell.to_le_bytes());
            hash(&cell.to_be_bytes());
        }
        for table in tables {
            hash(&serde_json::to_vec(table)?);
        }
        hash(&serde_json::to_vec(tables)?);
        // Ports and years have fewer digits or other values; shorter counts turn up by chance.
        let long = cells.iter().filter(|cell| {
            cell.abs() > 9_999 && TAINTS.iter().any(|t| [t.1, t.2].contains(&(cell.unsigned_abs() as usize)))
        });
        let words = long.flat_map(|cell| {
            let plain = cell.to_string();
            let (thousands, rest) = plain.split_at(plain.len() - 3);
            [format!("{thousands},{rest}"), format!("{thousands} {rest}"), plain.clone()]
        });
        Ok(Self { words: words.collect(), hashes: AhoCorasick::new(hashes)? })
    }

    /// What of it stands in these bytes; a word counts where it stands by itself.
    fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        let alone = |at: usize, word: &str| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            let inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
            !inside(before) && !inside(after) && before != Some('.')
        };
        let words = self.words.iter().filter(|word| text.match_indices(*word).any(|(at, _)| alone(at, word)));
        let hashes = self.hashes.find_iter(bytes).map(|found| format!("a hash at {}", found.start()));
        words.cloned().chain(hashes).collect()
    }
}

fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.insert(path.display().to_string(), fs::read(&path)?);
        }
    }
    Ok(())
}

#[tokio::test]
async fn true_counts_are_nowhere_but_in_the_encrypted_tables() -> anyhow::Result<()> {
    let federation = Federation::new().without_opening().adapted(drowned).at("2015-04-01")?;
    let member = &federation.members[0];
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    record(&federation, member)?;

    // Nobody's file is there, so every family of a ward stands in one cell of it: the same primes once more.
    let question = question::adopt(&member.node, ask(&federation, first)?.signed(), OFFICER)?;

    // Everything that is done with a quarter, and what is refused on the way.
    let mut said: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut say = |what: &str, text: String| {
        said.insert(format!("{what} ({})", said.len()), text.into_bytes());
    };
    say("too early", format!("{:?}", prepare::prepare(&member.node, first, &member.analyst)));
    federation.when_recorded(first)?;
    let mut prepared = prepare::prepare(&member.node, first, &member.analyst)?;
    let taints = Taints::of(member, first)?;
    assert_eq!(taints.words.len(), 3 * 2 * TAINTS.len());
    let shown = review::review(&member.node, first)?.expect("it is prepared");
    assert!(!taints.found_in(serde_json::to_string(&shown)?.as_bytes()).is_empty(), "the approver sees them");
    let hash = signature::sha256_hex(TAINTS[0].1.to_string().as_bytes());
    assert_eq!(taints.found_in(format!("head {hash}").as_bytes()).len(), 1, "it knows a hash");
    say("preparation", format!("{prepared:?}"));
    say("review", format!("{shown:?} {:?} {:?}", shown.streams, shown.checks));
    let approver = member.signer()?;
    let refused = send_back::send_back(&member.node, first, "", &approver, None);
    say("no comment", format!("{refused:?}"));
    send_back::send_back(&member.node, first, "Too many of one ward.", &approver, None)?;
    federation.clock.set(member.node.now().plus_seconds(60));
    prepared = prepare::prepare(&member.node, first, &member.analyst)?;
    say("preparation", format!("{prepared:?}"));
    member.release(first)?;
    say("out of order", format!("{:?}", prepare::prepare(&member.node, second.next(), &member.analyst)));
    say("delivery", format!("{:?}", member.deliver().await?));
    federation.when_delivered(first)?;
    say("delivery", format!("{:?}", member.deliver().await?));
    federation.when_recorded(second)?;
    refuse::void(&member.node, second, RefusalReason::Records, "", &approver)?;
    member.deliver().await?;
    federation.when_delivered(second)?;
    say("delivery", format!("{:?}", member.deliver().await?));

    // What was sent, opened; what both sides say and keep about it.
    for sealed in member.sealed()? {
        say("sent", serde_json::to_string(&signature::peek::<serde_json::Value>(&sealed.bytes)?)?);
    }
    say("statement", serde_json::to_string(&declare::declare(&member.node)?)?);
    say("status", serde_json::to_string(&status::status(&member.node)?)?);
    say("budget", format!("{:?}", look::budget(&member.node)?));
    say("verified", format!("{:?}", verify::verify(&member.node)?));
    say("ledger", format!("{:?}", member.node.store.read(store::ledger::lines)?));
    say("acts", format!("{:?}", member.node.store.read(tenfold_store::acts::all)?));
    say("log", logged(&[]).join("\n"));
    let picture = read::picture(&federation.aggregator)?;
    say("figures", tidy::figures(&picture)?);
    let answered = centre::answered(&federation.aggregator)?;
    assert!(answered[0].is_answered() && answered[0].name == question.question().name);
    say("answers", format!("{} {:?}", questions::csv(&answered), questions::page(&answered)));
    say("places", tidy::places(&picture, member.borough())?);
    for stream in [ATTACHED, RESULT, CLOSED, WITHDRAWN] {
        let area = Area::Borough(member.borough().clone());
        say("page", format!("{:?}", measure::measure(&picture, &area, stream)?));
    }
    say("return", submission::files(&Return::of(&picture, first, &Explanations::new())?).csv);
    files(federation.folder(), &mut said)?;
    let kept = said.keys().filter(|what| what.ends_with("-wal") || what.ends_with(".sqlite")).count();
    assert!(kept >= 2 && said.len() > 25, "{:?}", said.keys());
    for (what, bytes) in &said {
        let found = taints.found_in(bytes);
        assert!(found.is_empty(), "{what} holds {found:?}");
        assert!(taints.found_in(what.as_bytes()).is_empty(), "{what}");
    }
    Ok(())
}
