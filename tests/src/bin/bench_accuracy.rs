//! How accurate the figures are against the certified optimum, which is computed here, and against three plain
//! ways of spending the same ρ. Everything is drawn with the node's own noise and read by the aggregator's own
//! sums. Prints, asserts nothing.
//!
//! The measure is the root mean square error over eight kinds of output: total, ward, problem, ward by problem of
//! families attached, each for single quarters and for running totals, equally weighted; for results their five
//! tables. The three plain ways give each table an equal part of ρ and count labels as present or not, so that a
//! family with every label moves a table by the root of their number.

use clap::Parser;
use tenfold_aggregator::combine::{Cell, Decoded, Span};
use tenfold_common::{
    privacy::{
        Every, GroupKind, GroupScale, Policy, Rho, StreamPolicy, Table, VerifiedPolicy,
        planner::{Area, expected_errors},
        policy::{ATTACHED, POLICY_TYPE, PROBLEM, RESULT, RESULT_TYPE},
        sigma::{self, Components, Weights},
    },
    protocol::{SigningKey, signature},
};
use tenfold_node::release::noise::{DiscreteGaussian, NoiseSource as _};
use tenfold_tests::{
    federation,
    optimum::{self, TableWeights, TimeWeights, tables_bound},
};
use tenfold_web::program;

/// Measure errors against the certified optimum.
#[derive(Debug, Parser)]
struct Arguments {
    /// Programmes of 24 quarters that are drawn for each row
    #[arg(long, default_value_t = 20)]
    programmes: usize,
}

/// Whole numbers finer than a family, so that a plain way's small σ is not coarse.
const FINE: f64 = 1024.0;
const TOTAL: Rho = Rho::from_nano(250_000_000);

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut table = program::table(&[
        "Stream",
        "Places",
        "Optimum (bound)",
        "Tenfold by formula",
        "÷",
        "Tenfold drawn",
        "÷",
        "Disjoint quarters, best tables",
        "÷",
        "Plain tables, disjoint quarters",
        "÷",
        "Plain tables, running totals again",
        "÷",
    ]);
    let time = TimeWeights::EQUAL;
    for places in [18, 21, 33] {
        for (stream, by_place, borough_only) in [(ATTACHED, 6, 0), (RESULT, 1, 6)] {
            let policy = equal_weights(places)?;
            let plan = policy.stream(stream)?;
            let quarters = policy.policy().time_matrix.size();
            let tables = plan.shape(places).groups().len() as f64;
            let unit = 2.0 * plan.share.as_f64();
            let weights = TableWeights { total: 1.0, other: 1.0 };
            let bound =
                tables_bound(places, by_place, borough_only, weights) * time.bound(quarters) / unit / tables;
            let ours = measured(&policy, plan, places, arguments.programmes)?;
            let plain = |running| plain(plan, places, quarters, running, arguments.programmes);
            let disjoint = disjoint_best_tables(plan, places, quarters, arguments.programmes)?;
            let mut cells = vec![stream.to_owned(), places.to_string(), format!("{:.3}", bound.sqrt())];
            let formula = by_formula(&policy, plan, places)?;
            for square in [formula, ours, disjoint, plain(false)?, plain(true)?] {
                cells.push(format!("{:.3}", square.sqrt()));
                cells.push(format!("{:.3}", (square / bound).sqrt()));
            }
            table.add_row(cells);
        }
    }
    println!(
        "Root mean square error in families at ρ = {TOTAL} in all (attached and results by their shares), 24 quarters, \
         everything quarterly, {} programmes each:\n{table}",
        arguments.programmes
    );
    shipped(arguments.programmes)
}

