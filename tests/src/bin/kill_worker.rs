//! The process that the kill tests kill: `kill_worker FOLDER DATABASE` works a node's horizon to its end.

use std::{env, path::PathBuf};

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let folder = arguments.next().map(PathBuf::from).context("a folder is expected")?;
    let url = arguments.next().and_then(|url| url.into_string().ok()).context("a database is expected")?;
    tenfold_tests::kill::work(&folder, &url)
}
