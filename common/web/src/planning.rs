//! The commands `plan` and `policy explain`, the same in both programs: what a policy's ρ buys, before it is spent.

use clap::Args;
use serde::{Serialize, Serializer};
use tenfold_common::{
    geography::BoroughCode,
    privacy::{
        Policy, Rho,
        planner::{
            self, Area, Correction, ExpectedError, Fact, Need, Period, TableCost, Wish, cost_of_correction,
            cost_of_table, expected_errors, needed,
        },
    },
};

use crate::program;

/// What a policy buys: how far every figure may be off, what a wish needs, what one more table and a correction
/// cost. Computed from the policy alone; nothing is signed, spent or read from a register.
#[derive(Debug, Args)]
pub struct PlanCommand {
    /// Total ρ instead of the policy's own; all shares go along
    #[arg(long, value_name = "RHO")]
    rho: Option<Rho>,
    /// A wish: figure and the families it may be off by, 19 times in 20, such as attached:total:year=20; may be
    /// given several times. Periods are quarter, change (on the last quarter), year and to-date (horizon's end)
    #[arg(long = "want", value_name = "FIGURE=FAMILIES")]
    wants: Vec<Wish>,
    /// One more table: stream:name:labels, then :one (each family has exactly one) and :by-place where so, such as
    /// attached:referral:5:one
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// What it costs to correct this quarter of the horizon (1 is the first) once it was released
    #[arg(long, value_name = "NUMBER")]
    correct: Option<usize>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Planned {
    area: String,
    #[serde(serialize_with = "decimal")]
    total: Rho,
    #[serde(serialize_with = "decimal")]
    charged: Rho,
    epsilon: f64,
    epsilon_of_this_noise: f64,
    delta: String,
    errors: Vec<ExpectedError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    need: Option<Need>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<TableCost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrections: Option<Vec<Correction>>,
}

fn decimal<S: Serializer>(rho: &Rho, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(rho)
}

impl PlanCommand {
    /// Whether a total was given, so that no policy need be in force.
    pub fn names_a_total(&self) -> bool {
        self.rho.is_some()
    }

    /// Plans with a policy: for one borough, or for the region where none is named.
    ///
    /// # Errors
    /// Where the borough is not in the policy, or what was asked cannot be planned.
    pub fn run(&self, policy: &Policy, borough: Option<&BoroughCode>) -> anyhow::Result<()> {
        let policy = self.rho.map_or_else(|| policy.clone(), |total| policy.at_total(total));
        policy.verify()?;
        let places = borough.map(|borough| policy.places_of(borough)).transpose()?;
        let area = places.map_or(Area::Region, Area::Borough);
        let most_places = policy.boroughs.iter().map(|borough| borough.wards.len() + 1).max().unwrap_or(1);
        let corrections = self.correct.map(|quarter| {
            cost_of_correction(&policy, places.unwrap_or(most_places), quarter.saturating_sub(1))
        });
        let delta = policy.delta.parse().unwrap_or(1e-6);
        let charged: Rho = policy.streams.iter().map(|stream| stream.share).sum();
        let planned = Planned {
            area: borough.map_or_else(|| "the region".to_owned(), ToString::to_string),
            total: policy.total,
            charged,
            epsilon: charged.epsilon(delta),
            epsilon_of_this_noise: charged.gaussian_epsilon(delta),
            delta: policy.delta.clone(),
            errors: expected_errors(&policy, area)?,
            need: (!self.wants.is_empty()).then(|| needed(&policy, area, &self.wants)).transpose()?,
            table: self.table.as_ref().map(|text| cost_of_table(&policy, area, text)).transpose()?,
            corrections: corrections.transpose()?,
        };
        if self.json {
            return program::print_json(&planned);
        }
        print(&planned, area);
        Ok(())
    }
}

fn print(planned: &Planned, area: Area) {
    let charged = planned.charged;
    println!(
        "ρ = {} in all, of which the streams take {charged}: ε = {:.2} at δ = {} ({:.2} for this very distribution).\n\
         How far a figure of {} may be off, 19 times in 20, in families:",
        planned.total, planned.epsilon, planned.delta, planned.epsilon_of_this_noise, planned.area,
    );
    println!("{}", errors_table(&planned.errors));
    if let Some(need) = &planned.need {
        let mut table = program::table(&["Stream", "ρ now", "ρ needed"]);
        for (stream, now, needed) in &need.streams {
            table.add_row([stream.clone(), now.to_string(), needed.to_string()]);
        }
        println!("What the wishes need, ρ = {} in all:\n{table}", need.total);
        if let Ok(errors) = expected_errors(&need.policy, area) {
            println!("{}", errors_table(&errors));
        }
    }
    if let Some(cost) = &planned.table {
        let mut table = program::table(&["Figure", "Now ±", "With the table ±"]);
        for (without, with) in &cost.errors {
            let without = without.as_ref().map(|without| families(without.half_width)).unwrap_or_default();
            table.add_row([with.figure.to_string(), without, families(with.half_width)]);
        }
        println!(
            "One more table of {}: at the same ρ of {} the others get worse; at {} none does.\n{table}",
            cost.stream, cost.share, cost.share_to_keep
        );
    }
    if let Some(corrections) = &planned.corrections {
        let mut table =
            program::table(&["To correct what was released", "ρ on top, every line", "ρ then", "Offered"]);
        for way in corrections {
            let then = charged.checked_add(way.extra).unwrap_or(charged);
            let offered = if way.offered { "yes" } else { "no, so that it cannot be spent" };
            table.add_row([way.way.to_owned(), way.extra.to_string(), then.to_string(), offered.to_owned()]);
        }
        println!("{table}");
    }
}

/// One row a table, one column a period.
fn errors_table(errors: &[ExpectedError]) -> comfy_table::Table {
    let headings = ["Stream", "Table", "Quarter ±", "Change ±", "Year ±", "Horizon ±"];
    let mut table = program::table(&headings);
    let same = |one: &ExpectedError, other: &ExpectedError| {
        (&one.figure.stream, &one.figure.table) == (&other.figure.stream, &other.figure.table)
    };
    for row in errors.chunk_by(same) {
        let mut cells = vec![row[0].figure.stream.clone(), row[0].figure.table.clone()];
        // What is released once a year has no figure of a quarter.
        let of = |period: Period| row.iter().find(|error| error.figure.period == period);
        cells.extend(
            Period::ALL.map(|period| of(period).map(|error| families(error.half_width)).unwrap_or_default()),
        );
        table.add_row(cells);
    }
    table
}

fn families(half_width: f64) -> String {
    format!("{half_width:.1}")
}

/// Prints every number of a policy with its source, for a borough.
///
/// # Errors
/// Where the borough is not in the policy.
pub fn explain(policy: &Policy, borough: &BoroughCode, json: bool) -> anyhow::Result<()> {
    let facts = planner::explain(policy, policy.places_of(borough)?)?;
    if json {
        return program::print_json(&facts);
    }
    let mut table = program::table(&["What", "Number", "Where it comes from"]);
    for Fact { what, value, source } in facts {
        table.add_row([what, value, source]);
    }
    println!("Policy {} as it holds in {borough}:\n{table}", policy.name);
    Ok(())
}
