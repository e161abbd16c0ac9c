//! A quarter's exact figures beside those of another quarter or preparation.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

/// What one stream counts in one quarter, as exact numbers of families.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamCounts {
    /// The stream in words.
    pub title: String,
    /// The quarters a one-off question asks about; of a stream it is the one under review.
    pub quarters: Option<String>,
    /// All families.
    pub total: i64,
    /// Label sets with their labels.
    pub labels: Vec<(String, Vec<(String, i64)>)>,
    /// Places, the last being not known or elsewhere.
    pub places: Vec<(String, i64)>,
}

/// A stream's exact figures in a quarter under review.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct StreamReview {
    /// The stream in words.
    pub title: String,
    /// The quarters a one-off question asks about; of a stream it is the one under review.
    pub quarters: Option<String>,
    /// Families counted this quarter, or in those.
    pub total: i64,
    /// Families counted the quarter before, where there was one.
    pub total_before: Option<i64>,
    /// Label sets: name, and each label with this quarter's and the previous quarter's families.
    pub labels: Vec<(String, Vec<LabelCount>)>,
    /// Places with their families.
    pub places: Vec<LabelCount>,
}

/// How many families carry a label or live in a place.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct LabelCount {
    /// The label or place.
    pub label: String,
    /// This quarter.
    pub now: i64,
    /// The quarter before, where there was one.
    pub before: Option<i64>,
}

/// Exact figures are never printed by `Debug`: it names what they are of.
macro_rules! blank_debug {
    ($($figures:ident . $of:ident),*) => {$(
        impl fmt::Debug for $figures {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($figures), "({}, …)"), self.$of)
            }
        }
    )*};
}
blank_debug!(StreamCounts.title, StreamReview.title, LabelCount.label, Changed.label);

impl LabelCount {
    /// The change since the quarter before, with its sign.
    pub fn change(&self) -> Option<String> {
        change(self.now, self.before)
    }
}

impl StreamReview {
    /// The change of the total since the quarter before, with its sign.
    pub fn total_change(&self) -> Option<String> {
        change(self.total, self.total_before)
    }
}

fn change(now: i64, before: Option<i64>) -> Option<String> {
    Some(format!("{:+}", now - before?))
}

/// What a quarter counts beside the one before it.
pub fn beside(now: &[StreamCounts], before: Option<&[StreamCounts]>) -> Vec<StreamReview> {
    now.iter()
        .map(|stream| {
            let earlier = before.and_then(|before| before.iter().find(|other| other.title == stream.title));
            let pair = |counts: &[(String, i64)], earlier: Option<&[(String, i64)]>| -> Vec<LabelCount> {
                let of =
                    |label: &str| earlier?.iter().find(|(other, _)| other == label).map(|(_, count)| *count);
                counts
                    .iter()
                    .map(|(label, now)| LabelCount { label: label.clone(), now: *now, before: of(label) })
                    .collect()
            };
            let set_before = |name: &str| {
                earlier?.labels.iter().find(|(other, _)| other == name).map(|(_, counts)| counts.as_slice())
            };
            StreamReview {
                title: stream.title.clone(),
                quarters: stream.quarters.clone(),
                total: stream.total,
                total_before: earlier.map(|earlier| earlier.total),
                labels: stream
                    .labels
                    .iter()
                    .map(|(name, counts)| (name.clone(), pair(counts, set_before(name))))
                    .collect(),
                places: pair(&stream.places, earlier.map(|earlier| earlier.places.as_slice())),
            }
        })
        .collect()
}

/// One exact figure that is another than it was.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The stream in words.
    pub stream: String,
    /// `total`, `place` or the label set.
    pub by: String,
    /// The label or place.
    pub label: String,
    /// As it was.
    pub was: i64,
    /// As it is.
    pub now: i64,
}

/// The figures that are others than they were.
pub fn changed(was: &[StreamCounts], now: &[StreamCounts]) -> Vec<Changed> {
    let was = cells(was);
    let now = cells(now).into_iter();
    let pairs = now.map(|(cell, now)| (was.get(&cell).copied().unwrap_or_default(), cell, now));
    pairs
        .filter(|(was, _, now)| was != now)
        .map(|(was, (stream, by, label), now)| Changed {
            stream: stream.to_owned(),
            by: by.to_owned(),
            label: label.to_owned(),
            was,
            now,
        })
        .collect()
}

