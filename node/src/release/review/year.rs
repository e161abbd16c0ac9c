//! A year's exact figures by place, as they leave with the quarter that ends it, and how far each may be off.

use std::fmt;

use serde::Serialize;
use tenfold_common::privacy::{Every, GroupKind, StreamPolicy, Table};

use super::Precision;

/// What leaves by place with the quarter that ends a year; its figures are not printed by `Debug`.
#[derive(Clone, PartialEq, Serialize)]
pub struct YearReview {
    /// What readers call the year.
    pub name: String,
    /// Streams with groups by place.
    pub streams: Vec<YearStream>,
}

/// One stream's exact figures of a year by place.
#[derive(Clone, PartialEq, Serialize)]
pub struct YearStream {
    /// The stream in words.
    pub title: String,
    /// What is counted: all families, then each label that is released by place.
    pub columns: Vec<YearColumn>,
    /// Places, the last being not known or elsewhere, each with its families in the order of the columns.
    pub places: Vec<(String, Vec<i64>)>,
}

/// All families, or those of one label, by place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct YearColumn {
    /// The label, or `all`.
    pub label: String,
    /// Half of the 95 % interval of a released figure of a year, in families.
    pub error: Option<f64>,
}

impl fmt::Debug for YearReview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "YearReview({}, {:?})", self.name, self.streams)
    }
}

impl fmt::Debug for YearStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "YearStream({}, …)", self.title)
    }
}

impl YearStream {
    /// The sums of a year's quarters; nothing where a stream has no groups that are released by year. `quarters` are
    /// the tables of the quarters that the year counts.
    pub fn of(
        stream: &StreamPolicy,
        places: &[String],
        quarters: &[&Table],
        precision: &Precision,
    ) -> Option<Self> {
        if !stream.by_place || stream.places_every != Every::Year {
            return None;
        }
        let error = |table: &str| {
            let found = precision.tables.iter().find(|row| row.stream == stream.name && row.table == table);
            found.map(|row| row.year)
        };
        let shape = stream.shape(places.len());
        let mut columns = vec![YearColumn { label: "all".to_owned(), error: error("place") }];
        let mut rows = vec![Vec::new(); places.len()];
        for (at, group) in shape.groups().iter().enumerate() {
            let year = |cell: usize| quarters.iter().map(|table| table[at][cell]).sum::<i64>();
            match group.kind {
                GroupKind::Place => {
                    rows.iter_mut().enumerate().for_each(|(place, row)| row.push(year(place)))
                }
                GroupKind::LabelByPlace(set) => {
                    let set = &shape.label_sets()[set];
                    let error = error(&format!("{}-by-place", set.name));
                    columns.extend(set.labels.iter().map(|label| YearColumn { label: label.clone(), error }));
                    for (place, row) in rows.iter_mut().enumerate() {
                        let all = row[0];
                        row.extend(
                            (0..set.labels.len())
                                .map(|label| set.families(all, year(place * set.labels.len() + label))),
                        );
                    }
                }
                GroupKind::Total | GroupKind::Label(_) => {}
            }
        }
        let places = places.iter().cloned().zip(rows).collect();
        Some(Self { title: stream.title.clone(), columns, places })
    }
}

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::{Contribution, LabelKind, LabelSet, LabelValue, Rho};

    use super::{super::precision::TableError, *};

    #[test]
    fn quarters_add_up_to_their_year_by_place_and_label() {
        let set = |name: &str, kind, labels: [&str; 2]| LabelSet {
            name: name.into(),
            kind,
            labels: labels.map(str::to_owned).to_vec(),
            by_place: true,
        };
        let stream = StreamPolicy {
            name: "attached".into(),
            title: "Families attached".into(),
            share: Rho::ZERO,
            by_place: true,
            places_every: Every::Year,
            label_sets: vec![
                set("problem", LabelKind::Many, ["crime", "school"]),
                set("reason", LabelKind::One, ["needs met", "other"]),
            ],
            scales: Vec::new(),
        };
        let shape = stream.shape(2);
        let quarter = |families: &[(usize, Vec<usize>, usize)]| {
            let mut table = shape.empty_table();
            for (place, problems, reason) in families {
                let labels = vec![LabelValue::Many(problems.clone()), LabelValue::One(*reason)];
                shape.add(&mut table, &Contribution { place: *place, labels }).unwrap();
            }
            table
        };
        let quarters = [
            quarter(&[(0, vec![0, 1], 0), (0, vec![1], 1)]),
            quarter(&[]),
            quarter(&[(0, vec![], 1), (1, vec![0], 1)]),
        ];
        let row = |table: &str, year: f64| TableError {
            stream: "attached".into(),
            table: table.into(),
            quarter: None,
            change: None,
            year,
            to_date: 0.0,
            matters: None,
        };
        let precision = Precision {
            tables: vec![row("total", 9.0), row("place", 11.5), row("problem-by-place", 14.5)],
            confirmed: true,
        };
        let places = ["North".to_owned(), "Not known or elsewhere".to_owned()];
        let of = |stream: &StreamPolicy| {
            YearStream::of(stream, &places, &quarters.iter().collect::<Vec<_>>(), &precision)
        };
        let year = of(&stream).unwrap();
        let labels: Vec<_> =
            year.columns.iter().map(|column| (column.label.as_str(), column.error)).collect();
        assert_eq!(
            labels,
            [
                ("all", Some(11.5)),
                ("crime", Some(14.5)),
                ("school", Some(14.5)),
                ("needs met", None),
                ("other", None)
            ]
        );
        assert_eq!(year.places[0], ("North".to_owned(), vec![3, 1, 2, 1, 2]));
        assert_eq!(year.places[1].1, [1, 1, 0, 0, 1]);
        let debug = format!("{:?}", YearReview { name: "2015-16".into(), streams: vec![year] });
        assert_eq!(debug, "YearReview(2015-16, [YearStream(Families attached, …)])");
        // What leaves every quarter is shown as the quarter's own.
        assert_eq!(of(&StreamPolicy { places_every: Every::Quarter, ..stream.clone() }), None);
        assert_eq!(of(&StreamPolicy { by_place: false, ..stream }), None);
    }
}
