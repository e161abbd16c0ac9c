//! The hostile client: every row of the table in docs/PROTOCOL.md against the real door. The answer is the one of the
//! table, and nothing has changed but the count of refusals that the row names.

mod calls;
mod certificates;
mod messages;

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::Context as _;
use tenfold_aggregator::{
    duties::enrol,
    ingest::{allowance::Rate, limits::Limits},
    store,
};
use tenfold_tests::{
    caller::{Caller, Heard},
    federation::{CENTRE, Federation, Member, Running},
};
use tenfold_web::tls;

/// The region under attack: two nodes that have delivered a quarter, and one whose certificate was withdrawn.
struct Stage {
    federation: Running,
    /// The newcomer whose certificate was withdrawn.
    withdrawn: Member,
}

impl Stage {
    fn own(&self) -> &Member {
        &self.federation.members[0]
    }

    fn neighbour(&self) -> &Member {
        &self.federation.members[1]
    }

    fn caller(&self) -> anyhow::Result<Caller> {
        Caller::of(&self.federation, self.own())
    }
}

/// What one row does.
type Drive = fn(&Stage) -> anyhow::Result<Heard>;

/// Everything that may not change.
#[derive(Debug, PartialEq)]
struct Kept {
    releases: Vec<store::releases::Received>,
    enrolments: Vec<store::enrolments::Enrolment>,
    rights: usize,
    log: u64,
}

fn kept(federation: &Running) -> anyhow::Result<Kept> {
    let store = &federation.aggregator.store;
    Ok(Kept {
        releases: store.read(store::releases::all)?,
        enrolments: store.read(store::enrolments::all)?,
        rights: store.read(store::draw_rights::all)?.len(),
        log: store.read(store::log::size)?,
    })
}

fn counted(federation: &Running) -> anyhow::Result<BTreeMap<(String, String), i32>> {
    let counted = federation.aggregator.store.read(store::releases::rejections)?;
    Ok(counted.into_iter().map(|(borough, kind, count, _)| ((borough, kind), count)).collect())
}

async fn stage() -> anyhow::Result<Stage> {
    let limits = Limits {
        rate: Rate { at_once: 100_000, a_minute: 60 },
        connections: 1000,
        head: Duration::from_secs(2),
        grace: Duration::from_secs(1),
        ..Limits::default()
    };
    let federation = Federation::new().with_nodes(2).within(limits).at("2015-04-01")?;
    let quarter = federation.quarter(0)?;
    federation.release(&[&federation.members[0], &federation.members[1]], quarter).await?;
    let third = &tenfold_common::geography::boroughs()[2].code;
    let withdrawn = federation.newcomer(third, "withdrawn")?;
    let bundle = federation.enrol(&withdrawn)?;
    federation.welcome(&withdrawn, &bundle)?;
    let fingerprint = tls::fingerprint_of_pem(&bundle.certificate_chain_pem)?;
    enrol::deny(&federation.aggregator, &fingerprint, CENTRE)?;
    Ok(Stage { federation, withdrawn })
}

/// What a row of the table says: what is sent, the answer, and what is counted for whom.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    sent: String,
    answer: String,
    counted: String,
}

fn table() -> Vec<Row> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/PROTOCOL.md")).unwrap();
    let (_, rest) = page.split_once("<!-- hostile:").expect("the table is there");
    let (table, _) = rest.split_once("<!-- end -->").expect("the table ends");
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Sent"));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        let mut next = || cells.next().expect("three cells");
        Row { sent: next(), answer: next().replace('`', ""), counted: next() }
    })
    .collect()
}

/// An answer as the table names it.
fn named(heard: &Heard) -> String {
    match heard {
        Heard::Alert(alert) => format!("TLS {alert}"),
        Heard::Closed => "closed".to_owned(),
        Heard::Answer { status, .. } => match heard.problem() {
            Some(kind) => kind.label().to_owned(),
            None => status.to_string(),
        },
    }
}

#[tokio::test]
async fn every_row_gets_its_answer_and_changes_nothing_else() -> anyhow::Result<()> {
    let stage = stage().await?;
    let rows = table();
    let mut drivers: BTreeMap<&str, Drive> = BTreeMap::new();
    for (sent, drive) in certificates::ROWS.iter().chain(calls::ROWS).chain(messages::ROWS) {
        assert!(drivers.insert(sent, *drive).is_none(), "{sent} is driven twice");
    }
    let before = kept(&stage.federation)?;
    let mut found = Vec::new();
    for row in &rows {
        let Some(drive) = drivers.remove(row.sent.as_str()) else { panic!("nothing drives the row {row:?}") };
        let counts = counted(&stage.federation)?;
        let heard = drive(&stage).with_context(|| row.sent.clone())?;
        assert_eq!(kept(&stage.federation)?, before, "{row:?}");
        let mut changed = counted(&stage.federation)?;
        changed.retain(|key, count| {
            *count -= counts.get(key).unwrap_or(&0);
            *count != 0
        });
        let own = |borough: &str| match borough {
            "" => "nobody".to_owned(),
            borough if borough == stage.own().borough().as_str() => "own".to_owned(),
            _ => "other".to_owned(),
        };
        let changed: Vec<String> = changed
            .into_iter()
            .map(|((borough, kind), count)| {
                assert_eq!((kind.as_str(), count), (named(&heard).as_str(), 1), "{row:?}");
                own(&borough)
            })
            .collect();
        let counted = if changed.is_empty() { "no".to_owned() } else { changed.join(", ") };
        found.push(Row { sent: row.sent.clone(), answer: named(&heard), counted });
    }
    let wrong: Vec<_> = rows.iter().zip(&found).filter(|(row, found)| row != found).collect();
    assert!(wrong.is_empty(), "expected and found: {wrong:#?}");
    assert!(drivers.is_empty(), "no row of the table for {:?}", drivers.keys());
    // After all of it the door still does its work.
    assert_eq!(stage.caller()?.statement().status(), Some(200));
    Ok(())
}
