//! One measure over quarters: a dot with its interval for each, a line between neighbours, a mark where none came.

use askama::Template;
use tenfold_common::{calendar::Quarter, statistics::Shown};

use super::{
    Caption, NO_RELEASE,
    geometry::{Axis, centre, px},
    in_words,
};
use crate::words::whole;

/// One quarter of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuarterPoint {
    /// The quarter.
    pub quarter: Quarter,
    /// Its figure; `None` where there was no release.
    pub shown: Option<Shown>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 350.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 700.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 290.0;

/// Draws a line with intervals as SVG text; points stand in the order given, equally far apart.
pub fn line_with_intervals(caption: &Caption<'_>, points: &[QuarterPoint]) -> String {
    let axis = Axis::over(
        points.iter().filter_map(|point| point.shown).flat_map(|shown| [shown.low, shown.value, shown.high]),
        5,
        BOTTOM,
        TOP,
    );
    let x = |index| centre(index, points.len(), LEFT, RIGHT);
    let dots: Vec<Dot> = points
        .iter()
        .enumerate()
        .filter_map(|(index, point)| Some(Dot::of(point, point.shown.as_ref()?, x(index), &axis)))
        .collect();
    let last = points.iter().enumerate().rev().find_map(|(index, point)| {
        let shown = point.shown?;
        Some(Label { x: px(x(index) + 9.0), y: px(axis.place(shown.value) + 5.0), label: whole(shown.value) })
    });
    Line {
        id: caption.id,
        title: caption.title,
        unit: caption.unit,
        description: description(points),
        width: px(WIDTH),
        height: px(HEIGHT),
        plot: Plot { left: px(LEFT), right: px(RIGHT), top: px(TOP), bottom: px(BOTTOM) },
        ticks: axis.ticks.iter().map(|&value| Tick::of(value, &axis)).collect(),
        gaps: gaps(points),
        years: years(points),
        quarters: points
            .iter()
            .enumerate()
            .map(|(index, point)| Label {
                x: px(x(index)),
                y: px(BOTTOM + 22.0),
                label: format!("Q{}", point.quarter.financial_number()),
            })
            .collect(),
        runs: runs(points, &axis),
        dots,
        last,
    }
    .to_string()
}

/// The chart in one or two sentences, for those who do not see it.
pub fn description(points: &[QuarterPoint]) -> String {
    let (Some(first), Some(end)) = (points.first(), points.last()) else {
        return "No quarters yet.".to_owned();
    };
    let mut text = format!(
        "{} from {} to {}.",
        crate::words::counted(points.len() as u64, "quarter", "quarters"),
        first.quarter.long_name(),
        end.quarter.long_name()
    );
    if let Some((quarter, shown)) = points.iter().rev().find_map(|p| Some((p.quarter, p.shown?))) {
        text += &format!(" Latest figure, {}: {}.", quarter.long_name(), in_words(&shown));
    }
    let missing: Vec<String> =
        points.iter().filter(|p| p.shown.is_none()).map(|p| p.quarter.long_name()).collect();
    if !missing.is_empty() {
        text += &format!(" No release for {}.", missing.join(", "));
    }
    text
}

fn runs(points: &[QuarterPoint], axis: &Axis) -> Vec<String> {
    let mut runs: Vec<Vec<String>> = vec![Vec::new()];
    for (index, point) in points.iter().enumerate() {
        match point.shown {
            Some(shown) => {
                let pair = format!(
                    "{},{}",
                    px(centre(index, points.len(), LEFT, RIGHT)),
                    px(axis.place(shown.value))
                );
                if let Some(run) = runs.last_mut() {
                    run.push(pair);
                }
            }
            None => runs.push(Vec::new()),
        }
    }
    runs.into_iter().filter(|run| run.len() > 1).map(|run| run.join(" ")).collect()
}

fn gaps(points: &[QuarterPoint]) -> Vec<Gap> {
    let slot = (RIGHT - LEFT) / points.len().max(1) as f64;
    let width = (slot * 0.72).min(44.0);
    let middle = f64::midpoint(TOP, BOTTOM);
    points
        .iter()
        .enumerate()
        .filter(|(_, point)| point.shown.is_none())
        .map(|(index, point)| {
            let x = centre(index, points.len(), LEFT, RIGHT);
            Gap {
                left: px(x - width / 2.0),
                width: px(width),
                height: px(BOTTOM - TOP),
                text_box_left: px(x - 10.0),
                text_box_top: px(middle - 40.0),
                text_box_height: px(80.0),
                text_x: px(x + 4.5),
                text_y: px(middle),
                word: NO_RELEASE,
                label: format!("{}: {NO_RELEASE}", point.quarter.long_name()),
            }
        })
        .collect()
}

