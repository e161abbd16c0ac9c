//! The closed form against the published vectors.

use super::*;

fn set(kind: LabelKind, n: usize, by_place: bool) -> LabelSet {
    LabelSet { name: "set".into(), kind, labels: (0..n).map(|i| i.to_string()).collect(), by_place }
}

fn attached(places: usize) -> StreamShape {
    StreamShape::new(places, vec![set(LabelKind::Many, 6, true)])
}

fn claimed(places: usize) -> StreamShape {
    StreamShape::new(places, vec![set(LabelKind::Many, 1, true), set(LabelKind::Many, 6, false)])
}

fn closed(places: usize) -> StreamShape {
    StreamShape::new(places, vec![set(LabelKind::One, 6, false)])
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < tolerance, "{found} against {expected}");
    }
}

/// Literal vectors of the vetted study, equal weights, places as in the ten boroughs.
#[test]
fn matches_the_published_vectors() {
    let vectors: [(usize, [f64; 4], [f64; 5]); 6] = [
        (18, [4.3105, 4.0777, 23.6098, 22.3345], [3.8481, 4.007, 9.4715, 8.96, 21.9473]),
        (20, [4.2983, 4.0887, 23.5427, 22.3949], [3.836, 4.0147, 9.4371, 8.977, 21.9892]),
        (21, [4.293, 4.0935, 23.514, 22.4209], [3.8308, 4.0179, 9.4224, 8.9844, 22.0072]),
        (22, [4.2883, 4.0978, 23.488, 22.4446], [3.8261, 4.0209, 9.4091, 8.9911, 22.0236]),
        (26, [4.273, 4.1118, 23.4044, 22.5215], [3.8109, 4.0307, 9.3661, 9.0128, 22.0768]),
        (33, [4.2554, 4.1284, 23.3075, 22.6119], [3.7934, 4.0421, 9.3164, 9.0384, 22.1394]),
    ];
    for (places, of_attached, of_claimed) in vectors {
        for (shape, expected) in [(attached(places), &of_attached[..]), (claimed(places), &of_claimed[..])] {
            let planned = Components::planned(&shape, &Weights::equal(&shape));
            close(&planned.direct_variances(&shape), expected, 6e-5);
        }
    }
}

#[test]
fn matches_the_vectors_with_headline_totals() {
    let shape = attached(21);
    let planned = Components::planned(&shape, &Weights::headline_totals(&shape));
    close(&planned.direct_variances(&shape), &[2.7474, 4.9369, 28.3586, 27.0404], 6e-5);
    let errors = [planned.of_total(), planned.of_place(), planned.of_label(0)].map(f64::sqrt);
    close(&errors, &[1.636, 2.170, 2.724], 6e-4);
    assert!((planned.of_label_by_place(0).unwrap().sqrt() - 2.762).abs() < 6e-4);
    let shape = claimed(21);
    let planned = Components::planned(&shape, &Weights::headline_totals(&shape));
    close(&planned.direct_variances(&shape), &[2.6046, 4.8194, 11.302, 10.7766, 26.3971], 6e-5);
}

/// The *one* kind: six reasons for closing, counted in the borough only, equal weights.
#[test]
fn one_of_six_reasons_matches_the_published_vectors() {
    for (places, expected) in
        [(18, [3.5218, 2.7931, 2.7931]), (20, [3.5051, 2.7984, 2.7984]), (33, [3.4472, 2.8173, 2.8173])]
    {
        let shape = closed(places);
        let planned = Components::planned(&shape, &Weights::equal(&shape));
        close(&planned.direct_variances(&shape), &expected, 6e-5);
    }
}

/// A bounded score: f of its ρ goes to the sum, f = (B/2)/((B/2) + m) for a mean expected m from the middle.
#[test]
fn a_score_shares_its_privacy_as_the_published_form_says() {
    let wheel = LabelSet { labels: vec!["sum".into()], ..set(LabelKind::Score { most: 100 }, 1, false) };
    let shape = StreamShape::in_borough(21, vec![wheel]);
    let weights = Weights { total: 0.0, place: 0.0, label_sets: vec![(1.0, 0.0)] };
    let direct = Components::planned(&shape, &weights).direct_variances(&shape);
    let f = 50.0 / 70.0;
    close(&direct, &[1.0 / (1.0 - f), 10_000.0 / f], 1e-6);
    let reached = Components::of_scales(&shape, &direct);
    assert!((reached.of_label(0) - (2500.0 * direct[0] + direct[1] / 4.0)).abs() < 1e-6);
    assert!(reached.of_place().is_infinite());
}

/// The one number of *withdrawn* has all of its share.
#[test]
fn a_number_alone_has_the_whole_share() {
    let shape = StreamShape::in_borough(33, Vec::new());
    let planned = Components::planned(&shape, &Weights::headline_totals(&shape));
    close(&planned.direct_variances(&shape), &[1.0], 1e-12);
    assert!((Components::of_scales(&shape, &[7.0]).of_total() - 7.0).abs() < 1e-12);
}

#[test]
fn direct_queries_spend_exactly_unit_privacy() {
    let mixed = StreamShape::new(
        7,
        vec![set(LabelKind::Many, 5, true), set(LabelKind::One, 4, true), set(LabelKind::One, 3, false)],
    );
    for shape in [attached(21), claimed(18), closed(33), mixed] {
        let planned = Components::planned(&shape, &Weights::equal(&shape));
        let direct = planned.direct_variances(&shape);
        let spent: f64 = shape
            .groups()
            .iter()
            .zip(&direct)
            .map(|(group, variance)| group.l2_squared as f64 / variance)
            .sum();
        assert!((spent - 1.0).abs() < 1e-12, "{spent}");
        let reached = Components::of_scales(&shape, &direct);
        assert!((reached.total / planned.total - 1.0).abs() < 1e-12);
        assert!((reached.place / planned.place - 1.0).abs() < 1e-12);
    }
}

#[test]
fn scales_match_the_worked_example() {
    let shape = attached(21);
    let weights = Weights::headline_totals(&shape);
    let timing = Timing { sums: ByCadence { quarter: 4096 * 4096, year: 4096 * 4096 }, ..Timing::none() };
    let found = scales(&shape, &weights, Rho::from_nano(100_000_000), &timing);
    // Worked out from the vector with weight four on the total: √(σ²·S / 2ρ).
    assert_eq!(found.len(), 4);
    for (found, expected) in found.iter().zip([15_183_u64, 20_352, 48_777, 47_629]) {
        assert!(found.abs_diff(expected) < 20, "{found} against {expected}");
    }
    let found = scales(&shape, &Weights::equal(&shape), Rho::from_nano(100_000_000), &timing);
    for (found, expected) in found.iter().zip([18_978_u64, 18_531, 44_413, 43_369]) {
        assert!(found.abs_diff(expected) < 5, "{found} against {expected}");
    }
}