/// Every figure by stream, breakdown and label.
fn cells(counts: &[StreamCounts]) -> BTreeMap<(&str, &str, &str), i64> {
    let mut cells = BTreeMap::new();
    for stream in counts {
        cells.insert((stream.title.as_str(), "total", ""), stream.total);
        let sets = stream.labels.iter().map(|(set, labels)| (set.as_str(), labels));
        for (by, labels) in sets.chain([("place", &stream.places)]) {
            cells.extend(
                labels.iter().map(|(label, count)| ((stream.title.as_str(), by, label.as_str()), *count)),
            );
        }
    }
    cells
}

/// What an approver should look at twice; never a gate, because a gate on true figures would speak.
pub fn advice(streams: &[StreamReview]) -> Vec<String> {
    streams
        .iter()
        .filter_map(|stream| {
            let title = &stream.title;
            match stream.total_before {
                _ if stream.total == 0 => Some(format!("{title}: no family is counted this quarter.")),
                Some(before) if before >= 10 && (stream.total > 2 * before || 2 * stream.total < before) => {
                    Some(format!("{title}: {} families after {before} the quarter before.", stream.total))
                }
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_not_printed_by_accident() {
        let count = |label: &str| LabelCount { label: label.into(), now: 4711, before: Some(4712) };
        let counts = StreamCounts {
            title: "attached".into(),
            quarters: None,
            total: 4711,
            labels: vec![("problem".into(), vec![("crime".into(), 4711)])],
            places: vec![("North".into(), 4711)],
        };
        let review = StreamReview {
            title: "attached".into(),
            quarters: None,
            total: 4711,
            total_before: Some(4712),
            labels: vec![("problem".into(), vec![count("crime")])],
            places: vec![count("North")],
        };
        let (stream, by, label) = ("attached".to_owned(), "place".to_owned(), "North".to_owned());
        let changed = Changed { stream, by, label, was: 4711, now: 4712 };
        let debug = format!("{counts:?} {review:?} {:?} {changed:?}", count("crime"));
        assert!(!debug.contains("471"), "{debug}");
        assert!(debug.contains("LabelCount(crime, …)"), "{debug}");
    }

    fn counts(total: i64) -> Vec<StreamCounts> {
        vec![StreamCounts {
            title: "Families attached".into(),
            quarters: None,
            total,
            labels: vec![("problem".into(), vec![("crime".into(), total / 2)])],
            places: vec![("North".into(), total)],
        }]
    }

    #[test]
    fn only_what_changed_is_shown_again() {
        let (was, mut now) = (counts(12), counts(12));
        assert_eq!(changed(&was, &now), []);
        now[0].labels[0].1[0].1 = 7;
        let one = Changed {
            stream: "Families attached".into(),
            by: "problem".into(),
            label: "crime".into(),
            was: 6,
            now: 7,
        };
        assert_eq!(changed(&was, &now), [one]);
        assert_eq!(changed(&was, &counts(13)).len(), 2, "total and place");
    }

    #[test]
    fn changes_carry_their_sign_and_only_great_ones_are_pointed_at() {
        let alone = beside(&counts(12), None);
        assert_eq!((alone[0].total_change(), advice(&alone)), (None, vec![]));
        for (now, before, change, pointed) in
            [(25, 12, "+13", true), (24, 12, "+12", false), (5, 12, "-7", true), (30, 9, "+21", false)]
        {
            let streams = beside(&counts(now), Some(&counts(before)));
            assert_eq!(streams[0].total_change().as_deref(), Some(change));
            assert_eq!(streams[0].places[0].change().as_deref(), Some(change));
            assert_eq!(!advice(&streams).is_empty(), pointed, "{now} after {before}");
        }
        assert_eq!(
            advice(&beside(&counts(0), None)),
            ["Families attached: no family is counted this quarter."]
        );
    }
}