/// The policy as it is shipped, tables by place once a year and weight four on totals, against the optimum of tables
/// and time together; beside it the same with everything quarterly, held against the same objective.
fn shipped(programmes: usize) -> anyhow::Result<()> {
    let headings = [
        "Stream",
        "Places",
        "Optimum (bound)",
        "Tenfold by formula",
        "÷",
        "Tenfold drawn",
        "÷",
        "Everything quarterly",
        "÷",
        "A ward in a year ±",
        "Everything quarterly ±",
        "Of a label in a ward ±",
        "Everything quarterly ±",
    ];
    let mut table = program::table(&headings);
    let weights = TableWeights { total: 4.0, other: 1.0 };
    for places in [18, 21, 33] {
        for (stream, by_place, borough_only, label) in
            [(ATTACHED, 6, 0, PROBLEM), (RESULT, 1, 6, RESULT_TYPE)]
        {
            let policy = one_borough(places)?;
            let (years, quarters) = (policy.years(), policy.time_matrix.size());
            let quarterly = policy.with_places_every(Every::Quarter);
            let entry = |policy: &Policy| policy.streams.iter().find(|known| known.name == stream).cloned();
            let (Some(now), Some(before)) = (entry(&policy), entry(&quarterly)) else { continue };
            let weighted = 4.0 + now.shape(places).groups().len() as f64 - 1.0;
            let bound =
                optimum::years::bound(places, by_place, borough_only, weights, (&years, quarters), 200)
                    / (2.0 * now.share.as_f64());
            let by_formula = optimum::years::error(&policy, &now, places, weights)?;
            let drawn = drawn_over_years(&signed(&policy)?, &now, places, programmes)?;
            let apart = optimum::years::error(&quarterly, &before, places, weights)?;
            let mut cells =
                vec![stream.to_owned(), places.to_string(), format!("{:.3}", (bound / weighted).sqrt())];
            for square in [by_formula, drawn, apart] {
                cells.push(format!("{:.3}", (square / weighted).sqrt()));
                cells.push(format!("{:.4}", (square / bound).sqrt()));
            }
            for table in ["place".to_owned(), format!("{label}-by-place")] {
                for policy in [&policy, &quarterly] {
                    let figure = format!("{stream}:{table}:year").parse()?;
                    let errors = expected_errors(policy, Area::Borough(places))?;
                    let found = errors.iter().find(|error| error.figure == figure);
                    cells.push(found.map(|error| format!("{:.1}", error.half_width)).unwrap_or_default());
                }
            }
            table.add_row(cells);
        }
    }
    println!(
        "The same as it is shipped, weight four on totals, tables by place once a year; their errors are those of \
         years and running totals of years:\n{table}"
    );
    Ok(())
}

/// The default policy for one borough of so many places.
fn one_borough(places: usize) -> anyhow::Result<Policy> {
    let mut policy = federation::plan("bench", "2015-Q2".parse()?, TOTAL);
    policy.boroughs.retain(|borough| borough.wards.len() + 1 == places);
    policy.boroughs.truncate(1);
    Ok(policy)
}

fn signed(policy: &Policy) -> anyhow::Result<VerifiedPolicy> {
    let key = SigningKey::generate()?;
    Ok(VerifiedPolicy::open(&signature::sign(policy, POLICY_TYPE, &key)?, &key.public())?)
}

/// The weighted error of an empty register released over the horizon as the policy says, read by the aggregator.
fn drawn_over_years(
    policy: &VerifiedPolicy,
    stream: &StreamPolicy,
    places: usize,
    programmes: usize,
) -> anyhow::Result<f64> {
    let (quarters, groups) = (policy.policy().time_matrix.size(), stream.shape(places).groups());
    let mut squares = Squares::default();
    for _ in 0..programmes {
        let mut published: Vec<Table> = Vec::new();
        for quarter in 0..quarters {
            let ends_year = policy.ends_year(policy.policy().first_quarter.plus(quarter as i32))?;
            let drawn = groups.iter().zip(stream.scales(places)?).map(|(group, &sigma)| {
                let cells = if group.is_due(ends_year) { group.cells } else { 0 };
                if cells == 0 { Ok(Vec::new()) } else { DiscreteGaussian.add(&vec![0; cells], sigma, 1) }
            });
            published.push(drawn.collect::<Result<_, _>>()?);
        }
        let published: Vec<&Table> = published.iter().collect();
        let decoded = Decoded::new(policy, &policy.policy().boroughs[0].borough, &stream.name, &published)?;
        let years: Vec<(usize, usize)> =
            decoded.years().iter().map(|year| (year.start, year.end - 1)).collect();
        let single: Vec<(usize, usize)> = (0..quarters).map(|quarter| (quarter, quarter)).collect();
        for (table, group) in groups.iter().enumerate() {
            for cell in cells(stream, group.kind, places) {
                for &(first, last) in if cell.is_by_place() { &years } else { &single } {
                    for span in [Span::Sum { first, last }, Span::ToDate { last }] {
                        squares.add(table, decoded.figure(cell, &span.weights())?.value);
                    }
                }
            }
        }
    }
    let weight = |table: usize| if table == 0 { 4.0 } else { 1.0 };
    let means = squares.sums.iter().enumerate().map(|(table, (sum, n))| weight(table) * sum / *n as f64);
    Ok(means.sum())
}

