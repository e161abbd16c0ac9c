//! Every figure of the region and its boroughs that is not by ward, unrounded, with its standard error.

use serde::{Deserialize, Serialize};
use tenfold_common::{calendar::Quarter, privacy::Succession};

use super::{Area, Cell, CombineError, Combined, Span};

/// One unbiased figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedFigure {
    /// GSS code of the borough or the region.
    pub area: String,
    /// The stream.
    pub measure: String,
    /// `total`, or `set:label`; for a label's absence `set:not label`.
    pub breakdown: String,
    /// The last quarter counted.
    pub quarter: Quarter,
    /// Whether everything up to that quarter is counted, or it alone.
    pub to_date: bool,
    /// The unbiased estimate.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Boroughs without a release for that quarter.
    pub missing: usize,
    /// Boroughs whose quarter is void, so that the figure does not count it.
    pub void: usize,
    /// Boroughs of which the figure holds the void quarter before, too.
    pub carrying: usize,
    /// Boroughs whose own opening position that quarter is, so that the figure does not count it.
    pub opening: usize,
}

/// Lists every figure that is not by ward: areas, streams, totals and labels, quarters and totals to date.
///
/// # Errors
/// Where the policy and the releases do not fit.
pub fn list(policies: &Succession, combined: &Combined) -> Result<Vec<ListedFigure>, CombineError> {
    let boroughs = policies.boroughs().into_iter().map(Area::Borough);
    let areas: Vec<Area> = std::iter::once(Area::Region).chain(boroughs).collect();
    let mut figures = Vec::new();
    for stream in policies.streams() {
        let mut cells = vec![("total".to_owned(), Cell::Total)];
        for (set, labels) in stream.label_sets.iter().enumerate() {
            for (label, name) in labels.labels.iter().enumerate() {
                cells.push((format!("{}:{name}", labels.name), Cell::Label { set, label }));
            }
            if let ([only], 0) = (labels.labels.as_slice(), labels.most()) {
                cells.push((format!("{}:not {only}", labels.name), Cell::LabelAbsent { set, label: 0 }));
            }
        }
        for area in &areas {
            for last in 0..combined.quarters() {
                for (to_date, span) in [(false, Span::quarter(last)), (true, Span::ToDate { last })] {
                    for (breakdown, cell) in &cells {
                        let reading = combined.reading(area, &stream.name, *cell, span)?;
                        let Some(estimate) = reading.estimate else { continue };
                        figures.push(ListedFigure {
                            area: area.code().to_owned(),
                            measure: stream.name.clone(),
                            breakdown: breakdown.clone(),
                            quarter: policies.first_quarter().plus(last as i32),
                            to_date,
                            estimate: estimate.value,
                            standard_error: estimate.standard_error(),
                            missing: reading.missing.len(),
                            void: reading.void.len(),
                            carrying: reading.carrying.len(),
                            opening: reading.opening.len(),
                        });
                    }
                }
            }
        }
    }
    Ok(figures)
}
