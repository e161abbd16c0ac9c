//! While the region takes back what a backup forgot, whoever asks `status` is told.

use serde_json::{Value, json};
use tenfold_aggregator::duties::log;
use tenfold_common::clock::Clock as _;
use tenfold_node::duties::witness;
use tenfold_tests::federation::{Federation, Restored, Running};

fn status(federation: &Running) -> anyhow::Result<(String, Value)> {
    let told = serde_json::from_str(&federation.told(&["status", "--json"])?)?;
    Ok((federation.told(&["status"])?, told))
}

#[tokio::test]
async fn the_status_tells_a_recovery_while_it_lasts() -> anyhow::Result<()> {
    let mut federation = Federation::new().with_nodes(2).at("2015-04-01")?;
    let members = federation.members.clone();
    let (backup, forgetful) = (federation.back_up("backup")?, log::whole(&federation.aggregator)?.0.len());
    federation.release(&[&members[0]], federation.quarter(0)?).await?;
    witness::call_in(&members[0].node, &members[0].region()?).await?;
    let known = log::whole(&federation.aggregator)?.0.len();
    let (words, told) = status(&federation)?;
    assert!(words.contains("Bolton") && !words.contains("ACCEPTED"), "{words}");
    assert_eq!((&told["recovering"], &told["boroughs"][0]["releases"]), (&Value::Null, &json!(1)), "{told}");

    // A machine that remembers nothing learns it from the borough that shows more.
    federation.put_back(&backup, Restored::Machine).await?;
    let since = federation.clock.now();
    let shown = members[0].region()?.deliver("shows its checkpoint".to_owned()).await;
    assert!(shown.unwrap_err().is_behind());
    let (words, told) = status(&federation)?;
    let expected = format!(
        "NOTHING IS ACCEPTED since {since}: a backup was put back (Bolton). The log has {forgetful} entries, {known} are \
         known of; not heard yet: Bury.\n"
    );
    assert!(words.starts_with(&expected), "{words}");
    let recovery = |size| {
        json!({
            "since": since, "had_size": 0, "known_size": known, "forked": false, "told_by": "E08000001",
            "size": size, "unheard": ["E08000002"], "lacking": []
        })
    };
    assert_eq!(told["recovering"], recovery(forgetful), "{told}");
    assert_eq!(told["boroughs"][0]["releases"], 0, "{told}");

    // What was missing is back; the other borough is still waited for.
    witness::call_in(&members[0].node, &members[0].region()?).await.unwrap_err();
    let told = status(&federation)?.1;
    assert_eq!(told["recovering"], recovery(known), "{told}");
    witness::call_in(&members[1].node, &members[1].region()?).await?;
    let (words, told) = status(&federation)?;
    assert!(!words.contains("ACCEPTED") && told["recovering"].is_null(), "{words}{told}");
    Ok(())
}
