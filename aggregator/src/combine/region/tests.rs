//! Sums over boroughs, void quarters, late boroughs, policies one after another.

use tenfold_common::privacy::{
    Policy, Rho, StreamPolicy, Table, VerifiedPolicy,
    policy::{ATTACHED, Plan, WITHDRAWN},
};

use super::*;
use crate::combine::{Decoded, fixture};

#[test]
fn the_region_is_the_sum_and_says_who_is_missing() {
    let policy = fixture::policy();
    let combined = Combined::new(&policy.clone().into(), &fixture::region(&policy)).unwrap();
    let oldham = fixture::oldham();
    assert_eq!((combined.quarters(), combined.released(&oldham)), (8, 7));

    let last = Span::quarter(7);
    assert_eq!(combined.figure(&oldham, ATTACHED, Cell::Total, last).unwrap(), None);
    let region = combined.reading(&Area::Region, ATTACHED, Cell::Total, last).unwrap();
    assert_eq!(region.missing, std::slice::from_ref(&oldham));
    let parts = policy
        .policy()
        .boroughs
        .iter()
        .filter_map(|places| combined.figure(&places.borough, ATTACHED, Cell::Total, last).unwrap());
    assert_eq!(region.estimate, Some(Estimate::sum(parts)));

    // A total to date keeps what Oldham released before.
    let to_date = combined.reading(&Area::Region, ATTACHED, Cell::Total, Span::ToDate { last: 7 }).unwrap();
    assert_eq!(to_date.missing, std::slice::from_ref(&oldham));
    let parts = policy.policy().boroughs.iter().map(|places| {
        let last = combined.released(&places.borough) - 1;
        combined.figure(&places.borough, ATTACHED, Cell::Total, Span::ToDate { last }).unwrap().unwrap()
    });
    assert_eq!(to_date.estimate, Some(Estimate::sum(parts)));
    assert!(
        combined.reading(&Area::Region, ATTACHED, Cell::Total, Span::quarter(6)).unwrap().missing.is_empty()
    );
}

