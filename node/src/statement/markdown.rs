//! The statement as Markdown.

use std::fmt::Write;

use super::{PrivacyStatement, Section};

/// Writes the whole statement.
pub(super) fn write(statement: &PrivacyStatement) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = lines(&mut text, statement);
    text
}

fn lines(text: &mut String, statement: &PrivacyStatement) -> std::fmt::Result {
    let policy = &statement.policy;
    writeln!(text, "# Privacy statement of {}\n", statement.borough)?;
    if policy.rehearsal {
        writeln!(text, "**A rehearsal. No real family is in it.**\n")?;
    }
    writeln!(text, "Written {} from the node's own ledger and policy.\n", statement.written_at)?;
    writeln!(text, "- Policy in force: {} ({})", policy.name, policy.hash)?;
    writeln!(text, "- Horizon: {} to {}", policy.first_quarter, policy.last_quarter)?;
    writeln!(text, "- Ledger: {} lines, head {}", statement.ledger_lines, statement.ledger_head)?;
    match &statement.ledger_fault {
        None => writeln!(text, "- The ledger is sound")?,
        Some(fault) => writeln!(text, "- **The ledger is not sound: {fault}**")?,
    }
    writeln!(
        text,
        "- Reserve for one-off questions: ρ = {}; what they took stands among the charges\n",
        policy.reserve
    )?;
    policies(text, statement)?;
    charges(text, statement)?;
    releases(text, statement)?;
    writeln!(text, "## Annex for the data-protection impact assessment\n")?;
    sections(text, &statement.annex)?;
    writeln!(text, "## Footnotes for published tables\n")?;
    list(text, &statement.footnotes)?;
    writeln!(text, "## Entry for a registry of deployments\n")?;
    writeln!(
        text,
        "Field names as we know them, to be compared with the registry's own form: please confirm.\n"
    )?;
    writeln!(text, "| Field | Value |\n|---|---|")?;
    for field in &statement.registry {
        writeln!(text, "| {} | {} |", field.field, field.value)?;
    }
    writeln!(text, "\n## What did you release about us?\n")?;
    for paragraph in &statement.answer {
        writeln!(text, "{paragraph}\n")?;
    }
    writeln!(text, "## Outside the guarantee\n")?;
    sections(text, &statement.outside)
}

fn policies(text: &mut String, statement: &PrivacyStatement) -> std::fmt::Result {
    writeln!(text, "## Policies adopted\n")?;
    writeln!(text, "| Policy | Hash | Rules | Charged | ρ |\n|---|---|---|---|---|")?;
    for policy in &statement.policies {
        let streams = policy.streams.iter().map(|charge| format!("{} {}", charge.stream, charge.rho));
        writeln!(
            text,
            "| {} | {} | {} to {} | {} | {} |",
            policy.name,
            policy.hash,
            policy.first_quarter,
            policy.last_quarter,
            streams.collect::<Vec<_>>().join(", "),
            policy.charged
        )?;
    }
    writeln!(
        text,
        "\nA family is counted at most once in a stream, under whichever policy: it meets the dearest charge of each \
         stream. Lifetime sum: ρ = {}.\n",
        statement.loss.charged
    )
}

fn charges(text: &mut String, statement: &PrivacyStatement) -> std::fmt::Result {
    writeln!(text, "## What was charged\n")?;
    writeln!(text, "| Ledger line | At | Policy | Stream | ρ |\n|---|---|---|---|---|")?;
    for charge in &statement.charges {
        let hash: String = charge.policy.chars().take(12).collect();
        writeln!(text, "| {} | {} | {hash}… | {} | {} |", charge.line, charge.at, charge.stream, charge.rho)?;
    }
    let loss = &statement.loss;
    writeln!(
        text,
        "\nOf each stream the dearest charge counts: ρ = {} in all, of a cap of {}. {}\n",
        loss.charged,
        loss.cap,
        loss.sentence()
    )
}

fn releases(text: &mut String, statement: &PrivacyStatement) -> std::fmt::Result {
    writeln!(text, "## What was released\n")?;
    if statement.releases.is_empty() {
        return writeln!(text, "Nothing yet.\n");
    }
    writeln!(
        text,
        "| Number | Quarter | Streams | Sealed | Receipted | SHA-256 |\n|---|---|---|---|---|---|"
    )?;
    for release in &statement.releases {
        let opening = if release.opening { " (opening position)" } else { "" };
        let receipted = release.receipted_at.map(|at| at.to_string()).unwrap_or_default();
        writeln!(
            text,
            "| {} | {}{opening} | {} | {} | {receipted} | {} |",
            release.number,
            release.quarter,
            release.streams.join(", "),
            release.sealed_at,
            release.sha256
        )?;
    }
    writeln!(text)
}

fn sections(text: &mut String, sections: &[Section]) -> std::fmt::Result {
    for section in sections {
        writeln!(text, "### {}\n", section.heading)?;
        for paragraph in &section.paragraphs {
            writeln!(text, "{paragraph}\n")?;
        }
    }
    Ok(())
}

fn list(text: &mut String, items: &[String]) -> std::fmt::Result {
    for item in items {
        writeln!(text, "- {item}")?;
    }
    writeln!(text)
}
