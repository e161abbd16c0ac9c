//! `match`: what is open about who is who, decisions and undoing them.

mod weighing;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tenfold_store::Role;
use tenfold_web::{println, program, words};

use super::Person;
use crate::{
    duties::{Node, matching},
    register::linkage::Reason,
};

#[derive(Debug, Subcommand)]
pub(super) enum MatchCommand {
    /// List pairs of people who may be one, and what they mean for the number of families
    List(Listing),
    /// Decide that two people are one
    Same(Pair),
    /// Decide that two people are two, for good
    Different(Pair),
    /// Make two families one; their lines stay one for ever
    Join(Join),
    /// Take people out of a family: together they are another, under the same line
    Part(Part),
    /// List decisions that stand
    Decisions(Listing),
    /// Take a decision back: the register is as if it had not been made
    Undo(Revoke),
    /// Estimate on this register what weighing goes by, and write it as a file
    ///
    /// How often names, dates and places differ between records of one person and of two, and how frequent each
    /// name is. The file names forenames and surnames that many people here bear: keep it in the node's folder.
    Estimate(Estimate),
    /// Weigh who may be one person where no number says so: join the sure pairs, queue the doubtful
    ///
    /// Every earlier link is replaced; decisions stand. Twins, a parent and a child of one name, and people with
    /// different numbers are never joined by weight.
    Weigh(Weigh),
    /// Show what weighing goes by
    Parameters(Show),
}

#[derive(Debug, Args)]
pub(super) struct Listing {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Pair {
    /// One person, such as P12
    #[arg(value_parser = person)]
    one: i64,
    /// The other
    #[arg(value_parser = person)]
    other: i64,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Join {
    /// One family, such as F7
    #[arg(value_parser = family)]
    one: i64,
    /// The other
    #[arg(value_parser = family)]
    other: i64,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Part {
    /// The family, such as F7
    #[arg(value_parser = family)]
    family: i64,
    /// The people to take out
    #[arg(required = true, value_parser = person)]
    people: Vec<i64>,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The decision's number
    decision: i64,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Estimate {
    /// Where to write the parameters
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Parameters whose thresholds and blocking keys are kept [default: the shipped ones]
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Weigh {
    /// What to weigh by [default: the shipped parameters, estimated on synthetic records]
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Which [default: the shipped ones]
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn person(text: &str) -> Result<i64, String> {
    numbered(text, 'P').ok_or_else(|| "expected a person such as P12".to_owned())
}

pub(super) fn family(text: &str) -> Result<i64, String> {
    numbered(text, 'F').ok_or_else(|| "expected a family such as F7".to_owned())
}

fn numbered(text: &str, letter: char) -> Option<i64> {
    text.strip_prefix([letter, letter.to_ascii_lowercase()])?.parse().ok()
}

impl MatchCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::List(command) => list(node, command.json),
            Self::Same(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let number =
                    matching::decide_people(node, command.one, command.other, true, &command.reason, &by)?;
                println!(
                    "P{} and P{} are one person now. Undo: match undo {number}",
                    command.one, command.other
                );
                Ok(())
            }
            Self::Different(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let number =
                    matching::decide_people(node, command.one, command.other, false, &command.reason, &by)?;
                println!(
                    "P{} and P{} stay two people. Undo: match undo {number}",
                    command.one, command.other
                );
                Ok(())
            }
            Self::Join(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let number =
                    matching::merge_families(node, command.one, command.other, &command.reason, &by)?;
                println!(
                    "F{} and F{} are one family now. Undo: match undo {number}",
                    command.one, command.other
                );
                Ok(())
            }
            Self::Part(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let number =
                    matching::split_family(node, command.family, &command.people, &command.reason, &by)?;
                println!(
                    "They are a family of their own now, under the same line. Undo: match undo {number}"
                );
                Ok(())
            }
            Self::Decisions(command) => {
                let decisions = matching::decisions(node)?;
                if command.json {
                    return program::print_json(&decisions);
                }
                let mut table = program::table(&["No", "Decision", "Reason", "When", "By"]);
                for group in decisions.chunk_by(|one, next| one.number == next.number) {
                    let first = &group[0];
                    table.add_row([
                        first.number.to_string(),
                        first.kind.as_str().to_owned(),
                        first.reason.clone(),
                        first.at.to_string(),
                        first.by.clone(),
                    ]);
                }
                println!("{table}");
                Ok(())
            }
            Self::Undo(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                matching::revoke(node, command.decision, &by)?;
                println!("Decision {} is taken back.", command.decision);
                Ok(())
            }
            Self::Estimate(command) => weighing::estimate(node, &command),
            Self::Weigh(command) => weighing::weigh(node, &command),
            Self::Parameters(command) => weighing::show(&command),
        }
    }
}

/// Says that there are people whom nobody has weighed yet.
pub(super) fn hint(not_weighed: usize) {
    if not_weighed > 0 {
        let people = words::counted(not_weighed as u64, "person", "people");
        println!("{people} arrived since names were last weighed: match weigh");
    }
}

fn list(node: &Node, json: bool) -> anyhow::Result<()> {
    let queue = matching::queue(node)?;
    if json {
        return program::print_json(&queue);
    }
    let mut table = program::table(&["One", "", "The other", "", "Why", "Weight", "Of which"]);
    for question in &queue.questions {
        let side = |side: &matching::Side| {
            let born = side.birth_date.map(|day| day.to_string()).unwrap_or_default();
            format!("{} {} {}", side.name, born, side.numbers.join(" "))
        };
        table.add_row([
            question.one.person.clone(),
            side(&question.one),
            question.other.person.clone(),
            side(&question.other),
            question.why.clone(),
            question.weight.map(|weight| format!("{weight:.1} bits")).unwrap_or_default(),
            question.because.iter().map(Reason::in_words).collect::<Vec<_>>().join("\n"),
        ]);
    }
    println!("{table}");
    println!(
        "{} pairs are open: {} to {} people, {} to {} families.",
        queue.questions.len(),
        queue.fewest.0,
        queue.most.0,
        queue.fewest.1,
        queue.most.1
    );
    if queue.communal_addresses > 0 || queue.placeholder_numbers > 0 {
        println!(
            "{} addresses of many and {} placeholder numbers were not used to join anybody.",
            queue.communal_addresses, queue.placeholder_numbers
        );
    }
    hint(queue.not_weighed);
    Ok(())
}
