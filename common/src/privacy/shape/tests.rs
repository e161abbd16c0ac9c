//! What one family adds, and which groups are due.

use super::*;

fn shape() -> StreamShape {
    let set = |name: &str, kind, n: usize, by_place| LabelSet {
        name: name.to_owned(),
        kind,
        labels: (0..n).map(|i| i.to_string()).collect(),
        by_place,
    };
    StreamShape::new(
        3,
        vec![set("problem", LabelKind::Many, 2, true), set("reason", LabelKind::One, 3, false)],
    )
}

#[test]
fn a_family_adds_the_stated_length_to_every_group() {
    let shape = shape();
    for present in [vec![], vec![0], vec![1], vec![0, 1]] {
        let mut table = shape.empty_table();
        let labels = vec![LabelValue::Many(present), LabelValue::One(2)];
        shape.add(&mut table, &Contribution { place: 1, labels }).unwrap();
        for (cells, group) in table.iter().zip(shape.groups()) {
            let length: i64 = cells.iter().map(|cell| cell * cell).sum();
            assert_eq!(length as u64, group.l2_squared);
        }
    }
}

#[test]
fn a_score_adds_at_most_the_stated_length_and_a_stream_of_the_borough_no_place() {
    let kind = LabelKind::Score { most: 100 };
    let set = LabelSet { name: "wheel".into(), kind, labels: vec!["sum".into()], by_place: false };
    let shape = StreamShape::in_borough(3, vec![set]);
    let groups = shape.groups();
    assert_eq!(groups.iter().map(|group| group.l2_squared).collect::<Vec<_>>(), [1, 10_000]);
    assert_eq!(shape.first_groups(), [1]);
    for (score, cell) in [(0, -100), (50, 0), (63, 26), (100, 100)] {
        let mut table = shape.empty_table();
        shape.add(&mut table, &Contribution { place: 2, labels: vec![LabelValue::Score(score)] }).unwrap();
        assert_eq!(table, [[1], [cell]]);
    }
    let mut table = shape.empty_table();
    for wrong in [LabelValue::Score(101), LabelValue::One(0), LabelValue::Many(vec![])] {
        assert!(shape.add(&mut table, &Contribution { place: 0, labels: vec![wrong] }).is_err());
    }
    assert_eq!(table, shape.empty_table());
}

#[test]
fn groups_by_place_are_due_once_a_year_where_the_shape_says_so() {
    let quarterly = shape();
    let yearly = shape().with_places_every(Every::Year);
    let table = yearly.empty_table();
    assert!(yearly.fits(&table) && quarterly.fits(&table));
    let sizes = |every: &[usize]| every.iter().map(|&cells| vec![7; cells]).collect::<Table>();
    let (all, due) = (sizes(&[1, 3, 2, 6, 3]), sizes(&[1, 0, 2, 0, 3]));
    for (shape, ends_year, fitting) in
        [(&quarterly, false, &all), (&quarterly, true, &all), (&yearly, false, &due), (&yearly, true, &all)]
    {
        assert!(shape.fits_release(fitting, ends_year));
        let other = if fitting == &all { &due } else { &all };
        assert!(!shape.fits_release(other, ends_year));
    }
    assert!(!yearly.fits_release(&sizes(&[1, 2, 3]), false), "a group left out altogether");
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let shape = shape();
    let many = |present| LabelValue::Many(present);
    for (place, labels) in [
        (3, vec![many(vec![]), LabelValue::One(0)]),
        (0, vec![many(vec![])]),
        (0, vec![many(vec![2]), LabelValue::One(0)]),
        (0, vec![many(vec![1, 0]), LabelValue::One(0)]),
        (0, vec![many(vec![0, 0]), LabelValue::One(0)]),
        (0, vec![many(vec![0]), LabelValue::One(3)]),
        (0, vec![LabelValue::One(0), LabelValue::One(0)]),
    ] {
        let mut table = shape.empty_table();
        assert!(shape.add(&mut table, &Contribution { place, labels }).is_err());
        assert_eq!(table, shape.empty_table());
    }
}