/// The default policy with equal weights on all tables and all of them every quarter, for one borough of so many places.
fn equal_weights(places: usize) -> anyhow::Result<VerifiedPolicy> {
    let mut policy = one_borough(places)?;
    let timing = policy.timing();
    for stream in &mut policy.streams {
        stream.places_every = Every::Quarter;
        let shape = stream.shape(places);
        let sigma = sigma::scales(&shape, &Weights::equal(&shape), stream.share, &timing);
        stream.scales = vec![GroupScale { places, sigma }];
    }
    signed(&policy)
}

/// Mean of the squares, table by table.
#[derive(Default)]
struct Squares {
    sums: Vec<(f64, usize)>,
}

impl Squares {
    fn add(&mut self, table: usize, error: f64) {
        if self.sums.len() <= table {
            self.sums.resize(table + 1, (0.0, 0));
        }
        self.sums[table].0 += error * error;
        self.sums[table].1 += 1;
    }

    fn mean(&self) -> f64 {
        self.sums.iter().map(|(sum, n)| sum / *n as f64).sum::<f64>() / self.sums.len() as f64
    }
}

/// The cells of a group as a reader asks for them.
fn cells(stream: &StreamPolicy, kind: GroupKind, places: usize) -> Vec<Cell> {
    let labels = |set: usize| 0..stream.label_sets[set].labels.len();
    match kind {
        GroupKind::Total => vec![Cell::Total],
        GroupKind::Place => (0..places).map(Cell::Place).collect(),
        GroupKind::Label(set) => labels(set).map(|label| Cell::Label { set, label }).collect(),
        GroupKind::LabelByPlace(set) => (0..places)
            .flat_map(|place| labels(set).map(move |label| Cell::LabelByPlace { set, place, label }))
            .collect(),
    }
}

/// Tenfold's error from its policy's own whole numbers, without drawing.
fn by_formula(policy: &VerifiedPolicy, stream: &StreamPolicy, places: usize) -> anyhow::Result<f64> {
    let (shape, matrix) = (stream.shape(places), &policy.policy().time_matrix);
    let squares: Vec<f64> = stream.scales(places)?.iter().map(|&sigma| (sigma as f64).powi(2)).collect();
    let components = Components::of_scales(&shape, &squares);
    let variances: Vec<f64> = shape.groups().iter().map(|group| components.of_group(group.kind)).collect();
    let time = TimeWeights::EQUAL.error(matrix.rows()) / matrix.largest_column_sum() as f64;
    Ok(variances.iter().sum::<f64>() / variances.len() as f64 * time)
}

