//! An entry for a public registry of differential-privacy deployments.

use super::{Books, Field, PrivacyStatement};

/// The entry's fields. Their names follow the public registries as we know them; whoever sends the entry compares
/// them with the registry's own form.
pub(super) fn entry(statement: &PrivacyStatement, books: &Books<'_>) -> Vec<Field> {
    let loss = &statement.loss;
    let policy = &statement.policy;
    let cells: Vec<String> =
        statement.precision.tables.iter().map(|row| format!("{} by {}", row.stream, row.table)).collect();
    let published = match statement.releases.first() {
        Some(first) => format!("{} releases, the first sealed {}", statement.releases.len(), first.sealed_at),
        None => "nothing yet".to_owned(),
    };
    let fields = [
        ("Name", format!("Tenfold, {}: {}", statement.borough, policy.name)),
        ("Data curator", format!("The council of {}", statement.borough)),
        (
            "Intended use",
            "Counts of families in a family-support programme, for regional planning".to_owned(),
        ),
        ("Data product", cells.join("; ")),
        ("Publication", published),
        (
            "Access",
            match books.policy.policy().releases_by_year() {
                true => "Not interactive: fixed tables, quarter by quarter; those by place year by year".to_owned(),
                false => "Not interactive: fixed tables, quarter by quarter".to_owned(),
            },
        ),
        ("Model", "Central in each borough: noise is added before anything leaves it".to_owned()),
        ("Unit of privacy", "A family line: a family with everything it was ever merged with".to_owned()),
        ("Neighbouring relation", "All rows of one family line present or absent, after matching".to_owned()),
        (
            "Period protected",
            format!("{} to {}, all releases together", statement.period().0, statement.period().1),
        ),
        ("Variant", "Zero-concentrated differential privacy".to_owned()),
        (
            "Privacy loss",
            format!("ρ = {} charged; the policy's total is {}", loss.charged, loss.policy_total),
        ),
        ("Converted", format!("ε = {:.2} at δ = {}", loss.epsilon, loss.delta)),
        ("Limit", format!("ρ = {} for a lifetime, set by the borough's own officer", loss.cap)),
        (
            "Mechanism",
            "Discrete Gaussian noise on whole-number totals mixed over quarters, or years, by lower-triangular \
             matrices"
                .to_owned(),
        ),
        (
            "Accounting",
            "Sum over streams of the dearest charge of any policy, in whole billionths".to_owned(),
        ),
        (
            "Post-processing",
            "Least squares over quarters and places at the region; raw values are kept".to_owned(),
        ),
        ("Implementation", format!("Tenfold {} with OpenDP", books.software)),
        ("Evidence", format!("Policy {}, ledger head {}", policy.hash, statement.ledger_head)),
    ];
    fields.into_iter().map(|(field, value)| Field { field, value }).collect()
}
