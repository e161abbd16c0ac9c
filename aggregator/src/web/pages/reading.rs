//! Overview, measures, boroughs, completeness: for everybody who is signed in.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;
use tenfold_common::{calendar::Quarter, clock::Moment, geography::BoroughCode};
use tenfold_web::{Frame, Page, Refusal, SignedIn, Site, words};

use super::{CSV, answered, file, frame, not_there, picture};
use crate::{
    combine::Area,
    dashboard::{
        borough::{self, BoroughPage},
        completeness::{self, Completeness},
        measure::{self, MeasurePage},
        overview::{self, Overview},
        questions::{self, QuestionsPage},
        side_by_side::{self, SideBySide},
        tidy,
    },
    duties::Aggregator,
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(show_overview))
        .route("/measure/{stream}", web::get().to(show_measure))
        .route("/boroughs", web::get().to(show_boroughs))
        .route("/borough/{code}.csv", web::get().to(wards_csv))
        .route("/borough/{code}", web::get().to(show_borough))
        .route("/questions", web::get().to(show_questions))
        .route("/questions.csv", web::get().to(questions_csv))
        .route("/completeness", web::get().to(show_completeness))
        .route("/completeness.csv", web::get().to(completeness_csv))
        .route("/figures.csv", web::get().to(figures_csv));
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    page: Overview,
}

async fn show_overview(
    person: SignedIn,
    aggregator: Data<Aggregator>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let page = overview::overview(&picture(&aggregator).await?).map_err(not_there)?;
    OverviewPage { frame: frame(&site, &person, "/"), page }.answer()
}

#[derive(Template)]
#[template(path = "measure.html")]
struct MeasureTemplate {
    frame: Frame,
    page: MeasurePage,
}

async fn show_measure(
    person: SignedIn,
    aggregator: Data<Aggregator>,
    site: Data<Site>,
    stream: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let picture = picture(&aggregator).await?;
    let page = measure::measure(&picture, &Area::Region, &stream).map_err(not_there)?;
    let path = format!("/measure/{stream}");
    MeasureTemplate { frame: frame(&site, &person, &path), page }.answer()
}

#[derive(Template)]
#[template(path = "boroughs.html")]
struct BoroughsTemplate {
    frame: Frame,
    page: SideBySide,
}

async fn show_boroughs(
    person: SignedIn,
    aggregator: Data<Aggregator>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let page = side_by_side::side_by_side(&picture(&aggregator).await?).map_err(not_there)?;
    BoroughsTemplate { frame: frame(&site, &person, "/boroughs"), page }.answer()
}

#[derive(Template)]
#[template(path = "borough.html")]
struct BoroughTemplate {
    frame: Frame,
    page: BoroughPage,
}

async fn show_borough(
    person: SignedIn,
    aggregator: Data<Aggregator>,
    site: Data<Site>,
    code: Path<BoroughCode>,
) -> Result<HttpResponse, Refusal> {
    let page = borough::borough(&picture(&aggregator).await?, &code).map_err(not_there)?;
    BoroughTemplate { frame: frame(&site, &person, "/boroughs"), page }.answer()
}

#[derive(Template)]
#[template(path = "completeness.html")]
struct CompletenessTemplate {
    frame: Frame,
    page: Completeness,
}

impl CompletenessTemplate {
    /// The quarter's name, which does not break: the column stays as wide as it is.
    fn quarter(&self, quarter: &Quarter) -> String {
        let is_first = self.page.quarters.first().is_some_and(|(first, _)| first == quarter);
        if self.page.opening && is_first {
            return "opening position".replace(' ', "\u{a0}");
        }
        quarter.short_name().replace(' ', "\u{a0}").replace('-', "\u{2011}")
    }

    fn day(&self, moment: &Moment) -> String {
        words::short_day(moment.day())
    }
}

async fn show_completeness(
    person: SignedIn,
    aggregator: Data<Aggregator>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let page = completeness::completeness(&picture(&aggregator).await?);
    CompletenessTemplate { frame: frame(&site, &person, "/completeness"), page }.answer()
}

#[derive(Template)]
#[template(path = "questions.html")]
struct QuestionsTemplate {
    frame: Frame,
    page: QuestionsPage,
}

async fn show_questions(
    person: SignedIn,
    aggregator: Data<Aggregator>,
    site: Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let page = questions::page(&answered(&aggregator).await?);
    QuestionsTemplate { frame: frame(&site, &person, "/questions"), page }.answer()
}

async fn questions_csv(_: SignedIn, aggregator: Data<Aggregator>) -> Result<HttpResponse, Refusal> {
    Ok(file("tenfold-questions.csv", CSV, questions::csv(&answered(&aggregator).await?)))
}

async fn completeness_csv(_: SignedIn, aggregator: Data<Aggregator>) -> Result<HttpResponse, Refusal> {
    let text = tidy::arrivals(&picture(&aggregator).await?);
    Ok(file("tenfold-completeness.csv", CSV, text))
}

async fn wards_csv(
    _: SignedIn,
    aggregator: Data<Aggregator>,
    code: Path<BoroughCode>,
) -> Result<HttpResponse, Refusal> {
    let text = tidy::places(&picture(&aggregator).await?, &code).map_err(not_there)?;
    Ok(file(&format!("tenfold-wards-{code}.csv"), CSV, text))
}

async fn figures_csv(_: SignedIn, aggregator: Data<Aggregator>) -> Result<HttpResponse, Refusal> {
    let text = tidy::figures(&picture(&aggregator).await?).map_err(not_there)?;
    Ok(file("tenfold-figures.csv", CSV, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::fixture;

    #[test]
    fn the_overview_names_who_is_missing() {
        let page = overview::overview(&fixture::picture()).unwrap();
        let frame = Frame::new("Tenfold", "Greater Manchester", true);
        let html = OverviewPage { frame, page }.render().unwrap();
        assert!(html.contains("no release for this quarter yet from Oldham"), "{html}");
        assert!(!html.contains("style="));
        // The stylesheet's address changes whenever the stylesheet does.
        let html = html.replace(tenfold_web::stylesheet::href(), "/assets/tenfold.css");
        insta::assert_snapshot!("overview_page", html);
    }
}