/// Tenfold: an empty register released over the horizon, read by the aggregator. What families add is exact.
fn measured(
    policy: &VerifiedPolicy,
    stream: &StreamPolicy,
    places: usize,
    programmes: usize,
) -> anyhow::Result<f64> {
    let borough = &policy.policy().boroughs[0].borough;
    let (quarters, groups) = (policy.policy().time_matrix.size(), stream.shape(places).groups());
    let mut squares = Squares::default();
    for _ in 0..programmes {
        let mut published: Vec<Table> = Vec::new();
        for _ in 0..quarters {
            let drawn = groups.iter().zip(stream.scales(places)?);
            let drawn = drawn.map(|(group, &sigma)| DiscreteGaussian.add(&vec![0; group.cells], sigma, 1));
            published.push(drawn.collect::<Result<_, _>>()?);
        }
        let published: Vec<&Table> = published.iter().collect();
        let decoded = Decoded::new(policy, borough, &stream.name, &published)?;
        for (table, group) in groups.iter().enumerate() {
            for cell in cells(stream, group.kind, places) {
                for quarter in 0..quarters {
                    for span in [Span::quarter(quarter), Span::ToDate { last: quarter }] {
                        let figure = decoded.figure(cell, &span.weights())?;
                        squares.add(table, figure.value);
                    }
                }
            }
        }
    }
    Ok(squares.mean())
}

/// Noise of a real σ in families, by the node's sampler on a finer grid.
fn noise(cells: usize, sigma: f64) -> anyhow::Result<Vec<f64>> {
    let drawn = DiscreteGaussian.add(&vec![0; cells], (sigma * FINE).round() as u64, 1)?;
    Ok(drawn.into_iter().map(|value| value as f64 / FINE).collect())
}

/// Adds errors of quarters and running totals of cells whose errors in single quarters are given.
fn quarters_and_totals(squares: &mut Squares, table: usize, quarters: &[Vec<f64>]) {
    let mut running = vec![0.0; quarters[0].len()];
    for quarter in quarters {
        for (running, error) in running.iter_mut().zip(quarter) {
            *running += error;
            squares.add(table, *error);
            squares.add(table, *running);
        }
    }
}

/// Each quarter by itself, with Tenfold's division between tables: only what mixing quarters gains is missing.
fn disjoint_best_tables(
    stream: &StreamPolicy,
    places: usize,
    quarters: usize,
    programmes: usize,
) -> anyhow::Result<f64> {
    let shape = stream.shape(places);
    let components = Components::planned(&shape, &Weights::equal(&shape));
    let unit = 2.0 * stream.share.as_f64();
    let mut squares = Squares::default();
    for _ in 0..programmes {
        for (table, group) in shape.groups().iter().enumerate() {
            let variance = components.of_group(group.kind);
            let sigma = (variance / unit).sqrt();
            let errors = (0..quarters).map(|_| noise(group.cells, sigma));
            quarters_and_totals(&mut squares, table, &errors.collect::<anyhow::Result<Vec<_>>>()?);
        }
    }
    Ok(squares.mean())
}

/// Each table by itself with an equal part of ρ, labels counted as they are; either the new families of each
/// quarter, or (`running`) the running totals again in every quarter, each with a part of ρ of its own.
fn plain(
    stream: &StreamPolicy,
    places: usize,
    quarters: usize,
    running: bool,
    programmes: usize,
) -> anyhow::Result<f64> {
    let groups = stream.shape(places).groups();
    let releases = if running { quarters as f64 } else { 1.0 };
    let each = 2.0 * stream.share.as_f64() / groups.len() as f64 / releases;
    let mut squares = Squares::default();
    for _ in 0..programmes {
        for (table, group) in groups.iter().enumerate() {
            let sigma = (group.l2_squared as f64 / each).sqrt();
            let drawn =
                (0..quarters).map(|_| noise(group.cells, sigma)).collect::<anyhow::Result<Vec<_>>>()?;
            if !running {
                quarters_and_totals(&mut squares, table, &drawn);
                continue;
            }
            // What was published is the running total; a quarter is the difference of two.
            for (at, totals) in drawn.iter().enumerate() {
                for (cell, &total) in totals.iter().enumerate() {
                    let before = at.checked_sub(1).map_or(0.0, |before| drawn[before][cell]);
                    squares.add(table, total);
                    squares.add(table, total - before);
                }
            }
        }
    }
    Ok(squares.mean())
}
