//! `verdict` and `framework`: where a family stands and why, and the rules it is held against.

use std::path::PathBuf;

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde::Serialize;
use tenfold_common::framework::{Framework, Mapping};
use tenfold_web::{println, program};

use crate::{
    duties::{
        Node,
        verdicts::{self, CriterionReport, RecordReport, VerdictReport},
    },
    register::FamilyId,
    settings::Settings,
};

#[derive(Debug, Subcommand)]
pub(super) enum VerdictCommand {
    Show(ShowVerdict),
    Compare(Compare),
}

/// Where a family stands, with the evidence, what is missing and from when it could be claimable.
///
/// A past day shows the past: records dated later are not seen, and the rules are those of the day.
#[derive(Debug, Args)]
pub(super) struct ShowVerdict {
    /// The family, such as F12
    #[arg(value_name = "FAMILY")]
    family: String,
    #[command(flatten)]
    rules: Rules,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// The families whose verdict would be another under other rules, and why.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The other rules: a framework's name, or a file with a framework or a plan
    #[arg(long = "with", value_name = "NAME|FILE")]
    other: String,
    #[command(flatten)]
    rules: Rules,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// The day, and the rules if not those of the day.
#[derive(Debug, Args)]
struct Rules {
    /// The day of the verdict [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: Option<NaiveDate>,
    /// The framework, if not the one of the day; `framework list` names them
    #[arg(long, value_name = "NAME", conflicts_with = "plan")]
    framework: Option<String>,
    /// The outcomes plan, if not the one in the settings
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

impl Rules {
    fn find(&self, node: &Node, settings: &Settings) -> anyhow::Result<(NaiveDate, Framework)> {
        let on = self.on.unwrap_or_else(|| node.now().day());
        let framework = match (&self.framework, &self.plan) {
            (Some(name), _) => verdicts::named(name)?,
            (None, Some(path)) => verdicts::read(path)?,
            (None, None) => verdicts::of_the_day(settings.outcomes_plan(), on)?,
        };
        Ok((on, framework))
    }
}

impl VerdictCommand {
    pub(super) fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Show(show) => show.run(node, settings),
            Self::Compare(compare) => compare.run(node, settings),
        }
    }
}

impl ShowVerdict {
    fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        let (on, framework) = self.rules.find(node, settings)?;
        let family = FamilyId(self.family);
        let verdict = verdicts::show(node, &family, &framework, on)?;
        let report = VerdictReport::of(&family, &verdict, &framework, &verdicts::files(node)?);
        if self.json {
            return program::print_json(&report);
        }
        print(&report);
        Ok(())
    }
}

fn print(report: &VerdictReport) {
    println!("Family {} on {}: {}, by {}.", report.family, report.on, report.status, report.framework);
    if let Some(day) = report.attached_on {
        println!("Attached on {day}.");
    }
    match (report.result, report.claimable_from) {
        (Some(kind), _) => println!("Its result is {kind}."),
        (None, Some(day)) => println!("It could be claimable from {day} if nothing more speaks against it."),
        (None, None) => println!("From when it could be claimable cannot be said yet."),
    }
    let mut table = program::table(&["Problem", "Shown by", "Progress asks for", "How it stands"]);
    for problem in &report.problems {
        let shown = problem.shown_by.iter().map(in_words);
        let mut first =
            (format!("{} {}", problem.number, problem.label), shown.collect::<Vec<_>>().join("\n"));
        if problem.progress.is_empty() {
            table.add_row([first.0, first.1, String::new(), String::new()]);
            continue;
        }
        for criterion in &problem.progress {
            table.add_row([
                std::mem::take(&mut first.0),
                std::mem::take(&mut first.1),
                criterion.record.to_owned(),
                stands(criterion),
            ]);
        }
    }
    println!("{table}");
    if let Some(floor) = &report.attendance {
        println!("The attendance that a claim needs {floor}.");
    }
    for sentence in &report.missing {
        println!("- {sentence}");
    }
    if report.unconfirmed_rules > 0 {
        println!(
            "{} rules of {name} are local settings, please confirm: `tenfold-node framework unconfirmed {name}`.",
            report.unconfirmed_rules,
            name = report.framework.split('+').next().unwrap_or_default()
        );
    }
}

/// A record with the file and line it stands in.
fn in_words(record: &RecordReport) -> String {
    format!("{} {} {}\n  {}", record.record, record.on, record.person, record.place).trim_end().to_owned()
}

/// How a criterion stands, and the records it rests on.
fn stands(criterion: &CriterionReport) -> String {
    let records = criterion.rests_on.iter().map(in_words);
    [criterion.stands.clone()].into_iter().chain(records).collect::<Vec<_>>().join("\n")
}

#[derive(Serialize)]
struct Changed {
    family: String,
    before: &'static str,
    after: &'static str,
    why: Vec<String>,
}

impl Compare {
    fn run(self, node: &Node, settings: &Settings) -> anyhow::Result<()> {
        let (on, before) = self.rules.find(node, settings)?;
        let after = verdicts::named(&self.other)?;
        let changed: Vec<Changed> = verdicts::compare(node, &before, &after, on)?
            .into_iter()
            .map(|difference| Changed {
                family: difference.family.to_string(),
                before: difference.before.words(),
                after: difference.after.words(),
                why: difference.why,
            })
            .collect();
        if self.json {
            return program::print_json(&changed);
        }
        let mut table = program::table(&["Family", before.name.as_str(), after.name.as_str(), "Why"]);
        for family in &changed {
            table.add_row([&family.family, family.before, family.after, &family.why.join("\n")]);
        }
        println!("{table}");
        println!("{} families would stand elsewhere on {on}.", changed.len());
        Ok(())
    }
}

