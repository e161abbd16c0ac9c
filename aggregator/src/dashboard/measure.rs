//! One measure over time: the region's quarters and totals to date with their intervals, and its breakdown.

use tenfold_common::{
    privacy::LabelKind,
    statistics::{Estimate, Ratio},
};
use tenfold_web::{
    charts::{BarRow, Caption, Figure, QuarterPoint, bars_with_intervals, line_with_intervals},
    table::{Column, DataTable},
    words,
};

use super::{Picture, told};
use crate::combine::{Area, Cell, CombineError, Counted, Span};

/// What the page of a measure shows.
#[derive(Clone, Debug)]
pub struct MeasurePage {
    /// The measure's title.
    pub title: String,
    /// The newest quarter against the one before, in a sentence; none before there are two after the opening
    /// position.
    pub change: Option<String>,
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
    Ok(MeasurePage { title, change: change(picture, area, stream)?, figures })
}

/// The newest quarter less the one before, over the boroughs that released both, told as far as noise allows.
fn change(picture: &Picture, area: &Area, stream: &str) -> Result<Option<String>, CombineError> {
    let Some(last) =
        picture.combined.quarters().checked_sub(1).filter(|&last| last > picture.first_activity())
    else {
        return Ok(None);
    };
    let reading = picture.reading(area, stream, Cell::Total, Span::Change { last })?;
    let Some(estimate) = reading.estimate else { return Ok(None) };
    let (now, before) = (picture.quarter(last).short_name(), picture.quarter(last - 1).short_name());
    let told = difference(&estimate, &now, &before);
    let without = [reading.missing.as_slice(), &reading.opening, &reading.void].concat();
    let counted = match without.as_slice() {
        [] => String::new(),
        without => format!(" Without {}.", super::names(without)),
    };
    Ok(Some(format!("{told}{counted}")))
}

fn difference(estimate: &Estimate, now: &str, before: &str) -> String {
    let interval = estimate.interval();
    let told = if interval.contains(0.0) {
        format!("{now} is not distinguishable from {before}")
    } else {
        let word = if estimate.value > 0.0 { "more" } else { "fewer" };
        format!("{} {word} in {now} than in {before}", words::whole(estimate.value.abs()))
    };
    let (low, high) = (words::whole(interval.low.floor()), words::whole(interval.high.ceil()));
    format!("{told} (95% interval of the difference {low} to {high}).")
}

/// Quarter by quarter.
///
/// # Errors
/// Where the policy has no such stream.
pub fn over_time(picture: &Picture, area: &Area, stream: &str) -> Result<Figure, CombineError> {
    let title = format!("{} each quarter, {}", picture.title(stream), area.name());
    // The opening position is no quarter's activity: it stands in the table and is not drawn.
    series(picture, area, stream, ("quarters", title), picture.first_activity(), Span::quarter)
}

/// Totals to date.
///
/// # Errors
/// Where the policy has no such stream.
pub fn running_total(picture: &Picture, area: &Area, stream: &str) -> Result<Figure, CombineError> {
    let title = format!("{} to date, {}", picture.title(stream), area.name());
    series(picture, area, stream, ("to-date", title), 0, |last| Span::ToDate { last })
}

