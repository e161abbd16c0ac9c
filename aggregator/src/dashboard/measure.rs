//! One measure over time: the region's quarters and totals to date with their intervals, and its breakdown.

use tenfold_web::{
    charts::{BarRow, Caption, Figure, QuarterPoint, bars_with_intervals, line_with_intervals},
    table::{Column, DataTable},
};

use super::{Picture, told};
use crate::combine::{Area, Cell, CombineError, Span};

/// What the page of a measure shows.
#[derive(Clone, Debug)]
pub struct MeasurePage {
    /// The measure's title.
    pub title: String,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// The page of a stream for an area.
///
/// # Errors
/// Where the policy has no such stream.
pub fn measure(picture: &Picture, area: &Area, stream: &str) -> Result<MeasurePage, CombineError> {
    let title = picture.policy.stream(stream)?.title.clone();
    let mut figures = vec![over_time(picture, area, stream)?, running_total(picture, area, stream)?];
    figures.extend(breakdowns(picture, area, stream)?);
    Ok(MeasurePage { title, figures })
}

/// Quarter by quarter.
///
/// # Errors
/// Where the policy has no such stream.
pub fn over_time(picture: &Picture, area: &Area, stream: &str) -> Result<Figure, CombineError> {
    let title = format!("{} each quarter, {}", picture.title(stream), area.name());
    series(picture, area, stream, ("quarters", title), Span::quarter)
}

/// Totals to date.
///
/// # Errors
/// Where the policy has no such stream.
pub fn running_total(picture: &Picture, area: &Area, stream: &str) -> Result<Figure, CombineError> {
    let title = format!("{} to date, {}", picture.title(stream), area.name());
    series(picture, area, stream, ("to-date", title), |last| Span::ToDate { last })
}

fn series(
    picture: &Picture,
    area: &Area,
    stream: &str,
    (kind, title): (&str, String),
    span: impl Fn(usize) -> Span,
) -> Result<Figure, CombineError> {
    let id = format!("{kind}-{stream}");
    let (mut points, mut rows) = (Vec::new(), Vec::new());
    let mut incomplete = Vec::new();
    for last in 0..picture.combined.quarters() {
        let reading = picture.reading(area, stream, Cell::Total, span(last))?;
        let quarter = picture.quarter(last);
        points.push(QuarterPoint { quarter, shown: reading.estimate.map(|estimate| estimate.display()) });
        rows.push(vec![quarter.long_name(), told(&reading), super::names(&reading.missing)]);
        if !reading.missing.is_empty() && reading.estimate.is_some() {
            incomplete.push(quarter.short_name());
        }
    }
    let caption = Caption { id: &id, title: &title, unit: "Families" };
    let svg = line_with_intervals(&caption, &points);
    let columns = vec![
        Column::words("Quarter"),
        Column::numbers("Families (95% interval)"),
        Column::words("Boroughs missing"),
    ];
    let table = DataTable { caption: title.clone(), columns, rows };
    let note = (!incomplete.is_empty()).then(|| {
        format!("Not every borough is counted in {}; the table names who is missing.", incomplete.join(", "))
    });
    Ok(Figure { id, caption: title, svg, note, table, csv_href: Some("/figures.csv".to_owned()) })
}

/// By each label set, to date.
///
/// # Errors
/// Where the policy has no such stream.
pub fn breakdowns(picture: &Picture, area: &Area, stream: &str) -> Result<Vec<Figure>, CombineError> {
    let Some(last) = picture.combined.quarters().checked_sub(1) else { return Ok(Vec::new()) };
    let sets = picture.policy.stream(stream)?.label_sets.clone();
    let mut figures = Vec::new();
    for (set, labels) in sets.iter().enumerate() {
        let title = format!("{} to date by {}, {}", picture.title(stream), labels.name, area.name());
        let id = format!("by-{}-{stream}", labels.name);
        let mut cells: Vec<(String, Cell)> = (0..labels.labels.len())
            .map(|label| (labels.labels[label].clone(), Cell::Label { set, label }))
            .collect();
        if let [only] = labels.labels.as_slice() {
            // The one label of results is progress; a result without it came by continuous employment.
            let other =
                if only == tenfold_common::privacy::policy::PROGRESS { "employment" } else { "other" };
            cells.push((other.to_owned(), Cell::LabelAbsent { set, label: 0 }));
        }
        let (mut bars, mut rows) = (Vec::new(), Vec::new());
        for (name, cell) in cells {
            let reading = picture.reading(area, stream, cell, Span::ToDate { last })?;
            rows.push(vec![name.clone(), told(&reading)]);
            bars.push(BarRow { name, shown: reading.estimate.map(|estimate| estimate.display()) });
        }
        let caption = Caption { id: &id, title: &title, unit: "Families" };
        let svg = bars_with_intervals(&caption, &bars);
        let columns = vec![Column::words("Label"), Column::numbers("Families (95% interval)")];
        let table = DataTable { caption: title.clone(), columns, rows };
        let note = (labels.labels.len() > 1)
            .then(|| "A family can have several of these, so they do not add up to the total.".to_owned());
        figures.push(Figure {
            id,
            caption: title,
            svg,
            note,
            table,
            csv_href: Some("/figures.csv".to_owned()),
        });
    }
    Ok(figures)
}
