//! Quarter after quarter: extracts are loaded, outcomes decided, claims drafted, releases prepared, approved, sent.

use std::fs;

use anyhow::Context;
use tenfold_common::{
    clock::Moment,
    geography::{self, Borough},
};

use tenfold_node::synth;

use super::{
    cast::{ANALYST, APPROVER, Cast, in_parallel, progress, say, text},
    first_quarter,
    stage::Stage,
};

/// The borough that delivers one quarter only with the next, and which quarter (from 0).
pub(super) const LATE: (&str, usize) = ("Rochdale", 4);
/// Where the family that moves is attached, and where it arrives.
pub(super) const MOVE: (&str, &str) = ("Bolton", "Bury");

/// The one-off question that the region asks in the last quarter, and the borough that does not adopt it.
pub(super) const QUESTION: (&str, &str) = ("who-referred", "Trafford");

/// Plays all quarters.
pub(super) fn play(stage: &Stage, _: &Cast) -> anyhow::Result<()> {
    let bar = progress("writing synthetic extracts", geography::boroughs().len());
    in_parallel(|borough| {
        write_extracts(stage, borough)?;
        bar.inc(1);
        Ok(())
    })?;
    bar.finish_with_message("synthetic extracts written");
    let quarters = stage.quarters;
    let bar = progress("quarters", quarters * geography::boroughs().len() * 3);
    for index in 0..quarters {
        let quarter = first_quarter().plus(index as i32);
        let step = |what: &str| bar.set_message(format!("{quarter}: {what}"));
        let at = |days: i64| {
            stage.set_clock(
                Moment::at_start_of(quarter.next().first_day()).plus_days(days).plus_seconds(9 * 3600),
            )
        };
        step("extracts loaded, outcomes decided, claims drafted");
        stage.set_clock(Moment::at_start_of(synth::load_day(quarter)).plus_seconds(9 * 3600))?;
        in_parallel(|borough| {
            load(stage, borough, index)?;
            bar.inc(1);
            Ok(())
        })?;
        if index > 0 && index + 1 == quarters {
            step("a one-off question is signed, and adopted by nine boroughs");
            ask(stage, index)?;
        }
        step("prepared by one person, approved by another, charged, drawn, sealed");
        at(29)?;
        in_parallel(|borough| {
            release(stage, borough, index)?;
            bar.inc(1);
            Ok(())
        })?;
        step("delivered, receipted");
        say(&format!("  {quarter}: loaded, decided, claimed, prepared, approved, sealed, sent"));
        at(36)?;
        in_parallel(|borough| {
            let is_late = (borough.name.as_str(), index) == LATE && index + 1 < quarters;
            if !is_late {
                stage.node(borough, &["deliver"])?;
            }
            bar.inc(1);
            Ok(())
        })?;
    }
    bar.finish_with_message(format!("{quarters} quarters released by ten boroughs"));
    Ok(())
}

fn write_extracts(stage: &Stage, borough: &Borough) -> anyhow::Result<()> {
    let (scale, seed) = (stage.scale.to_string(), stage.seed.to_string());
    let (quarters, out) = (stage.quarters.to_string(), text(stage.extracts(borough)));
    let first = first_quarter().to_string();
    let code = |name: &str| {
        let found = geography::boroughs().iter().find(|other| other.name == name);
        found.map(|other| other.code.to_string()).unwrap_or_default()
    };
    let moving = format!("{}:{}", code(MOVE.0), code(MOVE.1));
    let what = ["synth", "--borough", borough.code.as_str(), "--out", &out, "--first-quarter", &first];
    let how = ["--quarters", &quarters, "--scale", &scale, "--seed", &seed, "--moving", &moving];
    stage.node(borough, &[&what[..], &how].concat())?;
    Ok(())
}

fn load(stage: &Stage, borough: &Borough, index: usize) -> anyhow::Result<()> {
    let quarter = first_quarter().plus(index as i32);
    let mut files: Vec<String> = fs::read_dir(stage.extracts(borough).join(quarter.to_string()))?
        .map(|entry| Ok(text(entry?.path())))
        .collect::<anyhow::Result<_>>()?;
    files.retain(|file| file.ends_with(".csv"));
    files.sort();
    let covers = synth::coverage(quarter);
    let (from, to) = (covers.from.to_string(), covers.to.to_string());
    let password = text(stage.password(ANALYST)?);
    let mut args = vec!["intake"];
    args.extend(files.iter().map(String::as_str));
    args.extend(["--as-of", &to, "--from", &from, "--to", &to, "--take-good-rows"]);
    let person = ["--by", ANALYST, "--password-file", &password];
    args.extend(person);
    stage.node(borough, &args)?;
    stage.node(borough, &[&["decide"][..], &person].concat())?;
    // The extracts of a quarter come in the next one: claims are drafted in that one's window.
    let (window, name) = (quarter.next(), quarter.next().to_string());
    let (from, to) = (window.first_day().to_string(), window.last_day().to_string());
    let open = ["claim", "window", "open", &name, "--from", &from, "--to", &to];
    stage.node(borough, &[&open[..], &person].concat())?;
    stage
        .node(borough, &[&["claim", "draft", "--all-claimable", "--window", &name][..], &person].concat())?;
    Ok(())
}

/// The region signs a question while the recording period runs, so before anybody can count; boroughs adopt it or not.
fn ask(stage: &Stage, index: usize) -> anyhow::Result<()> {
    let (name, file) = (QUESTION.0, text(stage.folder.join("question.jws")));
    let (from, to) = (first_quarter().plus(1).to_string(), first_quarter().plus(index as i32).to_string());
    let asked =
        ["question", "ask", name, "--title", "Families attached by referral source", "--by", "region"];
    let how = ["--from", &from, "--to", &to, "--count-by", "referral-source", "--rho", "0.005"];
    stage.region(&[&asked[..], &how].concat())?;
    stage.region(&["question", "export", name, "--out", &file])?;
    in_parallel(|borough| {
        if borough.name != QUESTION.1 {
            stage.node(borough, &["question", "adopt", &file, "--by", "ig-officer"])?;
        }
        Ok(())
    })
}

fn release(stage: &Stage, borough: &Borough, index: usize) -> anyhow::Result<()> {
    let quarter = first_quarter().plus(index as i32).to_string();
    let password = text(stage.password(ANALYST)?);
    stage.node(borough, &["release", "prepare", &quarter, "--by", ANALYST, "--password-file", &password])?;
    // The approver signs what was shown, by the hash that was shown with it.
    let review: serde_json::Value =
        serde_json::from_str(&stage.node(borough, &["release", "show", &quarter, "--json"])?)?;
    let shown = review["salted_hash"].as_str().context("a review names the tables' hash")?;
    let password = text(stage.password(APPROVER)?);
    let person = ["--by", APPROVER, "--password-file", &password];
    stage.node(borough, &[&["release", "approve", &quarter, "--shown", shown][..], &person].concat())?;
    Ok(())
}
