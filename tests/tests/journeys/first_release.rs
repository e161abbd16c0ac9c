//! From a borough's CSV files to the region's figure, and everything proved offline.

use tenfold_aggregator::{
    combine::{self, Combined, ListedFigure},
    duties::{prove, read},
};
use tenfold_common::{
    geography::REGION_CODE,
    privacy::policy::{ATTACHED, RESULT},
    protocol::receipt,
};
use tenfold_node::{duties::verify, synth};
use tenfold_tests::federation::{Database, Federation, Running};

#[tokio::test]
async fn from_csv_to_the_regions_figure_on_sqlite() -> anyhow::Result<()> {
    journey(Database::Sqlite).await
}

#[tokio::test]
async fn from_csv_to_the_regions_figure_on_postgres() -> anyhow::Result<()> {
    journey(Database::Postgres).await
}

/// How many standard errors a figure may lie from the truth: by the normal law a sound program passes it once
/// in 500 million figures, and this journey reads 16.
const FARTHEST: f64 = 6.0;

/// The programme against its published size: the truth is then at least 18 standard errors, so that a figure
/// that is lost or doubled is found.
const SCALE: f64 = 0.8;

/// Three boroughs release two quarters; every total is where it should be, false alarm below 4 in 100 million.
async fn journey(database: Database) -> anyhow::Result<()> {
    let federation = Federation::new().with_nodes(3).on(database).at("2015-04-01")?;
    let mut truths = Vec::new();
    for member in &federation.members {
        let plan = member.synthetic(federation.quarter(0)?, 2, SCALE);
        let extracts = federation.folder().join("extracts").join(member.borough().as_str());
        synth::write(&plan, &extracts)?;
        truths.push(truth(&extracts.join("truth.csv"))?);
    }
    for index in 0..2 {
        let quarter = federation.quarter(index)?;
        federation.when_loaded(quarter);
        for (member, truth) in federation.members.iter().zip(&truths) {
            let extracts = federation.folder().join("extracts").join(member.borough().as_str());
            let decided = member.record(&extracts, quarter)?;
            assert_eq!([decided.attached, decided.results], truth[index as usize], "{}", member.borough());
        }
        federation.when_recorded(quarter)?;
        for member in &federation.members {
            member.release(quarter)?;
            let early = member.deliver().await?;
            assert_eq!((early.sealed, early.receipted.len()), (Some(quarter), 0), "sealed bytes left early");
        }
        federation.when_delivered(quarter)?;
        for member in &federation.members {
            assert_eq!(member.deliver().await?.receipted, [quarter]);
        }
    }
    proved_offline(&federation)?;
    let figures = figures(&federation)?;
    let mut whole = [[0; 2]; 2];
    for (member, truth) in federation.members.iter().zip(&truths) {
        near(&figures, member.borough().as_str(), truth);
        for (sum, of_quarter) in whole.iter_mut().zip(truth) {
            for (sum, count) in sum.iter_mut().zip(of_quarter) {
                *sum += count;
            }
        }
    }
    near(&figures, REGION_CODE, &whole);
    assert!(figures.iter().filter(|figure| figure.area == REGION_CODE).all(|figure| figure.missing == 7));
    Ok(())
}

/// Attached families and results of each quarter, by the generator's own file.
fn truth(path: &std::path::Path) -> anyhow::Result<Vec<[usize; 2]>> {
    let mut rows = csv::Reader::from_path(path)?;
    let rows = rows.records().map(|row| {
        let row = row?;
        Ok([row[2].parse()?, row[3].parse()?])
    });
    rows.collect()
}

fn figures(federation: &Running) -> anyhow::Result<Vec<ListedFigure>> {
    let (policy, releases) = read::accepted(&federation.aggregator)?;
    Ok(combine::list(&policy, &Combined::new(&policy, &releases)?)?)
}

/// The totals to date of an area are near the truth; those of the attached are far from none and from twice.
fn near(figures: &[ListedFigure], area: &str, truth: &[[usize; 2]]) {
    for (at, measure) in [ATTACHED, RESULT].into_iter().enumerate() {
        let of_area = |figure: &&ListedFigure| (&*figure.area, &*figure.measure) == (area, measure);
        let totals = figures.iter().filter(of_area).filter(|figure| figure.breakdown == "total");
        let totals: Vec<_> = totals.filter(|figure| figure.to_date).collect();
        assert_eq!(totals.len(), truth.len(), "{area} {measure}: one figure a quarter");
        let mut to_date = 0.0;
        for (of_quarter, figure) in truth.iter().zip(&totals) {
            to_date += of_quarter[at] as f64;
            let off = (figure.estimate - to_date).abs() / figure.standard_error;
            assert!(off < FARTHEST, "{area} {measure} {}: {off} from {to_date}", figure.quarter);
        }
        if let (ATTACHED, Some(last)) = (measure, totals.last()) {
            let size = to_date / last.standard_error;
            assert!(size > 2.0 * FARTHEST, "{area}: {to_date} is {size} standard errors: too few to tell");
        }
    }
}

fn proved_offline(federation: &Running) -> anyhow::Result<()> {
    let at_the_centre = prove::verify(&federation.aggregator)?;
    assert_eq!(at_the_centre.releases, 6);
    for member in &federation.members {
        let verified = verify::verify(&member.node)?;
        assert_eq!((verified.releases, verified.receipts), (2, 2));
        let key = member.node.bundle()?.receipt_key;
        let sealed = member.sealed()?;
        let [first, second] = sealed.as_slice() else { panic!("two releases were sealed") };
        let receipts = [first, second].map(|release| release.receipt.clone().expect("it was receipted"));
        assert!(receipt::verify(&receipts[0], &first.bytes, &key).is_ok());
        assert!(
            receipt::verify(&receipts[1], &first.bytes, &key).is_err(),
            "a receipt fits its release only"
        );
        let other = member.node.keys.release.public();
        assert!(receipt::verify(&receipts[0], &first.bytes, &other).is_err());
    }
    Ok(())
}
