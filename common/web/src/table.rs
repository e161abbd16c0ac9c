//! Tables as readers see them: a caption, column headings, a heading for every row.

use askama::{Template, filters::HtmlSafe};

/// A column's heading and whether it holds numbers, which stand to the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: String,
    /// Whether it holds numbers.
    pub numeric: bool,
}

impl Column {
    /// A column of words.
    pub fn words(name: impl Into<String>) -> Self {
        Self { name: name.into(), numeric: false }
    }

    /// A column of numbers.
    pub fn numbers(name: impl Into<String>) -> Self {
        Self { name: name.into(), numeric: true }
    }
}

/// A table of plain cells; the first cell of a row is its heading.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "table.html")]
pub struct DataTable {
    /// What the table shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<String>>,
}

impl DataTable {
    fn paired<'a>(&'a self, row: &'a [String]) -> impl Iterator<Item = (&'a String, &'a Column)> {
        row.iter().zip(&self.columns)
    }
}

impl HtmlSafe for DataTable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_escaped_and_numbers_marked() {
        let table = DataTable {
            caption: "Attached & more".into(),
            columns: vec![Column::words("Borough"), Column::numbers("Families")],
            rows: vec![vec!["<b>".into(), "1,234".into()]],
        };
        let html = table.render().unwrap();
        assert!(html.contains("<caption>Attached &#38; more</caption>"), "{html}");
        assert!(html.contains("<th scope=\"row\">&#60;b&#62;</th>"), "{html}");
        assert!(html.contains("<td class=\"number\">1,234</td>"), "{html}");
    }
}
