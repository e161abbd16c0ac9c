//! The first page: the region and its boroughs, attached and results to date and in the newest quarter.

use tenfold_common::calendar::Quarter;
use tenfold_web::{
    charts::{BarRow, Caption, Figure, bars_with_intervals},
    table::{Column, DataTable},
    words,
};

use super::{HEADLINES, Picture, missing, names, remarks, told};
use crate::combine::{Area, Cell, CombineError, Reading, Span};

/// A headline number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// What it is.
    pub title: String,
    /// The number.
    pub value: String,
    /// Its interval, in words.
    pub interval: String,
}

/// What the first page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The newest quarter, if any was released.
    pub quarter: Option<Quarter>,
    /// What readers call it.
    pub quarter_name: String,
    /// The region's headline numbers, to date and in the newest quarter.
    pub headlines: Vec<Headline>,
    /// Boroughs without a release for the newest quarter, in a sentence; empty where all are there.
    pub missing: String,
    /// What those could change of each headline's quarter, in sentences.
    pub bounds: Vec<String>,
    /// Boroughs whose newest quarter, or the one before it, is void, in a sentence; empty where none is.
    pub void: String,
    /// Boroughs that joined with the newest quarter, in a sentence; empty where none did.
    pub opened: String,
    /// Boroughs side by side, a figure a headline stream.
    pub figures: Vec<Figure>,
}

/// The first page.
///
/// # Errors
/// Where the policy lacks a headline stream.
pub fn overview(picture: &Picture) -> Result<Overview, CombineError> {
    let Some(last) = picture.combined.quarters().checked_sub(1) else {
        return Ok(Overview {
            quarter: None,
            quarter_name: String::new(),
            headlines: Vec::new(),
            missing: String::new(),
            bounds: Vec::new(),
            void: String::new(),
            opened: String::new(),
            figures: Vec::new(),
        });
    };
    let mut headlines = Vec::new();
    let mut figures = Vec::new();
    let mut bounds = Vec::new();
    let (mut absent, mut void, mut opened) = (String::new(), String::new(), String::new());
    for stream in HEADLINES {
        let reading = picture.reading(&Area::Region, stream, Cell::Total, Span::ToDate { last })?;
        absent = names(&reading.missing);
        headlines.extend(headline(format!("{} to date", picture.title(stream)), &reading));
        if !picture.is_opening(last) {
            let reading = picture.reading(&Area::Region, stream, Cell::Total, Span::quarter(last))?;
            let title = format!("{}, {}", picture.title(stream), picture.quarter(last).short_name());
            headlines.extend(headline(title, &reading));
            bounds.extend(missing::bounds(picture, stream, last)?);
            opened = names(&reading.opening);
            void = remarks(&Reading { missing: Vec::new(), opening: Vec::new(), ..reading });
        }
        figures.push(side_by_side(picture, stream, last)?);
    }
    let quarter = picture.quarter(last);
    let quarter_name = picture.policy.period_name(quarter);
    Ok(Overview {
        quarter: Some(quarter),
        quarter_name,
        headlines,
        missing: absent,
        bounds,
        void,
        opened,
        figures,
    })
}

fn headline(title: String, reading: &Reading) -> Option<Headline> {
    let shown = reading.estimate?.display();
    Some(Headline { title, value: words::whole(shown.value), interval: words::interval(&shown) })
}

/// Boroughs side by side, alphabetically: to date as bars, the newest quarter in the table beside it.
fn side_by_side(picture: &Picture, stream: &str, last: usize) -> Result<Figure, CombineError> {
    let title = format!("{} to date, by borough", picture.title(stream));
    let id = format!("boroughs-{stream}");
    let mut bars = Vec::new();
    let mut rows = Vec::new();
    for area in picture.areas() {
        let to_date = picture.reading(&area, stream, Cell::Total, Span::ToDate { last })?;
        let mut row = vec![area.name().to_owned(), told(&to_date)];
        if !picture.is_opening(last) {
            row.push(told(&picture.reading(&area, stream, Cell::Total, Span::quarter(last))?));
        }
        if matches!(area, Area::Borough(_)) {
            let shown = to_date.estimate.map(|estimate| estimate.display());
            bars.push(BarRow { name: area.name().to_owned(), shown });
        }
        rows.push(row);
    }
    let caption = Caption { id: &id, title: &title, unit: "Families" };
    let svg = bars_with_intervals(&caption, &bars);
    let mut columns = vec![Column::words("Area"), Column::numbers("To date (95% interval)")];
    if !picture.is_opening(last) {
        let quarter = picture.quarter(last).short_name();
        columns.push(Column::numbers(format!("{quarter} (95% interval)")));
    }
    let table = DataTable { caption: title.clone(), columns, rows };
    Ok(Figure {
        id,
        caption: title,
        svg,
        note: Some(
            "Alphabetical, not a ranking. Where two intervals overlap widely the boroughs are not \
             distinguishable."
                .to_owned(),
        ),
        table,
        csv_href: Some("/figures.csv".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::fixture;

    #[test]
    fn the_opening_position_is_a_headline_to_date_and_no_quarter_beside_it() {
        for (opening, headlines, columns) in [(true, 2, 2), (false, 4, 3)] {
            let page = overview(&fixture::first_release(opening)).unwrap();
            assert_eq!((page.headlines.len(), page.figures[0].table.columns.len()), (headlines, columns));
            assert_eq!(page.quarter_name.starts_with("opening position to "), opening);
            assert!(page.figures[0].table.rows.iter().all(|row| row.len() == columns));
        }
    }
}