fn years(points: &[QuarterPoint]) -> Vec<Year> {
    let slot = (RIGHT - LEFT) / points.len().max(1) as f64;
    let mut years: Vec<(String, usize, usize)> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let name = point.quarter.financial_year();
        match years.last_mut() {
            Some((year, _, end)) if *year == name => *end = index + 1,
            _ => years.push((name, index, index + 1)),
        }
    }
    years
        .into_iter()
        .map(|(label, start, end)| Year {
            left: px(LEFT + slot * start as f64),
            middle: px(LEFT + slot * f64::midpoint(start as f64, end as f64)),
            text_at: px(BOTTOM + 46.0),
            rule_to: px(BOTTOM + 50.0),
            // A single narrow slot has no room for seven characters.
            label: if slot * (end - start) as f64 >= 50.0 { label } else { String::new() },
        })
        .collect()
}

#[derive(Template)]
#[template(path = "charts/line.svg")]
struct Line<'a> {
    id: &'a str,
    title: &'a str,
    unit: &'a str,
    description: String,
    width: String,
    height: String,
    plot: Plot,
    ticks: Vec<Tick>,
    gaps: Vec<Gap>,
    years: Vec<Year>,
    quarters: Vec<Label>,
    runs: Vec<String>,
    dots: Vec<Dot>,
    last: Option<Label>,
}

struct Plot {
    left: String,
    right: String,
    top: String,
    bottom: String,
}

struct Tick {
    at: String,
    label_at: String,
    text_at: String,
    label: String,
    zero: bool,
}

impl Tick {
    fn of(value: f64, axis: &Axis) -> Self {
        let at = axis.place(value);
        Self {
            at: px(at),
            label_at: px(LEFT - 8.0),
            text_at: px(at + 5.0),
            label: whole(value),
            zero: value == 0.0,
        }
    }
}

struct Label {
    x: String,
    y: String,
    label: String,
}

struct Dot {
    x: String,
    y: String,
    low: String,
    high: String,
    cap_left: String,
    cap_right: String,
    label: String,
}

impl Dot {
    fn of(point: &QuarterPoint, shown: &Shown, x: f64, axis: &Axis) -> Self {
        Self {
            x: px(x),
            y: px(axis.place(shown.value)),
            low: px(axis.place(shown.low)),
            high: px(axis.place(shown.high)),
            cap_left: px(x - 5.0),
            cap_right: px(x + 5.0),
            label: format!("{}: {}", point.quarter.long_name(), in_words(shown)),
        }
    }
}

struct Gap {
    left: String,
    width: String,
    height: String,
    text_box_left: String,
    text_box_top: String,
    text_box_height: String,
    text_x: String,
    text_y: String,
    word: &'static str,
    label: String,
}

struct Year {
    left: String,
    middle: String,
    text_at: String,
    rule_to: String,
    label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(quarter: &str, value: Option<f64>) -> QuarterPoint {
        let shown = value.map(|value| Shown { value, low: value - 10.0, high: value + 10.0 });
        QuarterPoint { quarter: quarter.parse().unwrap(), shown }
    }

    #[test]
    fn a_missing_quarter_breaks_the_line() {
        let points = [
            point("2015-Q2", Some(100.0)),
            point("2015-Q3", Some(200.0)),
            point("2015-Q4", None),
            point("2016-Q1", Some(300.0)),
            point("2016-Q2", Some(390.0)),
        ];
        let axis = Axis::over([0.0, 400.0], 4, 290.0, 34.0);
        assert_eq!(runs(&points, &axis), ["125.8,226 253.4,162", "508.6,98 636.2,40.4"]);
        let svg = line_with_intervals(&Caption { id: "a", title: "Attached", unit: "Families" }, &points);
        assert_eq!(svg.matches("<circle").count(), 4);
        assert_eq!(svg.matches(">no release</text>").count(), 1);
        assert!(!svg.contains("style="));
        insta::assert_snapshot!(svg);
    }

    #[test]
    fn says_what_it_shows() {
        let points = [point("2015-Q2", Some(1100.0)), point("2015-Q3", None)];
        assert_eq!(
            description(&points),
            "2 quarters from 2015-16 quarter 1 (Apr to Jun 2015) to 2015-16 quarter 2 (Jul to Sep 2015). Latest \
             figure, 2015-16 quarter 1 (Apr to Jun 2015): 1,100 (95% interval 1,090 to 1,110). No release for \
             2015-16 quarter 2 (Jul to Sep 2015)."
        );
        assert_eq!(description(&[]), "No quarters yet.");
    }
}
