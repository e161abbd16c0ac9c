//! `partner` and `disclosure`: who shares the money, and which exact figures left the borough.

use anyhow::bail;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use tenfold_store::Role;
use tenfold_web::{
    println, program,
    words::{self, pounds},
};

use super::Person;
use crate::{
    claims::split::Rule,
    duties::{Node, disclose, share},
    register::FamilyId,
    store::claims::certificates::Disclosure,
};

#[derive(Debug, Subcommand)]
pub(super) enum PartnerCommand {
    Add(Add),
    /// Record that a partner works with families
    Attribute(Attribute),
    /// List partners and their rules
    List(Json),
    /// What a partner puts in and takes out, line by line
    Statement(Statement),
}

/// Add a partner. A joint-investment partner puts in half of each attachment fee and takes the whole result
/// payment; a commissioned service takes a share of it.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// The organisation's name
    name: String,
    /// Joint investment
    #[arg(long, required_unless_present = "commissioned", conflicts_with = "commissioned")]
    joint_investment: bool,
    /// Commissioned, for this share of the result payment in per cent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..=100))]
    commissioned: Option<u32>,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Attribute {
    /// The partner's name
    partner: String,
    /// Families by their number here, such as F12
    #[arg(required = true, value_name = "FAMILY")]
    families: Vec<String>,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Json {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Statement {
    /// The partner's name
    partner: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl PartnerCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Add(new) => {
                let by = new.person.sign_in(node, Role::Analyst)?;
                let rule = match new.commissioned {
                    Some(percent) => Rule::Commissioned { percent },
                    None => Rule::JointInvestment,
                };
                let partner = share::add(node, &new.name, rule, &by)?;
                println!("{} is added: {}.", partner.name, in_words(rule));
            }
            Self::Attribute(command) => {
                let by = command.person.sign_in(node, Role::Analyst)?;
                let families: Vec<FamilyId> = command.families.into_iter().map(FamilyId).collect();
                let new = share::attribute(node, &command.partner, &families, &by)?;
                println!("{} attributed now.", words::counted(new as u64, "family is", "families are"));
            }
            Self::List(list) => {
                let partners = share::partners(node)?;
                if list.json {
                    return program::print_json(&partners);
                }
                let mut table = program::table(&["Partner", "Rule"]);
                for partner in partners {
                    table.add_row([partner.name, in_words(partner.rule)]);
                }
                println!("{table}");
            }
            Self::Statement(command) => return statement(node, &command),
        }
        Ok(())
    }
}

fn in_words(rule: Rule) -> String {
    match rule {
        Rule::JointInvestment => {
            "joint investment: half of each attachment fee in, the whole result payment out".to_owned()
        }
        Rule::Commissioned { percent } => format!("commissioned: {percent} % of the result payment"),
    }
}

fn statement(node: &Node, command: &Statement) -> anyhow::Result<()> {
    let statement = share::statement(node, &command.partner)?;
    if command.json {
        return program::print_json(&statement);
    }
    let money = |pence: u64| pounds(i64::try_from(pence).unwrap_or(i64::MAX));
    let mut table = program::table(&["Line", "Attached", "Puts in", "Claim", "State", "Takes"]);
    for line in statement.lines {
        table.add_row([
            line.line,
            if line.attached { "yes" } else { "" }.to_owned(),
            money(line.in_pence),
            line.claim.map(|claim| claim.to_string()).unwrap_or_default(),
            line.state,
            money(line.out_pence),
        ]);
    }
    println!("{table}");
    println!(
        "{}: puts in {}, is due {}, was paid {}.",
        statement.partner.name,
        money(statement.in_pence),
        money(statement.due_pence),
        money(statement.paid_pence)
    );
    Ok(())
}

#[derive(Debug, Subcommand)]
pub(super) enum DisclosureCommand {
    /// Enter exact figures that left the borough: an opened certificate, a payment, an answer to a request
    Add(AddDisclosure),
    /// List what left
    List(Json),
}

/// Enter exact figures that left the borough; they are outside the privacy guarantee.
#[derive(Debug, Args)]
pub(super) struct AddDisclosure {
    /// certificate, payment, freedom-of-information or other
    #[arg(long)]
    kind: String,
    /// The day they left
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: NaiveDate,
    /// To which organisation, or the public
    #[arg(long, value_name = "TEXT")]
    to: String,
    /// The figures, in words
    #[arg(long, value_name = "TEXT")]
    figures: String,
    /// The certificate, payment or request
    #[arg(long, value_name = "TEXT", default_value = "")]
    reference: String,
    #[command(flatten)]
    person: Person,
}

impl DisclosureCommand {
    pub(super) fn run(self, node: &Node) -> anyhow::Result<()> {
        match self {
            Self::Add(new) => {
                if !["certificate", "payment", "freedom-of-information", "other"].contains(&new.kind.as_str())
                {
                    bail!(
                        "{:?} is no kind of disclosure, expected certificate, payment, freedom-of-information or other",
                        new.kind
                    );
                }
                let by = new.person.sign_in(node, Role::Approver)?;
                let disclosure = Disclosure {
                    id: 0,
                    disclosed_on: new.on,
                    kind: new.kind,
                    recipient: new.to,
                    figures: new.figures,
                    reference: new.reference,
                    recorded_by: by.name.clone(),
                };
                let entered = disclose::disclose(node, disclosure, &by)?;
                println!("Entered as disclosure {}.", entered.id);
                Ok(())
            }
            Self::List(list) => {
                let disclosures = disclose::disclosures(node)?;
                if list.json {
                    return program::print_json(&disclosures);
                }
                let mut table = program::table(&["Number", "On", "Kind", "To", "Figures", "Reference"]);
                for disclosure in disclosures {
                    table.add_row([
                        disclosure.id.to_string(),
                        disclosure.disclosed_on.to_string(),
                        disclosure.kind,
                        disclosure.recipient,
                        disclosure.figures,
                        disclosure.reference,
                    ]);
                }
                println!("{table}");
                Ok(())
            }
        }
    }
}
