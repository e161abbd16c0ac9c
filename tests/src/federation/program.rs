//! The region's own program beside the servers of a federation: on the same database, at the same moment.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tenfold_common::clock::{Clock, Moment, SteppedClock};
use tenfold_store::DatabaseUrl;

use super::Running;
use crate::programs;

/// The clock file of a federation's programs.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn clock_file(folder: &Path, clock: &SteppedClock) -> anyhow::Result<PathBuf> {
    let (path, now): (_, Moment) = (folder.join("clock.txt"), clock.now());
    fs::write(&path, format!("{now}\n"))?;
    Ok(path)
}

impl Running {
    /// What the region's program prints for a command, at the clock's present moment.
    ///
    /// # Errors
    /// Where it ends with another exit code than 0: what it said then.
    pub fn told(&self, arguments: &[&str]) -> anyhow::Result<String> {
        clock_file(self.folder(), &self.clock)?;
        let database = match self.aggregator.store.url() {
            DatabaseUrl::Postgres(url) => url.clone(),
            sqlite => sqlite.to_string(),
        };
        let mut command = Command::new(programs::built().join("tenfold-aggregator"));
        command.arg("--data").arg(&self.aggregator.folder).args(["--database", &database]).args(arguments);
        let done = command.output()?;
        let said = String::from_utf8_lossy(&done.stderr);
        anyhow::ensure!(done.status.success(), "{arguments:?}: {said}");
        Ok(String::from_utf8(done.stdout)?)
    }
}
