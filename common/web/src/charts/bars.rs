//! One measure beside many places: a horizontal bar with its interval for each, a mark where none came.

use askama::Template;
use tenfold_common::statistics::Shown;

use super::{
    Caption, NO_RELEASE,
    geometry::{Axis, px},
    in_words,
};
use crate::words::{interval, whole};

/// One place of a bar chart.
#[derive(Clone, Debug, PartialEq)]
pub struct BarRow {
    /// Its name.
    pub name: String,
    /// Its figure; `None` where there was no release.
    pub shown: Option<Shown>,
}

const WIDTH: f64 = 760.0;
/// Room for names: as the longest needs, between these.
const LEAST_LEFT: f64 = 150.0;
const MOST_LEFT: f64 = 290.0;
/// How wide a letter of a name is at most, on average.
const LETTER: f64 = 8.2;
const RIGHT: f64 = 575.0;
const TOP: f64 = 8.0;
const ROW: f64 = 34.0;
const BAR: f64 = 20.0;

/// Draws bars with intervals as SVG text; rows stand in the order given, which is alphabetical by custom.
pub fn bars_with_intervals(caption: &Caption<'_>, rows: &[BarRow]) -> String {
    let shown = rows.iter().filter_map(|row| row.shown);
    let longest = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let left = (LETTER * longest as f64 + 12.0).clamp(LEAST_LEFT, MOST_LEFT);
    let axis = Axis::over(shown.flat_map(|shown| [shown.low, shown.value, shown.high]), 5, left, RIGHT);
    let bottom = TOP + ROW * rows.len() as f64;
    Bars {
        id: caption.id,
        title: caption.title,
        unit: caption.unit,
        description: description(rows),
        width: px(WIDTH),
        height: px(bottom + 52.0),
        unit_at: px(bottom + 44.0),
        plot: Plot { left: px(left), top: px(TOP), bottom: px(bottom) },
        ticks: axis
            .ticks
            .iter()
            .map(|&value| Tick {
                at: px(axis.place(value)),
                text_at: px(bottom + 20.0),
                label: whole(value),
                zero: value == 0.0,
            })
            .collect(),
        rows: rows
            .iter()
            .enumerate()
            .map(|(index, row)| Row::of(row, TOP + ROW * (index as f64 + 0.5), left, &axis))
            .collect(),
    }
    .to_string()
}

/// The chart in sentences, for those who do not see it.
pub fn description(rows: &[BarRow]) -> String {
    let known: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{} {}", row.name, in_words(row.shown.as_ref()?))))
        .collect();
    let missing: Vec<&str> =
        rows.iter().filter(|row| row.shown.is_none()).map(|row| row.name.as_str()).collect();
    let mut text =
        if known.is_empty() { "No figures yet.".to_owned() } else { format!("{}.", known.join("; ")) };
    if !missing.is_empty() {
        text += &format!(" No release from {}.", missing.join(", "));
    }
    text
}

#[derive(Template)]
#[template(path = "charts/bars.svg")]
struct Bars<'a> {
    id: &'a str,
    title: &'a str,
    unit: &'a str,
    description: String,
    width: String,
    height: String,
    unit_at: String,
    plot: Plot,
    ticks: Vec<Tick>,
    rows: Vec<Row>,
}

struct Plot {
    left: String,
    top: String,
    bottom: String,
}

struct Tick {
    at: String,
    text_at: String,
    label: String,
    zero: bool,
}

struct Row {
    name: String,
    name_at: String,
    text_at: String,
    mark: Mark,
}

enum Mark {
    Bar(Bar),
    Gap(Gap),
}

struct Bar {
    left: String,
    top: String,
    width: String,
    height: String,
    low: String,
    high: String,
    middle: String,
    cap_top: String,
    cap_bottom: String,
    text_left: String,
    value: String,
    interval: String,
    label: String,
}

struct Gap {
    top: String,
    width: String,
    height: String,
    text_left: String,
    word: &'static str,
}

impl Row {
    fn of(row: &BarRow, middle: f64, left: f64, axis: &Axis) -> Self {
        let top = px(middle - BAR / 2.0);
        let mark = match &row.shown {
            Some(shown) => {
                let (zero, value) = (axis.place(0.0), axis.place(shown.value));
                Mark::Bar(Bar {
                    left: px(zero.min(value)),
                    top,
                    width: px((value - zero).abs()),
                    height: px(BAR),
                    low: px(axis.place(shown.low)),
                    high: px(axis.place(shown.high)),
                    middle: px(middle),
                    cap_top: px(middle - 5.0),
                    cap_bottom: px(middle + 5.0),
                    text_left: px(RIGHT + 14.0),
                    value: whole(shown.value),
                    interval: interval(shown),
                    label: format!("{}: {}", row.name, in_words(shown)),
                })
            }
            None => Mark::Gap(Gap {
                top,
                width: px(RIGHT - left),
                height: px(BAR),
                text_left: px(RIGHT + 14.0),
                word: NO_RELEASE,
            }),
        };
        Self { name: row.name.clone(), name_at: px(left - 10.0), text_at: px(middle + 5.0), mark }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_ends_at_its_value_and_a_gap_is_no_zero() {
        let rows = [
            BarRow { name: "Bolton".into(), shown: Some(Shown { value: 100.0, low: 80.0, high: 120.0 }) },
            BarRow { name: "Bury".into(), shown: None },
        ];
        let svg = bars_with_intervals(&Caption { id: "b", title: "Results", unit: "Families" }, &rows);
        assert!(svg.contains("x=\"150\" y=\"15\" width=\"283.3\""), "{svg}");
        assert!(svg.contains(">no release</text>") && !svg.contains(">0</tspan>"));
        assert!(!svg.contains("style="));
        assert_eq!(description(&rows), "Bolton 100 (95% interval 80 to 120). No release from Bury.");
        insta::assert_snapshot!(svg);
    }
}
