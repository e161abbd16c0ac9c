//! `question`: one-off tables, asked and signed before anybody in a borough looks.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use tenfold_common::{
    calendar::Quarter,
    privacy::{Characteristic, Question, Rho, discrete},
};
use tenfold_web::{println, program, words};

use crate::{
    combine::answers::{AnsweredQuestion, Count},
    duties::{
        Aggregator,
        question::{self, Asking},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum QuestionCommand {
    /// Sign a question, while the recording period of its answer runs
    Ask(Ask),
    /// Every question, what it costs and who answered
    List(List),
    /// The answers to a question
    Show(Show),
    /// Write a signed question for the boroughs
    Export(Export),
}

/// Sign a one-off question: a table of families by one characteristic, paid from the policy's reserve.
///
/// Every family line pays what it costs, whether it is in the table or not, so ask few and plain questions. A question
/// is fixed before anybody looks: its categories are the characteristic's own, it is signed while the recording period
/// of its last quarter runs, and its name is for ever. Each borough adopts it by `tenfold-node question adopt`; one that
/// does not is named as missing.
#[derive(Debug, Args)]
pub(super) struct Ask {
    /// Its name, for ever: lower-case words joined by hyphens
    name: String,
    /// The words readers see
    #[arg(long)]
    title: String,
    /// The stream whose families are asked about
    #[arg(long, value_name = "STREAM", default_value = "attached")]
    stream: String,
    /// The first quarter in which they were recorded
    #[arg(long, value_name = "QUARTER")]
    from: Quarter,
    /// The last one; the answer comes with its release
    #[arg(long, value_name = "QUARTER")]
    to: Quarter,
    /// By what they are counted: referral-source, children
    #[arg(long, value_name = "CHARACTERISTIC")]
    count_by: Characteristic,
    /// Also by ward; costs no more, and each cell has the same noise
    #[arg(long)]
    by_place: bool,
    /// What it may cost; the noise is the least that this pays for
    #[arg(long, value_name = "RHO", conflicts_with = "sigma", required_unless_present = "sigma")]
    rho: Option<Rho>,
    /// Scale σ of the noise instead: the cost is ρ = 1/2σ²
    #[arg(long, value_name = "SIGMA")]
    sigma: Option<u64>,
    /// Say what it would cost and how far its figures may be off, and sign nothing
    #[arg(long)]
    dry_run: bool,
    /// Who signs it
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Every question, what it costs and who answered.
#[derive(Debug, Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// The answers to a question, with the interval that holds the truth at least 95 times in 100.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its name
    name: String,
    /// As JSON, place by place too
    #[arg(long)]
    json: bool,
}

/// Write a signed question for the boroughs.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Its name
    name: String,
    /// Where to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl QuestionCommand {
    pub(super) fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        match self {
            Self::Ask(command) => command.run(aggregator),
            Self::List(command) => list(aggregator, command.json),
            Self::Show(command) => show(aggregator, &command),
            Self::Export(command) => {
                let all = question::all(aggregator)?;
                let found = all.iter().find(|asked| asked.question().name == command.name);
                fs::write(&command.out, found.with_context(|| none(&command.name))?.signed())
                    .with_context(|| format!("{} cannot be written", command.out.display()))?;
                println!("{}", command.out.display());
                Ok(())
            }
        }
    }
}

fn none(name: &str) -> String {
    format!("there is no question {name:?}; `question list` has their names")
}

impl Ask {
    fn run(self, aggregator: &Aggregator) -> anyhow::Result<()> {
        let sigma = self.sigma.or_else(|| self.rho.and_then(Question::sigma_for));
        let sigma = sigma.context("ρ = 0 pays for no table, expected --rho above 0, such as 0.005")?;
        let cost = Rho::of_group(1, 1, sigma)?;
        let half = discrete::half_width(sigma, 1);
        let boroughs = aggregator.policy()?.policy().boroughs.len();
        println!(
            "Every family line pays ρ = {cost}. A figure of a borough is off by {half} or less 95 times in 100, one of \
             all {boroughs} by {}{}.",
            discrete::half_width(sigma, boroughs),
            if self.by_place { "; summed over wards by more" } else { "" },
        );
        if self.dry_run {
            return Ok(());
        }
        let asking = Asking {
            name: self.name,
            title: self.title,
            stream: self.stream,
            from: self.from,
            to: self.to,
            by: self.count_by,
            by_place: self.by_place,
            sigma,
        };
        let asked = question::ask(aggregator, asking, &self.by)?;
        println!(
            "{} is signed; its hash is {}.\nWrite it for the boroughs with question export; each adopts it before the \
             recording period of {} ends.",
            asked.question().name,
            asked.hash(),
            asked.question().to
        );
        Ok(())
    }
}

fn list(aggregator: &Aggregator, json: bool) -> anyhow::Result<()> {
    let questions = question::answered(aggregator)?;
    if json {
        return program::print_json(&questions);
    }
    if questions.is_empty() {
        println!("No question was asked. `question ask --help` tells how.");
        return Ok(());
    }
    let mut table =
        program::table(&["Question", "Families of", "Quarters", "By", "σ", "Cost ρ", "Not in it"]);
    for asked in questions {
        let without = asked.without();
        table.add_row([
            asked.name,
            asked.stream,
            format!("{} to {}", asked.from, asked.to),
            asked.by.to_owned(),
            asked.sigma.to_string(),
            asked.cost.to_string(),
            without.join(", "),
        ]);
    }
    println!("{table}");
    Ok(())
}

fn show(aggregator: &Aggregator, command: &Show) -> anyhow::Result<()> {
    let found = question::answered(aggregator)?.into_iter().find(|asked| asked.name == command.name);
    let asked = found.with_context(|| none(&command.name))?;
    if command.json {
        return program::print_json(&asked);
    }
    print(&asked);
    Ok(())
}

fn print(asked: &AnsweredQuestion) {
    println!("{}: {} to {}.", asked.title, asked.from, asked.to);
    if !asked.is_answered() {
        println!("No borough answered yet: the answers come with the releases for {}.", asked.to);
    }
    let headings: Vec<&str> =
        ["Area"].into_iter().chain(asked.labels.iter().map(String::as_str)).chain(["All"]).collect();
    let mut table = program::table(&headings);
    for answer in asked.answers.iter().filter(|answer| answer.total.is_some()) {
        let figure = |count: &Count| {
            let shown = count.display();
            format!("{} ({})", words::whole(shown.value), words::interval(&shown))
        };
        let figures = answer.labels.iter().chain(&answer.total).map(figure);
        table.add_row([answer.area_name.clone()].into_iter().chain(figures));
    }
    if asked.is_answered() {
        println!("{table}");
    }
    for missing in asked.without().iter().filter(|_| asked.is_answered()) {
        println!("Not in it: {missing}.");
    }
    println!(
        "Noise σ = {} on every cell; every family line paid ρ = {}. Intervals hold the truth at least 95 times in 100.",
        asked.sigma, asked.cost
    );
}