/// A void quarter biases nothing after it, has no figure, and both quarters say so. Without noise every count of
/// the other quarters comes out exactly; a reader that takes the void for a release of nothing is off.
#[test]
fn a_void_quarter_has_no_figure_and_biases_none() {
    let policy = fixture::policy();
    let (wigan, void) = (fixture::wigan(), 3);
    let stream = policy.stream(ATTACHED).unwrap();
    let places = policy.places(&wigan).unwrap();
    let mut tables = fixture::families(stream, places, 8, 30, &mut fixture::generator(5));
    tables[void] = stream.shape(places).empty_table();
    let exact = fixture::strategy(&policy, stream, &tables, &[void]);
    let published: Vec<Option<&Table>> =
        exact.iter().enumerate().map(|(at, table)| (at != void).then_some(table)).collect();
    let decoded = Decoded::with_void(&policy, &wigan, ATTACHED, &published).unwrap();
    for (quarter, table) in tables.iter().enumerate() {
        let figure = decoded.figure(Cell::Total, &Span::quarter(quarter).weights()).unwrap();
        assert!((figure.value - table[0][0] as f64).abs() < 1e-6, "{quarter}");
        assert_eq!(figure.variance == 0.0, quarter == void);
    }
    // Nothing published is less known, never more, than a release of that quarter.
    let released = fixture::strategy(&policy, stream, &tables, &[]);
    let whole: Vec<&Table> = released.iter().collect();
    let whole = Decoded::new(&policy, &wigan, ATTACHED, &whole).unwrap();
    let to_date = Span::ToDate { last: 7 }.weights();
    let of = |decoded: &Decoded| decoded.figure(Cell::Total, &to_date).unwrap();
    assert!((of(&decoded).value - 210.0).abs() < 1e-6 && (of(&whole).value - 210.0).abs() < 1e-6);
    assert!(of(&decoded).variance > 0.0);
    // The void quarter ends a year: what its wards counted before it comes with the next year.
    let ward =
        |decoded: &Decoded, first, last| decoded.figure(Cell::Place(2), &Span::Sum { first, last }.weights());
    let counted: i64 = tables[1..].iter().map(|table| table[1][2]).sum();
    assert!((ward(&decoded, 1, 7).unwrap().value - counted as f64).abs() < 1e-6);
    assert!(matches!(ward(&decoded, 1, 3), Err(CombineError::NotWholeYears { quarters: 8 })));
    assert!(ward(&whole, 1, 3).is_ok() && decoded.years() == [0..1, 1..8]);
    // A reader that takes the silence for y = 0 finds other families.
    let mut naive: Vec<&Table> = exact.iter().collect();
    let nothing = stream.shape(places).empty_table();
    naive[void] = &nothing;
    let naive = Decoded::new(&policy, &wigan, ATTACHED, &naive).unwrap();
    assert!((of(&naive).value - 210.0).abs() > 1.0);

    let mut accepted = fixture::region(&policy);
    let release = &mut accepted.get_mut(&wigan).unwrap()[void];
    (release.void, release.streams) = (Some(RefusalReason::Records), Vec::new());
    let combined = Combined::new(&policy.clone().into(), &accepted).unwrap();
    let reading = |area: &Area, span| combined.reading(area, ATTACHED, Cell::Total, span).unwrap();
    let own = Area::Borough(wigan.clone());
    let at = reading(&own, Span::quarter(void));
    assert_eq!((at.estimate, at.void.as_slice()), (None, std::slice::from_ref(&wigan)));
    let next = reading(&own, Span::quarter(void + 1));
    assert!(next.estimate.is_some() && next.void.is_empty() && next.carrying == [wigan.clone()]);
    let change = reading(&own, Span::Change { last: void + 1 });
    assert_eq!((change.estimate, change.void.len()), (None, 1));
    let later = reading(&own, Span::quarter(void + 2));
    assert!(later.estimate.is_some() && later.void.is_empty() && later.carrying.is_empty());
    let region = reading(&Area::Region, Span::quarter(void));
    assert_eq!((region.estimate.is_some(), region.void, region.missing.len()), (true, vec![wigan], 0));
}

/// Wigan's releases without noise of what was recorded from a quarter on, under policies one after another.
fn exact(policies: &Succession, joined: usize, tables: &BTreeMap<String, Vec<Table>>) -> AcceptedReleases {
    let mut releases = Vec::new();
    let mut first = 0;
    for term in policies.terms() {
        let policy = &term.policy;
        let before: Vec<usize> = (0..joined.saturating_sub(first)).collect();
        let released = |stream: &StreamPolicy| {
            let own = &tables[&stream.name][first..(first + term.quarters).min(8)];
            fixture::strategy(policy, stream, own, &before)
        };
        let streams: Vec<_> =
            policy.policy().streams.iter().map(|stream| (stream.name.clone(), released(stream))).collect();
        for own in before.len()..streams[0].1.len() {
            let quarter = policy.policy().first_quarter.plus(own as i32);
            let values = |(name, tables): &(String, Vec<Table>)| StreamRelease {
                stream: name.clone(),
                values: tables[own].clone(),
            };
            releases.push(Accepted {
                quarter,
                number: releases.len() as u32 + 1,
                received_at: policy.due_at(quarter),
                void: None,
                questions: Vec::new(),
                streams: streams.iter().map(values).collect(),
            });
        }
        first += term.quarters;
    }
    AcceptedReleases::from([(fixture::wigan(), releases)])
}

fn recorded(policy: &VerifiedPolicy, joined: usize) -> BTreeMap<String, Vec<Table>> {
    let places = policy.places(&fixture::wigan()).unwrap();
    let random = &mut fixture::generator(9);
    let of = |stream: &StreamPolicy| {
        let mut tables = fixture::families(stream, places, 8, 40, random);
        tables[..joined].fill(stream.shape(places).empty_table());
        (stream.name.clone(), tables)
    };
    policy.policy().streams.iter().map(of).collect()
}

