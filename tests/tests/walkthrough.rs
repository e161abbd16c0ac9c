//! docs/WALKTHROUGH.md is true: its commands are run, its answers compared, its arithmetic done again.
//!
//! `WRITE_DOCS=1 cargo test -p tenfold-tests --test walkthrough` writes the answers into the page.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;
use tenfold_aggregator::duties::{Aggregator, read};
use tenfold_common::{
    geography::BoroughCode,
    privacy::{Contribution, LabelValue, Rho, Table, VerifiedPolicy},
};
use tenfold_tests::{definition, programs};

const PORTS: [&str; 2] = ["127.0.0.1:8443", "127.0.0.1:8180"];

/// The page, a folder to play it in, and the programs.
struct Stage {
    folder: tempfile::TempDir,
    programs: PathBuf,
    addresses: [String; 2],
    running: Vec<Child>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

impl Stage {
    /// Builds the programs as they are now and lays out the extracts.
    fn set() -> Self {
        let programs = programs::built();
        let folder = tempfile::tempdir().unwrap();
        for quarter in ["2015-Q2", "2015-Q3", "2015-Q4"] {
            let (from, to) =
                (repository().join("tests/data/walkthrough").join(quarter), folder.path().join(quarter));
            fs::create_dir(&to).unwrap();
            for file in fs::read_dir(from).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), to.join(file.file_name())).unwrap();
            }
        }
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Self { folder, programs, addresses: [free(), free()], running: Vec::new() }
    }

    /// Runs a command as the reader would type it, and returns what it printed, the ports as the page has them.
    fn run(&mut self, line: &str) -> String {
        let mut typed = line.to_owned();
        for (shown, real) in PORTS.iter().zip(&self.addresses) {
            typed = typed.replace(shown, real);
        }
        if let Some(server) = typed.strip_suffix('&') {
            let mut command = self.shell(&format!("exec {server}"));
            self.running.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
            let since = Instant::now();
            while TcpStream::connect(&self.addresses[0]).is_err() {
                assert!(since.elapsed() < Duration::from_secs(30), "`{line}` does not answer");
                thread::sleep(Duration::from_millis(20));
            }
            return String::new();
        }
        let output = self.shell(&format!("({typed}) 2>&1")).output().unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        for (shown, real) in PORTS.iter().zip(&self.addresses) {
            text = text.replace(real, shown);
        }
        text
    }

    fn shell(&self, script: &str) -> Command {
        let path = format!("{}:{}", self.programs.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("PATH", path).env("NO_COLOR", "1").env("TENFOLD_LOG", "error");
        command
    }
}

/// Fingerprints differ every time: a run of twelve or more hexadecimal digits, which nothing else on the page is.
fn without_hashes(text: &str) -> String {
    let mut shown = String::new();
    let mut run = String::new();
    let close = |run: &mut String, shown: &mut String| {
        shown.push_str(if run.len() >= 12 { "‹hash›" } else { run });
        run.clear();
    };
    for letter in text.chars() {
        if matches!(letter, '0'..='9' | 'a'..='f') {
            run.push(letter);
        } else {
            close(&mut run, &mut shown);
            shown.push(letter);
        }
    }
    close(&mut run, &mut shown);
    shown
}

/// The page with every answer as it came now; blocks of arithmetic are left open, to be filled once all ran.
fn play(page: &str, stage: &mut Stage) -> String {
    let mut played = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        played.push_str(line);
        played.push('\n');
        let console = line == "```console";
        if !console && !line.starts_with("```text ") {
            continue;
        }
        for line in lines.by_ref().take_while(|line| *line != "```") {
            if let Some(typed) = line.strip_prefix("$ ").filter(|_| console) {
                let answer = without_hashes(&stage.run(typed));
                let answer = answer.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
                played.push_str(&format!("{line}\n{answer}"));
            }
        }
        played.push_str("```\n");
    }
    played
}

/// What the three families of the extracts add, by hand: stream, quarter, ward, problems from 0, progress.
const EVENTS: [(usize, usize, &str, &[usize], bool); 4] = [
    (0, 0, "E05014819", &[4, 5], false),
    (0, 0, "E05014820", &[2, 5], false),
    (0, 1, "E05014818", &[2, 5], false),
    (1, 2, "E05014819", &[4, 5], true),
];

fn bolton() -> BoroughCode {
    "E08000001".parse().unwrap()
}

