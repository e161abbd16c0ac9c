//! Shares of areas against their size, with limits that narrow as areas grow: a funnel plot.
//!
//! # Source
//! Spiegelhalter (2005), *Funnel plots for comparing institutional performance*, Statistics in Medicine 24(8).

use askama::Template;
use tenfold_common::statistics::Shown;

use super::{
    Caption,
    geometry::{Axis, px},
};
use crate::words::{percent, share, whole};

/// One area: its share, and the size that is divided by.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its name.
    pub name: String,
    /// What the share is of.
    pub size: f64,
    /// The share with its interval.
    pub shown: Shown,
}

/// A pair of limits over sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// What it is called, such as `95%`.
    pub name: String,
    /// Size, lower and upper limit, by ascending size.
    pub ends: Vec<(f64, f64, f64)>,
    /// Whether it is drawn dashed.
    pub dashed: bool,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 740.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 360.0;

/// Draws a funnel as SVG text. `size_unit` says what sizes count.
pub fn funnel(
    caption: &Caption<'_>,
    size_unit: &str,
    rate: Option<f64>,
    points: &[Point],
    limits: &[Limit],
) -> String {
    let ends = limits.iter().flat_map(|limit| &limit.ends);
    // In per cent, for round steps; the limits of the smallest areas may leave the plot.
    let widest = points.iter().map(|point| point.shown.high).chain(rate.map(|rate| rate * 1.4));
    let across = Axis::over(widest.map(|share| share * 100.0), 5, BOTTOM, TOP);
    let along = Axis::over(points.iter().map(|point| point.size * 1.08), 5, LEFT, RIGHT);
    let y = |share: f64| across.place(share * 100.0).clamp(TOP, BOTTOM);
    let largest = along.ticks.last().copied().unwrap_or(0.0);
    let shown_ends = |limit: &Limit, upper: bool| {
        let of = limit.ends.iter().filter(|(size, ..)| *size <= largest);
        let pair = |&(size, low, high): &(f64, f64, f64)| {
            format!("{},{}", px(along.place(size)), px(y(if upper { high } else { low })))
        };
        of.map(pair).collect::<Vec<_>>().join(" ")
    };
    let curves = limits.iter().flat_map(|limit| {
        [false, true].map(|upper| Curve { points: shown_ends(limit, upper), dashed: limit.dashed })
    });
    let has_limits = ends.count() > 0;
    Funnel {
        id: caption.id,
        title: caption.title,
        unit: caption.unit,
        size_unit,
        description: description(rate, points, limits),
        width: px(WIDTH),
        height: px(HEIGHT),
        size_at: px(BOTTOM + 44.0),
        plot: Plot { left: px(LEFT), right: px(RIGHT) },
        rates: across.ticks.iter().map(|&value| Tick::rate(value, &across)).collect(),
        sizes: along.ticks.iter().map(|&value| Tick::size(value, &along)).collect(),
        rate: rate.map(|rate| Level {
            x: px(RIGHT - 4.0),
            y: px(y(rate)),
            text_at: px(y(rate) - 6.0),
            label: format!("all together {}", percent(rate)),
        }),
        curves: if has_limits { curves.collect() } else { Vec::new() },
        dots: dots(points, &along, &y),
    }
    .to_string()
}

/// The chart in a few sentences, for those who do not see it.
fn description(rate: Option<f64>, points: &[Point], limits: &[Limit]) -> String {
    let Some(rate) = rate.filter(|_| !points.is_empty()) else { return "Nothing to compare yet.".to_owned() };
    let mut text = format!("All together: {}.", percent(rate));
    for point in points {
        text += &format!(" {}: {} of {}.", point.name, share(&point.shown), whole(point.size));
    }
    let names: Vec<&str> = limits.iter().map(|limit| limit.name.as_str()).collect();
    if !names.is_empty() {
        text += &format!(" Limits are drawn for {}.", names.join(" and "));
    }
    text
}

