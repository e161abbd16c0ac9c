//! A borough that joins when quarters of the horizon have passed: it releases from a quarter of its own on, whose
//! opening position holds all before it, and the region says who was missing.

use tenfold_aggregator::{
    combine::{Area, Cell, Reading, Span},
    dashboard::{Picture, completeness, measure, tidy},
    duties::{enrol, prove, read},
    submission::{self, Explanations, Return},
};
use tenfold_common::{calendar::Quarter, geography, privacy::policy::ATTACHED, protocol::ReleaseBody};
use tenfold_node::{
    duties::{DutyError, create, prepare, verify},
    synth,
};
use tenfold_tests::federation::{CENTRE, Database, Federation, Member, Running};

/// Of the programme's published size; see the first release's journey.
const SCALE: f64 = 0.8;
/// In standard errors: a correct figure lies farther off once in 500 million.
const FARTHEST: f64 = 6.0;

#[tokio::test]
async fn a_late_borough_begins_with_its_own_opening_position_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn a_late_borough_begins_with_its_own_opening_position_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().on(database).at("2015-04-01")?;
    let early = &federation.members[0];
    let quarters: Vec<Quarter> = (0..4).map(|at| federation.quarter(at)).collect::<Result<_, _>>()?;
    let bury = &geography::boroughs()[1].code;
    let late = federation.newcomer(bury, "late")?;
    let mut truth = [Vec::new(), Vec::new()];
    let mut load = |which: usize, member: &Member, quarter: Quarter| {
        let folder = federation.folder().join("extracts").join(member.borough().as_str());
        if !folder.exists() {
            synth::write(&member.synthetic(quarters[0], 4, SCALE), &folder)?;
        }
        truth[which].push(member.load_extracts(&folder, quarter)?.attached);
        Ok::<_, anyhow::Error>(())
    };
    for &quarter in &quarters[..2] {
        federation.when_loaded(quarter);
        load(0, early, quarter)?;
        federation.release(&[early], quarter).await?;
    }

    // In the third quarter the second borough is enrolled: that quarter is its first, by itself and for ever.
    federation.when_loaded(quarters[2]);
    let request = create::enrolment_request(&late.node)?;
    let never = enrol::enrol_from(&federation.aggregator, &request, Some(quarters[0].plus(-1)), CENTRE);
    assert!(never.is_err(), "no policy rules that quarter");
    let bundle = federation.enrol(&late)?;
    assert_eq!(bundle.first_quarter, quarters[2]);
    federation.welcome(&late, &bundle)?;
    let moved = enrol::enrol_from(&federation.aggregator, &request, Some(quarters[1]), CENTRE).unwrap_err();
    assert!(moved.to_string().contains("releases from 2015-Q4, which is never moved"), "{moved}");
    for &quarter in &quarters[..3] {
        load(1, &late, quarter)?;
    }
    load(0, early, quarters[2])?;
    federation.when_recorded(quarters[2])?;
    let before = prepare::prepare(&late.node, quarters[1], &late.analyst);
    assert!(
        matches!(before, Err(DutyError::OutOfOrder { expected, .. }) if expected == quarters[2]),
        "{before:?}"
    );
    federation.release(&[early, &late], quarters[2]).await?;
    let first: ReleaseBody = late.newest()?;
    assert_eq!((first.id.number, first.id.quarter), (1, quarters[2]));
    named_as_such(&federation, &late, &quarters)?;

    // From then on it is a borough like any other.
    federation.when_loaded(quarters[3]);
    load(0, early, quarters[3])?;
    load(1, &late, quarters[3])?;
    federation.release(&[early, &late], quarters[3]).await?;
    let picture = read::picture(&federation.aggregator)?;
    let [of_early, of_late] = &truth;
    let all_late: usize = of_late[..3].iter().sum();
    let region = |span| reading(&picture, &Area::Region, span);
    let own = |span| reading(&picture, &Area::Borough(bury.clone()), span);
    near(&region(Span::quarter(1))?, of_early[1], "before it joined");
    near(&region(Span::quarter(2))?, of_early[2], "the quarter it joined with");
    near(&region(Span::quarter(3))?, of_early[3] + of_late[3], "the quarter after");
    near(&own(Span::quarter(3))?, of_late[3], "its own first activity");
    near(&own(Span::ToDate { last: 2 })?, all_late, "its opening position");
    near(&own(Span::ToDate { last: 3 })?, all_late + of_late[3], "its total to date");
    let everybody = of_early.iter().sum::<usize>() + all_late + of_late[3];
    near(&region(Span::ToDate { last: 3 })?, everybody, "the region's total to date");
    let to_date = region(Span::ToDate { last: 3 })?.estimate.expect("a figure");
    let lost = all_late as f64 / to_date.standard_error();
    assert!(lost > FARTHEST, "all that it brought is {lost} standard errors: its loss would not be found");
    // Against its opening position there is no change.
    assert_eq!(own(Span::Change { last: 3 })?.estimate, None);
    assert_eq!(verify::verify(&late.node)?.releases, 2);
    assert_eq!(prove::verify(&federation.aggregator)?.releases, 6);
    Ok(())
}