/// The programme's rules as dated data, and a borough's plan over them
#[derive(Debug, Subcommand)]
pub(super) enum FrameworkCommand {
    /// List the frameworks that ship
    List,
    /// Show a framework's rules with their sources
    Show(OneFramework),
    /// Read a framework or a plan from a file; every fault is named
    Check(CheckFramework),
    /// List the rules that nobody has read in a document: local settings, please confirm
    Unconfirmed(OneFramework),
    /// Which problem of one framework is which of another
    Map(Map),
}

#[derive(Debug, Args)]
pub(super) struct OneFramework {
    /// A framework's name, or a file with a framework or a plan
    #[arg(value_name = "NAME|FILE")]
    name: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckFramework {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Map {
    /// The framework mapped from
    from: String,
    /// The framework mapped to
    to: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Rule {
    place: String,
    says: String,
    source: String,
    confirmed: bool,
    confirmed_by: Option<String>,
}

impl FrameworkCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List => list(),
            Self::Show(one) => {
                let framework = verdicts::named(&one.name)?;
                return print_rules(&rules(&framework), one.json);
            }
            Self::Check(check) => {
                let framework = verdicts::read(&check.file)?;
                let open = framework.unconfirmed().len();
                println!(
                    "{} can be used; {open} of its rules are local settings, please confirm.",
                    framework.name
                );
                for problem in framework.empty_slots() {
                    println!("Problem {} is an empty slot: {}.", problem.number, problem.label);
                }
            }
            Self::Unconfirmed(one) => {
                let framework = verdicts::named(&one.name)?;
                let rules: Vec<Rule> = rules(&framework).into_iter().filter(|rule| !rule.confirmed).collect();
                return print_rules(&rules, one.json);
            }
            Self::Map(map) => return print_mapping(&map),
        }
        Ok(())
    }
}

fn list() {
    let mut table = program::table(&["Name", "Title", "From", "To", "Problems", "To confirm", "Empty slots"]);
    for framework in Framework::all() {
        table.add_row([
            framework.name.clone(),
            framework.title.clone(),
            framework.valid.from.to_string(),
            framework.valid.to.to_string(),
            framework.problems.len().to_string(),
            framework.unconfirmed().len().to_string(),
            framework.empty_slots().len().to_string(),
        ]);
    }
    println!("{table}");
}

fn rules(framework: &Framework) -> Vec<Rule> {
    let rules = framework.rules().into_iter().map(|rule| Rule {
        place: rule.place,
        says: rule.says,
        source: rule.provenance.source.clone(),
        confirmed: rule.provenance.confirmed,
        confirmed_by: rule.provenance.confirmation.as_ref().map(|c| format!("{}, {}", c.by, c.on)),
    });
    rules.collect()
}

fn print_rules(rules: &[Rule], json: bool) -> anyhow::Result<()> {
    if json {
        return program::print_json(&rules);
    }
    let mut table = program::table(&["Rule", "Says", "Source", ""]);
    for rule in rules {
        let standing = match &rule.confirmed_by {
            Some(by) => format!("confirmed by {by}"),
            None if rule.confirmed => String::new(),
            None => "local setting, please confirm".to_owned(),
        };
        table.add_row([rule.place.clone(), rule.says.clone(), rule.source.clone(), standing]);
    }
    println!("{table}");
    Ok(())
}

fn print_mapping(map: &Map) -> anyhow::Result<()> {
    let framework = |name: &str| {
        let known: Vec<&str> = Framework::all().iter().map(|framework| framework.name.as_str()).collect();
        let known = known.join(", ");
        Framework::by_name(name).with_context(|| format!("{name} does not ship, expected one of {known}"))
    };
    let (from, to) = (framework(&map.from)?, framework(&map.to)?);
    let mapping = Mapping::between(&from.name, &to.name)
        .with_context(|| format!("nothing says which problem of {} is which of {}", from.name, to.name))?;
    #[derive(Serialize)]
    struct Pair<'a> {
        from: u8,
        from_label: &'a str,
        to: u8,
        to_label: &'a str,
    }
    let label = |framework: &'static Framework, number: u8| {
        framework.problem(number).map_or("", |problem| problem.label.as_str())
    };
    let pair =
        |(a, b): &(u8, u8)| Pair { from: *a, from_label: label(from, *a), to: *b, to_label: label(to, *b) };
    let pairs: Vec<Pair<'_>> = mapping.pairs.iter().map(pair).collect();
    if map.json {
        return program::print_json(&pairs);
    }
    let mut table = program::table(&[from.name.as_str(), "", to.name.as_str(), ""]);
    for pair in &pairs {
        table.add_row([&pair.from.to_string(), pair.from_label, &pair.to.to_string(), pair.to_label]);
    }
    println!("{table}");
    let standing = if mapping.confirmed { "" } else { " (local setting, please confirm)" };
    println!("Source: {}{standing}.", mapping.source);
    Ok(())
}
