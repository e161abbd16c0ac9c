//! Who plays: the region with its authority and aggregator, and ten boroughs with two people each.

use std::{
    fs,
    net::TcpStream,
    path::PathBuf,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use tenfold_common::{
    clock::Moment,
    geography::{self, Borough},
};

use super::{
    first_quarter,
    stage::{Stage, slug},
};

/// Who prepares releases in every borough of the demo.
pub(super) const ANALYST: &str = "analyst";
/// Who approves them.
pub(super) const APPROVER: &str = "approver";
/// Who reads the region's pages.
pub(super) const VIEWER: &str = "viewer";

/// The programs that run.
pub(super) struct Cast {
    running: Vec<Child>,
}

/// Sources of every borough, each with its agreement.
const SOURCES: [&str; 6] = ["early-help", "school-sessions", "police", "dwp", "social-care", "episodes"];

impl Cast {
    /// Founds the region, makes ten nodes and enrols them, and starts the aggregator.
    pub(super) fn assemble(stage: &Stage) -> anyhow::Result<Self> {
        stage.set_clock(Moment::at_start_of(first_quarter().first_day()).plus_seconds(9 * 3600))?;
        let url = format!("https://127.0.0.1:{}", stage.ingest_port);
        let clock = text(stage.clock());
        // Certificates of a year would end inside the two years that pass here in a minute.
        let found = ["ca", "init", "--ingest-url", &url, "--leaf-days", "1500", "--rehearsal", &clock];
        let fingerprint = stage.region(&found)?;
        let fingerprint = fingerprint.trim().to_owned();
        let first = first_quarter().to_string();
        let name = "Greater Manchester rehearsal policy";
        stage.region(&["policy", "make", "--name", name, "--first-quarter", &first, "--by", "region"])?;
        let password = text(stage.password(VIEWER)?);
        let person = ["account", "add", VIEWER, "--display-name", "Regional Viewer"];
        stage.region(&[&person[..], &["--role", "viewer", "--password-file", &password]].concat())?;
        for person in [ANALYST, APPROVER] {
            stage.password(person)?;
        }
        fs::create_dir_all(stage.folder.join("bundles"))?;
        let bar = progress("founding ten nodes", geography::boroughs().len());
        in_parallel(|borough| {
            found_node(stage, borough, &fingerprint)?;
            bar.inc(1);
            Ok(())
        })?;
        bar.finish_with_message("ten nodes founded, enrolled and under the region's policy");
        let (ingest, pages) = (format!("127.0.0.1:{}", stage.ingest_port), pages(stage.pages_port));
        let args = ["serve", "--ingest", &ingest, "--pages", &pages];
        let aggregator = stage.start("tenfold-aggregator", "aggregator", &stage.region_folder(), &args)?;
        let mut cast = Self { running: vec![aggregator] };
        cast.wait_for(stage, "aggregator", stage.ingest_port)?;
        Ok(cast)
    }

    /// Starts the pages of every node and prints where they are and who signs in.
    pub(super) fn open_pages(&mut self, stage: &Stage) -> anyhow::Result<()> {
        for (port, borough) in (stage.pages_port + 1..).zip(geography::boroughs()) {
            let name = slug(borough);
            let folder = stage.node_folder(borough);
            self.running.push(stage.start(
                "tenfold-node",
                &name,
                &folder,
                &["serve", "--pages", &pages(port)],
            )?);
            self.wait_for(stage, &name, port)?;
        }
        let password = |person: &str| -> anyhow::Result<String> {
            Ok(fs::read_to_string(stage.password(person)?)?.trim().to_owned())
        };
        println!("\nThe region's pages:   http://{}/", pages(stage.pages_port));
        println!("    sign in as {VIEWER} with {}", password(VIEWER)?);
        for (port, borough) in (stage.pages_port + 1..).zip(geography::boroughs()) {
            println!("{:<21} http://{}/", format!("{}:", borough.name), pages(port));
        }
        println!("    sign in to any of them as {ANALYST} with {}", password(ANALYST)?);
        println!("    or as {APPROVER} with {}\n", password(APPROVER)?);
        Ok(())
    }

    fn wait_for(&mut self, stage: &Stage, name: &str, port: u16) -> anyhow::Result<()> {
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.running.last_mut().and_then(|child| child.try_wait().ok().flatten());
            if ended.is_some() || since.elapsed() > Duration::from_secs(20) {
                let log = fs::read_to_string(stage.log(name)).unwrap_or_default();
                bail!("{name} does not answer at port {port}: {}", log.lines().last().unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Ends every program.
    pub(super) fn close(&mut self) {
        for child in &mut self.running {
            // It may have ended by itself on the same Ctrl-C.
            let _ = child.kill();
            let _ = child.wait();
        }
        self.running.clear();
    }
}

impl Drop for Cast {
    fn drop(&mut self) {
        self.close();
    }
}

fn found_node(stage: &Stage, borough: &Borough, fingerprint: &str) -> anyhow::Result<()> {
    let clock = text(stage.clock());
    let officer = "ig-officer";
    stage.node(
        borough,
        &["init", "--borough", borough.code.as_str(), "--officer", officer, "--rehearsal", &clock],
    )?;
    for (name, display, role) in
        [(ANALYST, "Borough Analyst", "analyst"), (APPROVER, "Borough Approver", "approver")]
    {
        let password = text(stage.password(name)?);
        let person = ["account", "add", name, "--display-name", display];
        stage.node(borough, &[&person[..], &["--role", role, "--password-file", &password]].concat())?;
    }
    let request = text(stage.node_folder(borough).join("enrolment-request.jws"));
    let bundle = text(stage.folder.join("bundles").join(format!("{}.json", slug(borough))));
    stage.region(&["enrol", &request, "--out", &bundle, "--by", "region"])?;
    stage.node(borough, &["join", &bundle, "--root-fingerprint", fingerprint, "--by", officer])?;
    stage.node(borough, &["policy", "adopt", "--by", officer])?;
    for source in SOURCES {
        let reference = format!("ISA-{source}-2015");
        stage.node(borough, &["agreement", "record", source, "--reference", &reference, "--by", officer])?;
    }
    Ok(())
}

/// Does something for every borough, two at a time, in the order of their codes.
pub(super) fn in_parallel(
    work: impl Fn(&'static Borough) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from).min(4);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        let Some(borough) = geography::boroughs().get(at) else { return Ok(()) };
                        work(borough).with_context(|| borough.name.clone())?;
                    }
                })
            })
            .collect();
        handles.into_iter().try_for_each(|handle| match handle.join() {
            Ok(result) => result,
            Err(_) => bail!("a worker of the demo panicked"),
        })
    })
}

/// A bar for work that takes more than a moment; silent where the output is no terminal.
pub(super) fn progress(what: &str, steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64);
    let style = ProgressStyle::with_template("{bar:30.green} {pos:>3}/{len:<3} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what.to_owned());
    say(&format!("{what} …"));
    bar
}

/// Tells how far it has come where no bar can be drawn.
pub(super) fn say(what: &str) {
    if !console_is_terminal() {
        println!("{what}");
    }
}

fn console_is_terminal() -> bool {
    use std::io::IsTerminal as _;
    std::io::stderr().is_terminal()
}

/// Where pages are served.
fn pages(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// A path as an argument.
pub(super) fn text(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}