fn reading(picture: &Picture, area: &Area, span: Span) -> anyhow::Result<Reading> {
    Ok(picture.reading(area, ATTACHED, Cell::Total, span)?)
}

fn near(reading: &Reading, truth: usize, what: &str) {
    let estimate = reading.estimate.unwrap_or_else(|| panic!("{what} has no figure"));
    let off = (estimate.value - truth as f64).abs() / estimate.standard_error();
    assert!(off < FARTHEST, "{what}: {} is {off} standard errors from {truth}", estimate.value);
}

/// Pages, files and return say that it was not there, and that its first release is no quarter's activity.
fn named_as_such(federation: &Running, late: &Member, quarters: &[Quarter]) -> anyhow::Result<()> {
    let picture = read::picture(&federation.aggregator)?;
    let bury = late.borough();
    assert!(reading(&picture, &Area::Region, Span::quarter(1))?.missing.contains(bury));
    let joined = reading(&picture, &Area::Region, Span::quarter(2))?;
    assert!(joined.opening == [bury.clone()] && !joined.missing.contains(bury));
    let page = completeness::completeness(&picture);
    let row = page.rows.iter().find(|row| row.name == "Bury").expect("it has a row");
    let words: Vec<&str> = row.arrivals.iter().map(|arrival| arrival.word()).collect();
    assert_eq!(words, ["not joined", "not joined", "in time"]);
    let figure = measure::over_time(&picture, &Area::Borough(bury.clone()), ATTACHED)?;
    assert_eq!(figure.table.rows[1][1..], ["no release", "Bury"]);
    assert_eq!(figure.table.rows[2][1..], ["opening position", "Bury (opening position)"]);
    let file = tidy::figures(&picture)?;
    let of_region =
        |row: &&str| row.starts_with("2015-Q4,Quarter,Region") && row.contains(",attached,total,quarter,");
    assert!(file.lines().find(of_region).is_some_and(|row| row.ends_with(",8,1,0,0")), "{file}");
    for (quarter, words) in [
        (quarters[1], "joined later: its first release is for 2015-Q4"),
        (quarters[2], "joined with its opening"),
    ] {
        let others = geography::boroughs()[2..]
            .iter()
            .map(|borough| (borough.code.clone(), "not enrolled".to_owned()));
        let explanations: Explanations = others.collect();
        let made = Return::of(&picture, quarter, &explanations)?;
        let row = made.rows.iter().find(|row| row.area_name == "Bury").expect("it has a row");
        assert!(
            row.explanation.as_ref().is_some_and(|said| said.starts_with(words)),
            "{:?}",
            row.explanation
        );
        assert!(submission::checks(&made)[0].holds, "{}", submission::checks(&made)[0].found);
    }
    Ok(())
}