/// The true tables x of one stream, quarter by quarter, from [`EVENTS`] alone.
fn true_tables(policy: &VerifiedPolicy, stream: usize) -> Vec<Table> {
    let wards = &policy.policy().boroughs.iter().find(|places| places.borough == bolton()).unwrap().wards;
    let shape = policy.policy().streams[stream].shape(wards.len() + 1);
    let mut tables = vec![shape.empty_table(); 3];
    for &(of, quarter, ward, problems, progress) in EVENTS.iter().filter(|event| event.0 == stream) {
        let place = wards.iter().position(|known| known.as_str() == ward).unwrap();
        let kind = LabelValue::Many(if progress { vec![0] } else { vec![] });
        let problems = LabelValue::Many(problems.to_vec());
        let labels = if of == 0 { vec![problems] } else { vec![kind, problems] };
        shape.add(&mut tables[quarter], &Contribution { place, labels }).unwrap();
    }
    tables
}

/// (y − C·x) / σ of every published value, C·x added up here and not by the node.
fn residuals(policy: &VerifiedPolicy, published: &[Vec<Table>]) -> Vec<f64> {
    let mut residuals = Vec::new();
    for (at, stream) in policy.policy().streams.iter().enumerate() {
        let x = true_tables(policy, at);
        let (sigma, groups) = (stream.scales(21).unwrap(), stream.shape(21).groups());
        for (t, quarter) in published.iter().enumerate() {
            for (group, cells) in quarter[at].iter().enumerate() {
                let weights = definition::weights(policy.policy(), groups[group].every, t, &[]);
                let weights = weights.unwrap_or_default();
                for (cell, &y) in cells.iter().enumerate() {
                    let mixed: i64 = (0..=t).map(|s| weights[s] * x[s][group][cell]).sum();
                    residuals.push((y - mixed) as f64 / sigma[group] as f64);
                }
            }
        }
    }
    residuals
}

/// Whether residuals look like 279 standard normal values: the largest below 6.5 and the mean square within
/// seven standard deviations (√(2/279) each) of 1. A sound release fails this less than once in 10⁷ runs.
fn is_standard_noise(residuals: &[f64]) -> bool {
    let n = residuals.len() as f64;
    let mean_square = residuals.iter().map(|z| z * z).sum::<f64>() / n;
    residuals.iter().all(|z| z.abs() < 6.5) && (mean_square - 1.0).abs() < 7.0 * (2.0 / n).sqrt()
}

#[derive(Deserialize)]
struct Figure {
    area: String,
    measure: String,
    breakdown: String,
    quarter: String,
    to_date: bool,
    estimate: f64,
    standard_error: f64,
}

/// Total of *attached* by hand: the opening position is read twice, from N and from the places, and the two are
/// weighed by their noise; each later quarter has N alone, and C is undone. Then the standard errors: of one reading
/// of the opening position and of both, and of the total to date.
struct ByHand {
    quarters: [f64; 3],
    direct: f64,
    places: f64,
    opening: f64,
    to_date: f64,
}

fn by_hand(policy: &VerifiedPolicy, published: &[Vec<Table>]) -> ByHand {
    let sigma: Vec<f64> =
        policy.policy().streams[0].scales(21).unwrap().iter().map(|&sigma| sigma as f64).collect();
    let c = |t: usize, s: usize| f64::from(policy.policy().time_matrix.rows()[t][s]);
    let of_years = f64::from(policy.policy().yearly_matrix.rows()[0][0]);
    let y: Vec<f64> = published.iter().map(|quarter| quarter[0][0][0] as f64).collect();
    let sum: i64 = published[0][0][1].iter().sum();
    let (direct, places) = (sigma[0] / c(0, 0), 21_f64.sqrt() * sigma[1] / of_years);
    let opening = 1.0 / (1.0 / (direct * direct) + 1.0 / (places * places));
    let first = (y[0] / c(0, 0) / (direct * direct) + sum as f64 / of_years / (places * places)) * opening;
    let second = (y[1] - c(1, 0) * first) / c(1, 1);
    let third = (y[2] - c(2, 0) * first - c(2, 1) * second) / c(2, 2);
    // The sum of the three by what is independent in it: y_1, y_2 and the opening position.
    let b2 = 1.0 / c(2, 2);
    let b1 = (1.0 - b2 * c(2, 1)) / c(1, 1);
    let b0 = 1.0 - b2 * c(2, 0) - b1 * c(1, 0);
    let to_date = (b0 * b0 * opening + (b1 * b1 + b2 * b2) * sigma[0] * sigma[0]).sqrt();
    ByHand { quarters: [first, second, third], direct, places, opening: opening.sqrt(), to_date }
}

