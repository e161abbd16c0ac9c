//! A chart as it stands on a page: caption, drawing, note, its data as a table, its data as CSV.

use askama::{Template, filters::HtmlSafe};

use crate::table::DataTable;

/// A chart with everything that goes with it.
#[derive(Clone, Debug, Template)]
#[template(path = "charts/figure.html")]
pub struct Figure {
    /// Unique on its page; the chart inside has the same.
    pub id: String,
    /// What the figure shows.
    pub caption: String,
    /// SVG text made by this module's functions.
    pub svg: String,
    /// What a reader should know before reading it.
    pub note: Option<String>,
    /// The same figures as a table.
    pub table: DataTable,
    /// Where the same figures are to be had as CSV.
    pub csv_href: Option<String>,
}

impl HtmlSafe for Figure {}
