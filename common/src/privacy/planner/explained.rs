//! Every number of a policy with where it comes from.

use serde::Serialize;

use super::PlanError;
use crate::privacy::{ByCadence, Every, GroupKind, Policy, PolicyError, Rho, StreamPolicy};

/// One number, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is.
    pub what: String,
    /// The number.
    pub value: String,
    /// Where it comes from: signed by the region, computed here, or a paper's formula.
    pub source: String,
}

const SIGNED: &str = "signed by the region";

/// Every number of a policy as it holds in a borough of so many places.
///
/// # Errors
/// Where the policy has no scales for the number of places, or passes a share.
pub fn explain(policy: &Policy, places: usize) -> Result<Vec<Fact>, PlanError> {
    let mut facts = Vec::new();
    let mut say = |what: &str, value: String, source: &str| {
        facts.push(Fact { what: what.to_owned(), value, source: source.to_owned() });
    };
    say("total ρ", policy.total.to_string(), SIGNED);
    say("reserve ρ", policy.reserve.to_string(), SIGNED);
    let matrix = &policy.time_matrix;
    say("quarters T", format!("{} from {}", matrix.size(), policy.first_quarter), SIGNED);
    say("time matrix C", format!("{} whole numbers", matrix.rows().iter().map(Vec::len).sum::<usize>()), &{
        format!("{SIGNED}; {}", policy.time_matrix_provenance)
    });
    let column_sums = policy.column_sums();
    say("S", column_sums.quarter.to_string(), "computed here: the largest column sum of squares of C");
    if policy.releases_by_year() {
        let years = policy.years().count();
        say(
            "years",
            years.to_string(),
            "computed here: each ends with March, the opening position or the horizon",
        );
        say("time matrix of years C'", format!("{} whole numbers", years * (years + 1) / 2), &{
            format!("{SIGNED}; {}", policy.yearly_matrix_provenance)
        });
        say("S'", column_sums.year.to_string(), "computed here: the largest column sum of squares of C'");
    }
    say(
        "places W",
        places.to_string(),
        &format!("{}, and one for not known or elsewhere", policy.boundary_set),
    );
    let dates = policy.dates;
    for (what, days) in [
        ("a recording period ends", dates.recording_ends_after_days),
        ("a release leaves", dates.deliver_after_days),
        ("a release is due", dates.due_after_days),
    ] {
        say(what, format!("{days} days after the quarter"), SIGNED);
    }
    let mut charged = Rho::ZERO;
    for stream in &policy.streams {
        let charge = stream.charge(places, column_sums)?;
        charged = charged.checked_add(charge).unwrap_or(charged);
        say(&format!("{}: share of ρ", stream.name), stream.share.to_string(), SIGNED);
        groups(stream, places, column_sums, &mut say)?;
        say(
            &format!("{}: charge for the whole horizon", stream.name),
            charge.to_string(),
            "computed here: the sum of its tables; refused above the share",
        );
    }
    say("ρ of one family line in all streams", charged.to_string(), "computed here: the sum of the charges");
    let delta: f64 = policy.delta.parse().unwrap_or(1e-6);
    say("δ for display", policy.delta.clone(), "signed by the region; decides nothing");
    say(
        "ε of any mechanism of this ρ",
        format!("{:.2}", charged.epsilon(delta)),
        "Canonne, Kamath and Steinke 2020, Proposition 12",
    );
    say(
        "ε of this noise",
        format!("{:.2}", charged.gaussian_epsilon(delta)),
        "Balle and Wang 2018, Theorem 8; the exact Gaussian curve",
    );
    say(
        "of families that are there, rightly picked by one who wrongly suspects 5 in 100",
        format!("{:.0} in 100 (without these statistics, 5)", 100.0 * charged.detection(0.05)),
        "Dong, Roth and Su 2022: Φ(Φ⁻¹(0.05) + √(2ρ))",
    );
    Ok(facts)
}

fn groups(
    stream: &StreamPolicy,
    places: usize,
    column_sums: ByCadence<u64>,
    say: &mut impl FnMut(&str, String, &str),
) -> Result<(), PolicyError> {
    for (group, &sigma) in stream.shape(places).groups().iter().zip(stream.scales(places)?) {
        let table = match group.kind {
            GroupKind::Total => "total".to_owned(),
            GroupKind::Place => "by place".to_owned(),
            GroupKind::Label(set) => stream.label_sets[set].name.clone(),
            GroupKind::LabelByPlace(set) => format!("{} by place", stream.label_sets[set].name),
        };
        let of_group = Rho::of_group(group.l2_squared, column_sums.of(group.every), sigma)
            .map_err(|source| PolicyError::Rho { stream: stream.name.clone(), source })?;
        let (released, charge) = match group.every {
            Every::Quarter => ("every quarter", "computed here: L2²·S/2σ², rounded up to a billionth"),
            Every::Year => ("once a year", "computed here: L2²·S'/2σ², rounded up to a billionth"),
        };
        say(&format!("{}, {table}: released", stream.name), released.to_owned(), SIGNED);
        say(&format!("{}, {table}: σ", stream.name), sigma.to_string(), SIGNED);
        say(
            &format!("{}, {table}: L2² of {} cells", stream.name, group.cells),
            group.l2_squared.to_string(),
            "computed here from the labels: what any one family adds",
        );
        say(&format!("{}, {table}: charge", stream.name), of_group.to_string(), charge);
    }
    Ok(())
}
