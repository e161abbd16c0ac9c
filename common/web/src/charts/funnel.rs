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
    let (low, high) = reach(rate, points, limits);
    let across = Axis::between(low * 100.0, high * 100.0, 6, BOTTOM, TOP);
    let along = Axis::over(points.iter().map(|point| point.size * 1.08), 5, LEFT, RIGHT);
    // The limits of sizes smaller than any area's leave the plot.
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
    let together = rate.map(|rate| format!("all together {}", percent(rate)));
    let level = rate.zip(together.as_ref()).map(|(rate, together)| {
        let long = together.chars().count() as f64 * LETTER;
        Area([LEFT, LEFT + 4.0 + long, y(rate) - LINE - 4.0, y(rate) - 2.0])
    });
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
        rate: rate.zip(together).map(|(rate, label)| Level {
            x: px(LEFT + 4.0),
            y: px(y(rate)),
            text_at: px(y(rate) - 6.0),
            label,
        }),
        curves: curves.collect(),
        dots: dots(points, level, &along, &y),
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

/// From where to where shares are drawn: every area with its interval, and the limits for the smallest of them.
fn reach(rate: Option<f64>, points: &[Point], limits: &[Limit]) -> (f64, f64) {
    let smallest = points.iter().map(|point| point.size).fold(f64::INFINITY, f64::min);
    let ends = limits.iter().filter_map(|limit| limit.ends.iter().find(|(size, ..)| *size >= smallest));
    let limits = ends.flat_map(|(_, low, high)| [*low, *high]);
    let shown = points.iter().flat_map(|point| [point.shown.low, point.shown.high]);
    let all: Vec<f64> = limits.chain(shown).chain(rate).collect();
    let low = all.iter().copied().fold(f64::INFINITY, f64::min);
    let high = all.iter().copied().fold(0.0, f64::max);
    if low.is_finite() { (low, high) } else { (0.0, 1.0) }
}

/// Letters of this height stand this far apart, about.
const LETTER: f64 = 7.6;
const LINE: f64 = 15.0;

/// A box from left to right and from top to bottom.
#[derive(Clone, Copy)]
struct Area([f64; 4]);

impl Area {
    fn is_over(self, other: Self) -> bool {
        let (Self([left, right, top, bottom]), Self([from, to, above, below])) = (self, other);
        left < to && from < right && top < below && above < bottom
    }
}

/// Each dot with its name where it lies over no other name, not that of the level, and no dot; with a line to it where
/// that is not beside it.
fn dots(points: &[Point], level: Option<Area>, along: &Axis, y: &impl Fn(f64) -> f64) -> Vec<Dot> {
    let at = |point: &Point| (along.place(point.size), y(point.shown.value));
    let mut taken: Vec<Area> =
        points.iter().map(at).map(|(x, y)| Area([x - 6.0, x + 6.0, y - 6.0, y + 6.0])).collect();
    taken.extend(level);
    let dot = |point: &Point| {
        let (x, middle) = at(point);
        let long = point.name.chars().count() as f64 * LETTER;
        // Right, left, above, below, and then farther and farther out.
        let around = (0..12).flat_map(|ring| {
            let far = 9.0 + 9.0 * f64::from(ring);
            [(far, 0.0), (-far - long, 0.0), (-long / 2.0, -far - 2.0), (-long / 2.0, far + 2.0)]
                .into_iter()
                .chain([(far, -far), (far, far), (-far - long, -far), (-far - long, far)])
                .map(move |place| (place, ring > 0))
        });
        let area = |(right, down): (f64, f64)| {
            let (left, base) = (x + right, middle + down + 5.0);
            Area([left, left + long, base - LINE + 3.0, base + 2.0])
        };
        let is_free = |area: Area| {
            let Area([left, right, top, bottom]) = area;
            left >= LEFT
                && right <= WIDTH
                && top >= TOP
                && bottom <= BOTTOM
                && !taken.iter().any(|other| area.is_over(*other))
        };
        let mut around = around;
        let found = around.find(|(place, _)| is_free(area(*place)));
        let (place, is_far) = found.unwrap_or(((9.0, 0.0), false));
        let Area([left, right, top, bottom]) = area(place);
        taken.push(area(place));
        Dot {
            x: px(x),
            y: px(middle),
            low: px(y(point.shown.low)),
            high: px(y(point.shown.high)),
            text_x: px(left),
            text_y: px(bottom - 2.0),
            leader: is_far.then(|| Leader {
                x: px(x.clamp(left, right)),
                y: px(if bottom < middle { bottom } else { top.max(middle.min(bottom)) }),
            }),
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
    leader: Option<Leader>,
    name: String,
    label: String,
}

struct Leader {
    x: String,
    y: String,
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
        let names = ["Bolton", "Bury", "Oldham", "Rochdale", "Salford", "Stockport", "Tameside", "Trafford"];
        let near =
            |(nth, name): (usize, &&str)| point(name, 800.0 + 7.0 * nth as f64, 0.41 + 0.002 * nth as f64);
        let points: Vec<Point> = names.iter().enumerate().map(near).collect();
        let along = Axis::over([1_000.0], 5, LEFT, RIGHT);
        let across = Axis::between(30.0, 50.0, 5, BOTTOM, TOP);
        let dots = dots(&points, None, &along, &|share| across.place(share * 100.0));
        let area = |dot: &Dot| {
            let (left, base): (f64, f64) = (dot.text_x.parse().unwrap(), dot.text_y.parse().unwrap());
            Area([left, left + dot.name.len() as f64 * LETTER, base - 11.0, base + 1.0])
        };
        for (nth, one) in dots.iter().enumerate() {
            for other in &dots[nth + 1..] {
                assert!(!area(one).is_over(area(other)), "{} lies over {}", one.name, other.name);
            }
        }
        assert!(dots.iter().any(|dot| dot.leader.is_some()), "some stand apart from their dots");
    }

    #[test]
    fn nothing_to_compare_is_said() {
        let svg = funnel(&Caption { id: "f", title: "", unit: "" }, "", None, &[], &[]);
        assert!(svg.contains("Nothing to compare yet."), "{svg}");
    }
}
