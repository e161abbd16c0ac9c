//! The programs, for tests that start them as processes.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Builds the programs as they are now, in the way `make build` does; the folder they are in.
///
/// # Panics
/// Where they do not build.
pub fn built() -> PathBuf {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--workspace", "--bins"]).current_dir(repository);
    assert!(build.status().is_ok_and(|status| status.success()), "the programs do not build");
    let test = std::env::current_exe().expect("a test is a file");
    test.ancestors().nth(2).expect("tests stand in a folder beside the programs").to_owned()
}
