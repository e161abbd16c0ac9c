//! `question`: the region's one-off questions, adopted or left.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    privacy::{Rho, VerifiedQuestion, discrete},
};
use tenfold_web::{println, program};

use crate::duties::{Node, question};

#[derive(Debug, Subcommand)]
pub(super) enum QuestionCommand {
    /// Adopt a question of the region under this borough's cap
    Adopt(Adopt),
    /// The questions that were adopted
    List(List),
}

/// Adopt a one-off question: charges what it costs to every family line, for ever.
///
/// The answer is part of the release of its last quarter: it is frozen, reviewed, approved and sent with it. A question
/// is adopted before that quarter's recording period ends, when nobody can have counted yet. A borough that does not
/// want to answer adopts nothing: the region then names it as missing, and learns no more.
#[derive(Debug, Args)]
pub(super) struct Adopt {
    /// The signed question
    question: PathBuf,
    /// Say what it asks and costs, and adopt nothing
    #[arg(long)]
    dry_run: bool,
    /// The information-governance officer who adopts it
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// The questions that were adopted.
#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Asked {
    name: String,
    title: String,
    stream: String,
    from: Quarter,
    to: Quarter,
    by: &'static str,
    by_place: bool,
    sigma: u64,
    cost: String,
    hash: String,
}

impl Asked {
    fn of(question: &VerifiedQuestion) -> Self {
        let says = question.question();
        Self {
            name: says.name.clone(),
            title: says.title.clone(),
            stream: says.stream.clone(),
            from: says.from,
            to: says.to,
            by: says.by.as_str(),
            by_place: says.by_place,
            sigma: says.sigma,
            cost: question.cost().to_string(),
            hash: question.hash().to_owned(),
        }
    }
}

impl QuestionCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Adopt(command) => command.run(node),
            Self::List(command) => list(node, command.json),
        }
    }
}

impl Adopt {
    fn run(self, node: &Node) -> anyhow::Result<()> {
        let signed = fs::read_to_string(&self.question)
            .with_context(|| format!("{} cannot be read", self.question.display()))?;
        let signed = signed.trim();
        let asked = match self.dry_run {
            true => question::read(node, signed)?,
            false => question::adopt(node, signed, &self.by)?,
        };
        let says = asked.question();
        println!(
            "{}: {} of {} to {}, by {}{}.\nEvery family line pays ρ = {}; noise σ = {}, so a figure is off by {} or less \
             95 times in 100.\nLabels: {}.",
            says.title,
            says.stream,
            says.from,
            says.to,
            says.by.title().to_lowercase(),
            if says.by_place { " and ward" } else { "" },
            asked.cost(),
            says.sigma,
            discrete::half_width(says.sigma, 1),
            says.labels.join(", "),
        );
        if self.dry_run {
            println!("Nothing was adopted.");
        } else {
            let spent: Rho = crate::duties::look::budget(node)?.spent;
            println!(
                "{} is adopted; ρ = {spent} is charged in all. The answer leaves with {}.",
                says.name, says.to
            );
        }
        Ok(())
    }
}

fn list(node: &Node, json: bool) -> anyhow::Result<()> {
    let all = node.store.read(|connection| question::all(node, connection))?;
    let rows: Vec<Asked> = all.iter().map(Asked::of).collect();
    if json {
        return program::print_json(&rows);
    }
    if rows.is_empty() {
        println!("No question was adopted.");
        return Ok(());
    }
    let mut table = program::table(&["Question", "Families of", "Quarters", "By", "σ", "Cost ρ"]);
    for row in rows {
        table.add_row([
            row.name,
            row.stream,
            format!("{} to {}", row.from, row.to),
            row.by.to_owned(),
            row.sigma.to_string(),
            row.cost,
        ]);
    }
    println!("{table}");
    Ok(())
}
