//! Which policy rules which quarters: the same list on pages and command lines of both programs.

use serde::Serialize;
use tenfold_common::{calendar::Quarter, clock::Moment, privacy::Succession};

use crate::program;

/// One policy of a succession, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyLine {
    /// What people call it.
    pub name: String,
    /// The first quarter it rules.
    pub first_quarter: Quarter,
    /// The last quarter it rules.
    pub last_quarter: Quarter,
    /// `over`, `in force` or `to come`, by the quarter of the day.
    pub state: &'static str,
    /// The most that a family line may lose under it.
    pub total_rho: String,
    /// Its hash, which every release under it names.
    pub hash: String,
}

/// The policies of a succession, oldest first.
pub fn lines(policies: &Succession, now: Moment) -> Vec<PolicyLine> {
    let today = Quarter::of(now.day());
    let line = |term: &tenfold_common::privacy::policy::Term| PolicyLine {
        name: term.policy.policy().name.clone(),
        first_quarter: term.first_quarter(),
        last_quarter: term.last_quarter(),
        state: match today {
            today if today > term.last_quarter() => "over",
            today if today < term.first_quarter() => "to come",
            _ => "in force",
        },
        total_rho: term.policy.policy().total.to_string(),
        hash: term.policy.hash().to_owned(),
    };
    policies.terms().iter().map(line).collect()
}

/// Prints the policies of a succession.
///
/// # Errors
/// Where standard output fails.
pub fn print(policies: &Succession, now: Moment, json: bool) -> anyhow::Result<()> {
    let lines = lines(policies, now);
    if json {
        return program::print_json(&lines);
    }
    let mut table = program::table(&["Policy", "From", "To", "State", "Total ρ", "Hash"]);
    for line in lines {
        let (from, to) = (line.first_quarter.to_string(), line.last_quarter.to_string());
        table.add_row([
            line.name,
            from,
            to,
            line.state.to_owned(),
            line.total_rho,
            line.hash[..12].to_owned(),
        ]);
    }
    crate::println!("{table}");
    Ok(())
}
