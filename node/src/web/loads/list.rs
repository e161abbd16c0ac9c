//! All loads with the data-quality report, and undoing one.

use actix_web::{
    HttpResponse,
    http::header,
    web::{Data, Form, Path},
};
use askama::Template;
use serde::Deserialize;
use tenfold_common::clock::Moment;
use tenfold_store::{Account, Role};
use tenfold_web::{Frame, Page, Refusal, SignedIn, Site, words};

use super::super::{frame, loading, refusal};
use crate::{
    duties::{DutyError, Node, look, quality, undo},
    register::Days,
};

#[derive(Template)]
#[template(path = "loads.html")]
struct LoadsPage {
    frame: Frame,
    loads: Vec<LoadLine>,
    quality: Vec<QualityOf>,
}

struct LoadLine {
    id: i64,
    file_name: String,
    source: String,
    covers: String,
    rows: String,
    waiting: String,
    loaded: String,
    undone: String,
}

struct QualityOf {
    title: String,
    facts: Vec<(String, String)>,
    columns: Vec<ColumnLine>,
}

struct ColumnLine {
    heading: String,
    filled: String,
    least: String,
    greatest: String,
}

fn span(days: &Days) -> String {
    format!("{} to {}", words::short_day(days.from), words::short_day(days.to))
}

fn spans(days: &[Days]) -> String {
    if days.is_empty() { "none".to_owned() } else { days.iter().map(span).collect::<Vec<_>>().join("; ") }
}

/// All loads, the newest first, and how good the data are.
///
/// # Errors
/// Where the database cannot be read or the template fails.
pub async fn list(person: SignedIn, node: Data<Node>, site: Data<Site>) -> Result<HttpResponse, Refusal> {
    let store = node.store.clone();
    let (loads, quality) = store
        .run(move |_| Ok::<_, DutyError>((look::loads(&node)?, quality::report(&node)?)))
        .await
        .map_err(refusal)?;
    let line = |(load, waiting): (look::Load, i64)| LoadLine {
        id: load.id,
        source: loading::title(&load.source),
        covers: span(&Days { from: load.covers_from, to: load.covers_to }),
        rows: words::whole(load.rows_taken as f64),
        waiting: words::whole(waiting as f64),
        loaded: format!("{} by {}", words::moment(Moment::from_naive(load.loaded_at)), load.loaded_by),
        undone: load
            .undone_at
            .map(|at| format!("Undone {}", words::moment(Moment::from_naive(at))))
            .unwrap_or_default(),
        file_name: load.file_name,
    };
    let of = |source: quality::SourceQuality| QualityOf {
        title: loading::title(&source.source),
        facts: vec![
            ("Covered".to_owned(), spans(&source.covered)),
            ("Gaps".to_owned(), spans(&source.gaps)),
            ("Covered twice".to_owned(), spans(&source.overlaps)),
            (
                "Rows".to_owned(),
                format!(
                    "{} taken, of which {} about nobody of a family here; {} wait in quarantine",
                    words::whole(source.rows as f64),
                    words::whole(source.unmatched as f64),
                    words::whole(source.quarantined as f64)
                ),
            ),
        ],
        columns: source
            .columns
            .into_iter()
            .map(|column| ColumnLine {
                filled: share(column.filled, column.rows),
                heading: column.heading,
                least: column.least.unwrap_or_default(),
                greatest: column.greatest.unwrap_or_default(),
            })
            .collect(),
    };
    LoadsPage {
        frame: frame(&site, &person, "/loads"),
        loads: loads.into_iter().rev().map(line).collect(),
        quality: quality.into_iter().map(of).collect(),
    }
    .answer()
}

/// A share in whole per cent, never rounded to all or nothing.
fn share(part: u64, of: u64) -> String {
    match (part * 100).checked_div(of) {
        None => "no rows".to_owned(),
        Some(_) if part == of => "100 %".to_owned(),
        Some(0) if part > 0 => "under 1 %".to_owned(),
        Some(percent) => format!("{percent} %"),
    }
}

/// A form with nothing but its token.
#[derive(Deserialize)]
pub struct Confirmed {
    csrf: String,
}

/// Undoes a load.
///
/// # Errors
/// Where the role does not load, the form is not this session's, or the load cannot be undone.
pub async fn undo(
    person: SignedIn,
    id: Path<i64>,
    form: Form<Confirmed>,
    node: Data<Node>,
) -> Result<HttpResponse, Refusal> {
    person.sent(&form.csrf)?;
    person.must_be(&[Role::Analyst])?;
    let by =
        Account { name: person.name.clone(), display_name: person.display_name.clone(), role: person.role };
    let (store, id) = (node.store.clone(), *id);
    store.run(move |_| undo::undo(&node, id, &by)).await.map_err(refusal)?;
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/loads/{id}"))).finish())
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        assert_eq!(
            [share(0, 3), share(3, 3), share(999, 1_000), share(1, 1_000), share(0, 0)],
            ["0 %", "100 %", "99 %", "under 1 %", "no rows"]
        );
    }
}