/// A borough that joined with the third quarter, in mid-year: its opening position by ward left with that year.
#[test]
fn wards_of_a_late_borough_are_read_from_its_first_year_on() {
    let (policy, wigan) = (fixture::policy(), fixture::wigan());
    let tables = recorded(&policy, 2);
    let combined = Combined::new(&policy.clone().into(), &exact(&policy.into(), 2, &tables)).unwrap();
    assert_eq!(combined.periods_by_place(&wigan, ATTACHED), [2..4, 4..8]);
    for (span, quarters) in [
        (Span::Sum { first: 2, last: 3 }, 2..4),
        (Span::Sum { first: 4, last: 7 }, 4..8),
        (Span::ToDate { last: 7 }, 0..8),
    ] {
        let counted: i64 = tables[ATTACHED][quarters].iter().map(|table| table[1][5]).sum();
        let figure = combined.figure(&wigan, ATTACHED, Cell::Place(5), span).unwrap().unwrap();
        assert!((figure.value - counted as f64).abs() < 1e-6 && figure.variance > 0.0, "{span:?}");
    }
}

/// A policy takes over in mid-year: what wards counted in the quarters that are cut off was never released, and a
/// total to date says so by leaving it out; the new policy opens nothing again and its first year is short.
#[test]
fn wards_of_policies_one_after_another_are_read_year_by_year() {
    let (first, wigan) = (fixture::policy(), fixture::wigan());
    let second = fixture::policy_with(|policy| {
        policy.succeeds = Some(first.hash().to_owned());
        policy.first_quarter = first.policy().first_quarter.plus(6);
    });
    let tables = recorded(&first, 0);
    let policies = Succession::from(first).followed_by(second).unwrap();
    let combined = Combined::new(&policies, &exact(&policies, 0, &tables)).unwrap();
    assert_eq!(combined.periods_by_place(&wigan, ATTACHED), [0..1, 1..4, 6..8]);
    let ward = |span| combined.figure(&wigan, ATTACHED, Cell::Place(5), span);
    let counted = |quarters: &[usize]| -> f64 {
        quarters.iter().map(|&quarter| tables[ATTACHED][quarter][1][5] as f64).sum()
    };
    for (span, quarters) in [
        (Span::Sum { first: 1, last: 3 }, &[1, 2, 3][..]),
        (Span::Sum { first: 6, last: 7 }, &[6, 7]),
        (Span::ToDate { last: 3 }, &[0, 1, 2, 3]),
        (Span::ToDate { last: 7 }, &[0, 1, 2, 3, 6, 7]),
    ] {
        let figure = ward(span).unwrap().unwrap();
        assert!((figure.value - counted(quarters)).abs() < 1e-6, "{span:?}");
    }
    for span in [Span::ToDate { last: 5 }, Span::ToDate { last: 6 }, Span::Sum { first: 4, last: 5 }] {
        assert!(matches!(ward(span), Err(CombineError::NotWholeYears { .. })), "{span:?}");
    }
    let total = combined.figure(&wigan, ATTACHED, Cell::Total, Span::ToDate { last: 7 }).unwrap().unwrap();
    let all: i64 = tables[ATTACHED].iter().map(|table| table[0][0]).sum();
    assert!((total.value - all as f64).abs() < 1e-6, "the borough's total has every quarter");
}