/// Each dot with its name where it lies over no other name, if there is such a place.
fn dots(points: &[Point], along: &Axis, y: &impl Fn(f64) -> f64) -> Vec<Dot> {
    let mut taken: Vec<[f64; 4]> = Vec::new();
    let dot = |point: &Point| {
        let (at_x, at_y) = (along.place(point.size), y(point.shown.value));
        let long = point.name.chars().count() as f64 * 7.6;
        let places = [
            (at_x + 9.0, at_y + 5.0, "start", at_x + 9.0),
            (at_x - 9.0, at_y + 5.0, "end", at_x - 9.0 - long),
            (at_x, at_y - 10.0, "middle", at_x - long / 2.0),
            (at_x, at_y + 20.0, "middle", at_x - long / 2.0),
        ];
        let is_free = |left: f64, base: f64| {
            left >= LEFT
                && left + long <= RIGHT + 18.0
                && taken.iter().all(|[from, to, top, end]| {
                    left + long < *from || left > *to || base < *top || base - 14.0 > *end
                })
        };
        let place = places.into_iter().find(|(_, base, _, left)| is_free(*left, *base)).unwrap_or(places[0]);
        let (text_x, text_y, anchor, left) = place;
        taken.push([left, left + long, text_y - 14.0, text_y]);
        Dot {
            x: px(at_x),
            y: px(at_y),
            low: px(y(point.shown.low)),
            high: px(y(point.shown.high)),
            text_x: px(text_x),
            text_y: px(text_y),
            anchor,
            name: point.name.clone(),
            label: format!("{}: {} of {}", point.name, share(&point.shown), whole(point.size)),
        }
    };
    points.iter().map(dot).collect()
}

#[derive(Template)]
#[template(path = "charts/funnel.svg")]
struct Funnel<'a> {
    id: &'a str,
    title: &'a str,
    unit: &'a str,
    size_unit: &'a str,
    description: String,
    width: String,
    height: String,
    size_at: String,
    plot: Plot,
    rates: Vec<Tick>,
    sizes: Vec<Tick>,
    rate: Option<Level>,
    curves: Vec<Curve>,
    dots: Vec<Dot>,
}

struct Plot {
    left: String,
    right: String,
}

struct Tick {
    at: String,
    label_at: String,
    text_at: String,
    label: String,
    zero: bool,
}

impl Tick {
    fn rate(per_cent: f64, axis: &Axis) -> Self {
        let at = axis.place(per_cent);
        let label = format!("{}%", whole(per_cent));
        Self { at: px(at), label_at: px(LEFT - 8.0), text_at: px(at + 5.0), label, zero: per_cent == 0.0 }
    }

    fn size(value: f64, axis: &Axis) -> Self {
        let at = px(axis.place(value));
        Self { at, label_at: String::new(), text_at: px(BOTTOM + 22.0), label: whole(value), zero: false }
    }
}

struct Level {
    x: String,
    y: String,
    text_at: String,
    label: String,
}

struct Curve {
    points: String,
    dashed: bool,
}

struct Dot {
    x: String,
    y: String,
    low: String,
    high: String,
    text_x: String,
    text_y: String,
    anchor: &'static str,
    name: String,
    label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(name: &str, size: f64, value: f64) -> Point {
        let shown = Shown { value, low: value - 0.05, high: value + 0.05 };
        Point { name: name.to_owned(), size, shown }
    }

    #[test]
    fn areas_limits_and_the_whole_are_drawn_and_said() {
        let points = [point("Bolton", 400.0, 0.30), point("Bury", 410.0, 0.31), point("Wigan", 900.0, 0.42)];
        let limit = |name: &str, wide: f64, dashed| Limit {
            name: name.to_owned(),
            ends: vec![(100.0, 0.35 - wide, 0.35 + wide), (900.0, 0.35 - wide / 3.0, 0.35 + wide / 3.0)],
            dashed,
        };
        let caption = Caption { id: "f", title: "Results", unit: "Share" };
        let limits = [limit("95%", 0.1, true), limit("99.8%", 0.15, false)];
        let svg = funnel(&caption, "Families attached", Some(0.35), &points, &limits);
        assert_eq!((svg.matches("<circle").count(), svg.matches("<polyline").count()), (3, 4));
        assert!(svg.contains("Bolton: 30.0% (25.0% to 35.0%) of 400."), "{svg}");
        assert!(!svg.contains("style="));
        insta::assert_snapshot!(svg);
    }

    #[test]
    fn names_of_neighbours_do_not_lie_over_each_other() {
        let points = [point("Bolton", 400.0, 0.30), point("Bury", 402.0, 0.301)];
        let svg = funnel(&Caption { id: "f", title: "", unit: "" }, "", Some(0.3), &points, &[]);
        assert_eq!(svg.matches("text-anchor=\"start\"").count(), 1, "{svg}");
    }

    #[test]
    fn nothing_to_compare_is_said() {
        let svg = funnel(&Caption { id: "f", title: "", unit: "" }, "", None, &[], &[]);
        assert!(svg.contains("Nothing to compare yet."), "{svg}");
    }
}
