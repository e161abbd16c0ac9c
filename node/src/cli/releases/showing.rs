//! `release show`: a prepared quarter as its approver sees it.

use clap::Args;
use tenfold_common::calendar::Quarter;
use tenfold_web::{println, program};

use crate::{
    duties::{ApprovalFault, DutyError, Node, approve::SHOWN_DIGITS, review::review},
    release::review::{LabelCount, Outcome, Review},
};

/// Show a prepared quarter as its approver sees it: what each family pays, what was checked, exact figures with
/// their change, a year's by ward where they leave, how far the released ones may be off, and what they were counted
/// from. Exact figures are for this borough's own people only.
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The quarter, such as 2015-Q2
    quarter: Quarter,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(in crate::cli) fn run(&self, node: &Node) -> anyhow::Result<()> {
        let review = review(node, self.quarter)?
            .ok_or(DutyError::Approval(ApprovalFault::NotPrepared { quarter: self.quarter }))?;
        if self.json {
            return program::print_json(&review);
        }
        print(&review);
        Ok(())
    }
}

fn print(review: &Review) {
    let name = if review.opening { "The opening position" } else { "The release" };
    println!(
        "{name} for {}, prepared {} by {}, frozen as {}….\n",
        review.quarter,
        review.prepared_at,
        review.prepared_by,
        &review.salted_hash[..SHOWN_DIGITS]
    );
    println!("What leaves: {}\n", review.leaving);
    for answered in &review.questions {
        println!("{}\n", answered.sentence());
    }
    for returned in &review.returns {
        println!("Returned {} by {}: {}", returned.returned_at, returned.returned_by, returned.comment);
    }
    if let Some(since) = &review.since_return {
        let files =
            if since.files == 1 { "1 file was".to_owned() } else { format!("{} files were", since.files) };
        println!("{files} loaded since it was returned.");
        let mut changed = program::table(&["Stream", "By", "", "Was", "Is"]);
        for figure in &since.figures {
            let (was, now) = (figure.was.to_string(), figure.now.to_string());
            changed.add_row([&figure.stream, &figure.by, &figure.label, &was, &now]);
        }
        match since.figures.len() {
            0 => println!("No figure changed.\n"),
            _ => println!("These figures changed; all others are as they were:\n{changed}\n"),
        }
    }
    let mut checks = program::table(&["Check", "Outcome", "What was found"]);
    for check in &review.checks {
        let outcome = match check.outcome {
            Outcome::Pass => "pass",
            Outcome::LookAt => "look at it",
        };
        checks.add_row([check.name, outcome, &check.found]);
    }
    println!("{checks}\n");
    print_loss(review);
    print_figures(review);
    print_year(review);
    let mut errors = program::table(&[
        "Figure",
        "Quarter ±",
        "Change ±",
        "Year ±",
        "To the end ±",
        "Change that matters",
        "Such a change",
    ]);
    for row in &review.precision.tables {
        let matters = row.matters.map(|matters| matters.to_string()).unwrap_or_default();
        errors.add_row([
            format!("{}, {}", row.stream, row.table),
            row.quarter.map(|error| format!("{error:.1}")).unwrap_or_default(),
            row.change.map(|error| format!("{error:.1}")).unwrap_or_default(),
            format!("{:.1}", row.year),
            format!("{:.1}", row.to_date),
            matters,
            row.words().to_owned(),
        ]);
    }
    println!("How far released figures may be off, 19 times in 20, in families:\n{errors}");
    if review.precision.unconfirmed() {
        println!("The smallest changes that matter are a local setting, please confirm.");
    }
    let mut coverage = program::table(&["Source", "Days covered", "Days that no load covers"]);
    for source in &review.quality.coverage {
        let missing = source.missing.iter().map(|days| format!("{} to {}", days.from, days.to));
        coverage.add_row([
            source.source.clone(),
            format!("{} of {}", source.covered, source.days),
            missing.collect::<Vec<_>>().join(", "),
        ]);
    }
    println!("\n{coverage}");
    println!(
        "\nTo approve exactly this: release approve {} --shown {} --by NAME --password-file FILE",
        review.quarter,
        &review.salted_hash[..SHOWN_DIGITS]
    );
}

fn print_loss(review: &Review) {
    let loss = &review.loss;
    let streams: Vec<String> =
        loss.streams.iter().map(|charge| format!("{} {}", charge.stream, charge.rho)).collect();
    println!(
        "Each family pays ρ = {} over its lifetime ({}), of this borough's cap of {}; the policy in force may charge \
         {} at most. ε is below {:.2} at δ = {}.\n{}\n",
        loss.charged,
        streams.join(", "),
        loss.cap,
        loss.policy_total,
        loss.epsilon,
        loss.delta,
        loss.sentence()
    );
}

fn print_year(review: &Review) {
    let Some(year) = &review.year else { return };
    println!("By ward for {}, exact: what leaves with this quarter, and how far it may be off:", year.name);
    for stream in &year.streams {
        let headings = stream.columns.iter().map(|column| match column.error {
            Some(error) => format!("{} (± {error:.1})", column.label),
            None => column.label.clone(),
        });
        let headings: Vec<String> = std::iter::once(stream.title.clone()).chain(headings).collect();
        let mut table = program::table(&headings.iter().map(String::as_str).collect::<Vec<_>>());
        for (place, families) in &stream.places {
            let families = families.iter().map(ToString::to_string);
            table.add_row(std::iter::once(place.clone()).chain(families));
        }
        println!("{table}\n");
    }
}

fn print_figures(review: &Review) {
    let mut figures = program::table(&["Stream", "By", "", "Families", "Quarter before", "Change"]);
    for stream in &review.streams {
        let total = LabelCount { label: "all".to_owned(), now: stream.total, before: stream.total_before };
        let title = match &stream.quarters {
            Some(quarters) => format!("{}, {quarters}", stream.title),
            None => stream.title.clone(),
        };
        let sets = [("total", std::slice::from_ref(&total))];
        let labels = stream.labels.iter().map(|(set, labels)| (set.as_str(), labels.as_slice()));
        for (by, counts) in sets.into_iter().chain(labels).chain([("place", stream.places.as_slice())]) {
            for count in counts {
                figures.add_row([
                    title.clone(),
                    by.to_owned(),
                    count.label.clone(),
                    count.now.to_string(),
                    count.before.map(|before| before.to_string()).unwrap_or_default(),
                    count.change().unwrap_or_default(),
                ]);
            }
        }
    }
    println!("Exact figures, for this borough's own people only:\n{figures}\n");
}
