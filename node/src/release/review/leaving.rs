//! Which tables leave with a quarter's release, in words: a function of policy, quarter and void quarters alone.

use tenfold_common::{
    calendar::Quarter,
    privacy::{PolicyError, VerifiedPolicy},
};

/// Which tables leave with a quarter's release. `void` are the void quarters of the horizon, from its first.
///
/// # Errors
/// Where the quarter lies outside the horizon.
pub fn leaving(policy: &VerifiedPolicy, quarter: Quarter, void: &[usize]) -> Result<String, PolicyError> {
    let index = policy.quarter_index(quarter)?;
    let years = policy.policy().years();
    if !policy.policy().releases_by_year() {
        return Ok("Every table, for this quarter.".to_owned());
    }
    if let Some(year) = years.ended_by(index) {
        let quarters = &years.counted(void)[year];
        let name = if quarters.is_empty() { policy.period_name(quarter) } else { policy.year_name(quarters) };
        return Ok(format!("The tables of the borough for this quarter, and those by ward for {name}."));
    }
    let end = years.end_of(index).map(|end| policy.policy().first_quarter.plus(end as i32));
    let end = end.map_or_else(String::new, |end| format!(": with {}", end.short_name()));
    Ok(format!(
        "The tables of the borough for this quarter. Those by ward leave once, when their year ends{end}."
    ))
}

#[cfg(test)]
mod tests {
    use tenfold_common::{
        privacy::{
            Every, Policy, Rho,
            policy::{POLICY_TYPE, Plan},
        },
        protocol::{SigningKey, signature},
    };

    use super::*;

    #[test]
    fn the_approver_reads_which_tables_leave() {
        let plan = Policy::plan(Plan {
            name: "test".into(),
            rehearsal: true,
            first_quarter: "2015-Q2".parse().unwrap(),
            opening: true,
            total: Rho::from_nano(250_000_000),
            framework: "expanded-2015".into(),
            problems: vec!["crime".into()],
        });
        let key = SigningKey::generate().unwrap();
        let open = |policy: &Policy| {
            VerifiedPolicy::open(&signature::sign(policy, POLICY_TYPE, &key).unwrap(), &key.public()).unwrap()
        };
        let policy = open(&plan);
        let says = |quarter: &str, void: &[usize]| leaving(&policy, quarter.parse().unwrap(), void).unwrap();
        assert!(says("2015-Q2", &[]).ends_with("by ward for opening position to 30 June 2015."));
        assert!(says("2015-Q4", &[]).ends_with("when their year ends: with 2015-16 quarter 4."));
        assert!(says("2016-Q1", &[]).ends_with("and those by ward for Jul 2015 to Mar 2016."));
        assert!(says("2017-Q1", &[]).ends_with("and those by ward for 2016-17."));
        // The year before ended with a void quarter: its families by ward leave now.
        assert!(says("2017-Q1", &[3]).ends_with("and those by ward for Jul 2015 to Mar 2017."));
        let quarterly = open(&plan.with_places_every(Every::Quarter));
        let says = leaving(&quarterly, "2015-Q4".parse().unwrap(), &[]).unwrap();
        assert_eq!(says, "Every table, for this quarter.");
    }
}
