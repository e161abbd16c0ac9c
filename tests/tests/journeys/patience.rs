//! The outbox: for as long as it takes, over restarts, when the aggregator is busy, when an answer is lost.

use tenfold_aggregator::{
    duties::prove,
    ingest::{allowance::Rate, limits::Limits},
    store,
};
use tenfold_common::protocol::Bundle;
use tenfold_node::{
    duties::{
        deliver::{self, Delivery, Trying},
        verify, witness,
    },
    region::{Region, Way},
};
use tenfold_tests::{
    federation::{Federation, Member, Running},
    network::Relay,
};

async fn when_due(member: &Member) -> anyhow::Result<Delivery> {
    Ok(deliver::deliver(&member.node, &member.region()?, Trying::WhenDue).await?)
}

/// A federation whose first node has a sealed release that may leave.
async fn sealed(federation: Federation) -> anyhow::Result<Running> {
    let federation = federation.at("2015-04-01")?;
    let quarter = federation.quarter(0)?;
    federation.when_recorded(quarter)?;
    federation.members[0].release(quarter)?;
    federation.members[0].deliver().await?;
    federation.when_delivered(quarter)?;
    Ok(federation)
}

#[tokio::test]
async fn it_is_tried_for_as_long_as_it_takes() -> anyhow::Result<()> {
    let mut federation = sealed(Federation::new()).await?;
    federation.break_off().await?;
    let mut member = federation.members[0].clone();
    let bytes = member.sealed()?.remove(0).bytes;
    let mut waits = Vec::new();
    for tries in 1..=200 {
        let due = deliver::next_due(&member.node).await?.expect("it waits");
        waits.push(due.unix() - member.node.now().unix());
        if tries > 1 {
            federation.clock.set(due.plus_seconds(-1));
            assert_eq!(when_due(&member).await?.receipted, [], "try {tries} is not due a second before");
        }
        federation.clock.set(due);
        assert!(when_due(&member).await.is_err(), "try {tries}");
        assert_eq!(member.sealed()?[0].attempts, tries);
        if tries % 20 == 0 {
            member = member.restarted()?;
        }
    }
    assert!(waits[1..].iter().all(|wait| (1..=900).contains(wait)), "{waits:?}");
    // More than a day has passed; the waits are spread and do not grow further.
    assert!(
        waits[20..].iter().any(|wait| *wait < 300) && waits[20..].iter().any(|wait| *wait > 600),
        "{waits:?}"
    );
    federation.mend().await?;
    let due = deliver::next_due(&member.node).await?.expect("it waits");
    federation.clock.set(due);
    assert_eq!(when_due(&member).await?.receipted, [federation.quarter(0)?]);
    assert_eq!(member.sealed()?[0].bytes, bytes);
    assert_eq!(deliver::next_due(&member.node).await?, None);
    Ok(())
}

#[tokio::test]
async fn who_is_asked_to_wait_waits_over_a_restart() -> anyhow::Result<()> {
    let rate = Rate { at_once: 10, a_minute: 2 };
    let federation = sealed(Federation::new().within(Limits { rate, ..Limits::default() })).await?;
    let member = &federation.members[0];
    // It has shown itself today, so that only its release is to be sent.
    witness::call_in(&member.node, &member.region()?).await?;
    while member.region()?.statement().await.is_ok() {}
    let now = member.node.now();
    let told = when_due(member).await.unwrap_err().to_string();
    assert!(
        told.starts_with("the aggregator is busy and asks to wait 30 seconds: Too many attempts"),
        "{told}"
    );
    // The dice alone would try again a second later.
    let member = member.restarted()?;
    assert_eq!(member.sealed()?[0].not_before, Some(now.plus_seconds(30)));
    assert_eq!(deliver::next_due(&member.node).await?, Some(now.plus_seconds(30)));
    federation.clock.set(now.plus_seconds(29));
    assert_eq!((when_due(&member).await?.receipted, member.sealed()?[0].attempts), (vec![], 1));
    // A release takes two calls: itself, and the log's entries that its receipt speaks of.
    federation.clock.set(now.plus_seconds(60));
    assert_eq!(when_due(&member).await?.receipted, [federation.quarter(0)?]);
    Ok(())
}

/// The aggregator has it, the node does not know: the same bytes fetch the same receipt.
#[tokio::test]
async fn a_receipt_that_was_lost_on_its_way_is_fetched() -> anyhow::Result<()> {
    let federation = sealed(Federation::new()).await?;
    let member = &federation.members[0];
    let relay = Relay::to(federation.address())?;
    let bundle = Bundle { ingest_url: relay.url(), ..member.node.bundle()? };
    let key = member.node.keys.tls_key_pem()?;
    let region = || Region::open(&bundle, &key, member.node.clock.clone(), &Way::straight());
    relay.lose(true);
    for tries in 1..=3 {
        let told = deliver::deliver(&member.node, &region()?, Trying::Now).await.unwrap_err().to_string();
        assert!(told.contains("was cut off"), "{told}");
        assert_eq!(member.sealed()?[0].attempts, tries);
        assert_eq!(member.sealed()?[0].receipt, None);
    }
    // It acted, once.
    let kept = federation.aggregator.store.read(store::releases::all)?;
    assert_eq!(kept.len(), 1);
    relay.lose(false);
    let member = member.restarted()?;
    let delivery = deliver::deliver(&member.node, &region()?, Trying::Now).await?;
    assert_eq!(delivery.receipted, [federation.quarter(0)?]);
    assert_eq!(member.sealed()?[0].receipt.as_ref(), Some(&kept[0].receipt));
    assert_eq!(federation.aggregator.store.read(store::releases::all)?, kept);
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 1);
    assert_eq!(verify::verify(&member.node)?.receipts, 1);
    Ok(())
}
