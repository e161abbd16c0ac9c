//! Charts as small SVG templates fed with coordinates from pure functions.
//!
//! Every chart draws its intervals, names itself for screen readers, and stands in a [`Figure`] with its data
//! as a table. Only presentation attributes are used: the pages' content policy forbids style attributes.

pub mod bars;
pub mod figure;
pub mod funnel;
pub mod geometry;
pub mod line;

pub use bars::{BarRow, bars_with_intervals};
pub use figure::Figure;
pub use funnel::{Limit, Point, funnel};
pub use line::{QuarterPoint, line_with_intervals};

use tenfold_common::statistics::Shown;

use crate::words::{interval, whole};

/// What a chart is, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption<'a> {
    /// Unique on its page: letters, digits and hyphens.
    pub id: &'a str,
    /// What the chart shows.
    pub title: &'a str,
    /// What is counted, such as `Families`.
    pub unit: &'a str,
}

/// What stands where no figure is: drawn as a hatched mark, never as zero.
pub const NO_RELEASE: &str = "no release";

fn in_words(shown: &Shown) -> String {
    format!("{} (95% interval {})", whole(shown.value), interval(shown))
}
