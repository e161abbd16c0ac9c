//! Seals in a process of its own: every draw is made by a generator that the kernel seeded moments before.

use std::{env, process::Stdio};

use tenfold_web::settings::as_environment;
use tokio::process::Command;

use crate::{duties::DutyError, settings::Settings};

/// The arguments with which this program seals what is approved and ends.
const SEAL: [&str; 2] = ["release", "seal"];

/// Runs `release seal` of this very program under these settings and waits for its end.
///
/// # Privacy
/// OpenSSL's generator seeds itself from the kernel when a process first draws, and again only after many draws or
/// minutes: a process that has served for weeks, or was resumed from a snapshot of the machine, could repeat its state.
/// A process that is started to draw cannot.
///
/// # Errors
/// Where it cannot be started, is ended before it is done, or says why nothing was sealed.
pub(super) async fn seal(settings: &Settings) -> Result<(), DutyError> {
    let failed = |reason: String| DutyError::Delivery { reason };
    let program = env::current_exe().map_err(|error| failed(format!("this program is nowhere: {error}")))?;
    let environment = as_environment(settings).map_err(|error| failed(error.to_string()))?;
    let mut command = Command::new(&program);
    // Whoever ends this program ends it too; what is left then is what a crash leaves.
    command.args(SEAL).envs(environment).stdin(Stdio::null()).kill_on_drop(true);
    let done = command.output().await.map_err(|error| {
        failed(format!(
            "{} cannot be started to seal what is approved: {error}; if it was updated, restart the service",
            program.display()
        ))
    })?;
    if done.status.success() {
        tracing::info!("{}", String::from_utf8_lossy(&done.stdout).trim());
        return Ok(());
    }
    let told = String::from_utf8_lossy(&done.stderr);
    let told = told.lines().rev().find_map(|line| line.strip_prefix("error: "));
    Err(failed(told.map_or_else(
        || format!("the process that seals ended with {}; it is started again", done.status),
        str::to_owned,
    )))
}
