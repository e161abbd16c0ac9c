//! The certified optimum where tables of the borough are released every quarter and those by place once a year:
//! tables and time together, since the cost is no product of the two any more.
//!
//! A kind of family is now a kind and a quarter. The bound of the parent module holds for any weights on kinds, so
//! weights that are a product, kinds times quarters, give one too; each factor is searched as there. Where only
//! years cost anything, the quarters of a year act as one.

use nalgebra::{DMatrix, DVector};
use tenfold_common::privacy::{GroupKind, OverTime, Policy, StreamPolicy, Years, over_time::Seen};

use super::{TableBlock, TableWeights, TimeWeights, root, table_blocks};

/// A block of tables over time: cost of its coordinates in each row of time, and the row of every quarter.
struct Block {
    times: f64,
    cost: DMatrix<f64>,
    moments: Vec<DMatrix<f64>>,
    rows: Vec<usize>,
}

/// Rows that add quarters up to years.
fn indicator(years: &Years, quarters: usize) -> DMatrix<f64> {
    let counted = years.counted(&[]);
    DMatrix::from_fn(counted.len(), quarters, |year, at| f64::from(u8::from(counted[year].contains(&at))))
}

/// Below which no mechanism can go: the least weighted error, tables of the borough in single quarters and running
/// totals alike, those by place in single years and running totals of years alike.
pub fn bound(
    places: usize,
    by_place: usize,
    borough_only: usize,
    weights: TableWeights,
    (years, quarters): (&Years, usize),
    rounds: usize,
) -> f64 {
    let (of_quarters, of_years) = (TimeWeights::EQUAL.cost(quarters), TimeWeights::EQUAL.cost(years.count()));
    let add_up = indicator(years, quarters);
    let years_of_quarters = add_up.tr_mul(&(&of_years * &add_up));
    let year_of: Vec<usize> = (0..quarters)
        .map(|at| (0..years.count()).find(|&year| add_up[(year, at)] > 0.0).unwrap_or(0))
        .collect();
    let blocks = table_blocks(places, by_place, borough_only, weights).into_iter();
    let blocks = blocks.map(|TableBlock { times, in_borough, at_places, moments }| {
        if in_borough.norm() == 0.0 {
            let cost = at_places.kronecker(&of_years);
            return Block { times, cost, moments, rows: year_of.clone() };
        }
        let cost = in_borough.kronecker(&of_quarters) + at_places.kronecker(&years_of_quarters);
        Block { times, cost, moments, rows: (0..quarters).collect() }
    });
    certified(&blocks.collect::<Vec<_>>(), quarters, rounds)
}

fn certified(blocks: &[Block], quarters: usize, rounds: usize) -> f64 {
    let kinds = blocks[0].moments.len();
    let roots: Vec<DMatrix<f64>> = blocks.iter().map(|block| root(&block.cost)).collect();
    let mut of_kinds = DVector::from_element(kinds, 1.0 / kinds as f64);
    let mut of_quarters = DVector::from_element(quarters, 1.0 / quarters as f64);
    let mut best = 0.0_f64;
    for _ in 0..rounds {
        let mut bound = 0.0;
        let mut gains = DMatrix::zeros(kinds, quarters);
        for (block, cost) in blocks.iter().zip(&roots) {
            let size = block.moments[0].nrows();
            let rows = cost.nrows() / size;
            let sum = block.moments.iter().zip(of_kinds.iter());
            let sum = sum.fold(DMatrix::zeros(size, size), |sum, (moment, &p)| sum + moment * p);
            let mut time = DVector::zeros(rows);
            block.rows.iter().zip(of_quarters.iter()).for_each(|(&row, &p)| time[row] += p);
            let part = root(&(cost * sum.kronecker(&DMatrix::from_diagonal(&time)) * cost));
            bound += block.times * part.trace();
            let kept = &part + DMatrix::identity(part.nrows(), part.nrows()) * (part.trace() * 1e-12);
            let Some(inverse) = kept.try_inverse() else { continue };
            let precision = cost * inverse * cost;
            for (quarter, &row) in block.rows.iter().enumerate() {
                let here = DMatrix::from_fn(size, size, |i, j| precision[(i * rows + row, j * rows + row)]);
                for (kind, moment) in block.moments.iter().enumerate() {
                    gains[(kind, quarter)] += block.times * here.dot(moment);
                }
            }
        }
        best = best.max(bound * bound);
        let (by_kind, by_quarter) = (&gains * &of_quarters, gains.tr_mul(&of_kinds));
        of_kinds.component_mul_assign(&by_kind);
        of_kinds /= of_kinds.sum();
        of_quarters.component_mul_assign(&by_quarter);
        of_quarters /= of_quarters.sum();
    }
    best
}

/// The weighted error of a stream as a policy releases it, in families squared, by the exact variances of its own
/// whole numbers: the same objective as [`bound`] divided by 2ρ.
///
/// # Errors
/// Where the policy does not serve.
pub fn error(
    policy: &Policy,
    stream: &StreamPolicy,
    places: usize,
    weights: TableWeights,
) -> anyhow::Result<f64> {
    let (shape, quarters) = (stream.shape(places), policy.time_matrix.size());
    let seen = Seen::new(&shape, stream.scales(places)?);
    let time = OverTime::new(policy, quarters, &[])?;
    let single = (0..quarters).map(|at| (at, at + 1)).collect::<Vec<_>>();
    let years: Vec<(usize, usize)> =
        policy.years().counted(&[]).into_iter().map(|year| (year.start, year.end)).collect();
    let mut error = 0.0;
    for group in shape.groups() {
        let at_places = matches!(group.kind, GroupKind::Place | GroupKind::LabelByPlace(_));
        let periods = if at_places { &years } else { &single };
        let weight = if group.kind == GroupKind::Total { weights.total } else { weights.other };
        let mut sum = 0.0;
        for &(from, to) in periods {
            for from in [from, 0] {
                let span: Vec<f64> = (0..to).map(|at| f64::from(u8::from(at >= from))).collect();
                sum += seen.over(&shape, &time, &span)?.of_group(group.kind);
            }
        }
        error += weight * sum / (2 * periods.len()) as f64;
    }
    Ok(error)
}

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::{
        Every, Rho,
        policy::{ATTACHED, RESULT},
    };

    use super::*;
    use crate::federation;

    /// The shipped policy, tables and time together, against its own objective: within 1.01 for 18 and 33 places. The
    /// bound is found by a short search, which is only too strict on us. What must be found: groups by place
    /// released each quarter reach these figures with a good deal more error.
    #[test]
    fn the_shipped_policy_is_all_but_optimal() {
        let policy = federation::plan("test", "2015-Q2".parse().unwrap(), Rho::from_nano(250_000_000));
        let quarterly = policy.with_places_every(Every::Quarter);
        let weights = TableWeights { total: 4.0, other: 1.0 };
        for places in [18, 33] {
            for (name, by_place, borough_only) in [(ATTACHED, 6, 0), (RESULT, 1, 6)] {
                let least = bound(places, by_place, borough_only, weights, (&policy.years(), 24), 40);
                let ratio = |policy: &Policy| {
                    let stream = policy.streams.iter().find(|stream| stream.name == name).unwrap();
                    let error = error(policy, stream, places, weights).unwrap();
                    (error * 2.0 * stream.share.as_f64() / least).sqrt()
                };
                let (shipped, before) = (ratio(&policy), ratio(&quarterly));
                assert!((1.0..1.01).contains(&shipped), "{name}, {places} places: {shipped}");
                assert!(before > 1.05, "{name}, {places} places: {before}");
            }
        }
    }
}
