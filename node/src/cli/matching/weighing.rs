//! `match estimate`, `match weigh`, `match parameters`.

use std::path::Path;

use anyhow::Context;
use tenfold_store::Role;
use tenfold_web::{println, program};

use super::{Estimate, Show, Weigh};
use crate::{
    duties::{Node, weigh},
    register::linkage::{Field, Parameters},
};

/// What is said of parameters nobody here stands by.
const PLEASE_CONFIRM: &str =
    "local setting, please confirm: estimate your own with `tenfold-node match estimate --out FILE`";

pub(super) fn estimate(node: &Node, command: &Estimate) -> anyhow::Result<()> {
    let before = read(command.parameters.as_deref())?;
    let by = command.person.sign_in(node, Role::Analyst)?;
    let parameters = weigh::estimate(node, &before, &by)?;
    std::fs::write(&command.out, parameters.to_toml())
        .with_context(|| format!("{} cannot be written", command.out.display()))?;
    table(&parameters);
    let file = command.out.display();
    println!("Written to {file}, which names frequent names of this register: keep it in the node's folder.");
    println!("Use it: match weigh --parameters {file}");
    Ok(())
}

pub(super) fn weigh(node: &Node, command: &Weigh) -> anyhow::Result<()> {
    let parameters = read(command.parameters.as_deref())?;
    let by = command.person.sign_in(node, Role::Analyst)?;
    let weighed = weigh::weigh(node, &parameters, &by)?;
    if command.json {
        return program::print_json(&weighed);
    }
    let mut table = program::table(&["", "Before weighing", "Now"]);
    table.add_row(["People".into(), weighed.people.0.to_string(), weighed.people.1.to_string()]);
    table.add_row(["Families".into(), weighed.families.0.to_string(), weighed.families.1.to_string()]);
    println!("{table}");
    println!(
        "{} pairs compared, {} joined, {} wait for a person: match list",
        weighed.compared, weighed.joined, weighed.asked
    );
    if weighed.blocks_left_out > 0 {
        println!(
            "{} times more people than largest_block = {} shared a key and were not compared by it.",
            weighed.blocks_left_out, parameters.largest_block
        );
    }
    if !weighed.confirmed {
        println!("Parameters {}: {PLEASE_CONFIRM}", weighed.parameters);
    }
    Ok(())
}

pub(super) fn show(command: &Show) -> anyhow::Result<()> {
    let parameters = read(command.parameters.as_deref())?;
    if command.json {
        return program::print_json(&parameters);
    }
    table(&parameters);
    if !parameters.confirmed {
        println!("Parameters {}: {PLEASE_CONFIRM}", parameters.name);
    }
    Ok(())
}

fn read(path: Option<&Path>) -> anyhow::Result<Parameters> {
    let Some(path) = path else { return Ok(Parameters::shipped().clone()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Parameters::from_toml(&text).with_context(|| path.display().to_string())
}

fn table(parameters: &Parameters) {
    println!("{}, estimated on {} on {}", parameters.name, parameters.estimated_on, parameters.source);
    println!(
        "Joined from {} bits, asked from {} bits; beforehand {} others a person.",
        parameters.accept_bits, parameters.ask_bits, parameters.others_a_person
    );
    let mut table = program::table(&["Field", "Level", "m (one person)", "u (two people)", "Bits"]);
    for field in Field::ALL {
        for level in field.levels().iter().rev() {
            if let Some(weight) = parameters.weight(field, level) {
                table.add_row([
                    field.as_str().to_owned(),
                    (*level).to_owned(),
                    format!("{:.4}", weight.m),
                    format!("{:.6}", weight.u),
                    format!("{:+.1}", weight.bits()),
                ]);
            }
        }
    }
    println!("{table}");
    let listed = parameters.forenames.values.len() + parameters.surnames.values.len();
    println!("{listed} names weigh by their own frequency.");
}
