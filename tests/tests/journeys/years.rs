//! Tables by ward are released once a year: drawn with the quarter that ends it, from the tables of all its quarters,
//! received in that shape and no other, and shown as years that add up to the borough.

use anyhow::Context;
use tenfold_aggregator::{
    combine::{Area, Cell, CombineError, Span},
    dashboard::{borough, tidy},
    duties::read,
};
use tenfold_common::{
    calendar::Quarter,
    privacy::{Every, policy::ATTACHED},
    protocol::{ProblemKind, ReleaseBody, release::RELEASE_TYPE, signature},
};
use tenfold_node::{
    duties::{
        look::{self, StreamCounts},
        review::review,
    },
    release::review::YearReview,
    synth,
};
use tenfold_tests::federation::{Database, Federation, Member, Running};

#[tokio::test]
async fn wards_are_released_with_the_quarter_that_ends_a_year_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn wards_are_released_with_the_quarter_that_ends_a_year_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

/// The opening position, two quarters within the year, and the one that ends it.
async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let member = &federation.members[0];
    let extracts = federation.folder().join("extracts");
    synth::write(&member.synthetic(federation.quarter(0)?, 4, 0.2), &extracts)?;
    for (index, ends_year) in [true, false, false, true].into_iter().enumerate() {
        let quarter = federation.quarter(index as i32)?;
        federation.when_loaded(quarter);
        member.load_extracts(&extracts, quarter)?;
        federation.when_recorded(quarter)?;
        member.release(quarter)?;
        assert_eq!(member.deliver().await?.sealed, Some(quarter));
        let reviewed = review(&member.node, quarter)?.expect("it was prepared");
        assert_eq!(reviewed.leaving.contains("and those by ward for"), ends_year, "{}", reviewed.leaving);
        assert_eq!(reviewed.year.is_some(), ends_year);
        if let Some(year) = &reviewed.year {
            added_up(member, quarter, index, year)?;
        }
        shaped(&federation, member, ends_year)?;
        federation.when_delivered(quarter)?;
        assert_eq!(member.deliver().await?.receipted, [quarter]);
        shown(&federation, member, index)?;
    }
    Ok(())
}

/// The approver sees the year's exact figures by ward: the sums of its quarters' wards, and beside them the error of a
/// year.
fn added_up(member: &Member, last: Quarter, index: usize, year: &YearReview) -> anyhow::Result<()> {
    assert_eq!(year.name, ["opening position to 30 June 2015", "", "", "Jul 2015 to Mar 2016"][index]);
    let mut quarters = Vec::new();
    for before in 0..if index == 0 { 1 } else { 3 } {
        quarters.push(look::counts(&member.node, last.plus(-before))?.context("it was prepared")?);
    }
    for (at, stream) in year.streams.iter().enumerate() {
        let sum = |place: usize| quarters.iter().map(|counts| counts[at].places[place].1).sum::<i64>();
        let expected: Vec<i64> = (0..stream.places.len()).map(sum).collect();
        let told: Vec<i64> = stream.places.iter().map(|(_, families)| families[0]).collect();
        assert_eq!(told, expected, "{}", stream.title);
        for (column, label) in stream.columns.iter().enumerate().skip(1) {
            let wards = stream.places.iter().map(|(_, families)| families[column]).sum::<i64>();
            let of_label = |counts: &Vec<StreamCounts>| {
                let labels = counts[at].labels.iter().flat_map(|(_, labels)| labels);
                labels.filter(|(name, _)| *name == label.label).map(|(_, families)| *families).sum::<i64>()
            };
            assert_eq!(
                wards,
                quarters.iter().map(of_label).sum::<i64>(),
                "{}, {}",
                stream.title,
                label.label
            );
        }
    }
    let attached = &year.streams[0];
    assert!(attached.columns.len() > 6 && attached.places.iter().any(|(_, families)| families[0] > 0));
    assert!(attached.columns.iter().all(|column| column.error.is_some_and(|error| error > 5.0)));
    Ok(())
}

/// What was sealed has its groups by ward in a quarter that ends a year only; the region takes it in no other shape.
fn shaped(federation: &Running, member: &Member, ends_year: bool) -> anyhow::Result<()> {
    let policy = federation.policy()?;
    let (body, places) = (member.newest()?, policy.places(member.borough())?);
    let mut changed = vec![body.clone(), body.clone()];
    for (stream, released) in policy.policy().streams.iter().zip(&body.streams) {
        for (at, (group, values)) in stream.shape(places).groups().iter().zip(&released.values).enumerate() {
            let due = group.every == Every::Quarter || ends_year;
            assert_eq!(values.len(), if due { group.cells } else { 0 }, "{}, group {at}", stream.name);
        }
    }
    // The wards of *attached* left out or put in; and left out with their place.
    changed[0].streams[0].values[1] = if ends_year { Vec::new() } else { vec![0; places] };
    changed[1].streams[0].values.remove(1);
    for body in changed {
        let refused = read_back(federation, member, &body)?.unwrap_err();
        assert_eq!(refused, ProblemKind::WrongShape);
    }
    assert!(read_back(federation, member, &body)?.is_ok());
    Ok(())
}

fn read_back(
    federation: &Running,
    member: &Member,
    body: &ReleaseBody,
) -> anyhow::Result<Result<ReleaseBody, ProblemKind>> {
    let key = member.node.keys.release.public();
    let first = federation.quarter(0)?;
    let speaker = tenfold_aggregator::ingest::Speaker {
        borough: member.borough(),
        release_key: &key,
        newest: None,
        first,
    };
    let signed = signature::sign(body, RELEASE_TYPE, &member.node.keys.release)?;
    let read = tenfold_aggregator::ingest::read(&signed, speaker, &federation.policy()?.into());
    Ok(read.map_err(|refusal| refusal.kind))
}

/// Pages and files show the years that ended, and wards that add up to their borough; a part of a year is refused.
fn shown(federation: &Running, member: &Member, index: usize) -> anyhow::Result<()> {
    let picture = read::picture(&federation.aggregator)?;
    let area = Area::Borough(member.borough().clone());
    let years = if index == 3 { vec![(0, 0), (1, 3)] } else { vec![(0, 0)] };
    let places = picture.policy.newest().places(member.borough())?;
    for &(first, last) in &years {
        let of = |cell, span| {
            let reading = picture.reading(&area, ATTACHED, cell, span)?;
            Ok::<_, anyhow::Error>(reading.estimate.expect("it is released").value)
        };
        let year = Span::Sum { first, last };
        let mut wards = 0.0;
        for place in 0..places {
            wards += of(Cell::Place(place), year)?;
        }
        assert!((wards - of(Cell::Total, year)?).abs() < 1e-6);
    }
    let within = picture.reading(&area, ATTACHED, Cell::Place(0), Span::quarter(1));
    if index > 0 {
        assert!(matches!(within, Err(CombineError::NotWholeYears { .. })), "{within:?}");
    }
    let file = tidy::places(&picture, member.borough())?;
    let rows = |words: &str| file.lines().filter(|row| row.contains(&format!(",attached,{words},"))).count();
    assert_eq!((rows("opening position"), rows("year")), (places, if index == 3 { places } else { 0 }));
    assert_eq!(rows("to date"), places);
    let page = borough::borough(&picture, member.borough())?;
    let day = if index == 3 { "31 March 2016" } else { "30 June 2015" };
    assert!(page.places.columns[1].name.ends_with(day), "{}", page.places.columns[1].name);
    assert_eq!(page.places.rows.len(), places);
    Ok(())
}
