//! Tables as CSV: one figure a row, the same columns in every file.

use tenfold_common::statistics::Estimate;

use super::{Picture, topics::place_name};
use crate::combine::{Area, Cell, CombineError, Reading, Span, borough_name};

/// The columns of every file of figures, in their order.
pub const HEADER: [&str; 13] = [
    "time_period",
    "geographic_code",
    "geographic_name",
    "measure",
    "breakdown",
    "estimate",
    "lower_95",
    "upper_95",
    "span",
    "unbiased_estimate",
    "standard_error",
    "status",
    "boroughs_missing",
];

/// A file of figures as it is written: rows under [`HEADER`].
#[derive(Debug)]
pub struct TidyFile {
    writer: csv::Writer<Vec<u8>>,
}

impl Default for TidyFile {
    fn default() -> Self {
        Self::new()
    }
}

impl TidyFile {
    /// A file with nothing but its header.
    pub fn new() -> Self {
        let mut file = Self {
            writer: csv::Writer::from_writer(Vec::new()),
        };
        file.record(HEADER);
        file
    }

    /// Adds a figure of an area.
    ///
    /// # Errors
    /// Where there is no such borough, stream or cell.
    pub fn add(
        &mut self,
        picture: &Picture,
        area: &Area,
        stream: &str,
        breakdown: &str,
        cell: Cell,
        span: Span,
    ) -> Result<(), CombineError> {
        let reading = picture.reading(area, stream, cell, span)?;
        let measure = &picture.policy().stream(stream)?.title;
        let (code, name) = match (area, cell) {
            (Area::Borough(borough), Cell::Place(place) | Cell::LabelByPlace { place, .. }) => {
                place_name(picture.policy(), borough, place)
            }
            _ => (area.code().to_owned(), area.name().to_owned()),
        };
        let [estimate, low, high, unbiased, error] = numbers(reading.estimate.as_ref());
        self.record([
            &period(picture, area, span),
            &code,
            &name,
            measure,
            breakdown,
            &estimate,
            &low,
            &high,
            span_word(span),
            &unbiased,
            &error,
            status(&reading),
            &missing(&reading),
        ]);
        Ok(())
    }

    /// The bytes of the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner().expect("writing to memory does not fail")
    }

    fn record<'a>(&mut self, fields: impl IntoIterator<Item = &'a str>) {
        self.writer
            .write_record(fields)
            .expect("every record has the header's length and memory takes it");
    }
}

/// Value and interval in whole numbers as shown, then the unbiased value and its standard error.
pub(crate) fn numbers(estimate: Option<&Estimate>) -> [String; 5] {
    estimate.map_or_else(Default::default, |estimate| {
        let shown = estimate.display();
        [
            format!("{:.0}", shown.value),
            format!("{:.0}", shown.low),
            format!("{:.0}", shown.high),
            decimals(estimate.value),
            decimals(estimate.standard_error()),
        ]
    })
}

/// Two decimals, without a minus before nothing.
pub(crate) fn decimals(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

fn period(picture: &Picture, area: &Area, span: Span) -> String {
    let name = |index| picture.quarter(index).to_string();
    match span {
        Span::Sum { first, last } if first == last => name(last),
        Span::Sum { first, last } => format!("{} to {}", name(first), name(last)),
        Span::ToDate { last } => {
            let own = match area {
                Area::Borough(borough) => last.min(picture.combined().released(borough).saturating_sub(1)),
                Area::Region => last,
            };
            format!("{} to {}", name(0), name(own))
        }
        Span::Change { last } => name(last),
    }
}

fn span_word(span: Span) -> &'static str {
    match span {
        Span::Sum { first: 0, last: 0 } => "opening position",
        Span::Sum { first, last } if first == last => "quarter",
        Span::Sum { .. } => "several quarters",
        Span::ToDate { .. } => "to date",
        Span::Change { .. } => "change on the quarter before",
    }
}

fn status(reading: &Reading) -> &'static str {
    match (&reading.estimate, reading.missing.is_empty()) {
        (None, _) => "no release",
        (Some(_), true) => "complete",
        (Some(_), false) => "incomplete",
    }
}

fn missing(reading: &Reading) -> String {
    reading
        .missing
        .iter()
        .map(borough_name)
        .collect::<Vec<_>>()
        .join("; ")
}
