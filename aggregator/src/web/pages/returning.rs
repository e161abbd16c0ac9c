//! The national return: preview, checks, download.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;
use tenfold_common::{calendar::Quarter, protocol::ProblemKind, statistics::Estimate};
use tenfold_web::{
    Frame, Page, Refusal, SignedIn, Site,
    charts::NO_RELEASE,
    table::{Column, DataTable},
    words,
};

use super::{CSV, file, frame, not_there, picture};
use crate::{
    duties::Aggregator,
    submission::{self, Check, Return, ReturnRow},
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/return", web::get().to(preview))
        .route("/return/{quarter}.csv", web::get().to(csv))
        .route("/return/{quarter}.csv-metadata.json", web::get().to(metadata));
}

struct Preview {
    quarter: Quarter,
    quarters: Vec<Quarter>,
    table: DataTable,
    checks: Vec<Check>,
}

#[derive(Template)]
#[template(path = "return.html")]
struct ReturnTemplate {
    frame: Frame,
    page: Option<Preview>,
}

#[derive(Deserialize)]
struct Asked {
    quarter: Option<Quarter>,
}

async fn preview(
    person: SignedIn,
    aggregator: Data<Aggregator>,
    site: Data<Site>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Refusal> {
    let picture = picture(&aggregator).await?;
    let page = match asked.quarter.or_else(|| picture.newest()) {
        None => None,
        Some(quarter) => {
            let made = Return::of(&picture, quarter).map_err(not_there)?;
            let mut quarters: Vec<Quarter> =
                (0..picture.combined.quarters()).map(|at| picture.quarter(at)).collect();
            quarters.reverse();
            Some(Preview { quarter, quarters, table: table(&made), checks: submission::checks(&made) })
        }
    };
    ReturnTemplate { frame: frame(&site, &person, "/return"), page }.answer()
}

fn table(of: &Return) -> DataTable {
    let told = |estimate: Option<Estimate>| match estimate {
        Some(estimate) => {
            let shown = estimate.display();
            format!("{} ({})", words::whole(shown.value), words::interval(&shown))
        }
        None => NO_RELEASE.to_owned(),
    };
    let row = |row: &ReturnRow| {
        vec![
            row.area_name.clone(),
            row.status.clone(),
            told(row.attached_to_date),
            told(row.results_to_date),
            told(row.progress_to_date),
            told(row.employment_to_date),
        ]
    };
    DataTable {
        caption: format!("Return for {}, families to date (95% interval)", of.quarter.long_name()),
        columns: vec![
            Column::words("Area"),
            Column::words("Release"),
            Column::numbers("Attached"),
            Column::numbers("Results"),
            Column::numbers("by progress"),
            Column::numbers("by employment"),
        ],
        rows: of.rows.iter().map(row).collect(),
    }
}

async fn made(aggregator: &Data<Aggregator>, quarter: &str) -> Result<Return, Refusal> {
    let quarter = quarter.parse().map_err(|_| Refusal::new(ProblemKind::NotFound))?;
    Return::of(&picture(aggregator).await?, quarter).map_err(not_there)
}

async fn csv(
    _: SignedIn,
    aggregator: Data<Aggregator>,
    quarter: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let files = submission::files(&made(&aggregator, &quarter).await?);
    Ok(file(&files.csv_name, CSV, files.csv))
}

async fn metadata(
    _: SignedIn,
    aggregator: Data<Aggregator>,
    quarter: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let files = submission::files(&made(&aggregator, &quarter).await?);
    Ok(file(&files.metadata_name, "application/csvm+json", files.metadata))
}