fn arithmetic(name: &str, policy: &VerifiedPolicy, published: &[Vec<Table>]) -> String {
    let stream = &policy.policy().streams[0];
    let (shape, sigma) = (stream.shape(21), stream.scales(21).unwrap());
    let s = policy.policy().column_sums();
    let words = ["total", "places", "problems", "problems by place"];
    match name {
        "larkfold" => {
            let mut own = shape.empty_table();
            let labels = vec![LabelValue::Many(vec![4, 5])];
            shape.add(&mut own, &Contribution { place: 1, labels }).unwrap();
            let some = |cells: &[i64]| cells.iter().map(|by| format!("{by:+}")).collect::<Vec<_>>().join(" ");
            format!(
                "total              {}\nward Bradshaw      {}\nproblems 1 to 6    {}\nBradshaw, 1 to 6   {}\n",
                some(&own[0]),
                some(&own[1][1..2]),
                some(&own[2]),
                some(&own[3][6..12])
            )
        }
        "charge" => {
            let (mut text, mut sum) = (String::new(), Rho::ZERO);
            for ((word, group), &sigma) in words.iter().zip(shape.groups()).zip(sigma) {
                let s = s.of(group.every);
                let rho = Rho::of_group(group.l2_squared, s, sigma).unwrap();
                sum = sum.checked_add(rho).unwrap();
                let l2 = group.l2_squared;
                text += &format!("{word:<18} ⌈10⁹ · {l2} · {s} / (2 · {sigma}²)⌉ · 10⁻⁹ = {rho}\n");
            }
            assert_eq!(sum, policy.charge("attached", &bolton()).unwrap());
            format!("{text}{:<18} {sum} of a share of {}\n", "sum", stream.share)
        }
        "width" => {
            let ByHand { direct, places, opening, to_date, .. } = by_hand(policy, published);
            let (c, of_years) =
                (policy.policy().time_matrix.rows()[0][0], policy.policy().yearly_matrix.rows()[0][0]);
            format!(
                "from N             {} / {c} = {direct:.3}\n\
                 from the places    √21 · {} / {of_years} = {places:.3}\n\
                 from both          1 / √(1/{direct:.3}² + 1/{places:.3}²) = {opening:.3}, interval ± {:.1}\n\
                 three quarters     {to_date:.3}, interval ± {:.1}\n",
                sigma[0],
                sigma[1],
                1.96 * opening,
                1.96 * to_date
            )
        }
        other => panic!("the page has a block {other:?} that nothing fills"),
    }
}

#[test]
fn the_walkthrough_is_true() {
    let path = repository().join("docs/WALKTHROUGH.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut stage = Stage::set();
    let mut played = play(&page, &mut stage);
    let figures: Vec<Figure> =
        serde_json::from_str(&stage.run("tenfold-aggregator --data region figures")).unwrap();
    let region = stage.folder.path().join("region");
    let database = format!("sqlite:{}", region.join("aggregator.sqlite").display()).parse().unwrap();
    let aggregator = Aggregator::open(&region, &database).unwrap();
    let (policies, accepted) = read::accepted(&aggregator).unwrap();
    let policy = policies.newest().clone();
    let published: Vec<Vec<Table>> = accepted[&bolton()]
        .iter()
        .map(|release| release.streams.iter().map(|stream| stream.values.clone()).collect())
        .collect();
    assert_eq!(published.len(), 3);
    eprintln!("DRAWN {:?} {:?}", published[0][0][0], published[0][0][2]);

    for name in ["larkfold", "charge", "width"] {
        let filled = arithmetic(name, &policy, &published);
        played = played.replace(&format!("```text {name}\n```"), &format!("```text {name}\n{filled}```"));
    }
    if std::env::var_os("WRITE_DOCS").is_some() {
        fs::write(&path, &played).unwrap();
    } else {
        for (at, (now, page)) in played.lines().zip(page.lines()).enumerate() {
            assert_eq!(now, page, "docs/WALKTHROUGH.md, line {}", at + 1);
        }
        assert_eq!(played, page);
    }

    let noise = residuals(&policy, &published);
    assert_eq!(noise.len(), 279);
    assert!(is_standard_noise(&noise));
    for wrong in [0.0, 0.5, 2.0] {
        assert!(!is_standard_noise(&noise.iter().map(|z| z * wrong).collect::<Vec<_>>()), "× {wrong}");
    }

    let ByHand { quarters: [first, second, third], opening: quarter_error, to_date: to_date_error, .. } =
        by_hand(&policy, &published);
    let figure = |quarter: &str, to_date| {
        let found = |figure: &&Figure| {
            (figure.area.as_str(), figure.measure.as_str()) == ("E08000001", "attached")
                && (figure.breakdown.as_str(), figure.quarter.as_str()) == ("total", quarter)
                && figure.to_date == to_date
        };
        figures.iter().find(found).unwrap()
    };
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()));
    close(figure("2015-Q2", false).estimate, first);
    close(figure("2015-Q3", false).estimate, second);
    close(figure("2015-Q4", false).estimate, third);
    close(figure("2015-Q4", true).estimate, first + second + third);
    close(figure("2015-Q2", false).standard_error, quarter_error);
    close(figure("2015-Q4", true).standard_error, to_date_error);
}
