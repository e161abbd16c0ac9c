//! `claim list`, `show`, `trace` and their like: tables for people, `--json` for everything else.

use clap::Args;
use serde::Serialize;
use tenfold_web::{
    println, program,
    words::{self, pounds},
};

use crate::duties::{
    Node, certify,
    claim::{
        before::{self, BeforeLine},
        look::{self, ClaimLine},
        trace,
    },
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Json {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Prints values as JSON, or a table of them.
fn print<T: Serialize>(
    json: bool,
    values: &[T],
    headings: &[&str],
    row: impl Fn(&T) -> Vec<String>,
) -> anyhow::Result<()> {
    if json {
        return program::print_json(&values);
    }
    let mut table = program::table(headings);
    for value in values {
        table.add_row(row(value));
    }
    println!("{table}");
    Ok(())
}

impl Json {
    pub(super) fn windows(self, node: &Node) -> anyhow::Result<()> {
        let windows = look::windows(node)?;
        let headings = ["Window", "Drafts from", "to", "Framework", "Claims", "Money", "Target", "By state"];
        print(self.json, &windows, &headings, |window| {
            let states: Vec<String> =
                window.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
            vec![
                window.name.clone(),
                window.first_day.to_string(),
                window.last_day.to_string(),
                window.framework.clone(),
                window.totals.claims().to_string(),
                pounds(window.pence),
                window.target.map(|target| target.to_string()).unwrap_or_default(),
                states.join(", "),
            ]
        })
    }

    pub(super) fn work_list(self, node: &Node) -> anyhow::Result<()> {
        let lines = look::work_list(node)?;
        let headings = ["Family", "Stands", "Claimable", "Problems", "Missing"];
        print(self.json, &lines, &headings, |line| {
            vec![
                line.family.clone(),
                line.status.clone(),
                line.claimable.in_words(),
                line.problems.join(", "),
                line.missing.join("; "),
            ]
        })
    }

    pub(super) fn forecast(self, node: &Node) -> anyhow::Result<()> {
        let forecasts = look::forecast(node)?;
        let headings = ["Window", "Ends", "Claimed", "Foreseen", "Target", "Short"];
        let word = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
        print(self.json, &forecasts, &headings, |forecast| {
            vec![
                forecast.window.clone(),
                forecast.last_day.to_string(),
                forecast.claimed.to_string(),
                forecast.foreseen.to_string(),
                word(forecast.target),
                word(forecast.short),
            ]
        })
    }

    pub(super) fn double_cases(self, node: &Node) -> anyhow::Result<()> {
        let cases = look::double_cases(node)?;
        let headings = ["Line", "Programme", "Claims", "Before Tenfold"];
        print(self.json, &cases, &headings, |case| {
            let claims: Vec<String> =
                case.claims.iter().map(|claim| format!("{} ({})", claim.claim, claim.state)).collect();
            let before: Vec<String> = case.before.iter().map(BeforeLine::in_words).collect();
            vec![case.line.clone(), case.programme.clone(), claims.join(", "), before.join("; ")]
        })
    }

    pub(super) fn before(self, node: &Node) -> anyhow::Result<()> {
        let before = before::list(node)?;
        if self.json {
            return program::print_json(&before);
        }
        println!("{} attached before Tenfold.", words::counted(before.families as u64, "family", "families"));
        for total in &before.totals {
            println!(
                "{}: {} that stand, {}; {} refused or withdrawn.",
                total.programme,
                words::counted(u64::from(total.claims), "claim", "claims"),
                pounds(total.pence),
                total.freed
            );
        }
        println!("{}", before_table(&before.claims));
        Ok(())
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only of this window
    #[arg(long, value_name = "NAME")]
    window: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let claims = look::list(node, self.window.as_deref())?;
        let headings = ["Claim", "Window", "Family", "State", "Result", "Problems", "Money", "Discretion"];
        print(self.json, &claims, &headings, claim_row)?;
        if !self.json && self.window.is_none() {
            let before = before::list(node)?;
            if !before.claims.is_empty() {
                println!("Made before Tenfold, on no certificate and in no audit here:");
                println!("{}", before_table(&before.claims));
            }
        }
        Ok(())
    }
}

fn before_table(claims: &[BeforeLine]) -> comfy_table::Table {
    let headings =
        ["Made", "Reference", "Programme", "Window", "Family", "State", "Result", "Claimed", "Money"];
    let mut table = program::table(&[&headings[..], &["File and line"]].concat());
    for claim in claims {
        table.add_row([
            claim.made.to_owned(),
            claim.reference.clone(),
            claim.programme.clone(),
            claim.window.clone(),
            claim.family.clone(),
            claim.state.clone(),
            claim.result.clone(),
            claim.claimed_on.to_string(),
            pounds(claim.pence),
            format!("load {}, {} line {}", claim.load, claim.file, claim.row),
        ]);
    }
    table
}

fn claim_row(claim: &ClaimLine) -> Vec<String> {
    vec![
        claim.claim.to_string(),
        claim.window.clone(),
        claim.family.clone(),
        claim.state.clone(),
        claim.result.clone(),
        claim.problems.join(", "),
        pounds(claim.pence),
        if claim.discretionary { "yes" } else { "" }.to_owned(),
    ]
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The claim's number
    claim: i64,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        let detail = trace::show(node, self.claim)?;
        if self.json {
            return program::print_json(&detail);
        }
        let claim = &detail.claim;
        println!(
            "Claim {} of family {} (line {}) in {}: {}, {}, {}.",
            claim.claim,
            claim.family,
            claim.line,
            claim.window,
            claim.result,
            claim.state,
            pounds(claim.pence)
        );
        println!("Decided by {} (program {}): {}.", detail.framework, detail.software, detail.verdict);
        if !detail.payment_source.1 {
            println!("The payment is a local setting, please confirm: {}.", detail.payment_source.0);
        }
        let mut table = program::table(&["Became", "At", "By", "Because"]);
        for (state, at, by, reason) in &detail.steps {
            table.add_row([state, at, by, reason]);
        }
        println!("{table}");
        let mut table = program::table(&["Evidence", "Kind", "What", "Reference"]);
        for line in &detail.evidence {
            let what = line.relied.as_ref().map_or_else(|| line.words.clone(), |item| item.in_words());
            let reference = match &line.sha256 {
                Some(sha256) => format!("{} SHA-256 {sha256}", line.reference),
                None => line.reference.clone(),
            };
            table.add_row([line.number.to_string(), line.kind.clone(), what, reference]);
        }
        println!("{table}");
        let mut table =
            program::table(&["Evidence", "Record", "Person", "From", "To", "Said", "File and line"]);
        for line in &detail.evidence {
            let records = line.relied.iter().flat_map(|item| &item.records);
            for (record, place) in records.zip(&line.places) {
                let said = record.values.iter().map(|(name, value)| format!("{name}: {value}"));
                table.add_row([
                    line.number.to_string(),
                    record.record.clone(),
                    record.person.to_string(),
                    record.from.to_string(),
                    record.to.map(|to| to.to_string()).unwrap_or_default(),
                    said.collect::<Vec<_>>().join(", "),
                    place.clone(),
                ]);
            }
        }
        println!("{table}");
        let mut table = program::table(&["Load", "Source", "File", "SHA-256"]);
        for file in &detail.files {
            table.add_row([
                file.load.to_string(),
                file.source.clone(),
                file.file.clone(),
                file.sha256.clone(),
            ]);
        }
        println!("{table}");
        for earlier in &detail.before {
            println!("The family's earlier claim: {}.", earlier.in_words());
        }
        for (name, pence) in &detail.partners {
            println!("{name} takes {}.", pounds_of(*pence));
        }
        println!("The council keeps {}.", pounds_of(detail.council_pence));
        Ok(())
    }
}

/// Money that is never negative.
pub(super) fn pounds_of(pence: u64) -> String {
    pounds(i64::try_from(pence).unwrap_or(i64::MAX))
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OfWindow {
    /// The window
    #[arg(long, value_name = "NAME")]
    window: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl OfWindow {
    pub(super) fn trace(self, node: &Node) -> anyhow::Result<()> {
        let traced = trace::trace(node, &self.window)?;
        if self.json {
            return program::print_json(&traced);
        }
        let totals = traced.totals;
        println!(
            "{}: {} for progress, {}; {} for employment, {}; together {}.",
            traced.window,
            totals.progress,
            pounds(totals.progress_pence),
            totals.employment,
            pounds(totals.employment_pence),
            pounds(traced.pence)
        );
        let mut table = program::table(&["Claim", "Family", "Money", "Decided", "Evidence", "Rows", "Loads"]);
        for claim in &traced.claims {
            let loads: Vec<String> = claim.files.iter().map(|file| file.load.to_string()).collect();
            table.add_row([
                claim.claim.claim.to_string(),
                claim.claim.family.clone(),
                pounds(claim.claim.pence),
                format!("{} by {}", claim.claim.decided_on, claim.framework),
                claim.evidence.len().to_string(),
                claim.origins().len().to_string(),
                loads.join(", "),
            ]);
        }
        println!("{table}");
        println!(
            "Added up again from {} and their shares: {}, from {}.",
            words::counted(traced.claims.len() as u64, "claim", "claims"),
            pounds(traced.added_up_pence),
            words::counted(traced.files.len() as u64, "file", "files"),
        );
        Ok(())
    }

    pub(super) fn certificates(self, node: &Node) -> anyhow::Result<()> {
        let certificates = certify::certificates(node, &self.window)?;
        let headings = ["Issue", "Certified", "By", "Claims", "Money", "Commitment", "Because"];
        print(self.json, &certificates, &headings, |certified| {
            let body = &certified.body;
            vec![
                certified.issue.to_string(),
                body.certified_at.to_string(),
                body.certified_by.clone(),
                body.totals.claims().to_string(),
                pounds(body.totals.pence()),
                certified.commitment.clone(),
                body.reason.clone(),
            ]
        })
    }
}
