//! What goes wrong on purpose, and what the programs say to it.

use std::{fs, process::Output};

use anyhow::{Context, ensure};
use tenfold_common::{
    geography::{self, Borough},
    protocol::Bundle,
};

use super::{
    cast::{ANALYST, Cast, text},
    first_quarter,
    quarters::{LATE, MOVE, QUESTION},
    stage::Stage,
};

/// Plays what goes wrong.
pub(super) fn play(stage: &Stage, _: &Cast) -> anyhow::Result<()> {
    println!();
    if LATE.1 + 1 < stage.quarters {
        told(
            &format!(
                "{} delivered {} only with the next quarter",
                LATE.0,
                first_quarter().plus(LATE.1 as i32)
            ),
            "late on the completeness page, all its figures in place",
        );
    }
    told(
        &format!("a family attached in {} moved to {}", MOVE.0, MOVE.1),
        "received there with its stream used elsewhere: counted once",
    );
    if stage.quarters > 1 {
        told(
            &format!("the region asked {:?} once, and {} did not adopt it", QUESTION.0, QUESTION.1),
            "nine boroughs' answers with exact intervals on the page Questions, the tenth named",
        );
    }
    dirty_file(stage)?;
    stranger(stage)?;
    second_release(stage)
}

fn told(what: &str, answer: &str) {
    println!("• {what}\n  → {answer}");
}

/// The sentence a program refused with.
fn refusal(output: &Output) -> anyhow::Result<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success(), "this should have been refused and was not");
    let line = text.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(text.trim());
    Ok(line.to_owned())
}

fn borough(name: &str) -> anyhow::Result<&'static Borough> {
    geography::boroughs().iter().find(|borough| borough.name == name).context("no such borough")
}

/// The committed file of twelve rows, three of them bad, refused as a whole until the analyst says otherwise.
fn dirty_file(stage: &Stage) -> anyhow::Result<()> {
    let file = text(stage.folder.join("twelve_rows.csv"));
    fs::write(&file, include_bytes!("../../data/twelve_rows.csv"))?;
    let password = text(stage.password(ANALYST)?);
    let first = first_quarter();
    let (from, to) = (first.first_day().to_string(), first.last_day().to_string());
    let args = ["intake", &file, "--as-of", &to, "--from", &from, "--to", &to];
    let person = ["--by", ANALYST, "--password-file", &password];
    let output = stage.node_try(&stage.node_folder(borough("Wigan")?), &[&args[..], &person].concat())?;
    told("a dirty file of twelve rows is loaded in Wigan", &refusal(&output)?);
    Ok(())
}

/// A node enrolled by somebody else's authority calls on our aggregator.
fn stranger(stage: &Stage) -> anyhow::Result<()> {
    let bolton = borough("Bolton")?;
    let (theirs, node) = (stage.folder.join("stranger-region"), stage.folder.join("stranger"));
    let clock = text(stage.clock());
    let url = format!("https://127.0.0.1:{}", stage.ingest_port);
    let found = ["ca", "init", "--region", "Elsewhere", "--ingest-url", &url, "--rehearsal", &clock];
    stage.other_region(&theirs, &found)?;
    let first = first_quarter().to_string();
    stage.other_region(
        &theirs,
        &["policy", "make", "--name", "other", "--first-quarter", &first, "--by", "x"],
    )?;
    let made = stage.node_try(
        &node,
        &["init", "--borough", bolton.code.as_str(), "--officer", "x", "--rehearsal", &clock],
    )?;
    ensure!(made.status.success(), "the stranger's node was not made");
    let bundle = node.join("bundle.json");
    let request = text(node.join("enrolment-request.jws"));
    stage.other_region(&theirs, &["enrol", &request, "--out", &text(bundle.clone()), "--by", "x"])?;
    // The stranger knows our root, which is public; only its own certificate is not ours.
    let ours: Bundle = serde_json::from_slice(&fs::read(stage.folder.join("bundles").join("bolton.json"))?)?;
    let mut forged: Bundle = serde_json::from_slice(&fs::read(&bundle)?)?;
    forged.root_pem = ours.root_pem;
    fs::write(&bundle, serde_json::to_vec(&forged)?)?;
    let fingerprint = stage.region(&["ca", "fingerprint"])?;
    let joined = stage
        .node_try(&node, &["join", &text(bundle), "--root-fingerprint", fingerprint.trim(), "--by", "x"])?;
    ensure!(joined.status.success(), "the stranger could not even try");
    let refused = stage.node_try(&node, &["check"])?;
    told("a stranger's node claims to be Bolton's", &refusal(&refused)?);
    let log = fs::read_to_string(stage.log("aggregator"))?;
    let line = log
        .lines()
        .find(|line| line.contains("refused in the handshake") || line.contains("certificate refused"));
    let line = line.context("the aggregator's log does not mention the stranger")?;
    println!("  in the aggregator's log: {}", line.trim());
    Ok(())
}

/// A quarter that was released is prepared once more.
fn second_release(stage: &Stage) -> anyhow::Result<()> {
    let oldham = borough("Oldham")?;
    let password = text(stage.password(ANALYST)?);
    let quarter = first_quarter().to_string();
    let args = ["release", "prepare", &quarter, "--by", ANALYST, "--password-file", &password];
    let refused = stage.node_try(&stage.node_folder(oldham), &args)?;
    told(&format!("Oldham prepares {quarter} a second time"), &refusal(&refused)?);
    Ok(())
}