/// A figure over two policies has the variance of its two parts added up: each σ²·‖a C⁻¹‖², computed here from the
/// policies' integers by inverting their matrices. *Withdrawn* is one cell, so nothing is weighed with it.
#[test]
fn variances_of_two_policies_are_added_up() {
    let (first, wigan) = (fixture::policy(), fixture::wigan());
    let second = fixture::policy_with(|policy| {
        *policy = Policy::plan(Plan {
            name: "A dearer policy".into(),
            rehearsal: policy.rehearsal,
            first_quarter: first.policy().first_quarter.plus(6),
            opening: policy.opening,
            total: Rho::from_nano(100_000_000),
            framework: policy.framework.clone(),
            problems: fixture::PROBLEMS.map(str::to_owned).to_vec(),
        });
        policy.succeeds = Some(first.hash().to_owned());
    });
    let tables = recorded(&first, 0);
    let policies = Succession::from(first.clone()).followed_by(second.clone()).unwrap();
    let combined = Combined::new(&policies, &exact(&policies, 0, &tables)).unwrap();
    let part = |policy: &VerifiedPolicy, weights: &[f64]| -> f64 {
        let places = policy.places(&wigan).unwrap();
        let sigma = policy.stream(WITHDRAWN).unwrap().scales(places).unwrap()[0] as f64;
        let rows = policy.policy().time_matrix.rows();
        let n = weights.len();
        let c =
            nalgebra::DMatrix::from_fn(n, n, |t, s| rows[t].get(s).map_or(0.0, |&entry| f64::from(entry)));
        let a = nalgebra::RowDVector::from_row_slice(weights);
        sigma * sigma * (a * c.try_inverse().unwrap()).norm_squared()
    };
    for (span, of_first, of_second) in [
        (Span::ToDate { last: 7 }, &[1.0; 6][..], &[1.0; 2][..]),
        (Span::Sum { first: 4, last: 7 }, &[0.0, 0.0, 0.0, 0.0, 1.0, 1.0], &[1.0; 2]),
        (Span::Change { last: 6 }, &[0.0, 0.0, 0.0, 0.0, 0.0, -1.0], &[1.0]),
        (Span::Sum { first: 6, last: 7 }, &[], &[1.0, 1.0]),
        (Span::ToDate { last: 3 }, &[1.0; 4], &[]),
    ] {
        let figure = combined.figure(&wigan, WITHDRAWN, Cell::Total, span).unwrap().unwrap();
        let weights = [of_first, of_second].concat();
        let expected = [(&first, of_first), (&second, of_second)]
            .into_iter()
            .filter(|(_, weights)| !weights.is_empty())
            .map(|(policy, weights)| part(policy, weights))
            .sum::<f64>();
        assert!((figure.variance / expected - 1.0).abs() < 1e-9, "{span:?}: {} {expected}", figure.variance);
        let truth: f64 =
            tables[WITHDRAWN].iter().zip(&weights).map(|(table, weight)| weight * table[0][0] as f64).sum();
        assert!((figure.value - truth).abs() < 1e-6, "{span:?}");
        // What must be found: one series under the first policy's matrix and scale all through.
        if !of_second.is_empty() {
            let all: Vec<f64> = span.weights();
            assert!(
                (figure.variance / part(&first, &all) - 1.0).abs() > 0.02,
                "{span:?}: the check is blind"
            );
        }
    }
}

#[test]
fn nobody_released_is_no_figure_and_not_zero() {
    let policy = fixture::policy();
    let combined = Combined::new(&policy.clone().into(), &AcceptedReleases::new()).unwrap();
    let region = combined.reading(&Area::Region, ATTACHED, Cell::Total, Span::quarter(0)).unwrap();
    assert_eq!((region.estimate, region.missing.len()), (None, 10));
}

#[test]
fn what_does_not_fit_is_refused() {
    let policy = fixture::policy();
    let whole = fixture::region(&policy);
    let refused = |change: fn(&mut Vec<Accepted>)| {
        let mut accepted = whole.clone();
        change(accepted.get_mut(&fixture::oldham()).unwrap());
        Combined::new(&policy.clone().into(), &accepted).unwrap_err()
    };
    let gap = refused(|releases| releases.retain(|release| release.number != 3));
    assert_eq!(gap.to_string(), "borough E08000004: the release for 2016-Q1 came where 2015-Q4 was expected");
    let twice = refused(|releases| releases.insert(1, releases[0].clone()));
    assert!(matches!(twice, CombineError::OutOfOrder { .. }));
    let stream = refused(|releases| releases[3].streams.truncate(1));
    assert!(matches!(stream, CombineError::NoStream { .. }));
    let cells = refused(|releases| releases[3].streams[0].values[1].truncate(3));
    assert!(matches!(cells, CombineError::Misfit { .. }));
}
