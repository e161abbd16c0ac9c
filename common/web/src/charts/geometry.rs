//! Where things stand: round ticks and the straight line from values to coordinates.

/// Round values along an axis, with the axis reaching from the first to the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The round values, ascending; at least two.
    pub ticks: Vec<f64>,
    from_px: f64,
    to_px: f64,
}

impl Axis {
    /// An axis that reaches over zero and every value given, with about `about` steps between round values.
    pub fn over(values: impl IntoIterator<Item = f64>, about: u32, from_px: f64, to_px: f64) -> Self {
        let (low, high) = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        Self::between(low, high, about, from_px, to_px)
    }

    /// An axis that reaches from a round value to another over two ends, with or without zero.
    pub fn between(low: f64, high: f64, about: u32, from_px: f64, to_px: f64) -> Self {
        let step = round_step((high - low).max(1.0) / f64::from(about.max(1)));
        let first = (low / step).floor();
        let last = (high / step).ceil().max(first + 1.0);
        let count = (last - first) as u32;
        let ticks = (0..=count).map(|index| (first + f64::from(index)) * step).collect();
        Self { ticks, from_px, to_px }
    }

    /// The coordinate of a value.
    pub fn place(&self, value: f64) -> f64 {
        let (first, last) = (self.ticks[0], self.ticks[self.ticks.len() - 1]);
        self.from_px + (value - first) / (last - first) * (self.to_px - self.from_px)
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `at_least`, and not below 1.
pub fn round_step(at_least: f64) -> f64 {
    let mut power = 1.0;
    loop {
        for step in [1.0, 2.0, 5.0] {
            if step * power >= at_least || power >= 1e15 {
                return step * power;
            }
        }
        power *= 10.0;
    }
}

/// The centre of slot `index` of `count` equal slots between two coordinates.
pub fn centre(index: usize, count: usize, from_px: f64, to_px: f64) -> f64 {
    from_px + (to_px - from_px) * (index as f64 + 0.5) / count.max(1) as f64
}

/// A coordinate as an SVG attribute: one decimal at most, so that files are small and equal everywhere.
pub fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (at_least, step) in
            [(0.01, 1.0), (1.0, 1.0), (1.5, 2.0), (3.0, 5.0), (7.0, 10.0), (260.0, 500.0), (2000.0, 2000.0)]
        {
            assert_eq!(round_step(at_least), step, "{at_least}");
        }
    }

    #[test]
    fn an_axis_holds_zero_and_every_value() {
        let axis = Axis::over([130.0, 740.0], 4, 300.0, 0.0);
        assert_eq!(axis.ticks, [0.0, 200.0, 400.0, 600.0, 800.0]);
        assert_eq!((axis.place(0.0), axis.place(400.0), axis.place(800.0)), (300.0, 150.0, 0.0));
        assert_eq!(Axis::over([-30.0, 50.0], 4, 0.0, 10.0).ticks, [-40.0, -20.0, 0.0, 20.0, 40.0, 60.0]);
    }

    #[test]
    fn an_axis_between_two_ends_needs_no_zero() {
        assert_eq!(Axis::between(31.0, 52.0, 5, 0.0, 10.0).ticks, [30.0, 35.0, 40.0, 45.0, 50.0, 55.0]);
        assert_eq!(Axis::between(40.0, 40.0, 5, 0.0, 10.0).ticks, [40.0, 41.0]);
    }

    #[test]
    fn an_axis_without_values_still_stands() {
        assert_eq!(Axis::over([], 4, 0.0, 10.0).ticks, [0.0, 1.0]);
        assert_eq!(Axis::over([f64::NAN, 0.0], 4, 0.0, 10.0).ticks, [0.0, 1.0]);
    }

    #[test]
    fn slots_are_equal() {
        assert_eq!([centre(0, 4, 100.0, 200.0), centre(3, 4, 100.0, 200.0)], [112.5, 187.5]);
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!([px(12.0), px(12.34), px(-0.01)], ["12", "12.3", "0"]);
    }
}
