//! The national return: preview, checks, download.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;
use tenfold_common::{calendar::Quarter, protocol::ProblemKind};
use tenfold_web::{
    Frame, Page, Refusal, SignedIn, Site,
    charts::NO_RELEASE,
    table::{Column, DataTable},
    words,
};

use super::{CSV, file, frame, not_there, picture};
use crate::{
    duties::Aggregator,
    submission::{self, Amounts, Check, Explanations, Return},
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/return", web::get().to(preview))
        .route("/return/{quarter}.csv", web::get().to(csv))
        .route("/return/{quarter}.csv-metadata.json", web::get().to(metadata));
}

struct Preview {
    quarter: Quarter,
    name: String,
    opening: bool,
    others: Vec<(Quarter, String)>,
    tables: Vec<DataTable>,
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
            let made = Return::of(&picture, quarter, &Explanations::new()).map_err(not_there)?;
            let mut quarters: Vec<Quarter> =
                (0..picture.combined.quarters()).map(|at| picture.quarter(at)).collect();
            quarters.reverse();
            let mut tables = vec![table(&made, "to date", |row| row.to_date)];
            if !made.opening {
                tables.push(table(&made, "in the quarter", |row| row.in_quarter));
            }
            Some(Preview {
                quarter,
                name: made.period.clone(),
                opening: made.opening,
                others: quarters.into_iter().map(|at| (at, picture.policy.period_name(at))).collect(),
                tables,
                checks: submission::checks(&made),
            })
        }
    };
    ReturnTemplate { frame: frame(&site, &person, "/return"), page }.answer()
}

/// The form's amounts, to date or in the quarter, as they are written.
fn table(of: &Return, when: &str, pick: fn(&submission::ReturnRow) -> Option<Amounts>) -> DataTable {
    let rows = of.rows.iter().map(|row| {
        let mut cells = vec![row.area_name.clone(), row.status.clone()];
        match pick(row) {
            Some(amounts) => cells.extend(amounts.each().map(|(_, whole, estimate)| {
                format!("{} ({})", words::whole(whole), words::interval(&estimate.display()))
            })),
            None => cells.extend([NO_RELEASE; 4].map(str::to_owned)),
        }
        cells
    });
    DataTable {
        caption: format!("Families {when} (95% interval)"),
        columns: vec![
            Column::words("Area"),
            Column::words("Release"),
            Column::numbers("Attached"),
            Column::numbers("Results"),
            Column::numbers("by progress"),
            Column::numbers("by employment"),
        ],
        rows: rows.collect(),
    }
}

async fn made(aggregator: &Data<Aggregator>, quarter: &str) -> Result<Return, Refusal> {
    let quarter = quarter.parse().map_err(|_| Refusal::new(ProblemKind::NotFound))?;
    Return::of(&picture(aggregator).await?, quarter, &Explanations::new()).map_err(not_there)
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
