//! Work that is closed and results that are taken back, quarter after quarter, on both databases.

use tenfold_aggregator::{
    combine::{Area, Cell, Span},
    dashboard::measure,
    duties::read,
};
use tenfold_common::privacy::policy::{CLOSED, WITHDRAWN};
use tenfold_node::{
    claims::ladder::State,
    duties::{
        claim::{self, settle},
        decide, look, prepare,
    },
    synth,
};
use tenfold_tests::federation::{Database, Federation, Member};

#[tokio::test]
async fn closures_and_withdrawals_are_counted_once_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn closures_and_withdrawals_are_counted_once_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

fn withdraw(member: &Member, id: i64) -> anyhow::Result<usize> {
    let which = settle::Which::Claims(vec![id]);
    Ok(settle::settle(&member.node, &which, State::Withdrawn, "drafted in error", &member.analyst)?)
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(federation.quarter(0)?, 7, 0.2), &extracts)?;
    let (mut closed, mut withdrawn, mut results) = (0, 0, 0);
    for index in 0..7 {
        let quarter = federation.quarter(index)?;
        federation.when_loaded(quarter);
        let decided = member.load_extracts(&extracts, quarter)?;
        // Deciding again records nobody twice.
        assert_eq!(decide::decide(&member.node, &member.analyst)?.closed, 0);
        let drafted = claim::draft_quarter(&member.node, &member.analyst)?;
        results += drafted.results;
        let mut taken_back = 0;
        if let Some((id, family)) = drafted.claims.first().filter(|_| withdrawn == 0) {
            assert_eq!(withdraw(member, *id)?, 1);
            taken_back = 1;
            // The family can be claimed again; neither its result nor a second withdrawal counts once more.
            let again = claim::draft_quarter(&member.node, &member.analyst)?;
            let second = again.claims.iter().find(|(_, other)| other == family);
            let (second, _) = second.expect("a withdrawn claim frees the family");
            assert_eq!(again.results, 0);
            withdraw(member, *second)?;
        }
        federation.when_recorded(quarter)?;
        prepare::prepare(&member.node, quarter, &member.analyst)?;
        let counts = look::counts(&member.node, quarter)?.expect("it was prepared");
        let titles: Vec<&str> = counts.iter().map(|stream| stream.title.as_str()).collect();
        assert_eq!(titles, ["Families attached", "Results recorded", "Families closed", "Results withdrawn"]);
        assert_eq!([counts[2].total, counts[3].total], [decided.closed as i64, taken_back]);
        let reasons = &counts[2].labels[0].1;
        assert_eq!(reasons.iter().map(|(_, count)| count).sum::<i64>(), counts[2].total);
        assert_eq!(reasons[0], ("needs met".to_owned(), counts[2].total), "a move is no closure");
        assert!(counts[3].places.is_empty() && counts[3].labels.is_empty());
        closed += decided.closed;
        withdrawn += taken_back;
        member.release(quarter)?;
        federation.when_delivered(quarter)?;
        assert_eq!(member.deliver().await?.receipted, [quarter]);
    }
    assert!(
        closed > 5 && withdrawn == 1 && results > 5,
        "{closed} closed, {results} results: it shows little"
    );

    // The region reads both, with the noise that the policy states.
    let picture = read::picture(&federation.aggregator)?;
    let own = Area::Borough(member.borough().clone());
    for (stream, exact, figures) in [(CLOSED, closed as f64, 3), (WITHDRAWN, 1.0, 2)] {
        let reading = picture.reading(&own, stream, Cell::Total, Span::ToDate { last: 6 })?;
        let estimate = reading.estimate.expect("it was released");
        // A false alarm at five standard errors: 6 in ten million.
        assert!((estimate.value - exact).abs() < 5.0 * estimate.standard_error(), "{stream}: {estimate:?}");
        assert_eq!(measure::measure(&picture, &own, stream)?.figures.len(), figures);
    }
    Ok(())
}