fn series(
    picture: &Picture,
    area: &Area,
    stream: &str,
    (kind, title): (&str, String),
    drawn_from: usize,
    span: impl Fn(usize) -> Span,
) -> Result<Figure, CombineError> {
    let id = format!("{kind}-{stream}");
    let (mut points, mut rows) = (Vec::new(), Vec::new());
    let mut incomplete = Vec::new();
    let (mut void, mut opened) = (false, false);
    for last in 0..picture.combined.quarters() {
        let reading = picture.reading(area, stream, Cell::Total, span(last))?;
        let quarter = picture.quarter(last);
        if last >= drawn_from {
            points.push(QuarterPoint { quarter, shown: reading.estimate.map(|estimate| estimate.display()) });
        }
        let name = match span(last) {
            Span::Sum { .. } => picture.quarter_name(last),
            Span::ToDate { .. } | Span::Change { .. } => quarter.long_name(),
        };
        rows.push(vec![name, told(&reading), super::remarks(&reading)]);
        if !reading.missing.is_empty() && reading.estimate.is_some() {
            incomplete.push(quarter.short_name());
        }
        opened |= !reading.opening.is_empty();
        void |= !reading.void.is_empty() || !reading.carrying.is_empty();
    }
    let caption = Caption { id: &id, title: &title, unit: "Families" };
    let svg = line_with_intervals(&caption, &points);
    let columns = vec![
        Column::words("Quarter"),
        Column::numbers("Families (95% interval)"),
        Column::words("Boroughs missing or void"),
    ];
    let table = DataTable { caption: title.clone(), columns, rows };
    let mut notes = Vec::new();
    if !incomplete.is_empty() {
        let quarters = incomplete.join(", ");
        notes.push(format!("Not every borough is counted in {quarters}; the table names who is missing."));
    }
    if void {
        notes.push(
            "A void quarter was never drawn: its families are counted in the quarter after it.".to_owned(),
        );
    }
    if opened {
        notes.push(
            "A borough that joined late begins with its own opening position, which is no quarter's activity: it is \
             counted to date only."
                .to_owned(),
        );
    }
    if drawn_from > 0 {
        notes.push(
            "The first release is the opening position, with everything from before it; it is in the table and \
             not drawn."
                .to_owned(),
        );
    }
    let note = (!notes.is_empty()).then(|| notes.join(" "));
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
        if let ([only], 0) = (labels.labels.as_slice(), labels.most()) {
            // The one label of results is progress; a result without it came by continuous employment.
            let other =
                if only == tenfold_common::privacy::policy::PROGRESS { "employment" } else { "other" };
            cells.push((other.to_owned(), Cell::LabelAbsent { set, label: 0 }));
        }
        let (mut bars, mut rows) = (Vec::new(), Vec::new());
        for (name, cell) in cells {
            let reading = picture.reading(area, stream, cell, Span::ToDate { last })?;
            let mut row = vec![name.clone(), told(&reading)];
            if labels.most() == 0 {
                row.push(share(picture, area, Counted { stream, cell }, Span::ToDate { last })?);
            }
            rows.push(row);
            bars.push(BarRow { name, shown: reading.estimate.map(|estimate| estimate.display()) });
        }
        let caption = Caption { id: &id, title: &title, unit: "Families" };
        let svg = bars_with_intervals(&caption, &bars);
        let mut columns = vec![Column::words("Label"), Column::numbers("Families (95% interval)")];
        if labels.most() == 0 {
            columns.push(Column::numbers("Share of families (95% interval)"));
        }
        let table = DataTable { caption: title.clone(), columns, rows };
        let note = (labels.labels.len() > 1 && labels.kind == LabelKind::Many)
            .then(|| {
                "A family can have several of these, so they do not add up to the total. A mix says whom a borough \
                 attached and how it recorded them: it compares neither between boroughs nor across the phases of the \
                 programme."
                    .to_owned()
            });
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

/// A cell's share of its stream, with Fieller's interval.
fn share(picture: &Picture, area: &Area, part: Counted<'_>, span: Span) -> Result<String, CombineError> {
    let reading = picture.combined.ratio(area, part, Counted::all(part.stream), span)?;
    let shown = reading.ratio.as_ref().and_then(Ratio::shown);
    Ok(shown.map_or_else(|| "not told".to_owned(), |shown| words::share(&shown)))
}

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::policy::{ATTACHED, RESULT};

    use super::*;
    use crate::combine::fixture;

    #[test]
    fn the_opening_position_is_listed_and_not_drawn() {
        let picture = fixture::picture();
        let figure = over_time(&picture, &Area::Region, ATTACHED).unwrap();
        assert_eq!(figure.table.rows.len(), 8);
        assert_eq!(figure.table.rows[0][0], "Opening position to 30 June 2015");
        assert_eq!(figure.svg.matches("<circle").count(), 7);
        let figure = running_total(&picture, &Area::Region, ATTACHED).unwrap();
        assert_eq!(figure.svg.matches("<circle").count(), 8);
    }

    #[test]
    fn the_first_release_is_activity_only_where_the_policy_has_no_opening_position() {
        for (opening, drawn, named) in
            [(true, 0, "Opening position to 30 June 2015"), (false, 1, "2015-16 quarter 1 (Apr to Jun 2015)")]
        {
            let picture = fixture::first_release(opening);
            let figure = over_time(&picture, &Area::Region, ATTACHED).unwrap();
            assert_eq!(figure.svg.matches("<circle").count(), drawn);
            assert_eq!((figure.table.rows.len(), figure.table.rows[0][0].as_str()), (1, named));
            assert_eq!(figure.note.is_some(), opening);
            // To date it is a point in both.
            let figure = running_total(&picture, &Area::Region, ATTACHED).unwrap();
            assert_eq!(figure.svg.matches("<circle").count(), 1);
        }
    }

    #[test]
    fn a_missing_quarter_is_named_and_not_filled_in() {
        let picture = fixture::picture();
        let figure = over_time(&picture, &Area::Borough(fixture::oldham()), ATTACHED).unwrap();
        assert_eq!(figure.table.rows[7][1..], ["no release", "Oldham"]);
        assert_eq!(figure.svg.matches("<circle").count(), 6);
    }

    #[test]
    fn a_change_is_told_as_far_as_noise_allows() {
        let told = |value| difference(&Estimate { value, variance: 484.0 }, "quarter 4", "quarter 3");
        assert_eq!(
            told(40.0),
            "quarter 4 is not distinguishable from quarter 3 (95% interval of the difference −4 to 84)."
        );
        assert_eq!(
            told(60.0),
            "60 more in quarter 4 than in quarter 3 (95% interval of the difference 16 to 104)."
        );
        assert!(told(-60.0).starts_with("60 fewer in quarter 4 than in quarter 3"));
        let picture = fixture::picture();
        let region = measure(&picture, &Area::Region, ATTACHED).unwrap().change.unwrap();
        assert!(region.starts_with("2016-17 quarter 4 ") && region.ends_with(" Without Oldham."), "{region}");
        let none = measure(&picture, &Area::Borough(fixture::oldham()), RESULT).unwrap().change;
        assert_eq!(none, None);
    }

    #[test]
    fn results_fall_into_progress_and_employment() {
        let figures = breakdowns(&fixture::picture(), &Area::Region, RESULT).unwrap();
        let names: Vec<&str> = figures[0].table.rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["progress", "employment"]);
        // Of the region's results one or the other: the shares add up to all of them, each with the same width.
        let [progress, employment] = [0, 1].map(|row| figures[0].table.rows[row][2].clone());
        let told = |share: &str| share.split('%').next().unwrap().parse::<f64>().unwrap();
        assert!((told(&progress) + told(&employment) - 100.0).abs() < 0.11, "{progress}, {employment}");
        assert!(figures[0].note.is_none() && figures[1].note.is_some());
    }
}
