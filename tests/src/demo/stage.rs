//! Where the demo plays: folders, the clock file, passwords, and the two programs as processes.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use anyhow::{Context, bail, ensure};
use tenfold_common::{clock::Moment, geography::Borough};

use super::Demo;

/// Where the demo plays.
pub(super) struct Stage {
    pub(super) folder: PathBuf,
    pub(super) quarters: usize,
    pub(super) scale: f64,
    pub(super) seed: u64,
    pub(super) pages_port: u16,
    pub(super) ingest_port: u16,
    programs: PathBuf,
}

const MARK: &str = "this-folder-is-emptied-by-make-demo";

impl Stage {
    /// Empties the folder and finds the programs.
    pub(super) fn set(demo: &Demo) -> anyhow::Result<Self> {
        let programs = std::env::current_exe()?.parent().context("the demo has no folder")?.to_owned();
        for program in ["tenfold-node", "tenfold-aggregator"] {
            ensure!(
                programs.join(program).is_file(),
                "{} is not built; run `make demo`, or `cargo build --workspace` first",
                programs.join(program).display()
            );
        }
        let folder = std::path::absolute(&demo.folder)?;
        if folder.exists() {
            ensure!(
                folder.join(MARK).exists(),
                "{} is there and was not made by the demo; name another with --folder",
                folder.display()
            );
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("logs"))?;
        fs::write(folder.join(MARK), "")?;
        let ingest_port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self {
            folder,
            quarters: demo.quarters,
            scale: demo.scale,
            seed: demo.seed,
            pages_port: demo.port,
            ingest_port,
            programs,
        })
    }

    /// The clock file that every program of the demo obeys.
    pub(super) fn clock(&self) -> PathBuf {
        self.folder.join("clock.txt")
    }

    /// Moves the clock, in one step that no reader sees half done.
    pub(super) fn set_clock(&self, moment: Moment) -> anyhow::Result<()> {
        let next = self.folder.join("clock.next");
        fs::write(&next, format!("{moment}\n"))?;
        fs::rename(next, self.clock())?;
        Ok(())
    }

    /// A file that holds a fresh password for a person.
    pub(super) fn password(&self, person: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(format!("{person}.password"));
        if !path.exists() {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
            fs::write(&path, format!("{}\n", hex::encode(bytes)))?;
        }
        Ok(path)
    }

    /// A borough's folder.
    pub(super) fn node_folder(&self, borough: &Borough) -> PathBuf {
        self.folder.join(slug(borough))
    }

    /// A borough's extracts.
    pub(super) fn extracts(&self, borough: &Borough) -> PathBuf {
        self.folder.join("extracts").join(slug(borough))
    }

    /// The region's folder.
    pub(super) fn region_folder(&self) -> PathBuf {
        self.folder.join("region")
    }

    /// Runs the node program of a borough and returns what it printed.
    pub(super) fn node(&self, borough: &Borough, args: &[&str]) -> anyhow::Result<String> {
        done(self.node_try(&self.node_folder(borough), args)?, args)
    }

    /// Runs the node program in a folder, whatever comes of it.
    pub(super) fn node_try(&self, folder: &Path, args: &[&str]) -> anyhow::Result<Output> {
        Ok(self.command("tenfold-node", folder, args).output()?)
    }

    /// Runs the aggregator program and returns what it printed.
    pub(super) fn region(&self, args: &[&str]) -> anyhow::Result<String> {
        done(self.command("tenfold-aggregator", &self.region_folder(), args).output()?, args)
    }

    /// Runs the aggregator program for another region.
    pub(super) fn other_region(&self, folder: &Path, args: &[&str]) -> anyhow::Result<String> {
        done(self.command("tenfold-aggregator", folder, args).output()?, args)
    }

    /// Starts a program that goes on, its log in the folder of logs.
    pub(super) fn start(
        &self,
        program: &str,
        name: &str,
        folder: &Path,
        args: &[&str],
    ) -> anyhow::Result<Child> {
        let log = fs::File::create(self.log(name))?;
        let mut command = self.command(program, folder, args);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().with_context(|| format!("{program} does not start"))
    }

    /// The log of a program that goes on.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    fn command(&self, program: &str, folder: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("--data").arg(folder).args(args).env("NO_COLOR", "1");
        command
    }
}

/// A borough's name as a folder name.
pub(super) fn slug(borough: &Borough) -> String {
    borough.name.to_lowercase()
}

fn done(output: Output, args: &[&str]) -> anyhow::Result<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    bail!("`{}` failed: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim())
}

/// The largest resident memory of any program the demo started, in MiB.
pub(super) fn peak_memory() -> u64 {
    // Linux counts finished children in VmHWM of /proc only for ourselves; getrusage needs unsafe code, so the
    // figure is read from the programs that still run.
    let mut peak = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(status) = fs::read_to_string(entry.path().join("status")) else { continue };
        if !status.lines().next().is_some_and(|line| line.contains("tenfold")) {
            continue;
        }
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) / 1024);
    }
    peak
}
